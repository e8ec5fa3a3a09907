"""Daily backups of the ledger, and the marker by which a lost, replaced or outdated ledger is recognised.

Backups are made by SQLite while it is in use, private, the last seven are kept. The marker is a small file outside
the ledger.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.errors import StateUnusable
from xpmsync.local.system.files import make_private, move_into_place, remove_file
from xpmsync.local.system.json_files import read_record, write_record

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


_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Marker:
    """The ledger that this profile has: its random id, how often it was changed, and its links.

    `pending` are its facts about pending uploads (names, ids and fingerprints), which
    a rebuilt ledger needs so that nothing is created twice.
    """

    ledger: str
    generation: int
    links: int
    pending: Mapping[str, str] = field(default_factory=dict)


def marker_path(ledger: Path) -> Path:
    """The marker of a ledger file."""
    return ledger.with_name(f"{ledger.stem}-marker.json")


def read_marker(ledger: Path) -> Marker | None:
    """The marker, None where there is none that can be read."""
    return read_record(Marker, marker_path(ledger))


def write_marker(ledger: Path, marker: Marker) -> None:
    """Replace the marker; raises `StateUnusable`."""
    write_record(marker_path(ledger), marker, xpmsync_ledger=_FORMAT)


def remove_marker(ledger: Path) -> None:
    """Forget the ledger: the next one is a new beginning. Raises `StateUnusable`."""
    remove_file(marker_path(ledger))
