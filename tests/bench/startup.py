"""How quickly a command starts, and what a write costs in the journal.

    python tests/bench/startup.py

`--help` and `status` are measured against `python -c "import typer"`, which is the
floor of every command, and `--version` against bare Python. The least processor time
of many runs each, measured in turn, so that a busy machine changes little.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 40
WRITES = 300
LIMITS = {"--version": ("python -c pass", 2.5), "--help": ("import typer", 1.5), "status": ("import typer", 1.8)}


def main() -> None:
    """Measure and print; ends with 1 where a limit is exceeded."""
    program = Path(sys.executable).with_name("xpmsync")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import typer": [sys.executable, "-c", "import typer"],
        **{words: [str(program), words] for words in LIMITS},
    }
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "XPMSYNC_STATE_DIR": folder, "XPMSYNC_CONFIG": str(Path(folder, "config.toml"))}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for name, command in commands.items():
                best[name] = min(best[name], _processor_seconds(command, environ))
        cost = _journal_ms(Path(folder))
    exceeded = False
    for name, seconds in best.items():
        ratio = ""
        if name in LIMITS:
            floor, limit = LIMITS[name]
            exceeded = exceeded or seconds / best[floor] > limit
            ratio = f"  {seconds / best[floor]:4.2f} x {floor}  (at most {limit})"
        print(f"{name:16}{seconds * 1000:6.0f} ms{ratio}")
    print(f"{'journal':16}{cost:6.2f} ms a write: intent and done, each on disk")
    sys.exit(exceeded)


def _processor_seconds(command: list[str], environ: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
