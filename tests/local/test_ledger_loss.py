"""A ledger that was lost, replaced or damaged is recognised before anything is written on the strength of it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from xpmsync.core.enums import Direction, Level
from xpmsync.core.model import Link
from xpmsync.errors import LedgerDamaged, LedgerLost
from xpmsync.local.ledger.backup import back_up, backups, read_marker
from xpmsync.local.ledger.ledger import Ledger

NOW: Final = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LINK: Final = Link("c1", "1000001", "Harbour Dental Ltd", "2026-11-22T09:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger in use, with a link and a run."""
    path = tmp_path / "state" / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.require_intact()
        ledger.add_link(LINK)
        ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, "2026-11-22T09:00:00+00:00")
        ledger.remember(LINK.ref, values={"phone": "f"}, contacts={}, holds=())
    return path


def reason(path: Path, files: tuple[Path, ...] = ()) -> str:
    """Why nothing may be written, empty where the ledger is intact."""
    with Ledger(path) as ledger:
        problem = ledger.problem(files)
    return problem.reason if problem else ""


def test_a_ledger_in_use_is_intact(path: Path) -> None:
    """However often it is opened; its marker knows how many links it has."""
    for _ in range(3):
        assert reason(path) == ""
    marker = read_marker(path)
    assert marker is not None
    assert marker.links == 1


def test_a_new_profile_has_lost_nothing(tmp_path: Path) -> None:
    """There is no marker, and no file for upload."""
    assert reason(tmp_path / "ledger.sqlite") == ""


def test_a_deleted_ledger_is_lost(path: Path) -> None:
    """An empty one in its place does not count, even after several commands used it."""
    path.unlink()
    for _ in range(2):
        assert reason(path) == "missing"
        with Ledger(path) as ledger:
            ledger.note("previewed", "x")
            with pytest.raises(LedgerLost) as lost:
                ledger.require_intact()
        assert lost.value.links == 1


def test_another_ledger_is_not_the_one(path: Path, tmp_path: Path) -> None:
    """One of another profile, say."""
    other = tmp_path / "other" / "ledger.sqlite"
    with Ledger(other) as ledger:
        ledger.add_link(Link("c2", "1000002", "Other", LINK.since))
    shutil.copy(other, path)
    assert reason(path) == "replaced"


def test_an_older_copy_is_not_the_one(path: Path, tmp_path: Path) -> None:
    """A copy from before the last change, put back by hand or by a backup program."""
    copy = tmp_path / "copy.sqlite"
    shutil.copy(path, copy)
    with Ledger(path) as ledger:
        ledger.remove_link(LINK)
    shutil.copy(copy, path)
    assert reason(path) == "older"


def test_a_run_that_was_killed_makes_earlier_copies_older(path: Path, tmp_path: Path) -> None:
    """It never closed the ledger, but it had announced that it would write."""
    copy = tmp_path / "copy.sqlite"
    shutil.copy(path, copy)
    killed = Ledger(path)
    killed.require_intact()
    shutil.copy(copy, path)
    assert reason(path) == "older"
    killed.close()


def test_files_for_upload_without_a_ledger_are_a_loss(tmp_path: Path) -> None:
    """The whole state folder is gone; the files show that there was a ledger."""
    assert reason(tmp_path / "ledger.sqlite", (tmp_path / "xpmsync-changes.csv",)) == "pending"


def test_a_marker_that_is_behind_does_no_harm(path: Path) -> None:
    """A run was killed between the ledger and its marker."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE facts SET value = '99' WHERE name = 'ledger.generation'")
        db.commit()
    assert reason(path) == ""


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        ("UPDATE links SET agreed = '{'", "agreed for c1"),
        ("UPDATE links SET agreed = '[]'", "agreed for c1"),
        ("UPDATE links SET contacts = '3'", "agreed for c1"),
        ("UPDATE links SET holds = '[[1]]'", "holds of c1"),
        ("UPDATE links SET level = 'all'", "link of c1"),
        ("UPDATE runs SET counts = 'x'", "run 1"),
        ("UPDATE runs SET direction = 'north'", "run 1"),
        ("INSERT INTO facts VALUES ('cursor', 'yesterday')", "cursor"),
        ("INSERT INTO facts VALUES ('source_clients', 'many')", "source_clients"),
    ],
)
def test_damage_inside_a_sound_file_names_the_record(path: Path, statement: str, record: str) -> None:
    """What SQLite takes for a good value, and xpmsync never wrote."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
        db.commit()
    content = path.read_bytes()
    with Ledger(path) as ledger, pytest.raises(LedgerDamaged) as damaged:
        ledger.require_intact()
    assert record in damaged.value.record
    assert path.read_bytes() == content


def test_a_text_that_is_not_utf_8_is_damage(path: Path) -> None:
    """SQLite itself does not mind."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE links SET name = CAST(x'ff' AS TEXT)")
        db.commit()
    with pytest.raises(LedgerDamaged), Ledger(path) as ledger:
        ledger.links()


def test_the_last_seven_daily_backups_are_kept(path: Path) -> None:
    """Private copies that open as ledgers; a second one on a day replaces the first."""
    for day in range(9):
        back_up(path, NOW + timedelta(days=day))
    last = back_up(path, NOW + timedelta(days=8, hours=3))
    assert [file.name for file in backups(path)] == [
        f"ledger-{NOW + timedelta(days=day):%Y-%m-%d}.sqlite" for day in range(8, 1, -1)
    ]
    if sys.platform != "win32":
        assert stat.S_IMODE(last.stat().st_mode) == 0o600
    shutil.copy(last, path)
    with Ledger(path) as ledger:
        assert ledger.links() == [LINK]


def test_a_clock_that_jumped_ahead_costs_no_later_backup(path: Path) -> None:
    """The new copy is kept, although its name is older than that of seven others."""
    for day in range(7):
        back_up(path, NOW + timedelta(days=1000 + day))
    today = back_up(path, NOW)
    assert today.exists()
    assert len(backups(path)) == 7


def test_a_damaged_ledger_is_not_backed_up(path: Path) -> None:
    """The backup of the day stays as it was."""
    back_up(path, NOW)
    (backup,) = backups(path)
    good = backup.read_bytes()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(Exception, match="ledger"):
        back_up(path, NOW)
    assert backup.read_bytes() == good
    assert [file.name for file in backup.parent.iterdir()] == [backup.name]
