"""How rare a value is among all clients, so that rare agreement weighs more than common agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import chain
from math import ceil, prod
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.match.name_parse import Name
from xpmsync.core.match.nicknames import is_given_name
from xpmsync.core.match.person_parse import PersonName
from xpmsync.core.match.record import MatchRecord, phone_tail, read_record
from xpmsync.core.model import Client


class Value(IntEnum):
    """What is counted."""

    EMAIL = 0
    PHONE = 1
    NAME = 2
    TOKEN = 3
    GIVEN = 4
    PLACE = 5
    CONTACT = 6
    IDENTIFIER = 7
    DOMAIN = 8
    POSTCODE = 9
    EMAIL_LOCAL = 10
    STREET = 11
    NAME_OF_ANY_FORM = 12


_A_REAL_NAME: Final = 3
"""A word that this many clients of one system bear as a given name is no typing slip."""


_FAMILY_ENTITIES: Final = 1 / 8
"""The share of a family's clients that are its trust, or its fund."""

_OF_EVERYBODY: Final = frozenset([Value.TOKEN, Value.GIVEN, Value.DOMAIN, Value.POSTCODE, Value.STREET])


class Context:
    """Counts of shared values, taken once over both systems' clients.

    A value's count is the larger one of the two systems: how many clients of one
    system share this e-mail, phone, name, … Values that nobody shares count 1.
    Where only some clients are counted, words and places are as common as among `everybody`;
    `clients` and `counts` say what was counted elsewhere.
    """

    __slots__ = ("_clients", "_everybody", "_namesakes", "_shared")

    def __init__(
        self,
        *sides: Iterable[MatchRecord],
        everybody: Context | None = None,
        clients: int = 1,
        counts: Mapping[tuple[Value, str], int] | None = None,
    ) -> None:
        self._everybody = everybody
        self._shared = dict(counts or {})
        self._namesakes: dict[tuple[str, ...], float] = {}
        self._clients = clients
        for side in sides:
            records = list(side)
            values = ({(kind, value) for kind, value in _values(record) if value} for record in records)
            counter = Counter(chain.from_iterable(values))
            self._clients = max(self._clients, len(records))
            for value, count in counter.items():
                if count > self._shared.get(value, 1):
                    self._shared[value] = count

    @classmethod
    def of(cls, clients: Iterable[Client]) -> Context:
        """Count over clients of both systems."""
        records = [read_record(c) for c in clients]
        return cls(*([r for r in records if r.system is system] for system in System))

    @property
    def clients(self) -> int:
        """How many clients the larger system has."""
        return self._clients if self._everybody is None else self._everybody.clients

    def count(self, kind: Value, value: str) -> int:
        """How many clients of one system share the value, at least 1."""
        if self._everybody is not None and kind in _OF_EVERYBODY:
            return self._everybody.count(kind, value)
        return self._shared.get((kind, value), 1)

    def count_of_all(self, kind: Value, value: str) -> int:
        """How many clients of one system share the value, clients that are linked already included."""
        count = self.count(kind, value)
        return count if self._everybody is None else max(count, self._everybody.count(kind, value))

    def in_two_hundred(self, kind: Value, value: str) -> int:
        """How many of each two hundred clients share the value, rounded up: for values that are common to all."""
        return ceil(self.count(kind, value) * 200 / self.clients)

    def namesakes(self, name: Name) -> float:
        """How many clients of one system can be expected to have a name by chance, as others have its words, too."""
        match name.people:
            case (PersonName(given=(first, *_), surname=surname),):
                words: tuple[str, ...] = (surname, first)
            case _:
                words = name.core
        expected = self._namesakes.get(words)
        if expected is None:  # common names are asked for again and again
            shares = [(self.count(Value.TOKEN, word) - 1) / self.clients for word in words]
            expected = self.clients * prod(shares) * (_FAMILY_ENTITIES if len(shares) == 1 else 1.0)
            self._namesakes[words] = expected
        return expected

    def is_given_name(self, word: str) -> bool:
        """Say whether a word is a name in our table or borne by clients of this practice, rather than a typing slip."""
        return is_given_name(word) or self.count(Value.GIVEN, word) >= _A_REAL_NAME


def _values(record: MatchRecord) -> Iterator[tuple[Value, str]]:
    for email in record.emails:
        yield Value.EMAIL, email
        local, _, domain = email.partition("@")
        yield Value.DOMAIN, domain
        yield Value.EMAIL_LOCAL, local
    for phone in record.phones:
        yield Value.PHONE, phone_tail(phone)
    for identifier in record.identifiers:
        yield Value.IDENTIFIER, identifier.number
    for place in record.places:
        yield Value.PLACE, place.key
        yield Value.STREET, place.street
        yield Value.POSTCODE, place.postcode
    for person in record.contacts:
        yield Value.CONTACT, person.key
    yield Value.NAME, record.name_key
    yield Value.NAME_OF_ANY_FORM, record.name.key
    for person in record.name.people:
        for given in person.given[:1]:
            yield Value.GIVEN, given
    for token in record.name.core:
        yield Value.TOKEN, token
