"""The tables of the practice's XPM side, and how their rows become records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from xpmsync.simulator.world.records import ClientNote, Member, Ref, Relationship, WorldClient, WorldContact

__all__ = ["SCHEMA", "fields_json", "folded", "insert_clients", "load_clients", "notes_json", "text_fields"]

SCHEMA: Final = """
CREATE TABLE clients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    fields TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '[]',
    account_manager TEXT NOT NULL DEFAULT '',
    job_manager TEXT NOT NULL DEFAULT '',
    billing TEXT NOT NULL DEFAULT '',
    archived INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    modified TEXT NOT NULL,
    xml_base BLOB,
    xml_more BLOB NOT NULL DEFAULT x'',
    xml_end BLOB NOT NULL DEFAULT x''
);
CREATE INDEX clients_by_name ON clients (name);
CREATE INDEX clients_by_billing ON clients (billing);
CREATE TABLE contacts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    fields TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE members (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    contact TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    position TEXT NOT NULL DEFAULT '',
    UNIQUE (client, contact)
);
CREATE INDEX members_by_contact ON members (contact);
CREATE TABLE groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    taxable INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE group_members (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    grp TEXT NOT NULL,
    UNIQUE (client, grp)
);
CREATE INDEX group_members_by_group ON group_members (grp);
CREATE TABLE staff (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    mobile TEXT NOT NULL
);
CREATE TABLE relationships (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    related TEXT NOT NULL,
    kind TEXT NOT NULL,
    shares INTEGER NOT NULL,
    percentage INTEGER NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL
);
CREATE INDEX relationships_by_client ON relationships (client);
CREATE INDEX relationships_by_related ON relationships (related);
CREATE TABLE tokens (
    value TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    app TEXT NOT NULL,
    consent TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires TEXT NOT NULL
);
CREATE TABLE disconnected (connection TEXT PRIMARY KEY)
"""

_CLIENTS: Final = """
SELECT c.uuid, c.number, c.fields, c.notes, c.modified, c.archived, c.deleted,
       a.uuid, a.name, j.uuid, j.name, b.uuid, b.name
FROM clients c
LEFT JOIN staff a ON a.uuid = c.account_manager
LEFT JOIN staff j ON j.uuid = c.job_manager
LEFT JOIN clients b ON b.uuid = c.billing
WHERE c.uuid = ?
"""
_MEMBERS: Final = """
SELECT c.uuid, c.fields, c.deleted, m.is_primary, m.position
FROM members m JOIN contacts c ON c.uuid = m.contact WHERE m.client = ? ORDER BY m.seq
"""
_GROUPS: Final = """
SELECT g.uuid, g.name FROM group_members m JOIN groups g ON g.uuid = m.grp WHERE m.client = ? ORDER BY m.seq
"""
_RELATIONSHIPS: Final = """
SELECT r.uuid, r.kind, c.uuid, c.name, r.shares, r.percentage, r.start, r.end
FROM relationships r JOIN clients c ON c.uuid = r.related WHERE r.client = ? ORDER BY r.seq
"""


def load_clients(connection: sqlite3.Connection, uuids: Sequence[str]) -> list[WorldClient]:
    """Read those clients whole, in that order; unknown UUIDs are left out."""
    found: list[WorldClient] = []
    for uuid in uuids:
        row: (
            tuple[
                str, int, str, str, str, int, int,
                str | None, str | None, str | None, str | None, str | None, str | None,
            ]
            | None
        ) = connection.execute(_CLIENTS, (uuid,)).fetchone()  # fmt: skip
        if row is None:
            continue
        found.append(
            WorldClient(
                uuid=row[0],
                number=row[1],
                fields=text_fields(row[2]),
                notes=tuple(ClientNote(*cells) for cells in _note_cells(row[3])),
                modified=row[4],
                archived=bool(row[5]),
                deleted=bool(row[6]),
                account_manager=_ref(row[7], row[8]),
                job_manager=_ref(row[9], row[10]),
                billing=_ref(row[11], row[12]),
                members=_members(connection, uuid),
                groups=_groups(connection, uuid),
                relationships=_relationships(connection, uuid),
            )
        )
    return found


def insert_clients(
    connection: sqlite3.Connection, clients: Sequence[WorldClient], rendered: Sequence[tuple[bytes, bytes, bytes]]
) -> None:
    """Insert whole records with their XML; contacts that are there already are shared."""
    connection.executemany(
        "INSERT INTO clients (uuid, number, name, folded, fields, notes, account_manager, job_manager, billing,"
        " archived, deleted, modified, xml_base, xml_more, xml_end)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                c.uuid, c.number, c.name, folded(c.fields), fields_json(c.fields), notes_json(c.notes),
                _uuid(c.account_manager), _uuid(c.job_manager), _uuid(c.billing),
                int(c.archived), int(c.deleted), c.modified, *xml,
            )
            for c, xml in zip(clients, rendered, strict=True)
        ),
    )  # fmt: skip
    members = [(client.uuid, member) for client in clients for member in client.members]
    connection.executemany(
        "INSERT OR IGNORE INTO contacts (uuid, fields, deleted) VALUES (?, ?, ?)",
        ((m.contact.uuid, fields_json(m.contact.fields), int(m.contact.deleted)) for _, m in members),
    )
    connection.executemany(
        "INSERT INTO members (client, contact, is_primary, position) VALUES (?, ?, ?, ?)",
        ((client, m.contact.uuid, int(m.primary), m.position) for client, m in members),
    )
    connection.executemany(
        "INSERT INTO group_members (client, grp) VALUES (?, ?)",
        ((client.uuid, group.uuid) for client in clients for group in client.groups),
    )
    connection.executemany(
        "INSERT INTO relationships (uuid, client, related, kind, shares, percentage, start, end)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (t.uuid, client.uuid, t.related.uuid, t.kind, t.shares, t.percentage, t.start, t.end)
            for client in clients
            for t in client.relationships
        ),
    )


def folded(fields: Mapping[str, str]) -> str:
    """What XPM's search looks through, without regard to case."""
    return "\n".join(fields.get(name, "") for name in ("Name", "Email", "ClientCode")).casefold()


def text_fields(packed: str) -> dict[str, str]:
    """Unpack a `fields` column."""
    fields: dict[str, str] = json.loads(packed)
    return fields


def fields_json(fields: Mapping[str, str]) -> str:
    """Pack element texts, leaving blanks out."""
    return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False)


def notes_json(notes: Sequence[ClientNote]) -> str:
    """Pack a client's notes."""
    return json.dumps([(n.title, n.text, n.date, n.created_by, n.folder) for n in notes], ensure_ascii=False)


def _note_cells(packed: str) -> list[tuple[str, str, str, str, str]]:
    cells: list[tuple[str, str, str, str, str]] = json.loads(packed)
    return cells


def _uuid(ref: Ref | None) -> str:
    return ref.uuid if ref else ""


def _ref(uuid: str | None, name: str | None) -> Ref | None:
    return None if uuid is None else Ref(uuid, name or "")


def _members(connection: sqlite3.Connection, uuid: str) -> tuple[Member, ...]:
    rows: list[tuple[str, str, int, int, str]] = connection.execute(_MEMBERS, (uuid,)).fetchall()
    return tuple(
        Member(WorldContact(contact, text_fields(fields), bool(deleted)), bool(primary), position)
        for contact, fields, deleted, primary, position in rows
    )


def _groups(connection: sqlite3.Connection, uuid: str) -> tuple[Ref, ...]:
    rows: list[tuple[str, str]] = connection.execute(_GROUPS, (uuid,)).fetchall()
    return tuple(Ref(*row) for row in rows)


def _relationships(connection: sqlite3.Connection, uuid: str) -> tuple[Relationship, ...]:
    rows: list[tuple[str, str, str, str, int, int, str, str]] = connection.execute(_RELATIONSHIPS, (uuid,)).fetchall()
    return tuple(
        Relationship(own, kind, Ref(related, name), shares, percentage, start, end)
        for own, kind, related, name, shares, percentage, start, end in rows
    )
