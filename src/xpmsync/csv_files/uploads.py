"""Pending uploads of one system: read, changed under a lock, marked as uploaded, discarded.

Opens no export, so that `status` can ask for what waits in a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.facts import Facts
from xpmsync.core.ports.uploads import Discarded, PendingUploads
from xpmsync.csv_files.outbox import is_whole, mark_on_disk, recover, remove
from xpmsync.csv_files.pending import Pending, WrittenFile, pack, unpack
from xpmsync.errors import UsageError
from xpmsync.local.system.locks import file_lock
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["PendingStore", "UploadNote"]

_LOCK_SECONDS: Final = 30.0


class UploadNote:
    """Pending uploads, read and kept while no other process may."""

    def __init__(self, store: PendingStore) -> None:
        self._store = store
        self.pending = store.load()

    def keep(self, pending: Pending) -> None:
        """Remember what waits from now on."""
        if pending != self.pending:
            self._store.facts.note(self._store.fact, pack(pending))
            self.pending = pending


@dataclass(frozen=True, slots=True)
class PendingStore:
    """Where the pending uploads to one system are kept: a fact, and a lock of that name.

    `upload_step` words how a person uploads that file; `export_steps` are, by all files that wait, the
    steps after all uploads.
    """

    system: System
    facts: Facts
    fact: str
    paths: ProfilePaths
    lock: str
    upload_step: Callable[[WrittenFile], str]
    export_steps: Callable[[Sequence[WrittenFile]], tuple[str, ...]]

    def load(self) -> Pending:
        """What waited when the last run ended; raises `StateUnusable`."""
        return unpack(self.facts.fact(self.fact), self.paths.ledger)

    @contextmanager
    def changing(self) -> Iterator[UploadNote]:
        """Read and change what waits, alone; files that a killed run left unnamed get their names first."""
        with file_lock(self.paths.folder / self.lock, _LOCK_SECONDS):
            note = UploadNote(self)
            recover(note.pending)
            yield note

    def summary(self, pending: Pending) -> PendingUploads:
        """What waits, with what a person does next, in order; no steps where nothing waits."""
        files = sorted((file for file in pending.files if not file.uploaded), key=lambda x: (x.once, x.since, x.path))
        steps = tuple(self._step(file) for file in files)
        if pending.files:
            steps += self.export_steps(pending.files)
        return pending.summary(self.system, steps)

    def mark_uploaded(self, path: Path | None, now: datetime) -> PendingUploads:
        """Note that a person uploaded that file, or all that wait, and rename it; returns what waits now.

        From now on no export from before this moment is planned on. Raises `UsageError`
        where nothing like it waits.
        """
        with self.changing() as note:
            done = _chosen((file for file in note.pending.files if not file.uploaded), path)
            files = [
                replace(file, uploaded=now.isoformat(), path=str(mark_on_disk(file))) if file in done else file
                for file in note.pending.files
            ]
            note.keep(replace(note.pending, files=tuple(files)).with_known_upload(now))
            return self.summary(note.pending)

    def discard(self, path: Path | None) -> Discarded:
        """Forget a file that will not be uploaded, or all that nobody uploaded, and remove it.

        Its new clients may be imported again then. Raises `UsageError` where nothing
        like it waits.
        """
        with self.changing() as note:
            waiting = (file for file in note.pending.files if path is not None or not file.uploaded)
            gone = _chosen(waiting, path)
            note.keep(replace(note.pending, files=tuple(file for file in note.pending.files if file not in gone)))
            for file in gone:
                remove(file)
        return Discarded(
            tuple(Path(file.path) for file in gone),
            frozenset(client_id for file in gone for client_id in file.client_ids),
            frozenset(client.xpm_id for file in gone for client in file.clients),
        )

    def _step(self, file: WrittenFile) -> str:
        if is_whole(file):
            return self.upload_step(file)
        return f"{file.path} is not there any more as it was written. If you have not uploaded it, discard it."


def _chosen(files: Iterable[WrittenFile], path: Path | None) -> tuple[WrittenFile, ...]:
    chosen = tuple(files)
    if path is not None:
        chosen = tuple(file for file in chosen if path.absolute() == Path(file.path) or str(path) == file.name)
    if not chosen:
        raise UsageError("No such file waits to be uploaded." if path else "No file waits to be uploaded.")
    return chosen
