"""All clients of both systems, sorted into sure, unsure and none, with the duplicates inside each system."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match.blocking import Index, same_identity
from xpmsync.core.match.families import Families
from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.legal_forms import at_odds
from xpmsync.core.match.name_compare import compare_names
from xpmsync.core.match.record import MatchRecord, read_record
from xpmsync.core.match.score import cannot_be_one, in_words, score
from xpmsync.core.match.verdict import (
    CAPS,
    Band,
    Cap,
    Note,
    Piece,
    Scored,
    Verdict,
    agreements,
    band,
    caps_in_force,
    leads,
)
from xpmsync.core.match.weights import HOUSEHOLD, REACHABLE, RELATIVES, UNSURE, EvidenceGroup
from xpmsync.core.model import Client

_SHOWN: Final = 5
"""Candidates shown for one client; a person reads no more."""

_DUPLICATE: Final = 12.0
"""From here on two clients of one system are shown as duplicates: a full name, and nothing against it."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """An XPM client that a person must decide on, best candidate first."""

    xpm_id: str
    candidates: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two clients of one system that look like one."""

    system: System
    ids: tuple[str, str]
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """Every client that was not linked before, in exactly one place (an unsure candidate can be in several)."""

    sure: tuple[Verdict, ...]
    unsure: tuple[Unsure, ...]
    none_xpm: tuple[str, ...]
    none_ignition: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]


class _Pair(NamedTuple):
    points: float
    x: int
    i: int
    sure: bool
    scored: Scored


def match(
    xpm: Sequence[Client],
    ignition: Sequence[Client],
    *,
    known_links: Collection[tuple[str, str]] = (),
    not_same: Collection[tuple[str, str]] = (),
) -> Matching:
    """Sort all clients of both systems.

    `known_links` and `not_same` hold pairs of an XPM id and an Ignition id.
    Linked clients are left out, pairs that a person has marked as distinct are never
    proposed, and deleted clients are nowhere.
    """
    linked_xpm, linked_ignition = {x for x, _ in known_links}, {i for _, i in known_links}
    all_x, all_i = _read(xpm), _read(ignition)
    context = Context(all_x, all_i)
    first = _Round(
        [r for r in all_x if r.id not in linked_xpm],
        [r for r in all_i if r.id not in linked_ignition],
        context,
        frozenset(not_same),
    )
    second = first.rest()
    linked = set(known_links) | first.linked() | second.linked()
    unsure = second.unsure(Families(all_x, all_i, linked))
    unsure_xpm = {u.xpm_id for u in unsure}
    shown = {v.ignition_id for u in unsure for v in u.candidates}
    sure = (*first.verdicts(), *second.verdicts())
    placed_xpm = {x for x, _ in linked} | unsure_xpm
    placed_ignition = {i for _, i in linked} | shown
    return Matching(
        sure=sure,
        unsure=unsure,
        none_xpm=tuple(r.id for r in second.left if r.id not in placed_xpm),
        none_ignition=tuple(r.id for r in second.right if r.id not in placed_ignition),
        duplicates=(*_duplicates(all_x, context), *_duplicates(all_i, context)),
    )


class _Round:
    """The clients still without a counterpart, weighed among themselves.

    The second round weighs what the sure links of the first one leave: who is linked is
    nobody's rival, and a name or mailbox that only linked clients share is rare again.
    """

    def __init__(
        self,
        left: Sequence[MatchRecord],
        right: Sequence[MatchRecord],
        context: Context,
        not_same: frozenset[tuple[str, str]],
    ) -> None:
        self.left, self.right = left, right
        self._context, self._not_same = context, not_same
        self._pairs = _weigh(left, right, context, not_same)
        self._sure = _sure(self._pairs)

    def linked(self) -> set[tuple[str, str]]:
        """The ids of the sure pairs."""
        return {(self.left[p.x].id, self.right[p.i].id) for p in self._sure}

    def rest(self) -> _Round:
        """A new round of those that this one has not linked."""
        taken_x, taken_i = {p.x for p in self._sure}, {p.i for p in self._sure}
        left = [r for x, r in enumerate(self.left) if x not in taken_x]
        right = [r for i, r in enumerate(self.right) if i not in taken_i]
        return _Round(left, right, Context(left, right, everybody=self._context), self._not_same)

    def verdicts(self) -> Iterator[Verdict]:
        """The sure pairs with their evidence."""
        return (in_words(p.scored, self.left[p.x], self.right[p.i]) for p in self._sure)

    def unsure(self, families: Families) -> tuple[Unsure, ...]:
        """What a person must decide: pairs with some evidence, and those that nothing but each other is left for."""
        by_client = _unsure(self._pairs, self._sure)
        partners = Counter(p.i for pairs in by_client.values() for p in pairs)
        alone = _left_alone(self._pairs, self._sure, by_client, partners)
        unsure: list[Unsure] = []
        for x, pairs in sorted((by_client | alone).items()):
            verdicts: list[Verdict] = []
            for pair in pairs:
                record, other = self.left[x], self.right[pair.i]
                only = x in alone or (len(pairs) == 1 and partners[pair.i] == 1)
                notes = [Note.LEFT_ALONE] if x in alone else []
                notes += [Note.FAMILY_LINKED] if only and families.are_linked(record, other) else []
                caps = [Cap.RUNNER_UP] if pair.sure else []
                verdicts.append(in_words(pair.scored, record, other, caps, notes))
            unsure.append(Unsure(self.left[x].id, tuple(verdicts)))
        return tuple(unsure)


def _read(clients: Iterable[Client]) -> list[MatchRecord]:
    return [read_record(c) for c in clients if c.state is not ClientState.DELETED]


_MAY_BE_ONE: Final = HOUSEHOLD | {EvidenceGroup.NAME}


def _may_be_one(pieces: Sequence[Piece], caps: frozenset[Cap]) -> bool:
    """Whether the two have a name, mailbox, phone or home in common, and their names may be one person's.

    Two given names of one surname are two relatives, unless they have one mailbox or nothing but the address is known.
    """
    agreed = agreements(pieces)
    if not agreed & _MAY_BE_ONE or caps - {Cap.HOUSEHOLD}:
        return False
    rules = {piece.rule for piece in pieces}
    return not (rules & RELATIVES and rules & REACHABLE and EvidenceGroup.EMAIL not in agreed)


def _weigh(
    left: Sequence[MatchRecord], right: Sequence[MatchRecord], context: Context, not_same: frozenset[tuple[str, str]]
) -> list[_Pair]:
    """Weigh every pair worth it; of those below the bar, keep what may be one if nobody else is left for the two."""
    index = Index(right)
    pairs: list[_Pair] = []
    for x, record in enumerate(left):
        for i in index.near(record):
            other = right[i]
            name = compare_names(record.name, other.name, context)
            if cannot_be_one(record, other, name, context) or (record.id, other.id) in not_same:
                continue
            scored = score(record, other, context, name)
            points, pieces, caps = scored
            if points >= UNSURE or _may_be_one(pieces, caps):
                pairs.append(_Pair(points, x, i, band(points, pieces, caps) is Band.SURE, scored))
    return pairs


def _sure(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs that are sure by themselves and lead clearly on both sides.

    Who is surely linked is nobody's rival in the next round; it ends when a round finds nothing new.
    """
    of_x: defaultdict[int, list[_Pair]] = defaultdict(list)
    of_i: defaultdict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        of_x[pair.x].append(pair)
        of_i[pair.i].append(pair)
    candidates = [pair for pair in pairs if pair.sure]
    sure: list[_Pair] = []
    taken_x: set[int] = set()
    taken_i: set[int] = set()
    while True:
        leading: list[_Pair] = []
        for pair in candidates:
            if pair.x in taken_x or pair.i in taken_i:
                continue
            rivals = [r for r in (*of_x[pair.x], *of_i[pair.i]) if r is not pair]
            if leads(pair.points, (r.points for r in rivals if r.x not in taken_x and r.i not in taken_i)):
                leading.append(pair)
        if not leading:
            return sure
        sure += leading
        taken_x.update(pair.x for pair in leading)
        taken_i.update(pair.i for pair in leading)


def _unsure(pairs: Iterable[_Pair], sure: Iterable[_Pair]) -> dict[int, list[_Pair]]:
    """The remaining pairs by XPM client, best first; clients that are surely linked are no candidates."""
    taken_x, taken_i = {p.x for p in sure}, {p.i for p in sure}
    by_client: defaultdict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.points >= UNSURE and pair.x not in taken_x and pair.i not in taken_i:
            by_client[pair.x].append(pair)
    return {x: sorted(of_x, key=lambda p: (-p.points, p.i))[:_SHOWN] for x, of_x in sorted(by_client.items())}


def _left_alone(
    pairs: Iterable[_Pair], sure: Iterable[_Pair], unsure_x: Collection[int], unsure_i: Collection[int]
) -> dict[int, list[_Pair]]:
    """Pairs that may be one, each the other's best, whom nobody else is left for."""
    taken_x = {p.x for p in sure} | set(unsure_x)
    taken_i = {p.i for p in sure} | set(unsure_i)
    best_x: dict[int, _Pair] = {}
    best_i: dict[int, _Pair] = {}
    for pair in sorted(
        (p for p in pairs if p.x not in taken_x and p.i not in taken_i), key=lambda p: (-p.points, p.x, p.i)
    ):
        best_x.setdefault(pair.x, pair)
        best_i.setdefault(pair.i, pair)
    return {x: [pair] for x, pair in best_x.items() if best_i[pair.i] is pair}


_OF_TWO: Final = frozenset(rule for rule, cap in CAPS.items() if not cap.yields_to_identifier)
"""Evidence with a cap that holds whatever else agrees: the names of two members of a family, two numbered entities."""


def _duplicates(records: Sequence[MatchRecord], context: Context) -> list[Duplicate]:
    """Pairs inside one system with a full name's worth of evidence and no cap that holds."""
    duplicates: list[Duplicate] = []
    for n, m in same_identity(records):
        record, other = records[n], records[m]
        if at_odds(record.form, other.form) and not len(record.name.people) == len(other.name.people) == 2:
            continue  # never duplicates, but for a couple and its partnership
        name = compare_names(record.name, other.name, context)
        if name in _OF_TWO:
            continue  # the rest need not be weighed
        scored = score(record, other, context, name)
        if scored.points >= _DUPLICATE and not caps_in_force(scored.caps, agreements(scored.pieces)):
            reasons = in_words(scored, record, other).reasons
            duplicates.append(Duplicate(record.system, (record.id, other.id), scored.points, reasons))
    return duplicates
