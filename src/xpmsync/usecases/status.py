"""The status of a practice: sign-in, links, last run, calls left. Without network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xpmsync.core.enums import System
from xpmsync.errors import LedgerLost, WriteUndecided
from xpmsync.local.ledger.backup import read_marker
from xpmsync.local.ledger.summary import LedgerFile, Run, RunNote, StatusNote, read_status
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.sign_in_facts import read_facts
from xpmsync.local.settings.settings import DEMO_PROFILE, Route, Settings
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.usecases.auth.state import SignedInIgnition, SignedInState, signed_in_ignition, signed_in_state

if TYPE_CHECKING:
    from xpmsync.core.ports.deferred import PendingUploads
    from xpmsync.local.schedule.registry import ScheduleNote


class Status(NamedTuple):
    """What `status` shows. `calls_left` is the rest of the day's calls as XPM last reported it, and when.

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
    pending_uploads: PendingUploads | None = None
    """What waits for a person's upload, None for a route without files."""
    todo: int = 0
    """Created clients that a person must still link to XPM in Ignition's screens."""
    undecided: tuple[WriteUndecided, ...] = ()
    """Creations of unknown outcome that a person must settle."""
    ledger_lost: LedgerLost | None = None
    """Why the ledger is not the one that the profile had."""


def get_status(settings: Settings, paths: Paths, environ: Mapping[str, str], clock: Clock | None = None) -> Status:
    """Collect it; raises `StateUnusable` and `LedgerTooNew`."""
    state = paths.profile(settings.profile)
    clock = clock or SystemClock()
    links, last_run, open_writes, pending_uploads, todo = 0, None, 0, None, 0
    undecided: tuple[WriteUndecided, ...] = ()
    lost = None
    if state.ledger.exists():
        from xpmsync.usecases.uploads import pending_files

        with LedgerFile(state.ledger) as ledger:
            links, last_run, open_writes = ledger.count(), ledger.runs.last_run(), ledger.runs.open_writes()
            pending_uploads, todo = pending_files(settings, state, ledger, clock), ledger.count_todo()
            undecided, lost = ledger.runs.undecided(), ledger.loss()
    elif marker := read_marker(state.ledger):
        lost = LedgerLost(state.ledger, "missing", marker.links)
    limiter = RateLimiter(state.limits, system=System.XPM, clock=clock)
    ended = current_note(read_status(state), state, pending_uploads, len(undecided))
    schedule, due, overdue = _schedule(state, ended, clock.now())
    return Status(
        settings,
        state.folder,
        _signed_in(settings, paths, environ),
        links,
        last_run,
        open_writes,
        limiter.used_today(),
        limiter.day_remaining(),
        ended,
        schedule,
        due,
        overdue,
        _signed_in_ignition(settings, state, clock, environ),
        pending_uploads,
        todo,
        undecided,
        lost,
    )


def current_note(
    note: StatusNote | None, state: ProfilePaths, pending_uploads: PendingUploads | None, undecided: int
) -> StatusNote | None:
    """The status file's content without what has been done since: files uploaded, creations decided, a sign-in."""
    if note is None:
        return None
    waiting = dict(note.last_run.waiting)
    if pending_uploads is not None:
        waiting["upload"] = sum(file.uploaded is None for file in pending_uploads.files)
    if "undecided" in waiting:
        waiting["undecided"] = undecided
    if "sign-in" in waiting and _signed_in_since(note.last_run, state):
        del waiting["sign-in"]
    waiting = {code: number for code, number in waiting.items() if number}
    return replace(note, last_run=replace(note.last_run, waiting=waiting))


def _signed_in_since(run: RunNote, state: ProfilePaths) -> bool:
    """Whether the sign-in that the run lacked was made or renewed after its end."""
    facts = read_facts(state.ignition_sign_in if run.sign_in_to == System.IGNITION.value else state.sign_in)
    return bool(facts and facts.renewed_at and facts.renewed_at > run.finished)


def _signed_in(settings: Settings, paths: Paths, environ: Mapping[str, str]) -> SignedInState:
    if settings.profile == DEMO_PROFILE:
        return SignedInState(True, practice="the built-in practice", where="nowhere, it needs no secret")
    return signed_in_state(settings, paths, environ)


def _schedule(
    state: ProfilePaths, ended: StatusNote | None, now: datetime
) -> tuple[ScheduleNote | None, datetime | None, int]:
    """The schedule, when it is due next, and for how many days it has not run."""
    if not state.schedule.exists():
        return None, None, 0
    from xpmsync.local.schedule.job import next_due
    from xpmsync.local.schedule.registry import days_overdue, read_schedule

    note = read_schedule(state)
    return (note, next_due(note.at, note.days, now), days_overdue(note, ended, now)) if note else (None, None, 0)


def _signed_in_ignition(
    settings: Settings, state: ProfilePaths, clock: Clock, environ: Mapping[str, str]
) -> SignedInIgnition | None:
    if settings.ignition.route is not Route.MCP:
        return None
    return signed_in_ignition(settings, state, clock, environ)
