"""How quickly a command starts, against bare `python -c pass`, and what a write costs in the journal.

    python tests/bench/startup.py

Best of many runs each, measured in turn so that a busy machine is fair to all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 40
WRITES = 300


def main() -> None:
    """Measure and print."""
    program = Path(sys.executable).with_name("xpmsync")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--version": [str(program), "--version"],
        "--help": [str(program), "--help"],
        "status": [str(program), "status"],
    }
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "XPMSYNC_STATE_DIR": folder, "XPMSYNC_CONFIG": str(Path(folder, "config.toml"))}
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, env=environ, check=True, capture_output=True)
                best[name] = min(best[name], time.perf_counter() - began)
        cost = _journal_ms(Path(folder))
    bare = best["python -c pass"]
    limits = {"--version": 7, "--help": 7, "status": 9}
    for name, seconds in best.items():
        told = f"  {seconds / bare:4.1f} x  (at most {limits[name]})" if name in limits else ""
        print(f"{name:16}{seconds * 1000:6.0f} ms{told}")
    print(f"{'journal':16}{cost:6.2f} ms a write: intent and done, each on disk")


def _journal_ms(folder: Path) -> float:
    from xpmsync.core.enums import Direction, Level, System
    from xpmsync.core.model import ClientRef
    from xpmsync.core.plan.plan import Call, CallKind, Change, ChangeKind, Why
    from xpmsync.local.ledger.journal import WriteState
    from xpmsync.local.ledger.ledger import Ledger

    client = ClientRef("x1", "1000001", "Hill Dental Ltd")
    change = Change(client, ChangeKind.FIELD, "phone", "02 5550 0001", "02 5550 0002", Why.SOURCE_CHANGED)
    call = Call(client, CallKind.UPDATE, {"phone": change.new}, (change,))
    with Ledger(folder / "ledger.sqlite") as ledger:
        run = ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, "2026-01-01T00:00:00+00:00")
        began = time.perf_counter()
        for _ in range(WRITES):
            write = ledger.journal.intend(run, call, System.IGNITION, "2026-01-01T00:00:00+00:00")
            ledger.journal.close(write, WriteState.DONE, "2026-01-01T00:00:00+00:00")
        return (time.perf_counter() - began) * 1000 / WRITES


if __name__ == "__main__":
    main()
