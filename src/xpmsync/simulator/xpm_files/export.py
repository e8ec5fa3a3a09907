"""XPM's export screen and report builder over the simulator's clients, by the rules of Xero's help pages.

Where the pages leave something open, `ExportVariant` has it either way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.local.system.files import write_private
from xpmsync.simulator.world.records import Member, WorldClient
from xpmsync.simulator.world.world import World

__all__ = ["ExportVariant", "Region", "XpmExport", "export_clients", "export_contacts", "export_report", "export_xpm"]


class Region(StrEnum):
    """Whose spelling of headers is used."""

    NZ = "nz"
    AU = "au"
    UK = "uk"


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


_TOWN: Final = {Region.NZ: "City", Region.AU: "Suburb", Region.UK: "Town"}
_AREA: Final = {Region.NZ: "Region", Region.AU: "State", Region.UK: "County"}
_ADDRESS_LINES: Final = 4

_Cell = Callable[[WorldClient], str]


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
    columns = dict(_client_columns(variant))
    header = [*columns, *(["ContactName"] if variant.contacts_in_clients else [])]
    rows = []
    for client in clients:
        cells = [cell(client) for cell in columns.values()]
        if variant.contacts_in_clients:
            rows += [[*cells, member.contact.name] for member in _members(client)] or [[*cells, ""]]
        else:
            rows.append(cells)
    return _text(header, rows, variant)


def export_contacts(clients: Iterable[WorldClient], variant: ExportVariant) -> str:
    """`Generic - Contacts`: a row for each link of a client and a contact."""
    names = ("Email", "Phone", "Mobile", "Salutation", "Addressee")
    header = ["ContactUUID", "ClientUUID", "ContactName", *names, "Position", "Primary"]
    rows = [
        [
            member.contact.uuid,
            client.uuid,
            member.contact.name,
            *(member.contact.fields.get(name, "") for name in names),
            member.position,
            "Yes" if member.primary else "No",
        ]
        for client in clients
        for member in _members(client)
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


def _client_columns(variant: ExportVariant) -> Iterator[tuple[str, _Cell]]:
    """The columns in order; the file's spellings are not the API's."""
    yield "UUID", lambda client: client.uuid
    for column, element in (
        ("Name", "Name"), ("FirstName", "FirstName"), ("LastName", "LastName"),
        ("BusinessStructure", "BusinessStructure"), ("CompanyNumber", "CompanyNumber"), ("ExportCode", "ClientCode"),
    ):  # fmt: skip
        yield column, _field(element)
    yield "Group", lambda client: "; ".join(group.name for group in client.groups)
    yield "JobManager", lambda client: client.job_manager.name if client.job_manager else ""
    yield "AccountManager", lambda client: client.account_manager.name if client.account_manager else ""
    for column, element in (("Phone", "Phone"), ("Fax", "Fax"), ("Email", "Email"), ("WebSite", "Website")):
        yield column, _field(element)
    for prefix in ("", "Postal"):
        if variant.numbered_address:
            for line in range(_ADDRESS_LINES):
                yield f"{prefix}Address{line + 1}", _line(f"{prefix}Address", line)
        else:
            yield f"{prefix}Address", _field(f"{prefix}Address")
        yield f"{prefix}{_TOWN[variant.region]}", _field(f"{prefix}City")
        yield f"{prefix}{_AREA[variant.region]}", _field(f"{prefix}Region")
        yield f"{prefix}PostCode", _field(f"{prefix}PostCode")
        yield f"{prefix}Country", _field(f"{prefix}Country")
    for column, element in (
        ("BalanceMonth", "BalanceMonth"), ("GstPeriod", "GSTPeriod"), ("GstBasis", "GSTBasis"),
        ("TaxNumber", "TaxNumber"), ("DateofBirth", "DateOfBirth"), ("BankAccountNumber", "BankAccountNumber"),
    ):  # fmt: skip
        yield column, _field(element)
    yield "client.Favourite Colour", lambda _client: "blue"


def _field(element: str) -> _Cell:
    return lambda client: client.fields.get(element, "")


def _line(element: str, line: int) -> _Cell:
    def cell(client: WorldClient) -> str:
        lines = client.fields.get(element, "").splitlines()
        return "\n".join(lines[line:]) if line == _ADDRESS_LINES - 1 else "".join(lines[line : line + 1])

    return cell


def _members(client: WorldClient) -> Iterator[Member]:
    return (member for member in client.members if not member.contact.deleted)


def _text(header: list[str], rows: Iterable[list[str]], variant: ExportVariant) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=variant.separator, lineterminator="\r\n" if variant.crlf else "\n")
    writer.writerow(header)
    writer.writerows(rows)
    return ("\ufeff" if variant.bom else "") + text.getvalue()
