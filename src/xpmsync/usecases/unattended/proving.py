"""Proving a schedule: the scheduler itself starts a probe, and what that saw is waited for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.job import Job, Scheduler
from xpmsync.local.system.clock import Clock
from xpmsync.usecases.context.progress import Progress
from xpmsync.usecases.unattended.probe import Findings, ask_for, read_findings, withdraw

__all__ = ["Proof", "prove"]

_LOOK: Final = 0.2
"""Seconds between looks for the findings."""


class Proof(StrEnum):
    """What the probe inside the scheduler showed."""

    PROVED = "proved"
    FAILED = "failed"
    UNPROVED = "unproved"
    """The scheduler did not start it in time, so nothing is known."""
    SKIPPED = "skipped"


def prove(
    scheduler: Scheduler, once: Job, file: Path, clock: Clock, progress: Progress
) -> tuple[Proof, Findings | None, str]:
    """Have the scheduler start the probe `once` and wait for its findings in `file`.

    The text says why nothing could be proved. Raises `StateUnusable`.
    """
    ask_for(file, clock)
    try:
        with scheduler.once(once):
            findings = _awaited(file, scheduler, clock, progress)
    except SchedulerFailed as problem:
        return Proof.UNPROVED, None, f"{problem.program}: {problem.reason}"
    finally:
        withdraw(file)
    if findings is None:
        reason = f"{scheduler.kind.label} did not start a job within {scheduler.starts_within:.0f} seconds"
        return Proof.UNPROVED, None, reason
    return (Proof.FAILED if findings.exit_code else Proof.PROVED), findings, ""


def _awaited(file: Path, scheduler: Scheduler, clock: Clock, progress: Progress) -> Findings | None:
    # Looks are counted, not the clock's hands: those may be put right meanwhile.
    for look in range(int(scheduler.starts_within / _LOOK)):
        if findings := read_findings(file):
            return findings
        progress.step(f"Waiting for {scheduler.kind.label} to start the probe (seconds)", int(look * _LOOK))
        clock.sleep(_LOOK)
    return read_findings(file)
