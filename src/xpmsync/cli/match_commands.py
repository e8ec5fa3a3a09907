"""match: propose links, make the sure ones, and walk through the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.output import ExitCode, Report
from xpmsync.cli.session import session_of

if TYPE_CHECKING:
    from xpmsync.cli.screen import Screen
    from xpmsync.cli.session import Session
    from xpmsync.cli.watching import Watching
    from xpmsync.usecases.practice import Practice

__all__ = ["register"]

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
    from xpmsync.cli.match_review import walk
    from xpmsync.errors import UsageError
    from xpmsync.usecases.matching import find_matches

    session = session_of(context, "match review")
    if not session.may_ask:
        instead = f"In a spreadsheet: {session.again('match', '--out', 'pile.csv')}"
        raise UsageError("A review needs a person at a terminal.", instead)
    with session.practice() as (practice, watching):
        found = find_matches(practice, watching)
        watching.clear()
        told = walk(session, practice, found)
    session.report(Report({**told}, lambda screen: screen.line(_told(told))))


@match_app.command("apply")
def apply_pile(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The pile, with the column Decision filled in.")],
) -> None:
    """Carry out the decisions written into a pile: 'same' links, 'not the same' is remembered."""
    from xpmsync.cli.as_json import link_data
    from xpmsync.cli.explain import explain
    from xpmsync.usecases.matching import take_pile

    session = session_of(context, "match apply")
    with session.practice() as (practice, watching):
        done = take_pile(practice, file, watching)
    notes = tuple(explain(conflict, session.again)[0] for conflict in done.conflicts)
    counts = {"linked": len(done.linked), "parted": done.parted, "undecided": done.undecided}
    session.report(
        Report(
            {**counts, "links": [link_data(link) for link in done.linked]},
            lambda screen: screen.line(_told(counts)),
            ExitCode.PARTLY_DONE if notes else ExitCode.DONE,
            notes,
        )
    )


@match_app.command("explain")
def explain_pair_(
    context: typer.Context,
    xpm: Annotated[str, typer.Argument(help="The XPM client: its UUID or exact name.")],
    ignition: Annotated[str, typer.Argument(help="The Ignition client: its id or exact name.")],
) -> None:
    """Show every piece of evidence for and against two clients being the same."""
    from xpmsync.cli.show_match import pair_data, show_pair
    from xpmsync.usecases.matching import explain_pair

    session = session_of(context, "match explain")
    with session.practice() as (practice, watching):
        watching.step("Reading both systems", 0)
        here, there, verdict = explain_pair(practice, xpm, ignition)
    session.report(Report(pair_data(verdict), lambda screen: show_pair(screen, here, there, verdict)))


def _match(
    session: Session, practice: Practice, watching: Watching, *, apply: bool, yes: bool, out: Path | None
) -> Report:
    from xpmsync.cli.running import locked
    from xpmsync.cli.show_match import match_data, show_matches
    from xpmsync.usecases.matching import find_matches, keep_pile, link_pairs

    found = find_matches(practice, watching)
    watching.clear()
    if out is not None:
        keep_pile(found, out)
    sure = [(one.xpm_id, one.ignition_id) for one in found.matching.sure]
    linked = 0
    if apply and sure:
        if not yes:
            show_matches(session.screen, found, session.again)
        if session.confirm(f"Link these {len(sure)} sure pairs?", yes=yes, instead="Add --yes."):
            with locked(practice, watching):
                linked = len(link_pairs(practice, found, sure))

    def show(screen: Screen) -> None:
        if not apply or yes:
            show_matches(screen, found, session.again)
        if apply:
            screen.line(f"{linked} pairs linked." if linked != 1 else "1 pair linked.")
        if out is not None:
            screen.line(
                f"The unsure pile is in {out}. Fill in Decision, then: {session.again('match', 'apply', str(out))}"
            )

    data = {**match_data(found), "linked": linked}
    if out is not None:
        data["pile"] = str(out)
    return Report(data, show)


def _told(counts: dict[str, int]) -> str:
    return f"{counts['linked']} linked, {counts['parted']} not the same, {counts['undecided']} still to decide."
