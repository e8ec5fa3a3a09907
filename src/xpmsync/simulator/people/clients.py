"""Everybody in the built-in practice: staff, clients, and whom only Ignition knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xpmsync.simulator.people.au import AUSTRALIA
from xpmsync.simulator.people.model import Made, Person
from xpmsync.simulator.people.nz import NEW_ZEALAND
from xpmsync.simulator.people.uk import UNITED_KINGDOM
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

CLIENTS: Final[tuple[Made, ...]] = AUSTRALIA + NEW_ZEALAND + UNITED_KINGDOM
"""All clients of the XPM side."""

ONLY_IN_IGNITION: Final[tuple[tuple[Mapping[str, str], tuple[Mapping[str, str], ...]], ...]] = (
    (
        {"name": "Whitmore Family Trust (old)", "city": "Castle Hill", "country": "AU"},
        ({"contact.name": "H Whitmore", "contact.email": "helen@whitmore.example.com"},),
    ),
    (
        {"name": "Nimbus Drone Surveys Pty Ltd", "phone": "02 5550 0131", "structure": "Company"},
        ({"contact.name": "Jules Ferrante", "contact.email": "jules@nimbus.example.com"},),
    ),
    (
        {"name": "Oak and Ash Garden Design", "city": "Stroud", "country": "UK"},
        ({"contact.name": "Nell Ash", "contact.email": "nell@oakandash.example.com"},),
    ),
    (
        {"name": "Pōhutukawa Physio Ltd", "city": "Auckland", "country": "NZ", "phone": "09 555 0130"},
        ({"contact.name": "Hana Poutama", "contact.email": "hana@pohutukawa.example.com"},),
    ),
    (
        {"name": "Redwood & Daughter Ltd", "city": "York", "country": "GB"},
        (
            {"contact.name": "Ida Redwood", "contact.email": "ida@redwood.example.com"},
            {"contact.name": "May Redwood", "contact.email": "may@redwood.example.com"},
        ),
    ),
    (
        {"name": "Tamaki Makaurau Couriers Limited", "phone": "+64 9 555 0121"},
        ({"contact.name": "Dispatch", "contact.email": "dispatch@tmcouriers.example.com"},),
    ),
)
"""Clients that only Ignition holds: leads, leftovers, and some that may be an XPM client after all."""


def full_person(person: Person) -> Person:
    """The person with everything known of them: a shared contact is described once, where it first occurs."""
    return _BY_KEY[person.key]


_BY_KEY: Final[dict[str, Person]] = {}
for _client in CLIENTS:
    for _person in _client.contacts:
        _BY_KEY.setdefault(_person.key, _person)
