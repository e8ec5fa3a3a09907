"""How fast and how flat: 15,000 detailed clients from first byte to finished plan, against expat alone.

    python tests/bench/reading.py [--clients 15000]

Prints ratios measured in one run: the floor is expat with empty handlers on the
very same bytes. The measured side is the shipped code over loopback HTTP: HTTP,
decoding, records, both sides compared, the plan. The server runs in another process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

TENANT = "11111111-2222-3333-4444-555555555555"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=15_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--plan", nargs=2, metavar=("URL", "STATE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve(Path(options.serve))
    elif options.plan:
        _plan(options.plan[0], Path(options.plan[1]))
    else:
        _measure(options.clients, options.rounds)


def _measure(clients: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="xpmsync-bench-") as folder:
        body = Path(folder, "list.xml")
        state = Path(folder, "state")
        _prepare(body, state, clients)
        server = subprocess.Popen([sys.executable, __file__, "--serve", str(body)], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            floors, plans = [], []
            for _ in range(rounds):
                floors.append(_floor(body))
                told = subprocess.run(
                    [sys.executable, __file__, "--plan", url, str(state)], check=True, capture_output=True, text=True
                )
                plans.append(json.loads(told.stdout))
        finally:
            server.kill()
            server.communicate()
        floor = min(floors)
        best = min(plans, key=lambda told: told["seconds"])
        print(f"clients                       {clients:,} ({body.stat().st_size / 1e6:.1f} MB of XML)")
        print(f"expat, empty handlers         {floor:.2f} s")
        print(f"first byte to finished plan   {best['seconds']:.2f} s  ({best['changes']} changes)")
        print(f"ratio                         {best['seconds'] / floor:.2f}  (at most 2.2)")
        print(f"peak memory of the process    {max(p['peak_mb'] for p in plans):.0f} MB  (at most 150)")


def _prepare(body: Path, state: Path, clients: int) -> None:
    from urllib.request import Request, urlopen

    from support.generate_register import generate_register
    from xpmsync.core.model import Link
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.simulator.ignition.register import Register
    from xpmsync.simulator.people.generate import generate
    from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
    from xpmsync.simulator.world.world import World

    paths = ProfilePaths(state).ready()
    with World() as world, Register(paths.register) as register, Ledger(paths.ledger) as ledger:
        generate(world, clients=clients)
        pairs = generate_register(register, clients=clients).links
        with ledger.transaction():
            for xpm_id, ignition_id in pairs:
                ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
        with SimulatorServer(world, static_token="bench") as server:
            headers = {"Authorization": "Bearer bench", "xero-tenant-id": DEMO_TENANT.tenant_id}
            request = Request(f"{server.api_url}client.api/list?detailed=true", headers=headers)
            with urlopen(request) as answer, body.open("wb") as file:
                while piece := answer.read(1 << 20):
                    file.write(piece)


def _floor(body: Path) -> float:
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: None
    parser.EndElementHandler = lambda _name: None
    parser.CharacterDataHandler = lambda _text: None
    began = time.perf_counter()
    with body.open("rb") as file:
        while piece := file.read(65536):
            parser.Parse(piece, False)
    parser.Parse(b"", True)
    return time.perf_counter() - began


def _serve(body: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(body.stat().st_size))
            self.end_headers()
            with body.open("rb") as file:
                while piece := file.read(1 << 16):
                    self.wfile.write(piece)

        def log_message(self, *_facts: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    threading.Event().wait()


def _plan(url: str, state: Path) -> None:
    """In a process of its own: plan once, and tell time and peak memory."""
    from dataclasses import replace

    from xpmsync.cli.entry import GC_THRESHOLDS
    from xpmsync.local.settings.sections import XpmSettings
    from xpmsync.local.settings.settings import Settings
    from xpmsync.local.system.paths import ProfilePaths
    from xpmsync.usecases.context.open import open_context
    from xpmsync.usecases.sync.preview import preview

    class Stopwatch:
        """Starts when XPM's first client arrives."""

        began = 0.0

        def step(self, label: str, done: int, total: int | None = None) -> None:
            """Start at the first XPM record."""

        def waiting(self, seconds: float, why: str) -> None:
            """Nothing waits here."""

    settings = replace(Settings("default", state / "none.toml"), xpm=XpmSettings(api_url=url, tenant_id=TENANT))
    environ = {**os.environ, "XPMSYNC_XPM_ACCESS_TOKEN": "bench"}
    gc.set_threshold(*GC_THRESHOLDS)  # as the console script does
    with open_context(settings, ProfilePaths(state), environ, attended=False, progress=Stopwatch()) as context:
        began = time.perf_counter()
        found = preview(context, Stopwatch(), full=True)
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb(), "changes": len(found.plan.changes)}))


def _peak_mb() -> float:
    """This program's own peak; `ru_maxrss` would count the parent's memory before exec."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("This benchmark reads /proc, so it needs Linux.")


if __name__ == "__main__":
    main()
