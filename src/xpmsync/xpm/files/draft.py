"""What one run collects for XPM's import, and how it becomes files: updates by their columns, and new contacts.

A row of an update file has the id, the name exactly as exported, and only the cells
that change; rows with the same columns share a file, so that no cell is blank and
none is carried over. Update files are replaced by each run. A new contact is put
into one file only, which no later run touches.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.csv_files.exchange import DraftOutcome
from xpmsync.csv_files.form import FileForm
from xpmsync.csv_files.pending import NewContact, Pending, WrittenFile, row_key
from xpmsync.csv_files.reconcile import cell_fingerprint
from xpmsync.csv_files.uploads import Outbox, Prepared, digest_of, is_whole
from xpmsync.errors import Rejected
from xpmsync.xpm.files.check import address_lines, address_places
from xpmsync.xpm.files.clients import Table, TableRow
from xpmsync.xpm.files.columns import FIELD_OF, Kind
from xpmsync.xpm.files.proof import WriteKind, kind_of

CALL: Final = "import"
_MOST_ROWS: Final = 500
"""XPM's import takes so many rows a file."""

KEYS: Final = {Kind.CLIENTS: ("id", "name"), Kind.CONTACTS: ("contact_id", "contact.name", "id")}
"""The columns that name a row. They are copied byte for byte, whichever of them an import goes by."""
_TICK: Final = "UPDATE-tick-Update-Existing"

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Update:
    """A row to be written: its keys, and the changed cells by meaning, in the export's order."""

    row: TableRow
    name: str
    cells: Cells
    before: Cells


@dataclass(slots=True)
class _Collected:
    """The writes of a run: new values by client, by client and contact, and new contacts by client."""

    clients: dict[str, dict[str, str]] = field(default_factory=dict)
    contacts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    new_contacts: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def client_ids(self) -> frozenset[str]:
        """The clients that existing rows are changed of."""
        return frozenset(self.clients) | {client_id for client_id, _ in self.contacts}


class UpdateDraft:
    """Collects the writes of a run; what may be in a file was checked when it was planned."""

    def __init__(self, tables: Mapping[Kind, Table]) -> None:
        self._tables = tables
        self._collected = _Collected()

    def update(self, client_id: str, values: Mapping[str, str]) -> None:
        """New values of a client."""
        self._collected.clients.setdefault(client_id, {}).update(values)

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> None:
        """New values of a contact."""
        self._collected.contacts.setdefault((client_id, contact_id), {}).update(values)

    def add_contact(self, client_id: str, values: Mapping[str, str], pending: Pending) -> None:
        """A new contact, unless it waits already."""
        new = NewContact.of(client_id, values.get("contact.name", ""), values.get("contact.email", ""))
        if not pending.has_contact(new):
            self._collected.new_contacts.append((client_id, values))

    def write(
        self,
        pending: Pending,
        outbox: Outbox,
        now: datetime,
        keep: Collection[str],
        kinds: Collection[WriteKind],
        waits: Collection[str],
        *,
        pilot: bool = False,
    ) -> DraftOutcome:
        """Prepare the files and return what waits then; raises `Rejected`, `FileRefused`, `StateUnusable`.

        New contacts of clients that are not in `waits` leave a file that nobody uploaded.
        Waiting changes of the clients in `keep` stay as far as they are of these `kinds`, all
        others give way to this run's. A file whose export is not there stays as it is.
        """
        former = [] if pilot else [file for file in pending.files if self._is_replaceable(file)]
        kept = self._kept(former, frozenset(keep) - self._collected.client_ids, kinds)
        prepared: list[Prepared] = []
        written: list[WrittenFile] = []
        for path, content, rows in self._update_files(outbox, [*self._updates(), *kept], pilot=pilot):
            # A file that would be the same as before stays as it is.
            same = next((file for file in former if file.path == str(path) and file.digest == digest_of(content)), None)
            if same is None or not is_whole(same):
                prepared.append(outbox.prepare(path, content))
                same = _noted(prepared[-1], rows, former, now)
            written.append(same)
        last = pending.last
        for columns, added in self._new_contacts():
            path, last = outbox.new(last + 1)
            prepared.append(outbox.prepare(path, self._new_text(columns, added)))
            written.append(self._noted_new(prepared[-1], added, now))
        if pilot:
            written = [replace(file, pilot=True) for file in written]
        waiting = [self._still_waiting(file, waits, outbox, prepared) for file in pending.files if file not in former]
        files = [file for file in waiting if file is not None]
        return DraftOutcome(replace(pending, files=(*files, *written), last=last), tuple(prepared))

    # --- update files ---

    def _updates(self) -> Iterator[tuple[Kind, _Update]]:
        """The rows of this run's changes; raises `Rejected` for a record that the export does not have."""
        wanted: dict[Kind, dict[tuple[str, str], Mapping[str, str]]] = {
            Kind.CLIENTS: {(client_id, ""): values for client_id, values in self._collected.clients.items()},
            Kind.CONTACTS: dict(self._collected.contacts),
        }
        for kind, records in wanted.items():
            if not records:
                continue
            table = self._table(kind)
            written: set[str] = set()
            for row in table.rows():
                values = records.pop((row.client_id, row.contact_id), None)
                if values is None or (row.contact_id and row.contact_id in written):
                    continue  # A contact of several clients is one record: one row is enough.
                written.add(row.contact_id)
                if update := self._changed(table, row, values):
                    yield kind, update
            if records:
                raise Rejected(System.XPM, CALL, f"the export has no row of {' / '.join(min(records)).strip(' /')}")

    def _changed(self, table: Table, row: TableRow, values: Mapping[str, str]) -> _Update | None:
        """The cells of a row that change; raises `Rejected` where one would be blank."""
        now = table.by_meaning(row)
        changed: dict[str, str] = {}
        for name, text in values.items():
            cells = _address_cells(table, name, text, now) or {name: text}
            # An address goes whole: an import may compose it of the columns that are there.
            if any(text != now.get(meaning) for meaning, text in cells.items()):
                changed.update(cells)
        for meaning, text in changed.items():
            if meaning not in now or not text.strip() or "\n" in text:
                raise Rejected(System.XPM, CALL, f"{meaning} cannot be in an update file")
        name = now.get("name", "") or now.get("contact.name", "")
        return _Update(row, name, changed, {meaning: now[meaning] for meaning in changed}) if changed else None

    def _update_files(
        self, outbox: Outbox, updates: Sequence[tuple[Kind, _Update]], *, pilot: bool
    ) -> Iterator[tuple[Path, bytes, Sequence[_Update]]]:
        """The files, by table and by the set of changed columns, at most `_MOST_ROWS` rows each."""
        for kind in KEYS:
            groups: dict[tuple[str, ...], list[_Update]] = {}
            for update in sorted(
                (update for table, update in updates if table is kind),
                key=lambda each: (each.row.client_id, each.row.contact_id),
            ):
                order = [meaning for meaning in self._table(kind).meanings if meaning in update.cells]
                groups.setdefault(tuple(order), []).append(update)
            number = 0
            for columns, rows in sorted(groups.items()):
                for start in range(0, len(rows), _MOST_ROWS):
                    number += 1
                    name = f"{'pilot-' if pilot else ''}{kind.value}-{_TICK}-{number:02}.csv"
                    part = rows[start : start + _MOST_ROWS]
                    yield outbox.named(name), self._update_text(kind, columns, part), part

    def _update_text(self, kind: Kind, columns: Sequence[str], rows: Sequence[_Update]) -> bytes:
        table, keys = self._table(kind), [key for key in KEYS[kind] if key not in columns]
        order = table.columns.order
        lines = [[*(row.row.cells[order[key]] for key in keys), *(row.cells[each] for each in columns)] for row in rows]
        return _file_bytes([table.header(each) for each in (*keys, *columns)], lines, table.file.form)

    def _kept(
        self, former: Sequence[WrittenFile], keep: Collection[str], kinds: Collection[WriteKind]
    ) -> list[tuple[Kind, _Update]]:
        """The changes of earlier runs that stay, as far as their files are as they were written."""
        kept: list[tuple[Kind, _Update]] = []
        for file in former:
            if file.client_ids.isdisjoint(keep) or not is_whole(file):
                continue
            kind = _kind_of(file)
            table = self._table(kind)
            sent = _sent_values(table, file)
            for row in table.rows():
                key = row_key(row.client_id, row.contact_id)
                names = [name for name in file.cells.get(key, ()) if name in sent.get(key, ())]
                values: dict[str, str] = {}
                for name in names:
                    field_name, text = FIELD_OF[name].name, sent[key][name]
                    if kind_of(field_name, row.contact_id) in kinds:  # lines of an address are one value
                        values[field_name] = f"{values[field_name]}\n{text}" if field_name in values else text
                if row.client_id in keep and (update := self._changed(table, row, values)):
                    kept.append((kind, update))
        return kept

    def _is_replaceable(self, file: WrittenFile) -> bool:
        """Whether this run writes it again: an update file that nobody said was uploaded, and no pilot."""
        return not (file.once or file.uploaded or file.pilot) and _kind_of(file) in self._tables

    # --- new contacts ---

    def _new_contacts(self) -> Iterator[tuple[Sequence[str], Sequence[tuple[str, Mapping[str, str]]]]]:
        """The new contacts by the columns they fill: a cell that nothing is in has no column."""
        groups: dict[tuple[str, ...], list[tuple[str, Mapping[str, str]]]] = {}
        for client_id, values in self._collected.new_contacts:
            filled = tuple(each for each in self._table(Kind.CONTACTS).meanings if values.get(each, "").strip())
            groups.setdefault(filled, []).append((client_id, values))
        for columns, added in sorted(groups.items()):
            for start in range(0, len(added), _MOST_ROWS):
                yield columns, added[start : start + _MOST_ROWS]

    def _new_text(self, columns: Sequence[str], added: Sequence[tuple[str, Mapping[str, str]]]) -> bytes:
        """A file of new contacts. The contact's id is the one cell that is ever blank: that makes a new one (facts)."""
        table = self._table(Kind.CONTACTS)
        lines = [
            ["", self._client_cells[client_id][0], *(values[each] for each in columns)] for client_id, values in added
        ]
        header = [table.header(each) for each in ("contact_id", "id", *columns)]
        return _file_bytes(header, lines, table.file.form)

    def _still_waiting(
        self, file: WrittenFile, waits: Collection[str], outbox: Outbox, prepared: list[Prepared]
    ) -> WrittenFile | None:
        """A file of new contacts without those that are not to be added any more; None where none is left."""
        if not file.contacts or file.uploaded or file.pilot or Kind.CONTACTS not in self._tables:
            return file
        table = self._table(Kind.CONTACTS)
        contacts = tuple(new for new in file.contacts if new.client_id in waits)
        header, lines = _lines_of(table, file) if contacts and is_whole(file) else ([], [])
        shown = [_contact_of(cells) for cells in _by_meaning(table, header, lines)]
        kept = [line for line, contact in zip(lines, shown, strict=True) if contact in contacts]
        if len(kept) == len(lines) or not {*contacts} <= {*shown}:
            return replace(file, contacts=contacts) if contacts else None
        prepared.append(outbox.prepare(Path(file.path), _file_bytes(header, kept, table.file.form)))
        return replace(file, contacts=contacts, digest=prepared[-1].digest)

    def _noted_new(self, ready: Prepared, added: Sequence[tuple[str, Mapping[str, str]]], now: datetime) -> WrittenFile:
        contacts = tuple(
            NewContact.of(client_id, values.get("contact.name", ""), values.get("contact.email", ""))
            for client_id, values in added
        )
        names = {client_id: self._client_cells[client_id][1] for client_id, _ in added}
        moment = now.isoformat()
        return WrittenFile(str(ready.path), moment, moment, ready.digest, names=names, contacts=contacts)

    @cached_property
    def _client_cells(self) -> Mapping[str, tuple[str, str]]:
        """The clients' ids and names as they are in the export, by id."""
        table = self._table(Kind.CLIENTS)
        place, name = table.columns.order["id"], table.columns.order["name"]
        return {row.client_id: (row.cells[place], row.cells[name]) for row in table.rows()}

    def _table(self, kind: Kind) -> Table:
        table = self._tables.get(kind)
        if table is None:
            raise Rejected(System.XPM, CALL, f"there is no export of {kind.value}")
        return table


def _kind_of(file: WrittenFile) -> Kind:
    return Kind.CONTACTS if file.of_contacts else Kind.CLIENTS


def _sent_values(table: Table, file: WrittenFile) -> Mapping[str, Cells]:
    """The cells of an earlier file by row and meaning; none where the export's header or form is another by now."""
    sent: dict[str, Cells] = {}
    for cells in _by_meaning(table, *_lines_of(table, file)):
        sent[row_key(cells["id"].strip().lower(), cells.get("contact_id", "").strip().lower())] = cells
    return sent


def _lines_of(table: Table, file: WrittenFile) -> tuple[list[str], list[list[str]]]:
    """The header and the lines of an earlier file; none where the export's form is another by now."""
    form = table.file.form
    try:
        with Path(file.path).open(encoding=form.encoding, newline="") as opened:
            header, *lines = csv.reader(opened, strict=True, delimiter=form.separator)
    except (OSError, ValueError, csv.Error):
        return [], []
    return header, lines


def _by_meaning(table: Table, header: Sequence[str], lines: Sequence[Sequence[str]]) -> list[Cells]:
    """The cells of lines by what they mean; none where the header has not the ids of the export's."""
    meaning_of = {table.header(meaning): meaning for meaning in table.meanings}
    meanings = [meaning_of.get(name, "") for name in header]
    if not {*KEYS[table.kind]} <= {*meanings}:
        return []
    return [dict(zip(meanings, line, strict=True)) for line in lines]


def _contact_of(cells: Cells) -> NewContact:
    return NewContact.of(cells["id"].strip(), cells.get("contact.name", ""), cells.get("contact.email", ""))


def _noted(ready: Prepared, rows: Sequence[_Update], former: Sequence[WrittenFile], now: datetime) -> WrittenFile:
    """What is remembered of an update file."""
    keys = [row_key(update.row.client_id, update.row.contact_id) for update in rows]
    waiting = [file.since for file in former if not file.cells.keys().isdisjoint(keys)]
    return WrittenFile(
        str(ready.path),
        min(waiting, default=now.isoformat()),
        now.isoformat(),
        ready.digest,
        cells={key: _fingerprints(update.cells) for key, update in zip(keys, rows, strict=True)},
        before={key: _fingerprints(update.before) for key, update in zip(keys, rows, strict=True)},
        names={update.row.client_id: update.name for update in rows},
    )


def _address_cells(table: Table, name: str, text: str, now: Cells) -> Cells:
    """An address's lines in their numbered columns; empty where the field is one cell. Raises `Rejected`."""
    places = address_places(table, name)
    if not places:
        return {}
    lines = [line for line in address_lines(text) if line]
    filled = [place for place in places if now[place].strip()]
    if len(filled) > len(lines) or len(lines) > len(places) or filled != places[: len(filled)]:
        raise Rejected(System.XPM, CALL, f"the lines of {name} do not fit the columns of the export")
    return dict(zip(places, lines, strict=False))


def _fingerprints(cells: Cells) -> dict[str, str]:
    return {meaning: cell_fingerprint(FIELD_OF.get(meaning), text) for meaning, text in cells.items()}


def _file_bytes(header: Sequence[str], lines: Iterable[Sequence[str]], form: FileForm) -> bytes:
    """A file in the form of the practice's own export; the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=form.separator,
        lineterminator="\r\n" if form.crlf else "\n",
        quoting=csv.QUOTE_ALL if form.quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow(header)
    writer.writerows(lines)
    encoding = "utf-8" if form.encoding.startswith("utf-8") else form.encoding
    return (("\ufeff" if form.bom else "") + text.getvalue()).encode(encoding)
