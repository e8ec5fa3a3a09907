"""The clock as a port, so that waiting can be simulated in tests and benchmarks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

from xpmsync.errors import Interrupted

ReadTime = Callable[[], datetime]
"""The time now, for what never waits."""


_SLICE: Final = 0.25
"""Seconds between two checks whether to stop."""


def utc_now() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class Clock(Protocol):
    """What time it is, and waiting."""

    def now(self) -> datetime:
        """The time now, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a keyboard interrupt ends the wait, and `Interrupted` is raised where a stop was requested."""
        ...


class SystemClock:
    """This machine's clock."""

    def __init__(self) -> None:
        self._stop_asked: Callable[[], bool] = lambda: False

    def now(self) -> datetime:
        """The time now, UTC."""
        return utc_now()

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds; raises `Interrupted` when a stop is requested meanwhile."""
        until = time.monotonic() + seconds
        while (remaining := until - time.monotonic()) > 0:
            if self._stop_asked():
                raise Interrupted
            time.sleep(min(remaining, _SLICE))

    @contextmanager
    def ended_by(self, stop_asked: Callable[[], bool]) -> Iterator[None]:
        """End waits when `stop_asked` returns True: a call limit can last longer than a person wants to wait."""
        self._stop_asked = stop_asked
        try:
            yield
        finally:
            self._stop_asked = lambda: False


def local_time(moment: datetime | str) -> str:
    """A moment in local time, to the minute; a text that is no moment is returned unchanged."""
    try:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment)
    return parsed.astimezone().strftime("%Y-%m-%d %H:%M")
