"""Guards: limits that stop a whole plan before its first write.

By count and by share, because five hundred changes are nothing for a practice of
ten thousand clients and everything for one of six hundred. What trips a guard is
usually right for one time: a person looks, and goes ahead knowingly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.core.plan.plan import ChangeKind, Plan

_FEWEST_MISSING: Final = 2
_ATTENDED: Final = 2
"""At a terminal a person confirms every plan, so twice as much passes."""


class Guard(StrEnum):
    """The guards; the values are the words for `--allow`."""

    CHANGES = "changes"
    CREATIONS = "creations"
    NAMES = "names"
    CLEARS = "clears"
    SOURCE = "source"
    TARGET = "target"
    PRACTICE = "practice"
    SETTINGS = "settings"

    @property
    def counts(self) -> bool:
        """Whether it has a number that `--allow` raises; the others are lifted as a whole."""
        return self not in (Guard.SOURCE, Guard.TARGET, Guard.PRACTICE, Guard.SETTINGS)


_CAUSES: Final = {
    Guard.CHANGES: "A bulk edit, an import into the source, or the wrong direction can be the cause.",
    Guard.CREATIONS: "Contacts were added in bulk, or their names and e-mails changed so that they no longer pair.",
    Guard.NAMES: "A bulk rename, clients linked to the wrong partners, or the wrong direction can be the cause.",
    Guard.CLEARS: "The source may have lost values, for example by an import with empty columns.",
    Guard.SOURCE: "The source has far fewer clients than before: another practice, or lost access, perhaps.",
    Guard.TARGET: "The export was filtered, is not whole, or is of another practice.",
    Guard.PRACTICE: "This profile was used with another practice before.",
    Guard.SETTINGS: "Direction, level or filters changed since the last run, and nobody has looked at a preview yet.",
}


@dataclass(frozen=True, slots=True)
class GuardLimit:
    """At most `count`; and from `floor` on at most `share` percent of the linked clients."""

    count: int
    share: int
    floor: int

    def of(self, linked: int, *, attended: bool) -> int:
        """The most that passes for that many linked clients."""
        factor = _ATTENDED if attended else 1
        by_share = max(self.floor, linked * self.share // 100)
        return min(self.count, by_share) * factor


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """The limits in force.

    `shrunk_share` is the percentage of its former clients the source must still
    have, `missing_share` that of the linked clients which the target's file may lack.
    """

    counted: Mapping[Guard, GuardLimit]
    shrunk_share: int
    missing_share: int = 100


@dataclass(frozen=True, slots=True)
class GuardContext:
    """What guards look at beside the plan.

    `source_clients` is how many clients a full reading of the source found, None
    where only a part was read; `source_before` the same of the last full run.
    `target_missing` is how many linked clients the target's file does not have.
    """

    linked: int
    attended: bool
    source_clients: int | None = None
    source_before: int | None = None
    target_missing: int = 0
    other_practice: bool = False
    unseen_settings: bool = False


@dataclass(frozen=True, slots=True)
class Tripped:
    """A guard that stops the plan: what was found, the limit, and the likely cause."""

    guard: Guard
    found: int
    limit: int
    cause: str

    @property
    def allowance(self) -> str:
        """What `--allow` needs to let this pass once."""
        return f"{self.guard.value}={self.found}" if self.guard.counts else self.guard.value


def check(plan: Plan, limits: GuardLimits, context: GuardContext, allowed: Mapping[Guard, int]) -> tuple[Tripped, ...]:
    """Return the guards that the plan trips. `allowed` lifts limits for this run only."""
    found = {
        Guard.CHANGES: len({change.client for change in plan.changes}),
        Guard.CREATIONS: sum(change.kind is not ChangeKind.FIELD for change in plan.changes),
        Guard.NAMES: sum(change.field == "name" for change in plan.changes),
        Guard.CLEARS: sum(change.kind is ChangeKind.FIELD and not change.new for change in plan.changes),
    }
    tripped = []
    for guard, limit in limits.counted.items():
        most = max(limit.of(context.linked, attended=context.attended), allowed.get(guard, 0))
        if found[guard] > most:
            tripped.append(Tripped(guard, found[guard], most, _CAUSES[guard]))
    # These two also where there is nothing to write, or the next run would take this one's figures for usual.
    if (shrunk := _shrunk(limits, context)) is not None and Guard.SOURCE not in allowed:
        tripped.append(shrunk)
    if is_shrunken(context.target_missing, context.linked, limits.missing_share) and Guard.TARGET not in allowed:
        most = context.linked * limits.missing_share // 100
        tripped.append(Tripped(Guard.TARGET, context.target_missing, most, _CAUSES[Guard.TARGET]))
    unseen = context.unseen_settings and bool(plan.changes)
    for guard, applies in ((Guard.PRACTICE, context.other_practice), (Guard.SETTINGS, unseen)):
        if applies and guard not in allowed:
            tripped.append(Tripped(guard, 1, 0, _CAUSES[guard]))
    return tuple(tripped)


def is_shrunken(missing: int, linked: int, share: int) -> bool:
    """Whether so many of the linked clients are missing that the file was probably filtered."""
    return missing >= _FEWEST_MISSING and missing * 100 > linked * share


def practice_tripped() -> Tripped:
    """The guard against another practice, before there is a plan."""
    return Tripped(Guard.PRACTICE, 1, 0, _CAUSES[Guard.PRACTICE])


def _shrunk(limits: GuardLimits, context: GuardContext) -> Tripped | None:
    """An emptied or suddenly small source."""
    now, before = context.source_clients, context.source_before
    if now is None or not before:
        return None
    least = before * limits.shrunk_share // 100
    return Tripped(Guard.SOURCE, now, least, _CAUSES[Guard.SOURCE]) if now < least or not now else None
