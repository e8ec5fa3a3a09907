"""The schedulers there are, and which of them this computer has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, cast

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.job import Scheduler

__all__ = ["open_scheduler", "usual_kind"]

_CLASSES: Final[Mapping[SchedulerKind, tuple[str, str]]] = {
    SchedulerKind.TASK_SCHEDULER: ("xpmsync.local.schedule.windows", "TaskScheduler"),
    SchedulerKind.LAUNCHD: ("xpmsync.local.schedule.launchd", "Launchd"),
    SchedulerKind.SYSTEMD: ("xpmsync.local.schedule.systemd", "Systemd"),
    SchedulerKind.CRON: ("xpmsync.local.schedule.cron", "Cron"),
}


def open_scheduler(kind: SchedulerKind | None = None) -> Scheduler:
    """Open a scheduler, or the usual one of this computer; raises `SchedulerFailed` where there is none."""
    module, name = _CLASSES[kind or usual_kind()]
    make = cast(Callable[[], Scheduler], getattr(import_module(module), name))
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
