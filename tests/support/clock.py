"""Clocks for tests: time passes when a test says so, and when the program would wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class FakeClock:
    """A clock that a test moves; waiting moves it too, without waiting."""

    moment: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The present moment, as the simulator's server asks for it."""
        return self.moment

    def now(self) -> datetime:
        """The present moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        self.moment += timedelta(seconds=seconds)

    def forward(self, **by: float) -> None:
        """Let time pass, in the units of `timedelta`."""
        self.moment += timedelta(**by)


@dataclass
class WrongClock:
    """A computer's clock that differs from the true one by `wrong_by`, which a test changes."""

    true: FakeClock
    wrong_by: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The present moment as this computer has it."""
        return self.true.now() + self.wrong_by

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        self.true.sleep(seconds)
