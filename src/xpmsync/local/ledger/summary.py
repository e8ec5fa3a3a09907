"""Runs without their writes, counts, single facts and the status file: all that `status` needs, and quick to import.

`status.json` says how the last runs ended, for people and monitors: counts and codes only, never a client's data.
It is replaced as a whole and may be deleted at any time.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from xpmsync.core.enums import Direction, Level, System
from xpmsync.errors import LedgerDamaged, LedgerLost, StateUnusable, WriteUndecided
from xpmsync.local.ledger.backup import Marker, read_marker, write_marker
from xpmsync.local.ledger.schema import open_ledger
from xpmsync.local.system.json_files import read_record, write_record
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.local.system.sqlite import Database, is_damage

_FORMAT: Final = 1
PENDING_UPLOAD: Final = "handed-over"
"""The `problem` of a write that is in a file which a person uploads: done as far as a run can do it."""


@dataclass(frozen=True, slots=True)
class RunNote:
    """How one run ended. Moments are UTC; `code` is the machine name of the error, empty where there was none."""

    command: str
    started: datetime
    finished: datetime
    exit_code: int
    status: str
    code: str = ""
    by_schedule: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    """What a person should look at, by kind: hold codes, `failed`, `undecided`, `guard`, `sign-in`."""
    sign_in_to: str = ""
    """The system whose sign-in was refused or missing, empty where none was."""


@dataclass(frozen=True, slots=True)
class StatusNote:
    """The last run, the last one that ended with 0, and the last that the schedule started.

    `failed_in_a_row` counts the runs since the last success.
    """

    last_run: RunNote
    last_success: datetime | None = None
    last_scheduled: datetime | None = None
    failed_in_a_row: int = 0


def write_status(paths: ProfilePaths, note: StatusNote) -> None:
    """Write the status file; raises `StateUnusable`."""
    write_record(paths.status, note, xpmsync_status=_FORMAT)


def read_status(paths: ProfilePaths) -> StatusNote | None:
    """The status file's content, None where there is none that can be used."""
    return read_record(StatusNote, paths.status)


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


PENDING_UPLOADS: Final = {System.XPM: "xpm.files.waiting", System.IGNITION: "csv.waiting"}
"""The facts that hold what waits for upload to each system."""
LEDGER_ID: Final = "ledger.id"
LEDGER_GENERATION: Final = "ledger.generation"
_LARGEST_NUMBER = 2**63 - 1
"""The largest integer of SQLite."""


class Runs:
    """Reads the journal's table of runs; every method may raise `StateUnusable`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def runs(self, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        return [self._run_of(*row) for row in self._db.rows(f"{_RUN} ORDER BY id DESC LIMIT ?", (limit,))]

    def run(self, number: int) -> Run | None:
        """One run; None for a number that no run has, however large."""
        if number > _LARGEST_NUMBER:
            return None
        row = self._db.row(f"{_RUN} WHERE id = ?", (number,))
        return self._run_of(*row) if row else None

    def last_run(self) -> Run | None:
        """The newest run."""
        return next(iter(self.runs(1)), None)

    def open_writes(self) -> int:
        """How many writes have an unknown end."""
        return self._db.number("SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')")

    def undecided(self) -> tuple[WriteUndecided, ...]:
        """Creations that recovery could not settle, oldest first, as errors that a person resolves."""
        with decoding(self._db.path, "a write"):
            return tuple(undecided_of(*row) for row in self._db.rows(UNDECIDED_WRITES))

    def _run_of(
        self,
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
        with decoding(self._db.path, f"run {number}"):
            return Run(
                number,
                command,
                Direction(direction),
                Level(level),
                started,
                finished or "",
                RunOutcome(outcome) if outcome else None,
                {str(name): int(count) for name, count in json.loads(counts).items()},
                undoes or 0,
            )


@contextmanager
def decoding(path: Path, record: str) -> Iterator[None]:
    """Raise `LedgerDamaged` naming the record where its columns hold something that xpmsync never wrote."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
        raise LedgerDamaged(path, "it holds something that xpmsync never wrote", record) from problem


def undecided_of(system: str, xpm_id: str, name: str, contact: str, fitting: str) -> WriteUndecided:
    """A row of `UNDECIDED_WRITES`."""
    from xpmsync.core.model import ClientRef  # `status` starts without the model, but for this rare case

    return WriteUndecided(System(system), ClientRef(xpm_id, "", name), tuple(json.loads(fitting)), contact)


class LedgerFile:
    """One practice's ledger; use as a context manager. Every method may raise `StateUnusable`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_ledger(path)
        self.runs = Runs(self._db)
        self._changes = self._db.changes

    def __enter__(self) -> Self:
        """The open ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; raises `LedgerDamaged` where it proved damaged."""
        self.close()
        if isinstance(error, StateUnusable) and error.path == self.path and is_damage(error):
            raise LedgerDamaged(self.path, error.reason) from error

    def close(self) -> None:
        """Close the file, and let its marker follow where something was changed."""
        try:
            # A marker that cannot follow is behind, which is harmless; the change itself is on disk.
            with suppress(StateUnusable, LedgerDamaged):
                if self._db.changes != self._changes and self.loss() is None:
                    self.mark()
        finally:
            self._db.close()

    @property
    def id(self) -> str:
        """The ledger's random id; empty before anything was written."""
        return self.fact(LEDGER_ID) or ""

    def pending_facts(self) -> dict[str, str]:
        """The facts about pending uploads, by name."""
        return dict(self._db.rows("SELECT name, value FROM facts WHERE name LIKE '%.waiting'"))

    def loss(self, files: Sequence[Path] = ()) -> LedgerLost | None:
        """Why this is not the ledger that the profile had, None where it is.

        `files` for upload are in the profile's folders: a ledger that never knew one
        cannot be the one they came from.
        """
        marker = read_marker(self.path)
        if marker is None:
            unknown = bool(files) and self._db.row("SELECT 1 FROM writes") is None
            return LedgerLost(self.path, "pending", 0, files) if unknown else None
        own, generation = self.id, self.number_fact(LEDGER_GENERATION) or 0
        if own != marker.ledger:
            empty = self._db.row("SELECT 1 FROM links UNION SELECT 1 FROM runs") is None
            return LedgerLost(self.path, "missing" if empty else "replaced", marker.links, files)
        return LedgerLost(self.path, "older", marker.links, files) if generation < marker.generation else None

    def mark(self) -> None:
        """Count one more change of this ledger, in it first, and then in its marker; raises `StateUnusable`."""
        with self.transaction():
            if not self.id:
                self.note(LEDGER_ID, os.urandom(8).hex())
            generation = (self.number_fact(LEDGER_GENERATION) or 0) + 1
            self.note(LEDGER_GENERATION, str(generation))
        self._changes = self._db.changes
        write_marker(self.path, Marker(self.id, generation, self.count(), self.pending_facts()))

    def transaction(self) -> AbstractContextManager[object]:
        """Group changes: all of them are kept, or none."""
        return self._db.writing()

    def count(self) -> int:
        """How many links there are."""
        return self._db.number("SELECT count(*) FROM links")

    def linked_ids(self) -> frozenset[str]:
        """The ids of all linked clients, in both systems."""
        return frozenset(
            client_id for row in self._db.rows("SELECT xpm_id, ignition_id FROM links") for client_id in row
        )

    def unlinked_ids(self) -> frozenset[str]:
        """The ids of clients that were written to a file for upload and are not linked any more.

        A ledger that was lost and rebuilt does not know them: what waits then stays, or it could be added twice.
        """
        rows = self._db.rows("SELECT DISTINCT xpm_id, ignition_id FROM writes WHERE problem = ?", (PENDING_UPLOAD,))
        return frozenset(client_id for row in rows for client_id in row if client_id) - self.linked_ids()

    def count_todo(self) -> int:
        """How many created clients a person must still link to XPM in Ignition's screens."""
        return self._db.number("SELECT count(*) FROM todo")

    # --- single facts: the cursor, the last full read, the settings of the last run ---

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        row = self._db.row("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def number_fact(self, name: str) -> int | None:
        """A remembered whole number."""
        text = self.fact(name)
        with decoding(self.path, f"the fact {name}"):
            return None if text is None else int(text)

    def moment_fact(self, name: str) -> datetime | None:
        """A remembered moment."""
        text = self.fact(name)
        with decoding(self.path, f"the fact {name}"):
            return datetime.fromisoformat(text) if text else None

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._db.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
