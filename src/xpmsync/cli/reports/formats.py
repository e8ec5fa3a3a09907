"""The two forms of a report: one HTML page, and a workbook.

The page has no script and loads nothing from elsewhere; its filters are radio buttons
and CSS. The workbook has typed cells, no formula, and a frozen header with filters on
each sheet.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import xlsxwriter
from jinja2 import Environment, StrictUndefined

from xpmsync.cli.reports.pages import Page, Sheet
from xpmsync.local.system.files import WORKBOOK_NOTE

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


_LONGEST: Final = 32_000
"""Characters of a cell; Excel takes 32,767."""
_MOST_ROWS: Final = 1_000_000
"""Rows of a sheet; Excel takes 1,048,576."""
_WIDEST: Final = 60


def xlsx_of(page: Page) -> bytes:
    """The workbook: a summary, then a sheet for each table."""
    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"comments": WORKBOOK_NOTE})
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        summary = book.add_worksheet("Summary")
        summary.set_column(0, 0, 24)
        summary.set_column(1, 1, 80, wrapped)
        rows = [(page.title, ""), (page.outcome, ""), *page.facts, *page.totals]
        for number, (label, value) in enumerate(rows):
            summary.write_string(number, 0, label, bold)
            summary.write_string(number, 1, value)
        for sheet in page.sheets:
            for part, rows_ in enumerate(_parts(sheet.rows), start=1):
                _write(book.add_worksheet(f"{sheet.title[:28]}{f' {part}' if part > 1 else ''}"), sheet, rows_, bold)
    return written.getvalue()


def _parts(rows: Sequence[tuple[str | float, ...]]) -> list[Sequence[tuple[str | float, ...]]]:
    return [rows[start : start + _MOST_ROWS] for start in range(0, max(1, len(rows)), _MOST_ROWS)]


def _write(
    worksheet: xlsxwriter.worksheet.Worksheet,
    sheet: Sheet,
    rows: Sequence[tuple[str | float, ...]],
    bold: xlsxwriter.format.Format,
) -> None:
    for column, title in enumerate(sheet.columns):
        worksheet.write_string(0, column, title, bold)
        longest = max((len(str(row[column])) for row in rows), default=0)
        worksheet.set_column(column, column, min(_WIDEST, max(len(title) + 4, longest + 1)))
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                worksheet.write_string(number, column, cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]} …")
            else:
                worksheet.write_number(number, column, cell)
    worksheet.freeze_panes(1, 0)
    worksheet.autofilter(0, 0, max(1, len(rows)), len(sheet.columns) - 1)
    worksheet.set_landscape()
    worksheet.repeat_rows(0)
    worksheet.fit_to_pages(1, 0)
