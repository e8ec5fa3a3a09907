"""Compare an export with what waits for upload: what it shows was uploaded, and waits no more.

Only an export that is newer than a file can show anything of it. What proves an
upload is one changed cell, new contact or new client that it shows. Each file is
in one `FileState` then, and each state has its transition.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field, field as catalogue_field
from xpmsync.core.ports.deferred import ConfirmedClient
from xpmsync.core.text import visible
from xpmsync.csv_files.pending import (
    ConfirmedUpload,
    NewClient,
    NewContact,
    Pending,
    WrittenFile,
    row_key,
)
from xpmsync.csv_files.reading import CsvFile

_FEWEST: Final = 2
"""An export is only called older where it shows none of at least so many confirmed changes."""
_MOST_NAMED: Final = 5


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


NotTakenCell = tuple[str, str, str]
"""The ids of client and contact, and the catalogue's name of the field."""


@dataclass(slots=True)
class _Shown:
    """What the export shows of what waits: cells with their fingerprints, contacts, clients with fitting ids.

    `alike` are the ids, with names, that only resemble a new client. `kept` and
    `reverted` count what was confirmed before and is still so, or as it was before.
    """

    cells: set[tuple[str, str, str]] = field(default_factory=set)
    contacts: set[NewContact] = field(default_factory=set)
    clients: dict[str, set[str]] = field(default_factory=dict)
    alike: dict[str, dict[str, str]] = field(default_factory=dict)
    confirmed_ids: set[str] = field(default_factory=set)
    reverted: int = 0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What still waits, which clients arrived, and what a person should know.

    `older` says that the export shows nothing of what an earlier one confirmed,
    `not_taken` which cells of uploaded files it does not show.
    """

    pending: Pending
    confirmed: tuple[ConfirmedClient, ...] = ()
    notices: tuple[str, ...] = ()
    older: bool = False
    not_taken: frozenset[NotTakenCell] = frozenset()


def cell_fingerprint(row: Field | None, text: str) -> str:
    """The fingerprint of a cell's normal form; a column outside the catalogue (None) is compared as text."""
    return fingerprint.of_value(row or catalogue_field("name"), visible(text))


def reconcile(
    pending: Pending,
    export: CsvFile,
    rows: Callable[[], Iterable[ShownRow]],
    fields: Mapping[str, Field],
    *,
    needs_word: bool = False,
) -> Reconciled:
    """Look for everything that waits or was confirmed; the rows are read only where there is such a thing.

    `fields` maps the export's columns to the catalogue. `needs_word`: a file of which
    the export shows a part is uploaded only once a person said so.
    """
    due = [file for file in pending.files if _is_due(file, export)]
    if not due and pending.confirmed.size < _FEWEST:
        return Reconciled(pending)
    shown = _look_for(due, pending.confirmed, rows(), fields)
    confirmed = _confirmed(due, shown)
    work = _Work(
        export,
        due,
        shown,
        frozenset(client.xpm_id for client in confirmed),
        needs_word=needs_word,
        ignored_before=pending.ignored,
    )
    work.notices += [
        _several(new, shown.clients[new.xpm_id])
        for new in _new_clients(due)
        if new.xpm_id in shown.clients.keys() - work.confirmed
    ]
    work.notices += [_alike(new, shown.alike[new.xpm_id]) for new in _new_clients(due) if work.is_only_alike(new)]
    remaining = [rest for file in pending.files if (rest := _TRANSITIONS[work.state(file)](work, file)) is not None]
    ignored = tuple(sorted(work.ignored)) or pending.ignored
    after = replace(pending, files=tuple(remaining), ignored=ignored)
    if work.upload_shown:
        after = replace(after.with_known_upload(export.taken), confirmed=_shown_upload(due, shown, confirmed))
    not_taken = frozenset((*_ids(row), fields[column].name) for row, column in work.not_taken if column in fields)
    return Reconciled(after, confirmed, tuple(work.notices), _is_older(pending.confirmed, shown), not_taken)


def _ids(row: str) -> tuple[str, str]:
    client_id, _, contact_id = row.partition("/")
    return client_id, contact_id


class _Work:
    """One reconciliation: what is shown, and what the files' transitions add to it."""

    def __init__(
        self,
        export: CsvFile,
        due: Sequence[WrittenFile],
        shown: _Shown,
        confirmed: Set[str],
        *,
        needs_word: bool,
        ignored_before: Iterable[str],
    ) -> None:
        self.export = export
        self.needs_word = needs_word
        self.ignored_before = frozenset(ignored_before)
        self.ignored: set[str] = set()
        self.due = due
        self.shown = shown
        self.confirmed = confirmed
        self.notices: list[str] = []
        self.not_taken: set[tuple[str, str]] = set()
        self.upload_shown = False

    def state(self, file: WrittenFile) -> FileState:
        """What the export says of the file."""
        if not _is_due(file, self.export):
            return FileState.NEWER
        rest = self.rest(file)
        uploaded = file.uploaded and datetime.fromisoformat(file.uploaded) <= self.export.taken
        state = FileState.PARTLY if rest.once or (rest.cells and not file.once) else FileState.TAKEN
        if file.pilot and not file.once:
            return FileState.UNSEEN  # until it is judged
        if self.needs_word:
            return state if uploaded or state is FileState.TAKEN else FileState.UNSEEN
        return state if uploaded or self.shows_part(file, rest) else FileState.UNSEEN

    def was_ignored(self, file: WrittenFile, rest: WrittenFile) -> bool:
        """Whether, for the first time, the export shows none of several values: the file was hardly imported."""
        values = {
            f"{row} {column} {wanted}" for row, columns in file.cells.items() for column, wanted in columns.items()
        }
        if not self.needs_word or rest != file or len(values) < 2 or not values.isdisjoint(self.ignored_before):
            return False
        self.ignored |= values
        return True

    def rest(self, file: WrittenFile) -> WrittenFile:
        """What of the file is not shown; what a later file writes again does not count."""
        cells: dict[str, dict[str, str]] = {}
        for row, columns in file.cells.items():
            unseen = {
                column: wanted
                for column, wanted in columns.items()
                if (row, column, wanted) not in self.shown.cells and not self._is_superseded(file, row, column)
            }
            if unseen:
                cells[row] = unseen
        contacts = tuple(new for new in file.contacts if new not in self.shown.contacts)
        clients = tuple(new for new in file.clients if new.xpm_id not in self.confirmed)
        return replace(file, cells=cells, contacts=contacts, clients=clients)

    def shows_part(self, file: WrittenFile, rest: WrittenFile) -> bool:
        """Whether anything of the file is shown, a client that resembles a new one included."""
        return rest != file or any(
            new.xpm_id in self.shown.clients or new.xpm_id in self.shown.alike for new in rest.clients
        )

    def _is_superseded(self, file: WrittenFile, row: str, column: str) -> bool:
        return any(later.written > file.written and column in later.cells.get(row, ()) for later in self.due)

    def is_only_alike(self, new: NewClient) -> bool:
        """Whether no client of the export fits the new one, but some resemble it."""
        return new.xpm_id in self.shown.alike and new.xpm_id not in self.shown.clients


def _keep(_work: _Work, file: WrittenFile) -> WrittenFile:
    """NEWER, UNSEEN: it waits as before."""
    return file


def _keep_new_records(work: _Work, file: WrittenFile) -> WrittenFile | None:
    """PARTLY: report what is missing; cells are planned again, new records wait on, since they must not double."""
    rest = work.rest(file)
    work.upload_shown |= work.shows_part(file, rest)
    if not work.was_ignored(file, rest):
        work.not_taken |= {(row, column) for row, cells in rest.cells.items() for column in cells}
    if missing := _missing(rest, work):
        work.notices.append(
            f"{file.name} was uploaded, but {work.export.path.name} does not show all of it: {', '.join(missing)}."
        )
    uploaded = file.uploaded or work.export.taken.isoformat()
    return replace(rest, cells={}, before={}, uploaded=uploaded) if rest.once else None


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


def _look_for(
    due: Sequence[WrittenFile], confirmed: ConfirmedUpload, rows: Iterable[ShownRow], fields: Mapping[str, Field]
) -> _Shown:
    shown = _Shown()
    cells: dict[str, dict[str, set[str]]] = {}
    for file in due:
        for key, columns in file.cells.items():
            for column, wanted in columns.items():
                cells.setdefault(key, {}).setdefault(column, set()).add(wanted)
    contacts = {new for file in due for new in file.contacts}
    with_new = {new.client_id for new in contacts}
    new_clients = _NewClients(tuple(_new_clients(due)))
    for row in rows:
        key = row_key(row.client_id, row.contact_id)
        for column, expected in cells.get(key, {}).items():
            shown_fingerprint = cell_fingerprint(fields.get(column), row.cell(column))
            if shown_fingerprint in expected:
                shown.cells.add((key, column, shown_fingerprint))
        for column, former in confirmed.before.get(key, {}).items():
            shown.reverted += cell_fingerprint(fields.get(column), row.cell(column)) == former
        if row.client_id in confirmed.clients:
            shown.confirmed_ids.add(row.client_id)
        if row.client_id in with_new:
            contact = NewContact.of(row.client_id, row.contact_name, row.contact_email)
            if contact in contacts:
                shown.contacts.add(contact)
        new_clients.look_at(row, shown)
    return shown


class _NewClients:
    """Finds new clients in an export's rows; never one that was there before."""

    def __init__(self, clients: Sequence[NewClient]) -> None:
        self._any = bool(clients)
        self._by_number = {new.xpm_number: new for new in clients if new.xpm_number}
        self._by_name: dict[str, list[NewClient]] = {}
        self._by_likeness: dict[str, list[NewClient]] = {}
        for new in clients:
            self._by_name.setdefault(fingerprint.of_name(new.name), []).append(new)
            for key in (fingerprint.of_loose_name(new.name), *new.emails):
                self._by_likeness.setdefault(key, []).append(new)

    def look_at(self, row: ShownRow, shown: _Shown) -> None:
        """Note the new clients that the row fits, and those that it only resembles."""
        if not self._any:
            return
        email = fingerprint.of_email(row.contact_email)
        numbered = self._by_number.get(row.xpm_number)
        for new in [numbered] if numbered else self._by_name.get(fingerprint.of_name(row.client_name), ()):
            fits = new is numbered or (email in new.emails and not (row.xpm_number and new.xpm_number))
            if fits and row.client_id not in new.namesakes:
                shown.clients.setdefault(new.xpm_id, set()).add(row.client_id)
        for key in (fingerprint.of_loose_name(row.client_name), email):
            for new in self._by_likeness.get(key, ()) if not numbered else ():
                if row.client_id not in new.namesakes and not (row.xpm_number and new.xpm_number):
                    shown.alike.setdefault(new.xpm_id, {})[row.client_id] = row.client_name


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


def _shown_upload(due: Sequence[WrittenFile], shown: _Shown, confirmed: Sequence[ConfirmedClient]) -> ConfirmedUpload:
    """What this export confirms, to recognise an older one later."""
    after: dict[str, dict[str, str]] = {}
    before: dict[str, dict[str, str]] = {}
    for file in due:
        for row, columns in file.cells.items():
            for column, wanted in columns.items():
                if (row, column, wanted) in shown.cells and (
                    former := file.before.get(row, {}).get(column)
                ) is not None:
                    after.setdefault(row, {})[column] = wanted
                    before.setdefault(row, {})[column] = former
    return ConfirmedUpload(after, before, tuple(client.ignition_id for client in confirmed))


def _is_older(confirmed: ConfirmedUpload, shown: _Shown) -> bool:
    """Whether all that an earlier export confirmed is as it was before, new clients missing."""
    missing = len(set(confirmed.clients) - shown.confirmed_ids)
    return confirmed.size >= _FEWEST and shown.reverted + missing == confirmed.size


def _several(new: NewClient, ids: Set[str]) -> str:
    return (
        f"{new.name} waits to be created, and it is not clear which client of the export it is: "
        f"{', '.join(sorted(ids))}. Was its file uploaded twice? Link the right one, and archive the other."
    )


def _alike(new: NewClient, clients: Mapping[str, str]) -> str:
    listed = " or ".join(f"{client_id} ({name})" for client_id, name in sorted(clients.items()))
    return (
        f"{new.name} waits to be created, and a new client resembles it: is it {listed}? If so, link the two; do not"
        f" upload its file again."
    )


def _missing(rest: WrittenFile, work: _Work) -> list[str]:
    """What the file said and the export does not show: the import may not take that column."""
    columns: dict[str, list[str]] = {}
    for row, cells in rest.cells.items():
        client_id = row.partition("/")[0]
        for column in cells:
            columns.setdefault(column, []).append(rest.names.get(client_id, client_id))
    missing = [f"{column} ({len(names)}) of {_listed(names)}" for column, names in sorted(columns.items())]
    missing += [
        f"the new client {new.name}"
        for new in rest.clients
        if new.xpm_id not in work.shown.clients and not work.is_only_alike(new)
    ]
    return missing + [f"a new contact of {rest.names.get(new.client_id, new.client_id)}" for new in rest.contacts]


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _MOST_NAMED} more" if len(unique) > _MOST_NAMED else ""
    return ", ".join(unique[:_MOST_NAMED]) + more
