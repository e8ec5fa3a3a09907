"""xpm files, columns, duplicates, pilot, uploaded, discard: XPM by its export files and its import."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.options import linked_clients
from xpmsync.cli.run import accept_files, locked
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.cli.uploading import OneFile, Yes, discard_files, mark_uploaded
from xpmsync.cli.views.json import pending_uploads_data
from xpmsync.cli.views.plan import show_changes
from xpmsync.cli.views.status import show_pending_uploads
from xpmsync.core.enums import Json, System
from xpmsync.core.plan.json import ref_data
from xpmsync.core.plan.plan import Change
from xpmsync.csv_files.reading import age_of
from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.clock import local_time
from xpmsync.usecases import xpm_files
from xpmsync.usecases.context.open import open_ledger
from xpmsync.xpm.files.proof import ProofState, WriteKind, WriteProof

xpm = typer.Typer(help="XPM by its export files: no app and no sign-in.", no_args_is_help=True, rich_markup_mode=None)


@xpm.command("files")
def files(ctx: typer.Context) -> None:
    """Show the newest exports in the folder, their ages, and what they can show and what not."""
    session = session_of(ctx, "xpm files")
    with open_ledger(session.settings, session.state) as ledger:
        state = xpm_files.files_state(session.settings, session.state, ledger)
        proofs, unjudged = proofs_or_why(session, ledger)

    def show(screen: Screen) -> None:
        screen.line(f"Folder: {state.folder}")
        for file in state.files:
            whole = "complete for active clients" if file.complete else "evidence only"
            screen.line()
            age = age_of(session.clock.now() - file.taken)
            screen.line(f"{file.path.name}: {file.title} of {local_time(file.taken)} ({age}), {whole}", Tone.STRONG)
            if file.fields:
                screen.pairs([("carries", ", ".join(file.fields))], indent=2)
            if file.evidence:
                screen.pairs([("evidence for matching only", ", ".join(file.evidence))], indent=2)
            for problem in file.problems:
                screen.line(f"  {problem}", Tone.WARNING)
                if "column" in problem:
                    screen.line(f"  {session.command_line('xpm', 'columns', str(file.path))}")
        screen.line()
        screen.line(f"Not carried, so never compared: {', '.join(state.not_carried) or 'nothing'}.")
        screen.line(
            "Archived clients are marked by the report."
            if state.archived
            else "A client that is missing is gone or archived; a Client & Contact report with Status would say which."
        )
        show_proofs(screen, session, proofs, unjudged)
        for refused in state.refused:
            screen.line(f"Not read: {refused.path.name}: {refused.problem}.", Tone.WARNING)

    data: dict[str, Json] = {
        "folder": str(state.folder),
        "files": [
            {
                "path": str(file.path),
                "kind": file.title,
                "taken": file.taken.isoformat(),
                "complete": file.complete,
                "fields": list(file.fields),
                "evidence": list(file.evidence),
                "problems": list(file.problems),
            }
            for file in state.files
        ],
        "fields": list(state.fields),
        "not_carried": list(state.not_carried),
        "archived_marks": state.archived,
        "writing": {kind.value: proof_data(proof) for kind, proof in proofs.proofs.items()} if proofs else {},
        "pilot": pilot_data(proofs),
        "refused": [{"path": str(each.path), "problem": each.problem} for each in state.refused],
    }
    session.report(Report(data, show))


@xpm.command("columns")
def columns(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="An export of XPM; without it, the newest that nobody confirmed."),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="They are right; remember that for this practice.")
    ] = False,
) -> None:
    """Show what each column of a file means, with a masked sample, and what is not read."""
    session = session_of(ctx, "xpm columns")
    with open_ledger(session.settings, session.state) as ledger:
        path = file.absolute() if file else xpm_files.unconfirmed_file(session.settings, session.state, ledger)
        shown = xpm_files.show_columns(path, ledger, session.state.ledger)
        confirmed = not shown.unconfirmed

        def show(screen: Screen) -> None:
            screen.line(f"{path}: {shown.title}")
            screen.line()
            rows = [
                (one_line(column.name), sample or "-", column.meaning or "(not read)", column.why)
                for column, sample in zip(shown.proposals, shown.samples, strict=True)
            ]
            screen.table([Column("Column"), Column("Sample"), Column("Means", whole=True), Column("Why")], rows)
            screen.line()

        if not confirmed and not confirm and session.may_ask:
            show(session.screen)
            confirm = session.confirm("Is that what the columns mean?", yes=False, instead="")
        if confirm:
            xpm_files.confirm_columns(path, ledger)
            confirmed = True

    def show_all(screen: Screen) -> None:
        show(screen)
        if confirmed:
            screen.line("Confirmed: exports with this header are read.")
        else:
            screen.line(f"Not confirmed: {shown.unconfirmed}.", Tone.WARNING)
            screen.line(f"If it is right: {session.command_line('xpm', 'columns', str(path), '--confirm')}")

    data: dict[str, Json] = {
        "path": str(path),
        "kind": shown.title,
        "confirmed": confirmed,
        "columns": [
            {"name": column.name, "sample": sample, "field": column.meaning or None, "why": column.why}
            for column, sample in zip(shown.proposals, shown.samples, strict=True)
        ],
    }
    session.report(Report(data, show_all))


@xpm.command("pilot")
def pilot(
    ctx: typer.Context,
    client: Annotated[
        str | None, typer.Argument(help="The linked client: id or name.", autocompletion=linked_clients)
    ] = None,
    field: Annotated[
        str | None, typer.Argument(help="A field that differs, such as fax; contact for a new contact.")
    ] = None,
    contact: Annotated[str, typer.Option("--contact", metavar="NAME", help="Of several contacts: which.")] = "",
    rename: Annotated[
        bool, typer.Option("--rename", help="For the field name: a second client may appear, for you to remove.")
    ] = False,
    yes: Yes = False,
    accept_form: Annotated[
        bool, typer.Option("--accept-form", help="The export is the newest, and as it was downloaded.")
    ] = False,
) -> None:
    """Write one change of one client to a file, to prove in XPM that its import does what it should.

    Without a client and a field: list the changes that can be tried out.
    """
    session = session_of(ctx, "xpm pilot")
    if field == "name" and not rename:
        raise UsageError(
            "If XPM's import goes by names, a changed name makes a second client, which only you can remove.",
            f"To try it out all the same: {session.command_line('xpm', 'pilot', client or '', 'name', '--rename')}",
        )
    with session.open_context() as (context, progress), locked(context, progress):
        accept_files(session, context, asked=accept_form)
        if client is None or field is None:
            changes = xpm_files.pilot_candidates(context, progress)
            progress.clear()
            session.report(_candidates(session, changes))
            return
        choice = xpm_files.choose_pilot(context, client, field, contact, progress)
        progress.clear()
        if not yes:
            _show_choice(session.screen, choice)
        if not session.confirm("Write the file for it?", yes=yes, instead="Add --yes to write the file."):
            session.report(Report({"pilot": None}, lambda screen: screen.line("Nothing was written.")))
            return
        applied = xpm_files.write_pilot(context, choice, progress)
    if applied.stopped is not None:
        raise applied.stopped
    if applied.failures:
        raise applied.failures[0].error

    def show(screen: Screen) -> None:
        if yes:
            _show_choice(screen, choice)
        show_pending_uploads(screen, applied.pending_uploads)
        screen.line(
            "Nobody should change clients in XPM meanwhile: the next export must show this change and no other.",
            Tone.WARNING,
        )

    data: dict[str, Json] = {
        "pilot": {
            "kind": choice.kind.value,
            "client": ref_data(choice.change.client),
            "field": choice.change.field,
        },
        "handover": pending_uploads_data(applied.pending_uploads),
    }
    session.report(Report(data, show))


@xpm.command("uploaded")
def uploaded(ctx: typer.Context, file: OneFile = None) -> None:
    """Note that a file was imported in XPM, so that nothing is planned on an older export."""
    mark_uploaded(session_of(ctx, "xpm uploaded"), System.XPM, file)


@xpm.command("discard")
def discard(ctx: typer.Context, file: OneFile = None, yes: Yes = False) -> None:
    """Remove a file that was not imported and will not be; what is in it is planned again."""
    discard_files(session_of(ctx, "xpm discard"), System.XPM, file, yes=yes)


@xpm.command("duplicates")
def duplicates(ctx: typer.Context) -> None:
    """List people who are several contacts in XPM; XPM cannot merge them."""
    session = session_of(ctx, "xpm duplicates")
    with open_ledger(session.settings, session.state) as ledger:
        people = xpm_files.duplicate_contacts(session.settings, session.state, ledger)

    def show(screen: Screen) -> None:
        if not people:
            screen.line("No person is several contacts.")
            return
        screen.line(f"{len(people):,} with several contacts in XPM:", Tone.STRONG)
        rows = [
            (one_line(each.name), str(len(each.contact_ids)), str(len(each.client_ids)), each.contact_ids[0])
            for each in people
        ]
        screen.table([Column("Name"), Column("Contacts"), Column("Clients"), Column("First id", whole=True)], rows)

    data: dict[str, Json] = {
        "duplicates": [
            {"name": each.name, "contact_ids": list(each.contact_ids), "client_ids": list(each.client_ids)}
            for each in people
        ]
    }
    session.report(Report(data, show))


_MOST_SHOWN = 5


def proofs_or_why(session: Session, ledger: Ledger) -> tuple[xpm_files.ProofReport | None, str]:
    """What is proven of XPM's import, or why the exports of now cannot say it."""
    try:
        return xpm_files.proofs_now(session.settings, session.state, ledger, session.clock), ""
    except XpmsyncError as problem:
        note, _ = explain(problem, session.command_line)
        return None, note.message


def show_proofs(screen: Screen, session: Session, proofs: xpm_files.ProofReport | None, unjudged: str) -> None:
    """What is proven, kind by kind, and the next step."""
    screen.line()
    screen.line("Writing to XPM by file", Tone.STRONG)
    if proofs is None:
        screen.line(f"Not known: {unjudged}", Tone.WARNING)
        return
    screen.pairs([(kind.label.capitalize(), _words(proof)) for kind, proof in proofs.proofs.items()], indent=2)
    if proofs.pilot is not None:
        screen.line(f"A pilot waits for its upload and a new export: {proofs.pilot.field} of {proofs.pilot.name}.")
    elif any(proof.state is not ProofState.PROVEN for proof in proofs.proofs.values()):
        screen.line(f"Prove a kind with one client: {session.command_line('xpm', 'pilot')}")


def proof_data(proof: WriteProof) -> dict[str, Json]:
    """A proof for programs."""
    return {"state": proof.state.value, "at": proof.at or None, "reason": proof.reason or None}


def pilot_data(proofs: xpm_files.ProofReport | None) -> Json:
    """The pilot that waits, for programs."""
    waiting = proofs.pilot if proofs is not None else None
    return {"client_id": waiting.client_id, "field": waiting.field} if waiting is not None else None


def _show_choice(screen: Screen, choice: xpm_files.PilotChange) -> None:
    screen.line(f"Pilot for {choice.kind.label}: it is to change this in XPM, and nothing else.", Tone.STRONG)
    show_changes(screen, choice.plan, (choice.change,))
    if choice.kind is WriteKind.CLIENT_NAME:
        screen.line(
            "If XPM's import goes by names, a second client appears; remove it in XPM then.",
            Tone.WARNING,
        )
    if (last := choice.before).reason:
        screen.line(f"The last pilot ({last.field} of {one_line(last.client)}): {last.reason}.")


def _candidates(session: Session, changes: tuple[Change, ...]) -> Report:
    """What can be tried out, the first few; each with the words to type."""

    def show(screen: Screen) -> None:
        if not changes:
            screen.line("No linked client differs in anything that a pilot could try out.")
            return
        screen.line("These changes can be tried out, one at a time:", Tone.STRONG)
        for change in changes[:_MOST_SHOWN]:
            screen.line()
            screen.line(f"{one_line(change.client.name)}: {change.field} becomes {one_line(change.new)}")
            screen.line(f"  XPM {change.client.xpm_id}", Tone.QUIET)
        screen.line()
        if len(changes) > _MOST_SHOWN:
            screen.line(f"And {len(changes) - _MOST_SHOWN:,} more.")
        first = changes[0]
        screen.line(f"For example: {session.command_line('xpm', 'pilot', first.client.xpm_id, first.field)}")

    data: dict[str, Json] = {
        "pilot": None,
        "candidates": [
            {"client": ref_data(change.client), "field": change.field, "value": change.new} for change in changes
        ],
    }
    return Report(data, show)


def _words(proof: WriteProof) -> str:
    if proof.state is ProofState.PROVEN:
        return f"proven on {local_time(datetime.fromisoformat(proof.at))} ({proof.field} of {one_line(proof.client)})"
    return f"{proof.state.value}: {proof.reason}" if proof.reason else proof.state.value
