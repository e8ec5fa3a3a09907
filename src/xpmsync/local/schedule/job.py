"""A scheduled job in terms that every operating system's scheduler knows, and the port to those schedulers."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import UsageError

__all__ = [
    "EVERY_DAY",
    "Day",
    "InstalledJob",
    "Job",
    "Scheduler",
    "SchedulerKind",
    "Text",
    "days_in_words",
    "last_due",
    "next_due",
    "parse_days",
    "parse_time",
]


@dataclass(frozen=True, slots=True)
class Job:
    """What a scheduler is given.

    `command` begins with an absolute path and holds no secret and no client's name.
    `at` is local time; None means that the job is only ever started by hand.
    `first` is the first day it may run; `wake` wakes the computer from sleep for it.
    """

    name: str
    command: tuple[str, ...]
    at: time | None
    days: tuple[Day, ...]
    first: date
    wake: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Something a job puts into the scheduler: where it goes, and what it says."""

    where: str
    content: str


@dataclass(frozen=True, slots=True)
class InstalledJob:
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
    def can_wake(self) -> bool:
        """Whether it can wake a sleeping computer for a job."""
        ...

    @property
    def starts_within(self) -> float:
        """Seconds within which a job started by `once` has begun, if it ever begins."""
        ...

    def texts(self, job: Job) -> tuple[Text, ...]:
        """What `install` would write; touches nothing."""
        ...

    def find(self, name: str) -> InstalledJob | None:
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

    def conditions(self, *, wake: bool) -> str:
        """When it starts a job and when not, to follow "It runs daily at 02:30 "; ends with a full stop."""
        ...

    def obstacle(self) -> str:
        """Why it cannot start any job at present, as far as that can be seen; empty where nothing is in the way."""
        ...


class Day(StrEnum):
    """A day of the week, by its usual short name."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """1 for Monday to 7 for Sunday, as ISO counts and as cron and launchd understand."""
        return EVERY_DAY.index(self) + 1


EVERY_DAY: Final = tuple(Day)
_DAY_GROUPS: Final = {
    **dict.fromkeys(("daily", "all", "every-day"), EVERY_DAY),
    **dict.fromkeys(("weekdays", "weekday"), EVERY_DAY[:5]),
    **dict.fromkeys(("weekends", "weekend"), EVERY_DAY[5:]),
}


def parse_time(text: str) -> time:
    """Read `02:30`; raises `UsageError`."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    if not found:
        raise UsageError(f"{text[:20]!r} is no time of the day.", "Write hours and minutes, for example --at 02:30")
    return time(int(found[1]), int(found[2]))


def parse_days(text: str) -> tuple[Day, ...]:
    """Read `weekdays`, `mon-fri`, `mon,wed,fri`, `daily` or a mixture; raises `UsageError`. The order is the week's."""
    chosen: set[Day] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if part in _DAY_GROUPS:
            chosen |= set(_DAY_GROUPS[part])
        elif first in set(EVERY_DAY) and (not dash or last in set(EVERY_DAY)):
            start = EVERY_DAY.index(Day(first))
            count = (EVERY_DAY.index(Day(last)) - start) % 7 + 1 if dash else 1
            chosen |= {EVERY_DAY[(start + step) % 7] for step in range(count)}
        else:
            raise UsageError(f"{part[:20]!r} is no day of the week.", "Write --days mon-fri, weekdays or mon,wed,sat")
    return tuple(day for day in EVERY_DAY if day in chosen)


def days_in_words(days: tuple[Day, ...]) -> str:
    """The shortest way to say which days: `daily`, `mon-fri`, `mon,thu`."""
    if days == EVERY_DAY:
        return "daily"
    places = [EVERY_DAY.index(day) for day in days]
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{days[0]}-{days[-1]}"
    return ",".join(days)


def next_due(at: time, days: tuple[Day, ...], now: datetime) -> datetime:
    """The next moment after `now` (aware) at which the job is due, in local time."""
    return _due(at, days, now, step=1)


def last_due(at: time, days: tuple[Day, ...], now: datetime) -> datetime:
    """The last moment up to `now` (aware) at which the job was due, in local time."""
    return _due(at, days, now, step=-1)


def _due(at: time, days: tuple[Day, ...], now: datetime, *, step: int) -> datetime:
    today = now.astimezone().date()
    for distance in range(9):
        day = today + timedelta(days=distance * step)
        # Naive on purpose: the operating system knows its offset on that day (daylight saving).
        moment = datetime.combine(day, at).astimezone()
        if EVERY_DAY[day.weekday()] in days and (moment > now if step > 0 else moment <= now):
            return moment
    raise ValueError("a job needs at least one day")
