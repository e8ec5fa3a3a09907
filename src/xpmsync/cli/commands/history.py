"""apply, history, show, explain, undo, purge: saved plans, the journal, and what can be restored from it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.commands.sync import Allow, LockWait
from xpmsync.cli.options import All, ReportFile, Yes, check_file, linked_clients, with_report
from xpmsync.cli.reports.pages import Page, history_page, plan_page, writes_page
from xpmsync.cli.run import apply_and_report, locked, plan_report, show_preview, show_sized
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ExitCode, Report
from xpmsync.cli.terminal.sanitize import count, named
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.uploading import show_outdated_files
from xpmsync.cli.views.history import explanation_data, run_data, show_explanation, show_runs, show_writes, write_data
from xpmsync.cli.views.json import link_data
from xpmsync.cli.views.plan import show_totals
from xpmsync.core.enums import Json
from xpmsync.core.plan.json import plan_data, ref_data
from xpmsync.core.plan.plan import Change
from xpmsync.errors import RunNotFound
from xpmsync.local.system.clock import SystemClock
from xpmsync.local.system.locks import run_lock
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.link import UndoneLinks, plan_undo_links, split_field, undo_links
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.context.resolve import LAST, resolve_run
from xpmsync.usecases.sync.guard import parse_allowed
from xpmsync.usecases.sync.plan_file import open_plan, revalidate
from xpmsync.usecases.sync.undo import Restored, plan_undo, purge_values, restored_by_undo
from xpmsync.usecases.uploads import files_with


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


_MOST_PAIRS = 20
"""Pairs listed before they are unlinked; `show RUN` lists them all."""
_MOST_COMMANDS = 5


def undo(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's number from history, or 'last'.")],
    clients: Annotated[
        list[str] | None, typer.Argument(metavar="[CLIENT]...", help="Only these: id, number, name or parts of it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be restored.")] = False,
    yes: Yes = False,
    everything: All = False,
    allow: Allow = None,
    lock_wait: LockWait = 0.0,
) -> None:
    """Restore what a run replaced, where the value still is what the run wrote."""
    session = session_of(ctx, "undo")
    allowed = parse_allowed(allow or [])
    if not (dry_run or yes or session.may_ask):
        command_line = session.command_line("undo", run, "--dry-run")
        session.confirm("", yes=False, instead=f"Look first with: {command_line}. Then add --yes.")
    if not dry_run:
        session.begin_run("undo", run, *(clients or ()), allow=allow or ())
    with session.open_context() as (context, progress):
        number = resolve_run(context.ledger, run, wrote=True)
        if (undone := plan_undo_links(context.ledger, number, clients or ())) is not None:
            report = _undo_links(session, context, undone, number, yes=yes, dry_run=dry_run)
        elif dry_run:
            _, planned = plan_undo(context, number, clients or (), progress)
            rest = f"See every change and hold with: {session.command_line('undo', run, '--dry-run', '--all')}"
            report = plan_report(planned, lambda screen: show_preview(screen, planned, rest, everything=everything))
        else:
            with locked(context, progress, lock_wait, allowed=allowed):
                turned, planned = plan_undo(context, number, clients or (), progress)
                report = apply_and_report(
                    session, turned, progress, planned, yes=yes, allowed=allowed, command="undo", undoes=number
                )
                restored = restored_by_undo(context, number)
                report = _with_next_sync(session, context, report, restored, number, yes=yes)
    session.report(report)


def _undo_links(
    session: Session, context: SyncContext, undone: UndoneLinks, number: int, *, yes: bool, dry_run: bool
) -> Report:
    """Show the links that a run made, ask, and remove them together."""

    def show_pairs(screen: Screen) -> None:
        for link in undone.linked[:_MOST_PAIRS]:
            screen.line(f"To be unlinked: {named(link.ref)}")
        if len(undone.linked) > _MOST_PAIRS:
            screen.line(f"and {count(len(undone.linked) - _MOST_PAIRS, 'pair')} more.")
        if undone.gone:
            screen.line(f"{count(len(undone.gone), 'pair')} of run {number} no longer linked.")

    removed = 0
    asked = bool(undone.linked) and not (yes or dry_run)
    if asked:
        show_pairs(session.screen)
    question = f"Remove {count(len(undone.linked), 'link')}? Both systems stay as they are."
    if undone.linked and not dry_run and session.confirm(question, yes=yes, instead="Add --yes."):
        with run_lock(context.paths.lock, now=context.clock.now()):
            undo_links(context, undone, number)
        removed = len(undone.linked)
    files = files_with(session.settings, session.state, context.ledger, undone.linked) if removed else ()
    session.run = None  # neither system was written

    def show(screen: Screen) -> None:
        if not asked:
            show_pairs(screen)
        screen.line(f"{count(removed, 'link')} removed." if removed else "Nothing was removed.")
        show_outdated_files(session, screen, files, "what was unlinked")

    data: dict[str, Json] = {
        "unlinked": removed,
        "in_files": [str(file) for file in files],
        "links": [link_data(link) for link in undone.linked],
        "gone": [ref_data(pair) for pair in undone.gone],
    }
    return Report(data, show)


def purge(
    ctx: typer.Context,
    older_than: Annotated[
        int,
        typer.Option("--older-than", min=0, max=36_500, metavar="DAYS", help="Only what is older than so many days."),
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Drop them without asking.")] = False,
) -> None:
    """Drop the values that past runs replaced; those runs can then no longer be undone."""
    session = session_of(ctx, "purge")
    instead = f"Say that you mean it: {session.command_line('purge', '--yes')}"
    if not session.confirm("Drop the values that past runs replaced?", yes=yes, instead=instead):
        session.report(Report({"fields": 0}, lambda screen: screen.line("Nothing was dropped.")))
        return
    with open_ledger(session.settings, session.state) as ledger:
        gone = purge_values(ledger, session.state, SystemClock(), older_than)
    session.report(
        Report({"fields": gone}, lambda screen: screen.line(f"The former values of {gone} fields were dropped."))
    )


def _with_next_sync(
    session: Session, context: SyncContext, report: Report, restored: Restored | None, run: int, *, yes: bool
) -> Report:
    """The report of an undo with what the next sync will do; a person is asked whether to keep it so.

    `context` is that of the profile's settings, not turned to the system that was restored.
    """
    if restored is None:
        return report
    direction = context.settings.sync.direction
    again = restored.written_again(direction, context.settings.sync.level)
    if restored.system is direction.source:
        source, target = direction.source.label, direction.target.label
        lines = [f"{source} is the source: the next sync carries what was restored there on to {target}."]
    elif not again:
        lines = ["The next sync leaves it as it is."]
    elif session.may_ask and not yes and session.confirm(_question(again, context), yes=False, instead=""):
        _keep(context, again, run)
        lines = [f"The next syncs leave {count(len(again), 'value')} alone; see: {session.command_line('exceptions')}"]
    else:
        source = direction.source.label
        lines = [
            f"The next sync writes {count(len(again), 'value')} again, because {source} still differs. To keep it:"
        ]
        lines += _commands(session, again, run)
    show = report.show

    def show_with_next(screen: Screen) -> None:
        show(screen)
        for line in lines:
            screen.line(line)

    return replace(report, show=show_with_next)


def _question(changes: Sequence[Change], context: SyncContext) -> str:
    source = context.settings.sync.direction.source.label
    values = count(len(changes), "value")
    return f"The next sync writes {values} again, because {source} still differs. Leave them alone from now on?"


def _keep(context: SyncContext, changes: Sequence[Change], run: int) -> None:
    with context.ledger.transaction():
        for change in changes:
            context.ledger.exceptions.add(change.client, change.field, f"kept after undoing run {run}", context.now())


def _commands(session: Session, changes: Sequence[Change], run: int) -> list[str]:
    """A command for each client and field; of many only the first few."""
    pairs = [key for key, _ in groupby(changes, key=lambda change: (change.client, change.field))]
    lines = [
        "  " + session.command_line("except", client.xpm_id, field, "--note", f"kept after undoing run {run}")
        for client, field in pairs[:_MOST_COMMANDS]
    ]
    return [*lines, f"  and so on for {len(pairs) - _MOST_COMMANDS} more"] if len(pairs) > _MOST_COMMANDS else lines
