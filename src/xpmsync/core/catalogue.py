"""The field catalogue: the only list of what flows, when, which way, and how it is spelled.

Diff, plan, parsers, writers, settings help and documentation all read this
table (design, section 3). Spellings come from `client.api` of XPM v3.1 and from
the header of Ignition's client export as seen in May 2026.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import Direction, Level


class FieldKind(StrEnum):
    """How a field's values are compared; see `core.text`."""

    TEXT = "text"
    LINES = "lines"
    EMAIL = "email"
    PHONE = "phone"
    FLAG = "flag"
    COUNTRY = "country"
    CHOICE = "choice"
    """Several lines in the source mean several memberships; the target holds one of them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the catalogue.

    `xpm_read` and `xpm_write` are element names (`xpm_write` is empty where XPM
    must not or cannot be written), `ignition` is the column of Ignition's client
    export, empty where the export has none.
    """

    name: str
    label: str
    kind: FieldKind
    xpm_read: str
    xpm_write: str
    ignition: str
    level: Level = Level.EVERYTHING

    @property
    def of_contact(self) -> bool:
        """Whether the field belongs to a contact."""
        return self.name.startswith("contact.")

    @property
    def short_label(self) -> str:
        """The label beside a contact's name, where it need not say that it is a contact's."""
        label = self.label.removeprefix("Contact ")
        return label[:1].upper() + label[1:]

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions in which the field flows."""
        return (Direction.FROM_XPM, Direction.TO_XPM) if self.xpm_write else (Direction.FROM_XPM,)


def _both(name: str, label: str, kind: FieldKind, xpm: str, ignition: str, level: Level = Level.EVERYTHING) -> Field:
    return Field(name, label, kind, xpm, xpm, ignition, level)


def _from_xpm(name: str, label: str, kind: FieldKind, xpm: str, ignition: str) -> Field:
    return Field(name, label, kind, xpm, "", ignition)


CLIENT_FIELDS: Final[tuple[Field, ...]] = (
    _both("name", "Client name", FieldKind.TEXT, "Name", "Client Name", Level.NAMES),
    _both("phone", "Phone", FieldKind.PHONE, "Phone", "Phone"),
    _both("fax", "Fax", FieldKind.PHONE, "Fax", "Fax"),
    _both("address", "Address", FieldKind.LINES, "Address", "Address"),
    _both("city", "City", FieldKind.TEXT, "City", "City"),
    _both("region", "Region", FieldKind.TEXT, "Region", "Region"),
    _both("postcode", "Postcode", FieldKind.TEXT, "PostCode", "Post Code"),
    _both("country", "Country", FieldKind.COUNTRY, "Country", "Country"),
    _both("postal_address", "Postal address", FieldKind.LINES, "PostalAddress", "Postal Address"),
    _both("postal_city", "Postal city", FieldKind.TEXT, "PostalCity", "Postal City"),
    _both("postal_region", "Postal region", FieldKind.TEXT, "PostalRegion", "Postal Region"),
    _both("postal_postcode", "Postal postcode", FieldKind.TEXT, "PostalPostCode", "Postal Post Code"),
    _both("postal_country", "Postal country", FieldKind.COUNTRY, "PostalCountry", "Postal Country"),
    _from_xpm("website", "Website", FieldKind.TEXT, "Website", "Website"),
    _from_xpm("tax_registered", "Tax registered", FieldKind.FLAG, "GSTRegistered", "GST Registered"),
    _from_xpm("structure", "Company structure", FieldKind.TEXT, "BusinessStructure", "Business Structure"),
    _from_xpm("group", "Client group", FieldKind.CHOICE, "Groups", "Client Group Name"),
)
"""The fields of a client, in the order screens and plans show them."""

CONTACT_FIELDS: Final[tuple[Field, ...]] = (
    _both("contact.name", "Contact name", FieldKind.TEXT, "Name", "Contact Name"),
    _both("contact.email", "Contact e-mail", FieldKind.EMAIL, "Email", "Contact Email"),
    _both("contact.phone", "Contact phone", FieldKind.PHONE, "Phone", "Contact Phone"),
    _both("contact.mobile", "Contact mobile", FieldKind.PHONE, "Mobile", "Contact Mobile"),
    _both("contact.salutation", "Salutation", FieldKind.TEXT, "Salutation", "Contact Salutation"),
    _both("contact.addressee", "Addressee", FieldKind.TEXT, "Addressee", "Contact Addressee"),
    _both("contact.position", "Position", FieldKind.TEXT, "Position", ""),
    _both("contact.primary", "Primary contact", FieldKind.FLAG, "IsPrimary", "Is Primary Contact"),
)
"""The fields of a contact, in the order screens and plans show them."""

FIELDS: Final[tuple[Field, ...]] = CLIENT_FIELDS + CONTACT_FIELDS

_BY_NAME: Final = {f.name: f for f in FIELDS}
_ORDER: Final = {f.name: i for i, f in enumerate(FIELDS)}


class NeverFlows(StrEnum):
    """Why a field does not flow now; the value is the hold's machine code."""

    LEVEL = "level"
    DIRECTION = "direction"


def field(name: str) -> Field:
    """Return the catalogue's row of that name; `KeyError` where there is none."""
    return _BY_NAME[name]


def flows(row: Field, direction: Direction, level: Level) -> NeverFlows | None:
    """Say why a field may not flow at this direction and level, or None when it may."""
    if direction not in row.directions:
        return NeverFlows.DIRECTION
    if level is Level.NOTHING or (level is Level.NAMES and row.level is not Level.NAMES):
        return NeverFlows.LEVEL
    return None


def order(name: str) -> int:
    """A field's place in plans and on screens; unknown names come first (the client as a whole)."""
    return _ORDER.get(name, -1)


def names() -> Iterator[str]:
    """The catalogue's field names in order."""
    return iter(_BY_NAME)
