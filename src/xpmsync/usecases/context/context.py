"""An open practice: settings, ledger and both systems, ready for a use case.

And what a run asks of both systems about pending uploads and files; for a system that is written at once: nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.core.plan.guards import is_shrunken
from xpmsync.core.plan.plan import Forecast, Plan
from xpmsync.core.ports.deferred import IMMEDIATE, NOTHING_PENDING, PendingUploads
from xpmsync.core.ports.store import CreatingStore, Store
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths


@dataclass(frozen=True, slots=True)
class SyncContext:
    """Everything one command works on."""

    settings: Settings
    paths: ProfilePaths
    ledger: Ledger
    xpm: Store
    ignition: CreatingStore
    clock: Clock

    @property
    def source(self) -> Store:
        """The source of truth."""
        return self.store(self.settings.sync.direction.source)

    @property
    def target(self) -> Store:
        """The system that is written."""
        return self.store(self.settings.sync.direction.target)

    @property
    def rules(self) -> Rules:
        """What flows, by these settings and by what both systems can do; known once they are connected."""
        sync = self.settings.sync
        return Rules(
            direction=sync.direction,
            level=sync.level,
            source=self.source.capabilities,
            target=self.target.capabilities,
            on_edited=sync.on_edited,
            clear_blanks=sync.clear_blanks,
            set_primary=sync.set_primary,
        )

    def connect(self) -> None:
        """Let both systems learn what they can do; raises what their first calls raise."""
        self.source.connect()
        self.target.connect()

    def store(self, system: System) -> Store:
        """One of the two systems."""
        return self.xpm if system is System.XPM else self.ignition

    def calls_made(self) -> Mapping[System, int]:
        """Calls sent to both systems so far."""
        return {System.XPM: self.xpm.calls_made, System.IGNITION: self.ignition.calls_made}

    def forecast(self, plan: Plan, before: Mapping[System, int]) -> Forecast:
        """What applying the plan will cost, by what was called since `before`."""
        made = {system: calls - before[system] for system, calls in self.calls_made().items()}
        target = self.target
        return target.capabilities.forecast(len(plan.calls()), reads=sum(made.values()), spent=made[target.system])

    def now(self) -> str:
        """The present moment for the ledger: UTC, ISO, to the second."""
        return stamp(self.clock.now())


def stamp(moment: datetime) -> str:
    """A moment as the ledger writes it."""
    return moment.isoformat(timespec="seconds")


class Progress(Protocol):
    """Receives the steps of anything that may take longer than a second."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say what is being done and how far it is; `total` is None where nobody knows."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """Say that a limit is being waited for."""
        ...


class Silent:
    """Nobody is watching."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say nothing."""

    def waiting(self, seconds: float, why: str) -> None:
        """Say nothing."""


def begin(context: SyncContext) -> None:
    """Before a plan is made; raises where a plan made from this reading would do harm."""
    context.xpm.deferred.begin()
    context.ignition.deferred.begin()


def check_holds(context: SyncContext, plan: Plan) -> None:
    """After a plan is made: raise `FileRefused` where it shows that the source's file is damaged."""
    context.source.deferred.check_holds(plan.holds)


def missing_in_target(context: SyncContext) -> int:
    """How many linked clients the target's file does not have; 0 where the target is no file."""
    return _missing(context, context.target)


def known_in_file(context: SyncContext) -> tuple[int, int]:
    """How many clients are linked, and how many of them Ignition's file has (ids repaired); all without a file."""
    ids = {repaired_id(link.ignition_id) for link in context.ledger.links()}
    return len(ids), len(ids) - context.ignition.deferred.missing(ids)


def is_filtered(context: SyncContext) -> bool:
    """Whether Ignition's file has so few of the linked clients that it was probably filtered."""
    share = context.settings.guards.missing_share
    return is_shrunken(_missing(context, context.ignition), context.ledger.count(), share)


def _missing(context: SyncContext, store: Store) -> int:
    return store.deferred.missing([link.id_in(store.system) for link in context.ledger.links()])


def _damaged_links(context: SyncContext) -> Sequence[str]:
    """Links with an Ignition id that a spreadsheet program damaged, each with how to repair it."""
    if context.ignition.deferred is IMMEDIATE:  # capabilities are known only after connecting, which a search spares
        return ()
    others = context.ledger.links_with_other_ids()
    damaged = [link for link in others if repaired_id(link.ignition_id) != link.ignition_id]
    return [
        f"The link of {link.name} has the damaged Ignition id {link.ignition_id}. To repair it, link"
        f" {link.xpm_id} to {repaired_id(link.ignition_id)} again."
        for link in damaged
        if context.ignition.get(repaired_id(link.ignition_id)) is not None
    ]


def repaired_id(ignition_id: str) -> str:
    """An id without what a spreadsheet program adds: an apostrophe, separators of thousands, decimals."""
    plain = ignition_id.strip().removeprefix("'").replace(",", "").replace(" ", "")
    whole, _, decimals = plain.partition(".")
    return whole if whole.isdecimal() and not decimals.strip("0") else ignition_id


def confirmed(context: SyncContext) -> tuple[Link, ...]:
    """Links for clients that were written for creation and that Ignition shows by now; not yet in the ledger."""
    ledger, now = context.ledger, context.now()
    return tuple(
        Link(client.xpm_id, client.ignition_id, client.name, now)
        for client in context.ignition.deferred.confirmed()
        if ledger.link_of(client.xpm_id) is None and ledger.link_of(client.ignition_id) is None
    )


def add_confirmed(context: SyncContext, links: Sequence[Link]) -> None:
    """Keep those links, unless somebody linked either client meanwhile."""
    ledger = context.ledger
    if links:
        with ledger.transaction():
            for link in links:
                if ledger.link_of(link.xpm_id) is None and ledger.link_of(link.ignition_id) is None:
                    ledger.add_link(link)


def not_taken(context: SyncContext) -> Collection[tuple[str, str, str]]:
    """Values of uploaded files that the target does not show; none where writes take effect at once."""
    return context.target.deferred.not_taken()


def waiting(context: SyncContext) -> PendingUploads:
    """What waits for a person, for either system."""
    return context.xpm.deferred.waiting() + context.ignition.deferred.waiting()


def finish(context: SyncContext, compared: Collection[str], waits: Collection[str] = ()) -> PendingUploads:
    """End a run that compared those Ignition clients; returns what a person does next.

    Only those in `waits` still get the new contacts of earlier files, and only in the target.
    """
    linked = {link.xpm_id: link.ignition_id for link in context.ledger.links()}
    unlinked = context.ledger.unlinked_ids()
    pending = NOTHING_PENDING
    for store in (context.xpm, context.ignition):
        contacts = waits if store.system is context.target.system else ()
        pending += store.deferred.finish(linked=linked, compared=compared, waits=contacts, unlinked=unlinked)
    return pending


def notices(context: SyncContext) -> Sequence[str]:
    """What the routes report about what they read from, and damaged links."""
    return (*context.xpm.deferred.notices(), *context.ignition.deferred.notices(), *_damaged_links(context))
