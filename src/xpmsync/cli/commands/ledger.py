"""backup, restore, rebuild: the ledger saved, brought back, and made again after a loss."""

from pathlib import Path
from typing import Annotated

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views.match import show_matches
from xpmsync.core.enums import Json
from xpmsync.errors import LedgerDamaged, UsageError
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.clock import local_time
from xpmsync.local.system.locks import run_lock
from xpmsync.usecases import backup as backups
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.clients.match import Matches, find_matches, link_pairs


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as practice.zip.")],
) -> None:
    """Save settings, links, decisions and history to a file, for another computer. It has no secrets, but client data.

    Example: xpmsync backup practice.zip
    """
    session = session_of(ctx, "backup")
    with run_lock(session.state.ready().lock, now=session.clock.now()):
        saved = backups.write_backup(session.settings, session.state, file, session.clock, force=session.force)

    def show(screen: Screen) -> None:
        screen.line(f"Saved in {file}: {_content(saved)}.")
        screen.line("Passwords and sign-ins are not in it, but client names and former values are: keep it safe.")
        if saved.pending_files:
            screen.line(f"{count(saved.pending_files, 'file')} for upload not in it: upload them before you move.")
        screen.line(f"On the other computer: {session.command_line('restore', str(file))}")

    session.report(Report(_backup_data(saved), show))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that xpmsync backup wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Check a backup and go on with it on this computer; a ledger that is here already is kept under another name.

    Example: xpmsync restore practice.zip
    """
    session = session_of(ctx, "restore")
    saved = backups.read_backup(file)
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
        session.report(
            Report({**_backup_data(saved), "restored": False}, lambda screen: screen.line("Nothing was changed."))
        )
        return
    with run_lock(paths.ready().lock, now=session.clock.now()):
        done = backups.restore(saved, session.paths.config_file, paths)

    def show(screen: Screen) -> None:
        screen.line(f"Restored: {_content(saved)}. The next run reads and compares everything.")
        if done.set_aside is not None:
            screen.line(f"The ledger that was here is kept as {done.set_aside}.")
        for name, folder in done.missing_folders:
            where = f"{session.command_line('config', 'set', name)} FOLDER"
            screen.line(f"There is no folder {folder} here. Say where it is with: {where}")
        screen.line(f"Sign-ins do not move. Check what is needed with: {session.command_line('doctor')}")
        screen.line("Remove the schedule on the other computer: two of them would each undo what the other remembers.")

    session.report(Report({**_backup_data(saved), **_restored(done)}, show))


def _links_here(ledger_file: Path) -> int:
    if not ledger_file.exists():
        return 0
    try:
        with Ledger(ledger_file) as ledger:
            return ledger.count()
    except LedgerDamaged:
        return 0  # a backup is what helps then; the damaged file is kept


def _content(saved: backups.Backup) -> str:
    parts = (count(len(saved.settings), "setting"), count(saved.links, "link"), count(saved.runs, "run"))
    return ", ".join(parts)


def _backup_data(saved: backups.Backup) -> dict[str, Json]:
    return {
        "file": str(saved.path),
        "profile": saved.profile,
        "made": saved.made,
        "settings": len(saved.settings),
        "links": saved.links,
        "runs": saved.runs,
        "pending_files": saved.pending_files,
    }


def _restored(done: backups.RestoredBackup) -> dict[str, Json]:
    return {
        "restored": True,
        "set_aside": str(done.set_aside) if done.set_aside else None,
        "missing_folders": [name for name, _ in done.missing_folders],
    }


def rebuild(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what the new ledger would hold.")] = False,
    empty: Annotated[
        bool, typer.Option("--start-over", help="Begin with an empty ledger instead; nothing is linked then.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
) -> None:
    """Rebuild a ledger that was lost or damaged: backup first, then the sure pairs of both systems. Writes to neither.

    Example: xpmsync rebuild
    """
    session = session_of(ctx, "rebuild")
    if not (dry_run or yes or session.may_ask):
        session.confirm("", yes=False, instead=f"Look first with: {session.command_line('rebuild', '--dry-run')}")
    with run_lock(session.state.ready().lock, now=session.clock.now()):
        if empty:
            report = _start_over(session, dry_run=dry_run, yes=yes)
        else:
            report = _rebuild(session, dry_run=dry_run, yes=yes)
    session.report(report)


def _rebuild(session: Session, *, dry_run: bool, yes: bool) -> Report:
    problem = backups.ledger_problem(session.settings, session.state)
    if problem is None:
        return Report(
            _rebuild_data("", None, 0, 0, None),
            lambda screen: screen.line("The ledger is intact; there is nothing to rebuild."),
        )
    draft = backups.draft_ledger(session.settings, session.state)
    with Ledger(draft.path) as ledger, session.open_context(ledger) as (context, progress):
        found = find_matches(context, progress)
        progress.clear()
        sure = [(pair.xpm_id, pair.ignition_id) for pair in found.matching.sure]
        message = explain(problem, session.command_line)[0].message
        asked = not (yes or dry_run)
        if asked:
            _show_draft(session.screen, message, draft, found)
        go_on = not dry_run and session.confirm("Use this ledger from now on?", yes=yes, instead="Add --yes.")
        if go_on:
            link_pairs(context, found, sure, LinkRun(context, "rebuild"))
    old = backups.install(session.state, draft) if go_on else None

    def show(screen: Screen) -> None:
        if not asked:
            _show_draft(screen, message, draft, found)
        if not go_on:
            screen.line("Nothing was changed.")
            return
        screen.line(f"The ledger is rebuilt, with {count(draft.links + len(sure), 'link')}.")
        if old is not None:
            screen.line(f"The old file is kept as {old}.")
        if found.waiting:
            screen.line(f"Go through the unsure pairs with: {session.command_line('match', 'review')}")
        screen.line(f"See what differs with: {session.command_line('diff')}")

    data = _rebuild_data(problem.code, draft.backup, draft.links, len(sure), old)
    return Report({**data, "unsure": len(found.waiting), "rebuilt": go_on}, show)


def _start_over(session: Session, *, dry_run: bool, yes: bool) -> Report:
    question = "Begin with an empty ledger? All links, decisions and the history are left behind."
    go_on = not dry_run and session.confirm(question, yes=yes, instead="Add --yes.")
    old = backups.start_over(session.state) if go_on else None

    def show(screen: Screen) -> None:
        screen.line("The ledger is empty now." if go_on else "Nothing was changed.")
        if old is not None:
            screen.line(f"The old file is kept as {old}.")
        if go_on:
            screen.line(f"Link the clients that both systems have with: {session.command_line('match', 'link')}")

    return Report({**_rebuild_data("", None, 0, 0, old), "rebuilt": go_on}, show)


def _show_draft(screen: Screen, message: str, draft: backups.Draft, found: Matches) -> None:
    screen.line(message)
    screen.line()
    if draft.backup is not None:
        screen.line(f"From the backup {draft.backup.name}: {count(draft.links, 'link')}.")
    else:
        screen.line("There is no backup that can be used.")
    show_matches(screen, found, everything=True)
    screen.line(f"{count(len(found.matching.sure), 'sure pair')} would be linked; {len(found.waiting)} are unsure.")


def _rebuild_data(problem: str, backup: Path | None, links: int, linked: int, old: Path | None) -> dict[str, Json]:
    return {
        "problem": problem or None,
        "backup": str(backup) if backup else None,
        "links_in_backup": links,
        "linked": linked,
        "unsure": 0,
        "rebuilt": False,
        "old_ledger": str(old) if old else None,
    }
