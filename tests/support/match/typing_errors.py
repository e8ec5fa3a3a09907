"""How two typists write the same client down: layouts, short forms, slips, blanks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact

if TYPE_CHECKING:
    from support.match.labelled import Entity, Person

_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "company": ("Pty Ltd", "Pty Ltd", "Pty. Ltd.", "Pty Limited", "P/L", "PTY LTD", "Proprietary Limited"),
    "trust": ("Family Trust", "Family Trust", "Discretionary Trust", "Trust"),
    "unit trust": ("Unit Trust",),
    "fund": ("Super Fund", "Superannuation Fund", "SMSF", "Family Super Fund", "Family Superannuation Fund"),
    "partnership": ("Partnership", "Partnership", ""),
    "association": ("Inc", "Incorporated", "Inc."),
    "llp": ("LLP",),
}
_STRUCTURES: Final[dict[str, tuple[str, ...]]] = {
    "person": ("Individual", "Individual", "Sole Trader"),
    "couple": ("Individual", ""),
    "company": ("Company", "Private Company", "Company"),
    "trust": ("Trust", "Family Trust", "Discretionary Trust"),
    "unit trust": ("Unit Trust", "Trust"),
    "fund": ("Superannuation Fund", "SMSF", "Super Fund"),
    "partnership": ("Partnership",),
    "association": ("Association", "Charity"),
    "estate": ("Deceased Estate", "Estate"),
    "llp": ("LLP", "Limited Liability Partnership"),
}
_STREET_SHORT: Final = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Crescent": "Cres", "Place": "Pl"}


class Typist:
    """Writes entities into one system; XPM's is the more thorough one."""

    def __init__(self, rng: random.Random, system: System) -> None:
        self._rng = rng
        self._system = system
        self._thorough = system is System.XPM

    def write(self, entity: Entity, client_id: str) -> Client:
        """Type one client in."""
        rng = self._rng
        values = {"name": self._name(entity)}
        values |= self._address(entity)
        if self._chance(0.75, 0.6):
            values["phone"] = self._phone(entity.phone)
        if self._chance(0.75, 0.6):
            values["structure"] = rng.choice(_STRUCTURES[entity.kind])
        if entity.group and self._chance(0.5, 0.25):
            values["group"] = entity.group
        contacts = tuple(
            self._contact(entity, p, f"{client_id}c{n}") for n, p in enumerate(self._contact_people(entity))
        )
        return Client(
            system=self._system,
            id=client_id,
            values={k: v for k, v in values.items() if v},
            contacts=contacts,
            number=f"{rng.randrange(10**7)}" if self._thorough else f"CLI-{client_id[1:]}",
            email=entity.email if self._thorough and rng.random() < 0.7 else "",
            identifiers=self._identifiers(entity),
        )

    def _chance(self, xpm: float, ignition: float) -> bool:
        return self._rng.random() < (xpm if self._thorough else ignition)

    def _name(self, entity: Entity) -> str:
        rng = self._rng
        if entity.words:
            words = list(entity.words)
            if rng.random() < 0.03:
                words[0] = slip(rng, words[0])
            name = " ".join(words)
            ending = rng.choice(_ENDINGS[entity.kind])
            if rng.random() >= 0.02:
                name = f"{name} {ending}".strip()
        else:
            name = self._people(entity)
            if entity.kind == "partnership" and rng.random() < 0.7:
                name = f"{name} Partnership"
        if entity.kind == "estate":
            name = rng.choice([f"Estate of {name}", f"{name} (Deceased)", f"Estate of the late {name}"])
        if entity.kind in ("trust", "fund") and rng.random() < 0.3:
            name = f"The {name}"
        if entity.trustee and rng.random() < 0.35:
            marker = rng.choice(["ATF", "as trustee for", "atf the"])
            name = f"{entity.trustee} Pty Ltd {marker} {name.removeprefix('The ')}"
        elif entity.kind == "trust" and rng.random() < 0.08:
            name = f"The Trustee for {name}"
        if entity.trading and rng.random() < 0.5:
            name = f"{name} {rng.choice(['t/a', 'T/As', 'trading as'])} {entity.trading}"
        if entity.former and rng.random() < 0.7:
            name = f"{name} (formerly {entity.former} Pty Ltd)"
        if rng.random() < 0.1:
            name = name.replace(" & ", " and ")
        if not self._thorough and rng.random() < 0.3:
            name = name.encode("ascii", "ignore").decode() if name.isascii() else _without_macrons(name)
        if rng.random() < 0.04:
            name = name.upper()
        return name

    def _people(self, entity: Entity) -> str:
        rng = self._rng
        if len(entity.people) == 1:
            person = entity.people[0]
            given, surname = self._given(person), person.surname
            if rng.random() < 0.025:
                surname = slip(rng, surname)
            if rng.random() < 0.02:
                given = slip(rng, given)
            middle = self._middle(person)
            if self._chance(0.35, 0.05):
                return f"{surname}, {given} {middle}".strip()
            title = rng.choice(["Mr ", "Dr "]) if rng.random() < 0.03 else ""
            return " ".join(f"{title}{given} {middle} {surname}".split())
        a, b = entity.people[:2]
        if self._chance(0.3, 0.1):
            return f"{a.given[0]} & {b.given[0]} {a.surname}"
        if self._chance(0.3, 0.05):
            return f"{a.surname}, {a.given} & {b.given}"
        return f"{a.given} & {b.given} {a.surname}"

    def _given(self, person: Person) -> str:
        draw = self._rng.random()
        if draw < (0.02 if self._thorough else 0.10):
            return person.short
        return person.given[0] if draw > 0.985 else person.given

    def _middle(self, person: Person) -> str:
        if not person.middle or not self._chance(0.6, 0.2):
            return ""
        return person.middle if self._rng.random() < 0.6 else person.middle[0]

    def _contact_people(self, entity: Entity) -> tuple[Person, ...]:
        if not self._chance(0.9, 0.98):
            return ()
        people = list(entity.people)
        if len(people) > 1 and self._rng.random() < 0.3:
            people = [self._rng.choice(people)]
        return tuple(people)

    def _contact(self, entity: Entity, person: Person, contact_id: str) -> Contact:
        rng = self._rng
        given = person.short if self._chance(0.1, 0.25) else person.given
        email = entity.email if person is entity.people[0] else person.email
        if rng.random() < 0.01:
            email = slip(rng, email)
        values = {
            "contact.name": f"{given} {person.surname}" if rng.random() < 0.97 else email,
            "contact.email": email if self._chance(0.88, 0.97) else "",
            "contact.mobile": self._phone(person.mobile) if self._chance(0.6, 0.5) else "",
        }
        return Contact(contact_id, {k: v for k, v in values.items() if v})

    def _address(self, entity: Entity) -> dict[str, str]:
        if not self._chance(0.9, 0.75):
            return {}
        rng = self._rng
        street, city, region, postcode = entity.address
        if rng.random() < 0.5:
            street = " ".join(_STREET_SHORT.get(word, word) for word in street.split())
        if rng.random() < 0.03:
            street = slip(rng, street)
        prefix = "postal_" if rng.random() < 0.25 else ""
        parts = {"address": street, "city": city, "region": region, "postcode": postcode, "country": "Australia"}
        return {prefix + name: text for name, text in parts.items() if rng.random() < 0.96}

    def _phone(self, phone: str) -> str:
        area, first, last = phone[:2], phone[2:6], phone[6:]
        return self._rng.choice(
            [
                f"{area} {first} {last}",
                f"({area}) {first} {last}",
                phone,
                f"+61 {area[1:]} {first} {last}",
                f"{first} {last}",
            ]
        )

    def _identifiers(self, entity: Entity) -> dict[str, str]:
        rng = self._rng
        held: dict[str, str] = {}
        for key, number in entity.identifiers.items():
            if not self._chance(0.6, 0.3):
                continue
            if rng.random() < 0.005:
                number = slip(rng, number)
            held[key] = f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}" if rng.random() < 0.5 else number
        return held


def slip(rng: random.Random, text: str) -> str:
    """Mistype one character: swapped, dropped, doubled or replaced by a neighbour."""
    places = [n for n in range(1, len(text) - 1) if text[n].isalnum() and text[n + 1].isalnum()]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    near = "0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    return text[:at] + rng.choice(near) + text[at + 1 :]


def _without_macrons(name: str) -> str:
    return name.translate(str.maketrans("āēīōūĀĒĪŌŪ", "aeiouAEIOU"))
