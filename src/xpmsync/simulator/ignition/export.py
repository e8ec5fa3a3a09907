"""The register's clients as Ignition's export: the columns, order and layout seen in May 2026 (facts, 3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client, Contact
from xpmsync.local.system.files import write_private
from xpmsync.simulator.ignition.register import Register

__all__ = ["HEADER", "export_text", "portal_link", "save_export"]

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
