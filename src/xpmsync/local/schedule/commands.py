"""Running the operating system's own programs for schedules: time-limited, in the C locale, judged by exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.errors import SchedulerFailed, reason_of

__all__ = ["Ran", "must", "run"]

_SECONDS: Final = 30.0
_NO_WINDOW: Final = 0x08000000
"""Windows' CREATE_NO_WINDOW; other systems know no such flag."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: bytes
    err: bytes


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
