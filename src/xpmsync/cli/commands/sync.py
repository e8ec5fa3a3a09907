"""diff and sync: the same plan, shown or applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.errors.next_steps import no_links
from xpmsync.cli.options import All, ReportFile, check_file, linked_clients, with_report
from xpmsync.cli.reports.pages import plan_page
from xpmsync.cli.run import accept_files, apply_and_report, locked, plan_report, show_preview
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.plan.plan import plan_line
from xpmsync.local.system.files import FileKind, write_out
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.sync.guard import note_previewed, parse_allowed
from xpmsync.usecases.sync.plan_file import save_plan
from xpmsync.usecases.sync.preview import preview

Clients = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CLIENT]...",
        help="Only these: an id, the number, the name or parts of it.",
        autocompletion=linked_clients,
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Read every client, not only what changed.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Save the plan, for: xpmsync apply FILE.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="GUARD[=N]", help="Let a guard pass this once, such as changes=200."),
]
LockWait = Annotated[
    float, typer.Option("--lock-wait", min=0, metavar="SECONDS", help="How long to wait for another run to end.")
]
AcceptForm = Annotated[
    bool,
    typer.Option("--accept-form", help="The export is the newest, and as it was downloaded."),
]
ExitCodeOption = Annotated[bool, typer.Option("--exit-code", help="End with 3 when changes are waiting.")]


@dataclass(frozen=True, slots=True)
class _Show:
    """How a plan is made and shown."""

    full: bool
    exit_code: bool
    out: Path | None
    everything: bool
    report_file: Path | None
    summary: bool = False


def diff(
    ctx: typer.Context,
    clients: Clients = None,
    full: Full = False,
    exit_code: ExitCodeOption = False,
    out: Out = None,
    everything: All = False,
    report: ReportFile = None,
    accept_form: AcceptForm = False,
    summary: Annotated[bool, typer.Option("--summary", help="One line, such as: 3 to change, 2 wait for you.")] = False,
) -> None:
    """Show what a sync would write and what it would hold, field by field. Writes nothing."""
    session = session_of(ctx, "diff")
    check_file(report, force=session.force)
    with session.open_context() as (context, progress):
        accept_files(session, context, asked=accept_form)
        show = _Show(full, exit_code, out, everything, report, summary)
        answer = _preview_only(session, context, progress, clients or (), show)
    session.report(answer)


def sync(
    ctx: typer.Context,
    clients: Clients = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and end; the same as diff.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply the plan without asking.")] = False,
    full: Full = False,
    exit_code: ExitCodeOption = False,
    out: Out = None,
    everything: All = False,
    report: ReportFile = None,
    allow: Allow = None,
    lock_wait: LockWait = 0.0,
    accept_form: AcceptForm = False,
) -> None:
    """Show the plan, ask, and write exactly that."""
    session = session_of(ctx, "sync")
    allowed = parse_allowed(allow or [])
    check_file(report, force=session.force)
    if out is not None and not dry_run:
        raise typer.BadParameter("--out goes with --dry-run; apply the file with: xpmsync apply FILE")
    if not (dry_run or yes or session.may_ask):
        session.confirm(
            "", yes=False, instead=f"Look first with: {session.command_line('diff', *(clients or ()))}. Then add --yes."
        )
    if not dry_run:
        session.begin_run("sync", *(clients or ()), allow=allow or ())
    with session.open_context() as (context, progress):
        if not dry_run:
            session.require_chosen_route()
        accept_files(session, context, asked=accept_form)
        if dry_run:
            show = _Show(full, exit_code, out, everything, report)
            answer = _preview_only(session, context, progress, clients or (), show)
        else:
            with locked(context, progress, lock_wait, allowed=allowed):
                planned = preview(context, progress, clients=clients or (), full=full)
                answer = apply_and_report(
                    session,
                    context,
                    progress,
                    planned,
                    yes=yes,
                    allowed=allowed,
                    everything=everything,
                    report_file=report,
                )
    session.report(answer)


def _preview_only(
    session: Session, context: SyncContext, progress: Progress, clients: Sequence[str], shown: _Show
) -> Report:
    """Make the plan, save it where asked to, and report it."""
    unlinked = not context.ledger.links()
    planned = preview(context, progress, clients=clients, full=shown.full)
    if not clients:
        note_previewed(context)
    if shown.out is not None:
        save_plan(
            context,
            planned,
            shown.out,
            lambda file, text: write_out(file, text, FileKind.PLAN, force=session.force),
        )

    def show(screen: Screen) -> None:
        if shown.summary:
            screen.line(plan_line(planned.plan))
            return
        rest = f"See every change and hold with: {session.command_line('diff', *clients, '--all')}"
        show_preview(screen, planned, rest, everything=shown.everything)
        if shown.out is not None:
            screen.line(f"Saved. Write exactly this with: {session.command_line('apply', str(shown.out))}")
        elif planned.plan.changes:
            screen.line(f"Nothing was written. Write it with: {session.command_line('sync', *clients)}")
        elif unlinked:
            screen.line(no_links(session.command_line))

    answer = plan_report(planned, show, saved=shown.out, exit_code=shown.exit_code)
    return with_report(session, answer, plan_page(planned.plan), shown.report_file)
