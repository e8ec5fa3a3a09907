"""The shape of a made-up client, and made-up register numbers whose check digits are right.

The numbers come from ranges no register has issued, the phone numbers from the
ranges each country keeps for fiction, the addresses end in example.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["HomeAddress", "InIgnition", "Made", "Person", "abn", "acn", "nzbn"]


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
