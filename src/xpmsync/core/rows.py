"""Clients as rows of a file has them: records are made of those that need one, and only then.

Most linked clients are equal on both sides, which their rows show as well as
their records would, and faster (`core.diff.rows`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Final, NamedTuple

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS
from xpmsync.core.model import Client, Contact

CLIENT_NAMES: Final = tuple(row.name for row in CLIENT_FIELDS)
CONTACT_NAMES: Final = tuple(row.name for row in CONTACT_FIELDS)
ABOUT: Final = len(CLIENT_NAMES)
"""Where a client's cells go on after the catalogue's fields: its XPM number, its state, then what the store adds."""

_SEPARATOR: Final = "\x1f"

Packed = str | tuple[str, ...]
"""Cells as one text, which takes a fifth of the memory; as they are where a cell has the separator in it."""


class RowRecord(NamedTuple):
    """A client's cells, and its contacts' ids and cells, all in the catalogue's order; blank where not carried."""

    client: Packed
    contacts: list[tuple[str, Packed]]


class RowClients(Mapping[str, Client]):
    """The clients of a file by id, each made of its row when it is asked for first."""

    def __init__(self, rows: Mapping[str, RowRecord], make: Callable[[str, Sequence[str], RowRecord], Client]) -> None:
        self.rows = rows
        self._make = make
        self._made: dict[str, Client] = {}

    def __getitem__(self, client_id: str) -> Client:
        client = self._made.get(client_id)
        if client is None:
            row = self.rows[client_id]
            client = self._made[client_id] = self._make(client_id, unpack(row.client), row)
        return client

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, client_id: object) -> bool:
        return client_id in self.rows


def pack(cells: Sequence[str]) -> Packed:
    """The cells as one text where that can be undone."""
    text = _SEPARATOR.join(cells)
    return text if text.count(_SEPARATOR) == len(cells) - 1 else tuple(cells)


def unpack(packed: Packed) -> Sequence[str]:
    """The cells that were packed."""
    return packed.split(_SEPARATOR) if isinstance(packed, str) else packed


def client_values(cells: Sequence[str]) -> dict[str, str]:
    """A client's values by catalogue name, of its unpacked cells."""
    return _values(CLIENT_NAMES, cells)


def people_of(contacts: Sequence[tuple[str, Packed]]) -> tuple[Contact, ...]:
    """The contacts of a row as records."""
    return tuple(Contact(contact_id, _values(CONTACT_NAMES, unpack(cells))) for contact_id, cells in contacts)


def _values(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict(compress(zip(names, cells, strict=False), cells))
