"""The columns of Ignition's client files: their names, meanings, and places in a header.

Names and order are those of the export as seen in May 2026 (facts, 3). Columns
are recognised by name, whatever their order; unknown ones are carried along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.catalogue import FIELDS, Field
from xpmsync.csv_files.reading import folded

__all__ = [
    "CLIENT_ID",
    "CLIENT_NAME",
    "CONTACT_EMAIL",
    "CONTACT_ID",
    "CONTACT_NAME",
    "EXPORT_COLUMNS",
    "FIELD_OF",
    "PRIMARY",
    "REQUIRED",
    "SECRET",
    "XPM_ID",
    "Columns",
    "of_contact",
]

CLIENT_ID: Final = "Client Id"
CLIENT_NAME: Final = "Client Name"
CONTACT_ID: Final = "Contact Id"
CONTACT_NAME: Final = "Contact Name"
CONTACT_EMAIL: Final = "Contact Email"
PRIMARY: Final = "Is Primary Contact"
XPM_ID: Final = "XPM Id"

REQUIRED: Final = (CLIENT_NAME, CONTACT_NAME, CONTACT_EMAIL)
"""Ignition's import fails as a whole where one row lacks one of these."""

SECRET: Final = "Payment Portal Link"  # noqa: S105 - the name of the column, which is dropped wherever it is met
"""Holds a token that opens a client's payments: neither kept, nor shown, nor written."""

EXPORT_COLUMNS: Final = (
    CLIENT_ID, "Client Reference", "External Client ID", CLIENT_NAME, "Client State", "Partner Email",
    "Manager Email", CONTACT_ID, "Contact Salutation", "Contact Addressee", CONTACT_NAME, CONTACT_EMAIL,
    "Contact Mobile", "Contact Phone", "Contact Is Recipient", PRIMARY, "Is Signatory", "Notes",
    "Business Structure", "GST Registered", "Tax Number", "Company Number", "Phone", "Fax", "Website", "Address",
    "City", "Region", "Post Code", "Country", "Postal Address", "Postal City", "Postal Region", "Postal Post Code",
    "Postal Country", "Fiscal Period End Day", "Fiscal Period End Month", "Client Group Name", "Created At",
    "Tag List", "Proposal List", "Xero Id", XPM_ID, "Quickbooks Id", SECRET, "Xero Tracking Category 1",
    "Xero Tracking Category 2", "Bank Account Saved?", "Card Saved?", "Create Invoices",
)  # fmt: skip
"""The export's header."""

FIELD_OF: Final[Mapping[str, Field]] = {row.ignition: row for row in FIELDS if row.ignition}
"""The catalogue's fields by their columns."""

_READ: Final = (
    CLIENT_ID, CONTACT_ID, *FIELD_OF, "Client Reference", "Client State", "Partner Email", "Manager Email",
    "Company Number", XPM_ID,
)  # fmt: skip
"""The columns that are read; a notice names those that are missing."""


_KNOWN: Final = {folded(name): name for name in EXPORT_COLUMNS}


def of_contact(column: str) -> bool:
    """Whether a column, known or not, belongs to the contact of its row; the others repeat on a client's rows."""
    return folded(column).startswith(("contact ", "is "))


@dataclass(frozen=True, slots=True)
class Columns:
    """A header without the secret column: the names as they are, and the places of the known ones.

    `kept` are the places in the file's own rows of the cells that are kept.
    """

    names: tuple[str, ...]
    places: Mapping[str, int]
    kept: tuple[int, ...]

    @classmethod
    def of(cls, header: Sequence[str]) -> Columns:
        """Read a header; raises `ValueError` naming a known column that occurs twice."""
        known = [_KNOWN.get(folded(name)) for name in header]
        if twice := next((name for name in known if name is not None and known.count(name) > 1), None):
            raise ValueError(twice)
        kept = tuple(place for place, name in enumerate(known) if name != SECRET)
        names = tuple(header[place] for place in kept)
        places = {name: new for new, place in enumerate(kept) if (name := known[place]) is not None}
        return cls(names, places, kept)

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that are read and not there."""
        return tuple(name for name in _READ if name not in self.places)

    @property
    def fields(self) -> Mapping[str, int]:
        """Catalogue names and their places; a contact's only where an id distinguishes contacts."""
        contacts = CONTACT_ID in self.places
        return {
            row.name: self.places[column]
            for column, row in FIELD_OF.items()
            if column in self.places and (contacts or not row.of_contact)
        }

    @property
    def can_write(self) -> bool:
        """Whether the header has what every row of an import needs, and the ids that keep it from doubling."""
        return all(name in self.places for name in (*REQUIRED, CLIENT_ID, CONTACT_ID))
