"""What the exports and the ledger know of XPM's records, for deciding what an update file may hold."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Final

from xpmsync.core.model import Client
from xpmsync.core.text import visible
from xpmsync.xpm.files.shapes import Kind
from xpmsync.xpm.files.tables import Table

__all__ = ["KnownRecords", "address_places", "folded_name"]

_ADDRESSES: Final = ("address", "postal_address")


class KnownRecords:
    """Names and rows that an import might mix up; each is read when it is first asked for.

    `clients` reads XPM's clients by id, `gone` the names of clients that the exports
    lack (archived ones, and linked ones that are missing), `links` are the names that
    linked clients had when they were last compared.
    """

    def __init__(
        self,
        tables: Mapping[Kind, Table],
        clients: Callable[[], Mapping[str, Client]],
        gone: Callable[[], Iterable[str]],
        links: Mapping[str, str],
    ) -> None:
        self.tables = tables
        self.clients = clients
        self.links = links
        self._gone = gone

    @cached_property
    def names(self) -> Counter[str]:
        """How many clients have each name."""
        names = (*(client.name for client in self.clients().values()), *self._gone())
        return Counter(map(folded_name, names))

    @cached_property
    def contacts(self) -> Mapping[str, Collection[str]]:
        """The ids of the contacts of each name."""
        ids: dict[str, set[str]] = defaultdict(set)
        for client in self.clients().values():
            for contact in client.contacts:
                ids[folded_name(contact.name)].add(contact.id)
        return ids

    @cached_property
    def contact_count(self) -> int:
        """How many contacts there are, one of several clients once."""
        table = self.tables.get(Kind.CONTACTS)
        return len({row.contact_id for row in table.rows()}) if table is not None else 0

    @cached_property
    def with_gaps(self) -> Collection[tuple[str, str]]:
        """The ids of clients, with the field, that have an address with a blank column before a filled one."""
        table = self.tables.get(Kind.CLIENTS)
        gaps: set[tuple[str, str]] = set()
        places = {name: numbered for name in _ADDRESSES if table and (numbered := address_places(table, name))}
        if table is None or not places:
            return gaps
        for row in table.rows():
            cells = table.by_meaning(row)
            for name, numbered in places.items():
                filled = [bool(cells[place].strip()) for place in numbered]
                if filled != sorted(filled, reverse=True):
                    gaps.add((row.client_id, name))
        return gaps


def address_places(table: Table, name: str) -> list[str]:
    """The meanings of an address's numbered columns, in order; none where it is one cell."""
    return sorted(meaning for meaning in table.columns.places if meaning.startswith(f"{name}."))


def folded_name(text: str) -> str:
    """A name as an import by names might compare it: no capitals, no accents, single blanks."""
    plain = unicodedata.normalize("NFKD", visible(text).casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())
