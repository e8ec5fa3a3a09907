"""`status` for people and programs, and what waits for a person: files to upload and next steps.

Some of them can only be done on Ignition's screens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xpmsync.cli.errors.next_steps import next_step
from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.cli.views.json import pending_uploads_data
from xpmsync.core.enums import Json
from xpmsync.local.ledger.summary import StatusNote
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import DEMO_PROFILE, EXPORT_FOLDER, Route, needed_keys
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.status import Status

if TYPE_CHECKING:
    from xpmsync.core.model import Client
    from xpmsync.core.ports.deferred import PendingFile, PendingUploads
    from xpmsync.local.ledger.ledger import Todo


def show_pending_uploads(screen: Screen, uploads: PendingUploads) -> None:
    """The next steps, numbered; nothing where nothing waits."""
    if not uploads.steps:
        return
    screen.heading("What you do next")
    for number, step in enumerate(uploads.steps, start=1):
        screen.line(f"{number}. {step}")


def file_line(file: PendingFile) -> str:
    """A waiting file in one line: its name, what is in it, since when; its folder is shown once for all."""
    what = f"{count(file.changes, 'change')} in {count(file.clients, 'client')}"
    state = f"uploaded {local_time(file.uploaded)}" if file.uploaded else f"since {local_time(file.since)}"
    return f"{file.path.name} ({what}, {state})"


def show_todo_for(screen: Screen, client: Client, command_line: Callable[..., str]) -> None:
    """What a person must do in Ignition after a client was created there."""
    target = f"XPM client number {client.number}" if client.number else "its XPM client"
    screen.line()
    screen.line(
        f"To do in Ignition: link it to {target} under Edit Client -> Apps. Without that, Ignition creates"
        " it a second time in XPM when a proposal is accepted.",
        Tone.WARNING,
    )
    screen.line(f"It stays on a list until you say that it is done: {command_line('todo')}")


def show_todo(
    screen: Screen, todo: Sequence[Todo], ignition_ids: Mapping[str, str], command_line: Callable[..., str]
) -> None:
    """The clients to be linked to XPM in Ignition's screens."""
    if not todo:
        screen.line("Nothing is left to do in Ignition.")
        return
    screen.line("Link these to XPM in Ignition, under Edit Client -> Apps:", Tone.STRONG)
    screen.line()
    columns = [Column("Client"), Column("XPM number", whole=True), Column("Ignition", whole=True), Column("XPM")]
    screen.table(
        columns,
        [(one_line(x.name), x.xpm_number or "-", ignition_ids.get(x.xpm_id, "not there yet"), x.xpm_id) for x in todo],
    )
    screen.line()
    screen.line(f"When one is done: {command_line('todo', 'done', todo[0].xpm_id)}")


def show_status(screen: Screen, status: Status, command_line: Callable[..., str]) -> None:
    """Aligned lines, the next command last."""
    settings, signed = status.settings, status.signed_in
    sync = settings.sync
    # The built-in practice needs no file.
    yet = "" if settings.path.exists() or settings.profile == DEMO_PROFILE else " (not there yet)"
    rows = [
        ("Profile", settings.profile),
        ("Settings", f"{settings.path}{yet}"),
        ("State", str(status.state_folder)),
        ("Direction", f"{sync.direction.value} ({sync.direction.source.label} is the source of truth)"),
        ("Level", sync.level.value),
        ("Ignition", _ignition(status)),
        ("XPM", _sign_in(status)),
    ]
    if signed.tenant_id:
        rows.append(("Practice id", signed.tenant_id))
    if signed.scopes:
        rows.append(("Scopes", " ".join(signed.scopes)))
    if signed.missing_scopes:
        rows.append(("Missing", f"{' '.join(signed.missing_scopes)} (sign in again)"))
    if signed.expires_at:
        rows.append(("Token until", f"{local_time(signed.expires_at)}, renewed by itself"))
    if signed.lapses_at:
        rows.append(("Sign-in until", f"{local_time(signed.lapses_at)} if unused"))
    if signed.where:
        rows.append(("Secret kept in", signed.where))
    rows += [("Calls", _calls(status)), ("Linked", count(status.links, "client")), ("Last run", _last_run(status))]
    rows += _endings(status)
    if open_writes := status.open_writes - len(status.undecided):
        rows.append(("Unsettled", f"{count(open_writes, 'write')} without an answer; the next sync looks them up"))
    lost = (status.ledger_lost,) if status.ledger_lost else ()
    for problem in (*lost, *status.undecided):
        from xpmsync.cli.errors.explain import explain

        note, _ = explain(problem, command_line)
        rows += [("Ledger" if problem in lost else "Undecided", note.message), ("", note.hint)]
    if status.pending_uploads is not None:
        files = status.pending_uploads.files
        rows += [("Uploaded, not yet seen" if file.uploaded else "To upload", file_line(file)) for file in files]
        rows += [("In the folder", folder) for folder in dict.fromkeys(str(file.path.parent) for file in files)]
        rows += [
            ("To create", f"{one_line(client.name)}, in {client.path.name}")
            for client in status.pending_uploads.clients
        ]
    if status.todo:
        rows.append(
            (
                "To do",
                f"{count(status.todo, 'new client')} to link to XPM in Ignition: {command_line('todo')}",
            )
        )
    screen.pairs(rows)
    screen.line()
    screen.line(f"Next: {next_step(status, command_line)}")


def status_data(status: Status) -> dict[str, Json]:
    """The same for programs; moments in UTC."""
    settings, signed, run = status.settings, status.signed_in, status.last_run
    calls_left = status.calls_left
    return {
        "profile": settings.profile,
        "config": str(settings.path),
        "state": str(status.state_folder),
        "direction": settings.sync.direction.value,
        "level": settings.sync.level.value,
        "route": settings.ignition.route.value,
        "xpm": {
            "signed_in": signed.signed_in,
            "practice": signed.practice,
            "tenant_id": signed.tenant_id,
            "scopes": list(signed.scopes),
            "missing_scopes": list(signed.missing_scopes),
            "expires_at": signed.expires_at.isoformat() if signed.expires_at else None,
            "lapses_at": signed.lapses_at.isoformat() if signed.lapses_at else None,
            "kept_in": signed.where,
            "problem": signed.problem,
        },
        "ignition": _ignition_data(status),
        "calls": {
            "last_24_hours": status.calls_today,
            "left_today": calls_left[0] if calls_left else None,
            "told_at": calls_left[1].isoformat() if calls_left else None,
        },
        "links": status.links,
        "handover": pending_uploads_data(status.pending_uploads),
        "todo": status.todo,
        "last_run": {
            "id": run.id,
            "command": run.command,
            "started": run.started,
            "finished": run.finished or None,
            "outcome": run.outcome.value if run.outcome else None,
            "counts": dict(run.counts),
        }
        if run
        else None,
        "open_writes": status.open_writes,
        "ledger_problem": status.ledger_lost.reason if status.ledger_lost else None,
        "undecided": [
            {
                "client": {"source": "xpm", "id": write.client.xpm_id, "name": write.client.name},
                "contact": write.contact,
                "system": write.system.value,
                "fitting": list(write.fitting),
            }
            for write in status.undecided
        ],
        "schedule": {
            "kind": status.schedule.kind.value,
            "next_run": status.next_run.astimezone(UTC).isoformat() if status.next_run else None,
            "days_overdue": status.days_overdue,
        }
        if status.schedule
        else None,
        **status_note_data(status.ended),
    }


def _endings(status: Status) -> list[tuple[str, str]]:
    """How the last run ended where the ledger does not say, what waits for a person, and the next run."""
    rows = []
    ended = status.ended
    if ended and ended.last_run.exit_code:
        rows += [("Last ended", last_run_words(ended))]
        rows += [("Last success", local_time(ended.last_success) if ended.last_success else "none yet")]
    if waiting := waiting_words(ended, status.pending_uploads):
        rows.append(("For a person", waiting))
    if status.next_run:
        late = f"; it has not run for {count(status.days_overdue, 'day')}" if status.days_overdue else ""
        rows.append(("Next run", f"{local_time(status.next_run)}{late}"))
    return rows


def _sign_in(status: Status) -> str:
    signed, settings = status.signed_in, status.settings
    if settings.xpm.route is XpmRoute.FILES:
        folder = settings.xpm_files.folder
        return f"route files: {folder}" if folder else "route files, but xpm.files.folder is empty"
    if not signed.signed_in:
        return f"not signed in: {signed.problem}" if signed.problem else "not signed in"
    return f"signed in to {signed.practice}" if signed.practice else "signed in"


def _ignition(status: Status) -> str:
    settings, signed = status.settings, status.ignition
    route = f"route {settings.ignition.route.value}"
    if settings.ignition.route is Route.BUILTIN:
        return f"{route}: a rehearsal, nothing reaches the real Ignition"
    if signed is None:
        return f"{route}, but ignition.export_folder is empty" if EXPORT_FOLDER in needed_keys(settings) else route
    if not signed.signed_in:
        return f"{route}, not signed in{f': {signed.problem}' if signed.problem else ''}"
    calls = f", {signed.calls_today} calls in the last 24 hours" if signed.calls_today else ""
    return f"{route}, signed in to {signed.practice}{calls}"


def _ignition_data(status: Status) -> Json:
    signed = status.ignition
    if signed is None:
        return None
    return {
        "signed_in": signed.signed_in,
        "practice": signed.practice,
        "renewed_at": signed.renewed_at.isoformat() if signed.renewed_at else None,
        "kept_in": signed.where,
        "calls_last_24_hours": signed.calls_today,
        "problem": signed.problem,
    }


def _calls(status: Status) -> str:
    used = f"{status.calls_today} in the last 24 hours"
    if status.calls_left is None:
        return used
    remaining, moment = status.calls_left
    return f"{used}; {remaining:,} left, XPM said at {local_time(moment)}"


def _last_run(status: Status) -> str:
    run = status.last_run
    if run is None:
        return "none yet"
    began = datetime.fromisoformat(run.started)
    outcome = run.outcome.value if run.outcome else "not finished"
    written = run.counts.get("written")
    linked = f", {run.counts['linked']} linked" if "linked" in run.counts else ""
    wrote = f", {written} written" if written is not None else ""
    return f"{run.command} at {local_time(began)}: {outcome}{wrote}{linked}"


def status_note_data(note: StatusNote | None) -> dict[str, Json]:
    """How the last runs ended."""
    if note is None:
        return {"last_ended": None, "last_success": None, "last_scheduled": None, "failed_in_a_row": 0}
    run = note.last_run
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
        "last_success": note.last_success.isoformat() if note.last_success else None,
        "last_scheduled": note.last_scheduled.isoformat() if note.last_scheduled else None,
        "failed_in_a_row": note.failed_in_a_row,
    }


def last_run_words(status: StatusNote | None) -> str:
    """How the last run ended, by schedule or by hand."""
    if status is None:
        return "none yet"
    run = status.last_run
    how = "by schedule" if run.by_schedule else "by hand"
    code = f", {run.code}" if run.code not in ("", run.status) else ""
    return f"{local_time(run.finished)}, {run.command} {how}: {run.status.replace('-', ' ')}{code}"


def waiting_words(status: StatusNote | None, uploads: PendingUploads | None = None) -> str:
    """What waits for a person since the last run, empty where nothing does.

    `uploads` is what waits now: a person may have uploaded files since.
    """
    waiting = dict(status.last_run.waiting) if status else {}
    if uploads is not None and "upload" in waiting:
        waiting["upload"] = sum(file.uploaded is None for file in uploads.files)
    waiting = {code: number for code, number in waiting.items() if number}
    if not waiting:
        return ""
    from xpmsync.core.plan.hold_codes import waiting_line

    return ", ".join(waiting_line(code, number) for code, number in waiting.items())
