"""ignition check, uploaded, discard: the files that a person uploads to Ignition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.jsonable import Json
    from xpmsync.core.ports.uploads import PendingUploads

__all__ = ["ignition"]

ignition = typer.Typer(help="Files for Ignition's Clients -> Import.", no_args_is_help=True, rich_markup_mode=None)

_MOST_SHOWN = 50

OneFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="That file only; without it, all that wait.")]


@ignition.command("check")
def check(ctx: typer.Context, file: Annotated[Path, typer.Argument(help="Any CSV file.")]) -> None:
    """Hold a file against the documented rules of Ignition's import. Sends nothing."""
    from xpmsync.cli.terminal.sanitize import count
    from xpmsync.errors import UsageError
    from xpmsync.usecases import uploads

    session = session_of(ctx, "ignition check")
    if not file.is_file():
        raise UsageError(f"There is no file {file}.", "Name a CSV file, such as one of those that a sync wrote.")
    found = uploads.check(file)
    fine = not found.problems
    shown = found.problems[:_MOST_SHOWN]

    def show(screen: Screen) -> None:
        screen.line(f"{file}: {count(found.rows, 'row')} for {count(found.updated, 'client')} that Ignition has.")
        for warning in found.warnings:
            screen.line(warning)
        if fine:
            screen.line("It keeps the documented rules of Ignition's import.")

    notes = [ErrorNote(one.code, f"Line {one.line}: {one.text}.") for one in shown]
    if len(found.problems) > len(shown):
        notes.append(ErrorNote("more", f"{len(found.problems) - len(shown)} more problems."))
    if not fine:
        hint = "Ignition's import takes the whole file or nothing of it. Correct these rows, or take them out."
        notes[-1] = ErrorNote(notes[-1].code, notes[-1].message, hint)
    data: dict[str, Json] = {
        "path": str(file),
        "rows": found.rows,
        "updated_clients": found.updated,
        "new_clients": found.new_clients,
        "new_contacts": found.new_contacts,
        "problems": [{"line": one.line, "code": one.code, "text": one.text} for one in found.problems],
        "warnings": list(found.warnings),
    }
    session.report(Report(data, show, ExitCode.DONE if fine else ExitCode.USAGE, tuple(notes)))


@ignition.command("uploaded")
def uploaded(ctx: typer.Context, file: OneFile = None) -> None:
    """Say that a file was uploaded, so that nothing is planned on an older export."""
    from xpmsync.usecases import uploads
    from xpmsync.usecases.context.open import open_ledger

    session = session_of(ctx, "ignition uploaded")
    with open_ledger(session.settings, session.state) as ledger:
        waits = uploads.mark_uploaded(session.settings, session.state, ledger, file)
    session.report(_report(waits, "Noted."))


@ignition.command("discard")
def discard(
    ctx: typer.Context,
    file: OneFile = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a file that was not uploaded and will not be; what is in it is planned again."""
    from xpmsync.usecases import uploads
    from xpmsync.usecases.context.open import open_ledger

    session = session_of(ctx, "ignition discard")
    question = "Is it certain that it was not uploaded? What is new in it can be created again after this."
    if not session.confirm(question, yes=yes, instead="Add --yes if it is certain that it was not uploaded."):
        session.report(Report({"discarded": []}, lambda screen: screen.line("Nothing was changed.")))
        return
    with open_ledger(session.settings, session.state) as ledger:
        gone = uploads.discard(session.settings, session.state, ledger, file)

    def show(screen: Screen) -> None:
        for path in gone.paths:
            screen.line(f"Discarded: {path}")
        screen.line(f"See what there is to do with: {session.command_line('diff')}")

    session.report(Report({"discarded": [str(path) for path in gone.paths]}, show))


def _report(waits: PendingUploads, word: str) -> Report:
    from xpmsync.cli.views.json import pending_uploads_data
    from xpmsync.cli.views.uploads import show_pending_uploads

    def show(screen: Screen) -> None:
        screen.line(word)
        show_pending_uploads(screen, waits)

    return Report({"handover": pending_uploads_data(waits)}, show)
