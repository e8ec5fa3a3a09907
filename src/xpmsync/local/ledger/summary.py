"""Runs without their writes, counts and single facts: all that `status` needs, and quick to import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import ClientRef
from xpmsync.errors import LedgerDamaged, StateUnusable, WriteUndecided
from xpmsync.local.ledger.schema import open_ledger
from xpmsync.local.system.sqlite import Database, is_damage, set_aside

__all__ = ["UNDECIDED", "UNDECIDED_WRITES", "LedgerFile", "Run", "RunOutcome", "Runs", "undecided_of"]

UNDECIDED: Final = "undecided"
"""The `problem` of a creation of unknown outcome that recovery could not settle: a person must."""
UNDECIDED_WRITES: Final = (
    "SELECT system, xpm_id, name, contact, fitting FROM writes WHERE state = 'unknown' AND problem = 'undecided'"
    " AND NOT (kind = 'create' AND xpm_id IN (SELECT xpm_id FROM links)) ORDER BY id"
)


class RunOutcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    PARTIAL = "partial"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Run:
    """One run; times are UTC in ISO form, `finished` is empty while it runs.

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
"""The largest integer of SQLite."""


class Runs:
    """Reads the journal's table of runs; every method may raise `StateUnusable`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def runs(self, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        return [_run_of(*row) for row in self._db.rows(f"{_RUN} ORDER BY id DESC LIMIT ?", (limit,))]

    def run(self, number: int) -> Run | None:
        """One run; None for a number that no run has, however large."""
        if number > _LARGEST_NUMBER:
            return None
        row = self._db.row(f"{_RUN} WHERE id = ?", (number,))
        return _run_of(*row) if row else None

    def last_run(self) -> Run | None:
        """The newest run."""
        return next(iter(self.runs(1)), None)

    def open_writes(self) -> int:
        """How many writes have an unknown end."""
        return self._db.number("SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')")

    def undecided(self) -> tuple[WriteUndecided, ...]:
        """Creations that recovery could not settle, oldest first, as errors that a person resolves."""
        return tuple(undecided_of(*row) for row in self._db.rows(UNDECIDED_WRITES))


def undecided_of(system: str, xpm_id: str, name: str, contact: str, fitting: str) -> WriteUndecided:
    """A row of `UNDECIDED_WRITES`."""
    return WriteUndecided(System(system), ClientRef(xpm_id, "", name), tuple(json.loads(fitting)), contact)


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
        self._db = open_ledger(path)
        self.runs = Runs(self._db)

    def __enter__(self) -> Self:
        """The open ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; one that proved damaged is renamed, and `LedgerDamaged` raised."""
        self.close()
        if isinstance(error, StateUnusable) and error.path == self.path and is_damage(error):
            raise LedgerDamaged(self.path, set_aside(self.path), error.reason) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[object]:
        """Group changes: all of them are kept, or none."""
        return self._db.writing()

    def count(self) -> int:
        """How many links there are."""
        return self._db.number("SELECT count(*) FROM links")

    def count_todo(self) -> int:
        """How many created clients a person must still link to XPM in Ignition's screens."""
        return self._db.number("SELECT count(*) FROM todo")

    # --- single facts: the cursor, the last full read, the settings of the last run ---

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        row = self._db.row("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._db.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
