"""A name that several clients fit becomes a numbered choice, and the command runs again with the client's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.sanitize import one_line

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.errors import SeveralClients

__all__ = ["choose_client"]

_MOST_OFFERED: Final = 20
"""More than a screenful is no choice; the error then lists the first ones."""


def choose_client(session: Session, words: Sequence[str], problem: SeveralClients) -> list[str] | None:
    """Ask which client is meant, and return the command line with its id in place of what was typed.

    None where nobody can be asked, or where what was typed is not to be found among
    the words. Names are resolved before a command writes, so it can run again.
    """
    place = _place(words, problem.wanted)
    if not session.may_ask or place is None or len(problem.ids) > _MOST_OFFERED:
        return None
    names = problem.names or [""] * len(problem.ids)
    session.screen.line(f"{len(problem.ids)} clients fit {problem.wanted!r}:")
    rows = zip(problem.ids, names, strict=True)
    session.screen.pairs([(f"{number}.", f"{one_line(name)}  {id_}") for number, (id_, name) in enumerate(rows, 1)])
    chosen = problem.ids[session.choose("Which one", len(problem.ids)) - 1]
    first, last = place
    return [*words[:first], chosen, *words[last:]]


def _place(words: Sequence[str], wanted: str) -> tuple[int, int] | None:
    """Where the text is among the words, which may be several of them."""
    for first in range(len(words)):
        for last in range(first + 1, len(words) + 1):
            if " ".join(words[first:last]) == wanted:
                return first, last
    return None
