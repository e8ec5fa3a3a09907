"""Read-only health check of the ledger file. Never creates, upgrades or renames it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from xpmsync.errors import LedgerLost, WriteUndecided, reason_of
from xpmsync.local.ledger.backup import Marker, read_marker
from xpmsync.local.ledger.schema import MIGRATIONS
from xpmsync.local.ledger.summary import LEDGER_GENERATION, LEDGER_ID, UNDECIDED_WRITES, undecided_of
from xpmsync.local.system.sqlite import is_damage

_OFTEN: Final = 3
"""From so many runs on that overrode an edit of the same field, something else must be writing it, too."""


_UNDECIDED_SINCE: Final = 6
"""The version of the file from which it records what fitted a creation."""


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """The result; counts are 0 where `damage` or `reason` is given.

    `reason` is why the file could not be read; `cut_off` is the newest run, if it
    has no end; `last_moment` is the latest time in the file (UTC, ISO); `fought_over`
    counts the fields that run after run had to correct.
    """

    version: int = 0
    damage: str = ""
    reason: str = ""
    links: int = 0
    open_writes: int = 0
    cut_off: int = 0
    last_moment: str = ""
    fought_over: int = 0
    undecided: tuple[WriteUndecided, ...] = ()
    lost: LedgerLost | None = None

    @property
    def newer(self) -> bool:
        """Whether a newer xpmsync wrote it."""
        return self.version > len(MIGRATIONS)


def check_ledger_file(path: Path, wait_seconds: float = 2.0) -> LedgerHealth | None:
    """Check a ledger, waiting that long while another program has it locked; None where there is none."""
    try:
        marker = read_marker(path)
        if not path.exists():
            return LedgerHealth(lost=LedgerLost(path, "missing", marker.links)) if marker else None
        # Not read-only: after a power cut SQLite rolls back what was unfinished, as with any command.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_seconds)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                return LedgerHealth(version, damage=str(verdict).splitlines()[0])
            if db.execute("PRAGMA foreign_key_check").fetchone():
                return LedgerHealth(version, damage="entries of the journal have lost their run")
            health = _counted(db, version)
            return replace(health, lost=_lost(db, path, marker)) if marker and not health.newer else health
    except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
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
    except (sqlite3.Error, UnicodeDecodeError):
        return []


def ledgers_set_aside(path: Path) -> tuple[Path, ...]:
    """The damaged ledgers that were renamed beside this one, oldest first."""
    return tuple(sorted(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")))


def _lost(db: sqlite3.Connection, path: Path, marker: Marker) -> LedgerLost | None:
    facts = dict(db.execute("SELECT name, value FROM facts WHERE name LIKE 'ledger.%'"))
    if facts.get(LEDGER_ID) != marker.ledger:
        return LedgerLost(path, "replaced", marker.links)
    older = int(facts.get(LEDGER_GENERATION, 0)) < marker.generation
    return LedgerLost(path, "older", marker.links) if older else None


def _counted(db: sqlite3.Connection, version: int) -> LedgerHealth:
    def count(query: str, *arguments: int) -> int:
        (number,) = db.execute(query, arguments).fetchone()
        return int(number or 0)

    if not 0 < version <= len(MIGRATIONS):
        return LedgerHealth(version)
    (last,) = db.execute("SELECT max(coalesce(finished, started)) FROM runs").fetchone()
    return LedgerHealth(
        version=version,
        links=count("SELECT count(*) FROM links"),
        open_writes=count("SELECT count(*) FROM writes WHERE state IN ('intent', 'unknown')"),
        cut_off=count("SELECT max(id) FROM runs WHERE finished IS NULL AND id = (SELECT max(id) FROM runs)"),
        last_moment=str(last or ""),
        undecided=tuple(undecided_of(*row) for row in db.execute(UNDECIDED_WRITES))
        if version >= _UNDECIDED_SINCE
        else (),
        fought_over=count(
            "SELECT count(*) FROM (SELECT 1 FROM write_fields JOIN writes ON writes.id = write_fields.write"
            " WHERE why = 'target-edited' AND state = 'done'"
            " GROUP BY xpm_id, field, contact HAVING count(DISTINCT run) >= ?)",
            _OFTEN,
        ),
    )
