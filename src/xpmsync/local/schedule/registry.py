"""The schedulers there are, which of them this computer has, and which schedule is installed.

The note of an installed schedule is beside the ledger; the scheduler itself has the last word.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib import import_module
from typing import Final, cast

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed
from xpmsync.local.ledger.summary import StatusNote
from xpmsync.local.schedule.job import Day, Scheduler, last_due
from xpmsync.local.system.files import remove_file
from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import ProfilePaths

_CLASSES: Final[Mapping[SchedulerKind, tuple[str, str]]] = {
    SchedulerKind.TASK_SCHEDULER: ("xpmsync.local.schedule.windows", "TaskScheduler"),
    SchedulerKind.LAUNCHD: ("xpmsync.local.schedule.launchd", "Launchd"),
    SchedulerKind.SYSTEMD: ("xpmsync.local.schedule.systemd", "Systemd"),
    SchedulerKind.CRON: ("xpmsync.local.schedule.cron", "Cron"),
}


def open_scheduler(kind: SchedulerKind | None = None) -> Scheduler:
    """Open a scheduler, or the usual one of this computer; raises `SchedulerFailed` where there is none."""
    module, name = _CLASSES[kind or usual_kind()]
    make = cast("Callable[[], Scheduler]", getattr(import_module(module), name))
    return make()


def usual_kind() -> SchedulerKind:
    """Windows and macOS have one of their own; elsewhere systemd where it answers, else cron."""
    if sys.platform == "win32":
        return SchedulerKind.TASK_SCHEDULER
    if sys.platform == "darwin":
        return SchedulerKind.LAUNCHD
    from xpmsync.local.schedule.systemd import systemd_answers

    if systemd_answers():
        return SchedulerKind.SYSTEMD
    if shutil.which("crontab"):
        return SchedulerKind.CRON
    raise SchedulerFailed("crontab", "this computer has neither a systemd user manager nor cron")


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
