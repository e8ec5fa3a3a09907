"""Match: link clients that both systems have. Only the sure pairs are linked without a person.

Both systems are read once. What a person decided is remembered with fingerprints
of the two records, so that it is asked again only when one of them changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xpmsync.core import fingerprint
from xpmsync.core.match import Context, Matching, Unsure, Verdict, evidence, match
from xpmsync.core.model import Client, Link
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.read_pairs import MOST_COMPLETED, complete_all
from xpmsync.usecases.context.resolve import resolve_client
from xpmsync.usecases.sync.guard import require_practice

__all__ = [
    "ExplainedPair",
    "Matches",
    "Rival",
    "dismiss",
    "explain_pair",
    "find_matches",
    "link_pairs",
    "mark_distinct",
]


@dataclass(frozen=True, slots=True)
class Matches:
    """The sorted clients, and the records to show them. `waiting` are the unsure ones that nobody dismissed."""

    matching: Matching
    xpm: Mapping[str, Client]
    ignition: Mapping[str, Client]
    waiting: tuple[Unsure, ...]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another pair with one of the two clients that are explained."""

    xpm: Client
    ignition: Client
    score: float


@dataclass(frozen=True, slots=True)
class ExplainedPair:
    """Two clients, all the evidence about them, and the other pairs that `match` proposes for one of them."""

    xpm: Client
    ignition: Client
    verdict: Verdict
    rivals: tuple[Rival, ...]


def find_matches(context: SyncContext, progress: Progress) -> Matches:
    """Read both systems and sort every client; writes nothing."""
    xpm = _read(context.xpm.read(), "Reading XPM", progress)
    ignition: Mapping[str, Client] = _read(context.ignition.read(), "Reading Ignition", progress)
    decided, found = _sort(context, xpm, ignition, progress)
    summaries = [client.id for client in ignition.values() if not client.complete]
    if summaries:
        # Names alone decide little. Where all cannot be looked up within the limits, those are that may be meant.
        meant = (ignition_id for _, ignition_id in context.ledger.distinct_pairs() if ignition_id)
        ids = summaries if len(summaries) <= MOST_COMPLETED else [*meant, *_candidates(found)]
        ignition = complete_all(context.ignition, ignition, ids, progress)
        decided, found = _sort(context, xpm, ignition, progress)
    alone = {xpm_id for xpm_id, ignition_id in decided if not ignition_id}
    return Matches(found, xpm, ignition, tuple(unsure for unsure in found.unsure if unsure.xpm_id not in alone))


def _sort(
    context: SyncContext, xpm: Mapping[str, Client], ignition: Mapping[str, Client], progress: Progress
) -> tuple[set[tuple[str, str]], Matching]:
    """The decisions in force, and every client sorted by them and by the evidence."""
    progress.step("Matching", 0)
    decided = _decisions_in_force(context, xpm, ignition)
    known = [(link.xpm_id, link.ignition_id) for link in context.ledger.links()]
    distinct = {pair for pair in decided if pair[1]}
    weighed = [client.for_matching() for client in xpm.values()]
    return decided, match(weighed, list(ignition.values()), known_links=known, not_same=distinct)


def _candidates(found: Matching) -> Iterator[str]:
    """The Ignition clients that some XPM client may be, the surest first."""
    yield from (verdict.ignition_id for verdict in found.sure)
    yield from (verdict.ignition_id for unsure in found.unsure for verdict in unsure.candidates)


def link_pairs(context: SyncContext, found: Matches, pairs: Iterable[tuple[str, str]], run: LinkRun) -> list[Link]:
    """Link pairs of ids; raises `LinkConflict` where one of them is linked meanwhile."""
    require_practice(context)
    clients = [(found.xpm[xpm_id], ignition_id) for xpm_id, ignition_id in pairs]
    links = [Link(xpm.id, other, xpm.name, context.now(), xpm_number=xpm.number) for xpm, other in clients]
    run.link(links)
    return links


def mark_distinct(context: SyncContext, found: Matches, xpm_id: str, ignition_id: str) -> None:
    """Remember that the two are not the same."""
    require_practice(context)
    fingerprints = (fingerprint.of_record(found.xpm[xpm_id]), fingerprint.of_record(found.ignition[ignition_id]))
    context.ledger.mark_distinct(xpm_id, ignition_id, fingerprints, context.now())


def dismiss(context: SyncContext, found: Matches, xpm_id: str) -> None:
    """Remember not to ask about this client again while it stays as it is."""
    require_practice(context)
    context.ledger.mark_distinct(xpm_id, "", (fingerprint.of_record(found.xpm[xpm_id]), ""), context.now())


def explain_pair(context: SyncContext, xpm_client: str, ignition_client: str, progress: Progress) -> ExplainedPair:
    """Weigh two clients, each meant by id or exact name, as `match` does, and return all the evidence."""
    xpm = resolve_client(context.xpm, xpm_client)
    ignition = resolve_client(context.ignition, ignition_client)
    found = find_matches(context, progress)
    proposed = [*found.matching.sure, *(v for unsure in found.matching.unsure for v in unsure.candidates)]
    verdict = next((v for v in proposed if (v.xpm_id, v.ignition_id) == (xpm.id, ignition.id)), None)
    if verdict is None:  # linked, or so far apart that match does not propose it
        everybody = [client.for_matching() for client in (*found.xpm.values(), *found.ignition.values())]
        verdict = evidence(xpm.for_matching(), ignition, Context.of(everybody))
    others = [v for v in proposed if (v.xpm_id == xpm.id) is not (v.ignition_id == ignition.id)]
    rivals = [Rival(found.xpm[v.xpm_id], found.ignition[v.ignition_id], v.score) for v in others]
    return ExplainedPair(xpm, ignition, verdict, tuple(rivals))


def _read(clients: Iterable[Client], label: str, progress: Progress) -> dict[str, Client]:
    read: dict[str, Client] = {}
    progress.step(label, 0)
    for client in clients:
        read[client.id] = client
        progress.step(label, len(read))
    return read


def _decisions_in_force(
    context: SyncContext, xpm: Mapping[str, Client], ignition: Mapping[str, Client]
) -> set[tuple[str, str]]:
    """The decisions whose records are as they were when they were made."""
    return {
        (xpm_id, ignition_id)
        for (xpm_id, ignition_id), fingerprints in context.ledger.distinct_pairs().items()
        if fingerprints == (_fingerprint(xpm.get(xpm_id)), _fingerprint(ignition.get(ignition_id)))
    }


def _fingerprint(client: Client | None) -> str:
    return fingerprint.of_record(client) if client else ""
