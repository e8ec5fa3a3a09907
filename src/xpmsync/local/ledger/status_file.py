"""The status file: how the last runs ended, for people and monitors.

`status.json` holds counts and codes only, never a client's data; other programs
may read it. It is replaced as a whole and may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["RunNote", "StatusNote", "read_status", "write_status"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RunNote:
    """How one run ended. Moments are UTC; `code` is the machine name of the error, empty where there was none."""

    command: str
    started: datetime
    finished: datetime
    exit_code: int
    status: str
    code: str = ""
    by_schedule: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    """What a person should look at, by kind: hold codes, `failed`, `undecided`, `guard`, `sign-in`."""
    sign_in_to: str = ""
    """The system whose sign-in was refused or missing, empty where none was."""


@dataclass(frozen=True, slots=True)
class StatusNote:
    """The last run, the last one that ended with 0, and the last that the schedule started.

    `failed_in_a_row` counts the runs since the last success.
    """

    last_run: RunNote
    last_success: datetime | None = None
    last_scheduled: datetime | None = None
    failed_in_a_row: int = 0


def write_status(paths: ProfilePaths, note: StatusNote) -> None:
    """Write the status file; raises `StateUnusable`."""
    write_record(paths.status, note, xpmsync_status=_FORMAT)


def read_status(paths: ProfilePaths) -> StatusNote | None:
    """The status file's content, None where there is none that can be used."""
    return read_record(StatusNote, paths.status)
