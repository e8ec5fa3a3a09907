"""xpm files, columns, duplicates, pilot, uploaded, discard: XPM by its export files and its import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.commands.pilot import pilot, pilot_data, proof_data, proofs_or_why, show_proofs
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.cli.terminal.screen import Column, Tone
from xpmsync.cli.uploading import OneFile, Yes, discard_files, mark_uploaded
from xpmsync.core.enums import System
from xpmsync.csv_files.reading import age_of
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.xpm_files import confirm_columns, duplicate_contacts, files_state, show_columns, unconfirmed_file

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.jsonable import Json

__all__ = ["xpm"]

xpm = typer.Typer(help="XPM by its export files: no app and no sign-in.", no_args_is_help=True, rich_markup_mode=None)


@xpm.command("files")
def files(ctx: typer.Context) -> None:
    """Show the newest exports in the folder, their ages, and what they can show and what not."""
    session = session_of(ctx, "xpm files")
    with open_ledger(session.settings, session.state) as ledger:
        state = files_state(session.settings, session.state, ledger)
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
        path = file.absolute() if file else unconfirmed_file(session.settings, session.state, ledger)
        shown = show_columns(path, ledger, session.state.ledger)
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
            confirm_columns(path, ledger)
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


xpm.command("pilot")(pilot)


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
        people = duplicate_contacts(session.settings, session.state, ledger)

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
