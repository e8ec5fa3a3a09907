"""Screens for what waits for a person: files to upload, next steps, and what only Ignition's screens can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.local.system.clock import local_time

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
