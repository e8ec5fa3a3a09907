"""The ledger's tables, and opening its file: upgraded in order, never a newer one, never over a damaged one."""

from pathlib import Path
from typing import Final

from xpmsync.errors import LedgerDamaged, LedgerTooNew, StateUnusable
from xpmsync.local.ledger.backup import marker_path
from xpmsync.local.system.sqlite import Database, is_damage

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
    """
    ALTER TABLE writes ADD COLUMN present TEXT;
    ALTER TABLE writes ADD COLUMN fitting TEXT NOT NULL DEFAULT '[]';
    """,
    """
    CREATE TABLE exceptions (
        xpm_id TEXT NOT NULL,
        field TEXT NOT NULL,
        name TEXT NOT NULL,
        note TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (xpm_id, field)
    ) STRICT;
    """,
    """
    ALTER TABLE links ADD COLUMN answers TEXT NOT NULL DEFAULT '{}';
    DELETE FROM facts WHERE name = 'cursor';
    """,
    """
    CREATE TABLE run_links (
        run INTEGER NOT NULL REFERENCES runs (id),
        xpm_id TEXT NOT NULL,
        ignition_id TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (run, xpm_id)
    ) STRICT;
    """,
)
"""One script for each version of the ledger, in order. Append, never edit."""


def open_ledger(path: Path) -> Database:
    """Open the ledger, creating or upgrading it.

    Raises `LedgerTooNew` for one written by a newer xpmsync, `StateUnusable`
    where the file cannot be read or written, and `LedgerDamaged` for a damaged one,
    which stays as it is.
    """
    if _is_emptied(path):
        raise LedgerDamaged(path, "it is empty, although it was in use")
    try:
        database = Database(
            path, MIGRATIONS, newer=lambda version: LedgerTooNew(path, version, len(MIGRATIONS)), wait_seconds=10
        )
    except StateUnusable as problem:
        if is_damage(problem):
            raise LedgerDamaged(path, problem.reason) from problem
        raise
    database.run("PRAGMA foreign_keys = ON")
    return database


def _is_emptied(path: Path) -> bool:
    """Whether a power cut or a full disk left nothing of a ledger that was in use."""
    try:
        used = path.with_name("status.json").exists() or marker_path(path).exists()
        return path.stat().st_size == 0 and used
    except OSError:
        return False
