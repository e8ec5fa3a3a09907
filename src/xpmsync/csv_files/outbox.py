"""The folder of files for upload: written whole, named by what they are, removed when superseded.

A file is first written beside its name, then noted, then given its name: a run
that is killed in between leaves a file that the next one finishes (`recover`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from xpmsync.csv_files.pending import Pending, WrittenFile
from xpmsync.csv_files.reading import OWN_PREFIX
from xpmsync.errors import StateUnusable
from xpmsync.local.settings.settings import DEFAULT_PROFILE
from xpmsync.local.system.files import move_into_place, write_private

__all__ = ["Outbox", "Prepared", "digest_of", "is_whole", "mark_on_disk", "publish", "recover", "remove"]

_UNFINISHED: Final = ".unfinished"
_DONE: Final = ".uploaded"


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
        names = (self.changes.name, f"{self._start}{self.new_stem}*.csv", f"{self._start}*UPDATE*.csv")
        return tuple(sorted({path for name in names for path in self.folder.glob(name)}))

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
        names = (f"{self._start}{self.new_stem}*.csv", f"{self._start}{self.new_stem}*.csv{_DONE}")
        return [path for name in names for path in sorted(self.folder.glob(name)) if _digest(path) not in digests]

    def prepare(self, path: Path, content: str | bytes) -> Prepared:
        """Write the content beside its name, text in UTF-8; raises `StateUnusable`."""
        beside = _unfinished(path)
        write_private(beside, content)
        return Prepared(path, beside, digest_of(content))

    @property
    def _start(self) -> str:
        own = OWN_PREFIX if self.profile == DEFAULT_PROFILE else f"{OWN_PREFIX}{self.profile}-"
        return own + self.prefix


def digest_of(content: str | bytes) -> str:
    """What names a file's content, a text's in UTF-8."""
    return sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def publish(prepared: tuple[Prepared, ...], before: Pending, after: Pending) -> None:
    """Give the files their names, and remove those of before that must not be uploaded any more."""
    for file in prepared:
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
    """Remove a file that must not be uploaded any more; one that a person altered is left."""
    if is_whole(file):
        with suppress(OSError):
            Path(file.path).unlink()


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
