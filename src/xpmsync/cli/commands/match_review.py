"""The review of the unsure pile: both records side by side, the reasons, one key for each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.cli.views.show_pair import show_pair
from xpmsync.errors import LinkConflict
from xpmsync.usecases.clients.match import leave_alone, link_pairs, part

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.match import Unsure
    from xpmsync.usecases.clients.match import Matches
    from xpmsync.usecases.context.context import Practice

__all__ = ["walk"]

_MEANINGS: Final = (
    ("s", "same: link the two"),
    ("n", "not the same: asked again only when one of the two changes"),
    ("l", "later: asked again the next time (Enter too)"),
    ("k", "skip: not asked about this XPM client again until it changes"),
    ("q", "quit; every answer so far is kept"),
)
_QUESTION: Final = "s same, n not the same, l later, k skip until it changes, q quit, ? help"
_WORDS: Final = {
    **{key: key for key, _ in _MEANINGS},
    "same": "s",
    "not the same": "n",
    "no": "n",
    "later": "l",
    "skip": "k",
    "quit": "q",
}
"""Whole words count, but not their first letters: `skip` is not `same`."""


def walk(session: Session, practice: Practice, found: Matches) -> dict[str, int]:
    """Ask about every unsure client; each answer is kept at once, so leaving is safe at any time."""
    counts = {"linked": 0, "parted": 0, "undecided": 0}
    if found.waiting:
        session.screen.pairs(_MEANINGS)
    for number, unsure in enumerate(found.waiting, start=1):
        session.screen.heading(f"{number} of {len(found.waiting)}")
        answers = _ask(session, practice, found, unsure, counts)
        if "q" in answers:
            counts["undecided"] += len(found.waiting) - number + 1
            break
        counts["undecided"] += "l" in answers and not answers & {"s", "k"}
    return counts


def _ask(session: Session, practice: Practice, found: Matches, unsure: Unsure, counts: dict[str, int]) -> set[str]:
    """Go through a client's candidates until one is the same, or the person moves on; return the keys."""
    answers: set[str] = set()
    for verdict in unsure.candidates:
        xpm, ignition = found.xpm[unsure.xpm_id], found.ignition[verdict.ignition_id]
        if practice.ledger.link_of(ignition.id) is not None:
            session.screen.line(f"{one_line(ignition.name)} (Ignition {ignition.id}) was linked meanwhile.")
            continue
        show_pair(session.screen, xpm, ignition, verdict)
        answer = _key(session.screen)
        answers.add(answer)
        if answer == "s":
            try:
                link_pairs(practice, found, [(xpm.id, ignition.id)])
            except LinkConflict:
                session.screen.line("One of the two was linked meanwhile.")
                return {"l"}
            counts["linked"] += 1
        elif answer == "n":
            part(practice, found, xpm.id, ignition.id)
            counts["parted"] += 1
        elif answer == "k":
            leave_alone(practice, found, xpm.id)
        if answer in "skq":
            break
    return answers


def _key(screen: Screen) -> str:
    while True:
        said: object = typer.prompt(_QUESTION, default="l", show_default=False)
        words = " ".join(str(said).casefold().split())
        if words in _WORDS:
            return _WORDS[words]
        if words != "?":
            screen.line(f"{str(said).strip()!r} is none of the answers; nothing was done. They are:")
        screen.pairs(_MEANINGS)
