"""The journal: every run, and every write with what it replaced.

A write is entered as an intent before the call goes out and closed when the
answer is in, so that a killed run leaves a trace of exactly what is unknown.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xpmsync.core.model import Direction, Level, System
from xpmsync.core.plan import Call, ChangeKind
from xpmsync.local.database import state_errors

__all__ = ["Journal", "Outcome", "Run", "WriteState"]


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
    """One run as the journal tells it; times are UTC in ISO form, `finished` is empty while it runs."""

    id: int
    command: str
    direction: Direction
    level: Level
    started: str
    finished: str
    outcome: Outcome | None
    counts: Mapping[str, int]


class Journal:
    """Runs and writes in the ledger's database."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def begin(self, command: str, direction: Direction, level: Level, now: str) -> int:
        """Enter a run and return its number."""
        with state_errors(self._path):
            cursor = self._db.execute(
                "INSERT INTO runs (command, direction, level, started) VALUES (?, ?, ?, ?)",
                (command, direction.value, level.value, now),
            )
        return int(cursor.lastrowid or 0)

    def end(self, run: int, outcome: Outcome, counts: Mapping[str, int], now: str) -> None:
        """Close a run."""
        with state_errors(self._path):
            self._db.execute(
                "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE id = ?",
                (now, outcome.value, json.dumps(dict(counts)), run),
            )

    def intend(self, run: int, call: Call, system: System, now: str) -> int:
        """Enter a write that is about to go out, with the old and new text of each field, and return its number."""
        contact = call.contact.name if call.contact else ""
        with state_errors(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            cursor = self._db.execute(
                "INSERT INTO writes (run, xpm_id, ignition_id, name, system, kind, contact, state, intended)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run,
                    call.client.xpm_id,
                    call.client.ignition_id,
                    call.client.name,
                    system.value,
                    call.kind.value,
                    contact,
                    WriteState.INTENT.value,
                    now,
                ),
            )
            write = int(cursor.lastrowid or 0)
            self._db.executemany(
                "INSERT INTO write_fields VALUES (?, ?, ?, ?, ?)",
                [(write, field, old, new, why) for field, old, new, why in _fields(call)],
            )
            self._db.execute("COMMIT")
        return write

    def close(self, write: int, state: WriteState, now: str, problem: str = "") -> None:
        """Say how a write ended; `problem` is a machine code, never the system's own words."""
        with state_errors(self._path):
            self._db.execute(
                "UPDATE writes SET state = ?, finished = ?, problem = ? WHERE id = ?",
                (state.value, now, problem, write),
            )

    def last_run(self) -> Run | None:
        """The newest run."""
        query = "SELECT id, command, direction, level, started, finished, outcome, counts FROM runs"
        with state_errors(self._path):
            row = self._db.execute(f"{query} ORDER BY id DESC LIMIT 1").fetchone()
        if row is None:
            return None
        number, command, direction, level, started, finished, outcome, counts = row
        return Run(
            number,
            command,
            Direction(direction),
            Level(level),
            started,
            finished or "",
            Outcome(outcome) if outcome else None,
            json.loads(counts),
        )

    def open_writes(self) -> int:
        """How many writes have an unknown end: intents of a killed run and lost answers."""
        with state_errors(self._path):
            query = "SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')"
            (count,) = self._db.execute(query).fetchone()
        return int(count)


def _fields(call: Call) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    for change in call.changes:
        if change.kind is ChangeKind.FIELD:
            rows.append((change.field, change.old, change.new, change.why.value))
        else:
            rows += [(name, "", text, change.why.value) for name, text in change.values.items()]
    return rows
