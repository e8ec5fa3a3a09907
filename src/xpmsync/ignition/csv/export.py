"""An export of Ignition's clients as a file: its columns' names, meanings and places, its rows, and their clients.

Names and order are those of the export as seen in May 2026 (facts, 3). Columns
are recognised by name, whatever their order; unknown ones are carried along, the
secret one is cut off while a row is split. All clients are checked before the first
is used: one wrong row refuses the whole export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import FIELDS, Field
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import EMPTY, Client
from xpmsync.core.rows import ABOUT, CLIENT_NAMES, CONTACT_NAMES, RowClients, RowRecord, client_values, pack, people_of
from xpmsync.csv_files.reading import CsvFile, folded, open_csv
from xpmsync.csv_files.reconcile import ShownRow
from xpmsync.errors import FileRefused

CLIENT_ID: Final = "Client Id"
CLIENT_NAME: Final = "Client Name"
CONTACT_ID: Final = "Contact Id"
CONTACT_NAME: Final = "Contact Name"
CONTACT_EMAIL: Final = "Contact Email"
PRIMARY: Final = "Is Primary Contact"
XPM_ID: Final = "XPM Id"

REQUIRED: Final = (CLIENT_NAME, CONTACT_NAME, CONTACT_EMAIL)
"""Ignition's import fails as a whole where one row lacks one of these."""

SECRET: Final = "Payment Portal Link"  # noqa: S105 - the name of the column, which is dropped wherever it is met
"""Holds a token that opens a client's payments: neither kept, nor shown, nor written."""

EXPORT_COLUMNS: Final = (
    CLIENT_ID, "Client Reference", "External Client ID", CLIENT_NAME, "Client State", "Partner Email",
    "Manager Email", CONTACT_ID, "Contact Salutation", "Contact Addressee", CONTACT_NAME, CONTACT_EMAIL,
    "Contact Mobile", "Contact Phone", "Contact Is Recipient", PRIMARY, "Is Signatory", "Notes",
    "Business Structure", "GST Registered", "Tax Number", "Company Number", "Phone", "Fax", "Website", "Address",
    "City", "Region", "Post Code", "Country", "Postal Address", "Postal City", "Postal Region", "Postal Post Code",
    "Postal Country", "Fiscal Period End Day", "Fiscal Period End Month", "Client Group Name", "Created At",
    "Tag List", "Proposal List", "Xero Id", XPM_ID, "Quickbooks Id", SECRET, "Xero Tracking Category 1",
    "Xero Tracking Category 2", "Bank Account Saved?", "Card Saved?", "Create Invoices",
)  # fmt: skip
"""The export's header."""

FIELD_OF: Final[Mapping[str, Field]] = {row.ignition: row for row in FIELDS if row.ignition}
"""The catalogue's fields by their columns."""

_READ: Final = (
    CLIENT_ID, CONTACT_ID, *FIELD_OF, "Client Reference", "Client State", "Partner Email", "Manager Email",
    "Company Number", XPM_ID,
)  # fmt: skip
"""The columns that are read; a notice names those that are missing."""


_KNOWN: Final = {folded(name): name for name in EXPORT_COLUMNS}


def of_contact(column: str) -> bool:
    """Whether a column, known or not, belongs to the contact of its row; the others repeat on a client's rows."""
    return folded(column).startswith(("contact ", "is "))


@dataclass(frozen=True, slots=True)
class Columns:
    """A header without the secret column: the names as they are, and the places of the known ones.

    `kept` are the places in the file's own rows of the cells that are kept.
    """

    names: tuple[str, ...]
    places: Mapping[str, int]
    kept: tuple[int, ...]

    @classmethod
    def of(cls, header: Sequence[str]) -> Columns:
        """Read a header; raises `ValueError` naming a known column that occurs twice."""
        known = [_KNOWN.get(folded(name)) for name in header]
        if twice := next((name for name in known if name is not None and known.count(name) > 1), None):
            raise ValueError(twice)
        kept = tuple(place for place, name in enumerate(known) if name != SECRET)
        names = tuple(header[place] for place in kept)
        places = {name: new for new, place in enumerate(kept) if (name := known[place]) is not None}
        return cls(names, places, kept)

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that are read and not there."""
        return tuple(name for name in _READ if name not in self.places)

    @property
    def fields(self) -> Mapping[str, int]:
        """Catalogue names and their places; a contact's only where an id distinguishes contacts."""
        contacts = CONTACT_ID in self.places
        return {
            row.name: self.places[column]
            for column, row in FIELD_OF.items()
            if column in self.places and (contacts or not row.of_contact)
        }

    @property
    def can_write(self) -> bool:
        """Whether the header has what every row of an import needs, and the ids that keep it from doubling."""
        return all(name in self.places for name in (*REQUIRED, CLIENT_ID, CONTACT_ID))


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was opened: a CSV file of clients with ids."""

    file: CsvFile
    columns: Columns

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    def taken(self) -> datetime:
        """The file's own time (UTC)."""
        return self.file.taken

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield each row, without the secret cell, with the line it begins on; raises `FileRefused`."""
        return self.file.rows(self.columns.kept)


def open_export(path: Path) -> Export:
    """Open a file; raises `FileRefused` for what is no export of clients."""
    file = open_csv(path)
    columns = columns_of(file)
    if CLIENT_ID not in columns.places:
        problem = "it has no header row" if file.header[0].strip().isdecimal() else f"it has no column {CLIENT_ID}"
        raise FileRefused(path, f"{problem}, so it is no export of Ignition's clients", (1,))
    return Export(file, columns)


def columns_of(file: CsvFile) -> Columns:
    """The columns of any file; raises `FileRefused` for a known one that occurs twice."""
    try:
        return Columns.of(file.header)
    except ValueError as twice:
        raise FileRefused(file.path, f"its header has the column {twice} twice", (1,)) from twice


def shown_rows(export: Export) -> Iterator[ShownRow]:
    """The export's rows for reconciliation."""
    places = export.columns.places
    for _, row in export.rows():

        def cell(column: str, row: Sequence[str] = row) -> str:
            place = places.get(column)
            return "" if place is None else row[place]

        client_id, number, contact_id = (cell(name).strip() for name in (CLIENT_ID, XPM_ID, CONTACT_ID))
        yield ShownRow(client_id, cell(CLIENT_NAME), number, contact_id, cell(CONTACT_NAME), cell(CONTACT_EMAIL), cell)


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
