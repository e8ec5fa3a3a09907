"""match: propose links, make the sure ones, and walk through the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ExitCode, Report
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.cli.views.match import show_pair
from xpmsync.errors import LinkConflict
from xpmsync.usecases.clients.match import leave_alone, link_pairs, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xpmsync.cli.session import Session
    from xpmsync.cli.terminal.output import Json
    from xpmsync.cli.terminal.progress import Watching
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.match import Unsure
    from xpmsync.usecases.clients.match import Matches
    from xpmsync.usecases.context.context import Practice

__all__ = ["register", "walk"]

match_app = typer.Typer(rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(match_app, name="match")


@match_app.callback(invoke_without_command=True)
def match(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Link the sure pairs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --apply: without asking.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save the unsure pile as CSV, for: match apply FILE.")
    ] = None,
) -> None:
    """Find clients that both systems have, and sort them into sure, unsure and none. Links nothing by itself."""
    if context.invoked_subcommand is not None:
        return
    session = session_of(context, "match")
    if apply and not (yes or session.may_ask):
        session.confirm("", yes=False, instead=f"Look first with: {session.again('match')}. Then add --yes.")
    with session.practice() as (practice, watching):
        report = _match(session, practice, watching, apply=apply, yes=yes, out=out)
    session.report(report)


@match_app.command("review")
def review(context: typer.Context) -> None:
    """Walk through the unsure pile at a terminal: same, not the same, later, skip."""
    from xpmsync.cli.commands.match import walk
    from xpmsync.errors import UsageError
    from xpmsync.usecases.clients.match import find_matches

    session = session_of(context, "match review")
    if not session.may_ask:
        instead = f"In a spreadsheet: {session.again('match', '--out', 'pile.csv')}"
        raise UsageError("A review needs a person at a terminal.", instead)
    with session.practice() as (practice, watching):
        found = find_matches(practice, watching)
        watching.clear()
        told = walk(session, practice, found)
    said = _told(told) if found.waiting else "No client is unsure: there is nothing to review."
    session.report(Report({**told}, lambda screen: screen.line(said)))


@match_app.command("apply")
def apply_pile(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The pile; each Decision is 'same', 'not the same' or blank."),
    ],
) -> None:
    """Carry out the decisions written into a pile: 'same' links, 'not the same' is remembered, blank waits."""
    from xpmsync.cli.errors.explain import explain
    from xpmsync.cli.errors.review_file import DECISIONS
    from xpmsync.cli.terminal.sanitize import count
    from xpmsync.cli.views.json import link_data
    from xpmsync.usecases.clients.review_file import take_pile

    session = session_of(context, "match apply")
    with session.practice() as (practice, watching):
        done = take_pile(practice, file, watching)
    notes = tuple(explain(one, session.again)[0] for one in done.held)
    counts = {
        "linked": len(done.linked),
        "already": done.already,
        "parted": done.parted,
        "undecided": done.undecided,
    }

    def show(screen: Screen) -> None:
        screen.line(_told(counts))
        if notes:
            screen.line(f"{count(len(notes), 'decision')} not carried out:")
        elif not any((done.linked, done.already, done.parted)):
            screen.line(f"No decision is filled in; the words are {DECISIONS}.")

    data: dict[str, Json] = {**counts, "links": [link_data(link) for link in done.linked]}
    session.report(Report(data, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes))


@match_app.command("explain")
def explain_pair_(
    context: typer.Context,
    xpm: Annotated[str, typer.Argument(help="The XPM client: its UUID or exact name.")],
    ignition: Annotated[str, typer.Argument(help="The Ignition client: its id or exact name.")],
) -> None:
    """Show every piece of evidence for and against two clients being the same."""
    from xpmsync.cli.views.match import pair_data, show_pair
    from xpmsync.usecases.clients.match import explain_pair

    session = session_of(context, "match explain")
    with session.practice() as (practice, watching):
        watching.step("Reading both systems", 0)
        here, there, verdict = explain_pair(practice, xpm, ignition)
    session.report(Report(pair_data(verdict), lambda screen: show_pair(screen, here, there, verdict)))


def _match(
    session: Session, practice: Practice, watching: Watching, *, apply: bool, yes: bool, out: Path | None
) -> Report:
    from xpmsync.cli.run import locked
    from xpmsync.cli.views.match import match_data, show_matches, show_totals, show_unmatched
    from xpmsync.usecases.clients.match import find_matches, link_pairs
    from xpmsync.usecases.clients.review_file import keep_pile

    found = find_matches(practice, watching)
    watching.clear()
    rows = keep_pile(found, out) if out is not None else 0
    sure = [(one.xpm_id, one.ignition_id) for one in found.matching.sure]
    verbose = session.verbosity > 0

    def show_found(screen: Screen) -> None:
        show_matches(screen, found)
        if verbose:
            show_unmatched(screen, found)
        show_totals(screen, found, session.again, verbose=verbose)

    linked = 0
    asked = apply and not yes and bool(sure)
    if asked:
        show_found(session.screen)
    question = "Link this sure pair?" if len(sure) == 1 else f"Link these {len(sure)} sure pairs?"
    if apply and sure and session.confirm(question, yes=yes, instead="Add --yes."):
        with locked(practice, watching):
            linked = len(link_pairs(practice, found, sure))

    def show(screen: Screen) -> None:
        if not asked:
            show_found(screen)
        for line in _next_steps(session, found, apply=apply, linked=linked):
            screen.line(line)
        if out is not None:
            screen.line(_pile_told(session, out) if rows else "No client is unsure, so no pile was written.")

    data = {**match_data(found), "linked": linked}
    if rows:
        data["pile"] = str(out)
    return Report(data, show)


def _next_steps(session: Session, found: Matches, *, apply: bool, linked: int) -> Iterator[str]:
    """What was linked, and what to do about the rest."""
    from xpmsync.cli.terminal.sanitize import count

    if apply:
        yield f"{count(linked, 'pair')} linked." if linked else "Nothing was linked."
    elif found.matching.sure:
        yield f"Link the sure ones with: {session.again('match', '--apply')}"
    if linked:
        yield f"See what differs between the linked ones with: {session.again('diff')}"
    if found.waiting:
        yield f"Go through the unsure ones with: {session.again('match', 'review')}"


def _pile_told(session: Session, out: Path) -> str:
    from xpmsync.cli.errors.review_file import DECISIONS

    again = session.again("match", "apply", str(out))
    return (
        f"The unsure pile is in {out}. In its column Decision write {DECISIONS}, or leave it blank to decide later."
        f" Then: {again}"
    )


def _told(counts: dict[str, int]) -> str:
    already = f"{counts['already']} linked already, " if counts.get("already") else ""
    return (
        f"{counts['linked']} linked, {already}{counts['parted']} not the same, {counts['undecided']} still to decide."
    )


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
