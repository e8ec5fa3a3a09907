"""What a command that writes leaves behind when it ends, however it ends: status, log, notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.output import ExitCode

if TYPE_CHECKING:
    from xpmsync.cli.session import CurrentRun, Session

__all__ = ["record_outcome"]


_NO_RUN: Final = (ExitCode.USAGE, ExitCode.INTERRUPTED)
"""Endings of what somebody typed wrong, or left at the question: nothing ran that was to be told of."""


def record_outcome(session: Session, exit_code: int) -> None:
    """Tell how the session's run ended; nothing that goes wrong here changes its exit code."""
    run = session.run
    if run is None or (exit_code in _NO_RUN and not run.counts and not session.by_schedule):
        return
    try:
        _tell(session, run, exit_code)
    except (Exception, KeyboardInterrupt) as problem:  # the run is over, and its end must stand as it is
        session.info(f"Its ending could not be noted ({type(problem).__name__}).")


def _tell(session: Session, run: CurrentRun, exit_code: int) -> None:
    import os

    from xpmsync.errors import XpmsyncError
    from xpmsync.local.ledger.status_file import RunNote
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.unattended.run_summary import notify_run

    clock = SystemClock()
    try:
        settings = session.settings
    except XpmsyncError:
        settings = None
    note = RunNote(
        command=run.command,
        started=run.started,
        finished=clock.now(),
        exit_code=exit_code,
        status=ExitCode(exit_code).status,
        code=session.problem,
        by_schedule=session.by_schedule,
        counts=run.counts,
        waiting=run.waiting,
    )
    state = session.paths.profile(session.profile)
    if settings is None and not state.folder.is_dir():
        return  # the profile's name was never checked, so nothing is created in it
    warnings = notify_run(
        settings,
        state,
        note,
        attended=run.attended,
        whole=run.whole,
        open_vault=lambda: open_vault(os.environ, attended=False),
        clock=clock,
    )
    for warning in warnings:
        session.info(f"Warning: {warning}")
