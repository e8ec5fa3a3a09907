"""Past runs as the journal tells them, without their writes: all that `status` needs, and quick to import."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from xpmsync.core.enums import Direction, Level
from xpmsync.errors import LedgerDamaged, StateUnusable
from xpmsync.local.system.sqlite import connect, is_damage, set_aside, state_errors, transaction

__all__ = ["LedgerFile", "Run", "RunOutcome", "Runs"]


class RunOutcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    PARTIAL = "partial"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the journal tells it; times are UTC in ISO form, `finished` is empty while it runs.

    `undoes` is the number of the run that this one undid, 0 for none.
    """

    id: int
    command: str
    direction: Direction
    level: Level
    started: str
    finished: str
    outcome: RunOutcome | None
    counts: Mapping[str, int]
    undoes: int = 0


_RUN = "SELECT id, command, direction, level, started, finished, outcome, counts, undoes FROM runs"


_LARGEST_NUMBER = 2**63 - 1
"""SQLite's."""


class Runs:
    """Reads the journal's table of runs; every method may raise `StateUnusable`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def runs(self, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        with state_errors(self._path):
            rows = self._db.execute(f"{_RUN} ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [_run_of(*row) for row in rows]

    def run(self, number: int) -> Run | None:
        """One run; None for a number that no run has, however large."""
        if number > _LARGEST_NUMBER:
            return None
        with state_errors(self._path):
            row = self._db.execute(f"{_RUN} WHERE id = ?", (number,)).fetchone()
        return _run_of(*row) if row else None

    def last_run(self) -> Run | None:
        """The newest run."""
        return next(iter(self.runs(1)), None)

    def open_writes(self) -> int:
        """How many writes have an unknown end."""
        with state_errors(self._path):
            query = "SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')"
            (count,) = self._db.execute(query).fetchone()
        return int(count)


def _run_of(
    number: int,
    command: str,
    direction: str,
    level: str,
    started: str,
    finished: str | None,
    outcome: str | None,
    counts: str,
    undoes: int | None,
) -> Run:
    return Run(
        number,
        command,
        Direction(direction),
        Level(level),
        started,
        finished or "",
        RunOutcome(outcome) if outcome else None,
        json.loads(counts),
        undoes or 0,
    )


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
