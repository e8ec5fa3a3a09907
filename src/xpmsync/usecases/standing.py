"""Where a practice stands: sign-in, links, last run, calls left. Without network and without the keyring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xpmsync.core.handover import NOTHING_WAITS, Handover
from xpmsync.core.model import System
from xpmsync.local.budget import CallBudget
from xpmsync.local.clock import Clock, SystemClock
from xpmsync.local.journal import Run
from xpmsync.local.ledger import Ledger
from xpmsync.local.paths import Paths
from xpmsync.local.run_notes import ScheduleNote, StatusNote, read_schedule, read_status
from xpmsync.local.schedule_job import next_due
from xpmsync.local.settings import DEMO_PROFILE, Settings
from xpmsync.usecases.lateness import days_overdue
from xpmsync.usecases.signed_in import SignedInState, signed_in_state
from xpmsync.usecases.signed_in_ignition import SignedInIgnition, signed_in_ignition
from xpmsync.usecases.uploading import waiting_files

__all__ = ["Standing", "standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What `status` tells. `calls_left` is XPM's last word on the day's allowance and when it said so.

    `ignition` is who is signed in there, None for a route without a sign-in.
    """

    settings: Settings
    state_folder: Path
    signed_in: SignedInState
    links: int
    last_run: Run | None
    open_writes: int
    calls_today: int
    calls_left: tuple[int, datetime] | None
    ended: StatusNote | None = None
    """How the last run ended, also where it never came to its writes."""
    schedule: ScheduleNote | None = None
    next_run: datetime | None = None
    days_overdue: int = 0
    ignition: SignedInIgnition | None = None
    handover: Handover = NOTHING_WAITS
    todo: int = 0
    """Created clients that a person must still link to XPM in Ignition's screens."""


def standing(settings: Settings, paths: Paths, environ: Mapping[str, str], clock: Clock | None = None) -> Standing:
    """Collect it; raises `StateUnusable` and `LedgerTooNew`."""
    state = paths.profile(settings.profile)
    clock = clock or SystemClock()
    links, last_run, open_writes, handover, todo = 0, None, 0, NOTHING_WAITS, 0
    if state.ledger.exists():
        with Ledger(state.ledger) as ledger:
            links, last_run, open_writes = ledger.count(), ledger.journal.last_run(), ledger.journal.open_writes()
            handover, todo = waiting_files(settings, state, ledger, clock), len(ledger.todo.all())
    budget = CallBudget(state.limits, system=System.XPM, a_minute=60, clock=clock)
    ended, schedule, now = read_status(state), read_schedule(state), clock.now()
    return Standing(
        settings,
        state.folder,
        _signed_in(settings, paths, environ),
        links,
        last_run,
        open_writes,
        budget.used_today(),
        budget.day_remaining(),
        ended,
        schedule,
        next_due(schedule.at, schedule.days, now) if schedule else None,
        days_overdue(schedule, ended, now) if schedule else 0,
        signed_in_ignition(settings, state, clock),
        handover,
        todo,
    )


def _signed_in(settings: Settings, paths: Paths, environ: Mapping[str, str]) -> SignedInState:
    if settings.profile == DEMO_PROFILE:
        return SignedInState(True, practice="the built-in practice", where="nowhere, it needs no secret")
    return signed_in_state(settings, paths, environ)
