"""What a command that writes records when it ends, however it ends: status file, log, notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.output import ExitCode

if TYPE_CHECKING:
    from xpmsync.cli.session import CurrentRun, Session

__all__ = ["record_outcome"]


_NO_RUN: Final = (ExitCode.USAGE, ExitCode.INTERRUPTED)
"""Exit codes of a wrong command line, or of a question that was not answered: there was no run to record."""


def record_outcome(session: Session, exit_code: int) -> None:
    """Record how the session's run ended; an error here never changes its exit code."""
    run = session.run
    if run is None or (exit_code in _NO_RUN and not run.counts and not session.by_schedule):
        return
    try:
        _record(session, run, exit_code)
    except (Exception, KeyboardInterrupt) as problem:  # the run is over, and its exit code is final
        session.info(f"The end of this run could not be recorded ({type(problem).__name__}).")


def _record(session: Session, run: CurrentRun, exit_code: int) -> None:
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
        sign_in_to=run.sign_in_to,
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
