"""A scheduled job in terms that every operating system's scheduler knows, and what all schedulers share.

Programs run with a time limit and in the C locale, and their exit code says how it went.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed, UsageError, reason_of


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


_SECONDS: Final = 30.0
_NO_WINDOW: Final = 0x08000000
"""Windows' CREATE_NO_WINDOW; other systems know no such flag."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: bytes
    err: bytes


class Scheduler(ABC):
    """One operating system's scheduler. Every method may raise `SchedulerFailed`."""

    kind: SchedulerKind
    can_wake: bool = False
    """Whether it can wake a sleeping computer for a job."""
    starts_within: float = 60.0
    """Seconds within which a job started by `once` has begun, if it ever begins."""

    @abstractmethod
    def texts(self, job: Job) -> tuple[Text, ...]:
        """What `install` would write; touches nothing."""

    @abstractmethod
    def find(self, name: str) -> InstalledJob | None:
        """The job of that name, None where there is none."""

    @abstractmethod
    def install(self, job: Job) -> None:
        """Put the job in, in place of one of the same name."""

    @abstractmethod
    def remove(self, name: str) -> bool:
        """Take the job of that name out; whether there was one."""

    @contextmanager
    def once(self, job: Job) -> Iterator[None]:
        """Have the scheduler itself start a job now, and take it out again at the end."""
        self.install(job)
        try:
            yield
        finally:
            self.remove(job.name)

    @abstractmethod
    def conditions(self, *, wake: bool) -> str:
        """When it starts a job and when not, to follow "It runs daily at 02:30 "; ends with a full stop."""

    def obstacle(self) -> str:
        """Why it cannot start any job at present, as far as that can be seen; empty where nothing is in the way."""
        return ""


def run(words: Sequence[str], *, stdin: bytes = b"", seconds: float = _SECONDS) -> Ran:
    """Run a program to its end; raises `SchedulerFailed` where it is missing or does not end."""
    program = _found(words[0])
    if program is None:
        raise SchedulerFailed(words[0], "it is not on this computer")
    try:
        ended = subprocess.run(  # noqa: S603 - fixed programs, arguments as a list, no shell
            [program, *words[1:]],
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
            creationflags=_NO_WINDOW if os.name == "nt" else 0,
        )
    except subprocess.TimeoutExpired as problem:
        raise SchedulerFailed(words[0], f"it did not end within {seconds:g} seconds") from problem
    except OSError as problem:
        raise SchedulerFailed(words[0], reason_of(problem)) from problem
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def must(words: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Run a program that has to succeed and return what it wrote; raises `SchedulerFailed` with its own words."""
    ran = run(words, stdin=stdin)
    if ran.code:
        said = (ran.err or ran.out).decode("utf-8", "replace").strip().splitlines()
        message = f": {said[0].strip()[:200]}" if said else ""
        raise SchedulerFailed(words[0], f"{' '.join(words[1:3])} ended with code {ran.code}{message}", ran.code)
    return ran.out


def _found(name: str) -> str | None:
    """Where a program is; on Windows its own first, because a search there begins in the current folder."""
    if os.name == "nt":
        own = Path(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32", f"{name}.exe")
        if own.exists():
            return str(own)
    return shutil.which(name)
