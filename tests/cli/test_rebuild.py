"""rebuild: what a person does about a ledger that was lost or damaged, and what stops until then."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

from support.cli_runner import Live
from xpmsync.local.ledger.backup import backups
from xpmsync.local.ledger.ledger import Ledger

NAMES: Final = ("Acacia Pty Ltd", "Banksia Pty Ltd")


@pytest.fixture
def practice(live: Live) -> Live:
    """A practice with two linked clients, synced once."""
    for name in NAMES:
        live.linked(name)
    assert live.shell("sync", "--yes").exit_code == 0
    return live


def links(live: Live) -> int:
    """How many links the ledger has."""
    with Ledger(live.paths.ledger) as ledger:
        return ledger.count()


def lose(live: Live, how: str) -> None:
    """Delete or damage the ledger."""
    if how == "deleted":
        live.paths.ledger.unlink()
    elif how == "emptied":
        live.paths.ledger.write_bytes(b"")
    else:
        live.paths.ledger.write_bytes(b"damaged" * 2000)


@pytest.mark.parametrize("how", ["deleted", "emptied", "damaged"])
def test_a_run_that_writes_stops_until_the_ledger_is_rebuilt(practice: Live, how: str) -> None:
    """Exit code 6, with both ways on; then the backup of the day brings everything back."""
    lose(practice, how)
    for _ in range(2):
        stopped = practice.shell("sync", "--yes")
        assert stopped.exit_code == 6
        assert "xpmsync rebuild" in stopped.err
        assert "xpmsync rebuild --start-over" in stopped.err
    looked = practice.shell("rebuild", "--dry-run")
    assert (looked.exit_code, "2 links" in looked.out, "Nothing was changed." in looked.out) == (0, True, True)
    assert practice.shell("sync", "--yes").exit_code == 6
    rebuilt = practice.shell("--json", "rebuild", "--yes")
    assert (rebuilt.exit_code, rebuilt.data["rebuilt"], rebuilt.data["links_in_backup"]) == (0, True, 2)
    assert links(practice) == 2
    after = practice.shell("--json", "--quiet", "sync", "--yes")
    assert (after.exit_code, after.data["changes"]) == (0, [])
    assert practice.shell("--json", "rebuild", "--yes").data["problem"] is None


def test_without_a_backup_the_sure_pairs_are_linked(practice: Live) -> None:
    """Both systems are read, and the preview shows the pairs before anything is used."""
    for backup in backups(practice.paths.ledger):
        backup.unlink()
    lose(practice, "damaged")
    damaged = practice.paths.ledger.read_bytes()
    rebuilt = practice.shell("rebuild", "--yes")
    assert rebuilt.exit_code == 0
    assert all(name in rebuilt.out for name in NAMES)
    assert links(practice) == 2
    (old,) = practice.paths.folder.glob("ledger.damaged-*.sqlite")
    assert old.read_bytes() == damaged


def test_a_damaged_backup_is_passed_over(practice: Live) -> None:
    """An older one that is sound is used."""
    (backup,) = backups(practice.paths.ledger)
    shutil.copy(backup, backup.with_name("ledger-2026-01-01.sqlite"))
    backup.write_bytes(b"damaged" * 2000)
    lose(practice, "deleted")
    rebuilt = practice.shell("--json", "rebuild", "--yes")
    assert str(rebuilt.data["backup"]).endswith("ledger-2026-01-01.sqlite")
    assert links(practice) == 2


def test_an_older_copy_is_recognised(practice: Live) -> None:
    """Put back by a backup program, say; `status` and `doctor` name it, too."""
    shutil.copy(practice.paths.ledger, practice.paths.folder / "copy")
    practice.linked("Correa Pty Ltd")
    shutil.copy(practice.paths.folder / "copy", practice.paths.ledger)
    assert practice.shell("sync", "--yes").exit_code == 6
    assert practice.shell("--json", "status").data["ledger_problem"] == "older"
    assert "xpmsync rebuild" in practice.shell("status").out
    assert "xpmsync rebuild" in practice.shell("doctor", "--offline").out
    assert practice.shell("rebuild", "--yes").exit_code == 0
    assert links(practice) == 3


def test_start_over_begins_with_an_empty_ledger(practice: Live) -> None:
    """Only where a person says so; the old file is kept."""
    lose(practice, "damaged")
    assert practice.shell("rebuild", "--start-over").exit_code == 2
    assert practice.shell("rebuild", "--start-over", "--yes").exit_code == 0
    assert links(practice) == 0
    assert practice.shell("sync", "--yes").exit_code == 0
    assert list(practice.paths.folder.glob("ledger.damaged-*.sqlite"))
