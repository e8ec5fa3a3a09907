"""An export's rows as they are in the file, for what is written by them: ids, cells, and the header's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from xpmsync.csv_files.reading import CsvFile
from xpmsync.csv_files.reconcile import ShownRow
from xpmsync.xpm.files.columns import ColumnMap
from xpmsync.xpm.files.shapes import Kind

__all__ = ["Table", "TableRow", "cell_digest"]

_ARCHIVED: Final = "archived"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of an export. `cells` are those that are read, in the order of the table's meanings."""

    client_id: str
    contact_id: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """An export of clients or of contacts, with its confirmed columns."""

    kind: Kind
    file: CsvFile
    columns: ColumnMap

    @property
    def meanings(self) -> Sequence[str]:
        """What the cells of a row mean, in order."""
        return tuple(self.columns.places)

    def header(self, meaning: str) -> str:
        """A column's name as the export spells it."""
        return self.file.header[self.columns.places[meaning]]

    @property
    def fingerprint(self) -> str:
        """Names the header and the form: what was proven of a write holds for files like this one only."""
        return cell_digest("\x1f".join((*self.file.header, str(self.file.form))))

    def rows(self) -> Iterator[TableRow]:
        """Every row, a client's first one only where it is repeated for each contact; raises `FileRefused`."""
        order = self.columns.order
        client, contact = order["id"], order.get("contact_id")
        seen: set[tuple[str, str]] = set()
        for _, cells in self.file.rows(self.columns.kept):
            key = cells[client].strip().lower(), cells[contact].strip().lower() if contact is not None else ""
            if key not in seen:
                seen.add(key)
                yield TableRow(*key, cells)

    def by_meaning(self, row: TableRow) -> Mapping[str, str]:
        """The cells of a row by what they mean."""
        return dict(zip(self.meanings, row.cells, strict=True))

    def find(self, client_id: str, contact_id: str) -> Mapping[str, str] | None:
        """The cells of a record by what they mean, None where it has no row; reads the file."""
        ids = (client_id, contact_id)
        return next((self.by_meaning(row) for row in self.rows() if (row.client_id, row.contact_id) == ids), None)

    def shown_rows(self) -> Iterator[ShownRow]:
        """The rows for reconciliation with pending uploads."""
        order = self.columns.order
        for row in self.rows():

            def cell(meaning: str, cells: Sequence[str] = row.cells) -> str:
                place = order.get(meaning)
                return "" if place is None else cells[place]

            name, email = cell("contact.name"), cell("contact.email")
            yield ShownRow(row.client_id, cell("name"), "", row.contact_id, name, email, cell)

    def archived_names(self) -> frozenset[str]:
        """As a report: the names of archived clients, those included that an active client has too."""
        order = self.columns.order
        return frozenset(
            cells[order["name"]]
            for _, cells in self.file.rows(self.columns.kept)
            if cells[order["status"]].strip().casefold() == _ARCHIVED
        )


def cell_digest(text: str) -> str:
    """48 bits that name a text, in hex: enough to see that it changed, and no copy of it."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
