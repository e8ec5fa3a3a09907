"""apply, history, show, explain: saved plans and the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.commands.sync import Allow, LockWait
from xpmsync.cli.options import All, ReportFile, Yes, check_file, linked_clients, with_report
from xpmsync.cli.reports.pages import Page, history_page, plan_page, writes_page
from xpmsync.cli.run import apply_and_report, locked, show_sized
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode, Json, Report
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.views.history import explanation_data, run_data, show_explanation, show_runs, show_writes, write_data
from xpmsync.cli.views.plan import show_totals
from xpmsync.core.plan.json import plan_data, ref_data
from xpmsync.errors import RunNotFound
from xpmsync.usecases.clients.exceptions import split_field
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.context.resolve import LAST, resolve_run
from xpmsync.usecases.sync.guard import parse_allowed
from xpmsync.usecases.sync.plan_file import open_plan, revalidate

__all__ = ["apply_", "explain", "history", "show"]


def apply_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan saved with --out.")],
    yes: Yes = False,
    allow: Allow = None,
    lock_wait: LockWait = 0.0,
) -> None:
    """Write exactly what a saved plan says; clients that changed since are left out and named."""
    session = session_of(ctx, "apply")
    allowed = parse_allowed(allow or [])
    if not (yes or session.may_ask):
        session.confirm(
            "", yes=False, instead=f"Look at it with: {session.command_line('show', str(file))}. Then add --yes."
        )
    session.begin_run("apply", str(file), allow=allow or ())
    with session.open_context() as (context, progress):
        session.require_chosen_route()
        kept = open_plan(file, context.ledger)
        with locked(context, progress, lock_wait, allowed=allowed):
            planned = revalidate(context, kept, progress)
            report = apply_and_report(session, context, progress, planned, yes=yes, allowed=allowed, command="apply")
    if report.exit_code is ExitCode.DONE and any(hold.code.value == "stale" for hold in planned.plan.holds):
        report = Report(report.data, report.show, ExitCode.PARTLY_DONE, report.errors)
    session.report(report)


def history(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many runs to show.")] = 20,
    report: ReportFile = None,
) -> None:
    """Show past runs, newest first."""
    session = session_of(ctx, "history")
    check_file(report, force=session.force)
    with open_ledger(session.settings, session.state) as ledger:
        runs = ledger.journal.runs(limit)
    data: dict[str, Json] = {"runs": [run_data(run) for run in runs]}
    answer = Report(data, lambda screen: show_runs(screen, runs, session.command_line))
    session.report(with_report(session, answer, history_page(runs), report))


def show(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="RUN|FILE", help="A run's number, 'last', or a plan file.")],
    everything: All = False,
    report: ReportFile = None,
) -> None:
    """Show a past run with every field it wrote, or a saved plan."""
    session = session_of(ctx, "show")
    check_file(report, force=session.force)
    if what.isdecimal() or what == LAST:
        answer, page = _run(session, what)
    else:
        answer, page = _plan_file(session, Path(what), everything=everything)
    session.report(with_report(session, answer, page, report))


def explain(
    ctx: typer.Context,
    client: Annotated[
        list[str],
        typer.Argument(
            metavar="CLIENT [FIELD]",
            help="An id, the number, the name or parts of it; then a field, such as phone or contact.email.",
            autocompletion=linked_clients,
        ),
    ],
) -> None:
    """Show a client's story: its writes and holds over all runs, and what the next run would do."""
    session = session_of(ctx, "explain")
    words, field = split_field(client)
    with session.open_context() as (context, progress):
        explanation = explain_client(context, words, field, progress)
    session.report(Report(explanation_data(explanation), lambda screen: show_explanation(screen, explanation)))


def _run(session: Session, wanted: str) -> tuple[Report, Page]:

    with open_ledger(session.settings, session.state) as ledger:
        number = resolve_run(ledger, wanted)
        run = ledger.journal.run(number)
        if run is None:
            raise RunNotFound(number)
        writes, linked = ledger.journal.writes(number), ledger.run_links.of(number)
    data: dict[str, Json] = {
        **run_data(run),
        "written": [write_data(write) for write in writes],
        "linked": [ref_data(pair) for pair in linked],
    }
    answer = Report(data, lambda screen: show_writes(screen, run, writes, linked, session.command_line))
    return answer, writes_page(run, writes)


def _plan_file(session: Session, file: Path, *, everything: bool) -> tuple[Report, Page]:
    """A plan that is stale, sealed by another practice, or altered can still be looked at."""
    with open_ledger(session.settings, session.state) as ledger:
        kept = open_plan(file, ledger)

    def show(screen: Screen) -> None:
        screen.line(f"Made {kept.made} for {kept.practice}.")
        if not kept.sealed:
            screen.line(
                "Its seal does not fit: it was altered, or made for another practice. It cannot be applied.",
                Tone.WARNING,
            )
        rest = f"See every change and hold with: {session.command_line('show', str(file), '--all')}"
        show_sized(screen, kept.plan, rest, everything=everything)
        show_totals(screen, kept.plan)

    data = {"made": kept.made, "practice": kept.practice, "sealed": kept.sealed, **plan_data(kept.plan)}
    answer = Report(data, show, ExitCode.CHANGES_WAITING if kept.plan.changes else ExitCode.DONE)
    return answer, plan_page(kept.plan)
