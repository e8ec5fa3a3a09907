"""The register's export, and its import of a file, by what is known of Ignition's (facts, 3).

The export has the columns, order and layout seen in May 2026. An upload is taken whole
or not at all: a row without client name, contact name or contact e-mail fails all of it.
Filled ids update, empty ones create; a file without ids makes duplicates when it is
uploaded twice, as in Ignition. What is not documented can be had both ways: whether
a blank cell clears, which columns are ignored.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client, Contact
from xpmsync.errors import Rejected
from xpmsync.local.system.files import write_private
from xpmsync.simulator.ignition.records import rejected
from xpmsync.simulator.ignition.register import Register

HEADER: Final = (
    "Client Id", "Client Reference", "External Client ID", "Client Name", "Client State", "Partner Email",
    "Manager Email", "Contact Id", "Contact Salutation", "Contact Addressee", "Contact Name", "Contact Email",
    "Contact Mobile", "Contact Phone", "Contact Is Recipient", "Is Primary Contact", "Is Signatory", "Notes",
    "Business Structure", "GST Registered", "Tax Number", "Company Number", "Phone", "Fax", "Website", "Address",
    "City", "Region", "Post Code", "Country", "Postal Address", "Postal City", "Postal Region", "Postal Post Code",
    "Postal Country", "Fiscal Period End Day", "Fiscal Period End Month", "Client Group Name", "Created At",
    "Tag List", "Proposal List", "Xero Id", "XPM Id", "Quickbooks Id", "Payment Portal Link",
    "Xero Tracking Category 1", "Xero Tracking Category 2", "Bank Account Saved?", "Card Saved?", "Create Invoices",
)  # fmt: skip
"""The header, written here a second time on purpose: this is Ignition's side, and must not follow ours."""

_STATES: Final = {ClientState.ACTIVE: "active", ClientState.ARCHIVED: "archived", ClientState.DELETED: "archived"}
_FIRST_ID: Final = 1_000_000
_FIRST_DAY: Final = datetime(2024, 2, 1, 9, 0, tzinfo=UTC)


def export_text(clients: Iterable[Client]) -> str:
    """The export: a row a contact, every field quoted, LF, no byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    for client in clients:
        shared = dict(_client_cells(client))
        for contact in client.contacts or (None,):
            cells = shared | (dict(_contact_cells(contact)) if contact else {})
            writer.writerow([cells.get(name, "") for name in HEADER])
    return text.getvalue()


def save_export(register: Register, path: Path) -> int:
    """Write the export as a file, as it would arrive by e-mail; returns how many clients. Raises `StateUnusable`."""
    clients = list(register.clients())
    write_private(path, export_text(clients))
    return len(clients)


def portal_link(client_id: str) -> str:
    """The secret address of a client's payment portal, made up; never to be seen anywhere else."""
    token = blake2b(client_id.encode(), digest_size=12).hexdigest()
    return f"https://pay.example.com/portal/secret-{token}"


def _client_cells(client: Client) -> Iterator[tuple[str, str]]:
    for row in CLIENT_FIELDS:
        if row.ignition:
            yield row.ignition, client.values.get(row.name, "")
    made = _FIRST_DAY + timedelta(hours=int(client.id) - _FIRST_ID)
    yield from {
        "Client Id": client.id,
        "Client Reference": client.number,
        "Client State": "lead" if client.prospect else _STATES[client.state],
        "Partner Email": _mailbox(client.partner),
        "Manager Email": _mailbox(client.manager),
        "Company Number": client.identifiers.get("company_number", ""),
        "Created At": made.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "Tag List": "monthly | xero" if int(client.id) % 3 else "",
        "XPM Id": client.xpm_number,
        "Payment Portal Link": portal_link(client.id),
        "Bank Account Saved?": "No",
        "Card Saved?": "No",
        "Create Invoices": "Yes",
    }.items()


def _contact_cells(contact: Contact) -> Iterator[tuple[str, str]]:
    yield "Contact Id", contact.id
    for row in CONTACT_FIELDS:
        if row.ignition:
            yield row.ignition, contact.values.get(row.name, "")
    yield "Contact Is Recipient", "Yes"
    yield "Is Signatory", "Yes" if contact.is_primary else "No"


def _mailbox(name: str) -> str:
    return f"{'.'.join(name.lower().split())}@practice.example.com" if name else ""


_CALL: Final = "Clients -> Import"
_REQUIRED: Final = ("Client Name", "Contact Name", "Contact Email")


@dataclass(frozen=True, slots=True)
class Upload:
    """How an import behaves where nobody has written it down."""

    blank_clears: bool = False
    ignored_columns: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an import did: rows of existing clients, clients and contacts it created."""

    updated: int
    new_clients: int
    new_contacts: int


def upload(register: Register, content: bytes, how: Upload | None = None) -> Uploaded:
    """Take a file; raises `Rejected` naming the line, and then nothing was changed."""
    rows = _rows(content)
    work = _Import(register, how or Upload())
    with register.transaction():
        groups: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            known = row.get("Client Id", "").strip()
            groups.setdefault(known or f"new {row['Client Name']}", []).append(row)
        for key, group in groups.items():
            if key.startswith("new "):
                work.create(group)
            else:
                work.update(key, group)
    return Uploaded(work.updated, work.new_clients, work.new_contacts)


class _Import:
    """Carries out the rows of one client after another."""

    def __init__(self, register: Register, how: Upload) -> None:
        self._register = register
        self._how = how
        self.updated = self.new_clients = self.new_contacts = 0

    def create(self, rows: Sequence[Mapping[str, str]]) -> None:
        """A new client with a contact from each of its rows."""
        contacts = [self._contact(row) for row in rows]
        number = rows[0].get("XPM Id", "") if "XPM Id" not in self._how.ignored_columns else ""
        self._register.create(self._client(rows[0]), contacts, xpm_number=number.strip())
        self.new_clients += 1
        self.new_contacts += len(contacts)

    def update(self, client_id: str, rows: Sequence[Mapping[str, str]]) -> None:
        """An existing client, its contacts, and new ones for it; who becomes primary goes first."""
        client = self._register.get(client_id)
        if client is None:
            raise rejected(_CALL, f"there is no client {client_id}")
        self._register.update(client_id, self._taken(self._client(rows[0]), client.values))
        for row in sorted(rows, key=lambda row: row.get("Is Primary Contact", "").casefold() != "yes"):
            self.updated += 1
            self._row(client, row)

    def _row(self, client: Client, row: Mapping[str, str]) -> None:
        contact_id = row.get("Contact Id", "").strip()
        values = self._contact(row)
        if not contact_id:
            self._register.add_contact(client.id, values)
            self.new_contacts += 1
        elif (contact := client.contact(contact_id)) is None:
            raise rejected(_CALL, f"the client {client.id} has no contact {contact_id}")
        else:
            self._register.update_contact(client.id, contact_id, self._taken(values, contact.values))

    def _taken(self, values: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
        """What the register's quirks make of the values that change."""
        new = {name: text for name, text in values.items() if text != present.get(name, "")}
        return self._register.quirks.taken(new)

    def _client(self, row: Mapping[str, str]) -> dict[str, str]:
        return self._values(row, {one.ignition: one.name for one in CLIENT_FIELDS if one.ignition})

    def _contact(self, row: Mapping[str, str]) -> dict[str, str]:
        return self._values(row, {one.ignition: one.name for one in CONTACT_FIELDS if one.ignition})

    def _values(self, row: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
        return {
            name: row[column]
            for column, name in names.items()
            if column in row
            and column not in self._how.ignored_columns
            and (row[column] or (self._how.blank_clears and column != "Is Primary Contact"))
        }


def _rows(content: bytes) -> list[dict[str, str]]:
    """The rows, all of them fit to be taken."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header, *rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise _line(1, f"the file cannot be read ({type(problem).__name__})") from problem
    except ValueError as problem:
        raise _line(1, "the file is empty") from problem
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        raise _line(1, f"the header row has no {', '.join(missing)}")
    taken: list[dict[str, str]] = []
    for number, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise _line(number, "the row has another number of cells than the header")
        row = dict(zip(header, cells, strict=True))
        blank = [name for name in _REQUIRED if not row[name].strip()]
        if blank:
            raise _line(number, f"{', '.join(blank)} is required")
        taken.append(row)
    return taken


def _line(number: int, problem: str) -> Rejected:
    return rejected(_CALL, f"row {number}: {problem}. Nothing was imported")
