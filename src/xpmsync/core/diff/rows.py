"""Linked clients whose rows say the same on both sides: most of them, and found without making a record."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import Direction
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.plan import ClientDiff
from xpmsync.core.rows import ABOUT, CLIENT_NAMES, CONTACT_NAMES, Packed, RowRecord, unpack

_XPM_NUMBER: Final = ABOUT
_STATE: Final = ABOUT + 1
_ACTIVE: Final = frozenset({"", "active", "lead"})
"""States of clients that are compared; of any other the record says more."""
_FLAG: Final = "contact.primary"
_NAME, _EMAIL, _PRIMARY = map(CONTACT_NAMES.index, ("contact.name", "contact.email", _FLAG))
_Cells = Sequence[str]
_Contacts = Sequence[tuple[str, Packed]]


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
        pairs = self._pairs(xpm.contacts, ignition.contacts)
        if pairs is None:
            return None
        contacts, primaries = {}, []
        for xpm_id, ignition_id, source, target in pairs:
            if linked and linked.get(xpm_id, ignition_id) not in ("", ignition_id):
                return None
            contacts[xpm_id] = ignition_id
            if source[_PRIMARY].casefold() == "yes":
                primaries.append((xpm_id, target[_PRIMARY].casefold() == "yes"))
        primary = None
        if len(primaries) == 1:
            primary, is_primary_there = primaries[0]
            if not is_primary_there:
                return None
        client = ClientRef(link.xpm_id, link.ignition_id, (ours if self._forward else theirs)[0])
        return ClientDiff(client, (), (), contacts, primary)

    def _pairs(self, xpm: _Contacts, ignition: _Contacts) -> list[tuple[str, str, _Cells, _Cells]] | None:
        """Both ids of each contact with the source's and the target's cells; None where any is alone or differs.

        Which contact is primary is left out: a source that flags none or several changes nothing.
        """
        if len(xpm) != len(ignition) or not self._pairs_contacts:
            return None
        if len(xpm) > 1:
            # Sorted texts begin with name and e-mail, which are the same on both sides where all contacts are.
            xpm, ignition = sorted(xpm, key=_text), sorted(ignition, key=_text)
        pairs: list[tuple[str, str, _Cells, _Cells]] = []
        names = set()
        for (xpm_id, our_text), (ignition_id, their_text) in zip(xpm, ignition, strict=True):
            ours = theirs = unpack(our_text)
            if our_text != their_text:
                theirs = unpack(their_text)
                if self._contact_cells(ours) != self._contact_cells(theirs):
                    return None
            if not ours[_NAME] or not ours[_EMAIL]:
                return None
            names.add((ours[_NAME], ours[_EMAIL]))
            pairs.append((xpm_id, ignition_id, *((ours, theirs) if self._forward else (theirs, ours))))
        return pairs if len(names) == len(pairs) else None


def _text(contact: tuple[str, Packed]) -> str:
    return str(contact[1])


def _cells_at(places: Sequence[int]) -> Callable[[_Cells], _Cells | str]:
    """The cells at those places, for a comparison."""
    return itemgetter(*places) if places else lambda _: ""
