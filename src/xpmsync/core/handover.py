"""What a store leaves to a person: files to upload, and what waits until the other system shows it.

A route whose capabilities are not `immediate` collects a run's writes and hands
them over in a file. Nothing of it counts as agreed before a later reading shows
it; a client handed over for creation has no id until then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

__all__ = [
    "NOTHING_WAITS",
    "ArrivedClient",
    "Discarded",
    "Handover",
    "HandsOver",
    "Remarks",
    "WaitingClient",
    "WaitingFile",
]


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file for a person to upload. Moments are UTC.

    `once` says that it holds new clients or contacts, so that uploading it twice
    would double them. `uploaded` is when a person said it was, None before.
    """

    path: Path
    since: datetime
    clients: int
    changes: int
    once: bool
    uploaded: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingClient:
    """A client that was handed over for creation and is not there yet."""

    xpm_id: str
    name: str
    since: datetime
    path: Path


@dataclass(frozen=True, slots=True)
class ArrivedClient:
    """A client that was handed over for creation and is there now."""

    xpm_id: str
    ignition_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What waits: files, clients to be created, and what a person does next, step by step."""

    files: tuple[WaitingFile, ...] = ()
    clients: tuple[WaitingClient, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discarded:
    """Files that will not be uploaded, the Ignition clients and the new XPM clients that were in them."""

    paths: tuple[Path, ...]
    ignition_ids: frozenset[str]
    xpm_ids: frozenset[str]


NOTHING_WAITS: Final = Handover()


@runtime_checkable
class Remarks(Protocol):
    """A store that has something to say about what it reads from."""

    def remarks(self) -> Sequence[str]:
        """Sentences for a person: which file, how old, what is missing in it."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A store whose writes take effect after a person's upload; the methods a run calls besides the store's own."""

    def begin(self) -> None:
        """Before a plan is made: raise where a plan made from this reading would do harm."""
        ...

    def arrived(self) -> Sequence[ArrivedClient]:
        """The clients that were handed over for creation and that this reading shows."""
        ...

    def waiting(self) -> Handover:
        """What waits, as this reading shows it."""
        ...

    def finish(self, *, linked: Mapping[str, str], compared: Collection[str]) -> Handover:
        """End a run: write what was collected, and say what waits now.

        `linked` maps XPM ids to Ignition ids: a client handed over for creation that
        is linked by now waits no more. Waiting changes of the linked clients that are
        not in `compared` (Ignition ids) stay, all others are replaced by this run's.
        """
        ...
