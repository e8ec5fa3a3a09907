"""Files that a person uploads: what waits, saying that it was done or will not be, and checking any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xpmsync.errors import UsageError
from xpmsync.ignition.routes import UPLOAD_MODULES
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.paths import ProfilePaths

if TYPE_CHECKING:
    from xpmsync.core.ports.uploads import Discarded, PendingUploads
    from xpmsync.ignition.csv.validate import Checked
    from xpmsync.ignition.routes import RouteContext, UploadModule
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.ledger.summary import LedgerFile

__all__ = ["check", "discard", "mark_uploaded", "pending_files"]


def pending_files(
    settings: Settings, paths: ProfilePaths, ledger: LedgerFile, clock: Clock | None = None
) -> PendingUploads | None:
    """What waited when the last run ended; None where the route hands over no files."""
    if settings.ignition.route not in UPLOAD_MODULES:
        return None
    around = _guard_context(settings, paths, ledger, clock)
    return _module(around).waiting(around)


def mark_uploaded(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> PendingUploads:
    """Note that a person uploaded that file, or all that wait; `UsageError` where nothing like it waits."""
    around = _guard_context(settings, paths, ledger, clock)
    return _module(around).mark_uploaded(around, path)


def discard(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> Discarded:
    """Forget and remove a file that will not be uploaded, or all: what was in it is planned again.

    Raises `UsageError` where nothing like it waits.
    """
    around = _guard_context(settings, paths, ledger, clock)
    gone = _module(around).discard(around, path)
    with ledger.transaction():
        for ignition_id in gone.ignition_ids:
            if (link := ledger.link_of(ignition_id)) is not None:
                ledger.clear_pending(link)
        for xpm_id in gone.xpm_ids:
            ledger.todo.done(xpm_id)
    return gone


def check(path: Path) -> Checked:
    """Hold any file against the documented rules of Ignition's import; raises `FileRefused`."""
    from xpmsync.ignition.csv.validate import check_file

    return check_file(path)


def _guard_context(settings: Settings, paths: ProfilePaths, ledger: LedgerFile, clock: Clock | None) -> RouteContext:
    from xpmsync.ignition.routes import RouteContext

    return RouteContext(settings, paths, clock or SystemClock(), facts=ledger)


def _module(around: RouteContext) -> UploadModule:
    from xpmsync.ignition.routes import upload_module

    module = upload_module(around)
    if module is None:
        route = around.settings.ignition.route.value
        raise UsageError(f"The route {route} needs no upload: what a sync writes is in Ignition at once.")
    return module
