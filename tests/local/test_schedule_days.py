"""Times, days, and when a job is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from xpmsync.errors import UsageError
from xpmsync.local.schedule.job import (
    EVERY_DAY,
    Day,
    days_in_words,
    last_due,
    next_due,
    parse_days,
    parse_time,
)

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
some_days = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda found: tuple(d for d in EVERY_DAY if d in found))
clock_times = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@pytest.mark.parametrize(("text", "found"), [("02:30", time(2, 30)), ("2:05", time(2, 5)), (" 23:59 ", time(23, 59))])
def test_a_time_of_day_is_read(text: str, found: time) -> None:
    """Hours and minutes, with or without a leading zero."""
    assert parse_time(text) == found


@pytest.mark.parametrize("text", ["", "24:00", "2.30", "02:60", "2am", "02:30:00", "half past two"])
def test_other_times_are_refused(text: str) -> None:
    """What is no time of the day is refused with an example."""
    with pytest.raises(UsageError) as raised:
        parse_time(text)
    assert "--at 02:30" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mon-fri", "mon-fri"),
        ("daily", "daily"),
        ("weekdays", "mon-fri"),
        ("weekend", "sat,sun"),
        ("sat-mon", "mon,sat,sun"),
        ("FRI, mon", "mon,fri"),
        ("mon-sun", "daily"),
        ("wed", "wed"),
        ("tue,mon,wed-wed", "mon-wed"),
    ],
)
def test_days_are_read_and_said_in_the_shortest_way(text: str, words: str) -> None:
    """Ranges wrap around the week, order and capitals do not matter."""
    assert days_in_words(parse_days(text)) == words


@pytest.mark.parametrize("text", ["", "monday", "mon-", "mon..fri", "1-5", "mon,,tue"])
def test_other_days_are_refused(text: str) -> None:
    """What is no day of the week is refused with an example."""
    with pytest.raises(UsageError) as raised:
        parse_days(text)
    assert "--days mon-fri" in raised.value.hint


@given(days=some_days)
def test_days_in_words_read_back(days: tuple[Day, ...]) -> None:
    """What is said of any choice of days means that choice."""
    assert parse_days(days_in_words(days)) == days


@given(days=some_days, at=clock_times, minutes=st.integers(0, 60 * 24 * 400))
def test_the_next_and_the_last_moment_surround_now(days: tuple[Day, ...], at: time, minutes: int) -> None:
    """Both fall on a chosen day, at most a week (and an hour of daylight saving) away, with now between them."""
    now = MONDAY + timedelta(minutes=minutes)
    before, after = last_due(at, days, now), next_due(at, days, now)

    assert before <= now < after
    assert {EVERY_DAY[before.weekday()], EVERY_DAY[after.weekday()]} <= set(days)
    assert max(now - before, after - now) <= timedelta(days=7, hours=1)
