"""Families: clients of one system that share a phone, an e-mail address, an address or a client group."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from xpmsync.core.match.record import MatchRecord, is_role, phone_tail

_LARGEST_FAMILY: Final = 25
"""What more clients share than this is a building's, an agent's or the practice's own."""


class Families:
    """Which links join the families of two clients."""

    def __init__(
        self, xpm: Iterable[MatchRecord], ignition: Iterable[MatchRecord], links: Collection[tuple[str, str]]
    ) -> None:
        self._of_xpm = _by_key(xpm, {x: number for number, (x, _) in enumerate(links)})
        self._of_ignition = _by_key(ignition, {i: number for number, (_, i) in enumerate(links)})

    def are_linked(self, xpm: MatchRecord, ignition: MatchRecord) -> bool:
        """Say whether a relative of the one is linked to a relative of the other."""
        left = {link for key in family_keys(xpm) for link in self._of_xpm.get(key, ())}
        return any(link in left for key in family_keys(ignition) for link in self._of_ignition.get(key, ()))


def _by_key(records: Iterable[MatchRecord], links: dict[str, int]) -> dict[str, list[int]]:
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for record in records:
        link = links.get(record.id)
        if link is not None:
            for key in family_keys(record):
                by_key[key].append(link)
    return {key: numbers for key, numbers in by_key.items() if len(numbers) <= _LARGEST_FAMILY}


def family_keys(record: MatchRecord) -> Iterator[str]:
    """What the clients of one family share, each with a letter for its kind."""
    for email in record.emails:
        if not is_role(email):
            yield f"e{email}"
    for phone in record.phones:
        yield f"p{phone_tail(phone)}"
    for place in record.places:
        if place.key:
            yield f"a{place.key}"
    for group in record.groups:
        yield f"g{group}"


def join_families(clients: Sequence[Iterable[MatchRecord]]) -> list[list[int]]:
    """Group clients, each given with its candidates, by what any two of them share; in the order given."""
    by_key: defaultdict[str, set[int]] = defaultdict(set)
    keys: list[set[str]] = []
    for number, records in enumerate(clients):
        keys.append({key for r in records for key in (f"{r.system.value}{r.id}", *family_keys(r))})
        for key in keys[number]:
            by_key[key].add(number)
    families: list[list[int]] = []
    seen: set[int] = set()
    for number in range(len(keys)):
        waiting, members = [number], set[int]()
        while waiting:
            member = waiting.pop()
            if member not in members | seen:
                members.add(member)
                waiting += [n for key in keys[member] if len(by_key[key]) <= _LARGEST_FAMILY for n in by_key[key]]
        seen |= members
        families += [sorted(members)] if members else []
    return families
