"""What one run collects for the files, and how it becomes files: one of changes, and one of new records.

The file of changes has ids on every row. It is replaced by each run, and
uploading two generations of it does no harm. A record without an id is put into
one file only: no order of uploads can double it. A later run takes out of such a file
what is there or linked by now, or is not to be created any more, and brings the
cells of clients that exist up to date. After a lost ledger, or an older one, such
files are recognised by their content.
"""

import csv
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from xpmsync.core import fingerprint
from xpmsync.core.enums import System
from xpmsync.core.text import formula_like, single_email
from xpmsync.csv_files.exchange import DraftOutcome
from xpmsync.csv_files.pending import (
    NewClient,
    NewContact,
    Pending,
    WrittenFile,
    row_key,
)
from xpmsync.csv_files.reading import open_csv
from xpmsync.csv_files.uploads import Outbox, Prepared, digest_of, is_whole
from xpmsync.errors import FileRefused, Rejected
from xpmsync.ignition.csv.export import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_EMAIL,
    CONTACT_ID,
    CONTACT_NAME,
    XPM_ID,
    Columns,
    Export,
    columns_of,
)
from xpmsync.ignition.csv.rows import (
    CALL,
    Built,
    Writes,
    build_changes,
    client_rows,
    current_cells,
    file_text,
    importable,
    with_current_cells,
)
from xpmsync.ignition.csv.validate import check_rows


class NewRecords:
    """What the files create; they are read when it is first asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def check_client(self, name: str) -> None:
        """Raise `Rejected` where a file creates a client of that name."""
        if (path := self._records[0].get(fingerprint.of_loose_name(name))) is not None:
            raise _rejected(f"a new client {name}", path)

    def check_contact(self, client_id: str, name: str, email: str) -> None:
        """Raise `Rejected` where a file adds that contact to the client."""
        if (path := self._records[1].get(NewContact.of(client_id, name, email))) is not None:
            raise _rejected(f"the new contact {name}", path)

    @cached_property
    def _records(self) -> tuple[Mapping[str, Path], Mapping[NewContact, Path]]:
        clients: dict[str, Path] = {}
        contacts: dict[NewContact, Path] = {}
        for path in self._paths:
            try:
                file = open_csv(path)
                columns = columns_of(file)
                rows = [row for _, row in file.rows(columns.kept)]
            except FileRefused:
                continue  # a file that no program can read creates nothing
            names = (CLIENT_ID, CLIENT_NAME, CONTACT_ID, CONTACT_NAME, CONTACT_EMAIL)
            places = columns.places
            if any(name not in places for name in names):
                continue
            for row in rows:
                client_id, client_name, contact_id, contact_name, email = (row[places[name]] for name in names)
                if not client_id.strip():
                    clients[fingerprint.of_loose_name(client_name)] = path
                elif not contact_id.strip():
                    contacts[NewContact.of(client_id.strip(), contact_name, email)] = path
        return clients, contacts


def _rejected(what: str, path: Path) -> Rejected:
    reason = f"{path} creates {what} already, and nothing is noted of that file. Upload it, or delete it if it is old"
    return Rejected(System.IGNITION, CALL, reason)


@dataclass(frozen=True, slots=True)
class Kept:
    """What of earlier runs stays: `linked` maps XPM ids to Ignition ids, the rest are Ignition ids.

    `untouched` are the linked clients whose pending changes stay, `waits` those of the
    others whose new contacts wait on.
    """

    linked: Mapping[str, str]
    untouched: Set[str]
    waits: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Creation:
    values: Mapping[str, str]
    contacts: tuple[Mapping[str, str], ...]
    xpm_id: str
    xpm_number: str


class UploadDraft:
    """Collects the writes of a run; raises `Rejected` for what the import would refuse."""

    def __init__(self, export: Export, unknown: Sequence[Path] = (), *, is_good: bool = True) -> None:
        self._export = export
        self._is_good = is_good
        self._unknown = NewRecords(unknown)
        self._writes = Writes()
        self._created: list[_Creation] = []
        self._waits: set[str] = set()

    def update(self, client_id: str, values: Mapping[str, str]) -> None:
        """New values of a client."""
        self._check_writable(values)
        self._writes.clients.setdefault(client_id, {}).update(values)

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> None:
        """New values of a contact."""
        self._check_writable(values)
        self._writes.contacts.setdefault(client_id, {}).setdefault(contact_id, {}).update(values)

    def add_contact(self, client_id: str, values: Mapping[str, str], pending: Pending) -> None:
        """A new contact, unless it waits already."""
        self._check_writable(values)
        name, email = values.get("contact.name", ""), values.get("contact.email", "")
        if not name or not single_email(email):
            raise Rejected(System.IGNITION, CALL, "a new contact needs a name and an e-mail")
        self._unknown.check_contact(client_id, name, email)
        if pending.has_contact(NewContact.of(client_id, name, email)):
            self._waits.add(client_id)
        else:
            self._writes.new_contacts.setdefault(client_id, []).append(values)

    def create(
        self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]], xpm_id: str, xpm_number: str
    ) -> None:
        """A new client; two of one name cannot be in one file, since Ignition would take them for one."""
        for record in (values, *contacts):
            self._check_writable(record)
        rows = client_rows(self._export.columns, values, contacts, xpm_number)
        if not rows or not all(importable(self._export.columns, row) for row in rows):
            raise Rejected(System.IGNITION, CALL, "a new client needs a name, and a contact with a name and an e-mail")
        self._unknown.check_client(values["name"])
        if any(other.values["name"] == values["name"] for other in self._created):
            raise Rejected(System.IGNITION, CALL, "another new client of that very name is in the file")
        self._created.append(_Creation(values, tuple(contacts), xpm_id, xpm_number))

    def write(self, pending: Pending, outbox: Outbox, now: datetime, kept: Kept) -> DraftOutcome:
        """Prepare the files and return what waits then; raises `Rejected`, `FileRefused`, `StateUnusable`.

        `pending` is what waits by this export.
        """
        for creation in self._created:
            if pending.client(creation.xpm_id) is not None:
                raise Rejected(System.IGNITION, CALL, "the client was put into a file for creation before")
        former, kept = pending.changes, replace(kept, waits=kept.waits | self._waits)
        self._writes.cells = _kept_cells(former, kept.untouched - self._writes.client_ids)
        built = build_changes(self._export, self._writes) if self._writes.any else Built()
        prepared: list[Prepared] = []
        changes = self._changes(built, former, outbox, now, prepared)
        new = self._new(built, pending, outbox, now, prepared)
        waiting = [_still_waiting(file, kept) for file in pending.files if file is not former]
        files = [self._up_to_date(file, outbox, prepared) for file in waiting if file is not None]
        files += [file for file in (changes, new and new[0]) if file]
        after = replace(pending, files=tuple(files), last=new[1] if new else pending.last)
        return DraftOutcome(after, tuple(prepared))

    def _changes(
        self, built: Built, former: WrittenFile | None, outbox: Outbox, now: datetime, prepared: list[Prepared]
    ) -> WrittenFile | None:
        """The file of changes: none, the former one where it would be the same, or a new one in its place."""
        if not built.changes:
            return None
        text = self._text(built.changes)
        if former is not None and is_whole(former) and digest_of(text) == former.digest:
            return former
        ready = outbox.prepare(outbox.changes, text)
        prepared.append(ready)
        since = former.since if former else now.isoformat()
        return replace(self._written(built, ready, now, built.changed), since=since)

    def _new(
        self, built: Built, pending: Pending, outbox: Outbox, now: datetime, prepared: list[Prepared]
    ) -> tuple[WrittenFile, int] | None:
        """The file of new clients and contacts, and its number; None where there are none."""
        if not (built.contacts or self._created):
            return None
        rows = list(built.new)
        for creation in self._created:
            rows += client_rows(self._export.columns, creation.values, creation.contacts, creation.xpm_number)
        path, number = outbox.new(pending.last + 1)
        ready = outbox.prepare(path, self._text(rows))
        prepared.append(ready)
        clients, contacts = tuple(self._new_clients()), tuple(built.contacts)
        file = self._written(built, ready, now, built.flags)
        return replace(file, clients=clients, contacts=contacts), number

    def _up_to_date(self, file: WrittenFile, outbox: Outbox, prepared: list[Prepared]) -> WrittenFile:
        """The file of new records without rows of those that are not waited for, and with the clients' cells of now.

        The former would be created all the same, and the latter put back as they were when it was written.
        """
        if not file.once or file.uploaded or not is_whole(file):
            return file
        with Path(file.path).open(encoding="utf-8", newline="") as opened:
            header, *rows = csv.reader(opened, strict=True)
        columns = Columns.of(header)
        client_ids = {new.client_id for new in file.contacts}
        wanted = {fingerprint.of_name(new.name) for new in file.clients} | set(file.contacts)
        records = [_record_of(columns, row) for row in rows]
        if not wanted <= set(records):
            return file
        # The row of a contact that is there gives its flag to a new one of the same client.
        kept = [
            row
            for row, record in zip(rows, records, strict=True)
            if record in wanted or (record is None and row[columns.places[CLIENT_ID]].strip() in client_ids)
        ]
        if self._is_good and client_ids:
            cells_of = current_cells(self._export, self._writes, client_ids)
            kept = [with_current_cells(columns, row, cells_of) for row in kept]
        if kept == rows:
            return file
        prepared.append(outbox.prepare(Path(file.path), file_text(columns, kept)))
        cells = {key: changed for key, changed in file.cells.items() if key.partition("/")[0] in client_ids}
        return replace(file, digest=prepared[-1].digest, cells=cells, before={key: file.before[key] for key in cells})

    def _written(
        self, built: Built, ready: Prepared, now: datetime, cells: Mapping[str, Mapping[str, str]]
    ) -> WrittenFile:
        """What is remembered of a prepared file with those changed cells."""
        before = {key: built.before[key] for key in cells}
        return WrittenFile(
            str(ready.path), now.isoformat(), now.isoformat(), ready.digest, "", cells, before, built.names
        )

    def _text(self, rows: Sequence[Sequence[str]]) -> str:
        """The file's text, once it passed the check that `xpmsync ignition check` makes."""
        checked = check_rows(self._export.columns, rows)
        if checked.problems:
            first = checked.problems[0]
            raise Rejected(System.IGNITION, CALL, f"row {first.line}: {first.text}")
        return file_text(self._export.columns, rows)

    def _new_clients(self) -> list[NewClient]:
        """What identifies the new clients in a later export: names, e-mails, and who had them before."""
        if not self._created:
            return []
        places = self._export.columns.places
        namesakes: dict[str, set[str]] = {}
        for _, row in self._export.rows():
            client_id = row[places[CLIENT_ID]].strip()
            number = row[places[XPM_ID]].strip() if XPM_ID in places else ""
            name, email = row[places[CLIENT_NAME]], row[places[CONTACT_EMAIL]]
            for key in (*self._keys(name, number), fingerprint.of_email(email)):
                namesakes.setdefault(key, set()).add(client_id)
        new_clients = []
        for creation in self._created:
            name, number = creation.values["name"], creation.xpm_number
            emails = tuple(fingerprint.of_email(contact.get("contact.email", "")) for contact in creation.contacts)
            former = set[str]().union(*(namesakes.get(key, ()) for key in (*self._keys(name, number), *emails)))
            new_clients.append(NewClient(creation.xpm_id, name, number, emails, tuple(sorted(former))))
        return new_clients

    @staticmethod
    def _keys(name: str, number: str) -> tuple[str, ...]:
        """What a client is recognised by: its name, the name loosely, and XPM's number."""
        return (fingerprint.of_name(name), fingerprint.of_loose_name(name), *((f"#{number}",) if number else ()))

    def _check_writable(self, values: Mapping[str, str]) -> None:
        """Enforce the file's rules against a plan that did not ask the capabilities."""
        columns = self._export.columns
        for name, text in values.items():
            if name not in columns.fields or not columns.can_write:
                raise Rejected(System.IGNITION, CALL, f"the export has no column for {name}")
            if not text.strip() or formula_like(text):
                what = "begins like a formula" if text.strip() else "is blank, and nothing can be cleared"
                raise Rejected(System.IGNITION, CALL, f"{name} {what}")


def _kept_cells(former: WrittenFile | None, keep: Set[str]) -> dict[str, dict[str, Mapping[str, str]]]:
    """The changes of an earlier run that stay, by client and contact; none where its file was altered."""
    kept: dict[str, dict[str, Mapping[str, str]]] = {}
    if former is None or not any(client_id in keep for client_id in former.client_ids) or not is_whole(former):
        return kept
    with Path(former.path).open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened, strict=True)
    places = Columns.of(header).places
    for row in rows:
        client_id, contact_id = (row[places[name]].strip() for name in (CLIENT_ID, CONTACT_ID))
        changed = former.cells.get(row_key(client_id, contact_id))
        if changed and client_id in keep:
            kept.setdefault(client_id, {})[contact_id] = {column: row[places[column]] for column in changed}
    return kept


def _still_waiting(file: WrittenFile, kept: Kept) -> WrittenFile | None:
    """The file without what is not to be created any more; None where it then has nothing left to wait for.

    That is a new client that is linked by now, and in a file that nobody uploaded a
    contact of a client that is no longer linked, or that gets no contact any more.
    """
    wanted = kept.untouched | kept.waits
    contacts = tuple(new for new in file.contacts if file.uploaded or new.client_id in wanted)
    clients = tuple(new for new in file.clients if new.xpm_id not in kept.linked)
    rest = replace(file, clients=clients, contacts=contacts)
    return rest if rest.once or not file.once else None


def _record_of(columns: Columns, row: Sequence[str]) -> str | NewContact | None:
    """The new record that a row creates: a client by its name, or a contact; None for a contact that has an id."""
    columns_read = (CLIENT_ID, CONTACT_ID, CLIENT_NAME, CONTACT_NAME, CONTACT_EMAIL)
    client_id, contact_id, client, contact, email = (row[columns.places[name]].strip() for name in columns_read)
    if not client_id:
        return fingerprint.of_name(client)
    return None if contact_id else NewContact.of(client_id, contact, email)
