"""Search: XPM's own search and Ignition's side by side, linked pairs as one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client
from xpmsync.errors import UsageError
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.resolve import folded

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
        one = self.xpm or self.ignition
        if one is None:
            raise ValueError("a row without a client")
        return one

    @property
    def is_linked(self) -> bool:
        """Whether the client is linked."""
        return bool(self.linked_to)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Rows by name; `more` counts those beyond the limit, `archived` those left out as archived or deleted."""

    text: str
    rows: tuple[SearchRow, ...]
    more: int
    archived: int

    @property
    def namesakes(self) -> tuple[str, ...]:
        """Names that occur more than once in one system."""
        return tuple(dict.fromkeys(row.client.name for row in self.rows if row.is_twin))


def search(context: SyncContext, text: str, *, limit: int, archived: bool) -> SearchResult:
    """Find clients by a part of their name in both systems; raises `UsageError` where no text is given."""
    if not text.strip():
        raise UsageError("There is nothing to search for.", "Give a part of a client's name.")
    found = {
        System.XPM: context.xpm.search(text),
        System.IGNITION: context.ignition.search(text),
    }
    shown = {
        system: [client for client in clients if archived or client.state is ClientState.ACTIVE]
        for system, clients in found.items()
    }
    left_out = sum(len(found[system]) - len(shown[system]) for system in System)
    rows = sorted(_rows(context, shown[System.XPM], shown[System.IGNITION]), key=_row_order)
    return SearchResult(text, tuple(rows[:limit]), max(0, len(rows) - limit), left_out)


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
