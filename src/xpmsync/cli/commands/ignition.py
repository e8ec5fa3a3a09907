"""ignition check, uploaded, discard: the files that a person uploads to Ignition."""

from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.uploading import OneFile, Yes, discard_files, mark_uploaded
from xpmsync.core.enums import Json, System
from xpmsync.errors import UsageError
from xpmsync.usecases import uploads

ignition = typer.Typer(help="Files for Ignition's Clients -> Import.", no_args_is_help=True, rich_markup_mode=None)

_MOST_SHOWN = 50


@ignition.command("check")
def check(ctx: typer.Context, file: Annotated[Path, typer.Argument(help="Any CSV file.")]) -> None:
    """Check a file by the documented rules of Ignition's import. Sends nothing."""
    session = session_of(ctx, "ignition check")
    if not file.is_file():
        what = f"{file} is a folder." if file.is_dir() else f"There is no file {file}."
        raise UsageError(what, "Name a CSV file, such as one of those that a sync wrote.")
    checked = uploads.check(file)
    passed = not checked.problems
    shown = checked.problems[:_MOST_SHOWN]

    def show(screen: Screen) -> None:
        screen.line(f"{file}: {count(checked.rows, 'row')} for {count(checked.updated, 'client')} that Ignition has.")
        for warning in checked.warnings:
            screen.line(warning)
        if passed:
            screen.line("It keeps the documented rules of Ignition's import.")

    notes = [ErrorNote(problem.code, f"Line {problem.line}: {problem.text}.") for problem in shown]
    if len(checked.problems) > len(shown):
        notes.append(ErrorNote("more", f"{len(checked.problems) - len(shown)} more problems."))
    if not passed:
        hint = "Ignition's import takes the whole file or nothing of it. Correct these rows, or take them out."
        notes[-1] = ErrorNote(notes[-1].code, notes[-1].message, hint)
    data: dict[str, Json] = {
        "path": str(file),
        "rows": checked.rows,
        "updated_clients": checked.updated,
        "new_clients": checked.new_clients,
        "new_contacts": checked.new_contacts,
        "problems": [
            {"line": problem.line, "code": problem.code, "text": problem.text} for problem in checked.problems
        ],
        "warnings": list(checked.warnings),
    }
    session.report(Report(data, show, ExitCode.DONE if passed else ExitCode.USAGE, tuple(notes)))


@ignition.command("uploaded")
def uploaded(ctx: typer.Context, file: OneFile = None) -> None:
    """Note that a file was uploaded, so that nothing is planned on an older export."""
    mark_uploaded(session_of(ctx, "ignition uploaded"), System.IGNITION, file)


@ignition.command("discard")
def discard(
    ctx: typer.Context,
    file: OneFile = None,
    yes: Yes = False,
) -> None:
    """Remove a file that was not uploaded and will not be; what is in it is planned again."""
    discard_files(session_of(ctx, "ignition discard"), System.IGNITION, file, yes=yes)
