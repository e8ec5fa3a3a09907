"""The result of weighing two clients: evidence piece by piece, score, caps, band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from xpmsync.core.match.weights import GAP, LEAST_AGREEMENT, SURE, UNSURE, WEIGHTS, EvidenceGroup, Rule, faded


class Band(StrEnum):
    """Where a pair belongs."""

    SURE = "sure"
    UNSURE = "unsure"
    NONE = "none"


class Cap(StrEnum):
    """Why a pair may not be sure, whatever its score; the value is the sentence for people."""

    IDENTIFIER = "The register numbers differ, so a person must decide."
    XPM_ID = "Ignition names another XPM client, so a person must decide."
    FORM = "The legal forms differ: these can be two entities of one family."
    HOUSEHOLD = "These can be two members of one household."
    NUMBER = "The numbers in the names differ: these can be sister entities."
    TRADING = "The trading names differ: these can be two businesses of one owner."
    ARCHIVED = "One of the two is archived."
    GIVEN_NAME = "The given name is only hinted at: it can be another member of the family."
    FORM_UNSTATED = "Only one of the two states its legal form: it can be the family's other entity."
    NAMESAKE = "The e-mail addresses differ, and phone and home are a family's: two of a family can have one name."
    RUNNER_UP = "Another client fits nearly as well."

    @property
    def yields_to_identifier(self) -> bool:
        """Whether an equal register number or XPM id settles the doubt; doubts about two people it never does."""
        return self in (Cap.GIVEN_NAME, Cap.FORM_UNSTATED, Cap.NAMESAKE)


class Note(StrEnum):
    """What is known about a pair besides its own evidence; the value is the sentence for people."""

    LEFT_ALONE = (
        "Nobody else is left for either of the two: a changed name, or relatives or namesakes, each in one system only."
    )
    FAMILY_LINKED = "The others of their family are linked; these two are left."
    WEAK = "Weak: too little for a match, but enough to check before a client is created."
    FIRM_RENAMED = "The names differ, but legal form, e-mail address and more are the same: a firm may have a new name."
    RENAMED = "Weak: the names differ, and nothing but the address is known to compare; the name may have changed."


CAPS: Final = {
    Rule.XPM_ID_OTHER: Cap.XPM_ID,
    Rule.IDENTIFIER_OTHER: Cap.IDENTIFIER,
    Rule.IDENTIFIER_SLIP: Cap.IDENTIFIER,
    Rule.NAME_HINTED: Cap.GIVEN_NAME,
    Rule.NAME_RHYME: Cap.GIVEN_NAME,
    Rule.NAME_SOLE_CONTACT: Cap.HOUSEHOLD,
    Rule.NAME_DOUBLE_SURNAME: Cap.HOUSEHOLD,
    Rule.NAME_GENERATION: Cap.HOUSEHOLD,
    Rule.NAME_SURNAME_CHANGED: Cap.HOUSEHOLD,
    Rule.NAME_ONE_OF_COUPLE: Cap.HOUSEHOLD,
    Rule.NAME_OTHER_GIVEN: Cap.HOUSEHOLD,
    Rule.NAME_NUMBER: Cap.NUMBER,
    Rule.FORM_OTHER: Cap.FORM,
    Rule.FORM_UNSTATED: Cap.FORM_UNSTATED,
    Rule.ARCHIVED: Cap.ARCHIVED,
}
"""The evidence that keeps a pair from being sure, and why."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: its machine name, what it adds or takes, and the sentence for people."""

    name: str
    points: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence for one pair, weightiest piece first; `score` is the sum of its points."""

    xpm_id: str
    ignition_id: str
    score: float
    band: Band
    evidence: tuple[Evidence, ...]
    caps: tuple[Cap, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All sentences, the caps last."""
        return (*(e.sentence for e in self.evidence), *self.notes, *self.caps)


_GROUPS: Final = {rule: weight.group for rule, weight in WEIGHTS.items() if weight.group is not None}


def band(points: float, pieces: Sequence[Piece], caps: Iterable[Cap]) -> Band:
    """Sort one pair by its score, its agreements and its caps."""
    if points < SURE:
        return Band.UNSURE if points >= UNSURE else Band.NONE
    agreed = agreements(pieces)
    sure = len(agreed) >= 2 and any(g.identifies for g in agreed) and not caps_in_force(caps, agreed)
    return Band.SURE if sure else Band.UNSURE


def agreements(pieces: Iterable[Piece]) -> frozenset[EvidenceGroup]:
    """The independent agreements among the pieces: one a group, and none that has faded away."""
    return frozenset([_GROUPS[p.rule] for p in pieces if p.points >= LEAST_AGREEMENT and p.rule in _GROUPS])


def caps_in_force(caps: Iterable[Cap], agreed: frozenset[EvidenceGroup]) -> frozenset[Cap]:
    """The caps that hold: a register number or Ignition's own XPM id settles the milder doubts."""
    settled = EvidenceGroup.IDENTIFIER in agreed or EvidenceGroup.XPM_ID in agreed
    return frozenset(cap for cap in caps if not (settled and cap.yields_to_identifier))


def leads(points: float, others: Iterable[float]) -> bool:
    """Say whether a score is clear of every other candidate's, on either side of the pair."""
    return all(points - other >= GAP for other in others)


class Piece(NamedTuple):
    """A piece of evidence before it is put into words; `detail` is the value in its normal form."""

    rule: Rule
    points: float
    detail: str = ""
    sharers: int = 1


_PLAIN: Final = {rule: Piece(rule, WEIGHTS[rule].points) for rule in Rule}


def piece_of(rule: Rule, detail: str = "", sharers: int = 1) -> Piece:
    """The piece of evidence that a rule makes, faded by how many clients share the value."""
    return Piece(rule, faded(rule, sharers), detail, sharers) if detail or sharers > 1 else _PLAIN[rule]


class Scored(NamedTuple):
    """A pair's pieces, their sum and its caps."""

    points: float
    pieces: tuple[Piece, ...]
    caps: frozenset[Cap]
