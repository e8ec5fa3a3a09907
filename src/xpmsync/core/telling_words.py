"""Words that commands take as arguments, in a module that costs nothing to import when the program starts."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["NotifySecret", "SchedulerKind"]


class SchedulerKind(StrEnum):
    """The schedulers that xpmsync can put itself into."""

    TASK_SCHEDULER = "task-scheduler"
    LAUNCHD = "launchd"
    SYSTEMD = "systemd"
    CRON = "cron"

    @property
    def label(self) -> str:
        """The scheduler's name as people know it."""
        return _LABELS[self]


_LABELS: Final = {
    SchedulerKind.TASK_SCHEDULER: "Windows Task Scheduler",
    SchedulerKind.LAUNCHD: "launchd",
    SchedulerKind.SYSTEMD: "systemd (user timer)",
    SchedulerKind.CRON: "cron",
}


class NotifySecret(StrEnum):
    """What of a channel is secret and kept in the keyring."""

    MAIL_PASSWORD = "mail-password"  # noqa: S105 - its name, not its value
    WEBHOOK = "webhook"
    PING = "ping"
