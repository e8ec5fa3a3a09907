"""Files that a person uploads: what waits, marking one as uploaded or discarding it, and checking any file."""

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
    """What waited when the last run ended; None where the route writes no files for upload."""
    if settings.ignition.route not in UPLOAD_MODULES:
        return None
    context = _context(settings, paths, ledger, clock)
    return _module(context).waiting(context)


def mark_uploaded(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> PendingUploads:
    """Note that a person uploaded that file, or all that wait; `UsageError` where nothing like it waits."""
    _require_same_practice(settings, ledger)
    context = _context(settings, paths, ledger, clock)
    return _module(context).mark_uploaded(context, path)


def discard(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, path: Path | None, clock: Clock | None = None
) -> Discarded:
    """Forget and remove a file that will not be uploaded, or all: what was in it is planned again.

    Raises `UsageError` where nothing like it waits.
    """
    _require_same_practice(settings, ledger)
    context = _context(settings, paths, ledger, clock)
    gone = _module(context).discard(context, path)
    with ledger.transaction():
        for client_id in gone.client_ids:
            if (link := ledger.link_of(client_id)) is not None:
                ledger.clear_pending(link)
        for xpm_id in gone.new_clients:
            ledger.todo.done(xpm_id)
    return gone


def check(path: Path) -> Checked:
    """Check any file by the documented rules of Ignition's import; raises `FileRefused`."""
    from xpmsync.ignition.csv.validate import check_file

    return check_file(path)


def _require_same_practice(settings: Settings, ledger: Ledger) -> None:
    # Loaded late: `status` imports this module and needs no guard.
    from xpmsync.usecases.sync.guard import require_same_practice

    require_same_practice(ledger, settings)


def _context(settings: Settings, paths: ProfilePaths, ledger: LedgerFile, clock: Clock | None) -> RouteContext:
    from xpmsync.ignition.routes import RouteContext

    return RouteContext(settings, paths, clock or SystemClock(), facts=ledger)


def _module(context: RouteContext) -> UploadModule:
    from xpmsync.ignition.routes import upload_module

    module = upload_module(context)
    if module is None:
        route = context.settings.ignition.route.value
        raise UsageError(f"The route {route} needs no upload: what a sync writes is in Ignition at once.")
    return module
