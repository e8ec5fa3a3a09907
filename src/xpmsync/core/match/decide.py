"""The rules that can make a link sure. Nothing else can.

Sure is a score of at least `SURE`, two independent agreements of which one tells
clients of one family apart, no cap, and a clear lead over every other candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from xpmsync.core.match.verdict import Band, Cap
from xpmsync.core.match.weights import GAP, LEAST_AGREEMENT, SURE, UNSURE, WEIGHTS, Group

if TYPE_CHECKING:
    from xpmsync.core.match.score import Piece

__all__ = ["agreements", "band", "leads", "standing"]


def band(points: float, pieces: Sequence[Piece], caps: Iterable[Cap]) -> Band:
    """Sort one pair by its score, its agreements and its caps."""
    agreed = agreements(pieces)
    if points >= SURE and len(agreed) >= 2 and any(g.tells_apart for g in agreed) and not standing(caps, agreed):
        return Band.SURE
    return Band.UNSURE if points >= UNSURE else Band.NONE


def agreements(pieces: Iterable[Piece]) -> frozenset[Group]:
    """The independent agreements among the pieces: one a group, and none that has faded away."""
    found = ((WEIGHTS[p.rule].group, p.points) for p in pieces)
    return frozenset(group for group, points in found if group is not None and points >= LEAST_AGREEMENT)


def standing(caps: Iterable[Cap], agreed: frozenset[Group]) -> frozenset[Cap]:
    """The caps that hold: a register number or Ignition's own XPM id settles the milder doubts."""
    settled = Group.IDENTIFIER in agreed or Group.XPM_ID in agreed
    return frozenset(cap for cap in caps if not (settled and cap.yields_to_identifier))


def leads(points: float, others: Iterable[float]) -> bool:
    """Say whether a score is clear of every other candidate's, on either side of the pair."""
    return all(points - other >= GAP for other in others)
