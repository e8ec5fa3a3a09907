"""The reminder of a schedule that does not run as it should. Loaded only where a person watches."""

from __future__ import annotations

from xpmsync.local.system.paths import ProfilePaths

__all__ = ["schedule_reminder"]


def schedule_reminder(state: ProfilePaths, command_line: str) -> str:
    """Return the reminder of a schedule that is overdue or fails, empty where there is none.

    `command_line` is the command that shows more. Never raises: a reminder is not worth failing for.
    """
    try:
        return _overdue(state, command_line) if state.schedule.exists() else ""
    except Exception:  # whatever is wrong with the state files, the command itself will say
        return ""


def _overdue(state: ProfilePaths, command_line: str) -> str:
    from xpmsync.local.ledger.status_file import read_status
    from xpmsync.local.schedule.registry import days_overdue, read_schedule
    from xpmsync.local.system.clock import SystemClock, local_time

    note, status = read_schedule(state), read_status(state)
    if note is None:
        return ""
    if days := days_overdue(note, status, SystemClock().now()):
        last = status.last_scheduled if status else None
        since = f" (last: {local_time(last)})" if last else ""
        return f"The scheduled sync has not run for {days} {'day' if days == 1 else 'days'}{since}. See: {command_line}"
    if status and status.last_run.by_schedule and status.failed_in_a_row > 1:
        return (
            f"The last {status.failed_in_a_row} runs did not end well ({status.last_run.status}). See: {command_line}"
        )
    return ""
