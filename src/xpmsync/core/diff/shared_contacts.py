"""One XPM contact at several clients: Ignition keeps a contact for each, and they may disagree.

Writing to XPM, each would overwrite the other's value at every run. So a change of
such a contact is held where its clients disagree in Ignition, and where one of them
takes no part in the run: the rule is about all of them, whatever a run selects.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xpmsync.core.catalogue import CONTACT_FIELDS
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ClientDiff, Hold
from xpmsync.core.rows import RowRecord, unpack
from xpmsync.core.text import normalise

_SHARED: Final = tuple(row for row in CONTACT_FIELDS if row.name not in ("contact.primary", "contact.position"))
"""What belongs to the person; position and primary flag belong to the place at one client."""
_SHARED_NAMES: Final = frozenset(row.name for row in _SHARED)
_MOST_NAMED: Final = 3


class SharedContacts:
    """Which XPM contacts belong to several active clients: what was known, and what a reading shows."""

    def __init__(self, known: str = "") -> None:
        self._owners: dict[str, dict[str, str]] = json.loads(known) if known else {}
        self._first: dict[str, tuple[str, str]] = {}

    def learn(self, client: Client) -> None:
        """Take note of a client's contacts."""
        if client.state is not ClientState.ACTIVE:
            return
        for contact in client.contacts:
            first = self._first.setdefault(contact.id, (client.id, client.name))
            if contact.id in self._owners or first[0] != client.id:
                self._owners.setdefault(contact.id, dict([first]))[client.id] = client.name

    def learn_rows(self, rows: Mapping[str, RowRecord]) -> None:
        """The same for the rows of a file, which has active clients only."""
        first: dict[str, str] = {}
        for client_id, row in rows.items():
            for contact_id, _ in row.contacts:
                if (owner := first.setdefault(contact_id, client_id)) != client_id:
                    names = {each: unpack(rows[each].client)[0] for each in (owner, client_id)}
                    self._owners.setdefault(contact_id, {}).update(names)

    def owners(self, contact_id: str) -> Mapping[str, str]:
        """The names of a shared contact's clients by XPM id; none for a contact of a single client."""
        return self._owners.get(contact_id, {})

    def to_text(self) -> str:
        """All of it as text, for the next run."""
        return json.dumps(self._owners, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class ContactOwner:
    """A linked client that takes part in a run: its contacts' ids (XPM to Ignition), and Ignition's record."""

    contacts: Mapping[str, str]
    ignition: Client | None


def hold_shared(
    diffs: Sequence[ClientDiff], shared: SharedContacts, member: Callable[[str], ContactOwner | None]
) -> list[ClientDiff]:
    """Turn changes of shared contacts into holds where their clients disagree, or do not all take part.

    `diffs` go in the to-xpm direction. `member` finds a client of the run by its XPM id;
    None for one that is not linked, not selected, filtered out or has a level of its own.
    """
    reasons: dict[tuple[str, str], str] = {}
    for key in {_key(change) for diff in diffs for change in diff.changes if _is_shared_field(change)}:
        owners = shared.owners(key[0])
        members = {xpm_id: member(xpm_id) for xpm_id in owners}
        absent = [owners[xpm_id] for xpm_id, found in members.items() if found is None]
        if len(owners) > 1 and absent:
            reasons[key] = _waits(absent)
        elif len(_values(key, members.values())) > 1:
            reasons[key] = _DISAGREE
    return [_held(diff, reasons) for diff in diffs]


_DISAGREE: Final = (
    "In XPM this contact belongs to several clients, and Ignition disagrees about it. Make them agree there."
)


def _waits(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MOST_NAMED]) + (" and others" if len(names) > _MOST_NAMED else "")
    return (
        f"In XPM this contact belongs to {listed}, too, and that is not part of this run; link and sync them together."
    )


def _values(key: tuple[str, str], members: Iterable[ContactOwner | None]) -> set[str]:
    """What Ignition says of a shared contact's field, at all its clients."""
    contact_id, field = key
    kind = next(row.kind for row in _SHARED if row.name == field)
    contacts = (
        member.ignition.contact(member.contacts.get(contact_id, ""))
        for member in members
        if member is not None and member.ignition is not None
    )
    return {normalise(kind, contact.values.get(field, "")) for contact in contacts if contact is not None}


def _held(diff: ClientDiff, reasons: Mapping[tuple[str, str], str]) -> ClientDiff:
    held = [change for change in diff.changes if _key(change) in reasons]
    if not held:
        return diff
    holds = [
        Hold(change.client, change.field, HoldCode.SHARED_CONTACT, reasons[_key(change)], change.contact)
        for change in held
    ]
    kept = tuple(change for change in diff.changes if change not in held)
    return replace(diff, changes=kept, holds=(*diff.holds, *holds))


def _is_shared_field(change: Change) -> bool:
    return change.contact is not None and bool(change.contact.xpm_id) and change.field in _SHARED_NAMES


def _key(change: Change) -> tuple[str, str]:
    return (change.contact.xpm_id if change.contact else "", change.field)
