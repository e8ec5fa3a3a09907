"""How runs ended, as the status file has it, for people and programs."""

from __future__ import annotations

from xpmsync.cli.terminal.sanitize import count
from xpmsync.core.jsonable import Json
from xpmsync.local.ledger.status_file import StatusNote
from xpmsync.local.system.clock import local_time

__all__ = ["last_run_words", "status_note_data", "waiting_words"]


def status_note_data(status: StatusNote | None) -> dict[str, Json]:
    """How the runs stand."""
    if status is None:
        return {"last_ended": None, "last_success": None, "last_scheduled": None, "failed_in_a_row": 0}
    run = status.last_run
    return {
        "last_ended": {
            "command": run.command,
            "started": run.started.isoformat(),
            "finished": run.finished.isoformat(),
            "status": run.status,
            "exit_code": run.exit_code,
            "code": run.code,
            "by_schedule": run.by_schedule,
            "counts": dict(run.counts),
            "waiting": dict(run.waiting),
        },
        "last_success": status.last_success.isoformat() if status.last_success else None,
        "last_scheduled": status.last_scheduled.isoformat() if status.last_scheduled else None,
        "failed_in_a_row": status.failed_in_a_row,
    }


def last_run_words(status: StatusNote | None) -> str:
    """How the last run ended, by schedule or by hand."""
    if status is None:
        return "none yet"
    run = status.last_run
    how = "by schedule" if run.by_schedule else "by hand"
    code = f", {run.code}" if run.code else ""
    return f"{local_time(run.finished)}, {run.command} {how}: {run.status.replace('-', ' ')}{code}"


def waiting_words(status: StatusNote | None) -> str:
    """What waits for a person since the last run, empty where nothing does."""
    waiting = status.last_run.waiting if status else {}
    return ", ".join(_waits(code, number) for code, number in waiting.items() if number)


def _waits(code: str, number: int) -> str:
    match code:
        case "upload":
            return f"{count(number, 'file')} to upload in Ignition under Clients -> Import"
        case "failed":
            return f"{count(number, 'call')} failed"
        case "sign-in":
            return "a sign-in"
        case "guard":
            return "a plan that a guard stopped"
        case _:
            return f"{count(number, 'hold')} ({code})"
