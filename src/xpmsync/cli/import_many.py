"""import with several clients or a reviewed file: confirmed once as a table, created in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.run import locked, stoppable
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Json, Report
from xpmsync.cli.terminal.progress import ProgressBar
from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Column, Screen
from xpmsync.cli.views.json import client_data, link_data, pending_uploads_data
from xpmsync.cli.views.uploads import show_pending_uploads
from xpmsync.core.plan.json import ref_data
from xpmsync.errors import Interrupted, UsageError, XpmsyncError
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.usecases.clients.import_client import Proposal
from xpmsync.usecases.clients.import_many import ImportPlan, ImportRun, create_all, propose_all
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.pending import notices

__all__ = ["import_all"]


def import_all(
    session: Session,
    context: SyncContext,
    progress: ProgressBar,
    wanted: Sequence[str],
    *,
    yes: bool,
    dry_run: bool,
    use_client_email: bool,
) -> Report:
    """Search for all of them in Ignition, ask once, and create those that it does not have."""
    if not wanted:
        raise UsageError("No client is ticked for import.", "Write import into the column Decision of its row.")
    plan = propose_all(context, wanted, progress, use_client_email=use_client_email)
    progress.clear()
    session.show_notices(notices(context))
    notes = tuple(explain(problem, session.command_line)[0] for problem in plan.left_out)
    exit_code = ExitCode.PARTLY_DONE if notes else ExitCode.DONE
    if dry_run or not plan.ready:

        def show(screen: Screen) -> None:
            _show_plan(screen, plan)
            screen.line("Preview only: nothing was created." if dry_run else "Nothing was created.")

        return Report(_data(plan, None), show, exit_code, notes)
    if not yes and session.may_ask:
        _show_plan(session.screen, plan)
        for note in notes:
            session.screen.line(f"Left out: {note.message}")
    question = f"Create {'this client' if len(plan.ready) == 1 else f'these {len(plan.ready)} clients'} in Ignition?"
    if not session.confirm(question, yes=yes, instead="Add --yes, or look first with --dry-run."):
        return Report(_data(plan, None), lambda screen: screen.line("Nothing was created."), exit_code, notes)
    with locked(context, progress), stoppable() as stop_asked, session.clock.ended_by(stop_asked):
        done = create_all(context, plan.ready, progress, stop_asked)
    progress.clear()
    exit_code, run_notes = _ending(session, done, exit_code)
    return Report(
        _data(plan, done), lambda screen: _show_run(session, screen, plan, done), exit_code, (*notes, *run_notes)
    )


def _ending(session: Session, done: ImportRun, exit_code: ExitCode) -> tuple[ExitCode, tuple[ErrorNote, ...]]:
    """The exit code, and a note for each client that failed and for what stopped the run."""
    failed = [(proposal, problem) for proposal, problem in done.failed if problem is not done.stopped]
    notes = [_note(session, proposal, problem) for proposal, problem in failed]
    if notes:
        exit_code = ExitCode.PARTLY_DONE
    stopped: XpmsyncError | None = done.stopped
    if done.outcome is RunOutcome.INTERRUPTED:
        stopped = Interrupted(len(done.created))
    if stopped is not None:
        note, exit_code = explain(stopped, session.command_line)
        notes.append(note)
    return exit_code, tuple(notes)


def _note(session: Session, proposal: Proposal, problem: XpmsyncError) -> ErrorNote:
    note, _ = explain(problem, session.command_line)
    return ErrorNote(note.code, f"{named(proposal.ref)} was not created: {note.message}", note.hint)


def _show_plan(screen: Screen, plan: ImportPlan) -> None:
    if plan.ready:
        screen.heading("To be created in Ignition")
        columns = [Column("Client and XPM id"), Column("City"), Column("First contact"), Column("Held", right=True)]
        screen.table(columns, [_row(proposal) for proposal in plan.ready])
        screen.line()
    for proposal in plan.present:
        state = f"linked to Ignition {proposal.link.ignition_id}" if proposal.link else "in a file for upload"
        screen.line(f"{named(proposal.ref)} is {state} already.")


def _row(proposal: Proposal) -> tuple[str, ...]:
    change = proposal.plan.changes[0]
    contact = change.contacts[0] if change.contacts else {}
    person = f"{contact.get('contact.name', '')}\n{contact.get('contact.email', '')}"
    client = proposal.client
    name = f"{one_line(client.name)}\n{client.id}"
    return name, one_line(client.city), person, str(len(proposal.plan.holds) or "")


def _show_run(session: Session, screen: Screen, plan: ImportPlan, done: ImportRun) -> None:
    if plan.present:
        screen.line(f"{count(len(plan.present), 'client')} linked or in a file for upload already.")
    immediate = [(proposal, link) for proposal, link in done.created if link is not None]
    for proposal, link in immediate:
        screen.line(f"Created: {named(replace(proposal.ref, ignition_id=link.ignition_id))}")
    pending = len(done.created) - len(immediate)
    if pending:
        screen.line(f"{count(pending, 'client')} written to a file for Ignition, created when you upload it.")
    if done.not_tried:
        screen.line(f"{count(done.not_tried, 'client')} not tried.")
    screen.line(f"{count(len(done.created), 'client')} created in run {done.run}.")
    show_pending_uploads(screen, done.pending_uploads)
    if done.created:
        screen.line(f"Link them to XPM in Ignition's screens; the list: {session.command_line('todo')}")
        screen.line(f"What the run did: {session.command_line('show', str(done.run))}")


def _data(plan: ImportPlan, done: ImportRun | None) -> dict[str, Json]:
    return {
        "run": done.run if done else None,
        "outcome": done.outcome.value if done else None,
        "to_create": [client_data(proposal.client) for proposal in plan.ready],
        "created": [
            {"client": ref_data(proposal.ref), "link": link_data(link) if link else None}
            for proposal, link in (done.created if done else ())
        ],
        "already": [ref_data(proposal.ref) for proposal in plan.present],
        "left_out": len(plan.left_out) + (len(done.failed) if done else 0),
        "not_tried": done.not_tried if done else 0,
        "handover": pending_uploads_data(done.pending_uploads if done else None),
    }
