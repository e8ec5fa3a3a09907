"""XPM's export screen and report builder over the simulator's clients, by the rules of Xero's help pages.

Where the pages leave something open, `ExportVariant` has it either way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xpmsync.local.system.files import write_private
from xpmsync.simulator.world.records import Member, WorldClient
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.columns import CONTACT_COLUMNS, CONTACT_NAME, Region, client_columns, contact_cell

__all__ = ["ExportVariant", "Region", "XpmExport", "export_clients", "export_contacts", "export_report", "export_xpm"]


@dataclass(frozen=True, slots=True)
class ExportVariant:
    """What the help pages leave open: spellings by country, numbered address lines, contacts in the clients file."""

    region: Region = Region.NZ
    numbered_address: bool = True
    contacts_in_clients: bool = False
    separator: str = ","
    bom: bool = True
    crlf: bool = True


@dataclass(frozen=True, slots=True)
class XpmExport:
    """What was exported, and where."""

    paths: tuple[Path, ...]
    clients: int
    contacts: int


def export_xpm(world: World, folder: Path, now: datetime, variant: ExportVariant | None = None) -> XpmExport:
    """Save both exports and the report in a folder; archived and deleted clients are in the report only."""
    variant = variant or ExportVariant()
    clients = list(world.clients())
    active = [client for client in clients if not (client.archived or client.deleted)]
    stamp = now.strftime("%Y%m%d%H%M%S")
    texts = {
        f"{stamp}-Client - EXPORT.csv": export_clients(active, variant),
        f"{stamp}-Contact - EXPORT.csv": export_contacts(active, variant),
        "Client and Contact.csv": export_report([client for client in clients if not client.deleted], variant),
    }
    for name, text in texts.items():
        write_private(folder / name, text)
    contacts = sum(len(list(_members(client))) for client in active)
    return XpmExport(tuple(folder / name for name in texts), len(active), contacts)


def export_clients(clients: Iterable[WorldClient], variant: ExportVariant) -> str:
    """`Generic - Clients`: a row a client, or one for each contact where contact details come along."""
    columns = list(client_columns(variant.region, numbered_address=variant.numbered_address))
    header = [*(column.name for column in columns), *([CONTACT_NAME] if variant.contacts_in_clients else [])]
    rows = []
    for client in clients:
        cells = [column.cell(client) for column in columns]
        if variant.contacts_in_clients:
            rows += [[*cells, member.contact.name] for member in _members(client)] or [[*cells, ""]]
        else:
            rows.append(cells)
    return _text(header, rows, variant)


def export_contacts(clients: Iterable[WorldClient], variant: ExportVariant) -> str:
    """`Generic - Contacts`: a row for each link of a client and a contact."""
    header = list(CONTACT_COLUMNS)
    rows = [
        [contact_cell(name, client, member) for name in header] for client in clients for member in _members(client)
    ]
    return _text(header, rows, variant)


def export_report(clients: Iterable[WorldClient], variant: ExportVariant) -> str:
    """A *Client & Contact* report: a row for each client and contact, no ids, archived clients included."""
    header = ["[Client] Client", "[Client] Email", "[Client] Status", "[Contact] Contact", "[Contact] Email"]
    rows = []
    for client in clients:
        prospect = "Prospect" if client.fields.get("IsProspect") == "Yes" else ""
        cells = [client.name, client.fields.get("Email", ""), "Archived" if client.archived else prospect]
        people = [[member.contact.name, member.contact.fields.get("Email", "")] for member in _members(client)]
        rows += [[*cells, *person] for person in people or [["", ""]]]
    return _text(header, rows, variant)


def _members(client: WorldClient) -> Iterator[Member]:
    return (member for member in client.members if not member.contact.deleted)


def _text(header: list[str], rows: Iterable[list[str]], variant: ExportVariant) -> str:
    line_end = "\r\n" if variant.crlf else "\n"
    lines = ["\ufeff" if variant.bom else ""]
    for row in (header, *rows):
        line = io.StringIO()
        # With this line end a cell with a lone CR is quoted, too.
        csv.writer(line, delimiter=variant.separator, lineterminator="\r\n").writerow(row)
        lines += line.getvalue().removesuffix("\r\n"), line_end
    return "".join(lines)
