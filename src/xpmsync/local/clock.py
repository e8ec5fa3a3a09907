"""The clock as a port, so that waiting can be simulated in tests and benchmarks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What time it is, and waiting."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a keyboard interrupt ends the wait."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        time.sleep(seconds)
