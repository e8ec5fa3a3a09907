"""Search: XPM's own search and Ignition's side by side, linked pairs as one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xpmsync.core.enums import State, System
from xpmsync.core.model import Client
from xpmsync.errors import UsageError
from xpmsync.usecases.context.context import Practice
from xpmsync.usecases.context.resolve import folded

__all__ = ["Found", "SearchResult", "search"]


@dataclass(frozen=True, slots=True)
class Found:
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
    rows: tuple[Found, ...]
    more: int
    archived: int

    @property
    def twin_names(self) -> tuple[str, ...]:
        """Names that occur more than once in one system."""
        return tuple(dict.fromkeys(row.client.name for row in self.rows if row.is_twin))


def search(practice: Practice, text: str, *, limit: int, archived: bool) -> SearchResult:
    """Find clients by a part of their name in both systems; raises `UsageError` where no text is given."""
    if not text.strip():
        raise UsageError("There is nothing to search for.", "Give a part of a client's name.")
    found = {
        System.XPM: practice.xpm.search(text),
        System.IGNITION: practice.ignition.search(text),
    }
    shown = {
        system: [client for client in clients if archived or client.state is State.ACTIVE]
        for system, clients in found.items()
    }
    left_out = sum(len(found[system]) - len(shown[system]) for system in System)
    rows = sorted(_rows(practice, shown[System.XPM], shown[System.IGNITION]), key=_row_order)
    return SearchResult(text, tuple(rows[:limit]), max(0, len(rows) - limit), left_out)


def _rows(practice: Practice, xpm: Sequence[Client], ignition: Sequence[Client]) -> list[Found]:
    twins = {
        system: Counter(folded(c.name) for c in side) for system, side in zip(System, (xpm, ignition), strict=True)
    }
    there = {client.id: client for client in ignition}
    rows: list[Found] = []
    for client in xpm:
        link = practice.ledger.link_of(client.id)
        twin = twins[System.XPM][folded(client.name)] > 1
        partner = there.pop(link.ignition_id, None) if link else None
        rows.append(Found(client, partner, link.ignition_id if link else "", twin))
    for client in there.values():
        link = practice.ledger.link_of(client.id)
        twin = twins[System.IGNITION][folded(client.name)] > 1
        rows.append(Found(None, client, link.xpm_id if link else "", twin))
    return rows


def _row_order(row: Found) -> tuple[str, str]:
    return folded(row.client.name), row.client.id
