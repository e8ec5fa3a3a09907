"""Exceptions in the ledger: fields and clients that a person wants left alone, with a note."""

from __future__ import annotations

from dataclasses import dataclass

from xpmsync.core.model import ClientRef
from xpmsync.local.system.sqlite import Database

__all__ = ["ExceptionList", "FieldException"]


@dataclass(frozen=True, slots=True)
class FieldException:
    """One exception; `field` is empty for the whole client, `since` is UTC in ISO form."""

    xpm_id: str
    field: str
    name: str
    note: str
    since: str


class ExceptionList:
    """Reads and writes them. A client with a new or removed exception is compared again by the next run."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[FieldException]:
        """All exceptions, by client name."""
        query = "SELECT xpm_id, field, name, note, since FROM exceptions ORDER BY lower(name), xpm_id, field"
        return [FieldException(*row) for row in self._db.rows(query)]

    def by_client(self) -> dict[str, dict[str, str]]:
        """The notes by XPM id and field, as the diff wants them."""
        notes: dict[str, dict[str, str]] = {}
        for exception in self.all():
            notes.setdefault(exception.xpm_id, {})[exception.field] = exception.note
        return notes

    def add(self, client: ClientRef, field: str, note: str, now: str) -> None:
        """Add an exception, or give an existing one another note."""
        row = (client.xpm_id, field, client.name, note, now)
        self._db.run("INSERT OR REPLACE INTO exceptions VALUES (?, ?, ?, ?, ?)", row)
        self._compare_again(client.xpm_id)

    def remove(self, exception: FieldException) -> None:
        """Remove an exception."""
        self._db.run("DELETE FROM exceptions WHERE xpm_id = ? AND field = ?", (exception.xpm_id, exception.field))
        self._compare_again(exception.xpm_id)

    def _compare_again(self, xpm_id: str) -> None:
        self._db.run("UPDATE links SET ignition_print = '' WHERE xpm_id = ?", (xpm_id,))
