"""Exceptions: what a person wants left alone is neither written nor listed, only counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from xpmsync.core.plan.plan import Change, ChangeKind, ClientDiff, Hold, HoldCode

__all__ = ["WHOLE_CLIENT", "Exceptions", "apply_exceptions"]

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
