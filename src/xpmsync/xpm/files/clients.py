"""Clients and contacts from the rows of XPM's exports; what the files do not carry is missing, never blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from xpmsync.errors import FileRefused
from xpmsync.xpm.files.columns import ColumnMap
from xpmsync.xpm.files.shapes import FIELD_OF

__all__ = ["ReportMarks", "fields_of", "read_clients", "read_contacts", "read_marks"]

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LONGEST: Final = 40
_ARCHIVED: Final = "archived"
_LINES: Final = ("address", "postal_address")

Contacts = Mapping[str, list[tuple[str, Packed]]]


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


def read_clients(file: CsvFile, columns: ColumnMap, contacts: Contacts, marks: ReportMarks) -> RowClients:
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
