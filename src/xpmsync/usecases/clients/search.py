"""Search: XPM's own search and Ignition's side by side, linked pairs as one row."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match.name_search import nearest_names
from xpmsync.core.model import Client
from xpmsync.errors import UsageError
from xpmsync.local.settings.settings import Route
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.resolve import folded, search_store


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One row: a client of XPM, of Ignition, or a linked pair (`xpm` and `ignition` both given).

    `linked_to` is the id on the other side, also where that side's record did
    not match the search. `has_namesake` says that another client of the same system
    and name was found.
    """

    xpm: Client | None
    ignition: Client | None
    linked_to: str
    has_namesake: bool = False

    @property
    def client(self) -> Client:
        """The record to show: XPM's where there is one."""
        client = self.xpm or self.ignition
        if client is None:
            raise ValueError("a row without a client")
        return client

    @property
    def is_linked(self) -> bool:
        """Whether the client is linked."""
        return bool(self.linked_to)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Rows by name; `more` counts those beyond the limit, `archived` those left out as archived or deleted.

    `nearest` holds the most similar names where nothing fits.
    """

    text: str
    rows: tuple[SearchRow, ...]
    more: int
    archived: int
    nearest: tuple[str, ...] = ()

    @property
    def namesakes(self) -> tuple[str, ...]:
        """Names that occur more than once in one system."""
        return tuple(dict.fromkeys(row.client.name for row in self.rows if row.has_namesake))


def search(context: SyncContext, text: str, *, limit: int, archived: bool) -> SearchResult:
    """Find clients in both systems; raises `UsageError` where no text is given.

    Each system's own search is asked; one that finds nothing is asked again for parts
    of the text, and what fits is chosen here, because systems do not fold accents.
    """
    if not text.strip():
        raise UsageError("There is nothing to search for.", "Give a part of a client's name.")
    xpm = _Hits(search_store(context.xpm, text), limit, archived=archived)
    xpm.read_all(context)
    ignition = _Hits(search_store(context.ignition, text), limit, archived=archived)
    partners = ignition.read_all(context, xpm)
    rows = [*xpm.rows(partners), *ignition.rows({})]
    rows.sort(key=_row_order)
    left_out, number = xpm.left_out + ignition.left_out, xpm.number + ignition.number
    nearest = () if number or left_out else tuple(nearest_names(text, _known_names(context)))
    return SearchResult(text, tuple(rows[:limit]), max(0, number - limit), left_out, nearest)


def _known_names(context: SyncContext) -> Iterator[str]:
    """The names that cost no call: linked clients', and those of an Ignition that is read from this computer."""
    yield from (link.name for link in context.ledger.links())
    if context.settings.ignition.route is not Route.MCP:
        yield from (client.name for client in context.ignition.read() if client.state is ClientState.ACTIVE)


class _Hits:
    """What one system finds: the first clients by name in full, of all others only what counts and pairs."""

    def __init__(self, clients: Iterator[Client], limit: int, *, archived: bool) -> None:
        self.left_out = 0
        self.number = 0
        self.first: list[tuple[tuple[str, str], Client, str]] = []
        self._clients = clients
        self._limit = limit
        self._archived = archived
        self._names: Counter[str] = Counter()
        self.linked: set[str] = set()

    def read_all(self, context: SyncContext, other: _Hits | None = None) -> Mapping[str, Client]:
        """Read all hits; those linked to one of `other` are no rows of their own: returns the shown rows' partners."""
        partners: dict[str, Client] = {}
        shown = {client.id for _, client, _ in other.first} if other else frozenset[str]()
        for client in self._clients:
            if client.state is not ClientState.ACTIVE and not self._archived:
                self.left_out += 1
                continue
            key = (folded(client.name), client.id)
            self._names[key[0]] += 1
            link = context.ledger.link_of(client.id)
            partner = "" if link is None else link.ignition_id if other is None else link.xpm_id
            if partner and other is None:
                self.linked.add(client.id)
            if other is not None and partner in other.linked:
                if partner in shown:
                    partners[client.id] = client
                continue
            self.number += 1
            if len(self.first) < self._limit or key < self.first[-1][0]:
                insort(self.first, (key, client, partner), key=itemgetter(0))
                del self.first[self._limit :]
        return partners

    def rows(self, partners: Mapping[str, Client]) -> Iterator[SearchRow]:
        """The first rows; those of XPM with their partners."""
        for (name, _), client, linked_to in self.first:
            has_namesake = self._names[name] > 1
            if client.system is System.XPM:
                yield SearchRow(client, partners.get(linked_to), linked_to, has_namesake)
            else:
                yield SearchRow(None, client, linked_to, has_namesake)


def _row_order(row: SearchRow) -> tuple[str, str]:
    return folded(row.client.name), row.client.id
