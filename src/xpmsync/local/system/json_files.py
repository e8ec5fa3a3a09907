"""Reading small JSON objects that may be missing, damaged or foreign: what cannot be used counts as not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

__all__ = ["as_moment", "as_table", "read_table", "table_in"]


def read_table(path: Path) -> Mapping[str, object]:
    """The file's object, empty where there is none that can be read."""
    try:
        return table_in(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


def table_in(text: str | bytes) -> Mapping[str, object]:
    """The object that a text is, empty where it is none."""
    try:
        return as_table(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def as_table(value: object) -> Mapping[str, object]:
    """The object, empty where it is something else."""
    return value if isinstance(value, dict) else {}


def as_moment(value: object) -> datetime | None:
    """A moment with its offset, None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
