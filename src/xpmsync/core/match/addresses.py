"""Addresses as the matcher compares them: numbers, street words, town, postcode."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from xpmsync.core.match.text import edit_distance, fold, is_slip, ratio, token_set_ratio, tokens, word_set


class Nearness(IntEnum):
    """How near two addresses are, best last."""

    UNKNOWN = 0
    ELSEWHERE = 1
    TOWN = 2
    POSTCODE = 3
    STREET = 4
    SAME = 5


@dataclass(frozen=True, slots=True)
class Address:
    """An address, folded.

    `words` are the street's words without types (street, road) and unit words,
    `lines` its letters line by line, so that a lost blank or a swapped line does
    not make another street of it.
    """

    numbers: frozenset[str]
    words: tuple[str, ...]
    lines: tuple[str, ...]
    city: str
    postcode: str
    street: str
    """One text for the street and its town or postcode, whatever the number."""
    key: str
    """One text for all layouts of the same address; empty where the address has no street and number."""


_TYPES: Final[dict[str, str]] = {
    "st": "street", "str": "street", "rd": "road", "av": "avenue", "ave": "avenue", "cr": "crescent",
    "cres": "crescent", "crt": "court", "ct": "court", "pl": "place", "dr": "drive", "drv": "drive", "ln": "lane",
    "hwy": "highway", "pde": "parade", "tce": "terrace", "ter": "terrace", "bvd": "boulevard", "blvd": "boulevard",
    "cl": "close", "sq": "square", "gr": "grove", "esp": "esplanade", "cct": "circuit", "cir": "circuit",
    "trl": "trail", "pkwy": "parkway", "wy": "way",
}  # fmt: skip
_NOT_TELLING: Final = frozenset(_TYPES) | frozenset(_TYPES.values()) | word_set(
    "rise view loop mews row walk the unit u flat apt apartment suite ste shop level lvl floor fl lot villa no "
    "number building bldg ground"
)  # fmt: skip
_PO_BOX: Final = frozenset(["po", "p", "o", "gpo", "box", "pobox", "pmb", "private", "bag", "locked"])
_ALIKE: Final = 84
"""Out of 100, `distance.ratio`; two slips in a street name of twelve letters stay above it."""

_LONG_STREET: Final = 16
"""Letters from which on a street (with its house or estate) is one of its kind, wherever the town is said to be."""


_FIELDS: Final = (("address", "city", "postcode"), ("postal_address", "postal_city", "postal_postcode"))


def read_places(values: Mapping[str, str]) -> tuple[Address, ...]:
    """Read the physical and the postal address; an address that says nothing is left out."""
    places: list[Address] = []
    for fields in _FIELDS:
        parts = [values.get(name, "") for name in fields]
        if any(parts):
            place = _read(*parts)
            if (place.words or place.postcode or place.city) and place not in places:
                places.append(place)
    return tuple(places)


def compare(left: tuple[Address, ...], right: tuple[Address, ...]) -> tuple[Nearness, Address | None]:
    """Return the best nearness over all pairs of addresses, and the left address it was found for."""
    best, where = Nearness.UNKNOWN, None
    for a in left:
        for b in right:
            nearness = Nearness.SAME if a == b and a.key else _nearness(a, b)
            if nearness > best:
                best, where = nearness, a
    return best, where


@lru_cache(maxsize=8192)
def _read(address: str, city: str, postcode: str) -> Address:
    words: list[str] = []
    numbers: set[str] = set()
    lines: list[str] = []
    box = False
    for line in fold(address).replace("-", " ").splitlines():
        letters = ""
        for token in tokens(line):
            if token in _PO_BOX:
                box = True
            elif token.isalpha():
                letters += _TYPES.get(token, token)
                if token not in _NOT_TELLING:
                    words.append(token)
            elif any(c.isdecimal() for c in token):
                numbers.add(token.lstrip("0"))
        if letters:
            lines.append(letters)
    if box and numbers:
        words, lines = ["pobox"], ["pobox"]
    town = "".join(t for t in tokens(fold(city).replace("-", " ")) if t.isalnum())
    code = "".join(tokens(fold(postcode)))
    street = f"{' '.join(sorted(words))} {code or town}" if words else ""
    key = f"{min(numbers, key=_by_size)} {street}" if numbers and words else ""
    return Address(frozenset(numbers), tuple(words), tuple(lines), town, code, street, key)


def _nearness(a: Address, b: Address) -> Nearness:
    same_postcode = bool(a.postcode) and a.postcode == b.postcode
    same_city = bool(a.city) and (a.city == b.city or is_slip(a.city, b.city))
    known = bool((a.postcode and b.postcode) or (a.city and b.city))
    if a.words and _same_street(a, b):
        numbered = _same_number(a.numbers, b.numbers)
        if numbered and (same_city or not known or _nearly(a.postcode, b.postcode)):
            return Nearness.SAME
        long_enough = numbered and len("".join(a.lines)) >= _LONG_STREET
        if same_postcode or same_city or long_enough:
            return Nearness.STREET
    if same_postcode:
        return Nearness.POSTCODE
    if same_city:
        return Nearness.TOWN
    return Nearness.ELSEWHERE if known else Nearness.UNKNOWN


def _nearly(a: str, b: str) -> bool:
    """Whether two postcodes are the same but for a slip, which it is where street and number are the same."""
    return bool(a and b) and edit_distance(a, b) <= 1


def _same_street(a: Address, b: Address) -> bool:
    if a.words == b.words:
        return True
    left, right = "".join(a.lines), "".join(b.lines)
    if min(len(left), len(right)) < 5 or "pobox" in (left, right):
        return False
    unlike = len(set(left) ^ set(right)) / (len(left) + len(right)) > 1 - _ALIKE / 100
    if unlike and not set(a.words) & set(b.words):
        return False  # each letter that only one of the two has is one apart
    if ratio(left, right) >= _ALIKE or ratio("".join(reversed(a.lines)), right) >= _ALIKE:
        return True
    return token_set_ratio(" ".join(a.words), " ".join(b.words)) >= _ALIKE + 8


def _same_number(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether one side's numbers are all among the other's: 20 can be 2/20, but 1/20 and 2/20 are two homes."""
    shared = a & b
    return bool(shared) and shared in (a, b)


def _by_size(number: str) -> tuple[int, str]:
    return (-len(number), number)
