"""What all schedulers share: their base class, and running the operating system's own programs.

Programs run with a time limit and in the C locale, and their exit code says how it went.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import SchedulerFailed, reason_of
from xpmsync.local.schedule.job import InstalledJob, Job, Text

__all__ = ["Ran", "Scheduler", "must", "run"]

_SECONDS: Final = 30.0
_NO_WINDOW: Final = 0x08000000
"""Windows' CREATE_NO_WINDOW; other systems know no such flag."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: bytes
    err: bytes


class Scheduler(ABC):
    """One operating system's scheduler. Every method may raise `SchedulerFailed`."""

    kind: SchedulerKind
    can_wake: bool = False
    """Whether it can wake a sleeping computer for a job."""
    starts_within: float = 60.0
    """Seconds within which a job started by `once` has begun, if it ever begins."""

    @abstractmethod
    def texts(self, job: Job) -> tuple[Text, ...]:
        """What `install` would write; touches nothing."""

    @abstractmethod
    def find(self, name: str) -> InstalledJob | None:
        """The job of that name, None where there is none."""

    @abstractmethod
    def install(self, job: Job) -> None:
        """Put the job in, in place of one of the same name."""

    @abstractmethod
    def remove(self, name: str) -> bool:
        """Take the job of that name out; whether there was one."""

    @contextmanager
    def once(self, job: Job) -> Iterator[None]:
        """Have the scheduler itself start a job now, and take it out again at the end."""
        self.install(job)
        try:
            yield
        finally:
            self.remove(job.name)

    @abstractmethod
    def conditions(self, *, wake: bool) -> str:
        """When it starts a job and when not, to follow "It runs daily at 02:30 "; ends with a full stop."""

    def obstacle(self) -> str:
        """Why it cannot start any job at present, as far as that can be seen; empty where nothing is in the way."""
        return ""


def run(words: Sequence[str], *, stdin: bytes = b"", seconds: float = _SECONDS) -> Ran:
    """Run a program to its end; raises `SchedulerFailed` where it is missing or does not end."""
    program = _found(words[0])
    if program is None:
        raise SchedulerFailed(words[0], "it is not on this computer")
    try:
        ended = subprocess.run(  # noqa: S603 - fixed programs, arguments as a list, no shell
            [program, *words[1:]],
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
            creationflags=_NO_WINDOW if os.name == "nt" else 0,
        )
    except subprocess.TimeoutExpired as problem:
        raise SchedulerFailed(words[0], f"it did not end within {seconds:g} seconds") from problem
    except OSError as problem:
        raise SchedulerFailed(words[0], reason_of(problem)) from problem
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def must(words: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Run a program that has to succeed and return what it wrote; raises `SchedulerFailed` with its own words."""
    ran = run(words, stdin=stdin)
    if ran.code:
        said = (ran.err or ran.out).decode("utf-8", "replace").strip().splitlines()
        message = f": {said[0].strip()[:200]}" if said else ""
        raise SchedulerFailed(words[0], f"{' '.join(words[1:3])} ended with code {ran.code}{message}", ran.code)
    return ran.out


def _found(name: str) -> str | None:
    """Where a program is; on Windows its own first, because a search there begins in the current folder."""
    if os.name == "nt":
        own = Path(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32", f"{name}.exe")
        if own.exists():
            return str(own)
    return shutil.which(name)
