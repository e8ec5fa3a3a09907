"""Rebuild a lost or damaged ledger: from the newest backup, the pending uploads, and the pairs that match surely.

The new ledger is made beside the old one. Only `install` puts it into use; the old
file is renamed, never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from xpmsync.csv_files.pending import unpack
from xpmsync.errors import LedgerDamaged, LedgerLost, LedgerTooNew, UsageError
from xpmsync.local.ledger.backup import backups
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.marker import read_marker, remove_marker
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.files import make_private, move_into_place, remove_database
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.local.system.sqlite import set_aside
from xpmsync.usecases.sync.guard import files_for_upload

__all__ = ["Draft", "draft_ledger", "install", "ledger_problem", "start_over"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger that is not in use yet. `links` came with the `backup`, None where there is none that can be used."""

    path: Path
    backup: Path | None
    links: int


def ledger_problem(settings: Settings, paths: ProfilePaths) -> LedgerDamaged | LedgerLost | None:
    """Why the profile's ledger needs to be rebuilt, None where it is intact; raises `LedgerTooNew`."""
    try:
        with Ledger(paths.ready().ledger) as ledger:
            return ledger.problem(files_for_upload(settings))
    except LedgerDamaged as damaged:
        return damaged


def draft_ledger(settings: Settings, paths: ProfilePaths) -> Draft:
    """Make a new ledger beside the old one, from the newest sound backup and the pending uploads of the marker.

    Raises `UsageError` for files for upload that neither of them knows: what is in
    them could be created twice.
    """
    path = _draft_path(paths)
    marker = read_marker(paths.ledger)
    wanted = marker.ledger if marker else ""
    backup = next((copy for copy in backups(paths.ledger) if _restored(copy, path, wanted)), None)
    with Ledger(path) as ledger:
        with ledger.transaction():
            for name, text in (marker.pending if marker else {}).items():
                ledger.note(name, text)
        ledger.compare_all_again()
        known = {
            file.digest for name in ledger.pending_facts() for file in unpack(ledger.fact(name), paths.ledger).files
        }
        unknown = [file for file in files_for_upload(settings) if sha256(file.read_bytes()).hexdigest() not in known]
        links = ledger.count()
    if unknown:
        raise UsageError(
            f"It is unknown whether these files were uploaded: {', '.join(file.name for file in unknown)}.",
            f"Upload what is not uploaded yet, export again, and move the files out of {unknown[0].parent}.",
        )
    return Draft(path, backup, links)


def install(paths: ProfilePaths, draft: Draft) -> Path | None:
    """Put the new ledger in the place of the old one; returns where the old one is now, None where there was none.

    Interrupted anywhere, the ledger is still recognised as lost.
    """
    old = set_aside(paths.ledger) if paths.ledger.exists() else None
    move_into_place(draft.path, paths.ledger)
    remove_marker(draft.path)
    remove_marker(paths.ledger)
    with Ledger(paths.ledger) as ledger:
        ledger.mark()
    return old


def start_over(paths: ProfilePaths) -> Path | None:
    """Begin with an empty ledger; returns where the old one is now, None where there was none."""
    path = _draft_path(paths)
    with Ledger(path) as ledger:
        ledger.mark()
    return install(paths, Draft(path, None, 0))


def _draft_path(paths: ProfilePaths) -> Path:
    """The new ledger's file; one that an interrupted attempt left is removed."""
    path = paths.ready().folder / "ledger-rebuilt.sqlite"
    remove_database(path)
    remove_marker(path)
    return path


def _restored(backup: Path, path: Path, wanted: str) -> bool:
    """Copy a backup; false for one that is damaged, newer, or of another ledger than the `wanted` one."""
    make_private(path).write_bytes(backup.read_bytes())
    try:
        with Ledger(path) as ledger:
            if ledger.problem() is None and wanted in ("", ledger.id):
                return True
    except (LedgerDamaged, LedgerTooNew):
        pass
    remove_database(path)
    return False
