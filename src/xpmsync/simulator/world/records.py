"""What the built-in practice's XPM side holds, as XPM itself would see it, and the database rows that keep it.

These are the server's own records, element names and all; what xpmsync makes
of the answers is `core.model`. UUIDs are kept in lower case. A client is one row with
everything, so that 15,000 are read in a moment; contacts have rows of their own, since
clients share them. Other clients are named by their UUIDs, and their names looked up: they change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from xpmsync.local.system.sqlite import Cell, Database
from xpmsync.simulator.world.quirks import QUIRKS_SCHEMA


def demo_id(name: str) -> str:
    """A fixed UUID for a thing of the built-in practice."""
    return str(uuid5(NAMESPACE_URL, f"https://example.com/xpmsync/practice/{name}"))


@dataclass(frozen=True, slots=True)
class Ref:
    """A record named by another one: its UUID and present name."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works at the practice."""

    uuid: str
    name: str
    email: str
    phone: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ClientGroup:
    """A client group; members are asked for apart."""

    uuid: str
    name: str
    taxable: bool = True


@dataclass(frozen=True, slots=True)
class WorldContact:
    """A person; `fields` maps XPM's element names (`Name`, `Email`, …) to text, blanks left out."""

    uuid: str
    fields: Mapping[str, str]
    deleted: bool = False

    @property
    def name(self) -> str:
        """The contact's name."""
        return self.fields.get("Name", "")


@dataclass(frozen=True, slots=True)
class Member:
    """A contact's place at one client: XPM keeps position and the primary flag for each client apart."""

    contact: WorldContact
    primary: bool = False
    position: str = ""


@dataclass(frozen=True, slots=True)
class ClientNote:
    """A note on a client; detailed answers carry it and xpmsync must drop it."""

    title: str
    text: str
    date: str
    created_by: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """One client's tie to another (`Shareholder`, `Trustee`, …)."""

    uuid: str
    kind: str
    related: Ref
    shares: int = 0
    percentage: int = 0
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class WorldClient:
    """A client with everything a detailed answer has.

    `fields` maps XPM's *read* element names to text, blanks left out; `number`
    is the one in XPM's web address; `modified` is UTC as `modifiedsince` compares
    it and appears in no answer.
    """

    uuid: str
    number: int
    fields: Mapping[str, str]
    modified: str
    archived: bool = False
    deleted: bool = False
    account_manager: Ref | None = None
    job_manager: Ref | None = None
    billing: Ref | None = None
    members: tuple[Member, ...] = ()
    groups: tuple[Ref, ...] = ()
    notes: tuple[ClientNote, ...] = ()
    relationships: tuple[Relationship, ...] = ()

    @property
    def name(self) -> str:
        """The client's name."""
        return self.fields.get("Name", "")


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
