"""A clock that lies: what undo needs does not expire by it, and reading and schedule recover from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from support.clock import WrongClock
from support.sync_rig import SyncRig, contact
from xpmsync.core.enums import Direction, SchedulerKind
from xpmsync.core.plan.read_strategy import FullBecause, LastReading, choose_reading
from xpmsync.local.ledger.summary import RunNote, StatusNote
from xpmsync.local.schedule.job import Day
from xpmsync.local.schedule.registry import ScheduleNote, days_overdue
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import preview
from xpmsync.usecases.sync.undo import expire_values

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def run(rig: SyncRig, ahead: timedelta) -> Applied:
    """A whole sync on a computer whose clock is ahead of XPM's."""
    with rig.open() as context:
        lying = replace(context, clock=WrongClock(rig.clock, ahead))
        return apply(lying, preview(lying, Silent(), full=True), Silent())


def kept(rig: SyncRig) -> int:
    """How many fields of the first run still have the values that undo needs."""
    with rig.open() as context:
        return sum(field.old is not None for write in context.ledger.journal.writes(1) for field in write.fields)


@pytest.fixture
def written(rig: SyncRig) -> SyncRig:
    """A run that wrote a field."""
    rig.linked(contact("Ann Lee", primary="Yes"), xpm={"phone": "02 5550 0101"}, ignition={"phone": "02 5550 0999"})
    assert run(rig, timedelta()).written == 1
    return rig


def test_values_do_not_expire_by_a_clock_that_xpm_contradicts(written: SyncRig) -> None:
    """A year ahead: nothing is deleted, however often it runs, and by how much it is ahead is known."""
    for _ in range(3):
        ahead = run(written, timedelta(days=365)).clock_ahead
        assert ahead is not None
        assert ahead.days in (364, 365)
        assert kept(written) == 1


def test_values_expire_by_a_clock_that_xpm_confirms(written: SyncRig) -> None:
    """A year later by both: they go, as they should."""
    written.clock.sleep(365 * 86_400)
    assert run(written, timedelta()).clock_ahead is None
    assert kept(written) == 0


def test_without_xpms_time_a_jump_needs_a_second_run(written: SyncRig) -> None:
    """Nothing says whether a year has passed or the clock has jumped; the first run after it deletes nothing."""
    with written.open() as context:
        written.clock.sleep(365 * 86_400)
        expire_values(context)
        assert kept(written) == 1
        expire_values(context)
    assert kept(written) == 0


@pytest.mark.parametrize("field", ["cursor", "full"])
def test_a_moment_in_the_future_means_a_full_reading(field: str) -> None:
    """It was noted by a clock that was ahead; a list of changes since then would miss some."""
    future = NOW + timedelta(days=30)
    last = LastReading(future if field == "cursor" else NOW, future if field == "full" else NOW, "shape")
    chosen = choose_reading(
        last,
        now=NOW + timedelta(hours=1),
        shape="shape",
        asked_full=False,
        full_read_days=7,
        direction=Direction.FROM_XPM,
        unsettled=frozenset,
    )
    assert chosen.full is FullBecause.AGE


def test_a_schedule_that_ran_in_the_future_is_not_in_time() -> None:
    """It ran while the clock was ahead, and not since: that is reported rather than kept quiet for a year."""
    installed = NOW - timedelta(days=10)
    note = ScheduleNote(SchedulerKind.CRON, "xpmsync", time(2, 30), tuple(Day), ("xpmsync",), installed, proved=True)
    future = NOW + timedelta(days=365)
    ran = StatusNote(RunNote("sync", future, future, 0, "done"), future, last_scheduled=future)
    assert days_overdue(note, ran, NOW) == 1
