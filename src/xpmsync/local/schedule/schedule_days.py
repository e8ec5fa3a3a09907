"""The days and the time at which a schedule is due: read, told, reckoned."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from xpmsync.errors import UsageError

__all__ = ["EVERY_DAY", "Day", "days_in_words", "last_due", "next_due", "parse_days", "parse_time"]


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


def parse_time(text: str) -> time:
    """Read `02:30`; raises `UsageError`."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    if not found:
        raise UsageError(f"{text[:20]!r} is no time of the day.", "Write hours and minutes, for example --at 02:30")
    return time(int(found[1]), int(found[2]))


def parse_days(text: str) -> tuple[Day, ...]:
    """Read `mon-fri`, `mon,wed,fri`, `daily` or a mixture; raises `UsageError`. The order is that of the week."""
    chosen: set[Day] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if part in {"daily", "all", "every-day"}:
            chosen |= set(EVERY_DAY)
        elif first in set(EVERY_DAY) and (not dash or last in set(EVERY_DAY)):
            start = EVERY_DAY.index(Day(first))
            count = (EVERY_DAY.index(Day(last)) - start) % 7 + 1 if dash else 1
            chosen |= {EVERY_DAY[(start + step) % 7] for step in range(count)}
        else:
            raise UsageError(f"{part[:20]!r} is no day of the week.", "Write --days mon-fri, or --days mon,wed,sat")
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
