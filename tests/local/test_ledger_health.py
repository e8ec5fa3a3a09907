"""A ledger is looked at as it lies there: whole, damaged, newer, locked; and left so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from xpmsync.core.enums import Direction, Level
from xpmsync.core.model import Link
from xpmsync.local.ledger.health import LedgerHealth, check_ledger_file, count_links, ledgers_set_aside
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.sqlite import set_aside

NOW = "2026-11-23T02:30:00+00:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a few hundred links and a run without an end."""
    file = tmp_path / "ledger.sqlite"
    with Ledger(file) as ledger:
        with ledger.transaction():
            for number in range(400):
                ledger.add_link(Link(f"x-{number}", f"i-{number}", f"Client {number}", NOW))
        ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, NOW)
    return file


def look(path: Path) -> LedgerHealth:
    """What is found of a ledger that is there."""
    found = check_ledger_file(path)
    assert found is not None
    return found


def test_no_ledger_is_not_made(tmp_path: Path) -> None:
    """Looking creates nothing."""
    assert check_ledger_file(tmp_path / "ledger.sqlite") is None
    assert list(tmp_path.iterdir()) == []


def test_a_whole_ledger_is_counted(path: Path) -> None:
    """Links, the run that was cut off, the latest moment."""
    found = look(path)

    assert (found.damage, found.reason, found.newer) == ("", "", False)
    assert (found.links, found.cut_off, found.open_writes) == (400, 1, 0)
    assert found.last_moment == NOW


@pytest.mark.parametrize("where", [0, 4096 * 12])
def test_damage_is_found_and_left_as_it_is(path: Path, where: int) -> None:
    """At the head, or deep inside a page; the file is neither mended nor moved."""
    raw = bytearray(path.read_bytes())
    raw[where : where + 600] = b"\xa5" * 600
    path.write_bytes(raw)

    assert look(path).damage
    assert path.read_bytes() == raw


def test_a_text_file_in_its_place_is_damage(path: Path) -> None:
    """What is no database at all."""
    path.write_text("this is no ledger\n" * 100, encoding="utf-8")

    assert look(path).damage == "file is not a database"


def test_a_newer_ledger_is_not_touched(path: Path) -> None:
    """Its tables may mean something else by now, so nothing is counted."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")

    found = look(path)
    assert found.newer
    assert found.links == 0


def test_a_ledger_that_is_held_is_said_to_be(path: Path) -> None:
    """Another program writes just now."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        found = check_ledger_file(path, wait_seconds=0)
        db.execute("ROLLBACK")

    assert found is not None
    assert found.reason == "database is locked"
    assert found.damage == ""


def test_ledgers_set_aside_are_found(path: Path) -> None:
    """By the name that a rebuild gives the file that it replaces."""
    assert ledgers_set_aside(path) == ()
    aside = set_aside(path)
    assert ledgers_set_aside(path) == (aside,)


def test_completion_only_looks(path: Path) -> None:
    """A key pressed by chance neither mends a damaged ledger nor sets it aside; it just offers nothing."""
    assert len(count_links(path)) == 400
    path.write_bytes(b"\xa5" * 9000)
    assert count_links(path) == []
    assert count_links(path.with_name("none.sqlite")) == []
    assert path.read_bytes() == b"\xa5" * 9000
    assert not path.with_name("none.sqlite").exists()
