"""Files that a person uploads: what waits, marking one as uploaded or discarding it, and checking any file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.core.ports.deferred import Discarded, PendingUploads
from xpmsync.errors import UsageError
from xpmsync.ignition.routes import UPLOAD_MODULES, RouteContext, pending_store_of
from xpmsync.local.ledger.summary import PENDING_UPLOADS
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import XPM_FOLDER, Route, Settings
from xpmsync.local.system.clock import Clock, SystemClock
from xpmsync.local.system.paths import ProfilePaths

if TYPE_CHECKING:
    from xpmsync.csv_files.pending import WrittenFile
    from xpmsync.csv_files.uploads import PendingStore
    from xpmsync.ignition.csv.validate import Checked
    from xpmsync.local.ledger.ledger import Ledger
    from xpmsync.local.ledger.summary import LedgerFile


def pending_files(
    settings: Settings, paths: ProfilePaths, ledger: LedgerFile, clock: Clock | None = None
) -> PendingUploads | None:
    """What waited for either system when the last run ended; None where neither route writes files for upload."""
    pending = [(store, store.load()) for store in _stores(settings, paths, ledger, clock)]
    if not pending:
        return None
    waiting = [store.summary(files) for store, files in pending]
    total = sum(waiting[1:], waiting[0])
    files = [file for _, each in pending for file in each.files if not file.uploaded]
    outdated, why = _outdated(ledger, files), "clients in it were linked or unlinked since"
    if files and _are_other_settings(settings, ledger):
        outdated = tuple(Path(file.path) for file in files if file.client_ids) or outdated
        why = "settings that decide what it may hold were changed since"
    if not outdated:
        return total
    names = ", ".join(path.name for path in outdated)
    first = f"Run a sync before you upload {names}: {why}."
    return replace(total, steps=(first, *total.steps), outdated=outdated)


def _are_other_settings(settings: Settings, ledger: LedgerFile) -> bool:
    """Whether the direction, the level, a filter or the like is another one than the last whole run's."""
    # Loaded late: `status` imports this module, and mostly nothing waits.
    from xpmsync.usecases.sync.read_systems import flow_hash

    return ledger.fact("flow") not in (None, flow_hash(settings))


def _outdated(ledger: LedgerFile, files: Sequence[WrittenFile]) -> tuple[Path, ...]:
    """The files that create a client that is linked by now, or write one that is not linked any more."""
    if not files:
        return ()
    linked, unlinked = ledger.linked_ids(), ledger.unlinked_ids()
    return tuple(
        Path(file.path)
        for file in files
        if not file.client_ids.isdisjoint(unlinked) or any(new.xpm_id in linked for new in file.clients)
    )


def files_with(settings: Settings, paths: ProfilePaths, ledger: LedgerFile, links: Sequence[Link]) -> tuple[Path, ...]:
    """The files that nobody uploaded yet and that hold changes of any of these clients."""
    ids = {client_id for link in links for client_id in (link.xpm_id, link.ignition_id)}
    stores = _stores(settings, paths, ledger, None)
    waiting = [file for store in stores for file in store.load().files if not file.uploaded]
    return tuple(Path(file.path) for file in waiting if not ids.isdisjoint(file.client_ids))


def mark_uploaded(
    settings: Settings,
    paths: ProfilePaths,
    ledger: Ledger,
    path: Path | None,
    clock: Clock | None = None,
    *,
    system: System = System.IGNITION,
) -> PendingUploads:
    """Note that a person uploaded that file, or all that wait; `UsageError` where nothing like it waits."""
    _require_same_practice(settings, ledger)
    store = _required_store(settings, paths, ledger, system, clock)
    return store.mark_uploaded(path, (clock or SystemClock()).now())


def discard(
    settings: Settings,
    paths: ProfilePaths,
    ledger: Ledger,
    path: Path | None,
    clock: Clock | None = None,
    *,
    system: System = System.IGNITION,
) -> Discarded:
    """Forget and remove a file that will not be uploaded, or all: what was in it is planned again.

    Raises `UsageError` where nothing like it waits.
    """
    _require_same_practice(settings, ledger)
    gone = _required_store(settings, paths, ledger, system, clock).discard(path)
    _forget(ledger, gone)
    return gone


def _forget(ledger: Ledger, gone: Discarded) -> None:
    with ledger.transaction():
        for client_id in gone.client_ids:
            if (link := ledger.link_of(client_id)) is not None:
                ledger.clear_pending(link)
        for xpm_id in gone.new_clients:
            ledger.todo.done(xpm_id)


def withdraw_left(settings: Settings, paths: ProfilePaths, ledger: Ledger, clock: Clock) -> None:
    """Remove the files of a route that is not in use any more, before the present one writes what is in them.

    What was uploaded shows there; the rest would be written a second time by a late upload.
    """
    for system in System:
        store = None if _writes_files(settings, system) else _store(settings, paths, ledger, system, clock)
        if store is not None:
            _forget(ledger, store.withdraw_all())


def check(path: Path) -> Checked:
    """Check any file by the documented rules of Ignition's import; raises `FileRefused`."""
    from xpmsync.ignition.csv.validate import check_file

    return check_file(path)


def _require_same_practice(settings: Settings, ledger: Ledger) -> None:
    # Loaded late: `status` imports this module and needs no guard.
    from xpmsync.usecases.sync.guard import require_same_practice

    require_same_practice(ledger, settings)


def _stores(settings: Settings, paths: ProfilePaths, ledger: LedgerFile, clock: Clock | None) -> list[PendingStore]:
    stores = (_store(settings, paths, ledger, system, clock) for system in System)
    return [store for store in stores if store is not None]


def _store(
    settings: Settings, paths: ProfilePaths, ledger: LedgerFile, system: System, clock: Clock | None
) -> PendingStore | None:
    """Where pending uploads to a system are kept, None where its route writes no files and none is left of before."""
    if not _writes_files(settings, system) and ledger.fact(PENDING_UPLOADS[system]) is None:
        return None
    # Loaded late: `status` imports this module, and most practices have no files.
    if system is System.XPM:
        if settings.folder(XPM_FOLDER) is None:
            return None
        from xpmsync.xpm.files.upload import pending_store

        store: PendingStore | None = pending_store(settings, paths, ledger)
    else:
        csv = replace(settings, ignition=replace(settings.ignition, route=Route.CSV))
        store = pending_store_of(RouteContext(csv, paths, clock or SystemClock(), facts=ledger))
    return store if store and (_writes_files(settings, system) or store.load().files) else None


def _writes_files(settings: Settings, system: System) -> bool:
    """Whether the route to that system writes files for upload."""
    if system is System.XPM:
        return settings.xpm.route is XpmRoute.FILES
    return settings.ignition.route in UPLOAD_MODULES


def _required_store(
    settings: Settings, paths: ProfilePaths, ledger: Ledger, system: System, clock: Clock | None
) -> PendingStore:
    store = _store(settings, paths, ledger, system, clock)
    if store is None:
        route = settings.ignition.route if system is System.IGNITION else settings.xpm.route
        raise UsageError(f"The route {route.value} needs no upload: what a sync writes is in {system.label} at once.")
    return store
