"""Questions to a person: whether to write a plan, and which of several clients is meant."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import typer

from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import CURRENT_COMMAND
from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.views.plan import show_changes
from xpmsync.core.plan.plan import Change, Plan
from xpmsync.errors import SeveralClients
from xpmsync.usecases.context.context import SyncContext

_ANSWERS: Final = {
    "y": "y", "yes": "y", "n": "n", "no": "n", "": "n", "c": "c", "choose": "c", "a": "a", "all": "a",
}  # fmt: skip
_MEANINGS: Final[tuple[tuple[str, str], ...]] = (
    ("w", "write this client's changes"),
    ("s", "skip them this time; the next run shows them again"),
    ("n", "never: leave these fields of the client alone from now on (asks for a note)"),
    ("a", "write this client's and all the remaining ones"),
    ("d", "done: skip this client's and all the remaining ones"),
    ("q", "quit; nothing at all is written"),
)
_CHOICES: Final = {
    **{key: key for key, _ in _MEANINGS},
    "write": "w", "skip": "s", "never": "n", "all": "a", "done": "d", "quit": "q",
}  # fmt: skip


def ask_plan(
    session: Session, context: SyncContext, plan: Plan, show_all: Callable[[Screen], None], *, undoes: bool
) -> Plan | None:
    """Ask a person about the plan that is on the screen; returns what to write, None for nothing.

    Raises `UsageError` where nobody is there to answer. `undoes` says that the plan undoes a run.
    """
    if not session.may_ask:
        instead = f"Look first with: {session.command_line(CURRENT_COMMAND, '--dry-run')}. Then add --yes."
        session.confirm("", yes=False, instead=instead)
    target = context.target.system
    if undoes and target is session.settings.sync.direction.source:
        session.screen.line(f"This writes to {target.label}, which is the source today.", Tone.WARNING)
    while True:
        question = "Write these changes? (y)es, (n)o, (c)hoose client by client, show (a)ll [n]"
        answer: object = typer.prompt(question, default="", show_default=False)
        match _ANSWERS.get(str(answer).strip().casefold()):
            case "y":
                return plan
            case "n":
                return None
            case "c":
                return _choose(session, context, plan, undoes=undoes)
            case "a":
                session.screen.paged(show_all)
            case _:
                session.screen.line(f"{str(answer).strip()!r} is none of the answers. Nothing was written so far.")


def _choose(session: Session, context: SyncContext, plan: Plan, *, undoes: bool) -> Plan | None:
    """Walk the changes client by client; what is chosen is the plan, and nothing is noted before the end."""
    screen = session.screen
    meanings: list[tuple[str, str]] = [(key, text) for key, text in _MEANINGS if not undoes or key != "n"]
    screen.line()
    screen.pairs(meanings)
    groups = [tuple(changes) for _, changes in groupby(plan.changes, key=lambda change: change.client)]
    chosen: list[Change] = []
    never: list[tuple[Change, str]] = []
    answer = ""
    for number, changes in enumerate(groups, start=1):
        if answer not in ("a", "d"):
            screen.heading(f"{number} of {len(groups)}")
            show_changes(screen, plan, changes, head=number == 1)
            answer = _answer(screen, meanings)
        if answer == "q":
            return None
        if answer in ("w", "a"):
            chosen += changes
        elif answer == "n":
            note = str(typer.prompt("Why? A note for your colleagues")).strip()
            never += [(change, note) for change in changes]
    _leave_alone(context, never)
    screen.line()
    if never:
        screen.line(
            f"{count(len(never), 'field')} left alone from now on; see them with: {session.command_line('exceptions')}"
        )
    if not chosen:
        return None
    chosen_plan = replace(plan, changes=tuple(chosen), excepted=plan.excepted + len(never))
    clients = count(chosen_plan.counts["changed_clients"], "client")
    screen.line(f"Writing {count(len(chosen), 'change')} in {clients}.")
    return chosen_plan


def _answer(screen: Screen, meanings: list[tuple[str, str]]) -> str:
    keys = {key for key, _ in meanings}
    words = ", ".join(f"{word} ({key})" for word, key in _CHOICES.items() if len(word) > 1 and key in keys)
    while True:
        answer: object = typer.prompt(f"{words}, ? for help")
        key = _CHOICES.get(str(answer).strip().casefold(), "")
        if key in keys:
            return key
        screen.pairs(meanings)


def _leave_alone(context: SyncContext, never: list[tuple[Change, str]]) -> None:
    with context.ledger.transaction():
        for change, note in never:
            context.ledger.exceptions.add(change.client, change.field, note, context.now())


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
