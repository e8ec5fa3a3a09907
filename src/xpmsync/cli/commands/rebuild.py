"""rebuild: a lost or damaged ledger from its backup, the pending uploads, and the pairs that match surely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.views.match import show_matches
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.locks import run_lock
from xpmsync.usecases.clients.link_run import LinkRun
from xpmsync.usecases.clients.match import find_matches, link_pairs
from xpmsync.usecases.clients.rebuild import Draft, draft_ledger, install, ledger_problem, start_over

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.jsonable import Json
    from xpmsync.usecases.clients.match import Matches

__all__ = ["rebuild"]


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
    problem = ledger_problem(session.settings, session.state)
    if problem is None:
        return Report(
            _data("", None, 0, 0, None),
            lambda screen: screen.line("The ledger is intact; there is nothing to rebuild."),
        )
    draft = draft_ledger(session.settings, session.state)
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
    old = install(session.state, draft) if go_on else None

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

    data = _data(problem.code, draft.backup, draft.links, len(sure), old)
    return Report({**data, "unsure": len(found.waiting), "rebuilt": go_on}, show)


def _start_over(session: Session, *, dry_run: bool, yes: bool) -> Report:
    question = "Begin with an empty ledger? All links, decisions and the history are left behind."
    go_on = not dry_run and session.confirm(question, yes=yes, instead="Add --yes.")
    old = start_over(session.state) if go_on else None

    def show(screen: Screen) -> None:
        screen.line("The ledger is empty now." if go_on else "Nothing was changed.")
        if old is not None:
            screen.line(f"The old file is kept as {old}.")
        if go_on:
            screen.line(f"Link the clients that both systems have with: {session.command_line('match', 'link')}")

    return Report({**_data("", None, 0, 0, old), "rebuilt": go_on}, show)


def _show_draft(screen: Screen, message: str, draft: Draft, found: Matches) -> None:
    screen.line(message)
    screen.line()
    if draft.backup is not None:
        screen.line(f"From the backup {draft.backup.name}: {count(draft.links, 'link')}.")
    else:
        screen.line("There is no backup that can be used.")
    show_matches(screen, found, everything=True)
    screen.line(f"{count(len(found.matching.sure), 'sure pair')} would be linked; {len(found.waiting)} are unsure.")


def _data(problem: str, backup: Path | None, links: int, linked: int, old: Path | None) -> dict[str, Json]:
    return {
        "problem": problem or None,
        "backup": str(backup) if backup else None,
        "links_in_backup": links,
        "linked": linked,
        "unsure": 0,
        "rebuilt": False,
        "old_ledger": str(old) if old else None,
    }
