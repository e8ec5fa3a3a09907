"""All clients of both systems, sorted into sure, unsure and none, with the duplicates inside each system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match.blocking import Index, near_one
from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.record import MatchRecord, read_record
from xpmsync.core.match.score import explain, score
from xpmsync.core.match.verdict import Band, Cap, Verdict, agreements, band, caps_in_force, leads
from xpmsync.core.match.weights import UNSURE
from xpmsync.core.model import Client

__all__ = ["Candidate", "Duplicate", "Matching", "Unsure", "candidates", "match"]

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client of the pool that can be the one looked for."""

    client: Client
    verdict: Verdict


class _Pair(NamedTuple):
    points: float
    x: int
    i: int
    sure: bool


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
    left = [r for r in all_x if r.id not in linked_xpm]
    right = [r for r in all_i if r.id not in linked_ignition]
    pairs = _weigh(left, right, context, frozenset(not_same))
    sure, rivalled = _sure(pairs)
    unsure = _unsure(pairs, sure)
    seen = {p.i for p in sure} | {p.i for found in unsure.values() for p in found}
    taken = {p.x for p in sure}
    return Matching(
        sure=tuple(explain(left[p.x], right[p.i], context) for p in sure),
        unsure=tuple(
            Unsure(
                left[x].id,
                tuple(explain(left[x], right[p.i], context, [Cap.RUNNER_UP] if p in rivalled else ()) for p in found),
            )
            for x, found in unsure.items()
        ),
        none_xpm=tuple(r.id for x, r in enumerate(left) if x not in taken and x not in unsure),
        none_ignition=tuple(r.id for i, r in enumerate(right) if i not in seen),
        duplicates=(*_duplicates(all_x, context), *_duplicates(all_i, context)),
    )


def candidates(client: Client, pool: Iterable[Client], *, most: int = _SHOWN) -> list[Candidate]:
    """Return the clients of the pool that can be this one, best first, by the same evidence as `match`."""
    record = read_record(client)
    clients = [c for c in pool if c.state is not ClientState.DELETED]
    records = [read_record(c) for c in clients]
    context = Context([record], records)
    scored = [(score(*_in_order(record, records[n]), context), n) for n in near_one(record, records)]
    found = sorted(((s.points, n) for s, n in scored if s.points >= UNSURE), key=lambda f: (-f[0], f[1]))
    result: list[Candidate] = []
    for place, (points, n) in enumerate(found[:most]):
        clear = leads(points, (p for other, (p, _) in enumerate(found) if other != place))
        verdict = explain(*_in_order(record, records[n]), context, () if clear else [Cap.RUNNER_UP])
        result.append(Candidate(clients[n], verdict))
    return result


def _in_order(a: MatchRecord, b: MatchRecord) -> tuple[MatchRecord, MatchRecord]:
    """The XPM record first, as evidence is weighed."""
    return (b, a) if b.system is System.XPM and a.system is not System.XPM else (a, b)


def _read(clients: Iterable[Client]) -> list[MatchRecord]:
    return [read_record(c) for c in clients if c.state is not ClientState.DELETED]


def _weigh(
    left: Sequence[MatchRecord], right: Sequence[MatchRecord], context: Context, not_same: frozenset[tuple[str, str]]
) -> list[_Pair]:
    """Weigh every pair worth it; those that nobody need see are dropped."""
    index = Index(right)
    pairs: list[_Pair] = []
    for x, record in enumerate(left):
        for i in index.near(record):
            if (record.id, right[i].id) in not_same:
                continue
            points, pieces, caps = score(record, right[i], context)
            if points >= UNSURE:
                pairs.append(_Pair(points, x, i, band(points, pieces, caps) is Band.SURE))
    return pairs


def _sure(pairs: Sequence[_Pair]) -> tuple[list[_Pair], set[_Pair]]:
    """Split the pairs that are sure by themselves into those that lead clearly on both sides, and the rest.

    Who is surely linked is nobody's rival in the next round; it ends when a round finds nothing new.
    """
    of_x: defaultdict[int, list[_Pair]] = defaultdict(list)
    of_i: defaultdict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        of_x[pair.x].append(pair)
        of_i[pair.i].append(pair)
    sure: list[_Pair] = []
    waiting = [pair for pair in pairs if pair.sure]
    while True:
        taken_x, taken_i = {p.x for p in sure}, {p.i for p in sure}
        leading: list[_Pair] = []
        for pair in waiting:
            rivals = [r for r in (*of_x[pair.x], *of_i[pair.i]) if r != pair]
            free = (r.points for r in rivals if r.x not in taken_x and r.i not in taken_i)
            if pair.x not in taken_x and pair.i not in taken_i and leads(pair.points, free):
                leading.append(pair)
        if not leading:
            return sure, set(waiting)
        sure += leading
        linked = set(leading)
        waiting = [pair for pair in waiting if pair not in linked]


def _unsure(pairs: Iterable[_Pair], sure: Iterable[_Pair]) -> dict[int, list[_Pair]]:
    """The remaining pairs by XPM client, best first; clients that are surely linked are no candidates."""
    taken_x, taken_i = {p.x for p in sure}, {p.i for p in sure}
    by_client: defaultdict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.x not in taken_x and pair.i not in taken_i:
            by_client[pair.x].append(pair)
    return {x: sorted(of_x, key=lambda p: (-p.points, p.i))[:_SHOWN] for x, of_x in sorted(by_client.items())}


def _duplicates(records: Sequence[MatchRecord], context: Context) -> list[Duplicate]:
    """Pairs inside one system with a full name's worth of evidence and no cap that holds."""
    index = Index(records, identity_only=True)
    duplicates: list[Duplicate] = []
    for n, record in enumerate(records):
        for m in index.near(record):
            if m <= n:
                continue
            points, pieces, caps = score(record, records[m], context)
            if points >= _DUPLICATE and not caps_in_force(caps, agreements(pieces)):
                reasons = explain(record, records[m], context).reasons
                duplicates.append(Duplicate(record.system, (record.id, records[m].id), points, reasons))
    return duplicates
