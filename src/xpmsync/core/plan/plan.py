"""The plan: everything one run would write and everything it would not, with the reasons.

`diff`, `sync --dry-run`, `sync` and every `--json` answer use this same object.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, field as default
from enum import StrEnum
from typing import Final

from xpmsync.core.catalogue import order
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import EMPTY, Answer, ClientRef
from xpmsync.core.plan.hold_codes import HoldCode


class ChangeKind(StrEnum):
    """What a change writes: one field, a whole new contact, or a whole new client."""

    FIELD = "field"
    CONTACT = "contact"
    RECORD = "record"


class Why(StrEnum):
    """Why a change is due."""

    SOURCE_CHANGED = "source-changed"
    """The target still holds what was last agreed."""
    TARGET_EDITED = "target-edited"
    """Somebody edited the target since; the direction overrides that edit."""
    FIRST_SYNC = "first-sync"
    """Nothing was agreed on this field before."""
    UNDO = "undo"
    """A run is being undone."""
    SIDE_EFFECT = "side-effect"
    """The target does it on its own by another write; only the journal has such changes."""


@dataclass(frozen=True, slots=True)
class ContactRef:
    """A contact as a plan names it; an id is empty where that side has none yet."""

    name: str
    xpm_id: str
    ignition_id: str

    def id_in(self, system: System) -> str:
        """The contact's id in that system."""
        return self.xpm_id if system is System.XPM else self.ignition_id


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would be written: old and new text, and why.

    For a new contact or client `field` is `contact` or `client`, `old` is empty,
    `new` a short description and `values` what is created, for a client together
    with its `contacts`. `record` is the name that the changed client or contact has
    in the target: XPM wants it beside every change, and it must rename nothing.
    `former` is the contact that loses the primary flag by this change.
    """

    client: ClientRef
    kind: ChangeKind
    field: str
    old: str
    new: str
    why: Why
    contact: ContactRef | None = None
    values: Mapping[str, str] = default(default_factory=lambda: EMPTY)
    contacts: tuple[Mapping[str, str], ...] = ()
    record: str = ""
    former: ContactRef | None = None

    @property
    def overrides_edit(self) -> bool:
        """Whether the change overrides an edit somebody made in the target."""
        return self.why is Why.TARGET_EDITED


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that differs and will not be written, with its code and a sentence."""

    client: ClientRef
    field: str
    code: HoldCode
    reason: str
    contact: ContactRef | None = None


class CallKind(StrEnum):
    """The writing calls a target knows."""

    UPDATE = "update"
    ADD_CONTACT = "add-contact"
    UPDATE_CONTACT = "update-contact"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Call:
    """One writing call and the changes it carries: the unit that is journalled, counted and retried.

    `record` is the present name in the target of the client or contact that is changed.
    """

    client: ClientRef
    kind: CallKind
    values: Mapping[str, str]
    changes: tuple[Change, ...]
    contact: ContactRef | None = None
    contacts: tuple[Mapping[str, str], ...] = ()
    record: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What applying the plan will cost: calls to the target, and minutes at its limits."""

    reads: int = 0
    writes: int = 0
    minutes: float = 0.0
    beyond_day_limit: bool = False

    @property
    def calls(self) -> int:
        """Calls made so far for reading plus those that writing will take."""
        return self.reads + self.writes


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes and holds of one run. Immutable; sorted by client name, then catalogue order.

    `clients` counts the linked clients looked at, `equal` those of them without a
    change or a hold, `excepted` what differs and is left alone by an exception.
    """

    direction: Direction
    level: Level
    changes: tuple[Change, ...]
    holds: tuple[Hold, ...]
    clients: int
    equal: int
    forecast: Forecast = Forecast()
    excepted: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """The totals every screen and JSON answer shows."""
        return {
            "changes": len(self.changes),
            "holds": len(self.holds),
            "equal": self.equal,
            "clients": self.clients,
            "changed_clients": len({c.client for c in self.changes}),
            "overrides": sum(c.overrides_edit for c in self.changes),
            "excepted": self.excepted,
        }

    @property
    def holds_by_code(self) -> dict[HoldCode, int]:
        """How many holds there are of each code, most frequent first."""
        return dict(Counter(h.code for h in self.holds).most_common())

    def calls(self) -> tuple[Call, ...]:
        """Group the changes into writing calls: one for each client and contact."""
        grouped: dict[tuple[ClientRef, ContactRef | None], list[Change]] = {}
        for change in self.changes:
            grouped.setdefault((change.client, change.contact), []).append(change)
        return tuple(_call(client, contact, changes) for (client, contact), changes in grouped.items())


def sort_key(item: Change | Hold) -> tuple[str | int, ...]:
    """Order by client name, ids, then contact, then catalogue order: the same input gives the same plan."""
    client, contact = item.client, item.contact
    who = (contact.name.casefold(), contact.xpm_id, contact.ignition_id) if contact else ("", "", "")
    return (client.name.casefold(), client.xpm_id, client.ignition_id, *who, order(item.field))


def forecast(
    writes: int, *, reads: int, calls_a_minute: int, calls_a_day: int, calls_an_hour: int = 0, spent: int = 0
) -> Forecast:
    """Estimate the minutes of that many writing calls; the first minute's allowance is free of waiting.

    `spent` is how many of the target's calls of this hour the reading took already.
    """
    minutes = max(0.0, writes / calls_a_minute - 1) if calls_a_minute else 0.0
    if calls_an_hour and writes:
        hours, rest = divmod(spent + writes - 1, calls_an_hour)
        minutes = max(minutes, hours * 60.0 + (rest / calls_a_minute if hours and calls_a_minute else 0.0))
    return Forecast(reads, writes, round(minutes, 1), bool(calls_a_day) and writes > calls_a_day)


def _call(client: ClientRef, contact: ContactRef | None, changes: Sequence[Change]) -> Call:
    first = changes[0]
    if first.kind is ChangeKind.RECORD:
        return Call(client, CallKind.CREATE, first.values, tuple(changes), contacts=first.contacts)
    if first.kind is ChangeKind.CONTACT:
        return Call(client, CallKind.ADD_CONTACT, first.values, tuple(changes), contact)
    kind = CallKind.UPDATE if contact is None else CallKind.UPDATE_CONTACT
    record = first.record or (contact.name if contact else client.name)
    return Call(client, kind, {c.field: c.new for c in changes}, tuple(changes), contact, record=record)


@dataclass(frozen=True, slots=True)
class ClientDiff:
    """The outcome for one client: what to write, what not, and what is equal.

    `contacts` holds the pairs (XPM id to Ignition id) that were recognised,
    `primary` the XPM id of the contact that alone is primary in the source, empty where
    XPM has no id for it yet, None where the source flags none or several.
    `respelled` holds the `agreed_key`s of values that the target keeps in its own
    spelling, `answers` what an upload was found to have made of its values.
    """

    client: ClientRef
    changes: tuple[Change, ...] = ()
    holds: tuple[Hold, ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    primary: str | None = None
    respelled: frozenset[str] = frozenset()
    answers: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.changes and not self.holds


_NOT_FOR_A_PERSON: Final = frozenset(
    {
        HoldCode.LEVEL,
        HoldCode.DIRECTION,
        HoldCode.BLANK_SOURCE,
        HoldCode.ROUTE_CANNOT,
        HoldCode.CONTACT_ONLY_IN_TARGET,
    }
)
"""Holds that follow from the settings or the systems: a person who reads them each morning can change nothing."""


def holds_for_a_person(holds: Iterable[Hold]) -> Counter[str]:
    """How many holds of each code a person should decide on."""
    return Counter(hold.code.value for hold in holds if hold.code not in _NOT_FOR_A_PERSON)


def plan_line(plan: Plan) -> str:
    """A plan that is not applied yet, in one line."""
    return summary_line(len(plan.changes), holds_for_a_person(plan.holds), written=False)


def summary_line(changes: int, waiting: Mapping[str, int], *, written: bool) -> str:
    """A plan or a run in one line, such as `3 changed, 2 wait for you, 1 file to upload`.

    `waiting` counts by hold code, `failed` and `upload`; `written` says that the changes were made.
    """
    counts = dict(waiting)
    files, failed = counts.pop("upload", 0), counts.pop("failed", 0)
    number = sum(counts.values())
    parts = [f"{changes:,} changed" if written else f"{changes:,} to change"]
    if number:
        parts.append(f"{number:,} {'waits' if number == 1 else 'wait'} for you")
    if files:
        parts.append(f"{files:,} {'file' if files == 1 else 'files'} to upload")
    if failed:
        parts.append(f"{failed:,} failed")
    return ", ".join(parts)


def riskiest(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that a person should read in full: client names, overridden edits, new contacts and clients."""
    ranked = [(rank, change) for change in changes if (rank := _rank(change)) is not None]
    return tuple(change for _, change in sorted(ranked, key=lambda entry: entry[0]))


def _rank(change: Change) -> int | None:
    if change.field == "name":
        return 0 if change.overrides_edit else 1
    if change.overrides_edit:
        return 2
    return 3 if change.kind is not ChangeKind.FIELD else None
