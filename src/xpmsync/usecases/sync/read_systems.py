"""Reading both systems: for a preview as little as is safe of what is called, all of what is a file.

Or both records of some linked clients.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.diff.shared_contacts import SharedContacts
from xpmsync.core.enums import Direction, System
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.read_strategy import MOST_SINGLE_READS, LastReading, Reading, choose_reading
from xpmsync.core.ports.store import Store
from xpmsync.core.rows import RowRecord
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.usecases.context.context import Progress, SyncContext

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


class SystemsReader:
    """Reads both systems as little as is safe: Ignition whole, then what the read strategy wants of XPM."""

    def __init__(self, context: SyncContext, progress: Progress, links: Sequence[Link], *, named: bool) -> None:
        self.reading = Reading()
        self.single_reads: list[ClientRef] = []
        self.source_clients: int | None = None
        self.as_of: datetime | None = None
        self._context = context
        self._progress = progress
        self._links = {link.xpm_id: link for link in links}
        self._named = named
        self._ignition: dict[str, Client] = {}
        self._known_shared = context.ledger.fact("shared_contacts")
        self.shared = SharedContacts(self._known_shared or "")

    @property
    def reads_rows(self) -> bool:
        """Whether both systems are files, whose rows show which clients are equal."""
        stores = (self._context.xpm, self._context.ignition)
        return not self._by_single_reads and all(store.capabilities.from_file for store in stores)

    def rows(self, *, asked_full: bool) -> Iterator[tuple[Link, RowRecord | None, RowRecord | None]]:
        """Every link with its two rows, None where a file has none; files are always read whole."""
        started = self._context.clock.now()
        self._progress.step("Reading Ignition", 0)
        ignition = self._context.ignition.deferred.client_rows()
        self.reading = self._strategy(started, asked_full=asked_full)
        self._progress.step("Reading XPM", 0)
        xpm = self._context.xpm.deferred.client_rows()
        self.shared = SharedContacts()
        self.shared.learn_rows(xpm)
        self._note_as_of(started)
        self.source_clients = len(ignition if self._to_xpm else xpm)
        for xpm_id, link in self._links.items():
            yield link, xpm.get(xpm_id), ignition.get(link.ignition_id)

    def look_up(self, link: Link) -> RecordPair:
        """The records of a link whose rows were read."""
        return RecordPair(self._context.xpm.get(link.xpm_id), self._context.ignition.get(link.ignition_id))

    def pairs(self, *, asked_full: bool) -> Iterator[tuple[Link, RecordPair | None]]:
        """Every link with its two records; with None where neither can have changed since it was compared."""
        started = self._context.clock.now()
        if self._by_single_reads:
            self._keep_ignition(filter(None, map(self._context.ignition.get, self._ignition_ids)))
            for link in self._links.values():
                yield link, self._look_up(link)
            return
        self._progress.step("Reading Ignition", 0)
        listed = self._keep_ignition(self._context.ignition.read())
        self.reading = self._strategy(started, asked_full=asked_full)
        if self.reading.full:
            self.shared = SharedContacts()
        unlisted = dict(self._links)
        label = "Reading XPM" if self.reading.full else "Reading what changed in XPM"
        read = 0
        self._progress.step(label, read)
        for client in self._context.xpm.read(since=self.reading.since):
            read += 1
            self._progress.step(label, read)
            self.shared.learn(client)
            if (listed_link := unlisted.pop(client.id, None)) is not None:
                yield listed_link, self._pair(listed_link, client)
        self._note_as_of(started)
        if self._to_xpm:
            self.source_clients = listed
        elif self.reading.full:
            self.source_clients = read
        for link in unlisted.values():
            yield link, self._unlisted(link)

    def ignition_of(self, link: Link) -> Client | None:
        """Ignition's record of a link that is not paired yet, None where it has none."""
        return self._ignition.get(link.ignition_id)

    @property
    def _to_xpm(self) -> bool:
        return self._context.settings.sync.direction is Direction.TO_XPM

    @property
    def _by_single_reads(self) -> bool:
        """Whether few clients were named, who are looked up.

        Who shares a contact is known after a first list; before that, a write to XPM needs one.
        """
        knows_shared = not self._to_xpm or self._known_shared is not None
        return self._named and knows_shared and len(self._links) <= MOST_SINGLE_READS

    def _note_as_of(self, started: datetime) -> None:
        answered = self._context.xpm.as_of
        if not self._named:
            self.as_of = min(answered, started) if answered else started

    @property
    def _ignition_ids(self) -> list[str]:
        return sorted(link.ignition_id for link in self._links.values())

    def _keep_ignition(self, clients: Iterable[Client]) -> int:
        """Keep the linked ones of these clients; returns how many there were."""
        store, wanted, read = self._context.ignition, frozenset(self._ignition_ids), 0
        for client in clients:
            read += 1
            if client.id in wanted and (record := complete(store, client)) is not None:
                self._ignition[client.id] = record
            self._progress.step("Reading Ignition", read)
        return read

    def _strategy(self, started: datetime, *, asked_full: bool) -> Reading:
        settings = self._context.settings
        return choose_reading(
            last_reading(self._context.ledger),
            now=started,
            shape=settings_hash(settings),
            asked_full=asked_full,
            full_read_days=settings.sync.full_read_days,
            direction=settings.sync.direction,
            from_file=self._context.xpm.capabilities.from_file,
            unsettled=self._unsettled,
        )

    def _unsettled(self) -> frozenset[str]:
        """The XPM ids of links whose Ignition record is not as the last run left it."""
        return frozenset(
            link.xpm_id
            for link in self._links.values()
            if (client := self._ignition.get(link.ignition_id)) is not None
            and fingerprint.of_record(client) != link.ignition_fingerprint
        )

    def _unlisted(self, link: Link) -> RecordPair | None:
        """The records of a link that XPM's list did not hold."""
        if self.reading.full:
            return self._pair(link, None)
        if link.xpm_id not in self.reading.singles:
            return None
        pair = self._look_up(link)
        self.single_reads.append(link.ref)
        return pair

    def _look_up(self, link: Link) -> RecordPair:
        self._progress.step("Looking up single clients in XPM", len(self.single_reads) + 1)
        return self._pair(link, self._context.xpm.get(link.xpm_id))

    def _pair(self, link: Link, xpm: Client | None) -> RecordPair:
        return RecordPair(xpm, self._ignition.pop(link.ignition_id, None))


def last_reading(ledger: Ledger) -> LastReading:
    """What the ledger knows of the last reading that was followed by a complete run."""
    return LastReading(ledger.moment_fact("cursor"), ledger.moment_fact("last_full"), ledger.fact("shape") or "")


def settings_hash(settings: Settings) -> str:
    """A short name for the settings that shape a plan and the practice they are used on."""
    return _hash({**settings.plan_settings(), "tenant": settings.xpm.tenant_id})


def flow_hash(settings: Settings) -> str:
    """A short name for the settings that shape a plan, which `status` knows without a practice."""
    return _hash(settings.plan_settings())


def _hash(values: Mapping[str, str]) -> str:
    return blake2b(json.dumps(dict(values), sort_keys=True).encode(), digest_size=8).hexdigest()
