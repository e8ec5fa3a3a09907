"""A scheduled job in terms that every operating system's scheduler knows: a command, a time, and days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from xpmsync.errors import UsageError

__all__ = [
    "EVERY_DAY",
    "Day",
    "InstalledJob",
    "Job",
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
