"""One SQLite file (or `:memory:`) shared by threads and, as a file, by processes.

Writers take the write lock at once (`BEGIN IMMEDIATE`), so two processes wait
for each other instead of failing half-way; every transaction is a durable commit.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from xpmsync.errors import StateUnusable
from xpmsync.local.system.files import make_private

__all__ = ["MEMORY", "Cell", "Clock", "Database", "utc_now"]

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
