"""Ledgers damaged at random bytes: a clear error or a right answer, nothing overwritten, and no writing run after it.

`pytest --damages N` asks for more than the few of an ordinary run.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from support.cli_runner import Live, opened_live
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.simulator.ignition.register import Register

CLIENTS: Final = 12
STOPPED: Final = {"ledger-damaged", "ledger-lost", "ledger-newer"}


def edit(live: Live) -> None:
    """Somebody edits every client in Ignition, so that the next run has something to write."""
    with Register(live.paths.register) as register:
        for client in register.clients():
            register.update(client.id, {"phone": "02 5550 0777"})


def damage(path: Path, chance: random.Random) -> bytes:
    """Overwrite up to 64 random bytes at one random place, or cut the file; returns what is left."""
    content = bytearray(path.read_bytes())
    if chance.random() < 0.1:
        del content[chance.randrange(len(content)) :]
    else:
        place, length = chance.randrange(len(content)), chance.choice((1, 2, 8, 64))
        content[place : place + length] = chance.randbytes(length)
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.timeout(3_600)
def test_damaged_at_random(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Exit code 0 only with everything written that an undamaged ledger would have written."""
    chance = random.Random(10)  # noqa: S311 - repeatable, no secret
    endings: Counter[str] = Counter()
    with opened_live(tmp_path) as live:
        for number in range(CLIENTS):
            live.linked(f"Client {number} Pty Ltd", there="02 5550 0101", here="02 5550 0101")
        assert live.shell("sync", "--yes").exit_code == 0
        for number in range(3):
            live.linked(f"New {number} Pty Ltd")
        edit(live)
        whole = tmp_path / "whole"
        shutil.copytree(live.paths.folder, whole)
        for _ in range(pytestconfig.getoption("damages")):
            shutil.rmtree(live.paths.folder)
            shutil.copytree(whole, live.paths.folder)
            content = damage(live.paths.ledger, chance)
            ended = live.shell("--json", "sync", "--yes")
            code = next(iter(ended.codes), "")
            assert code in {"", *STOPPED}, ended.out
            endings[code or "written"] += 1
            if not code:
                assert set(live.phones().values()) == {"02 5550 0101"}
                continue
            assert ended.exit_code in (2, 6)
            assert set(live.phones().values()) == {"02 5550 0777"}
            assert live.paths.ledger.read_bytes() == content
            assert next(iter(live.shell("--json", "sync", "--yes").codes)) == code
            assert live.shell("status").exit_code in (0, 2, 6)
    assert endings.total() == pytestconfig.getoption("damages")


def test_a_rebuilt_ledger_goes_on(tmp_path: Path) -> None:
    """After any damage, `rebuild` brings back a ledger with which a sync writes what is to be written."""
    chance = random.Random(11)  # noqa: S311 - repeatable, no secret
    with opened_live(tmp_path) as live:
        for number in range(CLIENTS):
            live.linked(f"Client {number} Pty Ltd")
        assert live.shell("sync", "--yes").exit_code == 0
        for _ in range(4):
            while live.shell("--json", "sync", "--yes").exit_code == 0:
                damage(live.paths.ledger, chance)
            edit(live)
            if live.shell("rebuild", "--yes").exit_code == 2:  # a version from the future is not for this program
                live.paths.ledger.unlink()
                assert live.shell("rebuild", "--yes").exit_code == 0
            assert live.shell("sync", "--yes").exit_code == 0
            assert set(live.phones().values()) == {"02 5550 0101"}
            with Ledger(live.paths.ledger) as ledger:
                assert ledger.count() == CLIENTS
