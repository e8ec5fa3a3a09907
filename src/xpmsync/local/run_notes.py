"""What xpmsync notes beside the ledger for people and monitors: how the runs went, and which schedule is installed.

`status.json` holds counts and codes only, never a client's data; other programs
may read it. Both files are rewritten whole and may be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Final

from xpmsync.errors import UsageError
from xpmsync.local.files import write_private
from xpmsync.local.paths import ProfilePaths
from xpmsync.local.schedule_job import Day, parse_time
from xpmsync.local.telling_words import SchedulerKind

__all__ = [
    "RunNote",
    "ScheduleNote",
    "StatusNote",
    "forget_schedule",
    "read_schedule",
    "read_status",
    "schedule_file",
    "status_file",
    "write_schedule",
    "write_status",
]

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


@dataclass(frozen=True, slots=True)
class ScheduleNote:
    """The schedule as it was installed; `proved` says whether a probe inside the scheduler worked then."""

    kind: SchedulerKind
    name: str
    at: time
    days: tuple[Day, ...]
    command: tuple[str, ...]
    installed: datetime
    proved: bool


def status_file(paths: ProfilePaths) -> Path:
    """Where a profile's status is noted."""
    return paths.folder / "status.json"


def schedule_file(paths: ProfilePaths) -> Path:
    """Where a profile's schedule is noted."""
    return paths.folder / "schedule.json"


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
    write_private(status_file(paths), json.dumps(told, indent=1) + "\n")


def read_status(paths: ProfilePaths) -> StatusNote | None:
    """How the runs stand, None where nothing (readable) was noted."""
    told = _table(_load(status_file(paths)))
    run = _table(told.get("last_run"))
    started, finished = _moment(run.get("started")), _moment(run.get("finished"))
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
    success, scheduled = _moment(told.get("last_success")), _moment(told.get("last_scheduled"))
    return StatusNote(last, success, scheduled, _number(told.get("failed_in_a_row")))


def write_schedule(paths: ProfilePaths, note: ScheduleNote) -> None:
    """Note the installed schedule; raises `StateUnusable`."""
    told = {
        "xpmsync_schedule": _FORMAT,
        "kind": note.kind.value,
        "name": note.name,
        "at": f"{note.at:%H:%M}",
        "days": [day.value for day in note.days],
        "command": list(note.command),
        "installed": note.installed.isoformat(timespec="seconds"),
        "proved": note.proved,
    }
    write_private(schedule_file(paths), json.dumps(told, indent=1) + "\n")


def read_schedule(paths: ProfilePaths) -> ScheduleNote | None:
    """The schedule as it was installed, None where nothing (readable) was noted."""
    told = _table(_load(schedule_file(paths)))
    days, command, installed = told.get("days"), told.get("command"), _moment(told.get("installed"))
    if not (isinstance(days, list) and isinstance(command, list)) or installed is None:
        return None
    try:
        return ScheduleNote(
            kind=SchedulerKind(str(told.get("kind"))),
            name=str(told.get("name", "")),
            at=parse_time(str(told.get("at", ""))),
            days=tuple(Day(str(day)) for day in days),
            command=tuple(str(word) for word in command),
            installed=installed,
            proved=told.get("proved") is True,
        )
    except (ValueError, UsageError):  # a file that somebody edited counts as none
        return None


def forget_schedule(paths: ProfilePaths) -> None:
    """Forget the schedule."""
    schedule_file(paths).unlink(missing_ok=True)


def _load(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _numbers(value: object) -> dict[str, int]:
    return {str(name): number for name, number in _table(value).items() if isinstance(number, int)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
