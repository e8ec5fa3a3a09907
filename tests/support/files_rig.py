"""What all rigs share that reach a system by files: exports as a person saves them, dated by the test's clock."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from support.clock import FakeClock
from support.sync_rig import SyncRig
from xpmsync.usecases.context.context import SyncContext


def save_export(folder: Path, name: str, content: bytes, clock: FakeClock) -> Path:
    """Save an export a minute later."""
    clock.sleep(60)
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    date_file(path, clock.now())
    return path


def date_file(path: Path, moment: datetime) -> None:
    """Give a file that moment as its own time."""
    os.utime(path, (moment.timestamp(), moment.timestamp()))


class FilesRig(SyncRig, ABC):
    """The rig with one of its systems reached by files: a command finds an export there, whoever made it."""

    @property
    @abstractmethod
    def exports(self) -> Path:
        """Where exports are saved."""

    @abstractmethod
    def export(self) -> object:
        """Export the system's clients a minute later."""

    @contextmanager
    def open(self) -> Iterator[SyncContext]:
        """The practice as a command opens it, with an export to read."""
        if not self.exports.exists():
            self.export()
        with super().open() as context:
            yield context

    def date(self, path: Path) -> None:
        """Give a file the present moment as its own time."""
        date_file(path, self.clock.now())
