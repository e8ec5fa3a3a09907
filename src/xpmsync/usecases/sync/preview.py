"""Preview: read both systems as cheaply as is safe, compare, and make the plan. Writes nothing anywhere.

Ignition is read first: its records say which XPM clients cannot be skipped. XPM
then streams past, each client being compared and let go, so memory stays flat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.diff.diff import diff_client, missing_client
from xpmsync.core.diff.filters import Filter, apply_exceptions
from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.rows import RowComparison
from xpmsync.core.diff.shared_contacts import ContactOwner, SharedContacts, hold_shared
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, Hold, Plan, sort_key
from xpmsync.core.plan.read_strategy import MOST_SINGLE_READS, Reading
from xpmsync.core.rows import RowRecord
from xpmsync.core.text import same
from xpmsync.local.ledger.journal import Write, WriteState
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.usecases.context.context import Progress, SyncContext, begin, check_holds, confirmed, not_taken, notices
from xpmsync.usecases.context.resolve import resolve_links
from xpmsync.usecases.sync.read_systems import RecordPair, SystemsReader

_MOST_LOOKED_UP: Final = 100
"""Of so many values that were edited in the target it is looked up whether an earlier run wrote the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A client that was compared, and Ignition's record as it was then (None: gone).

    One outside the filters was only looked at: `inside` is false, the diff empty. One
    whose rows were equal had no need of a record: `look_up` makes it where it is wanted.
    """

    diff: ClientDiff
    record: Client | None
    inside: bool = True
    look_up: Callable[[str], Client | None] | None = None

    @property
    def ignition(self) -> Client | None:
        """Ignition's record."""
        return self.look_up(self.diff.client.ignition_id) if self.look_up else self.record


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
    calls_before = context.calls_made()
    context.connect()
    begin(context)
    new = confirmed(context)
    all_links = [*context.ledger.links(), *new]
    links = resolve_links(all_links, clients, (context.xpm, context.ignition))
    systems = SystemsReader(context, progress, links, named=bool(clients))
    comparison = _Comparison(context, links, all_links)
    totals = _Totals()
    if links and systems.reads_rows and comparison.takes_rows:
        for link, xpm, ignition in systems.rows(asked_full=full):
            totals.add(comparison.compare_rows(link, xpm, ignition) or comparison.compare(link, systems.look_up(link)))
    elif links:
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
        notices=(
            *notices(context),
            *(comparison.idle_filters(links) if systems.reading.full and not clients else ()),
            *_put_back(context, plan),
        ),
    )


def _put_back(context: SyncContext, plan: Plan) -> Iterator[str]:
    """What to report of values that an earlier run wrote and that are as they were before it.

    They count as edited in the target. That a system answered as if it had taken a
    value, and did not keep it, looks the same.
    """
    target, journal = context.target.system, context.ledger.journal
    edited = [change for change in plan.changes if change.overrides_edit][:_MOST_LOOKED_UP]
    writes = {xpm_id: journal.writes_of(xpm_id) for xpm_id in {change.client.xpm_id for change in edited}}
    back = [change for change in edited if _was_written(writes[change.client.xpm_id], target, change)]
    if back:
        values = "A value that an earlier run wrote is" if len(back) == 1 else f"{len(back)} values of earlier runs are"
        explain = context.settings.command_line("explain", back[0].client.xpm_id)
        yield (
            f"{values} as before that run: {target.label} does not keep what is written, or somebody changes it back."
            f" See when with: {explain}"
        )


def _was_written(writes: Sequence[Write], target: System, change: Change) -> bool:
    """Whether the last of a client's writes of that field put the same new value in the place of the same old one."""
    kind, who = catalogue_field(change.field).kind, change.contact.xpm_id if change.contact else ""
    last = next(
        (
            (write.state, written)
            for write in reversed(writes)
            if write.system is target and (write.contact.xpm_id if write.contact else "") == who
            for written in write.fields
            if written.field == change.field
        ),
        None,
    )
    if last is None or last[0] is not WriteState.DONE:
        return False
    written = last[1]
    return same(kind, written.new or "", change.new) and same(kind, written.old or "", change.old)


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
        self._rows = RowComparison(self._rules, self.numbers)
        self._ignition_record = context.ignition.get
        known = context.ledger.all_agreed() if len(links) > MOST_SINGLE_READS else None
        self._agreed = known or context.ledger.agreed
        self._linked_contacts = known.contacts if known else lambda xpm_id: context.ledger.agreed(xpm_id).contacts

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

    @property
    def takes_rows(self) -> bool:
        """Whether rows can be compared: filters look at records."""
        return self._filter.is_open

    def compare_rows(self, link: Link, xpm: RowRecord | None, ignition: RowRecord | None) -> Compared | None:
        """The outcome for a link whose rows are equal on both sides; None where its records must be compared."""
        if xpm is None or ignition is None:
            return None
        diff = self._rows.equal(link, xpm, ignition, self._linked_contacts(link.xpm_id))
        return Compared(diff, None, look_up=self._ignition_record) if diff else None

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


def fingerprint_of(client: Client | None) -> str:
    """A record's fingerprint, empty where there is no record."""
    return fingerprint.of_record(client) if client else ""


def filter_of(settings: Settings) -> Filter:
    """Which linked clients the settings let a sync look at."""
    chosen = settings.sync_filter
    return Filter(chosen.groups, chosen.managers, chosen.partners, chosen.structures, chosen.include, chosen.exclude)
