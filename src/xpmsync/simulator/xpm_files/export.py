"""XPM's export screen and report builder over the simulator's clients, by the rules of Xero's help pages.

Export and import use the same table of columns, so an unchanged export always equals what XPM
has. Where the pages leave something open, `ExportVariant` has it either way.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from xpmsync.local.system.files import write_private
from xpmsync.simulator.world.records import Member, WorldClient
from xpmsync.simulator.world.world import World

ADDRESS_LINES: Final = 4
"""Numbered columns of an address; the last one has the rest of its lines."""
CONTACT_NAME: Final = "ContactName"
CUSTOM: Final = "client."
"""How the columns of custom fields begin; the simulator keeps no custom fields."""


class Region(StrEnum):
    """Whose spelling of headers is used."""

    NZ = "nz"
    AU = "au"
    UK = "uk"


_TOWN: Final = {Region.NZ: "City", Region.AU: "Suburb", Region.UK: "Town"}
_AREA: Final = {Region.NZ: "Region", Region.AU: "State", Region.UK: "County"}

_ELEMENTS: Final[Mapping[str, str]] = {
    "Name": "Name",
    "FirstName": "FirstName",
    "LastName": "LastName",
    "OtherName": "OtherName",
    "BusinessStructure": "BusinessStructure",
    "CompanyNumber": "CompanyNumber",
    "ExportCode": "ClientCode",
    "Group": "Group",
    "JobManager": "JobManager",
    "AccountManager": "AccountManager",
    "Phone": "Phone",
    "Fax": "Fax",
    "Email": "Email",
    "WebSite": "Website",
}
_LAST_ELEMENTS: Final[Mapping[str, str]] = {
    "BalanceMonth": "BalanceMonth",
    "GstPeriod": "GSTPeriod",
    "GstBasis": "GSTBasis",
    "TaxNumber": "TaxNumber",
    "DateofBirth": "DateOfBirth",
    "BankAccountNumber": "BankAccountNumber",
    f"{CUSTOM}Favourite Colour": CUSTOM,
}
"""The file's spellings are not the API's, which the simulator keeps its values under."""

CONTACT_COLUMNS: Final[Mapping[str, str]] = {
    "ContactUUID": "UUID",
    "ClientUUID": "ClientUUID",
    CONTACT_NAME: "Name",
    "Email": "Email",
    "Phone": "Phone",
    "Mobile": "Mobile",
    "Salutation": "Salutation",
    "Addressee": "Addressee",
    "Position": "Position",
    "Primary": "IsPrimary",
}
"""The contacts file: what each column shows, by XPM's element names."""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the clients file: its name, XPM's element, and which line of it (0 for the first; None: all)."""

    name: str
    element: str
    line: int | None = None

    def cell(self, client: WorldClient) -> str:
        """What the column shows of a client."""
        text = _client_text(client, self.element)
        if self.line is None:
            return text
        lines = text.splitlines()
        return "\n".join(lines[self.line :]) if self.line == ADDRESS_LINES - 1 else "".join(lines[self.line :][:1])


def client_columns(region: Region, *, numbered_address: bool) -> Iterator[ExportColumn]:
    """The columns of the clients file in order."""
    yield ExportColumn("UUID", "UUID")
    for name, element in _ELEMENTS.items():
        yield ExportColumn(name, element)
    for prefix in ("", "Postal"):
        if numbered_address:
            for line in range(ADDRESS_LINES):
                yield ExportColumn(f"{prefix}Address{line + 1}", f"{prefix}Address", line)
        else:
            yield ExportColumn(f"{prefix}Address", f"{prefix}Address")
        yield ExportColumn(f"{prefix}{_TOWN[region]}", f"{prefix}City")
        yield ExportColumn(f"{prefix}{_AREA[region]}", f"{prefix}Region")
        yield ExportColumn(f"{prefix}PostCode", f"{prefix}PostCode")
        yield ExportColumn(f"{prefix}Country", f"{prefix}Country")
    for name, element in _LAST_ELEMENTS.items():
        yield ExportColumn(name, element)


@cache
def known_client_columns() -> Mapping[str, ExportColumn]:
    """Every column that the clients file can have in any country and form, by its name."""
    return {
        column.name: column
        for region in Region
        for numbered in (True, False)
        for column in client_columns(region, numbered_address=numbered)
    }


def contact_cell(name: str, client: WorldClient, member: Member) -> str:
    """What a column of the contacts file shows of a contact's place at a client."""
    match CONTACT_COLUMNS[name]:
        case "UUID":
            return member.contact.uuid
        case "ClientUUID":
            return client.uuid
        case "Position":
            return member.position
        case "IsPrimary":
            return "Yes" if member.primary else "No"
        case element:
            return member.contact.fields.get(element, "")


def _client_text(client: WorldClient, element: str) -> str:
    match element:
        case "UUID":
            return client.uuid
        case "Group":
            return "; ".join(group.name for group in client.groups)
        case "JobManager":
            return client.job_manager.name if client.job_manager else ""
        case "AccountManager":
            return client.account_manager.name if client.account_manager else ""
        case "client.":
            return "blue"
        case _:
            return client.fields.get(element, "")


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
