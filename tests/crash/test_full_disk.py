"""A disk that is full in the middle of a run: a real one, small and full, and the kernel's limit on a file's size."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from support.cli_runner import Ended
from support.crash_scenarios import Scene, open_scene
from xpmsync.core.enums import Direction

CLIENTS: Final = 160
SPARE: Final = (0, 8, 24, 60, 90, 120)
"""KiB that are free when the run begins: from no room for the first intent to room for nearly all of them."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows mounts no disk for a test")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    mount = shutil.which("mount")
    mounted = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root can mount a disk")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.fixture(scope="module")
def expected() -> dict[str, list[object]]:
    """Both systems after a run with room enough."""
    with open_scene("builtin", Direction.TO_XPM, clients=CLIENTS) as scene:
        scene.finish()
        return scene.state()


@pytest.mark.parametrize("spare", SPARE)
def test_a_full_disk_in_the_middle_of_a_run(small_disk: Path, spare: int, expected: dict[str, list[object]]) -> None:
    """The run stops, says what was written, and goes on when there is room; in the end nothing is lost or doubled."""
    with open_scene("builtin", Direction.TO_XPM, clients=CLIENTS, folder=small_disk) as scene:
        assert scene.run("--json", "diff").exit_code == 0
        ballast = small_disk / "ballast"
        with ballast.open("wb") as file:
            file.write(b"\0" * max(0, shutil.disk_usage(small_disk).free - spare * 1024))
        before = writes(scene)
        stopped = scene.sync()
        check_answer(stopped, writes(scene) - before)
        ballast.unlink()
        scene.finish()
        assert scene.state() == expected


def test_a_ledger_that_may_not_grow(expected: dict[str, list[object]]) -> None:
    """The same where the system refuses for another reason, at whatever size."""
    with open_scene("builtin", Direction.TO_XPM, clients=CLIENTS) as scene:
        for more in (1, 20_000, 40_000):
            before = writes(scene)
            stopped = scene.sync(point="disk-full", nth=scene.paths.ledger.stat().st_size + more)
            check_answer(stopped, writes(scene) - before)
        scene.finish()
        assert scene.state() == expected


def writes(scene: Scene) -> int:
    """How many writes XPM has seen."""
    return len(scene.server.requests.writes())


def check_answer(stopped: Ended, confirmed: int) -> None:
    """The answer says what was written: all that arrived, or all but one whose end is not known."""
    answer = json.loads(stopped.out)
    (error,) = answer["errors"]
    assert error["hint"], error
    if error["code"] == "state":
        assert not confirmed
        assert stopped.exit_code == 1
        return
    assert error["code"] == "journal"
    assert stopped.exit_code == (5 if confirmed else 1)
    applied = answer["data"]["applied"]
    assert applied["written"] >= confirmed - 1
    assert ("The first change may have arrived" in error["message"]) == (applied["written"] == 0)
