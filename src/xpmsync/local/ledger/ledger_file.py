"""The ledger's file: opened, written in transactions, and what can be told of it in a moment.

`status` and whatever only remembers single facts need no more than this; the
links with all that was agreed are in `local.ledger`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from xpmsync.errors import LedgerDamaged, StateUnusable
from xpmsync.local.ledger.summary import Runs
from xpmsync.local.system.sqlite import connect, is_damage, set_aside, state_errors, transaction

__all__ = ["LedgerFile"]


class LedgerFile:
    """One practice's ledger; use as a context manager. Every method may raise `StateUnusable`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = connect(path)
        self.runs = Runs(self._db, path)

    def __enter__(self) -> Self:
        """The open ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; raises `LedgerDamaged` where it turned out to be damaged, and sets it aside."""
        self.close()
        cause = error.__cause__ if isinstance(error, StateUnusable) and error.path == self.path else None
        if is_damage(cause):
            raise LedgerDamaged(self.path, set_aside(self.path), str(cause)) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group changes: all of them are kept, or none."""
        with state_errors(self.path), transaction(self._db):
            yield

    def count(self) -> int:
        """How many links there are."""
        with state_errors(self.path):
            (number,) = self._db.execute("SELECT count(*) FROM links").fetchone()
        return int(number)

    def count_todo(self) -> int:
        """How many created clients a person must still link to XPM in Ignition's screens."""
        with state_errors(self.path):
            (number,) = self._db.execute("SELECT count(*) FROM todo").fetchone()
        return int(number)

    # --- single facts: cursor, last full read, what shaped the last run ---

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        with state_errors(self.path):
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        with state_errors(self.path):
            self._db.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )
