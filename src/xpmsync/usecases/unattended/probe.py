"""The probe: what a scheduled run would see of keyring, XPM and Ignition, found out from inside the scheduler.

`schedule install` asks for it by a file, has the scheduler start it, and reads its
findings from another file. A probe that nobody asked for does nothing.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.errors import SchedulerFailed, XpmsyncError
from xpmsync.local.schedule.job import Job, Scheduler
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import DEMO_PROFILE, Route, Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.files import remove_file, write_private
from xpmsync.local.system.json_files import read_table
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import Progress, Silent, SyncContext
from xpmsync.usecases.context.open import open_context
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE

_FORMAT: Final = 1
_ASKED_LASTS: Final = timedelta(minutes=15)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""An id that no client has: asking for it proves the sign-in where nothing is linked yet."""


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One thing that was tried: `keyring`, `xpm` or `ignition`. `error` is why it did not work, None where it did."""

    name: str
    message: str
    milliseconds: float
    error: XpmsyncError | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a probe wrote down: each step's words, and of the first that failed the code, hint and exit code."""

    steps: tuple[tuple[str, str], ...]
    code: str = ""
    message: str = ""
    hint: str = ""
    exit_code: int = 0


def check_access(
    settings: Settings,
    paths: ProfilePaths,
    environ: Mapping[str, str],
    *,
    attended: bool,
    keyring: bool = True,
    clock: Clock | None = None,
) -> tuple[ProbeStep, ...]:
    """Try the `keyring`, then read one client from XPM and from Ignition; ends at the first step that fails.

    Two calls at most, and nothing is written to either system.
    """
    steps: list[ProbeStep] = []

    def attempt(name: str, step: Callable[[], str]) -> bool:
        before = time.perf_counter()
        try:
            message, error = step(), None
        except XpmsyncError as problem:
            message, error = "", problem
        steps.append(ProbeStep(name, message, (time.perf_counter() - before) * 1000, error))
        return error is None

    if keyring and not attempt("keyring", lambda: _keyring(settings, environ, attended=attended)):
        return tuple(steps)
    try:
        with open_context(settings, paths, environ, attended=attended, progress=Silent(), clock=clock) as context:
            if attempt("xpm", lambda: _one_client(context, System.XPM)):
                attempt("ignition", lambda: _one_client(context, System.IGNITION))
    except XpmsyncError as problem:
        steps.append(ProbeStep("open", "", 0.0, problem))
    return tuple(steps)


def request_probe(file: Path, clock: Clock) -> None:
    """Ask for a probe whose findings go to `file`; raises `StateUnusable`."""
    cancel_probe(file)
    write_private(_asked(file), clock.now().isoformat(timespec="seconds"))


def requested_probe(file: Path, clock: Clock) -> bool:
    """Whether somebody waits for findings in `file`, and none are there yet."""
    try:
        since = datetime.fromisoformat(_asked(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return abs(clock.now() - since) < _ASKED_LASTS and not file.exists()


def cancel_probe(file: Path) -> None:
    """Take back the question, and the findings."""
    remove_file(_asked(file))
    remove_file(file)


def write_findings(file: Path, findings: Findings) -> None:
    """Write the findings for the one who asked; raises `StateUnusable`."""
    table = {
        "xpmsync_probe": _FORMAT,
        "steps": [list(step) for step in findings.steps],
        "code": findings.code,
        "message": findings.message,
        "hint": findings.hint,
        "exit_code": findings.exit_code,
    }
    write_private(file, json.dumps(table, indent=1) + "\n")


def read_findings(file: Path) -> Findings | None:
    """The findings, None while there are none."""
    table = read_table(file)
    if table.get("xpmsync_probe") != _FORMAT:
        return None
    steps = table.get("steps")
    pairs = tuple((str(step[0]), str(step[1])) for step in steps) if isinstance(steps, list) else ()
    words = {name: str(table.get(name, "")) for name in ("code", "message", "hint")}
    exit_code = table.get("exit_code")
    found = Findings(pairs, words["code"], words["message"], words["hint"])
    return replace(found, exit_code=exit_code if isinstance(exit_code, int) else 1)


def _keyring(settings: Settings, environ: Mapping[str, str], *, attended: bool) -> str:
    if settings.profile == DEMO_PROFILE:
        return "the simulator needs none"
    if settings.xpm.route is XpmRoute.FILES and settings.ignition.route is not Route.MCP:
        return "not needed for files"
    if environ.get(ACCESS_TOKEN_VARIABLE, "").strip():
        return f"not needed, {ACCESS_TOKEN_VARIABLE} is set"
    probe = open_vault(environ, attended=attended).probe()
    return f"{probe.where}: written, read and deleted in {probe.write_ms + probe.read_ms + probe.delete_ms:.0f} ms"


def _one_client(context: SyncContext, system: System) -> str:
    link = next(iter(context.ledger.links()), None)
    found = context.store(system).get(link.id_in(system) if link else _NOBODY)
    if link is None:
        return "answered; no client is linked yet that could be read"
    return "one client read" if found else "answered; the first linked client is not there"


def _asked(file: Path) -> Path:
    return file.with_name(f"{file.name}.asked")


_LOOK: Final = 0.2
"""Seconds between looks for the findings."""


class Proof(StrEnum):
    """What the probe inside the scheduler showed."""

    PROVED = "proved"
    FAILED = "failed"
    UNPROVED = "unproved"
    """The scheduler did not start it in time, so nothing is known."""
    SKIPPED = "skipped"


def run_probe(
    scheduler: Scheduler, once: Job, file: Path, clock: Clock, progress: Progress
) -> tuple[Proof, Findings | None, str]:
    """Have the scheduler start the probe `once` and wait for its findings in `file`.

    The text says why nothing could be proved. Raises `StateUnusable`.
    """
    request_probe(file, clock)
    try:
        with scheduler.once(once):
            findings = _awaited(file, scheduler, clock, progress)
    except SchedulerFailed as problem:
        return Proof.UNPROVED, None, f"{problem.program}: {problem.reason}"
    finally:
        cancel_probe(file)
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
