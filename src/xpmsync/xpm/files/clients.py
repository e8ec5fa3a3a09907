"""Clients and contacts from the rows of XPM's exports; what the files do not carry is missing, never blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import System
from xpmsync.core.model import EMPTY, Client, Contact
from xpmsync.csv_files.reading import CsvFile, cells_at, values_at
from xpmsync.errors import FileRefused
from xpmsync.xpm.files.columns import ColumnMap

__all__ = ["ReportMarks", "fields_of", "read_clients", "read_contacts", "read_marks"]

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LONGEST: Final = 40
_CLIENT_NAMES: Final = frozenset(row.name for row in CLIENT_FIELDS)
_CONTACT_NAMES: Final = frozenset(row.name for row in CONTACT_FIELDS)
_LINES: Final = ("address", "postal_address")
_ABOUT: Final = ("email", "manager", "partner", "company_number")

Contacts = Mapping[str, Sequence[Contact]]


@dataclass(frozen=True, slots=True)
class ReportMarks:
    """Names that a report marks as archived or as prospects, each the name of one client only."""

    archived: frozenset[str] = frozenset()
    prospects: frozenset[str] = frozenset()


def fields_of(columns: ColumnMap) -> frozenset[str]:
    """The catalogue's names that the file carries."""
    whole = {meaning.partition(".")[0] if meaning.startswith(_LINES) else meaning for meaning in columns.places}
    return frozenset(whole) & (_CLIENT_NAMES | _CONTACT_NAMES)


def read_contacts(file: CsvFile, columns: ColumnMap) -> dict[str, list[Contact]]:
    """The contacts of each client; raises `FileRefused` for an id that is none, or a link that is there twice."""
    order = columns.order
    values_of = _values(order, _CONTACT_NAMES)
    ids_of = cells_at([order["id"], order["contact_id"]])
    contacts: dict[str, list[Contact]] = {}
    seen: dict[tuple[str, str], int] = {}
    for line, row in file.rows(columns.kept):
        client_id, contact_id = ids_of(row)
        if client_id not in contacts:
            client_id = _uuid(file, client_id, line)
        contact_id = _uuid(file, contact_id, line)
        if (first := seen.setdefault((client_id, contact_id), line)) != line:
            raise FileRefused(file.path, "a client has one contact twice", (first, line), System.XPM)
        contact = Contact(contact_id, values_of(row))
        if client_id in contacts:
            contacts[client_id].append(contact)
        else:
            contacts[client_id] = [contact]
    return contacts


def read_clients(file: CsvFile, columns: ColumnMap, contacts: Contacts, marks: ReportMarks) -> Iterator[Client]:
    """Yield every client of the file once; raises `FileRefused` for an id that is none, or of two different clients.

    A row that repeats a client, once for each of its contacts, is accepted.
    """
    order = columns.order
    values_of = _values(order, _CLIENT_NAMES)
    lines_of = {name: cells_at(places) for name in _LINES if (places := _line_places(order, name))}
    about_of = cells_at([order.get(name) for name in _ABOUT])
    id_place = order["id"]
    seen: dict[str, tuple[int, int]] = {}
    for line, row in file.rows(columns.kept):
        client_id, content = _uuid(file, row[id_place], line), hash(tuple(row))
        first = seen.setdefault(client_id, (line, content))
        if first[0] != line:
            if first[1] != content:
                raise FileRefused(file.path, f"two clients have the id {client_id}", (first[0], line), System.XPM)
            continue
        values = values_of(row)
        for name, cells_of in lines_of.items():
            cells = cells_of(row)
            if any(cells) and (text := "\n".join(filter(str.strip, cells))):
                values[name] = text
        if "group" in values:
            values["group"] = "\n".join(part.strip() for part in values["group"].split(";") if part.strip())
        if "name" not in values or not values["name"].strip():
            raise FileRefused(file.path, "a client has no name", (line,), System.XPM)
        email, manager, partner, company = map(str.strip, about_of(row))
        yield Client(
            System.XPM,
            client_id,
            values,
            tuple(contacts.get(client_id, ())),
            email=email,
            manager=manager,
            partner=partner,
            prospect=values["name"] in marks.prospects,
            identifiers={"company_number": company} if company else EMPTY,
        )


def read_marks(file: CsvFile, columns: ColumnMap) -> ReportMarks:
    """The archived and prospect marks of a report; a name with two different marks is left out."""
    order = columns.order
    marks_of = cells_at([order["name"], order["status"]])
    states: dict[str, set[str]] = {}
    for name, status in {marks_of(row) for _, row in file.rows(columns.kept)}:
        if name:
            states.setdefault(name, set()).add(status.strip().casefold())
    marks = Counter({name: len(found) for name, found in states.items()})
    single = {name: next(iter(found)) for name, found in states.items() if marks[name] == 1}
    return ReportMarks(
        frozenset(name for name, state in single.items() if state == "archived"),
        frozenset(name for name, state in single.items() if state == "prospect"),
    )


def _values(order: Mapping[str, int], names: frozenset[str]) -> Callable[[Sequence[str]], dict[str, str]]:
    """A function that takes the catalogue's values out of a row; blanks are left out."""
    return values_at({name: place for name, place in order.items() if name in names})


def _line_places(order: Mapping[str, int], name: str) -> list[int]:
    """The places of an address's numbered lines, in order."""
    numbered = sorted(meaning for meaning in order if meaning.startswith(f"{name}."))
    return [order[meaning] for meaning in numbered]


def _uuid(file: CsvFile, text: str, line: int) -> str:
    if _UUID.fullmatch(text):
        return text
    client_id = text.strip().lower()
    if not _UUID.fullmatch(client_id):
        problem = f"{text[:_LONGEST]!r} is no id (UUID); another program may have saved the file"
        raise FileRefused(file.path, problem, (line,), System.XPM)
    return client_id
