"""Clients and contacts from the rows of XPM's exports; what the files do not carry is missing, never blank.

What is written by them needs the rows as they are in the file, too: ids, cells, and the header's own words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import EMPTY, Client
from xpmsync.core.rows import (
    ABOUT,
    CLIENT_NAMES,
    CONTACT_NAMES,
    Packed,
    RowClients,
    RowRecord,
    client_values,
    pack,
    people_of,
    unpack,
)
from xpmsync.csv_files.reading import CsvFile
from xpmsync.csv_files.reconcile import ShownRow
from xpmsync.errors import FileRefused
from xpmsync.xpm.files.columns import FIELD_OF, ColumnMap, Kind


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of an export. `cells` are those that are read, in the order of the table's meanings."""

    client_id: str
    contact_id: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """An export of clients or of contacts, with its confirmed columns."""

    kind: Kind
    file: CsvFile
    columns: ColumnMap

    @property
    def meanings(self) -> Sequence[str]:
        """What the cells of a row mean, in order."""
        return tuple(self.columns.places)

    def header(self, meaning: str) -> str:
        """A column's name as the export spells it."""
        return self.file.header[self.columns.places[meaning]]

    @property
    def fingerprint(self) -> str:
        """Names the header and the form: what was proven of a write holds for files like this one only."""
        return cell_digest("\x1f".join((*self.file.header, str(self.file.form))))

    def rows(self) -> Iterator[TableRow]:
        """Every row, a client's first one only where it is repeated for each contact; raises `FileRefused`."""
        order = self.columns.order
        client, contact = order["id"], order.get("contact_id")
        seen: set[tuple[str, str]] = set()
        for _, cells in self.file.rows(self.columns.kept):
            key = cells[client].strip().lower(), cells[contact].strip().lower() if contact is not None else ""
            if key not in seen:
                seen.add(key)
                yield TableRow(*key, cells)

    def by_meaning(self, row: TableRow) -> Mapping[str, str]:
        """The cells of a row by what they mean."""
        return dict(zip(self.meanings, row.cells, strict=True))

    def find(self, client_id: str, contact_id: str) -> Mapping[str, str] | None:
        """The cells of a record by what they mean, None where it has no row; reads the file."""
        ids = (client_id, contact_id)
        return next((self.by_meaning(row) for row in self.rows() if (row.client_id, row.contact_id) == ids), None)

    def shown_rows(self) -> Iterator[ShownRow]:
        """The rows for reconciliation with pending uploads."""
        order = self.columns.order
        for row in self.rows():

            def cell(meaning: str, cells: Sequence[str] = row.cells) -> str:
                place = order.get(meaning)
                return "" if place is None else cells[place]

            name, email = cell("contact.name"), cell("contact.email")
            yield ShownRow(row.client_id, cell("name"), "", row.contact_id, name, email, cell)

    def archived_names(self) -> frozenset[str]:
        """As a report: the names of archived clients, those included that an active client has too."""
        order = self.columns.order
        return frozenset(
            cells[order["name"]]
            for _, cells in self.file.rows(self.columns.kept)
            if cells[order["status"]].strip().casefold() == _ARCHIVED
        )


def cell_digest(text: str) -> str:
    """48 bits that name a text, in hex: enough to see that it changed, and no copy of it."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LONGEST: Final = 40
_ARCHIVED: Final = "archived"
_LINES: Final = ("address", "postal_address")

_Contacts = Mapping[str, list[tuple[str, Packed]]]


@dataclass(frozen=True, slots=True)
class ReportMarks:
    """What a report adds by names, each the name of one client only: marks, and evidence for matching."""

    archived: frozenset[str] = frozenset()
    prospects: frozenset[str] = frozenset()
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def fields_of(columns: ColumnMap) -> frozenset[str]:
    """The catalogue's names that the file carries."""
    return frozenset(FIELD_OF[meaning].name for meaning in columns.places if meaning in FIELD_OF)


def read_contacts(file: CsvFile, columns: ColumnMap) -> dict[str, list[tuple[str, Packed]]]:
    """Ids and cells of each client's contacts; raises `FileRefused` for a wrong id, or a link that is there twice."""
    places = columns.places
    kept = [places["id"], places["contact_id"], *(places.get(name) for name in CONTACT_NAMES)]
    contacts: dict[str, list[tuple[str, Packed]]] = {}
    seen: dict[tuple[str, str], int] = {}
    for line, cells in file.rows(kept):
        client_id, contact_id = cells[:2]
        if client_id not in contacts:
            client_id = _uuid(file, client_id, line)
        contact_id = _uuid(file, contact_id, line)
        if (first := seen.setdefault((client_id, contact_id), line)) != line:
            raise FileRefused(file.path, "a client has one contact twice", (first, line), System.XPM)
        contacts.setdefault(client_id, []).append((contact_id, pack(cells[2:])))
    return contacts


def read_clients(file: CsvFile, columns: ColumnMap, contacts: _Contacts, marks: ReportMarks) -> RowClients:
    """Every client of the file once; raises `FileRefused` for an id that is none, or of two different clients.

    A row that repeats a client, once for each of its contacts, is accepted.
    """
    kept, lines_at = _layout(columns)
    rows: dict[str, RowRecord] = {}
    first_line: dict[str, int] = {}
    for line, row in file.rows(kept):
        client_id, cells = _uuid(file, row[-1], line), list(row[:_CLIENT_TO])
        for place, lines in lines_at:
            if any(row[lines]):
                cells[place] = "\n".join(filter(str.strip, row[lines])) or cells[place]
        if cells[_GROUP]:
            cells[_GROUP] = "\n".join(part.strip() for part in cells[_GROUP].split(";") if part.strip())
        if not cells[_NAME].strip():
            raise FileRefused(file.path, "a client has no name", (line,), System.XPM)
        packed = pack(cells)
        if client_id not in rows:
            rows[client_id] = RowRecord(packed, contacts.get(client_id, []))
            first_line[client_id] = line
        elif rows[client_id].client != packed:
            lines_of_both = (first_line[client_id], line)
            raise FileRefused(file.path, f"two clients have the id {client_id}", lines_of_both, System.XPM)

    times = Counter(unpack(row.client)[_NAME] for row in rows.values()) if marks.evidence else Counter[str]()

    def make(client_id: str, cells: Sequence[str], row: RowRecord) -> Client:
        email, manager, partner, company = map(str.strip, cells[_OWN_FROM:])
        return Client(
            System.XPM,
            client_id,
            client_values(cells),
            people_of(row.contacts),
            email=email,
            manager=manager,
            partner=partner,
            prospect=cells[_NAME] in marks.prospects,
            identifiers={"company_number": company} if company else EMPTY,
            evidence=marks.evidence.get(cells[_NAME], EMPTY) if times[cells[_NAME]] == 1 else EMPTY,
        )

    return RowClients(rows, make)


_OWN: Final = ("email", "manager", "partner", "company_number")
_OWN_FROM: Final = ABOUT + 2
_CLIENT_TO: Final = _OWN_FROM + len(_OWN)
_NAME, _GROUP = CLIENT_NAMES.index("name"), CLIENT_NAMES.index("group")


def _layout(columns: ColumnMap) -> tuple[list[int | None], list[tuple[int, slice]]]:
    """Which cells are read: the client's, the numbered lines of addresses, the id; and where the lines belong.

    XPM's files carry neither the number in its web address nor a state.
    """
    places = columns.places
    kept = [*map(places.get, CLIENT_NAMES), None, None, *map(places.get, _OWN)]
    lines_at = []
    for name in _LINES:
        numbered = sorted(meaning for meaning in places if meaning.startswith(f"{name}."))
        lines_at.append((CLIENT_NAMES.index(name), slice(len(kept), len(kept) + len(numbered))))
        kept += [places[meaning] for meaning in numbered]
    return [*kept, places["id"]], lines_at


def read_marks(file: CsvFile, columns: ColumnMap, clients: ColumnMap) -> ReportMarks:
    """The marks of a report, and of active clients the values that the export of `clients` does not carry.

    A name is left out whose rows differ in these: several clients may have it.
    """
    places = columns.places
    carried = {*fields_of(clients), *clients.places, "name", "status"}
    names = [name for name in places if name not in carried]
    states: dict[str, set[str]] = {}
    values: dict[str, set[tuple[str, ...]]] = {}
    for name, status, *cells in {row for _, row in file.rows([places[each] for each in ("name", "status", *names)])}:
        if name:
            states.setdefault(name, set()).add(status.strip().casefold())
            if names:
                values.setdefault(name, set()).add(tuple(map(str.strip, cells)))
    single = {name: next(iter(known)) for name, known in states.items() if len(known) == 1}
    evidence = {
        name: {meaning: text for meaning, text in zip(names, *known, strict=True) if text}
        for name, known in values.items()
        if len(known) == 1 and single.get(name, _ARCHIVED) != _ARCHIVED
    }
    return ReportMarks(
        frozenset(name for name, state in single.items() if state == _ARCHIVED),
        frozenset(name for name, state in single.items() if state == "prospect"),
        {name: known for name, known in evidence.items() if known},
    )


def _uuid(file: CsvFile, text: str, line: int) -> str:
    if _UUID.fullmatch(text):
        return text
    client_id = text.strip().lower()
    if not _UUID.fullmatch(client_id):
        problem = f"{text[:_LONGEST]!r} is no id (UUID); another program may have saved the file"
        raise FileRefused(file.path, problem, (line,), System.XPM)
    return client_id
