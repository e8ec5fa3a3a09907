"""The command that a scheduler is given: absolute paths, no secret, no client's name, the same everywhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Final

from xpmsync.local.schedule.job import Day, Job, next_due
from xpmsync.local.secrets.token_file import TOKEN_FILE_VARIABLE
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import STATE_VARIABLE, Paths

__all__ = ["CARRIED", "job_for", "job_name", "owner_of", "probe_for", "program"]

CARRIED: Final = (
    STATE_VARIABLE,
    TOKEN_FILE_VARIABLE,
    "PYTHON_KEYRING_BACKEND",
    "XDG_STATE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)
"""Variables that a job is given as they are now, for schedulers start jobs with an environment of their own."""


def job_name(settings: Settings) -> str:
    """What the profile's job is called in a scheduler."""
    return f"xpmsync-{settings.profile}"


def job_for(
    settings: Settings, paths: Paths, environ: Mapping[str, str], *, at: time, days: tuple[Day, ...], now: datetime
) -> Job:
    """The job that runs the profile's sync."""
    command = _command(settings, paths, environ, "schedule", "run")
    return Job(job_name(settings), command, at, days, next_due(at, days, now).date())


def probe_for(job: Job, settings: Settings, paths: Paths, environ: Mapping[str, str], file: Path) -> Job:
    """The job that looks around once, as the scheduler would run `job`, and writes its findings to a file."""
    command = _command(settings, paths, environ, "schedule", "probe", "--out", str(file))
    return replace(job, name=f"{job.name}-probe", command=command, at=None)


def owner_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """Whose job a command is: the settings file and the state folder in it."""
    config = [word for before, word in pairwise(command) if before == "--config"]
    return (*config, *(word for word in command if word.startswith(f"{STATE_VARIABLE}=")))


def program() -> Path:
    """The Python that jobs start; on Windows the one without a console window."""
    python = Path(sys.executable).absolute()
    windowless = python.with_name("pythonw.exe")
    return windowless if sys.platform == "win32" and windowless.exists() else python


def _command(settings: Settings, paths: Paths, environ: Mapping[str, str], *words: str) -> tuple[str, ...]:
    """`-P` keeps the folder a job happens to start in from being searched for modules."""
    # A proxy's address may hold a password, and a job's command can be read by others.
    carried = {name: environ[name] for name in CARRIED if environ.get(name) and "@" not in environ[name]}
    carried[STATE_VARIABLE] = str(paths.state_root.absolute())
    given = [word for name, value in carried.items() for word in ("--with", f"{name}={value}")]
    head = ("-P", "-m", "xpmsync", "--config", str(paths.config_file), "--profile", settings.profile, "--no-input")
    return (str(program()), *head, *words, *given)
