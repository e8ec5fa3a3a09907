"""Route files of XPM against route csv of Ignition: everything read and planned from files.

    python tests/bench/xpm_files.py [--clients 16200]

The floor is `csv.reader` alone over all files. The measured side is the shipped
code: the folders looked through, files checked, both systems read and compared, the
plan. The ratio is that of the first run, which nothing is known for; a later run, over
the same files and a ledger that remembers the first one, is shown beside it. Both are
processor time, the least of all rounds. The plan is written twice, in states of their
own, and the files for upload are compared byte by byte.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

XPM = "xpm-exports"
IGNITION = "exports"
REPORT_ROWS = 20_000
SECOND_CONTACTS = 0.69
"""So many clients have a second contact that 15,100 clients have 25,000 rows of contacts."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16_200, help="clients of XPM; archived ones are not exported")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plan", nargs=2, metavar=("STATE", "WRITE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plan:
        _plan(Path(options.plan[0]), write=options.plan[1] == "write")
    else:
        _measure(options.clients, options.rounds)


def _measure(clients: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="xpmsync-bench-") as name:
        state = Path(name) / "state"
        _prepare(state, clients)
        files = sorted([*(state / XPM).glob("*.csv"), *(state / IGNITION).glob("*.csv")])
        copies = [Path(name) / f"copy-{number}" for number in range(2)]
        for copy in copies:
            shutil.copytree(state, copy)
            _run(copy, write=True)
        written = [_uploads(copy) for copy in copies]
        floors, plans, later = [], [], []
        for _ in range(rounds):
            floors.append(sum(map(_floor, files)))
            plans.append(_run(state, write=False))
            later.append(_run(copies[0], write=False))
        best, best_later = (min(runs, key=lambda run: run["seconds"]) for runs in (plans, later))
        for path in files:
            print(f"{path.name:<40} {_rows(path):>7,} rows {path.stat().st_size / 1e6:6.1f} MB")
        print(f"csv.reader alone, all files   {min(floors):.2f} s")
        print(f"read and planned              {best['seconds']:.2f} s  ({best['changes']:.0f} changes)")
        print(f"ratio                         {best['seconds'] / min(floors):.2f}  (at most 3)")
        print(
            f"a later run                   {best_later['seconds']:.2f} s, {best_later['seconds'] / min(floors):.2f} x"
        )
        print(
            f"peak memory of the process    {max(plan['peak_mb'] for plan in (*plans, *later)):.0f} MB  (at most 250)"
        )
        print(f"files for upload              {len(written[0])}, twice the same: {written[0] == written[1]}")


def _run(state: Path, *, write: bool) -> dict[str, float]:
    words = [sys.executable, __file__, "--plan", str(state), "write" if write else "look"]
    answer = subprocess.run(words, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def _uploads(state: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((state / IGNITION / "for-ignition").glob("*.csv"))]


def _prepare(state: Path, clients: int) -> None:
    from support.generate_register import generate_register
    from xpmsync.core.model import Link
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.simulator.ignition.files import save_export
    from xpmsync.simulator.ignition.register import Register
    from xpmsync.simulator.people.generate import generate
    from xpmsync.simulator.world.world import World
    from xpmsync.simulator.xpm_files.export import export_xpm
    from xpmsync.usecases.xpm_files import confirm_columns

    paths = ProfilePaths(state).ready()
    with World() as world, Register() as register, Ledger(paths.ledger) as ledger:
        generate(world, clients=clients, second_contacts=SECOND_CONTACTS)
        pairs = generate_register(register, clients=clients, second_contacts=SECOND_CONTACTS).links
        save_export(register, state / IGNITION / "clients.csv")
        exported = export_xpm(world, state / XPM, datetime.now(UTC)).paths
        active = {client.uuid for client in world.clients() if not (client.archived or client.deleted)}
        with ledger.transaction():
            for xpm_id, ignition_id in pairs:
                if xpm_id in active:
                    ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
        for path in exported:
            confirm_columns(path, ledger)
    report = exported[-1]
    lines = report.read_text(encoding="utf-8").splitlines(keepends=True)
    report.write_text("".join(lines[: REPORT_ROWS + 1]), encoding="utf-8", newline="")


def _floor(path: Path) -> float:
    began = time.process_time()
    with path.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.process_time() - began


def _rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _plan(state: Path, *, write: bool) -> None:
    """In a process of its own: plan once, perhaps write, and print time and peak memory."""
    from xpmsync.cli.entry import GC_THRESHOLDS
    from xpmsync.local.settings.sections import XpmFilesSettings, XpmRoute, XpmSettings
    from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.usecases.context.context import Silent
    from xpmsync.usecases.context.open import open_context
    from xpmsync.usecases.sync.apply import apply
    from xpmsync.usecases.sync.preview import preview

    settings = Settings(
        "default",
        state / "none.toml",
        xpm=XpmSettings(route=XpmRoute.FILES),
        xpm_files=XpmFilesSettings(folder=str(state / XPM)),
        ignition=IgnitionSettings(route=Route.CSV, export_folder=str(state / IGNITION)),
    )
    began = time.process_time()
    gc.set_threshold(*GC_THRESHOLDS)  # as the console script does
    with open_context(settings, ProfilePaths(state), {}, attended=False, progress=Silent()) as context:
        planned = preview(context, Silent(), full=True)
        seconds = time.process_time() - began
        if write:
            apply(context, planned, Silent())
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb(), "changes": len(planned.plan.changes)}))


def _peak_mb() -> float:
    """This program's own peak; `ru_maxrss` would count the parent's memory before exec."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("This benchmark reads /proc, so it needs Linux.")


if __name__ == "__main__":
    main()
