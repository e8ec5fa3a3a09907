"""Reading both records of some linked clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import Client, ClientRef
from xpmsync.core.plan.read_strategy import MOST_SINGLE_READS
from xpmsync.core.ports.store import Store
from xpmsync.usecases.context.context import Progress, SyncContext

__all__ = ["MOST_COMPLETED", "RecordPair", "complete", "complete_all", "read_pairs"]

MOST_COMPLETED: Final = 200
"""Single look-ups that one match makes; a server that counts calls may allow 600 an hour."""


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A client's two records; None where a system has none."""

    xpm: Client | None
    ignition: Client | None

    def in_(self, system: System) -> Client | None:
        """The record in that system."""
        return self.xpm if system is System.XPM else self.ignition


def read_pairs(context: SyncContext, clients: Iterable[ClientRef], progress: Progress) -> Mapping[str, RecordPair]:
    """Read both records of the clients; keyed by XPM id."""
    refs = {client.xpm_id: client for client in clients}
    ignition = _read(context.ignition, [ref.ignition_id for ref in refs.values()], progress)
    xpm = _read(context.xpm, list(refs), progress)
    return {xpm_id: RecordPair(xpm.get(xpm_id), ignition.get(ref.ignition_id)) for xpm_id, ref in refs.items()}


def _read(store: Store, wanted: list[str], progress: Progress) -> dict[str, Client]:
    label = f"Reading {store.system.label}"
    records: dict[str, Client] = {}
    if len(wanted) <= MOST_SINGLE_READS:
        for client_id in wanted:
            progress.step(label, len(records), len(wanted))
            if (client := store.get(client_id)) is not None:
                records[client_id] = client
        return records
    ids = frozenset(wanted)
    for done, client in enumerate(store.read(), start=1):
        progress.step(label, done)
        if client.id in ids and (record := complete(store, client)) is not None:
            records[client.id] = record
    return records


def complete(store: Store, client: Client) -> Client | None:
    """A client of a list, looked up where the list has only part of it; None where it is gone by now."""
    return client if client.complete else store.get(client.id)


def complete_all(
    store: Store, clients: Mapping[str, Client], ids: Iterable[str], progress: Progress
) -> Mapping[str, Client]:
    """The clients of a list, those of them looked up that the list has only part of; `MOST_COMPLETED` at most."""
    partly = [client_id for client_id in dict.fromkeys(ids) if client_id in clients and not clients[client_id].complete]
    whole = dict(clients)
    for done, client_id in enumerate(partly[:MOST_COMPLETED]):
        progress.step(f"Looking clients up in {store.system.label}", done, min(len(partly), MOST_COMPLETED))
        if (client := store.get(client_id)) is None:
            del whole[client_id]
        else:
            whole[client_id] = client
    return whole
