"""import: look an XPM client up, look for it in Ignition, then create or link it.

Several clients, or those of a reviewed file, are confirmed once as a table and created in one run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.run import UNFINISHED, locked, recover_interrupted, stoppable, with_undecided
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.progress import ProgressBar
from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.cli.views.clients import show_candidates
from xpmsync.cli.views.json import candidate_data, client_data, link_data, pending_data, pending_uploads_data
from xpmsync.cli.views.plan import show_holds, show_record
from xpmsync.cli.views.status import show_pending_uploads, show_todo_for
from xpmsync.core.enums import Json, Level
from xpmsync.core.plan.json import plan_data, ref_data
from xpmsync.errors import ImportRefused, Interrupted, UsageError, XpmsyncError
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.clients import import_client
from xpmsync.usecases.clients.import_client import Imported, Proposal
from xpmsync.usecases.clients.import_many import ImportPlan, ImportRun, create_all, propose_all
from xpmsync.usecases.clients.review_file import read_import_ticks
from xpmsync.usecases.context.context import SyncContext, notices
from xpmsync.usecases.context.resolve import join_words

_FROM_NOW_ON: Final = {
    Level.EVERYTHING: "From now on a sync keeps the two in step.",
    Level.NAMES: "From now on a sync keeps their names in step (sync.level is names).",
    Level.NOTHING: "A sync writes nothing to it (sync.level is nothing).",
}


def import_(
    ctx: typer.Context,
    clients: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CLIENT]...",
            help="The XPM clients: UUID, client number, name or parts of it.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A review file of match export, with clients ticked for import."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Create it without asking.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Create it although Ignition has similar clients.")] = False,
    link_to: Annotated[
        str | None, typer.Option("--link-to", metavar="ID", help="Link it to this Ignition client instead.")
    ] = None,
    use_client_email: Annotated[
        bool, typer.Option("--use-client-email", help="Where no contact has an e-mail, use the client's own.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be created.")] = False,
) -> None:
    """Create XPM clients in Ignition, after searching for each of them there, and link the pairs."""
    session = session_of(ctx, "import")
    words = clients or []
    if not words and file is None:
        raise UsageError("No client is named.", f"For example: {session.command_line('import', 'Harbour Cafe Ltd')}")
    if new and link_to:
        raise typer.BadParameter("--new and --link-to exclude each other.")
    ticked = read_import_ticks(file) if file is not None else []
    with session.open_context() as (context, progress):
        wanted = [*join_words(context.xpm, words), *ticked]
        if (new or link_to) and (len(wanted) > 1 or file is not None):
            raise typer.BadParameter("--new and --link-to go with a single client.")
        if not dry_run:
            session.require_chosen_route()
            recover_interrupted(context, progress)
        if len(wanted) != 1 or file is not None:
            report = import_all(
                session, context, progress, wanted, yes=yes, dry_run=dry_run, use_client_email=use_client_email
            )
        else:
            report = _import_one(
                session, context, progress, wanted[0], _How(yes, new, link_to, dry_run, use_client_email)
            )
        if not dry_run:
            report = with_undecided(session, context, report)
    session.report(report)


@dataclass(frozen=True, slots=True)
class _How:
    """The options of an import."""

    yes: bool
    new: bool
    link_to: str | None
    dry_run: bool
    use_client_email: bool


def _import_one(session: Session, context: SyncContext, progress: ProgressBar, client: str, how: _How) -> Report:
    """Show a single client and what Ignition has of it, then create or link it."""
    # A person sees the address in the preview and decides; unattended it must be asked for.
    own_email = how.use_client_email or (session.may_ask and not how.yes)
    proposal = import_client.propose(context, client, progress, use_client_email=own_email)
    progress.clear()
    session.show_notices(notices(context))
    if proposal.link is not None:
        return _report(session, proposal, "already-linked")
    if proposal.waiting is not None:
        return _report(session, proposal, "waiting")
    if how.dry_run:
        return _report(session, proposal, "preview")
    if how.link_to is not None:
        return _report(session, proposal, "linked", import_client.link_to(context, proposal, how.link_to))
    if proposal.known is not None and not how.new:
        known_id = proposal.known.client.id
        return _report(session, proposal, "linked", import_client.link_to(context, proposal, known_id))
    if proposal.candidates and not how.new:
        return _with_candidates(session, context, progress, proposal)
    if proposal.undecided is not None and not how.new:
        raise proposal.undecided
    return _create(session, context, progress, proposal, yes=how.yes)


def _with_candidates(session: Session, context: SyncContext, progress: ProgressBar, proposal: Proposal) -> Report:
    """Ignition may have the client: a person chooses, and without one nothing is created."""
    if session.may_ask:
        show_candidates(session.screen, proposal.candidates, proposal.relatives)
        numbered = {str(number): candidate for number, candidate in enumerate(proposal.candidates, start=1)}
        session.screen.line()
        answer = typer.prompt(
            "A number links to it, 'new' creates another client, Enter stops", default="", show_default=False
        )
        if answer.strip().casefold() == "new":
            return _create(session, context, progress, proposal, yes=False)
        chosen = numbered.get(answer.strip().rstrip("."))
        if chosen is None:
            return _report(session, proposal, "declined")
        return _report(session, proposal, "linked", import_client.link_to(context, proposal, chosen.client.id))
    ids = [candidate.client.id for candidate in proposal.candidates]
    note, exit_code = explain(ImportRefused("candidates", proposal.ref, ids), session.command_line)
    return Report(
        _data(proposal, "refused", None),
        lambda screen: show_candidates(screen, proposal.candidates, proposal.relatives),
        exit_code,
        (note,),
    )


def _create(session: Session, context: SyncContext, progress: ProgressBar, proposal: Proposal, *, yes: bool) -> Report:

    if not proposal.plan.changes:
        raise ImportRefused("needs-email", proposal.ref)
    if not yes and session.may_ask:
        if not proposal.candidates:
            show_candidates(session.screen, (), proposal.relatives)
        _show_record(session, proposal)
    instead = f"Add --yes, or look first with: {session.command_line('import', proposal.client.id, '--dry-run')}"
    if not session.confirm("Create this client in Ignition?", yes=yes, instead=instead):
        return _report(session, proposal, "declined")
    with locked(context, progress):
        session.done_so_far = lambda: UNFINISHED
        imported = import_client.create(context, proposal)
        session.done_so_far = lambda: "The import itself is done."
    return _report(session, proposal, "created" if imported.link else "handed-over", imported)


def _report(session: Session, proposal: Proposal, status: str, imported: Imported | None = None) -> Report:

    client = proposal.client
    link = imported.link if imported else None

    def show(screen: Screen) -> None:
        match status:
            case "already-linked" if proposal.link is not None:
                screen.line(
                    f"{client.name} (XPM {client.id}) is already linked to Ignition {proposal.link.ignition_id}."
                )
                screen.line("Nothing was created.")
            case "preview":
                if proposal.candidates or proposal.relatives:
                    show_candidates(screen, proposal.candidates, proposal.relatives)
                    screen.line()
                _show_record(session, proposal)
                screen.line("Preview only: nothing was created.")
            case "waiting" if proposal.waiting is not None:
                since = local_time(proposal.waiting.since)
                screen.line(f"{client.name} (XPM {client.id}) was written to a file for upload already, on {since}:")
                screen.line(str(proposal.waiting.path))
                screen.line("It is linked as soon as Ignition's export shows it. Nothing was written.")
            case "linked" if link is not None:
                if proposal.known is not None and proposal.known.client.id == link.ignition_id:
                    screen.line(f"Ignition has it already, with the XPM number {client.number}. Nothing was created.")
                screen.line(f"{client.name} (XPM {client.id}) is linked to Ignition {link.ignition_id}.")
                screen.line(f"See what differs with: {session.command_line('diff', client.id)}")
            case "created" if link is not None:
                screen.line(f"Created in Ignition: {client.name} (Ignition {link.ignition_id}).")
                screen.line(f"Linked to XPM {client.id}. {_FROM_NOW_ON[session.settings.sync.level]}")
                _show_left_out(screen, proposal)
                show_todo_for(screen, client, session.command_line)
            case "handed-over" if imported is not None:
                screen.line(f"Written to a file for Ignition: {client.name}. It is created when you upload the file.")
                _show_left_out(screen, proposal)
                show_pending_uploads(screen, imported.pending_uploads)
                show_todo_for(screen, client, session.command_line)
            case _:
                screen.line("Nothing was created.")

    return Report(_data(proposal, status, imported), show)


def _show_left_out(screen: Screen, proposal: Proposal) -> None:
    """Which contacts were not created, and why."""
    for hold in proposal.plan.holds:
        if hold.field == "contact" and hold.contact is not None:
            screen.line(f"Not created: contact {one_line(hold.contact.name) or 'without a name'}. {hold.reason}")


def _show_record(session: Session, proposal: Proposal) -> None:

    show_record(session.screen, proposal.plan)
    if proposal.own_email:
        screen_line = f"No contact in XPM has a usable e-mail: {one_line(proposal.own_email)} is the client's own."
        session.screen.line(screen_line, Tone.WARNING)
    show_holds(session.screen, proposal.plan.holds)
    session.screen.line()


def _data(proposal: Proposal, status: str, imported: Imported | None) -> dict[str, Json]:

    link = imported.link if imported else proposal.link
    waiting = proposal.waiting
    return {
        "outcome": status,
        "client": client_data(proposal.client, link.ignition_id if link else ""),
        "candidates": [candidate_data(candidate) for candidate in proposal.candidates],
        "family": [client_data(client) for client in proposal.relatives],
        "plan": plan_data(proposal.plan),
        "link": link_data(link) if link else None,
        "waiting": pending_data(waiting) if waiting else None,
        "handover": pending_uploads_data(imported.pending_uploads if imported else None),
    }


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

        return Report(_many_data(plan, None), show, exit_code, notes)
    if not yes and session.may_ask:
        _show_plan(session.screen, plan)
        for note in notes:
            session.screen.line(f"Left out: {note.message}")
    question = f"Create {'this client' if len(plan.ready) == 1 else f'these {len(plan.ready)} clients'} in Ignition?"
    if not session.confirm(question, yes=yes, instead="Add --yes, or look first with --dry-run."):
        return Report(_many_data(plan, None), lambda screen: screen.line("Nothing was created."), exit_code, notes)
    with locked(context, progress), stoppable() as stop_asked, session.clock.ended_by(stop_asked):
        done = create_all(context, plan.ready, progress, stop_asked)
    progress.clear()
    exit_code, run_notes = _ending(session, done, exit_code)
    return Report(
        _many_data(plan, done), lambda screen: _show_run(session, screen, plan, done), exit_code, (*notes, *run_notes)
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
    if immediate or not pending:
        screen.line(f"{count(len(immediate), 'client')} created in run {done.run}.")
    show_pending_uploads(screen, done.pending_uploads)
    if done.created:
        screen.line(f"Link them to XPM in Ignition's screens; the list: {session.command_line('todo')}")
        screen.line(f"What the run did: {session.command_line('show', str(done.run))}")


def _many_data(plan: ImportPlan, done: ImportRun | None) -> dict[str, Json]:
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
