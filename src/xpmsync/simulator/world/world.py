"""The practice's XPM side: clients, contacts, groups and staff in one SQLite file or in memory.

Every write is one commit. `modified` moves as reported of the real system: an
edit of the client moves it, contact edits and group changes do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from sqlite3 import Connection
from typing import Final
from uuid import uuid4

from xpmsync.local.system.clock import ReadTime, utc_now
from xpmsync.local.system.sqlite import MEMORY, Database
from xpmsync.simulator.world.queries import Rendered, WorldReader
from xpmsync.simulator.world.quirks import QUIRKS_SCHEMA, SimulatedSide
from xpmsync.simulator.world.records import ClientGroup, ClientNote, Relationship, StaffMember, WorldClient
from xpmsync.simulator.world.schema import SCHEMA, fields_json, folded, insert_clients, notes_json, text_fields

__all__ = ["World"]

_FIRST_NUMBER: Final = 10_001


class World(WorldReader, SimulatedSide):
    """XPM's data. `clock` gives the times of changes, `uuids` the identifiers of new records.

    Usable from several threads; as a file, from several processes.
    """

    def __init__(
        self,
        path: Path | str = MEMORY,
        *,
        clock: ReadTime = utc_now,
        uuids: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self.clock = clock
        super().__init__(Database(path, (SCHEMA, QUIRKS_SCHEMA)))
        self._uuids = uuids

    # --- clients ---------------------------------------------------------------------

    def add_client(
        self,
        fields: Mapping[str, str],
        *,
        uuid: str = "",
        number: int = 0,
        modified: str = "",
        account_manager: str = "",
        job_manager: str = "",
        billing: str = "",
        notes: Sequence[ClientNote] = (),
        archived: bool = False,
        deleted: bool = False,
    ) -> str:
        """Create a client from element texts and return its UUID; `Name` must be there."""
        uuid = uuid.lower() or self._uuids()
        with self.transaction() as connection:
            row: tuple[int | None] = connection.execute("SELECT max(number) FROM clients").fetchone()
            connection.execute(
                "INSERT INTO clients (uuid, number, name, folded, fields, notes, account_manager, job_manager,"
                " billing, archived, deleted, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    uuid,
                    number or (row[0] or _FIRST_NUMBER - 1) + 1,
                    fields["Name"],
                    folded(fields),
                    fields_json(fields),
                    notes_json(notes),
                    account_manager,
                    job_manager,
                    billing,
                    int(archived),
                    int(deleted),
                    modified or self._now(),
                ),
            )
        return uuid

    def update_client(self, uuid: str, fields: Mapping[str, str]) -> None:
        """Change the given elements only; a blank text takes the element away."""
        with self.transaction() as connection:
            row: tuple[str] = connection.execute("SELECT fields FROM clients WHERE uuid = ?", (uuid,)).fetchone()
            merged = {**text_fields(row[0]), **fields}
            connection.execute(
                "UPDATE clients SET name = ?, folded = ?, fields = ? WHERE uuid = ?",
                (merged["Name"], folded(merged), fields_json(merged), uuid),
            )
            self._touch(connection, uuid)
            if "Name" in fields:  # other clients' answers carry this client's name
                connection.execute(
                    "UPDATE clients SET xml_base = NULL WHERE billing = ?"
                    " OR uuid IN (SELECT client FROM relationships WHERE related = ?)",
                    (uuid, uuid),
                )

    def set_managers(self, uuid: str, *, account_manager: str | None = None, job_manager: str | None = None) -> None:
        """Change who looks after the client; None leaves as it is."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE clients SET account_manager = coalesce(?, account_manager),"
                " job_manager = coalesce(?, job_manager) WHERE uuid = ?",
                (account_manager, job_manager, uuid),
            )
            self._touch(connection, uuid)

    def set_state(self, uuid: str, *, archived: bool | None = None, deleted: bool | None = None) -> None:
        """Archive, restore or delete a client; None leaves a flag as it is."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE clients SET archived = coalesce(?, archived), deleted = coalesce(?, deleted) WHERE uuid = ?",
                (archived, deleted, uuid),
            )
            self._touch(connection, uuid)

    def insert_many(self, clients: Sequence[WorldClient], rendered: Sequence[Rendered]) -> None:
        """Insert whole records as they stand, with their XML, which is kept until the client changes.

        Staff and groups they name must be there; contacts may be shared. For
        generated practices: thousands a second.
        """
        with self.transaction() as connection:
            insert_clients(connection, clients, rendered)

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
        uuid = uuid.lower() or self._uuids()
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO contacts (uuid, fields, deleted) VALUES (?, ?, ?)",
                (uuid, fields_json(fields), int(deleted)),
            )
            self.share_contact(client, uuid, primary=primary, position=position)
        return uuid

    def share_contact(self, client: str, contact: str, *, primary: bool = False, position: str = "") -> None:
        """Make an existing contact a contact of that client too."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO members (client, contact, position) VALUES (?, ?, ?)", (client, contact, position)
            )
            if primary:
                self._set_primary(connection, client, contact)
            _forget_contact(connection, contact)

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
        with self.transaction() as connection:
            row: tuple[str] = connection.execute("SELECT fields FROM contacts WHERE uuid = ?", (contact,)).fetchone()
            merged = {**text_fields(row[0]), **fields}
            connection.execute("UPDATE contacts SET fields = ? WHERE uuid = ?", (fields_json(merged), contact))
            if position is not None:
                connection.execute(
                    "UPDATE members SET position = ? WHERE client = ? AND contact = ?",
                    (position, client, contact),
                )
            if primary:
                self._set_primary(connection, client, contact)
            elif primary is not None:
                connection.execute(
                    "UPDATE members SET is_primary = 0 WHERE client = ? AND contact = ?", (client, contact)
                )
            _forget_contact(connection, contact)

    def remove_contact(self, contact: str, client: str = "") -> None:
        """Take a contact off one client, or delete it everywhere; without a client left it is deleted."""
        with self.transaction() as connection:
            _forget_contact(connection, contact)
            if client:
                connection.execute("DELETE FROM members WHERE client = ? AND contact = ?", (client, contact))
                left: tuple[int] = connection.execute(
                    "SELECT count(*) FROM members WHERE contact = ?", (contact,)
                ).fetchone()
                if left[0]:
                    return
            connection.execute("UPDATE contacts SET deleted = 1 WHERE uuid = ?", (contact,))

    # --- groups, staff, relationships ------------------------------------------------

    def set_groups(self, client: str, names: Sequence[str]) -> None:
        """Make the client a member of exactly the groups of those names, creating missing ones."""
        by_name = {group.name: group.uuid for group in self.groups()}
        with self.transaction() as connection:
            connection.execute("DELETE FROM group_members WHERE client = ?", (client,))
            for name in names:
                uuid = by_name.get(name) or self.add_group(ClientGroup(self._uuids(), name))
                connection.execute("INSERT INTO group_members (client, grp) VALUES (?, ?)", (client, uuid))
            _forget_client(connection, client)

    def add_group(self, group: ClientGroup) -> str:
        """Create a group and return its UUID."""
        self.database.run(
            "INSERT INTO groups (uuid, name, taxable) VALUES (?, ?, ?)",
            (group.uuid, group.name, int(group.taxable)),
        )
        return group.uuid

    def add_staff(self, member: StaffMember) -> None:
        """Take somebody on."""
        self.database.run(
            "INSERT INTO staff (uuid, name, email, phone, mobile) VALUES (?, ?, ?, ?, ?)",
            (member.uuid, member.name, member.email, member.phone, member.mobile),
        )

    def relate(self, client: str, tie: Relationship) -> None:
        """Record a client's tie to another client."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO relationships (uuid, client, related, kind, shares, percentage, start, end)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    tie.uuid, client, tie.related.uuid, tie.kind,
                    tie.shares, tie.percentage, tie.start, tie.end,
                ),
            )  # fmt: skip
            _forget_client(connection, client)

    # --- private ---------------------------------------------------------------------

    def _now(self) -> str:
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")

    def _touch(self, connection: Connection, uuid: str) -> None:
        connection.execute(
            "UPDATE clients SET modified = ?, xml_base = NULL WHERE uuid = ?",
            (self._now(), uuid),
        )

    def _set_primary(self, connection: Connection, client: str, contact: str) -> None:
        connection.execute("UPDATE members SET is_primary = (contact = ?) WHERE client = ?", (contact, client))
        _forget_client(connection, client)


def _forget_client(connection: Connection, client: str) -> None:
    connection.execute("UPDATE clients SET xml_base = NULL WHERE uuid = ?", (client,))


def _forget_contact(connection: Connection, contact: str) -> None:
    connection.execute(
        "UPDATE clients SET xml_base = NULL WHERE uuid IN (SELECT client FROM members WHERE contact = ?)",
        (contact,),
    )
