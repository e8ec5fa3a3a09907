"""The folder of files for upload: written whole, named so that they tell what they are, removed when superseded.

A file is first written beside its name, then noted, then given its name: a run
that is killed in between leaves a file that the next one finishes (`recover`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from xpmsync.errors import StateUnusable
from xpmsync.ignition.csv.columns import CLIENT_ID, CONTACT_ID, Columns
from xpmsync.ignition.csv.export import OWN_PREFIX
from xpmsync.ignition.csv.pending import Waiting, WrittenFile
from xpmsync.ignition.csv.reconcile import client_key
from xpmsync.local.settings.settings import DEFAULT_PROFILE, UPLOAD_FOLDER, Settings
from xpmsync.local.system.files import move_into_place, write_private

__all__ = ["Outbox", "Prepared", "is_whole", "mark_on_disk", "recover", "remove", "waiting_cells"]

_UNFINISHED: Final = ".unfinished"
_DONE: Final = ".uploaded"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is written and waits for its name."""

    path: Path
    beside: Path
    digest: str

    @staticmethod
    def digest_of(text: str) -> str:
        """What names a text's content."""
        return sha256(text.encode("utf-8")).hexdigest()


class Outbox:
    """The import folder of a profile; where none is set, a folder beside the exports."""

    def __init__(self, settings: Settings, exports: Path) -> None:
        beside = exports.parent if exports.is_file() else exports
        self.folder = settings.folder("ignition.import_folder") or beside / UPLOAD_FOLDER
        profile = "" if settings.profile == DEFAULT_PROFILE else f"{settings.profile}-"
        self._begins = f"{OWN_PREFIX}{profile}"

    @property
    def changes(self) -> Path:
        """The file of changes to existing clients: always the same name, so that a new one replaces it."""
        return self.folder / f"{self._begins}changes.csv"

    def new(self, number: int) -> tuple[Path, int]:
        """A name for a file of new clients and contacts, never one that is or was there; and its number."""
        while True:
            path = self.folder / f"{self._begins}new-{number:04}.csv"
            if not any(one.exists() for one in (path, _unfinished(path), path.with_name(path.name + _DONE))):
                return path, number
            number += 1

    def prepare(self, path: Path, text: str) -> Prepared:
        """Write the text beside its name; raises `StateUnusable`."""
        beside = _unfinished(path)
        write_private(beside, text)
        return Prepared(path, beside, Prepared.digest_of(text))


def recover(waiting: Waiting) -> None:
    """Give the noted files their names where a killed run did not come to it; raises `StateUnusable`."""
    for file in waiting.files:
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
    """Rename a file that was uploaded, so that nobody takes it for one to upload; returns where it is."""
    path = Path(file.path)
    marked = path.with_name(path.name + _DONE)
    try:
        move_into_place(path, marked)
    except StateUnusable:
        return path
    return marked


def waiting_cells(file: WrittenFile) -> Mapping[str, Mapping[str, str]]:
    """The changed cells of a file, by row and column, with their texts; empty where it is not as it was written."""
    if not is_whole(file):
        return {}
    with Path(file.path).open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened, strict=True)
    places = Columns.of(header).places
    client, contact = places[CLIENT_ID], places[CONTACT_ID]
    row_of = {client_key(row[client].strip(), row[contact].strip()): row for row in rows}
    return {
        key: {column: row_of[key][places[column]] for column in told}
        for key, told in file.cells.items()
        if key in row_of
    }


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + _UNFINISHED)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
