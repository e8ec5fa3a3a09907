"""An open practice: settings, ledger and both systems, ready for a use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import System
from xpmsync.core.plan.plan import Forecast, Plan
from xpmsync.core.ports.store import CreatingStore, Store
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["Progress", "Silent", "SyncContext", "stamp"]


@dataclass(frozen=True, slots=True)
class SyncContext:
    """Everything one command works on."""

    settings: Settings
    paths: ProfilePaths
    ledger: Ledger
    xpm: Store
    ignition: CreatingStore
    clock: Clock

    @property
    def source(self) -> Store:
        """The source of truth."""
        return self.store(self.settings.sync.direction.source)

    @property
    def target(self) -> Store:
        """The system that is written."""
        return self.store(self.settings.sync.direction.target)

    @property
    def rules(self) -> Rules:
        """What flows, by these settings and by what both systems can do; known once they are connected."""
        sync = self.settings.sync
        return Rules(
            direction=sync.direction,
            level=sync.level,
            source=self.source.capabilities,
            target=self.target.capabilities,
            on_edited=sync.on_edited,
            clear_blanks=sync.clear_blanks,
            set_primary=sync.set_primary,
        )

    def connect(self) -> None:
        """Let both systems learn what they can do; raises what their first calls raise."""
        self.source.connect()
        self.target.connect()

    def store(self, system: System) -> Store:
        """One of the two systems."""
        return self.xpm if system is System.XPM else self.ignition

    def calls_made(self) -> Mapping[System, int]:
        """Calls sent to both systems so far."""
        return {System.XPM: self.xpm.calls_made, System.IGNITION: self.ignition.calls_made}

    def forecast(self, plan: Plan, before: Mapping[System, int]) -> Forecast:
        """What applying the plan will cost, by what was called since `before`."""
        made = {system: calls - before[system] for system, calls in self.calls_made().items()}
        target = self.target
        return target.capabilities.forecast(len(plan.calls()), reads=sum(made.values()), spent=made[target.system])

    def now(self) -> str:
        """The present moment for the ledger: UTC, ISO, to the second."""
        return stamp(self.clock.now())


def stamp(moment: datetime) -> str:
    """A moment as the ledger writes it."""
    return moment.isoformat(timespec="seconds")


class Progress(Protocol):
    """Receives the steps of anything that may take longer than a second."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say what is being done and how far it is; `total` is None where nobody knows."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """Say that a limit is being waited for."""
        ...


class Silent:
    """Nobody is watching."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say nothing."""

    def waiting(self, seconds: float, why: str) -> None:
        """Say nothing."""
