"""What a run asks of both systems about pending uploads and files; for a system that is written at once: nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xpmsync.core.model import Link
from xpmsync.core.plan.guards import is_shrunken
from xpmsync.core.plan.plan import Plan
from xpmsync.core.ports.deferred import IMMEDIATE
from xpmsync.core.ports.store import Store
from xpmsync.core.ports.uploads import PendingUploads
from xpmsync.usecases.context.context import SyncContext

__all__ = [
    "add_confirmed",
    "begin",
    "check_holds",
    "confirmed",
    "finish",
    "is_filtered",
    "known_in_file",
    "missing_in_target",
    "not_taken",
    "notices",
    "repaired_id",
    "waiting",
]


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


def damaged_links(context: SyncContext) -> Sequence[str]:
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


def finish(context: SyncContext, compared: Collection[str]) -> PendingUploads:
    """End a run that compared those Ignition clients; returns what a person does next."""
    linked = {link.xpm_id: link.ignition_id for link in context.ledger.links()}
    xpm = context.xpm.deferred.finish(linked=linked, compared=compared)
    return xpm + context.ignition.deferred.finish(linked=linked, compared=compared)


def notices(context: SyncContext) -> Sequence[str]:
    """What the routes report about what they read from, and damaged links."""
    return (*context.xpm.deferred.notices(), *context.ignition.deferred.notices(), *damaged_links(context))
