"""Everybody in the built-in practice: staff, clients, whom only Ignition knows, and made-up register numbers.

The numbers come from ranges no register has issued, the phone numbers from the
ranges each country keeps for fiction, the addresses end in example.com.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

from xpmsync.local.system.json_files import unpack
from xpmsync.simulator.world.records import StaffMember, demo_id


@dataclass(frozen=True, slots=True)
class HomeAddress:
    """An address; `lines` may hold line breaks."""

    lines: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. Two clients that name one `key` share the contact."""

    key: str
    name: str
    email: str = ""
    phone: str = ""
    mobile: str = ""
    salutation: str = ""
    addressee: str = ""
    position: str = ""
    primary: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class InIgnition:
    """The same client in Ignition: equal but for these differences.

    `values` are catalogue fields of the client, `contacts` those of a contact by
    its key; an empty text means Ignition has none. Contacts in `without`, and
    those that have no e-mail, are missing there; `extra` ones are only there.
    """

    linked: bool = True
    values: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    extra: tuple[Mapping[str, str], ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up client of XPM, and its counterpart in Ignition where it has one.

    `elements` holds further XPM elements by their names, `related` kinds of ties
    and the keys of the other clients; `partner` and `manager` are keys of staff,
    `billing` is the key of the client that pays.
    """

    key: str
    name: str
    structure: str
    contacts: tuple[Person, ...] = ()
    street: HomeAddress = HomeAddress()
    postal: HomeAddress = HomeAddress()
    phone: str = ""
    fax: str = ""
    email: str = ""
    website: str = ""
    registered: str = "Yes"
    groups: tuple[str, ...] = ()
    partner: str = "priya"
    manager: str = "tom"
    elements: Mapping[str, str] = field(default_factory=dict)
    related: Mapping[str, str] = field(default_factory=dict)
    billing: str = ""
    notes: tuple[str, ...] = ()
    archived: bool = False
    deleted: bool = False
    ignition: InIgnition | None = None


def acn(number: int) -> str:
    """An Australian company number from a range not issued, spaced as people write it."""
    digits = f"99{number:06d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True)) % 10
    return _spaced(f"{digits}{check}", 3, 3, 3)


def abn(number: int) -> str:
    """The Australian business number that goes with `acn(number)`."""
    body = acn(number).replace(" ", "")
    weights = (3, 5, 7, 9, 11, 13, 15, 17, 19)
    lead = 89 - sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 89 + 10
    return _spaced(f"{lead}{body}", 2, 3, 3, 3)


def nzbn(number: int) -> str:
    """A New Zealand business number (a GS1 location number) from a range not issued."""
    digits = f"942999{number:06d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _spaced(digits: str, *sizes: int) -> str:
    pieces: list[str] = []
    for size in sizes:
        pieces.append(digits[:size])
        digits = digits[size:]
    return " ".join(pieces)


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
