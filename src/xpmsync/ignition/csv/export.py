"""An export of Ignition's clients as a file, without its secret column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xpmsync.csv_files.reading import CsvFile, open_csv
from xpmsync.csv_files.reconcile import ShownRow
from xpmsync.errors import FileRefused
from xpmsync.ignition.csv.columns import (
    CLIENT_ID,
    CLIENT_NAME,
    CONTACT_EMAIL,
    CONTACT_ID,
    CONTACT_NAME,
    XPM_ID,
    Columns,
)

__all__ = ["Export", "columns_of", "open_export", "shown_rows"]


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was opened: a CSV file of clients with ids."""

    file: CsvFile
    columns: Columns

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    @property
    def taken(self) -> datetime:
        """The file's own time (UTC)."""
        return self.file.taken

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield each row, without the secret cell, with the line it begins on; raises `FileRefused`."""
        return self.file.rows(self.columns.kept)


def open_export(path: Path) -> Export:
    """Open a file; raises `FileRefused` for what is no export of clients."""
    file = open_csv(path)
    columns = columns_of(file)
    if CLIENT_ID not in columns.places:
        problem = "it has no header row" if file.header[0].strip().isdecimal() else f"it has no column {CLIENT_ID}"
        raise FileRefused(path, f"{problem}, so it is no export of Ignition's clients", (1,))
    return Export(file, columns)


def columns_of(file: CsvFile) -> Columns:
    """The columns of any file; raises `FileRefused` for a known one that occurs twice."""
    try:
        return Columns.of(file.header)
    except ValueError as twice:
        raise FileRefused(file.path, f"its header has the column {twice} twice", (1,)) from twice


def shown_rows(export: Export) -> Iterator[ShownRow]:
    """The export's rows for reconciliation."""
    places = export.columns.places
    for _, row in export.rows():

        def cell(column: str, row: Sequence[str] = row) -> str:
            place = places.get(column)
            return "" if place is None else row[place]

        client_id, number, contact_id = (cell(name).strip() for name in (CLIENT_ID, XPM_ID, CONTACT_ID))
        yield ShownRow(client_id, cell(CLIENT_NAME), number, contact_id, cell(CONTACT_NAME), cell(CONTACT_EMAIL), cell)
