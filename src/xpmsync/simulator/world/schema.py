"""How the XPM world keeps a record: one row with everything of a client, so that 15,000 are read in a moment.

Contacts have rows of their own, since clients share them. Other clients are named by
their UUIDs, and their names looked up: they change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from xpmsync.local.system.sqlite import Cell, Database
from xpmsync.simulator.world.quirks import QUIRKS_SCHEMA
from xpmsync.simulator.world.records import ClientNote, Member, Ref, Relationship, WorldClient, WorldContact

__all__ = ["COLUMNS", "MIGRATIONS", "contact_cells", "kept_cells", "load_contact", "unpack"]

_IDENTITY: Final = """
CREATE TABLE IF NOT EXISTS tokens (
    value TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    app TEXT NOT NULL,
    consent TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS disconnected (connection TEXT PRIMARY KEY)
"""
_RECORDS: Final = """
DROP TABLE IF EXISTS clients;
DROP TABLE IF EXISTS contacts;
DROP TABLE IF EXISTS groups;
DROP TABLE IF EXISTS staff;
CREATE TABLE clients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    record TEXT NOT NULL,
    archived INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    modified TEXT NOT NULL,
    xml_base BLOB,
    xml_more BLOB,
    xml_end BLOB
);
CREATE INDEX clients_by_name ON clients (name);
CREATE TABLE contacts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    fields TEXT NOT NULL,
    deleted INTEGER NOT NULL
);
CREATE TABLE groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    taxable INTEGER NOT NULL
);
CREATE TABLE staff (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    mobile TEXT NOT NULL
)
"""
MIGRATIONS: Final = (_IDENTITY, QUIRKS_SCHEMA, _RECORDS)
"""The last one drops the tables of former versions: made-up clients, which are filled in again."""

COLUMNS: Final = "uuid, number, record, archived, deleted, modified"
"""What `unpack` takes of a row of `clients`."""


def kept_cells(client: WorldClient) -> tuple[Cell, ...]:
    """A client's `name, folded, record, archived, deleted, modified`; `folded` is what XPM's search looks through."""
    folded = "\n".join(client.fields.get(name, "") for name in ("Name", "Email", "ClientCode")).casefold()
    record = [
        _filled(client.fields),
        [(ref.uuid, ref.name) if ref else None for ref in (client.account_manager, client.job_manager)],
        client.billing.uuid if client.billing else "",
        [(member.contact.uuid, member.primary, member.position) for member in client.members],
        [(group.uuid, group.name) for group in client.groups],
        [(note.title, note.text, note.date, note.created_by, note.folder) for note in client.notes],
        [
            (tie.related.uuid, tie.uuid, tie.kind, tie.shares, tie.percentage, tie.start, tie.end)
            for tie in client.relationships
        ],
    ]
    packed = json.dumps(record, ensure_ascii=False)
    return client.name, folded, packed, int(client.archived), int(client.deleted), client.modified


def contact_cells(contact: WorldContact) -> tuple[Cell, ...]:
    """A contact's `fields, deleted, uuid`."""
    return json.dumps(_filled(contact.fields), ensure_ascii=False), int(contact.deleted), contact.uuid


def load_contact(database: Database, uuid: str) -> WorldContact | None:
    """The contact with that UUID."""
    row = database.row("SELECT uuid, fields, deleted FROM contacts WHERE uuid = ?", (uuid,))
    return WorldContact(row[0], json.loads(row[1]), bool(row[2])) if row else None


def unpack(database: Database, row: tuple[Any, ...]) -> WorldClient:
    """The client in a row of `COLUMNS`, with its contacts and the present names of other clients."""
    uuid, number, record, archived, deleted, modified = row
    fields, managers, billing, members, groups, notes, ties = json.loads(record)
    account_manager, job_manager = (Ref(*ref) if ref else None for ref in managers)
    contacts = ((load_contact(database, contact), *place) for contact, *place in members)
    return WorldClient(
        uuid,
        number,
        fields,
        modified,
        bool(archived),
        bool(deleted),
        account_manager,
        job_manager,
        _client_ref(database, billing) if billing else None,
        tuple(Member(contact, *place) for contact, *place in contacts if contact),
        tuple(Ref(*group) for group in groups),
        tuple(ClientNote(*note) for note in notes),
        tuple(Relationship(own, kind, _client_ref(database, other), *shares) for other, own, kind, *shares in ties),
    )


def _client_ref(database: Database, uuid: str) -> Ref:
    """Another client by its present name; it may be entered later."""
    row = database.row("SELECT name FROM clients WHERE uuid = ?", (uuid,))
    return Ref(uuid, row[0] if row else "")


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text}
