"""Two clients side by side, and every piece of evidence for and against their being one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.core.catalogue import CLIENT_FIELDS
from xpmsync.core.enums import State
from xpmsync.core.match import Verdict
from xpmsync.core.model import Client, Contact

__all__ = ["show_pair"]

_GAP: Final = 2
"""Columns between two columns of a table."""
_REGISTERS: Final = {"abn": "ABN", "acn": "ACN", "nzbn": "NZBN", "company_number": "Company number"}
_Row = tuple[str, str, str]


def show_pair(screen: Screen, xpm: Client, ignition: Client, verdict: Verdict) -> None:
    """Both records side by side, then every piece of evidence with its points."""
    screen.pairs([("XPM", xpm.id), ("Ignition", ignition.id)])
    screen.line()
    _show_records(screen, _rows(xpm, ignition))
    screen.line()
    screen.pairs(
        [
            *((f"{one.points:+6.1f}", one_line(one.says)) for one in verdict.evidence),
            *((" " * 6, cap.value) for cap in verdict.caps),
        ]
    )
    screen.line(f"{verdict.score:6.1f}  {verdict.band.value}", Tone.STRONG)


def _show_records(screen: Screen, rows: Sequence[_Row]) -> None:
    """A table where no word of it would be cut, else each field's two values below each other."""
    label = max(len(one) for one, _, _ in rows)
    left = screen.width - label - 2 * _GAP
    here, there = (max(_longest_word(row[side]) for row in rows) for side in (1, 2))
    if here + there <= left:
        width = min(max(here, left // 2), left - there)
        columns = [Column("Field", width=label), Column("XPM", width=width), Column("Ignition", width=left - width)]
        screen.table(columns, rows)
        return
    for name, *values in rows:
        screen.line(name)
        for system, value in zip(("XPM", "Ignition"), values, strict=True):
            screen.pairs([(system if not number else "", line) for number, line in enumerate(value.split("\n"))], 4)


def _rows(xpm: Client, ignition: Client) -> list[_Row]:
    """Every field that one of the two holds and evidence may speak of."""
    rows = [(row.label, xpm.values.get(row.name, ""), ignition.values.get(row.name, "")) for row in CLIENT_FIELDS]
    rows.append(("E-mail", xpm.email, ignition.email))
    rows.append(("XPM number", xpm.number, ignition.xpm_number))
    for key in dict.fromkeys([*xpm.identifiers, *ignition.identifiers]):
        label = _REGISTERS.get(key, key.replace("_", " ").capitalize())
        rows.append((label, xpm.identifiers.get(key, ""), ignition.identifiers.get(key, "")))
    if {xpm.state, ignition.state} != {State.ACTIVE}:
        rows.append(("State", xpm.state.value, ignition.state.value))
    shown = [(label, one_line(here), one_line(there)) for label, here, there in rows if here or there]
    for number, (mine, theirs) in enumerate(zip_longest(xpm.contacts, ignition.contacts)):
        shown.append(("" if number else "Contacts", _contact(mine), _contact(theirs)))
    return shown


def _contact(contact: Contact | None) -> str:
    """Name, e-mail and numbers, each on a line."""
    if contact is None:
        return ""
    names = ("contact.name", "contact.email", "contact.phone", "contact.mobile")
    return "\n".join(one_line(text) for name in names if (text := contact.values.get(name, "")))


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
