"""The rate limiter: shared by all processes of this machine, on a clock that only moves when told."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from xpmsync.core.enums import System
from xpmsync.errors import CallLimit
from xpmsync.local.net.rate_limit import Allowance, RateLimiter, parse_retry_after

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def limiter(folder: Path, clock: FakeClock, *, a_minute: int = 3, an_hour: int = 0) -> RateLimiter:
    """The limiter as each process opens it."""
    limits = Allowance(a_minute, an_hour)
    return RateLimiter(folder / "limits.sqlite", system=System.XPM, clock=clock, limits=limits)


def test_a_minute_takes_its_calls_and_then_waits(tmp_path: Path) -> None:
    """The fourth call waits until the first is a minute old."""
    clock = FakeClock()
    limited = limiter(tmp_path, clock)
    for _ in range(3):
        limited.acquire()
        clock.sleep(10)
    limited.acquire()
    assert clock.now() == FakeClock().now() + timedelta(seconds=60)


def test_two_processes_count_together(tmp_path: Path) -> None:
    """Two terminals must not count alone."""
    clock = FakeClock()
    one, other = limiter(tmp_path, clock), limiter(tmp_path, clock)
    for each in (one, other, one, other):
        each.acquire()
    assert clock.now() - FakeClock().now() >= timedelta(seconds=60)
    assert one.used_today() == other.used_today() == 4


def test_a_full_hour_is_not_waited_out(tmp_path: Path) -> None:
    """The run ends and says when there is room again."""
    clock = FakeClock()
    limited = limiter(tmp_path, clock, a_minute=60, an_hour=5)
    for _ in range(5):
        limited.acquire()
        clock.sleep(60)
    with pytest.raises(CallLimit) as full:
        limited.acquire()
    assert full.value.limit == "hour"
    assert full.value.resets == FakeClock().now() + timedelta(hours=1)


def test_a_day_limit_stops_every_process_until_it_is_over(tmp_path: Path) -> None:
    """Before a single call is counted."""
    clock = FakeClock()
    until = clock.now() + timedelta(hours=18)
    limiter(tmp_path, clock).pause_until(until)
    with pytest.raises(CallLimit) as blocked:
        limiter(tmp_path, clock).acquire()
    assert (blocked.value.limit, blocked.value.resets) == ("day", until)
    assert limiter(tmp_path, clock).used_today() == 0
    clock.sleep(18 * 3600)
    limiter(tmp_path, clock).acquire()


def test_a_call_is_forgotten_after_a_day(tmp_path: Path) -> None:
    """The window rolls."""
    clock = FakeClock()
    limiter(tmp_path, clock).acquire()
    clock.sleep(86_399)
    assert limiter(tmp_path, clock).used_today() == 1
    clock.sleep(2)
    assert limiter(tmp_path, clock).used_today() == 0


def test_a_clock_that_jumps_back_blocks_nobody(tmp_path: Path) -> None:
    """Calls counted in what is now the future are dropped."""
    clock = FakeClock()
    limited = limiter(tmp_path, clock)
    for _ in range(3):
        limited.acquire()
    clock.sleep(-7200)
    before = clock.now()
    limited.acquire()
    assert clock.now() == before


def test_the_days_allowance_as_the_system_told_it(tmp_path: Path) -> None:
    """With the moment it was told."""
    clock = FakeClock()
    assert limiter(tmp_path, clock).day_remaining() is None
    limiter(tmp_path, clock).note_day_remaining(4999)
    assert limiter(tmp_path, clock).day_remaining() == (4999, clock.now())


def test_asking_creates_no_file(tmp_path: Path) -> None:
    """`status` on a new profile leaves nothing behind."""
    asked = limiter(tmp_path, FakeClock())
    assert (asked.used_today(), asked.day_remaining()) == (0, None)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    """It only counts calls: no command fails for it, `status` neither."""
    (tmp_path / "limits.sqlite").write_bytes(b"no database at all, really none" * 40)
    assert limiter(tmp_path, FakeClock()).used_today() == 0
    limiter(tmp_path, FakeClock()).acquire()
    assert limiter(tmp_path, FakeClock()).used_today() == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_the_file_is_private(tmp_path: Path) -> None:
    """Like everything else in the state folder."""
    limiter(tmp_path, FakeClock()).acquire()
    assert (tmp_path / "limits.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("22", 22.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Sun, 22 Nov 2026 09:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("", 1.0),
        ("soon", 1.0),
        ("nan", 0.0),
        ("infinity", 31 * 86_400.0),
        ("9" * 400, 31 * 86_400.0),
    ],
)
def test_retry_after_in_every_form(header: str, seconds: float) -> None:
    """Seconds, an HTTP date, nonsense; never longer than a month, never a crash."""
    assert parse_retry_after(header, now=NOW) == seconds
