"""The port to writes that take effect after a person's upload, and its twin for systems that write at once.

A route whose capabilities are not `immediate` collects a run's writes in a file. Nothing
of it counts as agreed before a later reading shows it; a new client has no id until then.
Every store has one of the two, so that a run asks for what waits, for notices and
for doubts without asking first what kind of store it has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from xpmsync.core.enums import System
from xpmsync.core.plan.plan import Hold
from xpmsync.core.rows import RowRecord


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file for a person to upload to a system. Moments are UTC.

    `once` says that it holds new clients or contacts, so that uploading it twice
    would double them. `uploaded` is when a person said it was, None before. `holds` are
    the ids of the clients in it, XPM's of those that it creates.
    """

    system: System
    path: Path
    since: datetime
    clients: int
    changes: int
    once: bool
    uploaded: datetime | None = None
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PendingClient:
    """A new client of a pending upload."""

    xpm_id: str
    name: str
    since: datetime
    path: Path


@dataclass(frozen=True, slots=True)
class ConfirmedClient:
    """A new client of an upload that the other system shows now."""

    xpm_id: str
    ignition_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PendingUploads:
    """What waits: files, clients to be created, and what a person does next, step by step.

    `outdated` are the files with clients that were linked or unlinked since they were written, or
    with changes that the settings of now may not allow.
    """

    files: tuple[PendingFile, ...] = ()
    clients: tuple[PendingClient, ...] = ()
    steps: tuple[str, ...] = ()
    outdated: tuple[Path, ...] = ()

    def __add__(self, other: PendingUploads) -> PendingUploads:
        """What waits for two systems: the steps of the first come first."""
        return PendingUploads(
            self.files + other.files,
            self.clients + other.clients,
            self.steps + other.steps,
            self.outdated + other.outdated,
        )


@dataclass(frozen=True, slots=True)
class Discarded:
    """Files that will not be uploaded; ids of the existing clients in them, and XPM ids of those they would create."""

    paths: tuple[Path, ...]
    client_ids: frozenset[str]
    new_clients: frozenset[str]


NOTHING_PENDING: Final = PendingUploads()


class DeferredWrites(Protocol):
    """What a run asks of a store that reads an export and writes files for upload."""

    def begin(self) -> None:
        """Before a plan is made: raise where a plan made from this reading would do harm."""
        ...

    def confirmed(self) -> Sequence[ConfirmedClient]:
        """The clients of pending uploads that this reading shows."""
        ...

    def not_taken(self) -> Collection[tuple[str, str, str]]:
        """Values of uploaded files that this reading does not show: ids of client and contact, and the field."""
        ...

    def waiting(self) -> PendingUploads:
        """What waits, as this reading shows it."""
        ...

    @property
    def doubt(self) -> str:
        """What a person must accept before the file is used in full; empty where nothing is in doubt."""
        ...

    def accept_file(self) -> None:
        """Take the file that is read for the newest, and its form for this practice's own: a person said so."""
        ...

    def check_holds(self, holds: Sequence[Hold]) -> None:
        """After a plan is made: raise `FileRefused` where its holds show that the source's file is damaged."""
        ...

    def missing(self, client_ids: Collection[str]) -> int:
        """How many of those clients this reading does not have; 0 where a reading cannot be cut short."""
        ...

    def client_rows(self) -> Mapping[str, RowRecord]:
        """Every client of the file by id, as rows to be compared without records; none where no file is read."""
        ...

    def notices(self) -> Sequence[str]:
        """Sentences for a person: which file, how old, what is missing in it."""
        ...

    def finish(
        self,
        *,
        linked: Mapping[str, str],
        compared: Collection[str],
        waits: Collection[str] = (),
        unlinked: Collection[str] = (),
    ) -> PendingUploads:
        """End a run: write what was collected, and say what waits now.

        `linked` maps XPM ids to Ignition ids: a new client that
        is linked by now is no longer pending. Pending changes of the linked clients that are
        not in `compared` (Ignition ids) stay, all others are replaced by this run's. Of those compared,
        only the clients in `waits` still get the new contacts of files that nobody uploaded.
        So do those that are neither linked nor `unlinked` (ids in either system): the ledger was lost, and
        a file of before may be uploaded already.
        """
        ...


class _Immediate:
    """Nothing ever waits: what is written is in the system at once."""

    doubt = ""

    def begin(self) -> None:
        """No export can be damaged or old."""

    def confirmed(self) -> Sequence[ConfirmedClient]:
        """None."""
        return ()

    def not_taken(self) -> Collection[tuple[str, str, str]]:
        """None: the answer to each write says what was taken."""
        return ()

    def waiting(self) -> PendingUploads:
        """Nothing."""
        return NOTHING_PENDING

    def accept_file(self) -> None:
        """There is no file."""

    def check_holds(self, holds: Sequence[Hold]) -> None:
        """There is no file."""

    def missing(self, client_ids: Collection[str]) -> int:
        """A system that answers is not cut short."""
        return 0

    def client_rows(self) -> Mapping[str, RowRecord]:
        """None."""
        return {}

    def notices(self) -> Sequence[str]:
        """None."""
        return ()

    def finish(
        self,
        *,
        linked: Mapping[str, str],
        compared: Collection[str],
        waits: Collection[str] = (),
        unlinked: Collection[str] = (),
    ) -> PendingUploads:
        """Nothing to write."""
        return NOTHING_PENDING


IMMEDIATE: Final[DeferredWrites] = _Immediate()
"""The twin for a system that is written at once."""
