"""What a person does with the files: the steps in Ignition's own menu words, and saying what was done.

Opens no export, so that `status` can ask for what waits in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from xpmsync.core.ports.uploads import Discarded, PendingUploads
from xpmsync.errors import UsageError
from xpmsync.ignition.csv.outbox import is_whole, mark_on_disk, recover, remove
from xpmsync.ignition.csv.pending import FACT, Waiting, WrittenFile, load, pack
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.system.locks import file_lock

__all__ = ["UploadNote", "discard", "mark_uploaded", "noted", "steps", "waiting"]

_LOCK: Final = "handover.lock"
_LOCK_SECONDS: Final = 30.0


def waiting(around: RouteContext) -> PendingUploads:
    """What waited when the last run ended."""
    return _told(around, _load(around))


def mark_uploaded(around: RouteContext, path: Path | None) -> PendingUploads:
    """Note that a person uploaded that file, or all that wait, and rename it; returns what waits now.

    From now on no export from before this moment is planned on. Raises `UsageError`
    where nothing like it waits.
    """
    now = around.clock.now()
    with noted(around) as note:
        done = _chosen((one for one in note.waiting.files if not one.uploaded), path)
        files = [
            replace(one, uploaded=now.isoformat(), path=str(mark_on_disk(one))) if one in done else one
            for one in note.waiting.files
        ]
        note.keep(replace(note.waiting, files=tuple(files)).uploading_known(now))
        return _told(around, note.waiting)


def discard(around: RouteContext, path: Path | None) -> Discarded:
    """Forget a file that will not be uploaded, or all that wait, and remove it.

    Its new clients may be imported again then. Raises `UsageError` where nothing
    like it waits.
    """
    with noted(around) as note:
        gone = _chosen(note.waiting.files, path)
        note.keep(replace(note.waiting, files=tuple(one for one in note.waiting.files if one not in gone)))
        for file in gone:
            remove(file)
    return Discarded(
        tuple(Path(one.path) for one in gone),
        frozenset(client_id for one in gone for client_id in one.client_ids),
        frozenset(client.xpm_id for one in gone for client in one.clients),
    )


class UploadNote:
    """What waits, read and kept while no other process may."""

    def __init__(self, around: RouteContext) -> None:
        self._guard_context = around
        self.waiting = _load(around)

    def keep(self, waiting: Waiting) -> None:
        """Remember what waits from now on."""
        if waiting != self.waiting:
            self._guard_context.facts.note(FACT, pack(waiting))
            self.waiting = waiting


@contextmanager
def noted(around: RouteContext) -> Iterator[UploadNote]:
    """Read and change what waits, alone; files that a killed run left unnamed get their names first."""
    with file_lock(around.paths.folder / _LOCK, _LOCK_SECONDS):
        note = UploadNote(around)
        recover(note.waiting)
        yield note


def steps(waiting: Waiting, exports: Path) -> tuple[str, ...]:
    """What a person does next, in order; nothing where nothing waits."""
    files = sorted((one for one in waiting.files if not one.uploaded), key=lambda one: (one.once, one.since, one.path))
    told = [_upload_step(one) for one in files]
    if not waiting.files:
        return ()
    command_line = "Export your clients in Ignition" + (" again" if told else "")
    folder = exports.parent if exports.is_file() else exports
    told.append(f"{command_line}, and save the file that arrives by e-mail in {folder}.")
    told.append("Run the sync again: it sees what was taken over, and links what is new.")
    return tuple(told)


def _upload_step(file: WrittenFile) -> str:
    if not is_whole(file):
        return f"{file.path} is not there any more as it was written. If you have not uploaded it, discard it."
    step = f"In Ignition, open Clients -> Import and upload {file.path}."
    if not file.once:
        return step
    names = [one.name for one in file.clients]
    if file.contacts:
        names.append("1 new contact" if len(file.contacts) == 1 else f"{len(file.contacts)} new contacts")
    return f"{step} Only once: it creates {', '.join(names)}; uploaded twice, it would create that twice."


def _chosen(files: Iterable[WrittenFile], path: Path | None) -> tuple[WrittenFile, ...]:
    found = tuple(files)
    if path is not None:
        found = tuple(one for one in found if path.absolute() == Path(one.path) or str(path) == Path(one.path).name)
    if not found:
        raise UsageError("No such file waits to be uploaded." if path else "No file waits to be uploaded.")
    return found


def _load(around: RouteContext) -> Waiting:
    return load(around.facts.fact(FACT), around.paths.ledger)


def _told(around: RouteContext, waiting: Waiting) -> PendingUploads:
    exports = around.settings.folder("ignition.export_folder") or around.paths.folder
    return waiting.told(steps(waiting, exports))
