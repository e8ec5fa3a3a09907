"""Which schedule is installed, noted beside the ledger; the scheduler itself has the last word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import UsageError
from xpmsync.local.ledger.status_file import StatusNote
from xpmsync.local.schedule.job import Day, last_due, parse_time
from xpmsync.local.system.files import remove_file, write_private
from xpmsync.local.system.json_files import as_moment, read_table
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


def write_schedule(paths: ProfilePaths, note: ScheduleNote) -> None:
    """Note the installed schedule; raises `StateUnusable`."""
    told = {
        "xpmsync_schedule": _FORMAT,
        "kind": note.kind.value,
        "name": note.name,
        "at": f"{note.at:%H:%M}",
        "days": [day.value for day in note.days],
        "command": list(note.command),
        "installed": note.installed.isoformat(timespec="seconds"),
        "proved": note.proved,
    }
    write_private(paths.schedule, json.dumps(told, indent=1) + "\n")


def read_schedule(paths: ProfilePaths) -> ScheduleNote | None:
    """The schedule as it was installed, None where nothing (readable) was noted."""
    told = read_table(paths.schedule)
    days, command, installed = told.get("days"), told.get("command"), as_moment(told.get("installed"))
    if not (isinstance(days, list) and isinstance(command, list)) or installed is None:
        return None
    try:
        return ScheduleNote(
            kind=SchedulerKind(str(told.get("kind"))),
            name=str(told.get("name", "")),
            at=parse_time(str(told.get("at", ""))),
            days=tuple(Day(str(day)) for day in days),
            command=tuple(str(word) for word in command),
            installed=installed,
            proved=told.get("proved") is True,
        )
    except (ValueError, UsageError):  # a file that somebody edited counts as none
        return None


def forget_schedule(paths: ProfilePaths) -> None:
    """Forget the schedule."""
    remove_file(paths.schedule)


_GRACE: Final = timedelta(hours=24)
"""How late a run may be before anybody is told: computers sleep, and some schedulers make up for it later."""


def days_overdue(note: ScheduleNote, status: StatusNote | None, now: datetime) -> int:
    """For how many whole days the schedule has not run although it was due; 0 while it is in time."""
    ran = status.last_scheduled if status and status.last_scheduled else note.installed
    last = max(ran, note.installed)
    if last >= last_due(note.at, note.days, now - _GRACE):
        return 0
    return max(1, (now - last).days)
