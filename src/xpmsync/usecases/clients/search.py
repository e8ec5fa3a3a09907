"""Search: XPM's own search and Ignition's side by side, linked pairs as one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match.name_search import nearest_names
from xpmsync.core.model import Client
from xpmsync.errors import UsageError
from xpmsync.local.settings.settings import Route
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.resolve import folded, search_store

__all__ = ["SearchResult", "SearchRow", "search"]


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One row: a client of XPM, of Ignition, or a linked pair (`xpm` and `ignition` both given).

    `linked_to` is the id on the other side, also where that side's record did
    not match the search. `is_twin` says that another client of the same system
    and name was found.
    """

    xpm: Client | None
    ignition: Client | None
    linked_to: str
    is_twin: bool = False

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
        return tuple(dict.fromkeys(row.client.name for row in self.rows if row.is_twin))


def search(context: SyncContext, text: str, *, limit: int, archived: bool) -> SearchResult:
    """Find clients in both systems; raises `UsageError` where no text is given.

    Each system's own search is asked; one that finds nothing is asked again for parts
    of the text, and what fits is chosen here, because systems do not fold accents.
    """
    if not text.strip():
        raise UsageError("There is nothing to search for.", "Give a part of a client's name.")
    hits = {system: search_store(context.store(system), text) for system in System}
    shown = {
        system: [client for client in clients if archived or client.state is ClientState.ACTIVE]
        for system, clients in hits.items()
    }
    left_out = sum(len(hits[system]) - len(shown[system]) for system in System)
    rows = sorted(_rows(context, shown[System.XPM], shown[System.IGNITION]), key=_row_order)
    nearest = () if rows or left_out else tuple(nearest_names(text, _known_names(context)))
    return SearchResult(text, tuple(rows[:limit]), max(0, len(rows) - limit), left_out, nearest)


def _known_names(context: SyncContext) -> Iterator[str]:
    """The names that cost no call: linked clients', and those of an Ignition that is read from this computer."""
    yield from (link.name for link in context.ledger.links())
    if context.settings.ignition.route is not Route.MCP:
        yield from (client.name for client in context.ignition.read() if client.state is ClientState.ACTIVE)


def _rows(context: SyncContext, xpm: Sequence[Client], ignition: Sequence[Client]) -> list[SearchRow]:
    twins = {
        system: Counter(folded(c.name) for c in side) for system, side in zip(System, (xpm, ignition), strict=True)
    }
    there = {client.id: client for client in ignition}
    rows: list[SearchRow] = []
    for client in xpm:
        link = context.ledger.link_of(client.id)
        twin = twins[System.XPM][folded(client.name)] > 1
        partner = there.pop(link.ignition_id, None) if link else None
        rows.append(SearchRow(client, partner, link.ignition_id if link else "", twin))
    for client in there.values():
        link = context.ledger.link_of(client.id)
        twin = twins[System.IGNITION][folded(client.name)] > 1
        rows.append(SearchRow(None, client, link.xpm_id if link else "", twin))
    return rows


def _row_order(row: SearchRow) -> tuple[str, str]:
    return folded(row.client.name), row.client.id
