"""Running by itself: put a profile's sync into the scheduler, prove it from the inside, look after it, take it out.

The command that a scheduler is given has absolute paths, no secret and no client's name.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed, UsageError
from xpmsync.local.ledger.summary import StatusNote, read_status
from xpmsync.local.schedule import registry
from xpmsync.local.schedule.job import EVERY_DAY, Day, InstalledJob, Job, Scheduler, next_due
from xpmsync.local.secrets.backends import TOKEN_FILE_VARIABLE
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import STATE_VARIABLE, Paths
from xpmsync.usecases.context.context import Progress
from xpmsync.usecases.unattended.probe import Findings, Proof, run_probe
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE

_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
CARRIED: Final = (
    STATE_VARIABLE,
    TOKEN_FILE_VARIABLE,
    "PYTHON_KEYRING_BACKEND",
    "XDG_STATE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    *_PROXIES,
    "NO_PROXY",
    "no_proxy",
)
"""Variables that a job is given as they are now, for schedulers start jobs with an environment of their own."""


def job_name(settings: Settings) -> str:
    """What the profile's job is called in a scheduler."""
    return f"xpmsync-{settings.profile}"


def job_for(
    settings: Settings,
    paths: Paths,
    environ: Mapping[str, str],
    *,
    at: time,
    days: tuple[Day, ...],
    now: datetime,
    wake: bool = False,
) -> Job:
    """The job that runs the profile's sync."""
    command = _command(settings, paths, environ, "schedule", "run")
    return Job(job_name(settings), command, at, days, next_due(at, days, now).date(), wake)


def probe_for(job: Job, settings: Settings, paths: Paths, environ: Mapping[str, str], file: Path) -> Job:
    """The job that checks access once, as the scheduler would run `job`, and writes its findings to a file."""
    command = _command(settings, paths, environ, "schedule", "probe", "--out", str(file))
    return replace(job, name=f"{job.name}-probe", command=command, at=None)


def owner_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """Whose job a command is: the settings file and the state folder in it."""
    config = [word for before, word in pairwise(command) if before == "--config"]
    return (*config, *(word for word in command if word.startswith(f"{STATE_VARIABLE}=")))


def left_out(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that a job is not given, because others can read its command and their values hold a password."""
    return tuple(name for name in _PROXIES if "@" in urlsplit(environ.get(name, "")).netloc)


def is_single_file() -> bool:
    """Whether this is the program without Python, which a job starts itself."""
    return bool(getattr(sys, "frozen", False))


def program() -> Path:
    """What jobs start: the single file, else Python; on Windows the one without a console window."""
    python = Path(sys.executable).absolute()
    windowless = python.with_name("pythonw.exe")
    return windowless if sys.platform == "win32" and windowless.exists() else python


def _command(settings: Settings, paths: Paths, environ: Mapping[str, str], *words: str) -> tuple[str, ...]:
    """`-P` keeps the folder a job happens to start in from being searched for modules."""
    secret = left_out(environ)
    carried = {name: environ[name] for name in CARRIED if environ.get(name) and name not in secret}
    carried[STATE_VARIABLE] = str(paths.state_root.absolute())
    given = [word for name, value in carried.items() for word in ("--with", f"{name}={value}")]
    start = () if is_single_file() else ("-P", "-m", "xpmsync")
    profile = ("--config", str(paths.config_file), "--profile", settings.profile, "--no-input")
    return (str(program()), *start, *profile, *words, *given)


class ScheduleState(StrEnum):
    """Whether a schedule is in place."""

    NONE = "none"
    INSTALLED = "installed"
    MISSING = "missing"
    """It was installed, and the scheduler no longer has it."""
    DISABLED = "disabled"
    ALTERED = "altered"
    """The scheduler has something else under its name."""
    PROGRAM_GONE = "program-gone"
    """The Python it starts is no longer there."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install` did. `note` is None where the probe failed and nothing was installed.

    `conditions` says when it runs and when not; `replaced` is the schedule of the
    same practice that it took the place of; `reason` says why nothing could be proved.
    """

    job: Job
    kind: SchedulerKind
    conditions: str
    can_wake: bool
    proof: Proof
    findings: Findings | None
    note: registry.ScheduleNote | None
    replaced: registry.ScheduleNote | None = None
    reason: str = ""
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What `remove` did: `existed` says whether there was such a job."""

    name: str
    kind: SchedulerKind
    existed: bool


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A profile's schedule as it was noted and as the scheduler has it; `overdue` counts whole days, 0 for none."""

    state: ScheduleState
    note: registry.ScheduleNote | None = None
    status: StatusNote | None = None
    next_run: datetime | None = None
    overdue: int = 0
    conditions: str = ""


def install(
    settings: Settings,
    paths: Paths,
    environ: Mapping[str, str],
    scheduler: Scheduler,
    *,
    at: time,
    days: tuple[Day, ...],
    clock: Clock,
    progress: Progress,
    wake: bool = False,
    probe: bool = True,
    replace_other: bool = False,
) -> Installed:
    """Prove it from inside the scheduler, then install the profile's job.

    A job of this profile is replaced. Raises `UsageError` where the name belongs
    to another practice's job, or another scheduler has one, unless `replace_other`,
    or where this one cannot wake the computer; and `SchedulerFailed`, at once where
    it cannot start the probe.
    """
    if wake and not scheduler.can_wake:
        raise UsageError(
            f"{scheduler.kind.label} cannot wake this computer for a run.",
            "Leave --wake out, and choose a time at which the computer is awake.",
        )
    obstacle = scheduler.obstacle()
    if obstacle and probe:
        raise SchedulerFailed(scheduler.kind.value, obstacle)
    state = paths.profile(settings.profile).ready()
    job = job_for(settings, paths, environ, at=at, days=days, now=clock.now(), wake=wake)
    noted = registry.read_schedule(state)
    found = scheduler.find(job.name)
    other = _elsewhere(noted, scheduler.kind)
    if not replace_other:
        _refuse_others(job, found, other, settings.command_line("schedule", "remove"))
    proof, findings, reason = Proof.SKIPPED, None, ""
    if probe:
        file = state.folder / "probe.json"
        once = probe_for(job, settings, paths, environ, file)
        proof, findings, reason = run_probe(scheduler, once, file, clock, progress)
    done = Installed(
        job,
        scheduler.kind,
        scheduler.conditions(wake=wake),
        scheduler.can_wake,
        proof,
        findings,
        None,
        reason=reason,
        cautions=(*((f"{obstacle[0].upper()}{obstacle[1:]}.",) if obstacle else ()), *_cautions(environ)),
    )
    if proof is Proof.FAILED:
        return done
    scheduler.install(job)
    back = scheduler.find(job.name)
    if back is None or (back.command and back.command != job.command):
        raise SchedulerFailed(scheduler.kind.value, "what was installed could not be read back from the scheduler")
    if other is not None:
        other.remove(job.name)
    note = registry.ScheduleNote(
        scheduler.kind, job.name, at, days, job.command, clock.now(), proof is Proof.PROVED, wake
    )
    registry.write_schedule(state, note)
    before = noted if noted and found and owner_of(found.command) == owner_of(job.command) else None
    return replace(done, note=note, replaced=before)


def remove(settings: Settings, paths: Paths, clock: Clock, scheduler: Scheduler | None = None) -> Removed:
    """Take the profile's job out of the given scheduler, else of the one it was installed with.

    Raises `UsageError` where the job of that name belongs to another practice, and
    `SchedulerFailed`.
    """
    state = paths.profile(settings.profile)
    noted = registry.read_schedule(state)
    scheduler = scheduler or registry.open_scheduler(noted.kind if noted else None)
    name = job_name(settings)
    scheduler.remove(f"{name}-probe")
    found = scheduler.find(name)
    mine = job_for(settings, paths, {}, at=time(), days=EVERY_DAY, now=clock.now())
    if found is not None and found.command and owner_of(found.command) != owner_of(mine.command):
        raise UsageError(
            f"The schedule {name} in {scheduler.kind.label} belongs to another settings file or state folder.",
            "Remove it with the --config and XPMSYNC_STATE_DIR that it was installed with.",
        )
    removed = scheduler.remove(name)
    if noted is not None and noted.kind is scheduler.kind:
        registry.forget_schedule(state)
    return Removed(name, scheduler.kind, removed)


def schedule_status(
    settings: Settings, paths: Paths, clock: Clock, scheduler: Scheduler | None = None
) -> ScheduleStatus:
    """Whether the profile's schedule is in place, asking the scheduler that it was installed with."""
    state = paths.profile(settings.profile)
    note, status = registry.read_schedule(state), read_status(state)
    if note is None:
        return ScheduleStatus(ScheduleState.NONE, status=status)
    scheduler = scheduler or registry.open_scheduler(note.kind)
    found = scheduler.find(note.name)
    due = next_due(note.at, note.days, clock.now())
    overdue = registry.days_overdue(note, status, clock.now())
    return ScheduleStatus(_state(note, found), note, status, due, overdue, scheduler.conditions(wake=note.wake))


def _cautions(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What works in this shell and will not work in the schedule."""
    cautions = []
    if environ.get(ACCESS_TOKEN_VARIABLE, "").strip():
        cautions.append(
            f"{ACCESS_TOKEN_VARIABLE} is set in this shell; the schedule does not have it and uses the keyring."
        )
    if names := left_out(environ):
        cautions.append(
            f"{' and '.join(names)} is not given to the schedule, because its address holds a password that others"
            " could read there; the schedule uses this computer's own proxy settings."
        )
    return tuple(cautions)


def _elsewhere(noted: registry.ScheduleNote | None, kind: SchedulerKind) -> Scheduler | None:
    """The other scheduler that has this profile's job, so that it would run twice."""
    if noted is None or noted.kind is kind:
        return None
    with suppress(SchedulerFailed):
        other = registry.open_scheduler(noted.kind)
        return other if other.find(noted.name) else None
    return None


def _refuse_others(job: Job, found: InstalledJob | None, other: Scheduler | None, remove: str) -> None:
    # One without a command was commented out or damaged by hand: nobody knows whose it was, and it does nothing.
    if found is not None and found.command and owner_of(found.command) != owner_of(job.command):
        raise UsageError(
            f"A schedule called {job.name} is installed already, for another settings file or state folder.",
            "Give this practice a profile name of its own, or take the place of the other with --replace.",
        )
    if other is not None:
        raise UsageError(
            f"This profile is scheduled with {other.kind.label} already; twice would be once too often.",
            f"Remove it first with: {remove}. Or change over with --replace.",
        )


def _state(note: registry.ScheduleNote, found: InstalledJob | None) -> ScheduleState:
    if found is None:
        return ScheduleState.MISSING
    if found.command and found.command != note.command:
        return ScheduleState.ALTERED
    if not found.enabled:
        return ScheduleState.DISABLED
    return ScheduleState.INSTALLED if Path(note.command[0]).exists() else ScheduleState.PROGRAM_GONE
