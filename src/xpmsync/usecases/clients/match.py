"""Match: link what is already there. Only the sure pairs are linked without a person.

Both systems are read once. What a person decided is remembered with fingerprints
of the two records, so that it is asked again only when one of them changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xpmsync.core import fingerprint
from xpmsync.core.match import Context, Matching, Unsure, Verdict, evidence, match
from xpmsync.core.model import Client, Link
from xpmsync.local.system.gc_tuning import rare_collections
from xpmsync.usecases.context.context import Practice, Progress
from xpmsync.usecases.context.resolve import choose_client

__all__ = ["Matches", "explain_pair", "find_matches", "leave_alone", "link_pairs", "part"]


@dataclass(frozen=True, slots=True)
class Matches:
    """The sorted clients, and the records to show them. `waiting` is the unsure pile less what is left alone."""

    matching: Matching
    xpm: Mapping[str, Client]
    ignition: Mapping[str, Client]
    waiting: tuple[Unsure, ...]


def find_matches(practice: Practice, progress: Progress) -> Matches:
    """Read both systems and sort every client; writes nothing."""
    with rare_collections():
        xpm = _read(practice.xpm.read(), "Reading XPM", progress)
        ignition = _read(practice.ignition.read(), "Reading Ignition", progress)
        progress.step("Comparing", 0)
        standing = _standing(practice, xpm, ignition)
        known = [(link.xpm_id, link.ignition_id) for link in practice.ledger.links()]
        found = match(
            list(xpm.values()), list(ignition.values()), known_links=known, not_same={p for p in standing if p[1]}
        )
    alone = {xpm_id for xpm_id, ignition_id in standing if not ignition_id}
    return Matches(found, xpm, ignition, tuple(one for one in found.unsure if one.xpm_id not in alone))


def link_pairs(practice: Practice, found: Matches, pairs: Iterable[tuple[str, str]]) -> list[Link]:
    """Link pairs of ids; raises `LinkConflict` where one of them is linked meanwhile."""
    made: list[Link] = []
    with practice.ledger.transaction():
        for xpm_id, ignition_id in pairs:
            link = Link(xpm_id, ignition_id, found.xpm[xpm_id].name, practice.now())
            practice.ledger.add_link(link)
            made.append(link)
    return made


def part(practice: Practice, found: Matches, xpm_id: str, ignition_id: str) -> None:
    """Remember that the two are not the same."""
    prints = (fingerprint.of_record(found.xpm[xpm_id]), fingerprint.of_record(found.ignition[ignition_id]))
    practice.ledger.part(xpm_id, ignition_id, prints, practice.now())


def leave_alone(practice: Practice, found: Matches, xpm_id: str) -> None:
    """Remember not to ask about this client again while it stays as it is."""
    practice.ledger.part(xpm_id, "", (fingerprint.of_record(found.xpm[xpm_id]), ""), practice.now())


def explain_pair(practice: Practice, xpm_client: str, ignition_client: str) -> tuple[Client, Client, Verdict]:
    """Weigh two clients, each meant by id or exact name, and return all the evidence."""
    xpm = choose_client(practice.xpm, xpm_client)
    ignition = choose_client(practice.ignition, ignition_client)
    # How rare an agreement is shows only among all clients.
    everybody = [*practice.xpm.read(), *practice.ignition.read()]
    return xpm, ignition, evidence(xpm, ignition, Context.of(everybody))


def _read(clients: Iterable[Client], label: str, progress: Progress) -> dict[str, Client]:
    read: dict[str, Client] = {}
    for client in clients:
        read[client.id] = client
        progress.step(label, len(read))
    return read


def _standing(practice: Practice, xpm: Mapping[str, Client], ignition: Mapping[str, Client]) -> set[tuple[str, str]]:
    """The decisions whose records are as they were when they were made."""
    return {
        (xpm_id, ignition_id)
        for (xpm_id, ignition_id), prints in practice.ledger.parted().items()
        if prints == (_print(xpm.get(xpm_id)), _print(ignition.get(ignition_id)))
    }


def _print(client: Client | None) -> str:
    return fingerprint.of_record(client) if client else ""
