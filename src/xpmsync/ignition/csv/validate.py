"""Check a file against the documented rules of Ignition's import, whoever wrote it.

The rules (facts, 3): a header; client name, contact name and contact e-mail on
every row; ids filled to update and empty to create; several contacts of a new
client repeat its very name. What is not documented is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xpmsync.core.text import formula_like
from xpmsync.errors import FileRefused
from xpmsync.ignition.csv.columns import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_EMAIL,
    CONTACT_ID,
    EXPORT_COLUMNS,
    PRIMARY,
    REQUIRED,
    SECRET,
    Columns,
    of_contact,
)
from xpmsync.ignition.csv.export import header_of, read_rows

__all__ = ["Checked", "Problem", "check_file", "check_rows"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken: its machine code, the line (1 is the header), and a sentence."""

    line: int
    code: str
    text: str


@dataclass(slots=True)
class Checked:
    """What was found. Counts are of clients and contacts; `warnings` do not keep the file from being imported."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: int = 0
    updated: int = 0
    new_clients: int = 0
    new_contacts: int = 0


def check_file(path: Path) -> Checked:
    """Read the file and hold it against the rules; raises `FileRefused` for what cannot be read at all."""
    header, encoding = header_of(path)
    try:
        columns = Columns.of(header)
    except ValueError as twice:
        raise FileRefused(path, f"its header has the column {twice} twice", (1,)) from twice
    work = _Check(columns)
    work.header(encoding)
    if not work.found.problems:
        for line, row in read_rows(path, encoding, columns):
            work.row(line, row)
        work.end()
    return work.found


def check_rows(columns: Columns, rows: Iterable[Sequence[str]]) -> Checked:
    """Hold rows that are about to be written against the rules; each counts as one line below the header."""
    work = _Check(columns)
    work.header("utf-8-sig")
    for line, row in enumerate(rows, start=2):
        work.row(line, row)
    work.end()
    return work.found


class _Check:
    """Row by row, with what must be remembered of the rows before."""

    def __init__(self, columns: Columns) -> None:
        self.found = Checked()
        self._columns = columns
        self._shared = [
            columns.places[name] for name in EXPORT_COLUMNS if name in columns.places and not of_contact(name)
        ]
        self._clients: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._new: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._contacts: dict[str, int] = {}
        self._primary: dict[str, int] = {}

    def header(self, encoding: str) -> None:
        """The header alone."""
        missing = [name for name in REQUIRED if name not in self._columns.places]
        if missing:
            self._blame(1, "missing-column", f"the header has no column {', '.join(missing)}")
        if self._columns.dropped is not None:
            self.found.warnings.append(f"It has the column {SECRET}, which holds a secret; it need not be uploaded.")
        if encoding != "utf-8-sig":
            self.found.warnings.append("It is not UTF-8; names with accents may arrive broken.")

    def row(self, line: int, row: Sequence[str]) -> None:
        """One row, against the rules and the rows before."""
        self.found.rows += 1
        client, contact = self._cell(row, CLIENT_ID), self._cell(row, CONTACT_ID)
        for name in REQUIRED:
            if not self._cell(row, name):
                self._blame(line, "needs-" + name.casefold().replace(" ", "-"), f"{name} is blank")
        email = self._cell(row, CONTACT_EMAIL)
        if email and "@" not in email:
            self._blame(line, "no-address", f"{CONTACT_EMAIL} is no address")
        for place, text in enumerate(row):
            if formula_like(text):
                self._blame(line, "formula", f"{self._columns.names[place]} begins like a formula")
        if contact and not client:
            self._blame(line, "contact-without-client", f"it has a {CONTACT_ID} but no {CLIENT_ID}")
        for name, number in ((CLIENT_ID, client), (CONTACT_ID, contact)):
            if number and not number.isdecimal():
                self._blame(line, "not-an-id", f"{name} is no number")
        if contact and (first := self._contacts.setdefault(contact, line)) != line:
            self._blame(line, "contact-twice", f"the contact stands in line {first} already")
        self._same_client(line, row, client)
        self.found.new_contacts += not contact
        who = client or f"new {self._cell(row, CLIENT_NAME)}"
        if self._cell(row, PRIMARY).casefold() == "yes" and (first := self._primary.setdefault(who, line)) != line:
            self._blame(line, "two-primary", f"line {first} has the client's primary contact already")

    def end(self) -> None:
        """What only the whole file tells."""
        found = self.found
        if not found.rows:
            self._blame(1, "empty", "it has no rows")
        found.updated, found.new_clients = len(self._clients), len(self._new)
        if found.new_clients or found.new_contacts:
            found.warnings.append(
                f"It creates {found.new_clients} new clients and {found.new_contacts} new contacts: uploading it a"
                " second time creates them again."
            )

    def _same_client(self, line: int, row: Sequence[str], client: str) -> None:
        cells = tuple(row[place] for place in self._shared)
        known, key = (self._clients, client) if client else (self._new, self._cell(row, CLIENT_NAME))
        first, told = known.setdefault(key, (line, cells))
        if told != cells:
            code = "contradiction" if client else "same-name"
            self._blame(line, code, f"the client's cells differ from those in line {first}")

    def _cell(self, row: Sequence[str], name: str) -> str:
        place = self._columns.places.get(name)
        return row[place].strip() if place is not None else ""

    def _blame(self, line: int, code: str, text: str) -> None:
        self.found.problems.append(Problem(line, code, text))
