"""Clients from an export's rows: first all rows are checked, then the clients are streamed.

The check covers the whole file before the first client is yielded, so that a
plan is never made from half a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact
from xpmsync.csv_files.reading import cells_at
from xpmsync.errors import FileRefused
from xpmsync.ignition.csv.columns import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_ID,
    CONTACT_NAME,
    EXPORT_COLUMNS,
    XPM_ID,
    of_contact,
)
from xpmsync.ignition.csv.export import Export

__all__ = ["Ids", "check_export", "read_clients"]

_SHARED: Final = frozenset(name for name in EXPORT_COLUMNS if not of_contact(name))
_ARCHIVED: Final = "archived"
_LEAD: Final = "lead"
_LONGEST_ID: Final = 20


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids in an export: the clients', and each contact's client. `grouped`: a client's rows are adjacent."""

    clients: frozenset[str]
    client_of: Mapping[str, str]
    grouped: bool


def check_export(export: Export) -> Ids:
    """Read all rows once; raises `FileRefused` with the lines that are wrong."""
    cells, shared = _cells_of(export)
    seen: dict[str, tuple[int, int]] = {}
    client_of: dict[str, str] = {}
    line_of: dict[str, int] = {}
    last, grouped = "", True
    for line, row in export.rows():
        client_id, contact_id, name = cells.ids(row)
        if not client_id:
            raise FileRefused(export.path, f"a row has no {CLIENT_ID}", (line,))
        if not (client_id.isdecimal() and client_id.isascii()):
            raise _no_id(export, CLIENT_ID, client_id, line)
        if contact_id and not (contact_id.isdecimal() and contact_id.isascii()):
            raise _no_id(export, CONTACT_ID, contact_id, line)
        current = (line, hash(shared(row)))
        first = seen.setdefault(client_id, current)
        if first[1] != current[1]:
            raise _contradiction(export, client_id, first[0], line)
        if client_id != last and first is not current:
            grouped = False
        last = client_id
        if contact_id:
            if contact_id in client_of:
                raise FileRefused(export.path, "two contacts have one Contact Id", (line_of[contact_id], line))
            client_of[contact_id] = client_id
            line_of[contact_id] = line
        elif name and CONTACT_ID in export.columns.places:
            raise FileRefused(export.path, f"a contact has no {CONTACT_ID}", (line,))
    return Ids(frozenset(seen), client_of, grouped)


def read_clients(export: Export, ids: Ids) -> Iterator[Client]:
    """Yield every client with its contacts, as the file has them; `ids` comes from `check_export`."""
    cells, _ = _cells_of(export)
    if ids.grouped:
        yield from _grouped(export, cells)
        return
    scattered: dict[str, list[Sequence[str]]] = {}
    for _, row in export.rows():
        scattered.setdefault(cells.ids(row)[0], []).append(row)
    for client_id, rows in scattered.items():
        yield cells.client(client_id, rows)


def _grouped(export: Export, cells: _Cells) -> Iterator[Client]:
    rows: list[Sequence[str]] = []
    current = ""
    for _, row in export.rows():
        client_id = cells.ids(row)[0]
        if client_id != current:
            if rows:
                yield cells.client(current, rows)
            current, rows = client_id, []
        rows.append(row)
    if rows:
        yield cells.client(current, rows)


class _Cells:
    """Makes records from rows, by the places of the columns."""

    def __init__(self, export: Export) -> None:
        columns = export.columns
        places = columns.places
        clients = [(name, place) for name, place in columns.fields.items() if not name.startswith("contact.")]
        contacts = [(name, place) for name, place in columns.fields.items() if name.startswith("contact.")]
        self._client_names, self._client_cells = _getter(clients)
        self._contact_names, self._contact_cells = _getter(contacts)
        self._ids = [places.get(name) for name in (CLIENT_ID, CONTACT_ID, CONTACT_NAME)]
        self._about = [
            places.get(name)
            for name in ("Client State", "Client Reference", "Partner Email", "Manager Email", XPM_ID, "Company Number")
        ]

    def ids(self, row: Sequence[str]) -> tuple[str, str, str]:
        """Client id, contact id, contact name."""
        client, contact, name = self._ids
        return (
            row[client].strip() if client is not None else "",
            row[contact].strip() if contact is not None else "",
            row[name].strip() if name is not None else "",
        )

    def client(self, client_id: str, rows: Sequence[Sequence[str]]) -> Client:
        """One client from its rows."""
        first = rows[0]
        state, number, partner, manager, xpm_number, company = (
            first[place].strip() if place is not None else "" for place in self._about
        )
        state = state.casefold()
        return Client(
            System.IGNITION,
            client_id,
            {name: text for name, text in zip(self._client_names, self._client_cells(first), strict=True) if text},
            tuple(contact for row in rows if (contact := self._contact(row)) is not None),
            ClientState.ARCHIVED if state == _ARCHIVED else ClientState.ACTIVE,
            number,
            manager=manager,
            partner=partner,
            prospect=state == _LEAD,
            xpm_number=xpm_number,
            identifiers={"company_number": company} if company else {},
        )

    def _contact(self, row: Sequence[str]) -> Contact | None:
        contact_id = self.ids(row)[1]
        if not contact_id:
            return None
        cells = zip(self._contact_names, self._contact_cells(row), strict=True)
        return Contact(contact_id, {name: text for name, text in cells if text})


def _cells_of(export: Export) -> tuple[_Cells, Callable[[Sequence[str]], tuple[str, ...]]]:
    """How to make records from rows, and the cells that must repeat on all rows of one client."""
    places = export.columns.places
    _, shared = _getter([(name, place) for name, place in places.items() if name in _SHARED])
    return _Cells(export), shared


def _getter(named: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], Callable[[Sequence[str]], tuple[str, ...]]]:
    """Names, and a function that takes their cells out of a row."""
    return tuple(name for name, _ in named), cells_at([place for _, place in named])


def _no_id(export: Export, column: str, text: str, line: int) -> FileRefused:
    problem = f"the {column} {text[:_LONGEST_ID]!r} is no id, which has digits only; another program saved the file"
    return FileRefused(export.path, problem, (line,))


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
