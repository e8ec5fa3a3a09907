"""Clients from an export's rows, all of them checked before the first is used.

A plan is never made from half a file: one wrong row refuses the whole export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import EMPTY, Client, Contact
from xpmsync.csv_files.reading import cells_at, values_at
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

__all__ = ["ExportedClients", "read_clients"]

_SHARED: Final = frozenset(name for name in EXPORT_COLUMNS if not of_contact(name))
_ABOUT: Final = ("Client State", "Client Reference", "Partner Email", "Manager Email", XPM_ID, "Company Number")
_ARCHIVED: Final = "archived"
_LEAD: Final = "lead"
_LONGEST_ID: Final = 20


@dataclass(frozen=True, slots=True)
class ExportedClients:
    """The clients of an export by id, and the client's id of each contact."""

    clients: Mapping[str, Client]
    client_of: Mapping[str, str]


def read_clients(export: Export) -> ExportedClients:
    """Read all rows once; raises `FileRefused` with the lines that are wrong.

    All rows of a client must agree about it; they need not be adjacent.
    """
    cells = _Cells(export)
    ids_of, shared_of = cells.ids, cells.shared
    drafts: dict[str, _Draft] = {}
    client_of: dict[str, str] = {}
    for line, row in export.rows():
        client_id, contact_id, name = ids_of(row)
        if not _is_id(client_id) and not (client_id := _stripped_id(export, CLIENT_ID, client_id, line)):
            raise FileRefused(export.path, f"a row has no {CLIENT_ID}", (line,))
        if contact_id and not _is_id(contact_id):
            contact_id = _stripped_id(export, CONTACT_ID, contact_id, line)
        content = hash(shared_of(row))
        draft = drafts.get(client_id)
        if draft is None:
            drafts[client_id] = draft = _Draft(line, content, cells.values(row), cells.about(row), [])
        elif draft.content != content:
            raise _contradiction(export, client_id, draft.line, line)
        if contact_id:
            if contact_id in client_of:
                raise _contact_twice(export, contact_id, line)
            client_of[contact_id] = client_id
            draft.contacts.append(Contact(contact_id, cells.contact(row)))
        elif cells.has_contact_ids and name.strip():
            raise FileRefused(export.path, f"a contact has no {CONTACT_ID}", (line,))
    return ExportedClients({client_id: draft.client(client_id) for client_id, draft in drafts.items()}, client_of)


class _Draft(NamedTuple):
    """A client while its rows are read: its first line, a hash of what its rows share, and its parts."""

    line: int
    content: int
    values: Mapping[str, str]
    about: Sequence[str]
    contacts: list[Contact]

    def client(self, client_id: str) -> Client:
        """The client, all of whose rows were read."""
        state, number, partner, manager, xpm_number, company = map(str.strip, self.about)
        state = state.casefold()
        return Client(
            System.IGNITION,
            client_id,
            self.values,
            tuple(self.contacts),
            ClientState.ARCHIVED if state == _ARCHIVED else ClientState.ACTIVE,
            number,
            manager=manager,
            partner=partner,
            prospect=state == _LEAD,
            xpm_number=xpm_number,
            identifiers={"company_number": company} if company else EMPTY,
        )


class _Cells:
    """Takes the parts of records out of rows, by the places of the columns."""

    def __init__(self, export: Export) -> None:
        columns = export.columns
        places, fields = columns.places, columns.fields
        self.has_contact_ids = CONTACT_ID in places
        self.ids = cells_at([places.get(name) for name in (CLIENT_ID, CONTACT_ID, CONTACT_NAME)])
        self.shared = cells_at([place for name, place in places.items() if name in _SHARED])
        """The cells that must repeat on all rows of one client."""
        self.about = cells_at([places.get(name) for name in _ABOUT])
        self.values = values_at({name: place for name, place in fields.items() if not name.startswith("contact.")})
        self.contact = values_at({name: place for name, place in fields.items() if name.startswith("contact.")})


def _is_id(text: str) -> bool:
    return text.isdecimal() and text.isascii()


def _stripped_id(export: Export, column: str, text: str, line: int) -> str:
    """The id without outer blanks, or an empty text; raises `FileRefused` for anything else."""
    text = text.strip()
    if not text or _is_id(text):
        return text
    problem = f"the {column} {text[:_LONGEST_ID]!r} is no id, which has digits only; another program saved the file"
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
