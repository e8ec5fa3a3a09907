"""The demo profile: a built-in practice that has used xpmsync for a while, and can start over."""

from __future__ import annotations

from xpmsync.core.links import Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import remove_database, remove_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator import builtin

__all__ = ["add_seeded_links", "start_over"]

_SEEDED = "seeded"


def add_seeded_links(ledger: Ledger, paths: ProfilePaths, now: str) -> None:
    """Link what the practice has linked already, once; links undone later stay undone."""
    if ledger.fact(_SEEDED) is not None:
        return
    from xpmsync.simulator.people.seed import SEEDED_LINKS

    with builtin.open_world(paths.folder) as world, ledger.transaction():
        for xpm_id, ignition_id in SEEDED_LINKS:
            client = world.client(xpm_id)
            if client is not None:
                ledger.add_link(Link(xpm_id, ignition_id, client.name, now))
        ledger.note(_SEEDED, now)


def start_over(paths: ProfilePaths) -> None:
    """Forget the practice's clients, links and history; raises `StateUnusable` where a file is in use."""
    builtin.reset(paths.folder)
    for file in (paths.ledger, paths.limits):
        remove_database(file)
    for file in (paths.status, paths.stopped_plan):
        remove_file(file)
