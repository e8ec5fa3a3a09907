"""Opening the ledger's SQLite file: private, migrated in order, never a newer one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from xpmsync.errors import LedgerDamaged, LedgerTooNew, StateUnusable
from xpmsync.local.system.files import make_private

__all__ = [
    "MEMORY",
    "MIGRATIONS",
    "Cell",
    "Clock",
    "Database",
    "connect",
    "is_damage",
    "set_aside",
    "state_errors",
    "transaction",
    "utc_now",
]

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE links (
        xpm_id TEXT PRIMARY KEY,
        ignition_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        since TEXT NOT NULL,
        ignition_print TEXT NOT NULL DEFAULT '',
        agreed TEXT NOT NULL DEFAULT '{}',
        contacts TEXT NOT NULL DEFAULT '{}',
        holds TEXT NOT NULL DEFAULT '[]'
    ) STRICT;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        command TEXT NOT NULL,
        direction TEXT NOT NULL,
        level TEXT NOT NULL,
        started TEXT NOT NULL,
        finished TEXT,
        outcome TEXT,
        counts TEXT NOT NULL DEFAULT '{}'
    ) STRICT;
    CREATE TABLE writes (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs (id),
        xpm_id TEXT NOT NULL,
        ignition_id TEXT NOT NULL,
        name TEXT NOT NULL,
        system TEXT NOT NULL,
        kind TEXT NOT NULL,
        contact TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL CHECK (state IN ('intent', 'done', 'failed', 'unknown')),
        intended TEXT NOT NULL,
        finished TEXT,
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX writes_run ON writes (run);
    CREATE INDEX writes_open ON writes (state) WHERE state IN ('intent', 'unknown');
    CREATE TABLE write_fields (
        write INTEGER NOT NULL REFERENCES writes (id),
        field TEXT NOT NULL,
        old TEXT,
        new TEXT,
        why TEXT NOT NULL
    ) STRICT;
    CREATE INDEX write_fields_write ON write_fields (write);
    """,
    """
    ALTER TABLE links ADD COLUMN level TEXT NOT NULL DEFAULT '';
    ALTER TABLE writes ADD COLUMN contact_xpm_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE writes ADD COLUMN contact_ignition_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN undoes INTEGER;
    CREATE INDEX writes_client ON writes (xpm_id);
    CREATE TABLE held (
        xpm_id TEXT NOT NULL,
        field TEXT NOT NULL,
        contact TEXT NOT NULL,
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        first_run INTEGER NOT NULL,
        last_run INTEGER NOT NULL,
        PRIMARY KEY (xpm_id, field, contact, code, first_run)
    ) STRICT;
    """,
    """
    ALTER TABLE links ADD COLUMN xpm_number TEXT NOT NULL DEFAULT '';
    ALTER TABLE links ADD COLUMN handed TEXT NOT NULL DEFAULT '{}';
    CREATE TABLE todo (
        xpm_id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        xpm_number TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE decisions (
        xpm_id TEXT NOT NULL,
        ignition_id TEXT NOT NULL,
        xpm_print TEXT NOT NULL,
        ignition_print TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (xpm_id, ignition_id)
    ) STRICT;
    """,
    """
    ALTER TABLE held ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
    UPDATE held SET ended = 1 WHERE last_run < (SELECT max(id) FROM runs);
    CREATE INDEX held_open ON held (xpm_id) WHERE NOT ended;
    ALTER TABLE links ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;
    """,
)
"""One script for each version of the ledger, in order; `PRAGMA user_version` counts them."""


_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_PRIMARY: Final = 0xFF
"""The part of SQLite's codes that names the kind of trouble; the rest says where it was met."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger, creating or upgrading it.

    Raises `LedgerTooNew` for one written by a newer xpmsync, `StateUnusable`
    where the file cannot be read or written, and `LedgerDamaged` for one that was
    damaged: it is set aside under another name, never overwritten.
    """
    if _is_emptied(path):
        raise LedgerDamaged(path, set_aside(path), "it is empty, although runs were noted beside it")
    make_private(path)
    with state_errors(path):
        db = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            _upgrade(db, path)
            # A journalled write must be on disk before the call goes out; 0.24 ms a commit.
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
        except BaseException as problem:
            db.close()
            if is_damage(problem):
                raise LedgerDamaged(path, set_aside(path), str(problem)) from problem
            raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Group changes: all of them are kept, or none. A full disk may have rolled them back before we do."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints into `StateUnusable` naming the file."""
    try:
        yield
    except sqlite3.Error as problem:
        raise StateUnusable(path, str(problem)) from problem


def is_damage(problem: BaseException | None) -> bool:
    """Whether SQLite says that a file is damaged, not merely in use or out of reach."""
    code = problem.sqlite_errorcode if isinstance(problem, sqlite3.DatabaseError) else 0
    return code & _PRIMARY in _DAMAGED


def set_aside(path: Path) -> Path:
    """Rename a damaged file, with its journal, to a name that is free."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        if not aside.exists():
            break
    path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    return aside


def _is_emptied(path: Path) -> bool:
    """Whether a power cut or a full disk left nothing of a ledger that was in use."""
    try:
        return path.stat().st_size == 0 and path.with_name("status.json").exists()
    except OSError:
        return False


def _upgrade(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise LedgerTooNew(path, version, len(MIGRATIONS))
    if version == len(MIGRATIONS):
        return
    with transaction(db, "EXCLUSIVE"):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number].split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number + 1}")


Clock = Callable[[], datetime]
Cell = str | int | bytes | None

MEMORY: Final = ":memory:"
_WAIT_SECONDS: Final = 20.0


def utc_now() -> datetime:
    """The time now, UTC; what every clock of the practice defaults to."""
    return datetime.now(UTC)


class Database:
    """A connection with a lock around it. `schema` runs once, at version 0.

    Raises `StateUnusable` when the file cannot be opened, is not a database, or
    was made by a newer xpmsync.
    """

    def __init__(self, path: Path | str, schema: str, version: int = 1) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        connection: sqlite3.Connection | None = None
        try:
            if isinstance(path, Path):
                make_private(path)
            connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            self._connection = connection
            self._prepare(schema, version)
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            raise StateUnusable(Path(path), str(error)) from error
        except StateUnusable:
            if connection is not None:
                connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock for some queries; fetch everything before leaving."""
        with self._lock:
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end and rolled back on any error; inner ones join the outer.

        Raises `StateUnusable` when the file cannot be written (full, read-only, locked for too long).
        """
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException as error:
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise StateUnusable(Path(self.path), str(error)) from error
                raise
            finally:
                self._depth -= 1

    def run(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """Execute one statement as its own commit (or within the open one); return the last row id."""
        with self.writing() as connection:
            return connection.execute(sql, cells).lastrowid or 0

    def _prepare(self, schema: str, version: int) -> None:
        found = self._version()
        if found == 0:
            with self.writing() as connection:
                if self._version() == 0:
                    for statement in schema.split(";"):
                        if statement.strip():
                            connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {version}")
            found = self._version()
        if found != version:
            raise StateUnusable(Path(self.path), f"version {found} of the file is unknown to this xpmsync")

    def _version(self) -> int:
        row: tuple[int] = self._connection.execute("PRAGMA user_version").fetchone()
        return row[0]
