"""Everybody in the built-in practice: staff, clients, and whom only Ignition knows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from xpmsync.local.system.json_files import unpack
from xpmsync.simulator.people.model import Made, Person
from xpmsync.simulator.world.records import StaffMember, demo_id

__all__ = ["CLIENTS", "ONLY_IN_IGNITION", "STAFF", "full_person"]

STAFF: Final[Mapping[str, StaffMember]] = {
    key: StaffMember(demo_id(f"staff/{key}"), name, f"{key}@harbourhills.example.com", phone)
    for key, name, phone in (
        ("priya", "Priya Raman", "(02) 5550 0001"),
        ("callum", "Callum Reid", "09 555 0002"),
        ("tom", "Tom Okafor", "(02) 5550 0003"),
        ("mere", "Mere Tāwhiri", "09 555 0004"),
        ("bronwyn", "Bronwyn Ellis", "(02) 5550 0005"),
    )
}
"""Staff by key; partners first."""

_DATA: Final = tomllib.loads(files(__package__).joinpath("people.toml").read_text(encoding="utf-8"))

CLIENTS: Final = tuple(unpack(Made, client) for client in _DATA["clients"])
"""All clients of the XPM side, from `people.toml`."""

ONLY_IN_IGNITION: Final[tuple[tuple[Mapping[str, str], tuple[Mapping[str, str], ...]], ...]] = tuple(
    (client["values"], tuple(client["contacts"])) for client in _DATA["only_in_ignition"]
)
"""Clients that only Ignition holds, and their contacts, by catalogue names."""


def full_person(person: Person) -> Person:
    """The person with everything known of them: a shared contact is described once, where it first occurs."""
    return _BY_KEY[person.key]


_BY_KEY: Final[dict[str, Person]] = {}
for _client in CLIENTS:
    for _person in _client.contacts:
        _BY_KEY.setdefault(_person.key, _person)
