"""Which pairs are worth weighing: only those that share a rare enough key.

15,000 x 15,000 clients are 225 million pairs; blocking leaves about ten for each
client. A pair that shares no key at all has no evidence to be found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from math import log2
from typing import Final

from xpmsync.core.match.identifiers import NumberRegister
from xpmsync.core.match.name_parse import Name
from xpmsync.core.match.nicknames import formal
from xpmsync.core.match.person_parse import BUSINESS_WORDS
from xpmsync.core.match.record import MatchRecord, is_role, phone_tail

__all__ = ["Index", "keys"]

_LARGEST_BLOCK: Final = 80
"""Keys that more clients share than this identify too little; a rarer key of the pair finds it."""

_KEPT: Final = 8
"""Candidates weighed for each client; the true one is nearly always among the first three."""

_SHARE_OF_BEST: Final = 0.2
"""Candidates that share less than this part of what the nearest one shares are neither the true one nor its rival."""

_IDENTITY: Final = "xinkb"
"""The kinds of keys that two entries of one client in one system share: its numbers and its name."""

_VOWELS: Final = str.maketrans("", "", "aeiouyhw")


class Index:
    """One system's clients by their keys; by those of identity alone where duplicates are looked for."""

    def __init__(self, records: Sequence[MatchRecord], *, identity_only: bool = False) -> None:
        self._kinds = _IDENTITY if identity_only else ""
        blocks: defaultdict[str, list[int]] = defaultdict(list)
        for i, record in enumerate(records):
            for key in self._keys(record):
                blocks[key].append(i)
        self._blocks = {key: block for key, block in blocks.items() if len(block) <= _LARGEST_BLOCK}

    def near(self, record: MatchRecord, most: int = _KEPT) -> list[int]:
        """Return the positions of the clients that share the most and rarest keys with a record."""
        shared: defaultdict[int, float] = defaultdict(float)
        for key in self._keys(record):
            block = self._blocks.get(key)
            if block:
                rarity = 1.0 + log2(_LARGEST_BLOCK / len(block))
                for i in block:
                    shared[i] += rarity
        if not shared:
            return []
        least = _SHARE_OF_BEST * max(shared.values())
        worth = [i for i, rarity in shared.items() if rarity >= least]
        return worth if len(worth) <= most else nlargest(most, worth, key=shared.__getitem__)

    def _keys(self, record: MatchRecord) -> Iterable[str]:
        every = keys(record)
        return [key for key in every if key[0] in self._kinds] if self._kinds else every


def keys(record: MatchRecord) -> Iterable[str]:
    """All keys of a record, each with a letter for its kind, in an order that never varies."""
    return dict.fromkeys(_keys(record))


def _keys(record: MatchRecord) -> Iterator[str]:
    if record.number:
        yield f"x{record.number}"
    for register, number, _ in record.identifiers:
        yield f"i{number}"
        if register is NumberRegister.ABN:
            yield f"i{number[2:]}"
    for email in record.emails:
        if not is_role(email):
            yield f"e{email}"
            yield f"l{email.partition('@')[0]}"
    for phone in record.phones:
        yield f"p{phone_tail(phone)}"
    yield from _name_keys(record.name)
    for other in record.name.others:
        yield from _name_keys(other.name)
    for person in record.contacts:
        yield f"c{person.key}"
    yield from _place_keys(record)


def _name_keys(name: Name) -> Iterator[str]:
    if not name.core:
        return
    compact = name.compact
    yield f"n{''.join(sorted(name.core))}"
    yield f"n{compact}"
    if len(compact) >= 8:
        yield f"b{compact[:6]}"
        yield f"f{compact[-6:]}"
    for word in name.core:
        if len(word) >= 3 and word not in BUSINESS_WORDS:
            yield f"t{word}"
            yield f"s{_skeleton(word)}{len(name.core)}"
    for person in name.people:
        yield f"k{person.key}"
        initial = person.given[0][0] if person.given else ""
        yield f"q{_skeleton(person.surname)}{initial}"
        if person.given:
            yield f"q{person.surname[:3]}{person.given[0][:3]}"
            yield f"q{_skeleton(person.given[0])}{person.surname[:1]}"


def _place_keys(record: MatchRecord) -> Iterator[str]:
    people = record.name.people
    for place in record.places:
        if place.key:
            yield f"a{place.key}"
            street = place.lines[0][:5]
            for number in sorted(place.numbers):
                yield f"a{number}{street}"
                yield f"a{number}{place.lines[-1][:5]}"
                if place.postcode:
                    yield f"a{number}@{place.postcode}"
        where = place.postcode or place.city
        for word in place.words:
            if len(word) >= 4:
                yield f"w{word}{where}"
        for person in people:
            given = formal(person.given[0]) if person.given else ""
            for spot in dict.fromkeys((where, place.city)):
                yield f"g{given}{spot}"
                yield f"u{person.surname}{spot}"
            for word in place.words:
                if len(word) >= 4:
                    yield f"g{given}{word}"
                    yield f"u{person.surname}{word}"


def _skeleton(word: str) -> str:
    """The first letter and the consonants, doubled ones once: most slips leave it as it is."""
    rest = word[1:].translate(_VOWELS)
    return word[:1] + "".join(c for i, c in enumerate(rest) if i == 0 or c != rest[i - 1])
