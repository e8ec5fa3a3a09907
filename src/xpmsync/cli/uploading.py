"""What both systems' commands for pending uploads do: note that a file was uploaded, or discard it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.views.json import pending_uploads_data
from xpmsync.cli.views.status import show_pending_uploads
from xpmsync.core.enums import System
from xpmsync.usecases import uploads
from xpmsync.usecases.context.open import open_ledger

if TYPE_CHECKING:
    from xpmsync.cli.session import Session

OneFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="That file only; without it, all that wait.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def mark_uploaded(session: Session, system: System, file: Path | None) -> None:
    """Note that a person uploaded that file, or all that wait; raises `UsageError` where nothing like it waits."""
    with open_ledger(session.settings, session.state) as ledger:
        waits = uploads.mark_uploaded(session.settings, session.state, ledger, file, system=system)

    def show(screen: Screen) -> None:
        screen.line("Noted.")
        show_pending_uploads(screen, waits)

    session.report(Report({"handover": pending_uploads_data(waits)}, show))


def show_outdated_files(session: Session, screen: Screen, files: Sequence[Path], of_whom: str) -> None:
    """Files for upload that still hold changes which are not to be made any more."""
    for file in files:
        screen.line(f"Do not upload {file} as it is: it holds changes of {of_whom}.", Tone.WARNING)
    if files:
        screen.line(f"A sync writes it without them: {session.command_line('sync')}")


def discard_files(session: Session, system: System, file: Path | None, *, yes: bool) -> None:
    """Remove that file, or all that wait, after asking; raises `UsageError` where nothing like it waits."""
    question = "Is it certain that it was not uploaded? What is new in it can be created again after this."
    if not session.confirm(question, yes=yes, instead="Add --yes if it is certain that it was not uploaded."):
        session.report(Report({"discarded": []}, lambda screen: screen.line("Nothing was changed.")))
        return
    with open_ledger(session.settings, session.state) as ledger:
        gone = uploads.discard(session.settings, session.state, ledger, file, system=system)

    def show(screen: Screen) -> None:
        for path in gone.paths:
            screen.line(f"Discarded: {path}")
        screen.line(f"See what there is to do with: {session.command_line('diff')}")

    session.report(Report({"discarded": [str(path) for path in gone.paths]}, show))
