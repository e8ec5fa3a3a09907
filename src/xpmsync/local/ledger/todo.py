"""What a person must still do in Ignition's screens, because no route can: link a created client to XPM."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from xpmsync.local.system.sqlite import state_errors

__all__ = ["Todo", "TodoList"]


@dataclass(frozen=True, slots=True)
class Todo:
    """A created client to be linked to XPM under Edit Client -> Apps; `since` is UTC in ISO form."""

    xpm_id: str
    name: str
    xpm_number: str
    since: str


class TodoList:
    """The open ones, in the ledger's database."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def add(self, todo: Todo) -> None:
        """Add one; a client has at most one."""
        with state_errors(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO todo VALUES (?, ?, ?, ?)",
                (todo.xpm_id, todo.name, todo.xpm_number, todo.since),
            )

    def all(self) -> list[Todo]:
        """All open ones, oldest first."""
        with state_errors(self._path):
            rows = self._db.execute(
                "SELECT xpm_id, name, xpm_number, since FROM todo ORDER BY since, xpm_id"
            ).fetchall()
        return [Todo(*row) for row in rows]

    def done(self, xpm_id: str) -> None:
        """A person did it."""
        with state_errors(self._path):
            self._db.execute("DELETE FROM todo WHERE xpm_id = ?", (xpm_id,))
