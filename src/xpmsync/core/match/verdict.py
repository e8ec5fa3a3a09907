"""What the matcher says of two clients: evidence piece by piece, score, caps, band."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Band", "Cap", "Evidence", "Verdict"]


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
    FORM_UNSTATED = "Only one of the two says its legal form: it can be the family's other entity."
    RUNNER_UP = "Another client fits nearly as well."

    @property
    def yields_to_identifier(self) -> bool:
        """Whether an equal register number or XPM id settles the doubt; doubts about two people it never does."""
        return self in (Cap.GIVEN_NAME, Cap.FORM_UNSTATED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: its machine name, what it adds or takes, and the sentence for people."""

    name: str
    points: float
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence for one pair, weightiest piece first; `score` is the sum of its points."""

    xpm_id: str
    ignition_id: str
    score: float
    band: Band
    evidence: tuple[Evidence, ...]
    caps: tuple[Cap, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All sentences, the caps last."""
        return (*(e.says for e in self.evidence), *(cap.value for cap in self.caps))
