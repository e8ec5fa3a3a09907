"""A report as one HTML page: no script, nothing loaded from elsewhere, filters by radio buttons and CSS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined

from xpmsync.cli.reports.page import Page, Sheet

__all__ = ["html_of"]

_MOST_CHOICES: Final = 40
"""Values of a column to filter by; a column of more is no filter."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value to filter by; `id` is made of numbers alone and represents it in HTML and CSS."""

    id: str
    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Filter:
    id: str
    title: str
    choices: tuple[_Choice, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    id: str
    sheet: Sheet
    filters: tuple[_Filter, ...]
    rows: Sequence[tuple[str, tuple[str | float, ...]]]
    """CSS classes and cells."""


def html_of(page: Page) -> str:
    """The page as text; every value is escaped by the template engine."""
    template = files("xpmsync.cli.reports").joinpath("page.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    tables = [_table(f"t{number}", sheet) for number, sheet in enumerate(page.sheets)]
    return environment.from_string(template).render(page=page, tables=tables)


def _table(table_id: str, sheet: Sheet) -> _Table:
    filters = tuple(_filters(table_id, sheet))
    ids = [{choice.value: choice.id for choice in each.choices} for each in filters]
    places = [sheet.columns.index(each.title) for each in filters]
    rows = [
        (" ".join(known[str(row[place])] for known, place in zip(ids, places, strict=True)), row) for row in sheet.rows
    ]
    return _Table(table_id, sheet, filters, rows)


def _filters(table_id: str, sheet: Sheet) -> list[_Filter]:
    found: list[_Filter] = []
    for title in sheet.filters:
        place = sheet.columns.index(title)
        counts = Counter(str(row[place]) for row in sheet.rows)
        if 1 < len(counts) <= _MOST_CHOICES:
            filter_id = f"{table_id}f{len(found)}"
            choices = [
                _Choice(f"{filter_id}v{number}", value, rows)
                for number, (value, rows) in enumerate(sorted(counts.items()))
            ]
            found.append(_Filter(filter_id, title, tuple(choices)))
    return found
