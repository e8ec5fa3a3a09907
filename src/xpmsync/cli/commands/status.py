"""status: apart from login, because it must start quickly."""

from __future__ import annotations

import os

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.views.status import show_status, status_data
from xpmsync.usecases.status import get_status

__all__ = ["status"]


def status(ctx: typer.Context) -> None:
    """Show who is signed in, what was done last, and the calls left. Uses no network."""
    session = session_of(ctx, "status")
    found = get_status(session.settings, session.paths, os.environ)
    session.report(Report(status_data(found), lambda screen: show_status(screen, found, session.command_line)))
