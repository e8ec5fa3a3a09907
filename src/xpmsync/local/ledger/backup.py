"""Daily backups of the ledger: made by SQLite while it is in use, private, the last seven are kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.errors import StateUnusable
from xpmsync.local.system.files import make_private, move_into_place, remove_file

__all__ = ["back_up", "backups", "copy_database"]

_KEPT: Final = 7


def back_up(ledger: Path, now: datetime) -> Path:
    """Copy the ledger to the backup of today (UTC), and remove the oldest backups; returns the copy.

    A copy that is not sound replaces nothing. Raises `StateUnusable`.
    """
    target = _folder(ledger) / f"{ledger.stem}-{now:%Y-%m-%d}{ledger.suffix}"
    part = target.with_name(f".{target.name}.part")
    copy_database(ledger, part)
    move_into_place(part, target)
    for old in [path for path in backups(ledger) if path != target][_KEPT - 1 :]:
        remove_file(old)
    return target


def copy_database(database: Path, target: Path) -> None:
    """Copy an SQLite file that may be in use; a copy that is not sound is removed. Raises `StateUnusable`."""
    make_private(target)
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as problem:
        remove_file(target)
        raise StateUnusable(target, str(problem)) from problem
    if verdict != "ok":
        remove_file(target)
        raise StateUnusable(database, str(verdict).splitlines()[0])


def backups(ledger: Path) -> tuple[Path, ...]:
    """The backups, newest first."""
    return tuple(sorted(_folder(ledger).glob(f"{ledger.stem}-*{ledger.suffix}"), reverse=True))


def _folder(ledger: Path) -> Path:
    return ledger.parent / "backups"
