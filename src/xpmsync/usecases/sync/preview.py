"""Preview: read both systems as cheaply as is safe, compare, and make the plan. Writes nothing anywhere.

Ignition is read first: its records say which XPM clients cannot be skipped. XPM
then streams past, each client being compared and let go, so memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Self

from xpmsync.core import fingerprint
from xpmsync.core.diff.diff import diff_client, missing_client
from xpmsync.core.diff.filters import Filter
from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.shared_contacts import hold_disagreements
from xpmsync.core.enums import Direction, System
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.plan import ClientDiff, Hold, Plan, sort_key
from xpmsync.core.plan.read_strategy import LastReading, Reading, choose_reading
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.gc_tuning import infrequent_gc
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.pending import begin, confirmed, notices
from xpmsync.usecases.context.read_pairs import complete
from xpmsync.usecases.context.resolve import resolve_links

__all__ = ["Compared", "Preview", "filter_of", "fingerprint_of", "last_reading", "preview", "settings_hash"]

_MOST_NAMED = 20
"""Above that many named clients, lists are cheaper than single reads."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A client that was compared, and Ignition's record as it was then (None: gone).

    One outside the filters was only looked at: `inside` is false, the diff empty.
    """

    diff: ClientDiff
    ignition: Client | None
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, how it was read, and what is worth remembering of it.

    `as_of` is the cursor for the next reading, None where only named clients were
    looked at. `single_reads` names the clients that were looked up one by one
    because only Ignition's side had changed. `fingerprints` holds the fingerprints of
    XPM's and Ignition's record of every client with changes, by XPM id.
    `source_clients` is how many clients the source has, None where only a part of
    it was read. `confirmed` are the links of clients that were handed over for
    creation and that Ignition shows by now, `numbers` those in XPM's web address
    that single look-ups told, `notices` what there is to say about the reading.
    """

    plan: Plan
    reading: Reading
    compared: tuple[Compared, ...]
    single_reads: tuple[ClientRef, ...]
    as_of: datetime | None
    xpm_calls: int
    fingerprints: Mapping[str, tuple[str, str]]
    source_clients: int | None = None
    confirmed: tuple[Link, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @classmethod
    def of_plan(cls, plan: Plan, xpm_calls: int) -> Self:
        """A preview of a plan that was made elsewhere: nothing is to be remembered but what it writes."""
        return cls(plan, Reading(), (), (), None, xpm_calls, {})


def preview(context: SyncContext, progress: Progress, *, clients: Sequence[str] = (), full: bool = False) -> Preview:
    """Compare all linked clients, or those named by id or exact name, and return the plan.

    Raises `ClientNotFound`, `SeveralClients` for names, and whatever the systems
    raise: an incomplete reading never becomes a plan.
    """
    calls_before = context.calls_made()
    context.connect()
    begin(context)
    new = confirmed(context)
    links = resolve_links([*context.ledger.links(), *new], clients)
    work = _Reader(context, progress, links, named=bool(clients), calls_before=calls_before)
    if links:
        with infrequent_gc():
            work.run(asked_full=full)
    return replace(work.preview(), confirmed=new, notices=(*notices(context), *work.notices()))


class _Reader:
    """Reads and compares; collects what the plan is made of."""

    def __init__(
        self,
        context: SyncContext,
        progress: Progress,
        links: Sequence[Link],
        *,
        named: bool,
        calls_before: Mapping[System, int],
    ) -> None:
        self._context = context
        self._progress = progress
        self._calls_before = calls_before
        self._links: Mapping[str, Link] = {link.xpm_id: link for link in links}
        self._one_by_one = named and len(links) <= _MOST_NAMED
        self._named = named
        self._rules = context.rules
        self._ignition: dict[str, Client] = {}
        self._reading = Reading()
        self._compared: list[Compared] = []
        self._carried: list[Hold] = []
        self._equal = 0
        self._singles: list[ClientRef] = []
        self._prints: dict[str, tuple[str, str]] = {}
        self._numbers = XpmNumbers(links)
        self._source_clients: int | None = None
        self._outside = 0
        self._filter = filter_of(context.settings)
        self._fitting: set[tuple[str, str]] = set()
        self._as_of: datetime | None = None
        self._agreed = context.ledger.agreed if self._one_by_one else context.ledger.all_agreed()

    def run(self, *, asked_full: bool) -> None:
        started = self._context.clock.now()
        self._read_ignition()
        if self._one_by_one:
            for link in self._links.values():
                self._compare(link, self._look_up(link))
            return
        self._reading = choose_reading(
            last_reading(self._context.ledger),
            now=started,
            shape=settings_hash(self._context.settings),
            asked_full=asked_full,
            full_read_days=self._context.settings.sync.full_read_days,
            direction=self._rules.direction,
            unsettled=self._unsettled,
        )
        left = self._read_xpm()
        answered = self._context.xpm.as_of
        if not self._named:
            self._as_of = min(answered, started) if answered else started
        for link in left:
            self._settle_unread(link)

    def preview(self) -> Preview:
        if self._rules.direction is Direction.TO_XPM:
            held = hold_disagreements([(one.diff, one.ignition) for one in self._compared])
            self._compared = [replace(one, diff=diff) for one, diff in zip(self._compared, held, strict=True)]
        diffs = [one.diff for one in self._compared]
        changes = sorted((change for diff in diffs for change in diff.changes), key=sort_key)
        holds = sorted([*self._carried, *(hold for diff in diffs for hold in diff.holds)], key=sort_key)
        plan = Plan(
            direction=self._rules.direction,
            level=self._rules.level,
            changes=tuple(changes),
            holds=tuple(holds),
            clients=len(self._links) - self._outside,
            equal=self._equal + sum(diff.is_equal for diff in diffs) - self._outside,
        )
        cost = self._context.forecast(plan, self._calls_before)
        return Preview(
            plan=replace(plan, forecast=cost),
            reading=self._reading,
            compared=tuple(self._compared),
            single_reads=tuple(self._singles),
            as_of=self._as_of,
            xpm_calls=self._context.xpm.calls_made - self._calls_before[System.XPM],
            fingerprints=self._prints,
            source_clients=self._source_clients,
            numbers=self._numbers.known,
        )

    def notices(self) -> tuple[str, ...]:
        """What there is to say about filters: words that fit nobody, and practices of which nobody is left."""
        if not self._links or self._named or not self._reading.full:
            return ()
        idle = [
            f"No linked client fits {word!r} (sync.filter.{name})."
            for name, word in self._filter.words()
            if (name, word) not in self._fitting
        ]
        if self._outside == len(self._links):
            idle.append(f"The filters leave out all {self._outside} linked clients.")
        return tuple(idle)

    def _read_ignition(self) -> None:
        store = self._context.ignition
        wanted = {link.ignition_id for link in self._links.values()}
        singles = (store.get(one) for one in sorted(wanted))
        done = 0
        for client in filter(None, singles) if self._one_by_one else store.read():
            done += 1
            if client.id in wanted and (record := complete(store, client)) is not None:
                self._ignition[client.id] = record
            self._progress.step("Reading Ignition", done)
        if not self._one_by_one and self._rules.direction is Direction.TO_XPM:
            self._source_clients = done

    def _unsettled(self) -> frozenset[str]:
        """The XPM ids of links whose Ignition record is not as the last run left it."""
        return frozenset(
            link.xpm_id
            for link in self._links.values()
            if (client := self._ignition.get(link.ignition_id)) is not None
            and fingerprint.of_record(client) != link.ignition_fingerprint
        )

    def _read_xpm(self) -> list[Link]:
        """Compare every linked client of the list; return the links that were not in it."""
        left = dict(self._links)
        label = "Reading XPM" if self._reading.full else "Reading what changed in XPM"
        done = 0
        for client in self._context.xpm.read(since=self._reading.since):
            done += 1
            self._progress.step(label, done)
            link = left.pop(client.id, None)
            if link is not None:
                self._compare(link, client)
        if self._reading.full and self._rules.direction is Direction.FROM_XPM:
            self._source_clients = done
        return list(left.values())

    def _settle_unread(self, link: Link) -> None:
        """Decide over a link that the list did not hold."""
        if self._reading.full:
            self._compare(link, None)
        elif link.ignition_id not in self._ignition:
            self._compared.append(Compared(missing_client(link.ref, System.IGNITION), None))
        elif link.xpm_id in self._reading.singles:
            client = self._look_up(link)
            self._singles.append(link.ref)
            self._compare(link, client)
        else:
            holds = self._context.ledger.holds(link)
            self._carried.extend(holds)
            self._equal += not holds
            self._outside += link.outside

    def _look_up(self, link: Link) -> Client | None:
        self._progress.step("Looking up single clients in XPM", len(self._singles) + 1)
        return self._context.xpm.get(link.xpm_id)

    def _compare(self, link: Link, xpm: Client | None) -> None:
        ignition = self._ignition.pop(link.ignition_id, None)
        if xpm is not None:
            self._numbers.learn(link.xpm_id, xpm.number)
        fitting = set() if self._filter.is_open else self._filter.fitting(link, xpm)
        self._fitting |= fitting
        if not self._filter.admits_fitting({name for name, _ in fitting}):
            self._outside += 1
            self._compared.append(Compared(ClientDiff(link.ref), ignition, inside=False))
            return
        forward = self._rules.direction is Direction.FROM_XPM
        source, target = (xpm, ignition) if forward else (ignition, xpm)
        client = ClientRef(link.xpm_id, link.ignition_id, (source.name if source else "") or link.name)
        agreed = self._agreed(link.xpm_id)
        rules = replace(self._rules, level=link.level) if link.level else self._rules
        found = self._numbers.contradiction(client, ignition) or diff_client(client, source, target, agreed, rules)
        self._compared.append(Compared(found, ignition))
        if found.changes:
            self._prints[link.xpm_id] = (fingerprint_of(xpm), fingerprint_of(ignition))


def last_reading(ledger: Ledger) -> LastReading:
    """What the ledger knows of the last reading that was followed by a complete run."""
    cursor, full = ledger.fact("cursor"), ledger.fact("last_full")
    return LastReading(
        datetime.fromisoformat(cursor) if cursor else None,
        datetime.fromisoformat(full) if full else None,
        ledger.fact("shape") or "",
    )


def fingerprint_of(client: Client | None) -> str:
    """A record's fingerprint, empty where there is no record."""
    return fingerprint.of_record(client) if client else ""


def filter_of(settings: Settings) -> Filter:
    """Which linked clients the settings let a sync look at."""
    told = settings.sync_filter
    return Filter(told.groups, told.managers, told.partners, told.structures, told.include, told.exclude)


def settings_hash(settings: Settings) -> str:
    """A short name for the settings that shape a plan and the practice they are used on."""
    told = json.dumps({**settings.plan_settings(), "tenant": settings.xpm.tenant_id}, sort_keys=True)
    return blake2b(told.encode(), digest_size=8).hexdigest()
