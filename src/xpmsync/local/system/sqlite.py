"""SQLite files: opened privately, upgraded in order, every error named after the file."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from xpmsync.errors import StateUnusable, XpmsyncError
from xpmsync.local.system.files import make_private

Cell = str | int | float | bytes | None
MEMORY: Final = ":memory:"
_WAIT_SECONDS: Final = 20.0
_DAMAGED: Final = frozenset(
    {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}
)
"""SQLITE_ERROR, too: the statements are right, so a table or column that they miss was lost."""
_PRIMARY: Final = 0xFF
"""The part of SQLite's codes that names the kind of error; the rest says where it occurred."""


class Database:
    """One connection, which threads may share. Every method may raise `StateUnusable` naming the file.

    `migrations` is one script for each version of the file, in order (`PRAGMA
    user_version` counts them); for a file of a later version the error that
    `newer` makes is raised. With `durable`, a commit is on disk when it returns.
    """

    def __init__(
        self,
        path: Path | str,
        migrations: Sequence[str],
        *,
        newer: Callable[[int], XpmsyncError] | None = None,
        durable: bool = True,
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._depth = 0
        if isinstance(path, Path):
            make_private(path)
        with self._errors():
            self._db = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None, check_same_thread=False)
        try:
            self._upgrade(migrations, newer or self._unknown_version)
            # 0.24 ms a commit where the disk is waited for.
            self.run(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        except BaseException:
            self._db.close()
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
            self._db.close()

    @property
    def changes(self) -> int:
        """How many rows this connection has changed."""
        return self._db.total_changes

    def rows(self, sql: str, cells: Sequence[Cell] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self._errors():
            return self._db.execute(sql, cells).fetchall()

    def row(self, sql: str, cells: Sequence[Cell] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, None where it has none."""
        with self._lock, self._errors():
            row: tuple[Any, ...] | None = self._db.execute(sql, cells).fetchone()
            return row

    def number(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """The one number that a query returns; 0 for NULL."""
        row = self.row(sql, cells)
        return int(row[0] or 0) if row else 0

    def run(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """Execute one statement, within the open transaction or as its own; returns the last row id."""
        with self._lock, self._errors():
            return self._db.execute(sql, cells).lastrowid or 0

    def run_many(self, sql: str, rows: Iterable[Sequence[Cell]]) -> None:
        """Execute one statement for each row."""
        with self._lock, self._errors():
            self._db.executemany(sql, rows)

    def change(self, sql: str, cells: Sequence[Cell] = ()) -> int:
        """Execute one statement; returns how many rows it changed."""
        with self._lock, self._errors():
            return self._db.execute(sql, cells).rowcount

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock for several queries on the connection; fetch everything before leaving."""
        with self._lock, self._errors():
            yield self._db

    @contextmanager
    def writing(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """One transaction: all changes are kept, or none; inner ones join the outer one."""
        with self._lock, self._errors():
            self._depth += 1
            try:
                if self._depth == 1:
                    self._db.execute(f"BEGIN {kind}")
                yield self._db
                if self._depth == 1:
                    self._db.execute("COMMIT")
            except BaseException:
                # SQLite itself may have rolled back already, for a full disk.
                if self._depth == 1 and self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as problem:
            raise StateUnusable(self.path, str(problem)) from problem
        except UnicodeDecodeError as problem:  # SQLite's own message quotes what is damaged
            raise StateUnusable(self.path, "it holds text that is not UTF-8") from problem

    def _upgrade(self, migrations: Sequence[str], newer: Callable[[int], XpmsyncError]) -> None:
        version = self.number("PRAGMA user_version")
        if version > len(migrations):
            raise newer(version)
        if version == len(migrations):
            return
        with self.writing("EXCLUSIVE"):
            # Another process may have done it meanwhile.
            for number in range(self.number("PRAGMA user_version"), len(migrations)):
                for statement in migrations[number].split(";"):
                    self.run(statement)
                self.run(f"PRAGMA user_version = {number + 1}")

    def _unknown_version(self, version: int) -> XpmsyncError:
        return StateUnusable(self.path, f"version {version} of the file is unknown to this xpmsync")


def is_damage(problem: BaseException | None) -> bool:
    """Whether SQLite reports that a file is damaged, not merely in use or out of reach.

    A `StateUnusable` is judged by the SQLite error that caused it.
    """
    cause = problem.__cause__ if isinstance(problem, StateUnusable) else problem
    if isinstance(cause, UnicodeDecodeError):
        return True
    if not isinstance(cause, sqlite3.DatabaseError):
        return False
    # Python itself raises the error for a text that is not UTF-8, without a code.
    code: int = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & _PRIMARY in _DAMAGED


def set_aside(path: Path) -> Path:
    """Rename a file that is to be replaced, with its journal, to an unused name, and return that."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        if not aside.exists():
            break
    path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    return aside
