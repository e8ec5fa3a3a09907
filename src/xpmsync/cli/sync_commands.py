"""diff and sync: the same plan, shown or applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.complete import linked_clients
from xpmsync.cli.output import ExitCode, Report
from xpmsync.cli.session import session_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xpmsync.cli.output import ErrorNote, Json
    from xpmsync.cli.screen import Screen
    from xpmsync.cli.session import Session
    from xpmsync.usecases.applying import Applied
    from xpmsync.usecases.preview import Preview

__all__ = ["register"]

Clients = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CLIENT]...", help="Only these: id or exact name.", autocompletion=linked_clients),
]
Full = Annotated[bool, typer.Option("--full", help="Read every client, not only what changed.")]
ExitCodeOption = Annotated[bool, typer.Option("--exit-code", help="End with 3 when changes are waiting.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("diff")(diff)
    app.command("sync")(sync)


def diff(
    context: typer.Context, clients: Clients = None, full: Full = False, exit_code: ExitCodeOption = False
) -> None:
    """Show what a sync would write and what it would hold, field by field. Writes nothing."""
    from xpmsync.usecases.preview import preview

    session = session_of(context, "diff")
    with session.practice() as (practice, watching):
        found = preview(practice, watching, clients=clients or (), full=full)
    session.report(_preview_report(session, found, clients or (), exit_code=exit_code))


def sync(
    context: typer.Context,
    clients: Clients = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and end; the same as diff.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply the plan without asking.")] = False,
    full: Full = False,
    exit_code: ExitCodeOption = False,
) -> None:
    """Show the plan, ask, and write exactly that."""
    from xpmsync.cli.stopping import stoppable
    from xpmsync.local.locks import run_lock
    from xpmsync.usecases.applying import apply
    from xpmsync.usecases.preview import preview

    session = session_of(context, "sync")
    if not (dry_run or yes or session.may_ask):
        session.confirm("", yes=False, instead=f"Look first with: {session.again('diff')}. Then add --yes.")
    with session.practice() as (practice, watching):
        if dry_run:
            found = preview(practice, watching, clients=clients or (), full=full)
            session.report(_preview_report(session, found, clients or (), exit_code=exit_code))
            return
        with run_lock(practice.paths.lock, now=practice.clock.now()):
            found = preview(practice, watching, clients=clients or (), full=full)
            watching.clear()
            if found.plan.changes and not yes:
                _show_preview(session.screen, found)
                if not session.confirm("Write these changes?", yes=False, instead=""):
                    session.report(Report({"applied": None}, lambda screen: screen.line("Nothing was written.")))
                    return
            with stoppable() as stop_asked:
                applied = apply(practice, found, watching, stop_asked=stop_asked)
    session.report(_applied_report(session, found, applied, shown=not yes))


def _preview_report(session: Session, found: Preview, clients: Sequence[str], *, exit_code: bool) -> Report:
    waiting = exit_code and bool(found.plan.changes)

    def show(screen: Screen) -> None:
        _show_preview(screen, found)
        if found.plan.changes:
            screen.line(f"Nothing was written. Write it with: {session.again('sync', *clients)}")

    return Report(_data(found), show, ExitCode.CHANGES_WAITING if waiting else ExitCode.DONE)


def _applied_report(session: Session, found: Preview, applied: Applied, *, shown: bool) -> Report:
    from xpmsync.cli.as_json import applied_data
    from xpmsync.cli.show_plan import show_holds, show_plan
    from xpmsync.cli.show_run import show_applied

    def show(screen: Screen) -> None:
        if not shown or not found.plan.changes:
            if found.plan.changes:
                show_plan(screen, found.plan)
            else:
                show_holds(screen, found.plan.holds)
        show_applied(screen, applied, found.single_reads)

    exit_code, notes = _ending(session, applied)
    return Report({**_data(found), "applied": applied_data(applied)}, show, exit_code, notes)


def _ending(session: Session, applied: Applied) -> tuple[ExitCode, tuple[ErrorNote, ...]]:
    """The exit code, and a note for every failure: what was not written, and what to do."""
    from xpmsync.cli.explain import explain
    from xpmsync.cli.show_run import failure_note
    from xpmsync.errors import Interrupted
    from xpmsync.local.journal import Outcome

    notes = tuple(failure_note(failure, session.again) for failure in applied.failures)
    if applied.outcome is Outcome.INTERRUPTED:
        note, exit_code = explain(Interrupted(applied.written), session.again)
        return exit_code, (*notes, note)
    if applied.stopped is not None:
        note, exit_code = explain(applied.stopped, session.again)
        return exit_code, (*notes[:-1], note)
    return (ExitCode.PARTLY_DONE if applied.failures else ExitCode.DONE), notes


def _show_preview(screen: Screen, found: Preview) -> None:
    from xpmsync.cli.show_plan import show_plan, show_totals
    from xpmsync.cli.show_run import show_reading

    show_plan(screen, found.plan)
    show_totals(screen, found.plan)
    show_reading(screen, found)


def _data(found: Preview) -> dict[str, Json]:
    from xpmsync.cli.as_json import reading_data
    from xpmsync.core.plan_data import plan_data

    return {**plan_data(found.plan), "reading": reading_data(found)}
