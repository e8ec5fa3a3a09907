"""The review of the unsure pile: both records side by side, the reasons, one key for each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from xpmsync.cli.show_match import show_pair
from xpmsync.errors import LinkConflict
from xpmsync.usecases.matching import leave_alone, link_pairs, part

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.core.match import Unsure
    from xpmsync.usecases.matching import Matches
    from xpmsync.usecases.practice import Practice

__all__ = ["walk"]

_KEYS = "s same, n not the same, l later, k skip this client, q leave"


def walk(session: Session, practice: Practice, found: Matches) -> dict[str, int]:
    """Ask about every unsure client; each answer is kept at once, so leaving is safe at any time."""
    counts = {"linked": 0, "parted": 0, "undecided": 0}
    for number, unsure in enumerate(found.waiting, start=1):
        session.screen.heading(f"{number} of {len(found.waiting)}")
        answer = _ask(session, practice, found, unsure, counts)
        if answer == "q":
            counts["undecided"] += len(found.waiting) - number + 1
            break
        counts["undecided"] += answer == "l"
    return counts


def _ask(session: Session, practice: Practice, found: Matches, unsure: Unsure, counts: dict[str, int]) -> str:
    """Go through a client's candidates until one is the same, or the person moves on; return the last key."""
    answer = "l"
    for verdict in unsure.candidates:
        xpm, ignition = found.xpm[unsure.xpm_id], found.ignition[verdict.ignition_id]
        if practice.ledger.link_of(ignition.id) is not None:
            continue
        show_pair(session.screen, xpm, ignition, verdict)
        answer = _key()
        if answer == "s":
            try:
                link_pairs(practice, found, [(xpm.id, ignition.id)])
            except LinkConflict:
                session.screen.line("One of the two was linked meanwhile.")
                return "l"
            counts["linked"] += 1
            return answer
        if answer == "n":
            part(practice, found, xpm.id, ignition.id)
            counts["parted"] += 1
        elif answer == "k":
            leave_alone(practice, found, xpm.id)
            return answer
        elif answer == "q":
            return answer
    return answer


def _key() -> str:
    while True:
        answer: object = typer.prompt(_KEYS, default="l", show_default=False)
        key = str(answer).strip().casefold()[:1]
        if key and key in "snlkq":
            return key
