"""How a ledger is, for the doctor: looked at as it lies there, neither created, upgraded nor set aside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.errors import reason_of
from xpmsync.local.system.sqlite import MIGRATIONS, is_damage

__all__ = ["LedgerHealth", "check_ledger_file", "count_links", "ledgers_set_aside"]

_OFTEN: Final = 3
"""So many runs that overrode an edit of the same field of a client mean that something else writes it, too."""


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """What was found. `damage` and `reason` are empty where there is none; counts are 0 then.

    `reason` says why it could not be looked at; `cut_off` is the newest run without
    an end; `last_moment` is the latest time in it (UTC, ISO); `fought_over` counts
    the fields that one run after the other had to put right.
    """

    version: int = 0
    damage: str = ""
    reason: str = ""
    links: int = 0
    open_writes: int = 0
    cut_off: int = 0
    last_moment: str = ""
    fought_over: int = 0

    @property
    def newer(self) -> bool:
        """Whether a newer xpmsync wrote it."""
        return self.version > len(MIGRATIONS)


def check_ledger_file(path: Path, wait_seconds: float = 2.0) -> LedgerHealth | None:
    """Look at a ledger, waiting that long for another program to let go of it; None where there is none."""
    try:
        if not path.exists():
            return None
        # Not read-only: after a power cut SQLite first puts the file in order, as any command would have it do.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_seconds)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                return LedgerHealth(version, damage=str(verdict).splitlines()[0])
            if db.execute("PRAGMA foreign_key_check").fetchone():
                return LedgerHealth(version, damage="entries of the journal have lost their run")
            return _counted(db, version)
    except sqlite3.DatabaseError as problem:
        if is_damage(problem):
            return LedgerHealth(damage=str(problem))
        return LedgerHealth(reason=str(problem))
    except OSError as problem:
        return LedgerHealth(reason=reason_of(problem))


def count_links(path: Path) -> list[tuple[str, str, str]]:
    """XPM id, Ignition id and name of every link, by name; none where the file cannot be read just now."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.5)) as db:
            return db.execute("SELECT xpm_id, ignition_id, name FROM links ORDER BY lower(name), xpm_id").fetchall()
    except sqlite3.Error:
        return []


def ledgers_set_aside(path: Path) -> tuple[Path, ...]:
    """The damaged ledgers that were set aside beside this one, oldest first."""
    return tuple(sorted(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")))


def _counted(db: sqlite3.Connection, version: int) -> LedgerHealth:
    def one(query: str, *given: int) -> int:
        (number,) = db.execute(query, given).fetchone()
        return int(number or 0)

    if not 0 < version <= len(MIGRATIONS):
        return LedgerHealth(version)
    (last,) = db.execute("SELECT max(coalesce(finished, started)) FROM runs").fetchone()
    return LedgerHealth(
        version=version,
        links=one("SELECT count(*) FROM links"),
        open_writes=one("SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')"),
        cut_off=one("SELECT max(id) FROM runs WHERE finished IS NULL AND id = (SELECT max(id) FROM runs)"),
        last_moment=str(last or ""),
        fought_over=one(
            "SELECT count(*) FROM (SELECT 1 FROM write_fields JOIN writes ON writes.id = write_fields.write"
            " WHERE why = 'target-edited' AND state = 'done'"
            " GROUP BY xpm_id, field, contact HAVING count(DISTINCT run) >= ?)",
            _OFTEN,
        ),
    )
