"""The folder of files for upload, and what is pending of one system: read, marked as uploaded, discarded.

A file is first written beside its name, then noted, then given its name: a run
that is killed in between leaves a file that the next one finishes (`recover`).
Opens no export, so that `status` can ask for what waits in a moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.deferred import Discarded, PendingUploads
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.pending import Pending, WrittenFile, pack, unpack
from xpmsync.csv_files.reading import OWN_PREFIX
from xpmsync.errors import StateUnusable, UsageError
from xpmsync.local.ledger.summary import PENDING_UPLOADS
from xpmsync.local.settings.settings import DEFAULT_PROFILE
from xpmsync.local.system.files import move_into_place, write_private
from xpmsync.local.system.locks import file_lock
from xpmsync.local.system.paths import ProfilePaths

_UNFINISHED: Final = ".unfinished"
_DONE: Final = ".uploaded"
_ASIDE: Final = ".altered"
_LOCK_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is written beside its name and waits for it."""

    path: Path
    beside: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """The folder where a profile's files for upload to one system are written.

    Their names begin with `prefix` after our own and the profile's; those of new records go on with `new_stem`.
    """

    folder: Path
    profile: str
    prefix: str = ""
    new_stem: str = "new-"

    @property
    def changes(self) -> Path:
        """The file of changes to existing clients: always the same name, so that a new one replaces it."""
        return self.named("changes.csv")

    @property
    def files(self) -> tuple[Path, ...]:
        """The profile's files that lie in the folder, by name."""
        names = (self.changes.name, f"{self._start}*UPDATE*.csv")
        return tuple(sorted({*self._new_files(), *(path for name in names for path in self.folder.glob(name))}))

    def named(self, name: str) -> Path:
        """The file of that name in the folder."""
        return self.folder / f"{self._start}{name}"

    def new(self, number: int) -> tuple[Path, int]:
        """A name for a file of new records, never one that is or was there; and its number."""
        while True:
            path = self.named(f"{self.new_stem}{number:04}.csv")
            if not any(file.exists() for file in (path, _unfinished(path), path.with_name(path.name + _DONE))):
                return path, number
            number += 1

    def unknown(self, pending: Pending) -> list[Path]:
        """Files of new records in the folder that nothing is noted of: the ledger was lost, or is an older one."""
        digests = {file.digest for file in pending.files}
        return [path for path in (*self._new_files(), *self._new_files(_DONE)) if _digest(path) not in digests]

    def prepare(self, path: Path, content: str | bytes) -> Prepared:
        """Write the content beside its name, text in UTF-8; raises `StateUnusable`."""
        beside = _unfinished(path)
        write_private(beside, content)
        return Prepared(path, beside, digest_of(content))

    def _new_files(self, ending: str = "") -> list[Path]:
        """Those of new records; the files of a profile called `new-zealand` begin alike and are not among them."""
        stem = f"{self._start}{self.new_stem}"
        own = re.compile(rf"{re.escape(stem)}[0-9]+\.csv{re.escape(ending)}")
        return sorted(path for path in self.folder.glob(f"{stem}*.csv{ending}") if own.fullmatch(path.name))

    @property
    def _start(self) -> str:
        own = OWN_PREFIX if self.profile == DEFAULT_PROFILE else f"{OWN_PREFIX}{self.profile}-"
        return own + self.prefix


def digest_of(content: str | bytes) -> str:
    """What names a file's content, a text's in UTF-8."""
    return sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def publish(prepared: tuple[Prepared, ...], before: Pending, after: Pending) -> None:
    """Give the files their names, and remove those of before that must not be uploaded any more."""
    noted = {file.path: file for file in before.files}
    for file in prepared:
        if (old := noted.get(str(file.path))) is not None and not is_whole(old):
            _set_aside(old)
        move_into_place(file.beside, file.path)
    present = {file.path for file in after.files}
    for old in before.files:
        if old.path not in present:
            remove(old)


def recover(pending: Pending) -> None:
    """Name the noted files that a killed run left unnamed; raises `StateUnusable`."""
    for file in pending.files:
        beside = _unfinished(Path(file.path))
        if beside.exists() and _digest(beside) == file.digest:
            move_into_place(beside, Path(file.path))


def is_whole(file: WrittenFile) -> bool:
    """Whether the file is there as it was written."""
    return _digest(Path(file.path)) == file.digest


def remove(file: WrittenFile) -> None:
    """Remove a file that must not be uploaded any more; one that a person altered is kept under another name."""
    if is_whole(file):
        with suppress(OSError):
            Path(file.path).unlink()
    else:
        _set_aside(file)


def _set_aside(file: WrittenFile) -> None:
    """Rename a file that is not as it was written, so that nobody uploads it beside the new one."""
    path = Path(file.path)
    with suppress(StateUnusable):
        if path.exists():
            move_into_place(path, path.with_name(path.name + _ASIDE))


def mark_on_disk(file: WrittenFile) -> Path:
    """Rename a file that was uploaded, so that nobody uploads it again; returns where it is."""
    path = Path(file.path)
    marked = path.with_name(path.name + _DONE)
    try:
        move_into_place(path, marked)
    except StateUnusable:
        return path
    return marked


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + _UNFINISHED)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


class UploadNote:
    """Pending uploads, read and kept while no other process may."""

    def __init__(self, store: PendingStore) -> None:
        self._store = store
        self.pending = store.load()

    def keep(self, pending: Pending) -> None:
        """Remember what waits from now on."""
        if pending != self.pending:
            self._store.facts.note(PENDING_UPLOADS[self._store.system], pack(pending))
            self.pending = pending


@dataclass(frozen=True, slots=True)
class PendingStore:
    """Where the pending uploads to one system are kept: a fact beside the links, and a lock of that name.

    `upload_step` words how a person uploads that file; `export_steps` are, by all files that wait, the
    steps after all uploads.
    """

    system: System
    facts: Facts
    paths: ProfilePaths
    lock: str
    upload_step: Callable[[WrittenFile], str]
    export_steps: Callable[[Sequence[WrittenFile]], tuple[str, ...]]

    def load(self) -> Pending:
        """What waited when the last run ended; raises `StateUnusable`."""
        return unpack(self.facts.fact(PENDING_UPLOADS[self.system]), self.paths.ledger)

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
        return _discarded(gone)

    def withdraw_all(self) -> Discarded:
        """Forget all files, and remove those that nobody uploaded: the route that wrote them is not in use any more."""
        with self.changing() as note:
            gone = note.pending.files
            note.keep(replace(note.pending, files=()))
            for file in gone:
                if not file.uploaded:
                    remove(file)
        not_created = frozenset(client.xpm_id for file in gone if not file.uploaded for client in file.clients)
        return replace(_discarded(gone), new_clients=not_created)

    def _step(self, file: WrittenFile) -> str:
        if is_whole(file):
            return self.upload_step(file)
        return f"{file.path} is not there any more as it was written. If you have not uploaded it, discard it."


def _discarded(gone: Sequence[WrittenFile]) -> Discarded:
    return Discarded(
        tuple(Path(file.path) for file in gone),
        frozenset(client_id for file in gone for client_id in file.client_ids),
        frozenset(client.xpm_id for file in gone for client in file.clients),
    )


def _chosen(files: Iterable[WrittenFile], path: Path | None) -> tuple[WrittenFile, ...]:
    chosen = tuple(files)
    if path is not None:
        chosen = tuple(file for file in chosen if path.absolute() == Path(file.path) or str(path) == file.name)
    if not chosen:
        raise UsageError("No such file waits to be uploaded." if path else "No file waits to be uploaded.")
    return chosen
