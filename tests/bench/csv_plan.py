"""Route csv: an export of 15,000 clients read and planned against as many XPM clients, and the file it gives.

    python tests/bench/csv_plan.py [--clients 15500]

The floor is `csv.reader` alone over the export, plus expat with empty handlers
over XPM's answer (`reading.py`). The measured side is the shipped code: the export
checked and read, XPM over loopback HTTP, both compared, the plan. Then the plan is
written twice, in states of their own, and the two files are compared byte by byte.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

TENANT = "11111111-2222-3333-4444-555555555555"
READING = Path(__file__).with_name("reading.py")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=15_500, help="clients of XPM; deleted ones are not exported")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plan", nargs=3, metavar=("URL", "STATE", "WRITE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plan:
        _plan(options.plan[0], Path(options.plan[1]), write=options.plan[2] == "write")
    else:
        _measure(options.clients, options.rounds)


def _measure(clients: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="xpmsync-bench-") as name:
        folder = Path(name)
        body, state = folder / "list.xml", folder / "state"
        _prepare(body, state, clients)
        export = state / "exports" / "clients.csv"
        server = subprocess.Popen(
            [sys.executable, str(READING), "--serve", str(body)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            floors, plans = [], []
            for _ in range(rounds):
                floors.append((_csv_floor(export), _xml_floor(body)))
                plans.append(_run(url, state, write=False))
            files = []
            for number in range(2):
                copy = folder / f"copy-{number}"
                shutil.copytree(state, copy)
                _run(url, copy, write=True)
                (file,) = (copy / "exports" / "for-ignition").glob("*changes.csv")
                files.append(file.read_bytes())
        finally:
            server.kill()
            server.communicate()
        rows, cells = min(one for one, _ in floors), min(one for _, one in floors)
        best = min(plans, key=lambda told: float(told["seconds"]))
        floor = rows + cells
        print(f"export                        {best['exported']:,} clients, {export.stat().st_size / 1e6:.1f} MB")
        print(f"csv.reader alone              {rows:.2f} s  ({_rows(export):,} rows)")
        print(f"expat, empty handlers         {cells:.2f} s  ({clients:,} clients, {body.stat().st_size / 1e6:.1f} MB)")
        print(f"read and planned              {best['seconds']:.2f} s  ({best['changes']} changes)")
        print(f"ratio                         {float(best['seconds']) / floor:.2f}  (at most 3)")
        print(f"peak memory of the process    {max(float(p['peak_mb']) for p in plans):.0f} MB  (at most 200)")
        print(f"file for upload               {len(files[0]):,} bytes, twice the same: {files[0] == files[1]}")


def _run(url: str, state: Path, *, write: bool) -> dict[str, float]:
    words = [sys.executable, __file__, "--plan", url, str(state), "write" if write else "look"]
    told = subprocess.run(words, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(told.stdout)
    return answer


def _prepare(body: Path, state: Path, clients: int) -> None:
    from urllib.request import Request, urlopen

    from support.generate_register import generate_register
    from xpmsync.core.model import Link
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.simulator.ignition.files import save_export
    from xpmsync.simulator.ignition.register import Register
    from xpmsync.simulator.people.generate import generate
    from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
    from xpmsync.simulator.world.world import World

    paths = ProfilePaths(state).ready()
    with World() as world, Register() as register, Ledger(paths.ledger) as ledger:
        generate(world, clients=clients)
        pairs = generate_register(register, clients=clients).links
        save_export(register, state / "exports" / "clients.csv")
        with ledger.transaction():
            for xpm_id, ignition_id in pairs:
                ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
        with SimulatorServer(world, static_token="bench") as server:
            headers = {"Authorization": "Bearer bench", "xero-tenant-id": DEMO_TENANT.tenant_id}
            request = Request(f"{server.api_url}client.api/list?detailed=true", headers=headers)
            with urlopen(request) as answer, body.open("wb") as file:
                while piece := answer.read(1 << 20):
                    file.write(piece)


def _csv_floor(export: Path) -> float:
    began = time.process_time()
    with export.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.process_time() - began


def _xml_floor(body: Path) -> float:
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: None
    parser.EndElementHandler = lambda _name: None
    parser.CharacterDataHandler = lambda _text: None
    began = time.process_time()
    with body.open("rb") as file:
        while piece := file.read(65536):
            parser.Parse(piece, False)
    parser.Parse(b"", True)
    return time.process_time() - began


def _rows(export: Path) -> int:
    with export.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _plan(url: str, state: Path, *, write: bool) -> None:
    """In a process of its own: plan once, perhaps write, and tell time and peak memory."""
    from dataclasses import replace

    from xpmsync.cli.entry import GC_THRESHOLDS
    from xpmsync.local.settings.sections import XpmSettings
    from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.usecases.context.context import Silent
    from xpmsync.usecases.context.open import open_context
    from xpmsync.usecases.sync.apply import apply
    from xpmsync.usecases.sync.preview import preview

    settings = replace(
        Settings("default", state / "none.toml"),
        xpm=XpmSettings(api_url=url, tenant_id=TENANT),
        ignition=IgnitionSettings(route=Route.CSV, export_folder=str(state / "exports")),
    )
    environ = {**os.environ, "XPMSYNC_XPM_ACCESS_TOKEN": "bench"}
    began = time.process_time()
    gc.set_threshold(*GC_THRESHOLDS)  # as the console script does
    with open_context(settings, ProfilePaths(state), environ, attended=False, progress=Silent()) as context:
        found = preview(context, Silent(), full=True)
        seconds = time.process_time() - began
        if write:
            apply(context, found, Silent())
    told = {
        "seconds": seconds,
        "peak_mb": _peak_mb(),
        "changes": len(found.plan.changes),
        "exported": found.plan.clients,
    }
    print(json.dumps(told))


def _peak_mb() -> float:
    """This program's own peak; `ru_maxrss` would count the parent's memory before exec."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("This benchmark reads /proc, so it needs Linux.")


if __name__ == "__main__":
    main()
