"""Which pairs are worth weighing: only those that share a rare enough key.

15,000 x 15,000 clients are 225 million pairs; blocking leaves about ten for each
client. A pair that shares no key at all has no evidence to be found.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from itertools import combinations
from math import log2
from typing import Final

from xpmsync.core.match.identifiers import NumberRegister
from xpmsync.core.match.name_parse import Name
from xpmsync.core.match.nicknames import formal
from xpmsync.core.match.person_parse import BUSINESS_WORDS
from xpmsync.core.match.record import MatchRecord, is_role, phone_tail

_LARGEST_BLOCK: Final = 80
"""Keys that more clients share than this identify too little; a rarer key of the pair finds it."""

_MOST_NAMESAKES: Final = 25
_MOST_OF_A_BEGINNING: Final = 8
"""A name, or its beginning, that more clients of one system share does not make them duplicates."""

_RARITY: Final = [0.0, *(1.0 + log2(_LARGEST_BLOCK / size) for size in range(1, _LARGEST_BLOCK + 1))]
"""What sharing a key counts for, by how many clients share it: one bit more for each halving."""

_KEPT: Final = 8
"""Candidates weighed for each client; the true one is nearly always among the first three."""

_SHARE_OF_BEST: Final = 0.2
"""Candidates that share less than this part of what the nearest one shares are neither the true one nor its rival."""

_SMALL_BLOCK: Final = 30
"""Who shares nothing rarer than larger blocks with a client is nearly never worth weighing, so that the larger
blocks, which hold most positions, are first looked through for those that are in smaller ones only."""

_VOWELS: Final = str.maketrans("", "", "aeiouyhw")


class Index:
    """One system's clients by their keys; by those of identity alone where duplicates are looked for."""

    def __init__(self, records: Sequence[MatchRecord]) -> None:
        blocks: defaultdict[str, list[int]] = defaultdict(list)
        for i, record in enumerate(records):
            for key in keys(record):
                blocks[key].append(i)
        self._blocks = {key: block for key, block in blocks.items() if len(block) <= _LARGEST_BLOCK}

    def near(self, record: MatchRecord, most: int = _KEPT) -> list[int]:
        """Return the positions of the clients that share the most and rarest keys with a record."""
        blocks = [block for key in keys(record) if (block := self._blocks.get(key))]
        if not blocks:
            return []
        small = set[int]().union(*[block for block in blocks if len(block) <= _SMALL_BLOCK])
        shared = _shared(blocks, small)
        least = _SHARE_OF_BEST * max(shared.values(), default=0.0)
        if sum([_RARITY[len(block)] for block in blocks if len(block) > _SMALL_BLOCK]) >= least:
            shared = _shared(blocks)
            least = _SHARE_OF_BEST * max(shared.values())
        worth = [i for i, rarity in shared.items() if rarity >= least]
        return worth if len(worth) <= most else nlargest(most, worth, key=shared.__getitem__)


def _shared(blocks: Iterable[Sequence[int]], only: Container[int] | None = None) -> dict[int, float]:
    """How much each position shares with a record whose blocks these are; of large blocks only some are counted."""
    shared: defaultdict[int, float] = defaultdict(float)
    for block in blocks:
        rarity = _RARITY[len(block)]
        for i in block if only is None or len(block) <= _SMALL_BLOCK else filter(only.__contains__, block):
            shared[i] += rarity
    return shared


def same_identity(records: Sequence[MatchRecord]) -> list[tuple[int, int]]:
    """Positions of two records of one system that share a number or nearly a name, each pair once, in order."""
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for n, record in enumerate(records):
        for key in dict.fromkeys((*_number_keys(record), *_identity_keys(record.name))):
            blocks[key].append(n)
    few = (
        block
        for key, block in blocks.items()
        if 1 < len(block) <= (_MOST_OF_A_BEGINNING if key[0] in "bq" else _MOST_NAMESAKES)
    )
    return sorted({pair for block in few for pair in combinations(block, 2)})


def keys(record: MatchRecord) -> Iterable[str]:
    """All keys of a record, each with a letter for its kind, in an order that never varies."""
    return dict.fromkeys(_keys(record))


def _number_keys(record: MatchRecord) -> Iterator[str]:
    if record.number:
        yield f"x{record.number}"
    for register, number, _ in record.identifiers:
        yield f"i{number}"
        if register is NumberRegister.ABN:
            yield f"i{number[2:]}"


def _keys(record: MatchRecord) -> Iterator[str]:
    yield from _number_keys(record)
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


def _identity_keys(name: Name) -> Iterator[str]:
    """What two entries of one name have in common, nearly always."""
    if not name.core:
        return
    compact = name.compact
    yield f"n{''.join(sorted(name.core))}"
    yield f"n{compact}"
    if len(compact) >= 8 and not name.people:
        yield f"b{compact[:6]}"
    for person in name.people:
        yield f"k{person.key}"
        if person.given:
            yield f"q{person.surname[:3]}{person.given[0][:3]}"


def _name_keys(name: Name) -> Iterator[str]:
    yield from _identity_keys(name)
    compact = name.compact
    if len(compact) >= 8 and not name.people:
        yield f"f{compact[-6:]}"
    for word in name.core:
        if len(word) >= 3 and word not in BUSINESS_WORDS:
            yield f"t{word}"
            yield f"s{_skeleton(word)}{len(name.core)}"
    for person in name.people:
        yield f"q{_skeleton(person.surname)}{person.given[0][0] if person.given else ''}"
        if person.given:
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


@lru_cache(maxsize=16384)
def _skeleton(word: str) -> str:
    """The first letter and the consonants, doubled ones once: most slips leave it as it is."""
    rest = word[1:].translate(_VOWELS)
    return word[:1] + "".join(c for i, c in enumerate(rest) if i == 0 or c != rest[i - 1])
