"""What a report says, whatever its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xpmsync.cli.terminal.sanitize import sanitize

__all__ = ["Fact", "Page", "Sheet", "escaped"]

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


def escaped(page: Page) -> Page:
    """The page with everything shown as an escape that could steer a screen, bidirectional overrides included."""
    sheets = tuple(
        replace(sheet, rows=[tuple(sanitize(cell) if isinstance(cell, str) else cell for cell in row) for row in rows])
        for sheet in page.sheets
        for rows in (sheet.rows,)
    )
    facts = tuple((label, sanitize(value)) for label, value in page.facts)
    return replace(page, facts=facts, sheets=sheets)
