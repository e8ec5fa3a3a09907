"""Check a file against the documented rules of Ignition's import, no matter who wrote it.

The rules (facts, 3): a header; client name, contact name and contact e-mail on
every row; ids filled to update and empty to create; several contacts of a new
client repeat its very name. What is not documented is not checked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xpmsync.core.text import formula_like, single_email
from xpmsync.csv_files.reading import open_csv
from xpmsync.ignition.csv import export


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken: its machine code, the line (1 is the header), and a sentence."""

    line: int
    code: str
    text: str


@dataclass(slots=True)
class Checked:
    """The result of a check. Counts are of clients and contacts; `warnings` do not prevent an import."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: int = 0
    updated: int = 0
    new_clients: int = 0
    new_contacts: int = 0


def check_file(path: Path) -> Checked:
    """Check the file; raises `FileRefused` for what cannot be read at all."""
    file = open_csv(path)
    columns = export.columns_of(file)
    secret = len(columns.kept) < len(file.header)
    checked = _check(columns, file.rows(columns.kept), file.form.encoding, secret=secret)
    checked.warnings += [f"A spreadsheet program may have damaged it: {mark}." for mark in file.marks(columns.kept)]
    return checked


def check_rows(columns: export.Columns, rows: Iterable[Sequence[str]]) -> Checked:
    """Check rows that are about to be written; each counts as one line below the header."""
    return _check(columns, enumerate(rows, start=2), "utf-8-sig", secret=False)


def _check(
    columns: export.Columns, rows: Iterable[tuple[int, Sequence[str]]], encoding: str, *, secret: bool
) -> Checked:
    check = _Check(columns)
    check.header(encoding, secret=secret)
    if not check.result.problems:
        for line, row in rows:
            check.row(line, row)
        check.end()
    return check.result


class _Check:
    """Row by row, with what must be remembered of the rows before."""

    def __init__(self, columns: export.Columns) -> None:
        self.result = Checked()
        self._columns = columns
        self._shared = [
            columns.places[name]
            for name in export.EXPORT_COLUMNS
            if name in columns.places and not export.of_contact(name)
        ]
        self._clients: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._new: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._contacts: dict[str, int] = {}
        self._primary: dict[str, int] = {}
        self._formulas: dict[str, int] = {}

    def header(self, encoding: str, *, secret: bool) -> None:
        """The header alone; `secret` says that the secret column was in it."""
        missing = [name for name in export.REQUIRED if name not in self._columns.places]
        if missing:
            self._add_problem(1, "missing-column", f"the header has no column {', '.join(missing)}")
        if secret:
            self.result.warnings.append(
                f"It has the column {export.SECRET}, which holds a secret; it need not be uploaded."
            )
        if encoding != "utf-8-sig":
            self.result.warnings.append("It is not UTF-8; names with accents may arrive broken.")

    def row(self, line: int, row: Sequence[str]) -> None:
        """One row, checked alone and with the rows before."""
        self.result.rows += 1
        client, contact = self._cell(row, export.CLIENT_ID), self._cell(row, export.CONTACT_ID)
        for name in export.REQUIRED:
            if not self._cell(row, name):
                self._add_problem(line, "needs-" + name.casefold().replace(" ", "-"), f"{name} is blank")
        email = self._cell(row, export.CONTACT_EMAIL)
        if email and not single_email(email):
            self._add_problem(line, "no-address", f"{export.CONTACT_EMAIL} is not one single address")
        for place, text in enumerate(row):
            if formula_like(text):
                self._formulas.setdefault(self._columns.names[place], line)
        if contact and not client:
            self._add_problem(line, "contact-without-client", f"it has a {export.CONTACT_ID} but no {export.CLIENT_ID}")
        for name, number in ((export.CLIENT_ID, client), (export.CONTACT_ID, contact)):
            if number and not number.isdecimal():
                self._add_problem(line, "not-an-id", f"{name} is no number")
        if contact and (first := self._contacts.setdefault(contact, line)) != line:
            self._add_problem(line, "contact-twice", f"the contact is in line {first} already")
        self._same_client(line, row, client)
        self.result.new_contacts += not contact
        key = client or f"new {self._cell(row, export.CLIENT_NAME)}"
        if (
            self._cell(row, export.PRIMARY).casefold() == "yes"
            and (first := self._primary.setdefault(key, line)) != line
        ):
            self._add_problem(line, "two-primary", f"line {first} has the client's primary contact already")

    def end(self) -> None:
        """The rules about the file as a whole."""
        result = self.result
        if not result.rows:
            self._add_problem(1, "empty", "it has no rows")
        result.updated, result.new_clients = len(self._clients), len(self._new)
        result.warnings += [
            f"{name} begins like a formula in line {line}; a spreadsheet program would run it."
            for name, line in self._formulas.items()
        ]
        if result.new_clients or result.new_contacts:
            result.warnings.append(
                f"It creates {result.new_clients} new clients and {result.new_contacts} new contacts: uploading it a"
                " second time creates them again."
            )

    def _same_client(self, line: int, row: Sequence[str], client: str) -> None:
        cells = tuple(row[place] for place in self._shared)
        known, key = (self._clients, client) if client else (self._new, self._cell(row, export.CLIENT_NAME))
        first, expected = known.setdefault(key, (line, cells))
        if expected != cells:
            code = "contradiction" if client else "same-name"
            self._add_problem(line, code, f"the client's cells differ from those in line {first}")

    def _cell(self, row: Sequence[str], name: str) -> str:
        place = self._columns.places.get(name)
        return row[place].strip() if place is not None else ""

    def _add_problem(self, line: int, code: str, text: str) -> None:
        self.result.problems.append(Problem(line, code, text))
