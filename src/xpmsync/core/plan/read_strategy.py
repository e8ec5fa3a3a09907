"""How much of XPM a run has to read: everything, or what changed plus single clients.

Calls are scarce (60 a minute, some thousands a day) and a full answer is large,
but `modifiedsince` misses some edits (facts, 2.2), so everything is read again
every few days.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import Direction

MOST_SINGLE_READS: Final = 20
"""Above that many clients to look up one by one, a full list is the cheaper way."""


class FullBecause(StrEnum):
    """Why everything is read; the value is the sentence for people."""

    ASKED = "asked for with --full"
    FIRST = "the first reading"
    SETTINGS = "the settings changed"
    AGE = "the last full reading is too old"
    EDITS = "Ignition has changes to carry over"
    MANY = "many clients changed in Ignition"
    FILE = "an export is always read whole"


@dataclass(frozen=True, slots=True)
class LastReading:
    """What the ledger knows: the cursor, the last full reading (both UTC), and what shaped that run."""

    cursor: datetime | None = None
    full: datetime | None = None
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A full list (`full` says why), or the clients changed `since` then plus `singles` to be looked up."""

    full: FullBecause | None = None
    since: datetime | None = None
    singles: frozenset[str] = frozenset()


def choose_reading(
    last: LastReading,
    *,
    now: datetime,
    shape: str,
    asked_full: bool,
    full_read_days: int,
    direction: Direction,
    unsettled: Callable[[], frozenset[str]],
    from_file: bool = False,
) -> Reading:
    """Choose the cheapest reading that misses nothing.

    `unsettled` returns the XPM ids of links whose Ignition record is not as after the
    last run, and is only asked where it matters. In the from-xpm direction each costs one read;
    in the to-xpm direction all of them are about to be written, and a list call shows what XPM
    holds now. XPM's exports (`from_file`) cost nothing, and only a whole reading shows who is missing.
    """
    if asked_full:
        return Reading(FullBecause.ASKED)
    if last.cursor is None or last.full is None:
        return Reading(FullBecause.FIRST)
    if last.shape != shape:
        return Reading(FullBecause.SETTINGS)
    # Moments in the future were noted by a clock that was ahead: a list since then would miss changes.
    if now - last.full >= timedelta(days=full_read_days) or max(last.full, last.cursor) > now:
        return Reading(FullBecause.AGE)
    if from_file:
        return Reading(FullBecause.FILE)
    singles = unsettled()
    if singles and direction is Direction.TO_XPM:
        return Reading(FullBecause.EDITS)
    if len(singles) > MOST_SINGLE_READS:
        return Reading(FullBecause.MANY)
    return Reading(since=last.cursor, singles=singles)
