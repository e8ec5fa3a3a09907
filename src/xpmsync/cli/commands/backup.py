"""backup, restore: a practice's settings, links, decisions and history from one computer to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Json, Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.errors import LedgerDamaged, UsageError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.clock import local_time
from xpmsync.local.system.locks import run_lock
from xpmsync.usecases.backup import Backup, RestoredBackup, read_backup, write_backup
from xpmsync.usecases.backup import restore as restore_backup

__all__ = ["backup", "restore"]


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as practice.zip.")],
) -> None:
    """Save settings, links, decisions and history to a file, for another computer. It has no secrets, but client data.

    Example: xpmsync backup practice.zip
    """
    session = session_of(ctx, "backup")
    with run_lock(session.state.ready().lock, now=session.clock.now()):
        saved = write_backup(session.settings, session.state, file, session.clock, force=session.force)

    def show(screen: Screen) -> None:
        screen.line(f"Saved in {file}: {_content(saved)}.")
        screen.line("Passwords and sign-ins are not in it, but client names and former values are: keep it safe.")
        if saved.pending_files:
            screen.line(f"{count(saved.pending_files, 'file')} for upload not in it: upload them before you move.")
        screen.line(f"On the other computer: {session.command_line('restore', str(file))}")

    session.report(Report(_data(saved), show))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that xpmsync backup wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Check a backup and go on with it on this computer; a ledger that is here already is kept under another name.

    Example: xpmsync restore practice.zip
    """
    session = session_of(ctx, "restore")
    saved = read_backup(file)
    if saved.profile != session.profile:
        right = ["xpmsync", *(["--profile", saved.profile] if saved.profile != "default" else []), "restore"]
        raise UsageError(
            f"The backup is of the profile {saved.profile}, not of {session.profile}.",
            f"Restore it with: {' '.join(right)} FILE",
        )
    paths = session.paths.profile(saved.profile)
    replaced = _links_here(paths.ledger)
    if not yes and session.may_ask:
        session.screen.line(f"{file}, made {local_time(saved.made)}: {_content(saved)}.")
    question = "Go on with this backup on this computer?"
    if replaced:
        question = f"Go on with it instead of the {count(replaced, 'link')} that are here?"
    if not session.confirm(question, yes=yes, instead="Add --yes."):
        session.report(Report({**_data(saved), "restored": False}, lambda screen: screen.line("Nothing was changed.")))
        return
    with run_lock(paths.ready().lock, now=session.clock.now()):
        done = restore_backup(saved, session.paths.config_file, paths)

    def show(screen: Screen) -> None:
        screen.line(f"Restored: {_content(saved)}. The next run reads and compares everything.")
        if done.set_aside is not None:
            screen.line(f"The ledger that was here is kept as {done.set_aside}.")
        for name, folder in done.missing_folders:
            where = f"{session.command_line('config', 'set', name)} FOLDER"
            screen.line(f"There is no folder {folder} here. Say where it is with: {where}")
        screen.line(f"Sign-ins do not move. Check what is needed with: {session.command_line('doctor')}")
        screen.line("Remove the schedule on the other computer: two of them would each undo what the other remembers.")

    session.report(Report({**_data(saved), **_restored(done)}, show))


def _links_here(ledger_file: Path) -> int:
    if not ledger_file.exists():
        return 0
    try:
        with Ledger(ledger_file) as ledger:
            return ledger.count()
    except LedgerDamaged:
        return 0  # a backup is what helps then; the damaged file is kept


def _content(saved: Backup) -> str:
    parts = (count(len(saved.settings), "setting"), count(saved.links, "link"), count(saved.runs, "run"))
    return ", ".join(parts)


def _data(saved: Backup) -> dict[str, Json]:
    return {
        "file": str(saved.path),
        "profile": saved.profile,
        "made": saved.made,
        "settings": len(saved.settings),
        "links": saved.links,
        "runs": saved.runs,
        "pending_files": saved.pending_files,
    }


def _restored(done: RestoredBackup) -> dict[str, Json]:
    return {
        "restored": True,
        "set_aside": str(done.set_aside) if done.set_aside else None,
        "missing_folders": [name for name, _ in done.missing_folders],
    }
