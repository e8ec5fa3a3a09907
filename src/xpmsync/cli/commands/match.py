"""match: propose links, make the sure ones, and walk through the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.errors.records import DECISIONS
from xpmsync.cli.options import All, ReportFile, check_file, with_report, with_report_of_run
from xpmsync.cli.reports.pages import Page, match_page
from xpmsync.cli.run import locked
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode, Report
from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views import match as view
from xpmsync.cli.views.json import link_data
from xpmsync.core.enums import Json
from xpmsync.errors import LinkConflict, UsageError
from xpmsync.usecases.clients import match as matching
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.clients.review_file import read_review_file, write_review_file
from xpmsync.usecases.context.context import SyncContext

if TYPE_CHECKING:
    from xpmsync.cli.terminal.progress import ProgressBar

match_app = typer.Typer(rich_markup_mode=None)


@match_app.callback(invoke_without_command=True)
def match(ctx: typer.Context, everything: All = False, report: ReportFile = None) -> None:
    """Find clients that both systems have, and sort them into sure, unsure and none. Links nothing by itself."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx, "match")
    check_file(report, force=session.force)
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
    check_file(report, force=session.force)
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
        found = matching.find_matches(context, progress)
        progress.clear()
        rows, only_in_xpm = write_review_file(found, file, force=session.force)
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
    """Walk through the unsure pairs at a terminal, family by family: same, not the same, all, later, skip, back."""
    session = session_of(ctx, "match review")
    if not session.may_ask:
        instead = f"In a spreadsheet: {session.command_line('match', 'export', 'review.csv')}"
        raise UsageError("A review needs a person at a terminal.", instead)
    with session.open_context() as (context, progress):
        found = matching.find_matches(context, progress)
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
        explained = matching.explain_pair(context, xpm, ignition, progress)
        progress.clear()
    session.report(Report(view.explained_data(explained), lambda screen: view.show_explained(screen, explained)))


def _propose(session: Session, context: SyncContext, progress: ProgressBar, *, everything: bool) -> tuple[Report, Page]:
    found = matching.find_matches(context, progress)
    progress.clear()

    def show(screen: Screen) -> None:
        _show_found(session, screen, found, everything=everything)
        if found.matching.sure:
            screen.line(f"Link the sure ones with: {session.command_line('match', 'link')}")
        _show_review(session, screen, found)

    answer = Report({**view.match_data(found), "linked": 0}, show, summary=view.totals_line(found))
    return answer, match_page(found, 0)


def _link_sure(
    session: Session, context: SyncContext, progress: ProgressBar, *, yes: bool, everything: bool
) -> tuple[Report, Page]:
    found = matching.find_matches(context, progress)
    progress.clear()
    sure = [(verdict.xpm_id, verdict.ignition_id) for verdict in found.matching.sure]
    linked = 0
    asked = bool(sure) and not yes
    if asked:
        _show_found(session, session.screen, found, everything=everything)
    question = "Link this sure pair?" if len(sure) == 1 else f"Link these {len(sure)} sure pairs?"
    if sure and session.confirm(question, yes=yes, instead="Add --yes."):
        with locked(context, progress):
            run = LinkRun(context, "match link")
            linked = len(matching.link_pairs(context, found, sure, run))

    def show(screen: Screen) -> None:
        if not asked:
            _show_found(session, screen, found, everything=everything)
        screen.line(f"{count(linked, 'pair')} linked." if linked else "Nothing was linked.")
        if linked:
            screen.line(f"See what differs between the linked ones with: {session.command_line('diff')}")
            screen.line(f"Undo all of them with: {session.command_line('undo', str(run.id))}")
        _show_review(session, screen, found)

    summary = f"{count(linked, 'pair')} linked; {view.totals_line(found)}"
    return Report({**view.match_data(found), "linked": linked}, show, summary=summary), match_page(found, linked)


def _show_found(session: Session, screen: Screen, found: matching.Matches, *, everything: bool) -> None:
    verbose = session.verbosity > 0
    brief = view.show_matches(screen, found, everything=everything or verbose)
    if brief:
        screen.line(f"See all pairs with: {session.command_line('match', '--all')}")
    if verbose:
        view.show_unmatched(screen, found)
    view.show_totals(screen, found, session.command_line, verbose=verbose)


def _show_review(session: Session, screen: Screen, found: matching.Matches) -> None:
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
    ("a", "all of this family: link each of the pairs that are listed for it"),
    ("l", "later: asked again the next time (Enter too)"),
    ("k", "skip: not asked about this XPM client again until it changes"),
    ("b", "back: take the last answer back"),
    ("q", "quit; every answer so far is kept"),
)
_QUESTION: Final = "s same, n not the same, l later, k skip until it changes, b back, q quit, ? help"
_FAMILY_QUESTION: Final = f"a all of this family, {_QUESTION}"
_WORDS: Final = {
    **{key: key for key, _ in _MEANINGS},
    "same": "s",
    "not the same": "n",
    "no": "n",
    "all": "a",
    "later": "l",
    "skip": "k",
    "back": "b",
    "quit": "q",
}
"""Whole words count, but not their first letters: `skip` is not `same`."""


def walk(session: Session, context: SyncContext, found: matching.Matches) -> dict[str, int]:
    """Ask about every unsure pair, family by family; each answer is kept at once, so leaving is safe at any time."""
    review = matching.Review(context, found)
    asked: list[int] = []
    shown_family = -1
    session.done_so_far = lambda: f"{count(len(asked), 'answer')} {'was' if len(asked) == 1 else 'were'} kept."
    if review.questions:
        session.screen.pairs(_MEANINGS)
    number = 0
    while number < len(review.questions) or (asked and _wants_back()):
        if number == len(review.questions):
            review.back()
            number, shown_family = asked.pop(), -1
            session.screen.line("The last answer is taken back.")
        question = review.questions[number]
        if not review.is_open(*question.pair):
            number += 1
            continue
        if question.family != shown_family:
            shown_family = question.family
            _show_family(session.screen, review, shown_family)
        view.show_pair(session.screen, found.xpm[question.pair[0]], found.ignition[question.pair[1]], question.verdict)
        answer = _key(session.screen, of_family=len(review.proposed(shown_family)) > 1)
        if answer == "q":
            break
        if answer == "b":
            if review.back():
                number, shown_family = asked.pop(), -1
                session.screen.line("The last answer is taken back.")
            else:
                session.screen.line("There is no answer to take back.")
            continue
        if _carry_out(session.screen, review, question, answer):
            asked.append(number)
        number += 1
    return review.counts()


def _wants_back() -> bool:
    """Ask after the last pair, whose answer could not be taken back otherwise."""
    answer: str = typer.prompt("That was the last pair: Enter done, b back", default="", show_default=False)
    return _WORDS.get(answer.casefold().strip()) == "b"


def _carry_out(screen: Screen, review: matching.Review, question: matching.Question, answer: str) -> bool:
    """Keep an answer, and say whether it could be kept: one of the two may be linked meanwhile."""
    try:
        match answer:
            case "s":
                review.same(question)
            case "a":
                review.same_family(question.family)
            case "n":
                for xpm_id, ignition_id in review.not_same(question)[1:]:
                    names = one_line(review.found.xpm[xpm_id].name), one_line(review.found.ignition[ignition_id].name)
                    screen.line(f"Nor is {names[0]} the same as {names[1]}.")
            case "k":
                review.skip(question)
            case _:
                review.later()
    except LinkConflict:
        screen.line("One of the two was linked meanwhile.")
        return False
    return True


def _show_family(screen: Screen, review: matching.Review, family: int) -> None:
    """Which family it is, and for several pairs what `a` links."""
    proposed = review.proposed(family)
    screen.heading(f"{family + 1} of {len(review.families)}")
    if len(proposed) > 1:
        screen.line(f"A family with {len(proposed)} pairs:")
        for verdict in proposed:
            names = review.found.xpm[verdict.xpm_id].name, review.found.ignition[verdict.ignition_id].name
            screen.line(f"  {one_line(names[0])} = {one_line(names[1])}  ({verdict.score:.1f})")


def _key(screen: Screen, *, of_family: bool) -> str:
    while True:
        answer: str = typer.prompt(_FAMILY_QUESTION if of_family else _QUESTION, default="l", show_default=False)
        words = " ".join(answer.casefold().split())
        key = _WORDS.get(words)
        if key is not None and (of_family or key != "a"):
            return key
        if words != "?":
            screen.line(f"{answer.strip()!r} is none of the answers; nothing was done. They are:")
        screen.pairs(_MEANINGS)
