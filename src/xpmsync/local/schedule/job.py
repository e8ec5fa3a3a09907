"""A scheduled job in words that every operating system's scheduler can be told, and the port to those schedulers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol

from xpmsync.core.telling_words import SchedulerKind
from xpmsync.local.schedule.schedule_days import Day

__all__ = ["Found", "Job", "Scheduler", "SchedulerKind", "Text"]


@dataclass(frozen=True, slots=True)
class Job:
    """What a scheduler is told.

    `command` begins with an absolute path and holds no secret and no client's name.
    `at` is local time; None means that the job is only ever started by hand.
    `first` is the first day it may run.
    """

    name: str
    command: tuple[str, ...]
    at: time | None
    days: tuple[Day, ...]
    first: date


@dataclass(frozen=True, slots=True)
class Text:
    """Something a job puts into the scheduler: where it goes, and what it says."""

    where: str
    content: str


@dataclass(frozen=True, slots=True)
class Found:
    """A job as the scheduler has it; `command` is empty where it cannot be read."""

    command: tuple[str, ...]
    enabled: bool


class Scheduler(Protocol):
    """One operating system's scheduler. Every method may raise `SchedulerFailed`."""

    @property
    def kind(self) -> SchedulerKind:
        """Which one."""
        ...

    @property
    def starts_within(self) -> float:
        """Seconds within which a job started by `once` has begun, if it ever begins."""
        ...

    def texts(self, job: Job) -> tuple[Text, ...]:
        """What `install` would write; touches nothing."""
        ...

    def find(self, name: str) -> Found | None:
        """The job of that name, None where there is none."""
        ...

    def install(self, job: Job) -> None:
        """Put the job in, in place of one of the same name."""
        ...

    def remove(self, name: str) -> bool:
        """Take the job of that name out; whether there was one."""
        ...

    def once(self, job: Job) -> AbstractContextManager[None]:
        """Have the scheduler itself start a job now, and take it out again at the end."""
        ...

    def cautions(self) -> tuple[str, ...]:
        """What a person should know about when this scheduler does not start jobs."""
        ...
