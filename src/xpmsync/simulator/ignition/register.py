"""What Ignition would hold: the client register behind route `builtin`.

A record is kept as Ignition gives it out, by catalogue names. Ignition's own
rules hold: a client has a name and exactly one primary contact, a contact has a
name and an e-mail. Every write is one durable commit; two processes may work on
one file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, Contact
from xpmsync.errors import ClientNotFound
from xpmsync.local.system.sqlite import MEMORY, Database
from xpmsync.simulator.ignition import records
from xpmsync.simulator.world.quirks import QUIRKS_SCHEMA, SimulatedSide


@dataclass(frozen=True, slots=True)
class RegisterDraft:
    """A whole record for `Register.insert_many`; values by catalogue names, one contact flagged primary."""

    client_id: str
    values: dict[str, str]
    contacts: list[dict[str, str]]
    state: ClientState = ClientState.ACTIVE
    manager: str = ""
    partner: str = ""
    xpm_number: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)


class Register(SimulatedSide):
    """Ignition's clients in a SQLite file, or in memory.

    Raises `Rejected` (system Ignition) where a rule is broken, `ClientNotFound`
    for an unknown client id.
    """

    def __init__(self, path: Path | str = MEMORY) -> None:
        self.database = Database(path, (records.SCHEMA, QUIRKS_SCHEMA))

    # --- reading ---------------------------------------------------------------------

    def clients(self) -> Iterator[Client]:
        """Every client, archived ones included, ordered by id; a snapshot of this moment."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str]] = connection.execute("SELECT id, record FROM clients ORDER BY id").fetchall()
        return (records.unpack(str(number), record) for number, record in rows)

    def get(self, client_id: str) -> Client | None:
        """The client with that id, or none."""
        if not client_id.isdecimal():
            return None
        with self.database.reading() as connection:
            row: tuple[str] | None = connection.execute(
                "SELECT record FROM clients WHERE id = ?", (int(client_id),)
            ).fetchone()
        return None if row is None else records.unpack(client_id, row[0])

    def named(self, name: str) -> tuple[Client, ...]:
        """The clients of exactly that name; names are no keys in Ignition."""
        with self.database.reading() as connection:
            rows: list[tuple[int, str]] = connection.execute(
                "SELECT id, record FROM clients WHERE name = ? ORDER BY id", (name,)
            ).fetchall()
        return tuple(records.unpack(str(number), record) for number, record in rows)

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
        state: ClientState = ClientState.ACTIVE,
    ) -> Client:
        """Create a client with its contacts; the first is the primary one where none is flagged.

        `client_id` is for seeding; usually the next free one is taken.
        """
        call = "create_client"
        records.check_names(call, values, records.CLIENT_NAMES)
        records.required(call, values, "name")
        if not contacts:
            raise records.rejected(call, "a client needs at least one contact")
        flagged = [contact.get("contact.primary", "").casefold() == "yes" for contact in contacts]
        if sum(flagged) > 1:
            raise records.rejected(call, "a client has exactly one primary contact")
        primary = flagged.index(True) if any(flagged) else 0
        for contact in contacts:
            records.check_contact(call, contact)
        with self.transaction() as connection:
            made = tuple(
                Contact(records.next_contact_id(connection), records.with_primary(contact, place == primary))
                for place, contact in enumerate(contacts)
            )
            row_id = connection.execute(
                "INSERT INTO clients (id, name, record) VALUES (?, ?, '{}')",
                (int(client_id) if client_id else None, values["name"]),
            ).lastrowid
            client = Client(
                System.IGNITION,
                str(row_id),
                records.filled(values),
                made,
                state,
                manager=manager,
                partner=partner,
                xpm_number=xpm_number,
                identifiers=dict(identifiers or {}),
            )
            return records.save(connection, client)

    def insert_many(self, drafts: Sequence[RegisterDraft]) -> None:
        """Insert whole records as they stand, in one commit: thousands a second, for generated practices."""
        with self.transaction() as connection:
            for draft in drafts:
                connection.execute("INSERT INTO clients (id, name, record) VALUES (?, '', '')", (int(draft.client_id),))
                contacts = tuple(Contact(records.next_contact_id(connection), values) for values in draft.contacts)
                records.save(
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
        records.check_names(call, values, records.CLIENT_NAMES)
        if "name" in values:
            records.required(call, values, "name")

        def change(client: Client) -> Client:
            return replace(client, values=records.filled({**client.values, **values}))

        return self._change(client_id, change)

    def archive(self, client_id: str) -> Client:
        """Archive a client."""
        return self._change(client_id, lambda client: replace(client, state=ClientState.ARCHIVED))

    def restore(self, client_id: str) -> Client:
        """Make an archived client active again."""
        return self._change(client_id, lambda client: replace(client, state=ClientState.ACTIVE))

    def delete(self, client_id: str) -> None:
        """Delete a client for good, as a person may in Ignition's screens; no route can."""
        with self.transaction() as connection:
            gone = connection.execute("DELETE FROM clients WHERE id = ?", (_number(client_id),))
            if not gone.rowcount:
                raise ClientNotFound(client_id, System.IGNITION)

    # --- contacts --------------------------------------------------------------------

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Add a contact; flagged primary, it takes the place of the present primary contact."""
        records.check_contact("add_contact", values)
        with self.transaction() as connection:
            added = Contact(records.next_contact_id(connection), records.filled(values))

            def change(client: Client) -> Client:
                contacts = (*client.contacts, added)
                return replace(client, contacts=records.one_primary(contacts, added if added.is_primary else None))

            client = self._change(client_id, change)
        return client.contacts[-1]

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> Contact:
        """Change the given fields of a contact only; an empty text clears, name and e-mail cannot be."""
        call = "update_contact"
        records.check_names(call, values, records.CONTACT_NAMES)
        for name in ("contact.name", "contact.email"):
            if name in values:
                records.required(call, values, name)

        def change(client: Client) -> Client:
            old = client.contact(contact_id)
            if old is None:
                raise records.rejected(call, f"client {client_id} has no contact {contact_id}")
            new = Contact(contact_id, records.filled({**old.values, **values}))
            if old.is_primary and not new.is_primary:
                raise records.rejected(call, "a client has exactly one primary contact; flag another one instead")
            contacts = tuple(new if contact.id == contact_id else contact for contact in client.contacts)
            return replace(client, contacts=records.one_primary(contacts, new if new.is_primary else None))

        changed = self._change(client_id, change).contact(contact_id)
        assert changed is not None  # noqa: S101 - it was there a moment ago, in the same transaction
        return changed

    def delete_contact(self, client_id: str, contact_id: str) -> None:
        """Delete a contact, as a person may in Ignition's screens; no route can."""
        call = "delete_contact"

        def change(client: Client) -> Client:
            left = tuple(contact for contact in client.contacts if contact.id != contact_id)
            if len(left) == len(client.contacts):
                raise records.rejected(call, f"client {client_id} has no contact {contact_id}")
            if not left:
                raise records.rejected(call, "a client needs at least one contact")
            return replace(client, contacts=records.one_primary(left, None))

        self._change(client_id, change)

    def _change(self, client_id: str, change: Callable[[Client], Client]) -> Client:
        with self.transaction() as connection:
            client = self.get(client_id)
            if client is None:
                raise ClientNotFound(client_id, System.IGNITION)
            return records.save(connection, change(client))


def _number(client_id: str) -> int:
    if not client_id.isdecimal():
        raise ClientNotFound(client_id, System.IGNITION)
    return int(client_id)
