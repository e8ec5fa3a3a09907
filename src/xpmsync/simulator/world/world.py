"""The practice's XPM side: clients, contacts, groups and staff in one SQLite file or in memory.

Every write is one commit. `modified` moves as reported of the real system: an
edit of the client moves it, contact edits and group changes do not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Final
from uuid import uuid4

from xpmsync.core.enums import System
from xpmsync.errors import ClientNotFound
from xpmsync.local.system.clock import ReadTime, utc_now
from xpmsync.local.system.sqlite import MEMORY, Cell, Database
from xpmsync.simulator.world import records
from xpmsync.simulator.world.quirks import SimulatedSide

Rendered = tuple[bytes, bytes, bytes]
"""A client's XML up to its contacts, what only detailed answers add, and its end."""

_FIRST_NUMBER: Final = 10_001
_BATCH: Final = 200


class World(SimulatedSide):
    """XPM's data. `clock` gives the times of changes, `uuids` the identifiers of new records.

    Usable from several threads; as a file, from several processes. A write raises
    `ClientNotFound` for an unknown client.
    """

    def __init__(
        self,
        path: Path | str = MEMORY,
        *,
        clock: ReadTime = utc_now,
        uuids: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self.clock = clock
        self.database = Database(path, records.MIGRATIONS)
        self._uuids = uuids

    # --- reading ---------------------------------------------------------------------

    def count(self) -> int:
        """How many clients there are, archived and deleted ones included."""
        return self.database.number("SELECT count(*) FROM clients")

    def client(self, uuid: str) -> records.WorldClient | None:
        """The client with that UUID, in any case of letters."""
        return next((client for _, client in self._read("uuid = ?", uuid.lower())), None)

    def clients(self) -> Iterator[records.WorldClient]:
        """Every client in the order of creation, read in batches."""
        return self._in_batches("1")

    def named(self, name: str) -> tuple[records.WorldClient, ...]:
        """The clients of exactly that name that are not deleted."""
        return tuple(client for _, client in self._read("name = ? AND NOT deleted", name))

    def search(self, text: str) -> Iterator[records.WorldClient]:
        """Clients with `text` in name, e-mail or client code, whatever the case; none that is deleted."""
        return self._in_batches("NOT deleted AND instr(folded, ?)", text.casefold())

    def page(self, after: int, size: int) -> tuple[tuple[records.WorldClient, ...], int]:
        """One page of active clients after that sequence number, and the number to go on after (0: the end)."""
        rows = self._read("seq > ? AND NOT archived AND NOT deleted", after, limit=size + 1)
        return tuple(client for _, client in rows[:size]), rows[size - 1][0] if len(rows) > size else 0

    def rendered(self, render: Callable[[records.WorldClient], Rendered], since: str = "") -> Iterator[list[Rendered]]:
        """The XML of clients modified at or after `since`, in batches; what was kept is not rendered again."""
        after = 0
        while True:
            with self.database.reading():
                rows = self.database.rows(
                    "SELECT seq, uuid, xml_base, xml_more, xml_end FROM clients"
                    " WHERE seq > ? AND modified >= ? ORDER BY seq LIMIT ?",
                    (after, since, _BATCH),
                )
                batch: list[Rendered] = [
                    (base, more, end) if base is not None else render(self._client(uuid))
                    for _, uuid, base, more, end in rows
                ]
            if not rows:
                return
            after = rows[-1][0]
            yield batch

    def contact(self, uuid: str) -> records.WorldContact | None:
        """The contact with that UUID, in any case of letters."""
        return records.load_contact(self.database, uuid.lower())

    def contact_page(self, after: int, size: int) -> tuple[tuple[records.WorldContact, ...], int]:
        """One page of contacts that are not deleted, and the sequence number to go on after (0: the end)."""
        with self.database.reading():
            rows = self.database.rows(
                "SELECT seq, uuid FROM contacts WHERE seq > ? AND NOT deleted ORDER BY seq LIMIT ?", (after, size + 1)
            )
            contacts = [self.contact(uuid) for _, uuid in rows[:size]]
        return tuple(filter(None, contacts)), rows[size - 1][0] if len(rows) > size else 0

    def groups(self) -> tuple[records.ClientGroup, ...]:
        """All client groups."""
        rows = self.database.rows("SELECT uuid, name, taxable FROM groups ORDER BY seq")
        return tuple(records.ClientGroup(uuid, name, bool(taxable)) for uuid, name, taxable in rows)

    def group_members(self, uuid: str) -> tuple[records.Ref, ...]:
        """The clients of a group."""
        rows = self.database.rows("SELECT uuid, name FROM clients WHERE instr(record, ?) ORDER BY seq", (uuid.lower(),))
        return tuple(records.Ref(*row) for row in rows)

    def staff(self) -> tuple[records.StaffMember, ...]:
        """Everybody who works at the practice."""
        rows = self.database.rows("SELECT uuid, name, email, phone, mobile FROM staff ORDER BY seq")
        return tuple(records.StaffMember(*row) for row in rows)

    # --- clients ---------------------------------------------------------------------

    def add_client(
        self, fields: Mapping[str, str], *, uuid: str = "", archived: bool = False, deleted: bool = False
    ) -> str:
        """Create a client from element texts and return its UUID; `Name` must be there."""
        with self.transaction():
            number = max(self.database.number("SELECT max(number) FROM clients"), _FIRST_NUMBER - 1) + 1
            client = records.WorldClient(uuid.lower() or self._uuids(), number, fields, self._now(), archived, deleted)
            self.insert_many([client])
        return client.uuid

    def update_client(self, uuid: str, fields: Mapping[str, str]) -> None:
        """Change the given elements only; a blank text takes the element away."""
        with self.transaction():
            client = self._client(uuid)
            self._save(replace(client, fields={**client.fields, **fields}, modified=self._now()))
            if "Name" in fields:
                self._forget_xml(uuid)

    def set_managers(self, uuid: str, *, account_manager: str | None = None, job_manager: str | None = None) -> None:
        """Change who looks after the client; None leaves as it is, an empty text takes away."""
        with self.transaction():
            client = self._client(uuid)
            account = client.account_manager if account_manager is None else self._staff_ref(account_manager)
            job = client.job_manager if job_manager is None else self._staff_ref(job_manager)
            self._save(replace(client, account_manager=account, job_manager=job, modified=self._now()))

    def set_state(self, uuid: str, *, archived: bool | None = None, deleted: bool | None = None) -> None:
        """Archive, restore or delete a client; None leaves a flag as it is."""
        with self.transaction():
            client = self._client(uuid)
            self._save(
                replace(
                    client,
                    archived=client.archived if archived is None else archived,
                    deleted=client.deleted if deleted is None else deleted,
                    modified=self._now(),
                )
            )

    def insert_many(self, clients: Sequence[records.WorldClient], rendered: Sequence[Rendered] = ()) -> None:
        """Insert whole records as they are, with their XML, which is kept until the client changes.

        Contacts that exist already are shared; other clients are named by their UUIDs, and may follow.
        """
        nothing: tuple[Cell, ...] = (None, None, None)
        with self.transaction():
            self.database.run_many(
                "INSERT INTO clients (uuid, number, name, folded, record, archived, deleted, modified,"
                " xml_base, xml_more, xml_end) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        client.uuid,
                        client.number,
                        *records.kept_cells(client),
                        *(rendered[place] if rendered else nothing),
                    )
                    for place, client in enumerate(clients)
                ),
            )
            self.database.run_many(
                "INSERT OR IGNORE INTO contacts (fields, deleted, uuid) VALUES (?, ?, ?)",
                (records.contact_cells(member.contact) for client in clients for member in client.members),
            )

    # --- contacts --------------------------------------------------------------------

    def add_contact(
        self,
        client: str,
        fields: Mapping[str, str],
        *,
        uuid: str = "",
        primary: bool = False,
        position: str = "",
        deleted: bool = False,
    ) -> str:
        """Create a contact at a client and return its UUID."""
        contact = records.WorldContact(uuid.lower() or self._uuids(), fields, deleted)
        with self.transaction():
            self.database.run(
                "INSERT INTO contacts (fields, deleted, uuid) VALUES (?, ?, ?)", records.contact_cells(contact)
            )
            self.share_contact(client, contact.uuid, primary=primary, position=position)
        return contact.uuid

    def share_contact(self, client: str, contact: str, *, primary: bool = False, position: str = "") -> None:
        """Make an existing contact a contact of that client too."""
        with self.transaction():
            owner = self._client(client)
            members = (*owner.members, records.Member(records.WorldContact(contact, {}), position=position))
            self._save(replace(owner, members=_with_primary(members, contact) if primary else members))

    def update_contact(
        self,
        contact: str,
        fields: Mapping[str, str],
        *,
        client: str = "",
        primary: bool | None = None,
        position: str | None = None,
    ) -> None:
        """Change a contact's given texts, and its place at `client` where one is named."""
        with self.transaction():
            person = self.contact(contact)
            if person is not None:
                cells = records.contact_cells(replace(person, fields={**person.fields, **fields}))
                self.database.run("UPDATE contacts SET fields = ?, deleted = ? WHERE uuid = ?", cells)
            if client:
                owner = self._client(client)
                members = tuple(_placed(each, contact, primary, position) for each in owner.members)
                self._save(replace(owner, members=_with_primary(members, contact) if primary else members))
            self._forget_xml(contact)

    def remove_contact(self, contact: str, client: str = "") -> None:
        """Take a contact off one client, or delete it everywhere; the last client's contact is deleted."""
        with self.transaction():
            if client:
                owner = self._client(client)
                self._save(replace(owner, members=tuple(m for m in owner.members if m.contact.uuid != contact)))
                if self.database.row("SELECT 1 FROM clients WHERE instr(record, ?)", (contact,)):
                    return
            self.database.run("UPDATE contacts SET deleted = 1 WHERE uuid = ?", (contact,))
            self._forget_xml(contact)

    # --- groups, staff -----------------------------------------------------------------

    def set_groups(self, client: str, names: Sequence[str]) -> None:
        """Make the client a member of exactly the groups of those names, creating missing ones."""
        with self.transaction():
            by_name = {group.name: group.uuid for group in self.groups()}
            uuids = {
                name: by_name.get(name) or self.add_group(records.ClientGroup(self._uuids(), name)) for name in names
            }
            self._save(
                replace(self._client(client), groups=tuple(records.Ref(uuid, name) for name, uuid in uuids.items()))
            )

    def add_group(self, group: records.ClientGroup) -> str:
        """Create a group and return its UUID."""
        cells = (group.uuid, group.name, int(group.taxable))
        self.database.run("INSERT INTO groups (uuid, name, taxable) VALUES (?, ?, ?)", cells)
        return group.uuid

    def add_staff(self, member: records.StaffMember) -> None:
        """Take somebody on."""
        self.database.run(
            "INSERT INTO staff (uuid, name, email, phone, mobile) VALUES (?, ?, ?, ?, ?)",
            (member.uuid, member.name, member.email, member.phone, member.mobile),
        )

    # --- private ---------------------------------------------------------------------

    def _read(self, where: str, *cells: Cell, limit: int = -1) -> list[tuple[int, records.WorldClient]]:
        with self.database.reading():
            rows = self.database.rows(
                f"SELECT seq, {records.COLUMNS} FROM clients WHERE {where} ORDER BY seq LIMIT ?",  # noqa: S608 - literals
                (*cells, limit),
            )
            return [(seq, records.unpack(self.database, tuple(row))) for seq, *row in rows]

    def _in_batches(self, where: str, *cells: Cell) -> Iterator[records.WorldClient]:
        after = 0
        while batch := self._read(f"seq > ? AND {where}", after, *cells, limit=_BATCH):
            yield from (client for _, client in batch)
            after = batch[-1][0]

    def _client(self, uuid: str) -> records.WorldClient:
        client = self.client(uuid)
        if client is None:
            raise ClientNotFound(uuid, System.XPM)
        return client

    def _save(self, client: records.WorldClient) -> None:
        """Write a client's row; its XML is rendered again when it is asked for."""
        self.database.run(
            "UPDATE clients SET name = ?, folded = ?, record = ?, archived = ?, deleted = ?, modified = ?,"
            " xml_base = NULL WHERE uuid = ?",
            (*records.kept_cells(client), client.uuid),
        )

    def _forget_xml(self, uuid: str) -> None:
        """Render the clients again that name this contact or client."""
        self.database.run("UPDATE clients SET xml_base = NULL WHERE instr(record, ?)", (uuid,))

    def _staff_ref(self, uuid: str) -> records.Ref | None:
        row = self.database.row("SELECT uuid, name FROM staff WHERE uuid = ?", (uuid,))
        return records.Ref(*row) if row else None

    def _now(self) -> str:
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _placed(member: records.Member, contact: str, primary: bool | None, position: str | None) -> records.Member:
    if member.contact.uuid != contact:
        return member
    return replace(
        member,
        primary=member.primary if primary is None else primary,
        position=member.position if position is None else position,
    )


def _with_primary(members: Sequence[records.Member], contact: str) -> tuple[records.Member, ...]:
    """The members with that contact as the only primary one."""
    return tuple(replace(member, primary=member.contact.uuid == contact) for member in members)
