"""Pending uploads: files for a person to upload, and what is in them until the other system shows it.

A route whose capabilities are not `immediate` collects a run's writes in a file.
Nothing of it counts as agreed before a later reading shows it; a new client has no id until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System

__all__ = [
    "NOTHING_PENDING",
    "ConfirmedClient",
    "Discarded",
    "PendingClient",
    "PendingFile",
    "PendingUploads",
]


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file for a person to upload to a system. Moments are UTC.

    `once` says that it holds new clients or contacts, so that uploading it twice
    would double them. `uploaded` is when a person said it was, None before.
    """

    system: System
    path: Path
    since: datetime
    clients: int
    changes: int
    once: bool
    uploaded: datetime | None = None


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
    """What waits: files, clients to be created, and what a person does next, step by step."""

    files: tuple[PendingFile, ...] = ()
    clients: tuple[PendingClient, ...] = ()
    steps: tuple[str, ...] = ()

    def __add__(self, other: PendingUploads) -> PendingUploads:
        """What waits for two systems: the steps of the first come first."""
        return PendingUploads(self.files + other.files, self.clients + other.clients, self.steps + other.steps)


@dataclass(frozen=True, slots=True)
class Discarded:
    """Files that will not be uploaded; ids of the existing clients in them, and XPM ids of those they would create."""

    paths: tuple[Path, ...]
    client_ids: frozenset[str]
    new_clients: frozenset[str]


NOTHING_PENDING: Final = PendingUploads()
