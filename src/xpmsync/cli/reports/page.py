"""What a report says, whatever its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Fact", "Page", "Sheet"]

Fact = tuple[str, str]
"""A label and its value."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a report. `filters` are the columns by whose values a reader chooses rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str | float, ...]]
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report: `outcome` says what was written, or that nothing was; `facts` who, when, and what it is about."""

    title: str
    outcome: str
    totals: tuple[Fact, ...]
    sheets: tuple[Sheet, ...]
    facts: tuple[Fact, ...] = ()
