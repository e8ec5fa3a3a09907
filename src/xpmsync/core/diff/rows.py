"""Linked clients whose rows say the same on both sides: most of them, and found without making a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import Direction
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.plan import ClientDiff
from xpmsync.core.rows import ABOUT, CLIENT_NAMES, CONTACT_NAMES, RowRecord, unpack

__all__ = ["RowComparison"]

_XPM_NUMBER: Final = ABOUT
_STATE: Final = ABOUT + 1
_ACTIVE: Final = frozenset({"", "active", "lead"})
"""States of clients that are compared; of any other the record says more."""
_FLAG: Final = "contact.primary"
_NAME, _EMAIL, _PRIMARY = map(CONTACT_NAMES.index, ("contact.name", "contact.email", _FLAG))
_Cells = Sequence[str]


class RowComparison:
    """Finds rows that are equal in every field the source reads, as `diff_client` would find their records.

    Whatever is not plainly equal is left to `diff_client`: other texts of the same
    meaning, archived clients, contacts that only a link pairs, numbers that may contradict.
    """

    def __init__(self, rules: Rules, numbers: XpmNumbers) -> None:
        reads = rules.source.reads
        self._numbers = numbers
        self._forward = rules.direction is Direction.FROM_XPM
        self._pairs_contacts = {"contact.name", "contact.email"} <= reads
        self._client_cells = _cells_at([place for place, name in enumerate(CLIENT_NAMES) if name in reads])
        self._contact_cells = _cells_at([place for place, name in enumerate(CONTACT_NAMES) if name in reads - {_FLAG}])

    def equal(self, link: Link, xpm: RowRecord, ignition: RowRecord, linked: Mapping[str, str]) -> ClientDiff | None:
        """The outcome for two rows that say the same, None where they may not.

        `linked` maps the ids of XPM contacts to those of Ignition contacts.
        """
        ours, theirs = unpack(xpm.client), unpack(ignition.client)
        if self._client_cells(ours) != self._client_cells(theirs):
            return None
        if ours[_STATE] not in _ACTIVE or theirs[_STATE] not in _ACTIVE:
            return None
        if self._numbers.contradict(link.xpm_id, theirs[_XPM_NUMBER].strip()):
            return None
        pairs = self._pairs(xpm, ignition)
        if pairs is None or (linked and any(linked.get(one, other) not in ("", other) for one, other, *_ in pairs)):
            return None
        primary = None
        primaries = [pair for pair in pairs if _is_primary(pair[2])]
        if len(primaries) == 1:
            primary, _, _, target = primaries[0]
            if not _is_primary(target):
                return None
        client = ClientRef(link.xpm_id, link.ignition_id, (ours if self._forward else theirs)[0])
        return ClientDiff(client, contacts={pair[0]: pair[1] for pair in pairs}, primary=primary)

    def _pairs(self, xpm: RowRecord, ignition: RowRecord) -> list[tuple[str, str, _Cells, _Cells]] | None:
        """Both ids of each contact with the source's and the target's cells; None where any is alone or differs.

        Which contact is primary is left out: a source that flags none or several changes nothing.
        """
        if len(xpm.contacts) != len(ignition.contacts) or not self._pairs_contacts:
            return None
        pairs, former = [], None
        for (xpm_id, ours), (ignition_id, theirs) in zip(_by_name(xpm), _by_name(ignition), strict=True):
            key = (ours[_NAME], ours[_EMAIL])
            if key == former or not all(key) or self._contact_cells(ours) != self._contact_cells(theirs):
                return None
            former = key
            pairs.append((xpm_id, ignition_id, *((ours, theirs) if self._forward else (theirs, ours))))
        return pairs


def _is_primary(cells: _Cells) -> bool:
    return cells[_PRIMARY].casefold() == "yes"


def _by_name(row: RowRecord) -> list[tuple[str, _Cells]]:
    """The contacts' ids and cells, by name and e-mail."""
    contacts = [(contact_id, unpack(cells)) for contact_id, cells in row.contacts]
    if len(contacts) > 1:
        contacts.sort(key=lambda contact: (contact[1][_NAME], contact[1][_EMAIL]))
    return contacts


def _cells_at(places: Sequence[int]) -> Callable[[_Cells], _Cells | str]:
    """The cells at those places, for a comparison."""
    return itemgetter(*places) if places else lambda _: ""
