"""How the register keeps a record: one row with everything, so that 15,000 are read in a moment."""

import json
from collections.abc import Mapping
from dataclasses import replace
from sqlite3 import Connection
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact
from xpmsync.errors import Rejected

SCHEMA: Final = """
CREATE TABLE clients (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX clients_by_name ON clients (name);
CREATE TABLE contact_ids (last INTEGER NOT NULL);
INSERT INTO contact_ids VALUES (20000000);
INSERT INTO sqlite_sequence (name, seq) VALUES ('clients', 1000000)
"""
_FIRST_REFERENCE: Final = 1_000_000 - 1_000
"""Client 1000001 is `CLI-1001` on Ignition's screens."""


def next_contact_id(connection: Connection) -> str:
    """The next contact id; none is given twice."""
    row: tuple[int] = connection.execute("UPDATE contact_ids SET last = last + 1 RETURNING last").fetchone()
    return str(row[0])


def save(connection: Connection, client: Client) -> Client:
    """Write a client's row and return the client with its reference."""
    client = replace(client, number=f"CLI-{int(client.id) - _FIRST_REFERENCE}")
    record = [
        dict(client.values),
        [(contact.id, dict(contact.values)) for contact in client.contacts],
        [client.state, client.manager, client.partner, client.xpm_number],
        dict(client.identifiers),
    ]
    connection.execute(
        "UPDATE clients SET name = ?, record = ? WHERE id = ?",
        (client.name, json.dumps(record, ensure_ascii=False), int(client.id)),
    )
    return client


def unpack(client_id: str, record: str) -> Client:
    """The client in a row."""
    values: dict[str, str]
    contacts: list[tuple[str, dict[str, str]]]
    about: tuple[str, str, str, str]
    identifiers: dict[str, str]
    values, contacts, about, identifiers = json.loads(record)
    state, manager, partner, xpm_number = about
    return Client(
        System.IGNITION,
        client_id,
        values,
        tuple(Contact(contact_id, contact) for contact_id, contact in contacts),
        ClientState(state),
        f"CLI-{int(client_id) - _FIRST_REFERENCE}",
        manager=manager,
        partner=partner,
        xpm_number=xpm_number,
        identifiers=identifiers,
    )


CLIENT_NAMES: Final = frozenset(row.name for row in CLIENT_FIELDS if row.ignition)
CONTACT_NAMES: Final = frozenset(row.name for row in CONTACT_FIELDS if row.ignition)


def check_names(call: str, values: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise `Rejected` for values under names Ignition has no field for."""
    unknown = sorted(values.keys() - known)
    if unknown:
        raise rejected(call, f"Ignition has no field {', '.join(unknown)}")


def check_contact(call: str, values: Mapping[str, str]) -> None:
    """Raise `Rejected` for a contact Ignition would not take: unknown fields, no name, no e-mail."""
    check_names(call, values, CONTACT_NAMES)
    required(call, values, "contact.name")
    required(call, values, "contact.email")


def required(call: str, values: Mapping[str, str], name: str) -> None:
    """Raise `Rejected` where that value is blank."""
    if not values.get(name, "").strip():
        raise rejected(call, f"{name} is required")


def rejected(call: str, reason: str) -> Rejected:
    """A refusal in Ignition's name."""
    return Rejected(System.IGNITION, call, reason)


def filled(values: Mapping[str, str]) -> dict[str, str]:
    """The values that are not blank."""
    return {name: value for name, value in values.items() if value}


def with_primary(values: Mapping[str, str], primary: bool) -> dict[str, str]:
    """The values with the primary flag set or unset."""
    return filled(values) | {"contact.primary": "Yes" if primary else "No"}


def one_primary(contacts: tuple[Contact, ...], wanted: Contact | None) -> tuple[Contact, ...]:
    """Flag `wanted`, else the present primary contact, else the first; and no other."""
    chosen = wanted or next((contact for contact in contacts if contact.is_primary), contacts[0])
    return tuple(Contact(c.id, with_primary(c.values, c.id == chosen.id)) for c in contacts)
