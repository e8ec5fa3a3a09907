"""What both sides of a link last held in common: fingerprints by field, and pairs of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["NOTHING_AGREED", "Agreed", "agreed_key"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the ledger remembers of one link.

    `values` maps `agreed_key`s to fingerprints, `contacts` XPM contact ids to
    Ignition contact ids, empty for one handed over that Ignition has not shown yet.
    `handed` maps `agreed_key`s to the fingerprints of values handed over since.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    handed: Mapping[str, Sequence[str]] = field(default_factory=dict)


NOTHING_AGREED: Final = Agreed()
"""A link that was never compared."""


def agreed_key(field_name: str, xpm_contact_id: str = "") -> str:
    """The ledger's key for a field, of one contact where an id is given."""
    return f"{field_name}@{xpm_contact_id}" if xpm_contact_id else field_name
