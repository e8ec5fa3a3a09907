"""Compare an export with what waits for upload: what it shows was uploaded, and waits no more.

Only an export that is newer than a file can show anything of it. What proves an
upload is one changed cell, new contact or new client that it shows. Each file is
in one `FileState` then, and each state has its transition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.ports.uploads import ConfirmedClient
from xpmsync.csv_files.pending import (
    NewClient,
    NewContact,
    Pending,
    WrittenFile,
    email_fingerprint,
    name_fingerprint,
    row_key,
)
from xpmsync.csv_files.reading import CsvFile

__all__ = ["FileState", "Reconciled", "ShownRow", "cell_fingerprint", "reconcile"]


class FileState(Enum):
    """What an export says of a file that was written for upload."""

    NEWER = auto()
    """The file was written after the export, which can show nothing of it."""
    UNSEEN = auto()
    """The export shows nothing of it, and nobody said that it was uploaded by then."""
    PARTLY = auto()
    """It was uploaded, and the export does not show all of it."""
    TAKEN = auto()
    """The export shows all of it."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of an export: whose it is, and its cells by column, blank where there is no such column."""

    client_id: str
    client_name: str
    xpm_number: str
    contact_id: str
    contact_name: str
    contact_email: str
    cell: Callable[[str], str]


@dataclass(slots=True)
class _Shown:
    """What the export shows of what waits: cells with their fingerprints, contacts, clients with fitting ids."""

    cells: set[tuple[str, str, str]] = field(default_factory=set)
    contacts: set[NewContact] = field(default_factory=set)
    clients: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What still waits, which clients arrived, and what a person should know."""

    pending: Pending
    confirmed: tuple[ConfirmedClient, ...] = ()
    notices: tuple[str, ...] = ()


def cell_fingerprint(row: Field | None, text: str) -> str:
    """The fingerprint of a cell's normal form; a column outside the catalogue (None) is compared as text."""
    return fingerprint.of_value(row or catalogue_field("name"), text)


def reconcile(
    pending: Pending, export: CsvFile, rows: Callable[[], Iterable[ShownRow]], fields: Mapping[str, Field]
) -> Reconciled:
    """Look for everything that waits; nothing is read where no file is older than the export.

    `fields` maps the export's columns to the catalogue.
    """
    due = [file for file in pending.files if _is_due(file, export)]
    if not due:
        return Reconciled(pending)
    shown = _look_for(due, rows(), fields)
    confirmed = _confirmed(due, shown)
    work = _Work(export, shown, frozenset(client.xpm_id for client in confirmed))
    work.notices += [
        _several(new, shown.clients[new.xpm_id])
        for new in _new_clients(due)
        if new.xpm_id in shown.clients.keys() - work.confirmed
    ]
    remaining = [rest for file in pending.files if (rest := _TRANSITIONS[work.state(file)](work, file)) is not None]
    after = replace(pending, files=tuple(remaining))
    if work.upload_shown:
        after = after.with_known_upload(export.taken)
    return Reconciled(after, confirmed, tuple(work.notices))


class _Work:
    """One reconciliation: what is shown, and what the files' transitions add to it."""

    def __init__(self, export: CsvFile, shown: _Shown, confirmed: Set[str]) -> None:
        self.export = export
        self.shown = shown
        self.confirmed = confirmed
        self.notices: list[str] = []
        self.upload_shown = False

    def state(self, file: WrittenFile) -> FileState:
        """What the export says of the file."""
        if not _is_due(file, self.export):
            return FileState.NEWER
        rest = self.rest(file)
        uploaded = file.uploaded and datetime.fromisoformat(file.uploaded) <= self.export.taken
        if not (uploaded or self.shows_part(file, rest)):
            return FileState.UNSEEN
        return FileState.PARTLY if rest.once or (rest.cells and not file.once) else FileState.TAKEN

    def rest(self, file: WrittenFile) -> WrittenFile:
        """What of the file is not shown."""
        cells: dict[str, dict[str, str]] = {}
        for row, columns in file.cells.items():
            unseen = {
                column: wanted for column, wanted in columns.items() if (row, column, wanted) not in self.shown.cells
            }
            if unseen:
                cells[row] = unseen
        contacts = tuple(new for new in file.contacts if new not in self.shown.contacts)
        clients = tuple(new for new in file.clients if new.xpm_id not in self.confirmed)
        return replace(file, cells=cells, contacts=contacts, clients=clients)

    def shows_part(self, file: WrittenFile, rest: WrittenFile) -> bool:
        """Whether anything of the file is shown, a client that cannot be distinguished from another one included."""
        return rest != file or any(new.xpm_id in self.shown.clients for new in rest.clients)


def _keep(_work: _Work, file: WrittenFile) -> WrittenFile:
    """NEWER, UNSEEN: it waits as before."""
    return file


def _keep_new_records(work: _Work, file: WrittenFile) -> WrittenFile | None:
    """PARTLY: report what is missing; cells are planned again, new records wait on, since they must not double."""
    rest = work.rest(file)
    work.upload_shown |= work.shows_part(file, rest)
    if missing := _missing(rest, work.shown):
        work.notices.append(
            f"{file.name} was uploaded, but {work.export.path.name} does not show all of it: {', '.join(missing)}."
        )
    return replace(rest, cells={}) if rest.once else None


def _forget(work: _Work, _file: WrittenFile) -> None:
    """TAKEN: it waits no more."""
    work.upload_shown = True


_TRANSITIONS: Final[Mapping[FileState, Callable[[_Work, WrittenFile], WrittenFile | None]]] = {
    FileState.NEWER: _keep,
    FileState.UNSEEN: _keep,
    FileState.PARTLY: _keep_new_records,
    FileState.TAKEN: _forget,
}


def _is_due(file: WrittenFile, export: CsvFile) -> bool:
    return datetime.fromisoformat(file.written) < export.taken


def _look_for(due: Sequence[WrittenFile], rows: Iterable[ShownRow], fields: Mapping[str, Field]) -> _Shown:
    shown = _Shown()
    cells: dict[str, dict[str, set[str]]] = {}
    for file in due:
        for key, columns in file.cells.items():
            for column, wanted in columns.items():
                cells.setdefault(key, {}).setdefault(column, set()).add(wanted)
    contacts = {new for file in due for new in file.contacts}
    with_new = {new.client_id for new in contacts}
    by_name: dict[str, list[NewClient]] = {}
    for new in _new_clients(due):
        by_name.setdefault(name_fingerprint(new.name), []).append(new)
    by_number = {new.xpm_number: new for new in _new_clients(due) if new.xpm_number}
    for row in rows:
        key = row_key(row.client_id, row.contact_id)
        for column, expected in cells.get(key, {}).items():
            shown_fingerprint = cell_fingerprint(fields.get(column), row.cell(column))
            if shown_fingerprint in expected:
                shown.cells.add((key, column, shown_fingerprint))
        if row.client_id in with_new:
            contact = NewContact.of(row.client_id, row.contact_name, row.contact_email)
            if contact in contacts:
                shown.contacts.add(contact)
        for new in _fitting(row, by_name, by_number) if by_name else ():
            shown.clients.setdefault(new.xpm_id, set()).add(row.client_id)
    return shown


def _fitting(
    row: ShownRow, by_name: Mapping[str, Sequence[NewClient]], by_number: Mapping[str, NewClient]
) -> Iterator[NewClient]:
    """The new clients that a row may be: by XPM's number, else by name and e-mail; never one that was there before."""
    numbered = by_number.get(row.xpm_number)
    candidates = [numbered] if numbered else by_name.get(name_fingerprint(row.client_name), ())
    for new in candidates:
        fits = new is numbered or (
            email_fingerprint(row.contact_email) in new.emails and not (row.xpm_number and new.xpm_number)
        )
        if fits and row.client_id not in new.namesakes:
            yield new


def _new_clients(files: Sequence[WrittenFile]) -> Iterator[NewClient]:
    return (new for file in files for new in file.clients)


def _confirmed(due: Sequence[WrittenFile], shown: _Shown) -> tuple[ConfirmedClient, ...]:
    """The new clients that one client of the export fits, and that client no other new one."""
    claims = Counter(client_id for ids in shown.clients.values() for client_id in ids)
    return tuple(
        ConfirmedClient(new.xpm_id, client_id, new.name)
        for new in _new_clients(due)
        for client_id in shown.clients.get(new.xpm_id, ())
        if len(shown.clients[new.xpm_id]) == claims[client_id] == 1
    )


def _several(new: NewClient, ids: Set[str]) -> str:
    return (
        f"{new.name} waits to be created, and it is not clear which client of the export it is: "
        f"{', '.join(sorted(ids))}. Was its file uploaded twice? Link the right one, and archive the other."
    )


def _missing(rest: WrittenFile, shown: _Shown) -> list[str]:
    """What the file said and the export does not show: the import may not take that column."""
    columns = Counter(column for row in rest.cells.values() for column in row)
    missing = [f"{column} ({number})" for column, number in sorted(columns.items())]
    missing += [f"the new client {new.name}" for new in rest.clients if new.xpm_id not in shown.clients]
    return missing + ["a new contact"] * len(rest.contacts)
