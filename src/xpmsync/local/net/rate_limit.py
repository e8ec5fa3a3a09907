"""The rate limits of both systems, and what a refused call waits for before it is tried again.

Calls are counted for all processes of this machine together: limits count for a practice
and app, or for a user, so two terminals must not count alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from xpmsync.core.enums import System
from xpmsync.errors import CallLimit, SignInNeeded, StateUnusable
from xpmsync.local.system.files import remove_database
from xpmsync.local.system.sqlite import Database, is_damage

if TYPE_CHECKING:
    from xpmsync.local.net.stored_sign_in import TokenSource
    from xpmsync.local.system.clock import Clock

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0
_DAY: Final = 86_400.0
LONGEST_WAIT: Final = 120.0
"""Seconds worth waiting for room; beyond them the run ends (exit 8) and can go on later."""
LONGEST_RETRY_AFTER: Final = 31 * _DAY
"""Largest Retry-After that is used, in seconds; no limit known is longer than a day."""
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS calls (at REAL NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS calls_at ON calls (at);
    CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
"""The tables exist already in files of versions that did not number them."""


class Allowance(NamedTuple):
    """How many calls a system allows; 0 where it names no such limit."""

    a_minute: int
    an_hour: int = 0
    a_day: int = 0


LIMITS: Final[Mapping[System, Allowance]] = {
    System.XPM: Allowance(a_minute=60, a_day=5_000),
    System.IGNITION: Allowance(a_minute=60, an_hour=600),
}
"""XPM's for a practice and app (facts, xpm-api 1.7), Ignition's MCP server's for a user (facts, ignition 4)."""


class RateLimiter:
    """Counts calls to a system in a SQLite file; a day's limit is the system's to count."""

    def __init__(self, path: Path, *, system: System, clock: Clock, limits: Allowance | None = None) -> None:
        self._path = path
        self._system = system
        limits = limits or LIMITS[system]
        windows = (("minute", _MINUTE, limits.a_minute), ("hour", _HOUR, limits.an_hour))
        self._windows = [window for window in windows if window[2]]
        self._clock = clock

    def acquire(self, on_wait: Callable[[float, str], None] = lambda _seconds, _why: None) -> None:
        """Count one call, waiting while the minute is full; raises `CallLimit` while the hour or the day is.

        `on_wait` is called with every wait and the reason for it.
        """
        while (wait := self._try_acquire()) > 0:
            on_wait(wait, f"{self._system.label} allows {self._windows[0][2]} calls a minute")
            self._clock.sleep(wait)

    def pause_until(self, moment: datetime, limit: str = "day") -> None:
        """Remember that a limit is reached, so that later runs stop before they call."""
        with self._open() as db:
            self._remember(db, "blocked_until", f"{limit}@{moment.isoformat()}")

    def note_day_remaining(self, remaining: int) -> None:
        """Remember how many calls the system says are left today."""
        with self._open() as db:
            self._remember(db, "day_remaining", f"{remaining}@{self._clock.now().isoformat()}")

    def day_remaining(self) -> tuple[int, datetime] | None:
        """How many calls were left today when the system last said so, and when that was."""
        if not self._path.exists():
            return None
        with self._open() as db:
            number, _, moment = (self._recall(db, "day_remaining") or "").partition("@")
        if not moment:
            return None
        return int(number), datetime.fromisoformat(moment)

    def used_today(self) -> int:
        """Calls counted on this machine in the last 24 hours."""
        if not self._path.exists():
            return 0
        with self._open() as db:
            since = self._clock.now().timestamp() - _DAY
            return db.number("SELECT count(*) FROM calls WHERE at > ?", (since,))

    def _try_acquire(self) -> float:
        """Count a call and return 0, or return the seconds until there is room."""
        now = self._clock.now().timestamp()
        with self._open() as db:
            self._stop_while_blocked(db, now)
            db.run("DELETE FROM calls WHERE at < ? OR at > ?", (now - _DAY, now + _MINUTE))
            wait = max(self._until_room(db, now, *window) for window in self._windows)
            if not wait:
                db.run("INSERT INTO calls VALUES (?)", (now,))
        return wait

    def _stop_while_blocked(self, db: Database, now: float) -> None:
        limit, _, moment = (self._recall(db, "blocked_until") or "").rpartition("@")
        if moment and (until := datetime.fromisoformat(moment)).timestamp() > now:
            raise CallLimit(self._system, limit or "day", until)

    def _until_room(self, db: Database, now: float, limit: str, seconds: float, most: int) -> float:
        """Return the seconds until a window has room; raises `CallLimit` where that is too long to wait."""
        query = "SELECT at FROM calls WHERE at > ? ORDER BY at DESC LIMIT 1 OFFSET ?"
        filling = db.row(query, (now - seconds, most - 1))
        if filling is None:
            return 0.0
        wait = float(max(0.01, min(seconds, filling[0] + seconds - now)))
        if wait > LONGEST_WAIT:
            raise CallLimit(self._system, limit, datetime.fromtimestamp(now + wait, UTC))
        return wait

    @contextmanager
    def _open(self) -> Iterator[Database]:
        with self._connect() as db, db.writing():
            yield db

    def _connect(self) -> Database:
        """Open the file; a damaged one is replaced, since losing its counts costs a 429 at worst."""
        try:
            return self._database()
        except StateUnusable as problem:
            if not is_damage(problem):
                raise
        remove_database(self._path)
        return self._database()

    def _database(self) -> Database:
        # Losing a few counts in a power cut does no harm either, so the disk is not waited for.
        return Database(self._path, (_SCHEMA,), durable=False, wait_seconds=10)

    def _remember(self, db: Database, name: str, value: str) -> None:
        db.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _recall(self, db: Database, name: str) -> str | None:
        row = db.row("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row[0])


def parse_retry_after(text: str, *, now: datetime) -> float:
    """Seconds to wait by a Retry-After header (a number, or an HTTP date); 1 where it says nothing usable."""
    from email.utils import parsedate_to_datetime

    try:
        return min(max(0.0, float(text)), LONGEST_RETRY_AFTER)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 1.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), LONGEST_RETRY_AFTER)


TRIES: Final = 3
"""How often one call is made at most, the refresh after a 401 not counted."""

_Result = TypeVar("_Result")


class RefusedToken(Exception):
    """The system answered 401."""


@dataclass(eq=False)
class TryAgain(Exception):
    """A try that changed nothing and may be repeated after so many seconds; None: a pause that grows by the try."""

    seconds: float | None = None


class RetryLoop:
    """Makes calls to one system; `made` counts them, `on_wait` is called with every wait and the call it is for."""

    def __init__(
        self,
        system: System,
        tokens: TokenSource,
        limiter: RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self.made = 0
        self._system = system
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._on_wait = on_wait

    def acquire(self, calls: int = 1) -> None:
        """Count calls that are about to be made, waiting for room."""
        for _ in range(calls):
            self._limiter.acquire(self._on_wait)
            self.made += 1

    def run(self, call: str, attempt: Callable[[str, bool], _Result]) -> _Result:
        """Return what `attempt` does; it gets the token, and whether another try may follow.

        It raises `TryAgain` where another try is safe and worth it, and
        `RefusedToken`, after which it is repeated once with another token.
        """
        refreshed = False
        for tried in count(1):
            token = self._tokens.token()
            try:
                return attempt(token, tried < TRIES)
            except RefusedToken:
                if refreshed:
                    raise SignInNeeded(self._system, "refused-token") from None
                refreshed = True
                self._tokens.refresh_after_401(token)
            except TryAgain as again:
                seconds = 0.25 * 2.0**tried if again.seconds is None else again.seconds
                self._on_wait(seconds, call)
                self._clock.sleep(seconds)
        raise AssertionError("the loop above only ends by returning or raising")

    def limited(self, seconds: float, limit: str, *, may_retry: bool, correlation_id: str = "") -> TryAgain:
        """Return how to go on after a 429; raises `CallLimit` where the wait is too long, and later runs then know."""
        resets = self._clock.now() + timedelta(seconds=seconds)
        too_long = limit == "day" or seconds > LONGEST_WAIT
        if too_long and limit in {"hour", "day"}:
            self._limiter.pause_until(resets, limit)
        if too_long or not may_retry:
            raise CallLimit(self._system, limit, resets, correlation_id)
        return TryAgain(max(seconds, 0.1))
