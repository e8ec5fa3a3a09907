"""What Ignition would hold: the client register behind route `builtin`.

A record is kept as Ignition gives it out, by catalogue names. Ignition's own
rules hold: a client has a name and exactly one primary contact, a contact has a
name and an e-mail. Every write is one durable commit; two processes may work on
one file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Final, Self

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.model import Client, Contact, State, System
from xpmsync.errors import ClientNotFound, Rejected
from xpmsync.practice.database import MEMORY, Database

__all__ = ["Draft", "Register"]

_SCHEMA: Final = """
CREATE TABLE clients (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX clients_by_name ON clients (name);
CREATE TABLE contact_ids (last INTEGER NOT NULL);
INSERT INTO contact_ids VALUES (20000000);
INSERT INTO sqlite_sequence (name, seq) VALUES ('clients', 1000000)
"""
_FIRST_REFERENCE: Final = 1_000_000 - 1_000
"""Client 1000001 is `CLI-1001` on Ignition's screens."""

_CLIENT_NAMES: Final = frozenset(row.name for row in CLIENT_FIELDS if row.ignition)
_CONTACT_NAMES: Final = frozenset(row.name for row in CONTACT_FIELDS if row.ignition)


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole record for `Register.insert_many`; values by catalogue names, one contact flagged primary."""

    client_id: str
    values: dict[str, str]
    contacts: list[dict[str, str]]
    state: State = State.ACTIVE
    manager: str = ""
    partner: str = ""
    xpm_number: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)


class Register:
    """Ignition's clients in a SQLite file, or in memory.

    Raises `Rejected` (system Ignition) where a rule is broken, `ClientNotFound`
    for an unknown client id.
    """

    def __init__(self, path: Path | str = MEMORY) -> None:
        self.database = Database(path, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def transaction(self) -> AbstractContextManager[Connection]:
        """Make several writes one commit."""
        return self.database.writing()

    # --- reading ---------------------------------------------------------------------

    def clients(self) -> Iterator[Client]:
        """Every client, archived ones included, ordered by id; a snapshot of this moment."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str]] = connection.execute("SELECT id, record FROM clients ORDER BY id").fetchall()
        return (_unpack(str(number), record) for number, record in rows)

    def get(self, client_id: str) -> Client | None:
        """The client with that id, or none."""
        if not client_id.isdecimal():
            return None
        with self.database.reading() as connection:
            row: tuple[str] | None = connection.execute(
                "SELECT record FROM clients WHERE id = ?", (int(client_id),)
            ).fetchone()
        return None if row is None else _unpack(client_id, row[0])

    def named(self, name: str) -> tuple[Client, ...]:
        """The clients of exactly that name; names are no keys in Ignition."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str]] = connection.execute(
                "SELECT id, record FROM clients WHERE name = ? ORDER BY id", (name,)
            ).fetchall()
        return tuple(_unpack(str(number), record) for number, record in rows)

    # --- clients ---------------------------------------------------------------------

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        client_id: str = "",
        manager: str = "",
        partner: str = "",
        xpm_number: str = "",
        identifiers: Mapping[str, str] | None = None,
        state: State = State.ACTIVE,
    ) -> Client:
        """Create a client with its contacts; the first is the primary one where none is flagged.

        `client_id` is for seeding; usually the next free one is taken.
        """
        call = "create_client"
        _check_names(call, values, _CLIENT_NAMES)
        _required(call, values, "name")
        if not contacts:
            raise _rejected(call, "a client needs at least one contact")
        flagged = [contact.get("contact.primary", "").casefold() == "yes" for contact in contacts]
        if sum(flagged) > 1:
            raise _rejected(call, "a client has exactly one primary contact")
        primary = flagged.index(True) if any(flagged) else 0
        for contact in contacts:
            _check_contact(call, contact)
        with self.transaction() as connection:
            made = tuple(
                Contact(_next_contact_id(connection), _with_primary(contact, place == primary))
                for place, contact in enumerate(contacts)
            )
            row_id = connection.execute(
                "INSERT INTO clients (id, name, record) VALUES (?, ?, '{}')",
                (int(client_id) if client_id else None, values["name"]),
            ).lastrowid
            client = Client(
                System.IGNITION,
                str(row_id),
                _filled(values),
                made,
                state,
                manager=manager,
                partner=partner,
                xpm_number=xpm_number,
                identifiers=dict(identifiers or {}),
            )
            return _save(connection, client)

    def insert_many(self, drafts: Sequence[Draft]) -> None:
        """Insert whole records as they stand, in one commit: thousands a second, for generated practices."""
        with self.transaction() as connection:
            for draft in drafts:
                connection.execute("INSERT INTO clients (id, name, record) VALUES (?, '', '')", (int(draft.client_id),))
                contacts = tuple(Contact(_next_contact_id(connection), values) for values in draft.contacts)
                _save(
                    connection,
                    Client(
                        System.IGNITION,
                        draft.client_id,
                        draft.values,
                        contacts,
                        draft.state,
                        manager=draft.manager,
                        partner=draft.partner,
                        xpm_number=draft.xpm_number,
                        identifiers=draft.identifiers,
                    ),
                )

    def update(self, client_id: str, values: Mapping[str, str]) -> Client:
        """Change the given fields only; an empty text clears."""
        call = "update_client"
        _check_names(call, values, _CLIENT_NAMES)
        if "name" in values:
            _required(call, values, "name")

        def change(client: Client) -> Client:
            return replace(client, values=_filled({**client.values, **values}))

        return self._change(client_id, change)

    def archive(self, client_id: str) -> Client:
        """Archive a client."""
        return self._change(client_id, lambda client: replace(client, state=State.ARCHIVED))

    def restore(self, client_id: str) -> Client:
        """Make an archived client active again."""
        return self._change(client_id, lambda client: replace(client, state=State.ACTIVE))

    def delete(self, client_id: str) -> None:
        """Delete a client for good, as a person may in Ignition's screens; no route can."""
        with self.transaction() as connection:
            gone = connection.execute("DELETE FROM clients WHERE id = ?", (_number(client_id),))
            if not gone.rowcount:
                raise ClientNotFound(client_id, System.IGNITION)

    # --- contacts --------------------------------------------------------------------

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Add a contact; flagged primary, it takes the place of the present primary contact."""
        _check_contact("add_contact", values)
        with self.transaction() as connection:
            added = Contact(_next_contact_id(connection), _filled(values))

            def change(client: Client) -> Client:
                contacts = (*client.contacts, added)
                return replace(client, contacts=_one_primary(contacts, added if added.is_primary else None))

            client = self._change(client_id, change)
        return client.contacts[-1]

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> Contact:
        """Change the given fields of a contact only; an empty text clears, name and e-mail cannot be."""
        call = "update_contact"
        _check_names(call, values, _CONTACT_NAMES)
        for name in ("contact.name", "contact.email"):
            if name in values:
                _required(call, values, name)

        def change(client: Client) -> Client:
            old = client.contact(contact_id)
            if old is None:
                raise _rejected(call, f"client {client_id} has no contact {contact_id}")
            new = Contact(contact_id, _filled({**old.values, **values}))
            if old.is_primary and not new.is_primary:
                raise _rejected(call, "a client has exactly one primary contact; flag another one instead")
            contacts = tuple(new if contact.id == contact_id else contact for contact in client.contacts)
            return replace(client, contacts=_one_primary(contacts, new if new.is_primary else None))

        changed = self._change(client_id, change).contact(contact_id)
        assert changed is not None  # noqa: S101 - it was there a moment ago, in the same transaction
        return changed

    def delete_contact(self, client_id: str, contact_id: str) -> None:
        """Delete a contact, as a person may in Ignition's screens; no route can."""
        call = "delete_contact"

        def change(client: Client) -> Client:
            left = tuple(contact for contact in client.contacts if contact.id != contact_id)
            if len(left) == len(client.contacts):
                raise _rejected(call, f"client {client_id} has no contact {contact_id}")
            if not left:
                raise _rejected(call, "a client needs at least one contact")
            return replace(client, contacts=_one_primary(left, None))

        self._change(client_id, change)

    def _change(self, client_id: str, change: Callable[[Client], Client]) -> Client:
        with self.transaction() as connection:
            client = self.get(client_id)
            if client is None:
                raise ClientNotFound(client_id, System.IGNITION)
            return _save(connection, change(client))


def _check_names(call: str, values: Mapping[str, str], known: frozenset[str]) -> None:
    unknown = sorted(values.keys() - known)
    if unknown:
        raise _rejected(call, f"Ignition has no field {', '.join(unknown)}")


def _check_contact(call: str, values: Mapping[str, str]) -> None:
    _check_names(call, values, _CONTACT_NAMES)
    _required(call, values, "contact.name")
    _required(call, values, "contact.email")


def _required(call: str, values: Mapping[str, str], name: str) -> None:
    if not values.get(name, "").strip():
        raise _rejected(call, f"{name} is required")


def _rejected(call: str, reason: str) -> Rejected:
    return Rejected(System.IGNITION, call, reason)


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _with_primary(values: Mapping[str, str], primary: bool) -> dict[str, str]:
    return _filled(values) | {"contact.primary": "Yes" if primary else "No"}


def _one_primary(contacts: tuple[Contact, ...], wanted: Contact | None) -> tuple[Contact, ...]:
    """Flag `wanted`, else the present primary contact, else the first; and no other."""
    chosen = wanted or next((contact for contact in contacts if contact.is_primary), contacts[0])
    return tuple(Contact(c.id, _with_primary(c.values, c.id == chosen.id)) for c in contacts)


def _number(client_id: str) -> int:
    if not client_id.isdecimal():
        raise ClientNotFound(client_id, System.IGNITION)
    return int(client_id)


def _next_contact_id(connection: Connection) -> str:
    row: tuple[int] = connection.execute("UPDATE contact_ids SET last = last + 1 RETURNING last").fetchone()
    return str(row[0])


def _save(connection: Connection, client: Client) -> Client:
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


def _unpack(client_id: str, record: str) -> Client:
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
