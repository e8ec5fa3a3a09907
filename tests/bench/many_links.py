"""100,000 links: CPU time and memory of listing, comparing and checking them, each in a process of its own.

`compare` does what a run does with every link: compare Ignition's record with the
fingerprint of the last run, and diff the tenth that was edited.

python tests/bench/many_links.py [LINKS]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xpmsync.core import fingerprint
from xpmsync.core.diff.diff import diff_client
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Client, Contact, Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.simulator.ignition.register import Register  # noqa: F401 - what a run has loaded, too
from xpmsync.xpm.api.store import XPM_CAPABILITIES

LINKS = 100_000


def main() -> None:
    """Make the ledger, then measure each job in its own process."""
    if len(sys.argv) == 3:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    number = int(sys.argv[1]) if len(sys.argv) > 1 else LINKS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        fill(path, number)
        print(f"{number:,} links, ledger of {path.stat().st_size / 1e6:.0f} MB")
        for job in ("list", "compare", "check"):
            ended = subprocess.run(
                [sys.executable, __file__, job, str(path)], capture_output=True, text=True, check=True
            )
            print(ended.stdout.strip())


def fill(path: Path, number: int) -> None:
    """A ledger with that many links, of which each agreed on six fields."""
    fields = {f"field{place}": "0123456789abcdef" for place in range(6)}
    with Ledger(path) as ledger, ledger.transaction():
        for each in range(number):
            link = Link(f"{each:08x}-0000-4000-8000-000000000000", f"{each}", f"Client {each} Pty Ltd", "2026-01-01")
            ledger.add_link(link)
            person = Contact(f"i{each}", {"contact.name": "Ann Lee", "contact.email": "ann@example.com"})
            values = {"name": link.name, "phone": "02 5550 0101", "city": "Colac"}
            shown = fingerprint.of_record(Client(System.IGNITION, link.ignition_id, values, (person,)))
            contacts = {f"x{each}": f"i{each}"}
            ledger.remember(link.ref, values=fields, contacts=contacts, ignition_fingerprint=shown)


def measure(job: str, path: Path) -> None:
    """Do the job and print seconds and peak memory."""
    started = time.process_time()
    with Ledger(path) as ledger:
        if job == "list":
            done = len(ledger.links())
        elif job == "check":
            done = 0 if ledger.problem() else ledger.count()
        else:
            done = compare(ledger)
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{job:<8} {done:>7,} links {seconds:6.2f} s {memory:6.0f} MB")


def compare(ledger: Ledger) -> int:
    """Diff the links whose fingerprint differs: every tenth telephone number was edited."""
    rules = Rules(Direction.FROM_XPM, Level.EVERYTHING, XPM_CAPABILITIES, XPM_CAPABILITIES)
    agreed, changed = ledger.all_agreed(), 0
    for number, link in enumerate(ledger.links()):
        person = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
        values = {"name": link.name, "phone": "02 5550 0101", "city": "Colac"}
        there = values | ({"phone": "02 5550 0999"} if number % 10 == 0 else {})
        ignition = Client(System.IGNITION, link.ignition_id, there, (Contact(f"i{number}", person),))
        if fingerprint.of_record(ignition) == link.ignition_fingerprint:
            continue
        xpm = Client(System.XPM, link.xpm_id, values, (Contact(f"x{number}", person),))
        changed += len(diff_client(link.ref, xpm, ignition, agreed(link.xpm_id), rules).changes)
    assert changed
    return number + 1


if __name__ == "__main__":
    main()
