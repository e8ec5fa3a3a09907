"""A report as a workbook: typed cells, no formula, a frozen header with filters on each sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter

from xpmsync.cli.reports.page import Page, Sheet
from xpmsync.local.system.named_files import WORKBOOK_NOTE

__all__ = ["xlsx_of"]

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
