"""Secrets and client data are in no argument of a process, where every user of the computer can read them."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from support.cli_runner import TOKEN, Live
from xpmsync.simulator.server.faults import Fault

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only Linux shows arguments in /proc")

CLIENT = "Canary Holdings Ltd"
PASSWORD = "canary-password-77b1"


def test_a_running_sync_shows_no_secret(live: Live) -> None:
    """Looked at in the middle of reading and in the middle of a write, its children and threads included."""
    live.set("[sync]", 'direction = "to-xpm"')
    live.linked(CLIENT)
    moments = [(threading.Event(), threading.Event()) for _ in range(2)]
    for (reached, release), method in zip(moments, ("GET", "PUT"), strict=True):
        live.fault(Fault("slow-body", method=method, path="client.api", reached=reached, release=release))
    with subprocess.Popen(
        [sys.executable, "-m", "xpmsync", "sync", "--yes"],
        env=live.shell.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        for reached, release in moments:
            assert reached.wait(30)
            shown = arguments_of(process.pid)
            release.set()
            assert b"xpmsync" in shown
            for canary in (TOKEN, CLIENT, "ann@example.com"):
                assert canary.encode() not in shown
        process.communicate(timeout=60)
    assert process.returncode == 0


def arguments_of(pid: int) -> bytes:
    """The arguments of a process and of all below it."""
    place = Path("/proc") / str(pid)
    shown = (place / "cmdline").read_bytes()
    for task in (place / "task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            shown += arguments_of(int(child))
    return shown
