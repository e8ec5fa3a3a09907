"""Which schedule is installed, noted beside the ledger; the scheduler itself has the last word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.local.ledger.status_file import StatusNote
from xpmsync.local.schedule.job import Day, last_due
from xpmsync.local.system.files import remove_file
from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["ScheduleNote", "days_overdue", "forget_schedule", "read_schedule", "write_schedule"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class ScheduleNote:
    """The schedule as it was installed; `proved` says whether a probe inside the scheduler worked then."""

    kind: SchedulerKind
    name: str
    at: time
    days: tuple[Day, ...]
    command: tuple[str, ...]
    installed: datetime
    proved: bool
    wake: bool = False


def write_schedule(paths: ProfilePaths, note: ScheduleNote) -> None:
    """Note the installed schedule; raises `StateUnusable`."""
    write_record(paths.schedule, note, xpmsync_schedule=_FORMAT)


def read_schedule(paths: ProfilePaths) -> ScheduleNote | None:
    """The schedule as it was installed, None where nothing (readable) was noted."""
    return read_record(ScheduleNote, paths.schedule)


def forget_schedule(paths: ProfilePaths) -> None:
    """Forget the schedule."""
    remove_file(paths.schedule)


_GRACE: Final = timedelta(hours=24)
"""How late a run may be before it is reported: computers sleep, and some schedulers make up for it later."""


def days_overdue(note: ScheduleNote, status: StatusNote | None, now: datetime) -> int:
    """For how many whole days the schedule has not run although it was due; 0 while it is in time."""
    ran = status.last_scheduled if status and status.last_scheduled else note.installed
    last = max(ran, note.installed)
    if last - now > _GRACE:
        return 1  # it ran by a clock that was ahead, and not since that was corrected
    if last >= last_due(note.at, note.days, now - _GRACE):
        return 0
    return max(1, (now - last).days)
