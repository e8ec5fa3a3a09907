"""Preview: read both systems as cheaply as is safe, compare, and make the plan. Writes nothing anywhere.

Ignition is read first: its records say which XPM clients cannot be skipped. XPM
then streams past, each client being compared and let go, so memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Self

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.diff.diff import diff_client, missing_client
from xpmsync.core.diff.exceptions import apply_exceptions
from xpmsync.core.diff.filters import Filter
from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.shared_contacts import ContactOwner, SharedContacts, hold_shared
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.plan import ChangeKind, ClientDiff, Hold, HoldCode, Plan, sort_key
from xpmsync.core.plan.read_strategy import MOST_SINGLE_READS, LastReading, Reading, choose_reading
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.gc_tuning import infrequent_gc
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.pending import begin, check_holds, confirmed, not_taken, notices
from xpmsync.usecases.context.read_pairs import RecordPair, complete
from xpmsync.usecases.context.resolve import resolve_links

__all__ = ["Compared", "Preview", "filter_of", "fingerprint_of", "last_reading", "preview", "settings_hash"]


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
    it was read. `confirmed` are the links of clients of pending uploads that
    Ignition shows by now, `numbers` those in XPM's web address
    that single look-ups showed, `notices` what a person should know about the reading.
    `shared_contacts` is who shares contacts in XPM, None where no list was read.
    `contacts` are the ids of the target's contacts of every client that gets a new one, by XPM id.
    """

    plan: Plan
    reading: Reading
    compared: tuple[Compared, ...]
    single_reads: tuple[ClientRef, ...]
    as_of: datetime | None
    xpm_calls: int
    fingerprints: Mapping[str, tuple[str, str]]
    source_clients: int | None = None
    shared_contacts: str | None = None
    confirmed: tuple[Link, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of_plan(cls, plan: Plan, xpm_calls: int) -> Self:
        """A preview of a plan that was made elsewhere: nothing is to be remembered but what it writes."""
        return cls(plan, Reading(), (), (), None, xpm_calls, {})


def preview(context: SyncContext, progress: Progress, *, clients: Sequence[str] = (), full: bool = False) -> Preview:
    """Compare all linked clients, or those named by id or exact name, and return the plan.

    Raises `ClientNotFound`, `SeveralClients` for names, and whatever the systems
    raise: an incomplete reading never becomes a plan.
    """
    with infrequent_gc():
        return _preview(context, progress, clients=clients, full=full)


def _preview(context: SyncContext, progress: Progress, *, clients: Sequence[str], full: bool) -> Preview:
    calls_before = context.calls_made()
    context.connect()
    begin(context)
    new = confirmed(context)
    all_links = [*context.ledger.links(), *new]
    links = resolve_links(all_links, clients, (context.xpm, context.ignition))
    systems = _Systems(context, progress, links, named=bool(clients))
    comparison = _Comparison(context, links, all_links)
    totals = _Totals()
    if links:
        for link, pair in systems.pairs(asked_full=full):
            if pair is not None:
                totals.add(comparison.compare(link, pair))
            elif systems.ignition_of(link) is not None:
                totals.add_unread(link, context.ledger.holds(link), systems.ignition_of(link))
            else:
                totals.add(Compared(missing_client(link.ref, System.IGNITION), None))
    plan = totals.plan(context, links, systems.shared)
    check_holds(context, plan)
    return Preview(
        plan=replace(plan, forecast=context.forecast(plan, calls_before)),
        reading=systems.reading,
        compared=tuple(totals.compared),
        single_reads=tuple(systems.single_reads),
        as_of=systems.as_of,
        xpm_calls=context.xpm.calls_made - calls_before[System.XPM],
        fingerprints=comparison.fingerprints,
        contacts=comparison.contacts,
        shared_contacts=systems.shared.to_text() if systems.reading.full or systems.reading.since else None,
        source_clients=systems.source_clients,
        confirmed=new,
        numbers=comparison.numbers.known,
        notices=(*notices(context), *(comparison.idle_filters(links) if systems.reading.full and not clients else ())),
    )


class _Systems:
    """Reads both systems as little as is safe: Ignition whole, then what the read strategy wants of XPM."""

    def __init__(self, context: SyncContext, progress: Progress, links: Sequence[Link], *, named: bool) -> None:
        self.reading = Reading()
        self.single_reads: list[ClientRef] = []
        self.source_clients: int | None = None
        self.as_of: datetime | None = None
        self._context = context
        self._progress = progress
        self._links = {link.xpm_id: link for link in links}
        self._named = named
        self._ignition: dict[str, Client] = {}
        self._known_shared = context.ledger.fact("shared_contacts")
        self.shared = SharedContacts(self._known_shared or "")

    def pairs(self, *, asked_full: bool) -> Iterator[tuple[Link, RecordPair | None]]:
        """Every link with its two records; with None where neither can have changed since it was compared."""
        started = self._context.clock.now()
        # Who shares a contact is known after a first list; before that, a write to XPM needs one.
        knows_shared = self._context.rules.direction is Direction.FROM_XPM or self._known_shared is not None
        if self._named and knows_shared and len(self._links) <= MOST_SINGLE_READS:
            self._keep_ignition(filter(None, map(self._context.ignition.get, self._ignition_ids)))
            for link in self._links.values():
                yield link, self._look_up(link)
            return
        self._progress.step("Reading Ignition", 0)
        listed = self._keep_ignition(self._context.ignition.read())
        self.reading = self._strategy(started, asked_full=asked_full)
        if self.reading.full:
            self.shared = SharedContacts()
        unlisted = dict(self._links)
        label = "Reading XPM" if self.reading.full else "Reading what changed in XPM"
        read = 0
        self._progress.step(label, read)
        for client in self._context.xpm.read(since=self.reading.since):
            read += 1
            self._progress.step(label, read)
            self.shared.learn(client)
            if (listed_link := unlisted.pop(client.id, None)) is not None:
                yield listed_link, self._pair(listed_link, client)
        answered = self._context.xpm.as_of
        if not self._named:
            self.as_of = min(answered, started) if answered else started
        if self._context.rules.direction is Direction.TO_XPM:
            self.source_clients = listed
        elif self.reading.full:
            self.source_clients = read
        for link in unlisted.values():
            yield link, self._unlisted(link)

    def ignition_of(self, link: Link) -> Client | None:
        """Ignition's record of a link that is not paired yet, None where it has none."""
        return self._ignition.get(link.ignition_id)

    @property
    def _ignition_ids(self) -> list[str]:
        return sorted(link.ignition_id for link in self._links.values())

    def _keep_ignition(self, clients: Iterable[Client]) -> int:
        """Keep the linked ones of these clients; returns how many there were."""
        store, wanted, read = self._context.ignition, frozenset(self._ignition_ids), 0
        for client in clients:
            read += 1
            if client.id in wanted and (record := complete(store, client)) is not None:
                self._ignition[client.id] = record
            self._progress.step("Reading Ignition", read)
        return read

    def _strategy(self, started: datetime, *, asked_full: bool) -> Reading:
        settings = self._context.settings
        return choose_reading(
            last_reading(self._context.ledger),
            now=started,
            shape=settings_hash(settings),
            asked_full=asked_full,
            full_read_days=settings.sync.full_read_days,
            direction=settings.sync.direction,
            unsettled=self._unsettled,
        )

    def _unsettled(self) -> frozenset[str]:
        """The XPM ids of links whose Ignition record is not as the last run left it."""
        return frozenset(
            link.xpm_id
            for link in self._links.values()
            if (client := self._ignition.get(link.ignition_id)) is not None
            and fingerprint.of_record(client) != link.ignition_fingerprint
        )

    def _unlisted(self, link: Link) -> RecordPair | None:
        """The records of a link that XPM's list did not hold."""
        if self.reading.full:
            return self._pair(link, None)
        if link.xpm_id not in self.reading.singles:
            return None
        pair = self._look_up(link)
        self.single_reads.append(link.ref)
        return pair

    def _look_up(self, link: Link) -> RecordPair:
        self._progress.step("Looking up single clients in XPM", len(self.single_reads) + 1)
        return self._pair(link, self._context.xpm.get(link.xpm_id))

    def _pair(self, link: Link, xpm: Client | None) -> RecordPair:
        return RecordPair(xpm, self._ignition.pop(link.ignition_id, None))


class _Comparison:
    """Compares the two records of one link after another, by the rules, filters and numbers of this run."""

    def __init__(self, context: SyncContext, links: Sequence[Link], all_links: Sequence[Link]) -> None:
        self.numbers = XpmNumbers(all_links)
        self.fingerprints: dict[str, tuple[str, str]] = {}
        self.contacts: dict[str, tuple[str, ...]] = {}
        self._rules = context.rules
        self._source = self._rules.direction.source
        self._filter = filter_of(context.settings)
        self._fitting: set[tuple[str, str]] = set()
        self._outside = 0
        self._not_taken: dict[str, set[tuple[str, str]]] = {}
        for client_id, contact_id, name in not_taken(context):
            fields = self._not_taken.setdefault(client_id, set())
            fields.add((contact_id if catalogue_field(name).of_contact else "", name))
        self._agreed = context.ledger.agreed if len(links) <= MOST_SINGLE_READS else context.ledger.all_agreed()

    def compare(self, link: Link, pair: RecordPair) -> Compared:
        """The outcome for one link; an empty one, marked, where the filters leave it out."""
        xpm, ignition = pair.xpm, pair.ignition
        if xpm is not None:
            self.numbers.learn(link.xpm_id, xpm.number)
        if not self._admits(link, xpm):
            self._outside += 1
            return Compared(ClientDiff(link.ref), ignition, inside=False)
        source, target = (xpm, ignition) if self._source is System.XPM else (ignition, xpm)
        client = ClientRef(link.xpm_id, link.ignition_id, (source.name if source else "") or link.name)
        rules = replace(self._rules, level=link.level) if link.level else self._rules
        agreed = self._agreed(link.xpm_id)
        if target is not None and target.id in self._not_taken:
            agreed = replace(agreed, not_taken=self._not_taken[target.id])
        diff = self.numbers.contradiction(client, ignition) or diff_client(client, source, target, agreed, rules)
        if diff.changes:
            self.fingerprints[link.xpm_id] = (fingerprint_of(xpm), fingerprint_of(ignition))
            if target and any(change.kind is ChangeKind.CONTACT for change in diff.changes):
                self.contacts[link.xpm_id] = tuple(contact.id for contact in target.contacts)
        return Compared(diff, ignition)

    def _admits(self, link: Link, xpm: Client | None) -> bool:
        """Whether the filters let the client through; notes which of their words fit it."""
        if self._filter.is_open:
            return True
        fitting = self._filter.fitting(link, xpm)
        self._fitting |= fitting
        return self._filter.admits_fitting({name for name, _ in fitting})

    def idle_filters(self, links: Sequence[Link]) -> Iterator[str]:
        """What to report of filters after a full reading: words that fit nobody, and that nobody remains."""
        if not links:
            return
        for name, word in self._filter.words():
            if (name, word) not in self._fitting:
                yield f"No linked client fits {word!r} (sync.filter.{name})."
        if self._outside == len(links):
            yield f"The filters leave out all {self._outside} linked clients."


class _Totals:
    """Adds up the outcomes of single links to a plan."""

    def __init__(self) -> None:
        self.compared: list[Compared] = []
        self._unread_holds: list[Hold] = []
        self._unread_equal = 0
        self._outside = 0
        self._unread: dict[str, tuple[Link, Client | None]] = {}

    def add(self, compared: Compared) -> None:
        """Count a link that was compared."""
        self.compared.append(compared)
        self._outside += not compared.inside

    def add_unread(self, link: Link, holds: Sequence[Hold], ignition: Client | None) -> None:
        """Count a link on which nothing can have changed: its holds of the last run are still there."""
        self._unread[link.xpm_id] = (link, ignition)
        self._unread_holds.extend(holds)
        self._unread_equal += not holds and not link.outside
        self._outside += link.outside

    def plan(self, context: SyncContext, links: Sequence[Link], shared: SharedContacts) -> Plan:
        """The plan over all links; in the to-xpm direction shared contacts are held once all of them are known."""
        rules = context.rules
        if rules.direction is Direction.TO_XPM:
            member = self._members(context, links)
            held = hold_shared([each.diff for each in self.compared], shared, member)
            self.compared = [replace(each, diff=diff) for each, diff in zip(self.compared, held, strict=True)]
        self._apply_exceptions(context.ledger, rules.direction)
        inside = [each.diff for each in self.compared if each.inside]
        all_holds = [*self._unread_holds, *(hold for diff in inside for hold in diff.holds)]
        holds = sorted((hold for hold in all_holds if hold.code is not HoldCode.EXCEPTED), key=sort_key)
        return Plan(
            direction=rules.direction,
            level=rules.level,
            changes=tuple(sorted((change for diff in inside for change in diff.changes), key=sort_key)),
            holds=tuple(holds),
            clients=len(links) - self._outside,
            equal=self._unread_equal + sum(diff.is_equal for diff in inside),
            excepted=len(all_holds) - len(holds),
        )

    def _members(self, context: SyncContext, links: Sequence[Link]) -> Callable[[str], ContactOwner | None]:
        """Find a client that takes part in the run with everything, by its XPM id."""
        levels = {link.xpm_id: link.level for link in links}
        compared = {each.diff.client.xpm_id: each for each in self.compared if each.inside}

        def member(xpm_id: str) -> ContactOwner | None:
            if levels.get(xpm_id, Level.NOTHING) not in (None, Level.EVERYTHING):
                return None
            if (each := compared.get(xpm_id)) is not None:
                return ContactOwner(each.diff.contacts, each.ignition)
            link, ignition = self._unread.get(xpm_id, (None, None))
            if link is None or link.outside:
                return None
            return ContactOwner(context.ledger.agreed(xpm_id).contacts, ignition)

        return member

    def _apply_exceptions(self, ledger: Ledger, direction: Direction) -> None:
        exceptions = ledger.exceptions.by_client()
        if not exceptions:
            return
        shared = direction is Direction.TO_XPM
        contacts = {xpm_id: ledger.agreed(xpm_id).contacts for xpm_id in exceptions} if shared else {}
        excepted = apply_exceptions([each.diff for each in self.compared], exceptions, contacts)
        self.compared = [replace(each, diff=diff) for each, diff in zip(self.compared, excepted, strict=True)]


def last_reading(ledger: Ledger) -> LastReading:
    """What the ledger knows of the last reading that was followed by a complete run."""
    return LastReading(ledger.moment_fact("cursor"), ledger.moment_fact("last_full"), ledger.fact("shape") or "")


def fingerprint_of(client: Client | None) -> str:
    """A record's fingerprint, empty where there is no record."""
    return fingerprint.of_record(client) if client else ""


def filter_of(settings: Settings) -> Filter:
    """Which linked clients the settings let a sync look at."""
    chosen = settings.sync_filter
    return Filter(chosen.groups, chosen.managers, chosen.partners, chosen.structures, chosen.include, chosen.exclude)


def settings_hash(settings: Settings) -> str:
    """A short name for the settings that shape a plan and the practice they are used on."""
    shown = json.dumps({**settings.plan_settings(), "tenant": settings.xpm.tenant_id}, sort_keys=True)
    return blake2b(shown.encode(), digest_size=8).hexdigest()
