"""The marker: a small file outside the ledger by which a lost, replaced or outdated ledger is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from xpmsync.local.system.files import remove_file
from xpmsync.local.system.json_files import read_record, write_record

__all__ = ["Marker", "marker_path", "read_marker", "remove_marker", "write_marker"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Marker:
    """The ledger that this profile has: its random id, how often it was changed, and its links.

    `pending` are its facts about pending uploads (names, ids and fingerprints), which
    a rebuilt ledger needs so that nothing is created twice.
    """

    ledger: str
    generation: int
    links: int
    pending: Mapping[str, str] = field(default_factory=dict)


def marker_path(ledger: Path) -> Path:
    """The marker of a ledger file."""
    return ledger.with_name(f"{ledger.stem}-marker.json")


def read_marker(ledger: Path) -> Marker | None:
    """The marker, None where there is none that can be read."""
    return read_record(Marker, marker_path(ledger))


def write_marker(ledger: Path, marker: Marker) -> None:
    """Replace the marker; raises `StateUnusable`."""
    write_record(marker_path(ledger), marker, xpmsync_ledger=_FORMAT)


def remove_marker(ledger: Path) -> None:
    """Forget the ledger: the next one is a new beginning. Raises `StateUnusable`."""
    remove_file(marker_path(ledger))
