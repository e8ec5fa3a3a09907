"""Clients from an export's rows, all of them checked before the first is used.

A plan is never made from half a file: one wrong row refuses the whole export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import EMPTY, Client
from xpmsync.core.rows import ABOUT, CLIENT_NAMES, CONTACT_NAMES, RowClients, RowRecord, client_values, pack, people_of
from xpmsync.errors import FileRefused
from xpmsync.ignition.csv.columns import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_ID,
    CONTACT_NAME,
    EXPORT_COLUMNS,
    XPM_ID,
    Export,
    of_contact,
)

__all__ = ["ExportedClients", "read_clients"]

_SHARED: Final = frozenset(name for name in EXPORT_COLUMNS if not of_contact(name))
_ABOUT: Final = (XPM_ID, "Client State", "Client Reference", "Partner Email", "Manager Email", "Company Number")
_ARCHIVED: Final = "archived"
_LEAD: Final = "lead"
_LONGEST_ID: Final = 20


@dataclass(frozen=True, slots=True)
class ExportedClients:
    """The clients of an export by id, and the client's id of each contact."""

    clients: RowClients
    client_of: Mapping[str, str]


def read_clients(export: Export) -> ExportedClients:
    """Read all rows once; raises `FileRefused` with the lines that are wrong.

    All rows of a client must agree about it; they need not be adjacent.
    """
    has_contact_ids = CONTACT_ID in export.columns.places
    rows: dict[str, RowRecord] = {}
    first_row: dict[str, tuple[int, int]] = {}
    client_of: dict[str, str] = {}
    for line, cells in export.file.rows(_layout(export)):
        client_id, contact_id, name = cells[:_IDS]
        if client_id not in rows:
            client_id = _checked_id(export, CLIENT_ID, client_id, line)
            if not client_id:
                raise FileRefused(export.path, f"a row has no {CLIENT_ID}", (line,))
        contact_id = _checked_id(export, CONTACT_ID, contact_id, line)
        content = hash(cells[_SHARED_FROM:])
        row = rows.get(client_id)
        if row is None:
            rows[client_id] = row = RowRecord(pack(cells[_SHARED_FROM:_CLIENT_TO]), [])
            first_row[client_id] = (line, content)
        elif first_row[client_id][1] != content:
            raise _contradiction(export, client_id, first_row[client_id][0], line)
        if contact_id:
            if contact_id in client_of:
                raise _contact_twice(export, contact_id, line)
            client_of[contact_id] = client_id
            row.contacts.append((contact_id, pack(cells[_IDS:_SHARED_FROM])))
        elif has_contact_ids and name.strip():
            raise FileRefused(export.path, f"a contact has no {CONTACT_ID}", (line,))
    return ExportedClients(RowClients(rows, _client), client_of)


_IDS: Final = 3
_SHARED_FROM: Final = _IDS + len(CONTACT_NAMES)
_CLIENT_TO: Final = _SHARED_FROM + ABOUT + len(_ABOUT)


def _layout(export: Export) -> list[int | None]:
    """Which cells are read, in order: ids, the contact's, the client's, and all others that the client's rows share."""
    columns = export.columns
    fields, places = columns.fields, columns.places
    read = [
        *(places.get(name) for name in (CLIENT_ID, CONTACT_ID, CONTACT_NAME)),
        *(fields.get(name) for name in (*CONTACT_NAMES, *CLIENT_NAMES)),
        *(places.get(name) for name in _ABOUT),
    ]
    others = [place for name, place in places.items() if name in _SHARED and place not in read]
    return [None if place is None else columns.kept[place] for place in (*read, *others)]


def _client(client_id: str, cells: Sequence[str], row: RowRecord) -> Client:
    xpm_number, state, number, partner, manager, company = map(str.strip, cells[ABOUT:])
    state = state.casefold()
    return Client(
        System.IGNITION,
        client_id,
        client_values(cells),
        people_of(row.contacts),
        ClientState.ARCHIVED if state == _ARCHIVED else ClientState.ACTIVE,
        number,
        manager=manager,
        partner=partner,
        prospect=state == _LEAD,
        xpm_number=xpm_number,
        identifiers={"company_number": company} if company else EMPTY,
    )


def _checked_id(export: Export, column: str, text: str, line: int) -> str:
    """The id without outer blanks, or an empty text; raises `FileRefused` for anything else."""
    if text.isdecimal() and text.isascii():
        return text
    stripped = text.strip()
    if not stripped or (stripped.isdecimal() and stripped.isascii()):
        return stripped
    shown = stripped[:_LONGEST_ID]
    problem = f"the {column} {shown!r} is no id, which has digits only; another program saved the file"
    raise FileRefused(export.path, problem, (line,))


def _contact_twice(export: Export, contact_id: str, second: int) -> FileRefused:
    place = export.columns.places[CONTACT_ID]
    first = next(line for line, row in export.rows() if row[place].strip() == contact_id)
    return FileRefused(export.path, "two contacts have one Contact Id", (first, second))


def _contradiction(export: Export, client_id: str, first: int, second: int) -> FileRefused:
    """Say in which columns two rows of one client differ; a different name means two clients of one id."""
    rows = {line: row for line, row in export.rows() if line in (first, second)}
    first_row, second_row = rows[first], rows[second]
    places = export.columns.places
    differing = [name for name, place in places.items() if name in _SHARED and first_row[place] != second_row[place]]
    if CLIENT_NAME in differing:
        return FileRefused(export.path, f"two clients have the {CLIENT_ID} {client_id}", (first, second))
    problem = f"rows of the client {client_id} contradict each other in {', '.join(differing)}"
    return FileRefused(export.path, problem, (first, second))
