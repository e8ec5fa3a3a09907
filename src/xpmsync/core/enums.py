"""The domain's words as types: system, direction, level; and what JSON can hold.

The words' values are those of settings and JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class System(StrEnum):
    """One of the two systems that hold the practice's clients."""

    XPM = "xpm"
    IGNITION = "ignition"

    @property
    def label(self) -> str:
        """The system's name as people write it."""
        return "XPM" if self is System.XPM else "Ignition"

    @property
    def other(self) -> System:
        """The system on the other side."""
        return System.IGNITION if self is System.XPM else System.XPM


class Direction(StrEnum):
    """Which system is the source of truth; the other one is the target."""

    FROM_XPM = "from-xpm"
    TO_XPM = "to-xpm"

    @property
    def source(self) -> System:
        """The system whose values count."""
        return System.XPM if self is Direction.FROM_XPM else System.IGNITION

    @property
    def target(self) -> System:
        """The system that is written."""
        return self.source.other


class Level(StrEnum):
    """How much flows: everything, client names only, nothing."""

    EVERYTHING = "everything"
    NAMES = "names"
    NOTHING = "nothing"


class OnEdited(StrEnum):
    """What to do with a target value that somebody edited since it was last agreed."""

    OVERRIDE = "override"
    HOLD = "hold"


class ClientState(StrEnum):
    """What a system says of a client as a whole."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


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
    """The part of a channel that is secret and kept in the keyring."""

    MAIL_PASSWORD = "mail-password"  # noqa: S105 - its name, not its value
    WEBHOOK = "webhook"
    PING = "ping"
