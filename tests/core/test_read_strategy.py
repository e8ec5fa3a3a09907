"""How much of XPM a run reads: the cheapest reading that misses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from xpmsync.core.enums import Direction
from xpmsync.core.plan.read_strategy import MOST_SINGLE_READS, FullBecause, LastReading, Reading, choose_reading

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
LAST = LastReading(cursor=YESTERDAY, full=NOW - timedelta(days=3), shape="s")


def choose(
    last: LastReading = LAST,
    *,
    shape: str = "s",
    asked_full: bool = False,
    days: int = 7,
    direction: Direction = Direction.FROM_XPM,
    unsettled: Callable[[], frozenset[str]] = frozenset,
) -> Reading:
    """The choice, an ordinary incremental run unless told otherwise."""
    return choose_reading(
        last,
        now=NOW,
        shape=shape,
        asked_full=asked_full,
        full_read_days=days,
        direction=direction,
        unsettled=unsettled,
    )


@pytest.mark.parametrize("direction", Direction)
def test_what_changed_since_the_cursor(direction: Direction) -> None:
    """The usual run reads what changed, and looks nobody up."""
    assert choose(direction=direction) == Reading(since=YESTERDAY)


def test_from_xpm_looks_up_what_was_edited_in_ignition() -> None:
    """XPM's list does not hold them, so each costs one call."""
    assert choose(unsettled=lambda: frozenset({"c1"})) == Reading(since=YESTERDAY, singles=frozenset({"c1"}))


def test_to_xpm_reads_everything_when_ignition_has_edits() -> None:
    """All of them are about to be written, and one list tells what XPM holds."""
    found = choose(direction=Direction.TO_XPM, unsettled=lambda: frozenset({"c1"}))
    assert found == Reading(FullBecause.EDITS)


def test_many_single_reads_are_dearer_than_a_list() -> None:
    """Twenty look-ups at most."""
    some = frozenset(str(number) for number in range(MOST_SINGLE_READS))
    assert choose(unsettled=lambda: some).singles == some
    assert choose(unsettled=lambda: some | {"one more"}) == Reading(FullBecause.MANY)


@pytest.mark.parametrize(
    ("last", "because"),
    [
        (LastReading(), FullBecause.FIRST),
        (LastReading(cursor=YESTERDAY, shape="s"), FullBecause.FIRST),
        (LastReading(YESTERDAY, YESTERDAY, "other"), FullBecause.SETTINGS),
        (LastReading(YESTERDAY, NOW - timedelta(days=7), "s"), FullBecause.AGE),
        (LastReading(YESTERDAY, NOW + timedelta(days=1), "s"), FullBecause.AGE),
    ],
)
def test_when_everything_is_read(last: LastReading, because: FullBecause) -> None:
    """At first, after other settings, after seven days, and when the clock has jumped back."""
    assert choose(last) == Reading(because)


def test_everything_on_request_and_always_with_zero_days() -> None:
    """--full, and full_read_days = 0."""
    assert choose(asked_full=True) == Reading(FullBecause.ASKED)
    assert choose(days=0) == Reading(FullBecause.AGE)


def test_a_full_reading_asks_nothing_about_single_clients() -> None:
    """Fingerprints are only compared where the answer matters."""

    def never() -> frozenset[str]:
        raise AssertionError("asked without need")

    assert choose(asked_full=True, unsettled=never).full is FullBecause.ASKED
    assert choose(LastReading(), unsettled=never).full is FullBecause.FIRST
