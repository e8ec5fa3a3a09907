"""How the register keeps a record: one row with everything, so that 15,000 are read in a moment."""

from __future__ import annotations

import json
from dataclasses import replace
from sqlite3 import Connection
from typing import Final

from xpmsync.core.enums import State, System
from xpmsync.core.model import Client, Contact

__all__ = ["SCHEMA", "next_contact_id", "save", "unpack"]

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
        State(state),
        f"CLI-{int(client_id) - _FIRST_REFERENCE}",
        manager=manager,
        partner=partner,
        xpm_number=xpm_number,
        identifiers=identifiers,
    )
