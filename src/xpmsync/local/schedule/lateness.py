"""Whether the schedule runs when it should. Light, because every command at a terminal asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from xpmsync.local.ledger.status_file import StatusNote
from xpmsync.local.schedule.schedule_days import last_due
from xpmsync.local.schedule.state_file import ScheduleNote

__all__ = ["days_overdue"]

_GRACE: Final = timedelta(hours=24)
"""How late a run may be before anybody is told: computers sleep, and some schedulers make up for it later."""


def days_overdue(note: ScheduleNote, status: StatusNote | None, now: datetime) -> int:
    """For how many whole days the schedule has not run although it was due; 0 while it is in time."""
    ran = status.last_scheduled if status and status.last_scheduled else note.installed
    last = max(ran, note.installed)
    if last >= last_due(note.at, note.days, now - _GRACE):
        return 0
    return max(1, (now - last).days)
