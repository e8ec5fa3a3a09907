"""The clock as a port, so that waiting can be simulated in tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

from xpmsync.errors import Interrupted

__all__ = ["Clock", "SystemClock", "local_time"]


_SLICE: Final = 0.25
"""Seconds between two looks at whether to stop."""


class Clock(Protocol):
    """What time it is, and waiting."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a keyboard interrupt ends the wait, and `Interrupted` is raised where a stop is asked for."""
        ...


class SystemClock:
    """This machine's clock."""

    def __init__(self) -> None:
        self._stop_asked: Callable[[], bool] = lambda: False

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds; raises `Interrupted` when a stop is asked for meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stop_asked():
                raise Interrupted
            time.sleep(min(left, _SLICE))

    @contextmanager
    def ended_by(self, stop_asked: Callable[[], bool]) -> Iterator[None]:
        """Let waiting end when that says so: a call limit is waited for longer than a person waits for a stop."""
        self._stop_asked = stop_asked
        try:
            yield
        finally:
            self._stop_asked = lambda: False


def local_time(moment: datetime | str) -> str:
    """A moment as people here read it, to the minute; a text that is no moment as it stands."""
    try:
        known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment)
    return known.astimezone().strftime("%Y-%m-%d %H:%M")
