"""Files that a person uploads: what waits, saying that it was done or will not be, and checking any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xpmsync.core.handover import NOTHING_WAITS, Discarded, Handover
from xpmsync.errors import UsageError
from xpmsync.ignition.routes import HandoverModule, Surroundings, handovers
from xpmsync.local.clock import Clock, SystemClock
from xpmsync.local.ledger import Ledger
from xpmsync.local.paths import ProfilePaths
from xpmsync.local.settings import Settings

if TYPE_CHECKING:
    from xpmsync.ignition.csv_check import Checked

__all__ = ["check", "discard", "mark_uploaded", "waiting_files"]


def waiting_files(settings: Settings, paths: ProfilePaths, ledger: Ledger, clock: Clock | None = None) -> Handover:
    """What waited when the last run ended; nothing where the route hands over no files."""
    around = Surroundings(settings, paths, clock or SystemClock(), facts=ledger)
    module = handovers(around)
    return module.waiting(around) if module else NOTHING_WAITS


def mark_uploaded(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> Handover:
    """Note that a person uploaded that file, or all that wait; `UsageError` where nothing like it waits."""
    around = Surroundings(settings, paths, clock or SystemClock(), facts=ledger)
    return _module(around).mark_uploaded(around, path)


def discard(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> Discarded:
    """Forget and remove a file that will not be uploaded, or all: what was in it is planned again.

    Raises `UsageError` where nothing like it waits.
    """
    around = Surroundings(settings, paths, clock or SystemClock(), facts=ledger)
    gone = _module(around).discard(around, path)
    with ledger.transaction():
        for ignition_id in gone.ignition_ids:
            if (link := ledger.link_of(ignition_id)) is not None:
                ledger.hand_back(link)
        for xpm_id in gone.xpm_ids:
            ledger.todo.done(xpm_id)
    return gone


def check(path: Path) -> Checked:
    """Hold any file against the documented rules of Ignition's import; raises `FileRefused`."""
    from xpmsync.ignition.csv_check import check_file

    return check_file(path)


def _module(around: Surroundings) -> HandoverModule:
    module = handovers(around)
    if module is None:
        route = around.settings.ignition.route.value
        raise UsageError(f"The route {route} needs no upload: what a sync writes is in Ignition at once.")
    return module
