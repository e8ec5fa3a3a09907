"""Locks between processes: one run at a time, and a dead holder holds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xpmsync.errors import AnotherRun, StateUnusable
from xpmsync.local.system.locks import file_lock, run_lock

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from xpmsync.local.system.locks import run_lock
with run_lock(Path(sys.argv[1]), now=datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield other


def test_a_second_run_is_told_of_the_first(tmp_path: Path) -> None:
    """Another process that runs is named with its id, its machine and its start."""
    lock = tmp_path / "run.lock"
    with holding(lock) as other:
        with pytest.raises(AnotherRun) as raised, run_lock(lock, now=NOW):
            pytest.fail("two runs at once")

        assert (raised.value.pid, raised.value.since) == (other.pid, "2026-11-22T09:00:00+00:00")
        assert raised.value.host

    with run_lock(lock, now=NOW):
        pass


def test_a_killed_run_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """After SIGKILL the next run goes ahead; nobody has to remove a file."""
    lock = tmp_path / "run.lock"
    with holding(lock) as other:
        other.kill()
        other.wait()

    with run_lock(lock, now=NOW):
        pass


def test_a_holder_that_left_no_note_is_still_a_holder(tmp_path: Path) -> None:
    """Without a readable note the error just cannot say who it is."""
    lock = tmp_path / "run.lock"
    with file_lock(lock):
        (tmp_path / "run.lock.holder").write_text("{", encoding="utf-8")
        with pytest.raises(AnotherRun) as raised, run_lock(lock, now=NOW):
            pytest.fail("two runs at once")

    assert (raised.value.pid, raised.value.host) == (0, "")


def test_the_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    """A run that ends with an error lets go."""
    lock = tmp_path / "run.lock"
    with pytest.raises(ZeroDivisionError), run_lock(lock, now=NOW):
        _ = 1 // 0

    with run_lock(lock, now=NOW):
        assert str(os.getpid()) in (tmp_path / "run.lock.holder").read_text(encoding="utf-8")
    assert not (tmp_path / "run.lock.holder").exists()


def test_threads_exclude_each_other_too(tmp_path: Path) -> None:
    """The same lock cannot be had twice within one process either."""
    with (
        file_lock(tmp_path / "x.lock"),
        pytest.raises(StateUnusable),
        file_lock(tmp_path / "x.lock", wait_seconds=0),
    ):
        pytest.fail("held twice")


def test_a_lock_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    """A folder in the lock's place is a clear error."""
    (tmp_path / "x.lock").mkdir()

    with pytest.raises(StateUnusable), file_lock(tmp_path / "x.lock", wait_seconds=0):
        pytest.fail("a folder was locked")
