"""status, and what `xpmsync` alone shows: the commands in their groups, and the next step. Both start quickly."""

from __future__ import annotations

import os

import typer

from xpmsync.cli.command_list import GROUPS
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views.next_step import next_step
from xpmsync.cli.views.status import show_status, status_data
from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.usecases.status import get_status

__all__ = ["overview", "status"]


def overview(ctx: typer.Context) -> None:
    """Show the commands, and what to do now; programs must name a command."""
    session = session_of(ctx, "")
    if session.json:
        raise UsageError("No command was given.", "See: xpmsync --help")
    try:
        following = next_step(get_status(session.settings, session.paths, os.environ), session.command_line)
    except XpmsyncError:
        following = session.command_line("doctor")

    def show(screen: Screen) -> None:
        screen.line(ctx.command.help or "")
        screen.line()
        screen.pairs([(group, "  ".join(commands)) for group, commands in GROUPS.items()], indent=2)
        screen.line()
        screen.line("Each in a line: xpmsync help")
        screen.line("Options: xpmsync --help")
        screen.line()
        screen.line(f"Next: {following}")

    session.report(Report({}, show))


def status(ctx: typer.Context) -> None:
    """Show who is signed in, what was done last, and the calls left. Uses no network."""
    session = session_of(ctx, "status")
    found = get_status(session.settings, session.paths, os.environ)
    session.report(Report(status_data(found), lambda screen: show_status(screen, found, session.command_line)))
