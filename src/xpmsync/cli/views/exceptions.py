"""Exceptions for people and programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Column, Screen
from xpmsync.cli.views.plan import field_label
from xpmsync.core.jsonable import Json
from xpmsync.core.model import ClientRef
from xpmsync.local.ledger.exceptions import FieldException
from xpmsync.local.system.clock import local_time

__all__ = ["exception_data", "exception_scope", "show_exceptions"]


def show_exceptions(screen: Screen, exceptions: Sequence[FieldException], command_line: Callable[..., str]) -> None:
    """The exceptions in a table, by client name."""
    if not exceptions:
        screen.line("There is no exception: a sync leaves nothing alone.")
        screen.line(f"Leave a client or a field alone with: {command_line('except')} CLIENT FIELD --note TEXT")
        return
    columns = [Column("Client"), Column("Left alone"), Column("Note"), Column("Since", whole=True)]
    rows = [
        (
            named(ClientRef(exception.xpm_id, "", exception.name)),
            exception_scope(exception),
            one_line(exception.note),
            local_time(exception.since)[:10],
        )
        for exception in exceptions
    ]
    screen.table(columns, rows)
    screen.line()
    screen.line(
        f"{count(len(exceptions), 'exception')}. Remove with: {command_line('exceptions', 'remove')} CLIENT FIELD"
    )


def exception_scope(exception: FieldException) -> str:
    """What is left alone, in words."""
    return field_label(exception.field) if exception.field else "everything"


def exception_data(exception: FieldException) -> dict[str, Json]:
    """An exception for programs."""
    return {
        "client": {"xpm_id": exception.xpm_id, "name": exception.name},
        "field": exception.field or None,
        "note": exception.note,
        "since": exception.since,
    }
