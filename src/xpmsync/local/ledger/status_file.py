"""What xpmsync notes beside the ledger for people and monitors: how the runs went.

`status.json` holds counts and codes only, never a client's data; other programs
may read it. It is rewritten whole and may be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from xpmsync.local.system.files import write_private
from xpmsync.local.system.json_files import as_moment, as_table, read_table
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["RunNote", "StatusNote", "read_status", "write_status"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RunNote:
    """How one run ended. Moments are UTC; `code` is the machine name of what went wrong, empty where nothing did."""

    command: str
    started: datetime
    finished: datetime
    exit_code: int
    status: str
    code: str = ""
    by_schedule: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    """What a person should look at, by kind: hold codes, `failed`, `unsettled`, `guard`, `sign-in`."""


@dataclass(frozen=True, slots=True)
class StatusNote:
    """The last run, the last one that ended with 0, and the last that the schedule started.

    `failed_in_a_row` counts the runs since the last success.
    """

    last_run: RunNote
    last_success: datetime | None
    last_scheduled: datetime | None = None
    failed_in_a_row: int = 0


def write_status(paths: ProfilePaths, note: StatusNote) -> None:
    """Note how the runs stand; raises `StateUnusable`."""
    run = note.last_run
    told = {
        "xpmsync_status": _FORMAT,
        "last_run": {
            "command": run.command,
            "started": run.started.isoformat(timespec="seconds"),
            "finished": run.finished.isoformat(timespec="seconds"),
            "exit_code": run.exit_code,
            "status": run.status,
            "code": run.code,
            "by_schedule": run.by_schedule,
            "counts": dict(run.counts),
            "waiting": dict(run.waiting),
        },
        "last_success": _stamp(note.last_success),
        "last_scheduled": _stamp(note.last_scheduled),
        "failed_in_a_row": note.failed_in_a_row,
    }
    write_private(paths.status, json.dumps(told, indent=1) + "\n")


def read_status(paths: ProfilePaths) -> StatusNote | None:
    """How the runs stand, None where nothing (readable) was noted."""
    told = read_table(paths.status)
    run = as_table(told.get("last_run"))
    started, finished = as_moment(run.get("started")), as_moment(run.get("finished"))
    if started is None or finished is None:
        return None
    last = RunNote(
        command=str(run.get("command", "")),
        started=started,
        finished=finished,
        exit_code=_number(run.get("exit_code")),
        status=str(run.get("status", "")),
        code=str(run.get("code", "")),
        by_schedule=run.get("by_schedule") is True,
        counts=_numbers(run.get("counts")),
        waiting=_numbers(run.get("waiting")),
    )
    success, scheduled = as_moment(told.get("last_success")), as_moment(told.get("last_scheduled"))
    return StatusNote(last, success, scheduled, _number(told.get("failed_in_a_row")))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _numbers(value: object) -> dict[str, int]:
    return {str(name): number for name, number in as_table(value).items() if isinstance(number, int)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
