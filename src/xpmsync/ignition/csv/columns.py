"""The columns of Ignition's client files: which there are, what they mean, and where they stand in a header.

Names and order are those of the export as seen in May 2026 (facts, 3). Columns
are found by name, whatever their order; unknown ones are carried along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS

__all__ = [
    "CLIENT_ID",
    "CLIENT_NAME",
    "CONTACT_EMAIL",
    "CONTACT_ID",
    "CONTACT_NAME",
    "EXPORT_COLUMNS",
    "PRIMARY",
    "REQUIRED",
    "SECRET",
    "XPM_ID",
    "Columns",
    "folded",
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

_FIELDS: Final = {row.name: row.ignition for row in (*CLIENT_FIELDS, *CONTACT_FIELDS) if row.ignition}
_READ: Final = (
    CLIENT_ID, CONTACT_ID, *_FIELDS.values(), "Client Reference", "Client State", "Partner Email", "Manager Email",
    "Company Number", XPM_ID,
)  # fmt: skip
"""The columns that are understood; a person is told which of them are missing."""


def folded(name: str) -> str:
    """A column's name without regard to capitals and blanks."""
    return " ".join(name.split()).casefold()


_KNOWN: Final = {folded(name): name for name in EXPORT_COLUMNS}


def of_contact(column: str) -> bool:
    """Whether a column, known or not, belongs to the contact of its row; the others repeat on a client's rows."""
    return folded(column).startswith(("contact ", "is "))


@dataclass(frozen=True, slots=True)
class Columns:
    """A header without the secret column: the names as they stand, and where the known ones are.

    `dropped` is where the secret column stood, None where there was none.
    """

    names: tuple[str, ...]
    places: Mapping[str, int]
    dropped: int | None

    @classmethod
    def of(cls, header: Sequence[str]) -> Columns:
        """Read a header; raises `ValueError` naming a known column that occurs twice."""
        names = list(header)
        secrets = [place for place, name in enumerate(names) if _KNOWN.get(folded(name)) == SECRET]
        if len(secrets) > 1:
            raise ValueError(SECRET)
        if secrets:
            del names[secrets[0]]
        places: dict[str, int] = {}
        for place, name in enumerate(names):
            known = _KNOWN.get(folded(name))
            if known in places:
                raise ValueError(known)
            if known is not None:
                places[known] = place
        return cls(tuple(names), places, secrets[0] if secrets else None)

    @property
    def width(self) -> int:
        """How many cells a row of the file has, the secret one included."""
        return len(self.names) + (self.dropped is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that are understood and not there."""
        return tuple(name for name in _READ if name not in self.places)

    @property
    def fields(self) -> Mapping[str, int]:
        """Catalogue names and where they stand; a contact's only where contacts can be told apart by their id."""
        contacts = CONTACT_ID in self.places
        return {
            name: self.places[column]
            for name, column in _FIELDS.items()
            if column in self.places and (contacts or not name.startswith("contact."))
        }

    @property
    def can_write(self) -> bool:
        """Whether the header has what every row of an import needs, and the ids that keep it from doubling."""
        return all(name in self.places for name in (*REQUIRED, CLIENT_ID, CONTACT_ID))
