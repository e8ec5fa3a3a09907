"""match: propose links, make the sure ones, and walk through the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.errors.review_file import DECISIONS
from xpmsync.cli.options import All, ReportFile, check_file, with_report, with_report_of_run
from xpmsync.cli.reports.pages import match_page
from xpmsync.cli.run import locked
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ExitCode, Report
from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.views.json import link_data
from xpmsync.cli.views.match import (
    match_data,
    pair_data,
    show_matches,
    show_pair,
    show_totals,
    show_unmatched,
    totals_line,
)
from xpmsync.errors import LinkConflict, UsageError
from xpmsync.usecases.clients.match import (
    Matches,
    dismiss,
    explain_pair,
    find_matches,
    link_pairs,
    mark_distinct,
)
from xpmsync.usecases.clients.review_file import read_review_file, write_review_file

if TYPE_CHECKING:
    from xpmsync.cli.reports.page import Page
    from xpmsync.cli.session import Session
    from xpmsync.cli.terminal.output import Json
    from xpmsync.cli.terminal.progress import ProgressBar
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.match import Unsure
    from xpmsync.usecases.context.context import SyncContext

__all__ = ["match_app", "walk"]

match_app = typer.Typer(rich_markup_mode=None)


@match_app.callback(invoke_without_command=True)
def match(ctx: typer.Context, everything: All = False, report: ReportFile = None) -> None:
    """Find clients that both systems have, and sort them into sure, unsure and none. Links nothing by itself."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx, "match")
    check_file(report)
    with session.open_context() as (context, progress):
        answer, page = _propose(session, context, progress, everything=everything)
    session.report(with_report(session, answer, page, report))


@match_app.command("link")
def link(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
    everything: All = False,
    report: ReportFile = None,
) -> None:
    """Link the sure pairs, after showing them."""
    session = session_of(ctx, "match link")
    check_file(report)
    if not (yes or session.may_ask):
        session.confirm("", yes=False, instead=f"Look first with: {session.command_line('match')}. Then add --yes.")
    with session.open_context() as (context, progress):
        answer, page = _link_sure(session, context, progress, yes=yes, everything=everything)
    session.report(with_report_of_run(session, answer, page, report))


@match_app.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The spreadsheet to write, as CSV.")],
) -> None:
    """Write the unsure pairs, and the clients that are only in XPM, to a review file to decide in a spreadsheet."""
    session = session_of(ctx, "match export")
    with session.open_context() as (context, progress):
        found = find_matches(context, progress)
        progress.clear()
        rows, only_in_xpm = write_review_file(found, file)
    written = bool(rows or only_in_xpm)

    def show(screen: Screen) -> None:
        if rows:
            screen.line(_written(session, file))
        if only_in_xpm:
            command_line = session.command_line("import", "--file", str(file))
            screen.line(
                f"{count(only_in_xpm, 'client')} only in XPM: {file} lists them, too. Write import into Decision to"
                f" create one in Ignition. Then: {command_line}"
            )
        if not written:
            screen.line("No client is unsure or only in XPM, so no review file was written.")

    data: dict[str, Json] = {"file": str(file) if written else None, "rows": rows, "only_in_xpm": only_in_xpm}
    session.report(Report(data, show))


@match_app.command("review")
def review(ctx: typer.Context) -> None:
    """Walk through the unsure pairs at a terminal: same, not the same, later, skip."""
    session = session_of(ctx, "match review")
    if not session.may_ask:
        instead = f"In a spreadsheet: {session.command_line('match', 'export', 'review.csv')}"
        raise UsageError("A review needs a person at a terminal.", instead)
    with session.open_context() as (context, progress):
        found = find_matches(context, progress)
        progress.clear()
        counts = walk(session, context, found)
    message = _summary(counts) if found.waiting else "No client is unsure: there is nothing to review."
    session.report(Report({**counts}, lambda screen: screen.line(message)))


@match_app.command("import")
def import_review_file(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The review file; each Decision is 'same', 'not the same' or blank."),
    ],
) -> None:
    """Carry out the decisions written into a review file: 'same' links, 'not the same' is remembered, blank waits."""
    session = session_of(ctx, "match import")
    with session.open_context() as (context, progress):
        done = read_review_file(context, file, progress)
    notes = tuple(explain(held, session.command_line)[0] for held in done.held)
    counts = {
        "linked": len(done.linked),
        "already": done.already,
        "parted": done.distinct_pairs,
        "undecided": done.undecided,
    }

    def show(screen: Screen) -> None:
        screen.line(_summary(counts))
        if notes:
            screen.line(f"{count(len(notes), 'decision')} not carried out:")
        elif not any((done.linked, done.already, done.distinct_pairs)):
            screen.line(f"No decision is filled in; the words are {DECISIONS}.")

    data: dict[str, Json] = {**counts, "links": [link_data(link) for link in done.linked]}
    session.report(Report(data, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes))


@match_app.command("explain")
def explain_pair_(
    ctx: typer.Context,
    xpm: Annotated[str, typer.Argument(help="The XPM client: its UUID or exact name.")],
    ignition: Annotated[str, typer.Argument(help="The Ignition client: its id or exact name.")],
) -> None:
    """Show every piece of evidence for and against two clients being the same."""
    session = session_of(ctx, "match explain")
    with session.open_context() as (context, progress):
        progress.step("Reading both systems", 0)
        xpm_client, ignition_client, verdict = explain_pair(context, xpm, ignition)
    session.report(Report(pair_data(verdict), lambda screen: show_pair(screen, xpm_client, ignition_client, verdict)))


def _propose(session: Session, context: SyncContext, progress: ProgressBar, *, everything: bool) -> tuple[Report, Page]:
    found = find_matches(context, progress)
    progress.clear()

    def show(screen: Screen) -> None:
        _show_found(session, screen, found, everything=everything)
        if found.matching.sure:
            screen.line(f"Link the sure ones with: {session.command_line('match', 'link')}")
        _show_review(session, screen, found)

    answer = Report({**match_data(found), "linked": 0}, show, summary=totals_line(found))
    return answer, match_page(found, 0)


def _link_sure(
    session: Session, context: SyncContext, progress: ProgressBar, *, yes: bool, everything: bool
) -> tuple[Report, Page]:
    found = find_matches(context, progress)
    progress.clear()
    sure = [(verdict.xpm_id, verdict.ignition_id) for verdict in found.matching.sure]
    linked = 0
    asked = bool(sure) and not yes
    if asked:
        _show_found(session, session.screen, found, everything=everything)
    question = "Link this sure pair?" if len(sure) == 1 else f"Link these {len(sure)} sure pairs?"
    if sure and session.confirm(question, yes=yes, instead="Add --yes."):
        with locked(context, progress):
            linked = len(link_pairs(context, found, sure))

    def show(screen: Screen) -> None:
        if not asked:
            _show_found(session, screen, found, everything=everything)
        screen.line(f"{count(linked, 'pair')} linked." if linked else "Nothing was linked.")
        if linked:
            screen.line(f"See what differs between the linked ones with: {session.command_line('diff')}")
        _show_review(session, screen, found)

    summary = f"{count(linked, 'pair')} linked; {totals_line(found)}"
    return Report({**match_data(found), "linked": linked}, show, summary=summary), match_page(found, linked)


def _show_found(session: Session, screen: Screen, found: Matches, *, everything: bool) -> None:
    verbose = session.verbosity > 0
    brief = show_matches(screen, found, everything=everything or verbose)
    if brief:
        screen.line(f"See all pairs with: {session.command_line('match', '--all')}")
    if verbose:
        show_unmatched(screen, found)
    show_totals(screen, found, session.command_line, verbose=verbose)


def _show_review(session: Session, screen: Screen, found: Matches) -> None:
    """Say what to do about the unsure pairs."""
    if found.waiting:
        screen.line(f"Go through the unsure ones with: {session.command_line('match', 'review')}")


def _written(session: Session, file: Path) -> str:

    command_line = session.command_line("match", "import", str(file))
    return (
        f"The unsure pairs are in {file}. In its column Decision write {DECISIONS}, or leave it blank to decide later."
        f" Then: {command_line}"
    )


def _summary(counts: dict[str, int]) -> str:
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


def walk(session: Session, context: SyncContext, found: Matches) -> dict[str, int]:
    """Ask about every unsure client; each answer is kept at once, so leaving is safe at any time."""
    counts = {"linked": 0, "parted": 0, "undecided": 0}
    if found.waiting:
        session.screen.pairs(_MEANINGS)
    for number, unsure in enumerate(found.waiting, start=1):
        session.screen.heading(f"{number} of {len(found.waiting)}")
        answers = _ask(session, context, found, unsure, counts)
        if "q" in answers:
            counts["undecided"] += len(found.waiting) - number + 1
            break
        counts["undecided"] += "l" in answers and not answers & {"s", "k"}
    return counts


def _ask(session: Session, context: SyncContext, found: Matches, unsure: Unsure, counts: dict[str, int]) -> set[str]:
    """Go through a client's candidates until one is the same, or the person moves on; return the keys."""
    answers: set[str] = set()
    for verdict in unsure.candidates:
        xpm, ignition = found.xpm[unsure.xpm_id], found.ignition[verdict.ignition_id]
        if context.ledger.link_of(ignition.id) is not None:
            session.screen.line(f"{one_line(ignition.name)} (Ignition {ignition.id}) was linked meanwhile.")
            continue
        show_pair(session.screen, xpm, ignition, verdict)
        answer = _key(session.screen)
        answers.add(answer)
        if answer == "s":
            try:
                link_pairs(context, found, [(xpm.id, ignition.id)])
            except LinkConflict:
                session.screen.line("One of the two was linked meanwhile.")
                return {"l"}
            counts["linked"] += 1
        elif answer == "n":
            mark_distinct(context, found, xpm.id, ignition.id)
            counts["parted"] += 1
        elif answer == "k":
            dismiss(context, found, xpm.id)
        if answer in "skq":
            break
    return answers


def _key(screen: Screen) -> str:
    while True:
        answer: str = typer.prompt(_QUESTION, default="l", show_default=False)
        words = " ".join(answer.casefold().split())
        if words in _WORDS:
            return _WORDS[words]
        if words != "?":
            screen.line(f"{answer.strip()!r} is none of the answers; nothing was done. They are:")
        screen.pairs(_MEANINGS)
