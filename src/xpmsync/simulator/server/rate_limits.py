"""XPM's call limits with their real headers: 60 a minute, 5 at once, 5,000 in a rolling day."""

import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from xpmsync.local.system.clock import ReadTime
from xpmsync.simulator.server.messages import ServerResponse

_REMAINING: Final = {
    "minute": "X-MinLimit-Remaining",
    "day": "X-DayLimit-Remaining",
    "appminute": "X-AppMinLimit-Remaining",
}


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many calls are allowed. Not `enforced`, the headers count down all the same."""

    minute: int = 60
    concurrent: int = 5
    day: int = 5_000
    app_minute: int = 10_000
    enforced: bool = True


class Meter:
    """Counts calls in rolling windows by the given clock; refused calls do not count."""

    def __init__(self, limits: RateLimits, clock: ReadTime) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._day: deque[datetime] = deque()
        self._minute: deque[datetime] = deque()
        self._running = 0

    def enter(self) -> ServerResponse | None:
        """Count a call that begins, or return the 429 that refuses it. Pair a None with `leave`."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if self.limits.enforced:
                if self._running >= self.limits.concurrent:
                    return limit_answer("concurrent", 1)
                if len(self._day) >= self.limits.day:
                    return limit_answer("day", _wait(self._day[0] + timedelta(days=1), now))
                if len(self._minute) >= self.limits.app_minute:
                    return limit_answer("appminute", _wait(self._minute[0] + timedelta(minutes=1), now))
                if len(self._minute) >= self.limits.minute:
                    return limit_answer("minute", _wait(self._minute[0] + timedelta(minutes=1), now))
            self._running += 1
            self._day.append(now)
            self._minute.append(now)
            return None

    def leave(self) -> None:
        """Note that a call has ended."""
        with self._lock:
            self._running -= 1

    def headers(self) -> Mapping[str, str]:
        """The three headers of every answer: calls left."""
        with self._lock:
            self._forget(self._clock())
            minute, day = len(self._minute), len(self._day)
        return {
            "X-MinLimit-Remaining": str(max(0, self.limits.minute - minute)),
            "X-DayLimit-Remaining": str(max(0, self.limits.day - day)),
            "X-AppMinLimit-Remaining": str(max(0, self.limits.app_minute - minute)),
        }

    def _forget(self, now: datetime) -> None:
        while self._minute and self._minute[0] <= now - timedelta(minutes=1):
            self._minute.popleft()
        while self._day and self._day[0] <= now - timedelta(days=1):
            self._day.popleft()


def limit_answer(problem: str, retry_after: int) -> ServerResponse:
    """A 429 as recorded: empty body, `Retry-After` in seconds, `X-Rate-Limit-Problem`."""
    headers = {"Retry-After": str(retry_after), "X-Rate-Limit-Problem": problem}
    if problem in _REMAINING:
        headers[_REMAINING[problem]] = "0"
    return ServerResponse(429, b"", headers=headers)


def _wait(until: datetime, now: datetime) -> int:
    return max(1, math.ceil((until - now).total_seconds()))
