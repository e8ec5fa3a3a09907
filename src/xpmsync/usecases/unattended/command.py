"""The command that a scheduler is given: absolute paths, no secret, no client's name, the same everywhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from xpmsync.local.schedule.job import Day, Job, next_due
from xpmsync.local.secrets.backends import TOKEN_FILE_VARIABLE
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import STATE_VARIABLE, Paths

__all__ = ["CARRIED", "is_single_file", "job_for", "job_name", "left_out", "owner_of", "probe_for", "program"]

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
