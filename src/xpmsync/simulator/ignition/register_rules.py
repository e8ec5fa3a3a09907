"""Ignition's rules for a client and its contacts, as the register keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.enums import System
from xpmsync.core.model import Contact
from xpmsync.errors import Rejected

__all__ = [
    "CLIENT_NAMES",
    "CONTACT_NAMES",
    "check_contact",
    "check_names",
    "filled",
    "one_primary",
    "rejected",
    "required",
    "with_primary",
]

CLIENT_NAMES: Final = frozenset(row.name for row in CLIENT_FIELDS if row.ignition)
CONTACT_NAMES: Final = frozenset(row.name for row in CONTACT_FIELDS if row.ignition)


def check_names(call: str, values: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise `Rejected` for values under names Ignition has no field for."""
    unknown = sorted(values.keys() - known)
    if unknown:
        raise rejected(call, f"Ignition has no field {', '.join(unknown)}")


def check_contact(call: str, values: Mapping[str, str]) -> None:
    """Raise `Rejected` for a contact Ignition would not take: unknown fields, no name, no e-mail."""
    check_names(call, values, CONTACT_NAMES)
    required(call, values, "contact.name")
    required(call, values, "contact.email")


def required(call: str, values: Mapping[str, str], name: str) -> None:
    """Raise `Rejected` where that value is blank."""
    if not values.get(name, "").strip():
        raise rejected(call, f"{name} is required")


def rejected(call: str, reason: str) -> Rejected:
    """A refusal in Ignition's name."""
    return Rejected(System.IGNITION, call, reason)


def filled(values: Mapping[str, str]) -> dict[str, str]:
    """The values that are not blank."""
    return {name: value for name, value in values.items() if value}


def with_primary(values: Mapping[str, str], primary: bool) -> dict[str, str]:
    """The values with the primary flag set or unset."""
    return filled(values) | {"contact.primary": "Yes" if primary else "No"}


def one_primary(contacts: tuple[Contact, ...], wanted: Contact | None) -> tuple[Contact, ...]:
    """Flag `wanted`, else the present primary contact, else the first; and no other."""
    chosen = wanted or next((contact for contact in contacts if contact.is_primary), contacts[0])
    return tuple(Contact(c.id, with_primary(c.values, c.id == chosen.id)) for c in contacts)
