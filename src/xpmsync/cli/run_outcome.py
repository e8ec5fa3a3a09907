"""What a command that writes leaves behind when it ends, however it ends: status, log, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.output import ExitCode
from xpmsync.local.system.clock import local_time

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.usecases.sync.apply import Applied

__all__ = ["RunInHand", "remind", "tell_ending"]


_NO_RUN: Final = (ExitCode.USAGE, ExitCode.INTERRUPTED)
"""Endings of what somebody typed wrong, or left at the question: nothing ran that was to be told of."""


@dataclass
class RunInHand:
    """A run from its beginning; `applied` is told what it did, where it came so far."""

    command: str
    started: datetime
    attended: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False

    def applied(self, applied: Applied, *, whole: bool) -> None:
        """Take the totals of a run that reached its writes; `whole` says that it looked at all clients."""
        from xpmsync.usecases.unattended.run_summary import waiting_after

        totals = {"written": applied.written, "failed": len(applied.failures), "xpm_calls": applied.xpm_calls}
        self.counts = {**applied.plan.counts, **totals}
        self.waiting = waiting_after(applied)
        self.whole = whole and applied.stopped is None and not applied.not_tried


def tell_ending(session: Session, exit_code: int) -> None:
    """Tell how the session's run ended; nothing that goes wrong here changes its exit code."""
    run = session.run
    if run is None or (exit_code in _NO_RUN and not run.counts and not session.by_schedule):
        return
    try:
        _tell(session, run, exit_code)
    except (Exception, KeyboardInterrupt) as problem:  # the run is over, and its end must stand as it is
        session.note(f"Its ending could not be noted ({type(problem).__name__}).")


def remind(session: Session) -> None:
    """Say on stderr when the installed schedule has not run as it should; costs one small file where there is none."""
    import sys

    if session.json or session.verbosity < 0 or not (sys.stderr and sys.stderr.isatty()):
        return
    try:
        if told := _overdue(session):
            session.note(told)
    except Exception:  # a reminder is never worth failing for
        return


def _tell(session: Session, run: RunInHand, exit_code: int) -> None:
    import os

    from xpmsync.errors import XpmsyncError
    from xpmsync.local.ledger.status_file import RunNote
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.local.system.clock import SystemClock
    from xpmsync.usecases.unattended.run_summary import tell

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
    warnings = tell(
        settings,
        state,
        note,
        attended=run.attended,
        whole=run.whole,
        open_vault=lambda: open_vault(os.environ, attended=False),
        clock=clock,
    )
    for warning in warnings:
        session.note(f"Warning: {warning}")


def _overdue(session: Session) -> str:
    state = session.paths.profile(session.profile)
    if not state.schedule.exists():
        return ""
    from xpmsync.local.ledger.status_file import read_status
    from xpmsync.local.schedule.lateness import days_overdue
    from xpmsync.local.schedule.state_file import read_schedule
    from xpmsync.local.system.clock import SystemClock

    note, status = read_schedule(state), read_status(state)
    if note is None:
        return ""
    see = f"See: {session.again('schedule', 'status')}"
    if days := days_overdue(note, status, SystemClock().now()):
        last = status.last_scheduled if status else None
        since = f" (last: {local_time(last)})" if last else ""
        return f"The scheduled sync has not run for {days} {'day' if days == 1 else 'days'}{since}. {see}"
    if status and status.last_run.by_schedule and status.failed_in_a_row > 1:
        return f"The last {status.failed_in_a_row} runs did not end well ({status.last_run.status}). {see}"
    return ""
