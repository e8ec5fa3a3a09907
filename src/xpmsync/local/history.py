"""History: what the journal tells of past runs, their writes, and what was held."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xpmsync.core.model import ClientRef, Direction, Level, System
from xpmsync.core.plan import CallKind, ContactRef
from xpmsync.local.database import state_errors

__all__ = ["Held", "History", "Outcome", "Run", "Write", "WriteState", "WrittenField"]


class WriteState(StrEnum):
    """What is known of a write."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
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
    outcome: Outcome | None
    counts: Mapping[str, int]
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class WrittenField:
    """One field of a write; `old` and `new` are None once they have expired."""

    field: str
    old: str | None
    new: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Write:
    """One journalled call."""

    id: int
    run: int
    client: ClientRef
    system: System
    kind: CallKind
    contact: ContactRef | None
    state: WriteState
    intended: str
    finished: str
    problem: str
    fields: tuple[WrittenField, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as runs found it, from the first to the last in a row."""

    field: str
    contact: str
    code: str
    reason: str
    first_run: int
    last_run: int


_RUN = "SELECT id, command, direction, level, started, finished, outcome, counts, undoes FROM runs"
_WRITE = (
    "SELECT id, run, xpm_id, ignition_id, name, system, kind, contact, contact_xpm_id, contact_ignition_id,"
    " state, intended, finished, problem FROM writes"
)


class History:
    """Reads the journal's tables; every method may raise `StateUnusable`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def runs(self, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        with state_errors(self._path):
            rows = self._db.execute(f"{_RUN} ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        return [_run_of(*row) for row in rows]

    def run(self, number: int) -> Run | None:
        """One run."""
        with state_errors(self._path):
            row = self._db.execute(f"{_RUN} WHERE id = ?", (number,)).fetchone()
        return _run_of(*row) if row else None

    def last_run(self) -> Run | None:
        """The newest run."""
        return next(iter(self.runs(1)), None)

    def writes(self, run: int) -> list[Write]:
        """A run's writes in order."""
        return self._writes(f"{_WRITE} WHERE run = ? ORDER BY id", run)

    def writes_of(self, xpm_id: str) -> list[Write]:
        """A client's writes over all runs, oldest first."""
        return self._writes(f"{_WRITE} WHERE xpm_id = ? ORDER BY id", xpm_id)

    def unsettled(self) -> list[Write]:
        """Writes with an unknown end: intents of a killed run, and lost answers."""
        return self._writes(f"{_WRITE} WHERE state IN ('intent', 'unknown') AND ? ORDER BY id", 1)

    def open_writes(self) -> int:
        """How many writes have an unknown end."""
        with state_errors(self._path):
            query = "SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')"
            (count,) = self._db.execute(query).fetchone()
        return int(count)

    def held(self, xpm_id: str) -> list[Held]:
        """A client's holds over all runs, oldest first."""
        query = "SELECT field, contact, code, reason, first_run, last_run FROM held WHERE xpm_id = ? ORDER BY first_run"
        with state_errors(self._path):
            return [Held(*row) for row in self._db.execute(query, (xpm_id,)).fetchall()]

    def _writes(self, query: str, argument: str | int) -> list[Write]:
        with state_errors(self._path):
            rows = self._db.execute(query, (argument,)).fetchall()
            return [self._write_of(*row) for row in rows]

    def _write_of(
        self,
        write: int,
        run: int,
        xpm_id: str,
        ignition_id: str,
        name: str,
        system: str,
        kind: str,
        contact: str,
        contact_xpm_id: str,
        contact_ignition_id: str,
        state: str,
        intended: str,
        finished: str | None,
        problem: str,
    ) -> Write:
        fields = self._db.execute(
            "SELECT field, old, new, why FROM write_fields WHERE write = ? ORDER BY rowid", (write,)
        )
        of_contact = kind in (CallKind.ADD_CONTACT, CallKind.UPDATE_CONTACT)
        return Write(
            write,
            run,
            ClientRef(xpm_id, ignition_id, name),
            System(system),
            CallKind(kind),
            ContactRef(contact, contact_xpm_id, contact_ignition_id) if of_contact else None,
            WriteState(state),
            intended,
            finished or "",
            problem,
            tuple(WrittenField(*row) for row in fields),
        )


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
        Outcome(outcome) if outcome else None,
        json.loads(counts),
        undoes or 0,
    )
