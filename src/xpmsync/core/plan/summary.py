"""A plan in short: what of it waits for a person, one line for notifications, and its riskiest changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from xpmsync.core.plan.plan import Change, ChangeKind, Hold, HoldCode, Plan

__all__ = ["holds_for_a_person", "plan_line", "riskiest", "summary_line"]

_NOT_FOR_A_PERSON: Final = frozenset(
    {
        HoldCode.LEVEL,
        HoldCode.DIRECTION,
        HoldCode.BLANK_SOURCE,
        HoldCode.ROUTE_CANNOT,
        HoldCode.CONTACT_ONLY_IN_TARGET,
    }
)
"""Holds that follow from the settings or the systems: a person who reads them each morning can change nothing."""


def holds_for_a_person(holds: Iterable[Hold]) -> Counter[str]:
    """How many holds of each code a person should decide on."""
    return Counter(hold.code.value for hold in holds if hold.code not in _NOT_FOR_A_PERSON)


def plan_line(plan: Plan) -> str:
    """A plan that is not applied yet, in one line."""
    return summary_line(len(plan.changes), holds_for_a_person(plan.holds), written=False)


def summary_line(changes: int, waiting: Mapping[str, int], *, written: bool) -> str:
    """A plan or a run in one line, such as `3 changed, 2 wait for you, 1 file to upload`.

    `waiting` counts by hold code, `failed` and `upload`; `written` says that the changes were made.
    """
    counts = dict(waiting)
    files, failed = counts.pop("upload", 0), counts.pop("failed", 0)
    number = sum(counts.values())
    parts = [f"{changes:,} changed" if written else f"{changes:,} to change"]
    if number:
        parts.append(f"{number:,} {'waits' if number == 1 else 'wait'} for you")
    if files:
        parts.append(f"{files:,} {'file' if files == 1 else 'files'} to upload")
    if failed:
        parts.append(f"{failed:,} failed")
    return ", ".join(parts)


def riskiest(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that a person should read in full: client names, overridden edits, new contacts and clients."""
    ranked = [(rank, change) for change in changes if (rank := _rank(change)) is not None]
    return tuple(change for _, change in sorted(ranked, key=lambda entry: entry[0]))


def _rank(change: Change) -> int | None:
    if change.field == "name":
        return 0 if change.overrides_edit else 1
    if change.overrides_edit:
        return 2
    return 3 if change.kind is not ChangeKind.FIELD else None
