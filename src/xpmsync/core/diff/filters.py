"""Filters and exceptions: which linked clients a sync looks at, and what a person wants left alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from xpmsync.core.model import Client, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, Hold

_NARROWING: Final = ("groups", "managers", "partners", "structures")


@dataclass(frozen=True, slots=True)
class Filter:
    """Groups, managers, partners and structures narrow; `include` adds clients, `exclude` wins over all.

    Words are compared without regard to capitals and outer blanks; clients are
    named by either id or by exact name.
    """

    groups: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it lets everybody through, as it does where nothing is set."""
        return not any((self.groups, self.managers, self.partners, self.structures, self.include, self.exclude))

    def admits(self, link: Link, xpm: Client | None) -> bool:
        """Whether a sync looks at the client; one that is gone from XPM is known by its name and ids alone."""
        if self.is_open:
            return True
        return self.admits_fitting({name for name, _ in self.fitting(link, xpm)})

    def admits_fitting(self, lists: Collection[str]) -> bool:
        """The same for a client whom these lists fit."""
        if "exclude" in lists or "include" in lists:
            return "exclude" not in lists
        narrowing = [name for name in _NARROWING if _folded(getattr(self, name))]
        return all(name in lists for name in narrowing) if narrowing else not _folded(self.include)

    def fitting(self, link: Link, xpm: Client | None) -> set[tuple[str, str]]:
        """Which of the filter's words fit the client, each with the name of its list."""
        names = _folded((link.xpm_id, link.ignition_id, link.name, xpm.name if xpm else ""))
        facts = (*(_facts(xpm) if xpm else [frozenset()] * 4), names, names)
        return {
            (each.name, word)
            for each, has in zip(fields(self), facts, strict=True)
            for word in getattr(self, each.name)
            if word.strip().casefold() in has
        }

    def words(self) -> list[tuple[str, str]]:
        """All its words, each with the name of its list, in the order of the settings."""
        return [(each.name, word) for each in fields(self) for word in getattr(self, each.name) if word.strip()]


def _facts(xpm: Client) -> tuple[frozenset[str], ...]:
    return (
        _folded(tuple(xpm.values.get("group", "").splitlines())),
        _folded((xpm.manager,)),
        _folded((xpm.partner,)),
        _folded((xpm.values.get("structure", ""),)),
    )


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words if word.strip())


WHOLE_CLIENT: Final = ""
"""The field of an exception for everything about a client."""

Exceptions = Mapping[str, Mapping[str, str]]
"""XPM id -> field -> note. A contact's field means that field of all the client's contacts."""

_NEEDED: Final = frozenset({"contact.name", "contact.email"})
"""Without these a new contact is not created."""
_SharedFields = Mapping[tuple[str, str], str]
"""XPM contact id and field -> note."""


def apply_exceptions(
    diffs: Sequence[ClientDiff], exceptions: Exceptions, contacts: Mapping[str, Collection[str]]
) -> list[ClientDiff]:
    """Turn excepted changes and holds into holds with the code `excepted`.

    `contacts` are the XPM contact ids of the excepted clients as far as they are known, where XPM is
    written: one contact may belong to several clients there, so its field is left alone at all of them.
    """
    if not exceptions:
        return list(diffs)
    known = {**contacts}
    for diff in diffs:
        if diff.client.xpm_id in exceptions and contacts:
            known[diff.client.xpm_id] = {*known.get(diff.client.xpm_id, ()), *diff.contacts}
    shared = {
        (contact_id, field): note
        for xpm_id, contact_ids in known.items()
        for field, note in exceptions.get(xpm_id, {}).items()
        for contact_id in contact_ids
    }
    return [_excepted(diff, exceptions.get(diff.client.xpm_id, {}), shared) for diff in diffs]


def _excepted(diff: ClientDiff, fields: Mapping[str, str], shared: _SharedFields) -> ClientDiff:
    if not fields and not shared:
        return diff
    changes: list[Change] = []
    holds: list[Hold] = []
    for hold in diff.holds:
        note = _note(hold, [hold.field], fields, shared)
        holds.append(hold if note is None else replace(hold, code=HoldCode.EXCEPTED, reason=note))
    for change in diff.changes:
        note = _note(change, _fields_of(change), fields, shared)
        if note is None:
            changes.append(_without(change, fields))
        else:
            holds.append(Hold(change.client, change.field, HoldCode.EXCEPTED, note, change.contact))
    return replace(diff, changes=tuple(changes), holds=tuple(holds))


def _fields_of(change: Change) -> Iterable[str]:
    """The fields without which the change is not made."""
    return (change.field, *_NEEDED) if change.kind is ChangeKind.CONTACT else (change.field,)


def _note(item: Change | Hold, names: Iterable[str], fields: Mapping[str, str], shared: _SharedFields) -> str | None:
    """The note of the exception that a change or hold falls under, None where there is none."""
    contact_id = item.contact.xpm_id if item.contact else ""
    for name in (WHOLE_CLIENT, *names):
        if name in fields:
            return fields[name]
        if contact_id and (contact_id, name) in shared:
            return shared[contact_id, name]
    return None


def _without(change: Change, fields: Mapping[str, str]) -> Change:
    """A new contact without the excepted details."""
    if not any(name in fields for name in change.values):
        return change
    return replace(change, values={name: text for name, text in change.values.items() if name not in fields})
