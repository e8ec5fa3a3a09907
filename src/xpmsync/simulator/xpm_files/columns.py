"""The columns of XPM's two files, in order, and what each shows of a client or a contact.

Export and import use the same table, so an unchanged export always equals what XPM has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from xpmsync.simulator.world.records import Member, WorldClient

__all__ = [
    "ADDRESS_LINES",
    "CONTACT_COLUMNS",
    "CONTACT_NAME",
    "CUSTOM",
    "ExportColumn",
    "Region",
    "client_columns",
    "contact_cell",
    "known_client_columns",
]

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
        text = _text(client, self.element)
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


def _text(client: WorldClient, element: str) -> str:
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
