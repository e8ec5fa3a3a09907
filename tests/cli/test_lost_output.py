"""Output that cannot be written: a run ends as it would have ended, and so does the next one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from support.cli_runner import Live
from xpmsync.simulator.server.faults import Fault, FaultKind

FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def run(live: Live, *words: str, out: IO[bytes] | int, err: IO[bytes] | int = subprocess.DEVNULL) -> int:
    """Run a command as a process with these streams."""
    command = [sys.executable, "-m", "xpmsync", *words]
    return subprocess.run(command, env=live.shell.environ, stdout=out, stderr=err, timeout=60, check=False).returncode


def status(live: Live) -> dict[str, object]:
    """How the status file says that the last run ended."""
    note = json.loads(live.paths.status.read_text(encoding="utf-8"))["last_run"]
    return {name: note[name] for name in ("exit_code", "code", "status")}


@pytest.mark.parametrize("words", [("sync", "--yes"), ("--json", "sync", "--yes")])
def test_a_finished_run_is_finished(live: Live, words: tuple[str, ...]) -> None:
    """On a full disk: everything is written, exit code and status file say so, and the next run has nothing to do."""
    for number in range(40):
        live.linked(f"Client {number} Pty Ltd")
    with FULL.open("wb") as full:
        assert run(live, *words, out=full, err=full) == 0
    assert status(live) == {"exit_code": 0, "code": "", "status": "done"}
    assert live.shell("--json", "sync", "--yes").data["changes"] == []


def test_a_partial_run_stays_partial(live: Live) -> None:
    """Exit code 5 with its own reason."""
    for name in ("Acacia Pty Ltd", "Banksia Pty Ltd"):
        live.linked(name)
    live.set("[sync]", 'direction = "to-xpm"')
    live.fault(Fault(FaultKind.ERROR_STATUS, method="PUT", message="Phone is not valid"))
    with FULL.open("wb") as full:
        assert run(live, "sync", "--yes", out=full, err=full) == 5
    assert status(live)["exit_code"] == 5


def test_a_closed_console_changes_nothing(live: Live) -> None:
    """The reader of both streams is gone before the run begins."""
    live.linked("Acacia Pty Ltd")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        assert run(live, "sync", "--yes", out=gone, err=gone) == 0
    assert status(live)["exit_code"] == 0
    assert live.phones() == {"Acacia Pty Ltd": "02 5550 0101"}


def test_streams_that_are_closed_change_nothing(live: Live) -> None:
    """`>&- 2>&-`: notes have nowhere to go."""
    live.linked("Acacia Pty Ltd")
    command = f"exec {sys.executable} -m xpmsync sync --yes >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=live.shell.environ, timeout=60, check=False).returncode == 0
    assert live.phones() == {"Acacia Pty Ltd": "02 5550 0101"}


def test_a_lost_answer_of_a_command_that_only_reads_is_an_error(live: Live) -> None:
    """A program must not take half a file for the answer."""
    live.linked("Acacia Pty Ltd")
    with FULL.open("wb") as full:
        assert run(live, "--json", "diff", out=full) == 1
