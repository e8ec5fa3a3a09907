"""What one run collects for the files, and how it becomes files: one of changes, and one of new records.

The file of changes has ids on every row. It is replaced by each run, and
uploading two generations of it does no harm. A record without an id is put into
one file only, which no later run touches: no order of uploads can double it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from xpmsync.core.enums import System
from xpmsync.core.text import formula_like
from xpmsync.errors import Rejected
from xpmsync.ignition.csv.columns import CLIENT_ID, CLIENT_NAME, XPM_ID
from xpmsync.ignition.csv.export import Export
from xpmsync.ignition.csv.outbox import Outbox, Prepared, is_whole, remove, waiting_cells
from xpmsync.ignition.csv.pending import NewClient, NewContact, Waiting, WrittenFile
from xpmsync.ignition.csv.reconcile import email_fingerprint, name_fingerprint
from xpmsync.ignition.csv.rows import CALL, Built, Writes, build_changes, client_rows, file_text, importable
from xpmsync.ignition.csv.validate import check_rows
from xpmsync.local.system.files import move_into_place

__all__ = ["DraftOutcome", "UploadDraft"]


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """What waits after a run, and the files that get their names once that is noted."""

    waiting: Waiting
    prepared: tuple[Prepared, ...]

    def publish(self, before: Waiting) -> None:
        """Give the files their names, and remove those of before that must not be uploaded any more."""
        for one in self.prepared:
            move_into_place(one.beside, one.path)
        present = {file.path for file in self.waiting.files}
        for file in before.files:
            if file.path not in present:
                remove(file)


@dataclass(frozen=True, slots=True)
class _Creation:
    values: Mapping[str, str]
    contacts: tuple[Mapping[str, str], ...]
    xpm_id: str
    xpm_number: str


class UploadDraft:
    """Collects the writes of a run; raises `Rejected` for what the import would refuse."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._writes = Writes()
        self._created: list[_Creation] = []

    def update(self, client_id: str, values: Mapping[str, str]) -> None:
        """New values of a client."""
        self._writable(values)
        self._writes.clients.setdefault(client_id, {}).update(values)

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> None:
        """New values of a contact."""
        self._writable(values)
        self._writes.contacts.setdefault(client_id, {}).setdefault(contact_id, {}).update(values)

    def add_contact(self, client_id: str, values: Mapping[str, str], waiting: Waiting) -> None:
        """A new contact, unless it waits already."""
        self._writable(values)
        name, email = values.get("contact.name", ""), values.get("contact.email", "")
        if not name or "@" not in email:
            raise Rejected(System.IGNITION, CALL, "a new contact needs a name and an e-mail")
        told = NewContact(client_id, email_fingerprint(email), name_fingerprint(name))
        if not waiting.has_contact(told):
            self._writes.new_contacts.setdefault(client_id, []).append(values)

    def create(
        self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]], xpm_id: str, xpm_number: str
    ) -> None:
        """A new client; two of one name cannot stand in one file, since Ignition would take them for one."""
        for one in (values, *contacts):
            self._writable(one)
        rows = client_rows(self._export.columns, values, contacts, xpm_number)
        if not rows or not all(importable(self._export.columns, row) for row in rows):
            raise Rejected(System.IGNITION, CALL, "a new client needs a name, and a contact with a name and an e-mail")
        if any(one.values["name"] == values["name"] for one in self._created):
            raise Rejected(System.IGNITION, CALL, "another new client of that very name is in the file")
        self._created.append(_Creation(values, tuple(contacts), xpm_id, xpm_number))

    def write(
        self, waiting: Waiting, outbox: Outbox, now: datetime, linked: Mapping[str, str], compared: Collection[str]
    ) -> DraftOutcome:
        """Prepare the files and say what waits then; raises `Rejected`, `FileRefused`, `StateUnusable`.

        `waiting` is what waits by this export; see `DeferredStore.finish` for the rest.
        """
        for one in self._created:
            if waiting.client(one.xpm_id) is not None:
                raise Rejected(System.IGNITION, CALL, "the client was handed over for creation before")
        former = waiting.changes
        keep = frozenset(linked.values()) - frozenset(compared) - self._writes.client_ids
        self._writes.cells = _kept(former, keep)
        built = build_changes(self._export, self._writes) if self._writes.any else Built()
        prepared: list[Prepared] = []
        changes = self._changes(built, former, outbox, now, prepared)
        new = self._new(built, waiting, outbox, now, prepared)
        files = [rest for one in waiting.files if one is not former and (rest := _without(one, linked)) is not None]
        files += [one for one in (changes, new and new[0]) if one]
        after = replace(waiting, files=tuple(files), last=new[1] if new else waiting.last)
        return DraftOutcome(after, tuple(prepared))

    def _changes(
        self, built: Built, former: WrittenFile | None, outbox: Outbox, now: datetime, prepared: list[Prepared]
    ) -> WrittenFile | None:
        """The file of changes: none, the former one where it would be the same, or a new one in its place."""
        if not built.changes:
            return None
        text = self._text(built.changes)
        if former is not None and is_whole(former) and Prepared.digest_of(text) == former.digest:
            return former
        one = outbox.prepare(outbox.changes, text)
        prepared.append(one)
        since = former.since if former else now.isoformat()
        return WrittenFile(str(one.path), since, now.isoformat(), one.digest, cells=built.changed)

    def _new(
        self, built: Built, waiting: Waiting, outbox: Outbox, now: datetime, prepared: list[Prepared]
    ) -> tuple[WrittenFile, int] | None:
        """The file of new clients and contacts, and its number; None where there are none."""
        if not (built.contacts or self._created):
            return None
        rows = list(built.new)
        for one in self._created:
            rows += client_rows(self._export.columns, one.values, one.contacts, one.xpm_number)
        path, number = outbox.new(waiting.last + 1)
        ready = outbox.prepare(path, self._text(rows))
        prepared.append(ready)
        clients, contacts = tuple(self._new_clients()), tuple(built.contacts)
        begun = now.isoformat()
        file = WrittenFile(str(path), begun, begun, ready.digest, "", built.flags, clients, contacts)
        return file, number

    def _text(self, rows: Sequence[Sequence[str]]) -> str:
        """The file's text, once it passed the check that `xpmsync ignition check` makes."""
        found = check_rows(self._export.columns, rows)
        if found.problems:
            first = found.problems[0]
            raise Rejected(System.IGNITION, CALL, f"row {first.line}: {first.text}")
        return file_text(self._export.columns, rows)

    def _new_clients(self) -> list[NewClient]:
        """What will tell the new clients when an export shows them: names, e-mails, and who had them before."""
        if not self._created:
            return []
        places = self._export.columns.places
        twins: dict[str, set[str]] = {}
        for _, row in self._export.rows():
            client_id = row[places[CLIENT_ID]].strip()
            number = row[places[XPM_ID]].strip() if XPM_ID in places else ""
            for key in (name_fingerprint(row[places[CLIENT_NAME]]), f"#{number}" if number else ""):
                twins.setdefault(key, set()).add(client_id)
        return [
            NewClient(
                one.xpm_id,
                one.values["name"],
                one.xpm_number,
                tuple(email_fingerprint(contact.get("contact.email", "")) for contact in one.contacts),
                tuple(
                    sorted(
                        twins.get(name_fingerprint(one.values["name"]), set()) | twins.get(f"#{one.xpm_number}", set())
                    )
                ),
            )
            for one in self._created
        ]

    def _writable(self, values: Mapping[str, str]) -> None:
        """Defend the file's rules against a plan that did not ask the capabilities."""
        columns = self._export.columns
        for name, text in values.items():
            if name not in columns.fields or not columns.can_write:
                raise Rejected(System.IGNITION, CALL, f"the export has no column for {name}")
            if not text.strip() or formula_like(text):
                what = "begins like a formula" if text.strip() else "is blank, and nothing can be cleared"
                raise Rejected(System.IGNITION, CALL, f"{name} {what}")


def _kept(former: WrittenFile | None, keep: Collection[str]) -> dict[str, dict[str, Mapping[str, str]]]:
    """The changes of an earlier run that stay, by client and contact."""
    kept: dict[str, dict[str, Mapping[str, str]]] = {}
    if former is not None and any(client_id in keep for client_id in former.client_ids):
        for key, cells in waiting_cells(former).items():
            client_id, _, contact_id = key.partition("/")
            if client_id in keep:
                kept.setdefault(client_id, {})[contact_id] = cells
    return kept


def _without(file: WrittenFile, linked: Mapping[str, str]) -> WrittenFile | None:
    """The file without new clients that are linked by now; None where it then has nothing left to wait for."""
    clients = tuple(one for one in file.clients if one.xpm_id not in linked)
    rest = replace(file, clients=clients)
    return rest if rest.once or not file.once else None
