"""Reading the practice's XPM side: whole clients, pages, contacts, groups and staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from xpmsync.local.system.sqlite import Database
from xpmsync.simulator.world.records import ClientGroup, Ref, StaffMember, WorldClient, WorldContact
from xpmsync.simulator.world.schema import load_clients, text_fields

__all__ = ["Rendered", "WorldReader"]

Rendered = tuple[bytes, bytes, bytes]
"""A client's XML up to its contacts, what only detailed answers add, and its end."""

_BATCH: Final = 200


class WorldReader:
    """What can be asked of XPM's data; `world.World` adds the changes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def count(self) -> int:
        """How many clients there are, archived and deleted ones included."""
        with self.database.reading() as connection:
            row: tuple[int] = connection.execute("SELECT count(*) FROM clients").fetchone()
        return row[0]

    def client(self, uuid: str) -> WorldClient | None:
        """The client with that UUID, in any case of letters."""
        with self.database.reading() as connection:
            found = load_clients(connection, (uuid.lower(),))
        return found[0] if found else None

    def clients(self) -> Iterator[WorldClient]:
        """Every client in the order of creation, read in batches."""
        for uuids in self._batches():
            with self.database.reading() as connection:
                found = load_clients(connection, uuids)
            yield from found

    def named(self, name: str) -> tuple[WorldClient, ...]:
        """The clients of exactly that name that are not deleted."""
        with self.database.reading() as connection:
            rows: list[tuple[str]] = connection.execute(
                "SELECT uuid FROM clients WHERE name = ? AND NOT deleted ORDER BY seq", (name,)
            ).fetchall()
            return tuple(load_clients(connection, [uuid for (uuid,) in rows]))

    def search(self, text: str) -> Iterator[WorldClient]:
        """Clients with `text` in name, e-mail or client code, whatever the case; none that is deleted."""
        for uuids in self._batches("AND NOT deleted AND instr(folded, ?)", text.casefold()):
            with self.database.reading() as connection:
                found = load_clients(connection, uuids)
            yield from found

    def page(self, after: int, size: int) -> tuple[tuple[WorldClient, ...], int]:
        """One page of active clients after that sequence number, and the number to go on after (0: the end)."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str]] = connection.execute(
                "SELECT seq, uuid FROM clients WHERE seq > ? AND NOT archived AND NOT deleted ORDER BY seq LIMIT ?",
                (after, size + 1),
            ).fetchall()
            found = load_clients(connection, [uuid for _, uuid in rows[:size]])
        return tuple(found), rows[size - 1][0] if len(rows) > size else 0

    def rendered(self, render: Callable[[WorldClient], Rendered], since: str = "") -> Iterator[list[Rendered]]:
        """The XML of clients modified at or after `since`, in batches; what was kept is not rendered again."""
        after = 0
        while True:
            with self.database.reading() as connection:
                rows: list[tuple[int, str, bytes | None, bytes, bytes]] = connection.execute(
                    "SELECT seq, uuid, xml_base, xml_more, xml_end FROM clients"
                    " WHERE seq > ? AND modified >= ? ORDER BY seq LIMIT ?",
                    (after, since, _BATCH),
                ).fetchall()
                batch: list[Rendered] = []
                for _, uuid, base, more, end in rows:
                    if base is not None:
                        batch.append((base, more, end))
                    else:
                        batch.extend(render(client) for client in load_clients(connection, (uuid,)))
            if not rows:
                return
            after = rows[-1][0]
            yield batch

    def contact(self, uuid: str) -> WorldContact | None:
        """The contact with that UUID, in any case of letters."""
        with self.database.reading() as connection:
            row: tuple[str, str, int] | None = connection.execute(
                "SELECT uuid, fields, deleted FROM contacts WHERE uuid = ?", (uuid.lower(),)
            ).fetchone()
        return None if row is None else WorldContact(row[0], text_fields(row[1]), bool(row[2]))

    def contact_page(self, after: int, size: int) -> tuple[tuple[WorldContact, ...], int]:
        """One page of contacts that are not deleted, and the sequence number to go on after (0: the end)."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str, str]] = connection.execute(
                "SELECT seq, uuid, fields FROM contacts WHERE seq > ? AND NOT deleted ORDER BY seq LIMIT ?",
                (after, size + 1),
            ).fetchall()
        page = tuple(WorldContact(uuid, text_fields(fields)) for _, uuid, fields in rows[:size])
        return page, rows[size - 1][0] if len(rows) > size else 0

    def groups(self) -> tuple[ClientGroup, ...]:
        """All client groups."""
        with self.database.reading() as connection:
            rows: list[tuple[str, str, int]] = connection.execute(
                "SELECT uuid, name, taxable FROM groups ORDER BY seq"
            ).fetchall()
        return tuple(ClientGroup(uuid, name, bool(taxable)) for uuid, name, taxable in rows)

    def group_members(self, uuid: str) -> tuple[Ref, ...]:
        """The clients of a group."""
        with self.database.reading() as connection:
            rows: list[tuple[str, str]] = connection.execute(
                "SELECT c.uuid, c.name FROM group_members m JOIN clients c ON c.uuid = m.client"
                " WHERE m.grp = ? ORDER BY m.seq",
                (uuid.lower(),),
            ).fetchall()
        return tuple(Ref(*row) for row in rows)

    def staff(self) -> tuple[StaffMember, ...]:
        """Everybody who works at the practice."""
        with self.database.reading() as connection:
            rows: list[tuple[str, str, str, str, str]] = connection.execute(
                "SELECT uuid, name, email, phone, mobile FROM staff ORDER BY seq"
            ).fetchall()
        return tuple(StaffMember(*row) for row in rows)

    def _batches(self, where: str = "", *cells: str) -> Iterator[list[str]]:
        after = 0
        while True:
            with self.database.reading() as connection:
                rows: list[tuple[int, str]] = connection.execute(
                    f"SELECT seq, uuid FROM clients WHERE seq > ? {where} ORDER BY seq LIMIT ?",  # noqa: S608 - `where` is one of this module's literals
                    (after, *cells, _BATCH),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield [uuid for _, uuid in rows]
