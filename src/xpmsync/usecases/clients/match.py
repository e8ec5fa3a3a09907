"""Match: link clients that both systems have. Only the sure pairs are linked without a person.

Both systems are read once. What a person decided on an unsure pair is remembered with fingerprints
of the two records, so that it is asked again only when one of them changed. Pairs are reviewed one
family after the other; each answer is kept at once, settles what follows from it, and can be taken back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from xpmsync.core import fingerprint
from xpmsync.core.match import Context, Matching, Unsure, Verdict, evidence, match
from xpmsync.core.match.families import join_families
from xpmsync.core.match.record import read_record
from xpmsync.core.model import Client, Link
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.context.context import Progress, SyncContext
from xpmsync.usecases.context.resolve import resolve_client
from xpmsync.usecases.sync.guard import require_practice
from xpmsync.usecases.sync.read_systems import MOST_COMPLETED, complete_all


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


@dataclass(frozen=True, slots=True)
class Question:
    """One pair to decide on, and the number of its family."""

    family: int
    verdict: Verdict

    @property
    def pair(self) -> tuple[str, str]:
        """The ids of the XPM client and the Ignition client."""
        return self.verdict.xpm_id, self.verdict.ignition_id


@dataclass(frozen=True, slots=True)
class Family:
    """The unsure clients of one family, and the pairs that fit best, one partner each, best first."""

    clients: tuple[Unsure, ...]
    best: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one answer wrote to the ledger."""

    links: tuple[Link, ...] = ()
    distinct: tuple[tuple[str, str], ...] = ()
    """Pairs that are not the same; an empty Ignition id dismisses the XPM client."""


@dataclass(slots=True)
class Review:
    """The unsure pairs of a match and the answers given so far."""

    context: SyncContext
    found: Matches
    families: tuple[Family, ...] = field(init=False)
    questions: tuple[Question, ...] = field(init=False)
    _answers: list[_Answer] = field(init=False, default_factory=list)
    _run: LinkRun = field(init=False)

    def __post_init__(self) -> None:
        """Put the pairs of one family together, the family with the best pair first."""
        self._run = LinkRun(self.context, "match review")
        self.families = tuple(sorted(_families(self.found), key=lambda f: -f.best[0].score))
        self.questions = tuple(
            Question(number, verdict)
            for number, family in enumerate(self.families)
            for unsure in family.clients
            for verdict in unsure.candidates
        )

    def is_open(self, xpm_id: str, ignition_id: str) -> bool:
        """Say whether nothing is decided yet about a pair, neither in this review nor by a link made elsewhere."""
        decided = {pair for answer in self._answers for pair in answer.distinct}
        ledger = self.context.ledger
        return (
            not decided & {(xpm_id, ignition_id), (xpm_id, "")}
            and ledger.link_of(xpm_id) is None
            and ledger.link_of(ignition_id) is None
        )

    def undecided(self) -> int:
        """How many XPM clients still have a pair that nothing is decided about."""
        return len({q.verdict.xpm_id for q in self.questions if self.is_open(*q.pair)})

    def proposed(self, family: int) -> list[Verdict]:
        """The pairs that `same_family` would link now."""
        return [verdict for verdict in self.families[family].best if self.is_open(verdict.xpm_id, verdict.ignition_id)]

    def same(self, question: Question) -> None:
        """Link the pair; raises `LinkConflict` where one of the two is linked meanwhile."""
        self._link([question.pair])

    def same_family(self, family: int) -> None:
        """Link the best pairs of a family; raises `LinkConflict`, and then links none of them."""
        self._link([(verdict.xpm_id, verdict.ignition_id) for verdict in self.proposed(family)])

    def not_same(self, question: Question) -> tuple[tuple[str, str], ...]:
        """Remember that the two are not the same, nor the two of the mirrored pair; returns all these pairs.

        Where Ann and Bob are in both systems and Ann is not Bob, Bob is not Ann.
        """
        pairs = (question.pair, *self._mirrored(question))
        for pair in pairs:
            mark_distinct(self.context, self.found, *pair)
        self._answers.append(_Answer(distinct=pairs))
        return pairs

    def skip(self, question: Question) -> None:
        """Remember not to ask about the XPM client again while it stays as it is."""
        dismiss(self.context, self.found, question.verdict.xpm_id)
        self._answers.append(_Answer(distinct=((question.verdict.xpm_id, ""),)))

    def later(self) -> None:
        """Leave the pair for the next time."""
        self._answers.append(_Answer())

    def back(self) -> bool:
        """Take the last answer back, with all that followed from it; say whether there was one."""
        if not self._answers:
            return False
        answer, ledger = self._answers.pop(), self.context.ledger
        with ledger.transaction():
            for link in answer.links:
                ledger.remove_link(link)
            for pair in answer.distinct:
                ledger.forget_distinct(*pair)
        return True

    def counts(self) -> dict[str, int]:
        """How many pairs were linked and how many marked as distinct, and how many clients are undecided."""
        return {
            "linked": sum(len(answer.links) for answer in self._answers),
            "parted": sum(ignition_id != "" for answer in self._answers for _, ignition_id in answer.distinct),
            "undecided": self.undecided(),
        }

    def _link(self, pairs: Iterable[tuple[str, str]]) -> None:
        links = link_pairs(self.context, self.found, pairs, self._run)
        self._answers.append(_Answer(links=tuple(links)))

    def _mirrored(self, question: Question) -> list[tuple[str, str]]:
        """The pair of the two others, where each of the four has its own best partner by name."""
        xpm_id, ignition_id = question.pair
        own = [v for v in self.families[question.family].best if _names_agree(v)]
        partner = next((v.ignition_id for v in own if v.xpm_id == xpm_id), None)
        other = next((v.xpm_id for v in own if v.ignition_id == ignition_id), None)
        mirrored = (other or "", partner or "")
        asked = any(q.pair == mirrored for q in self.questions)
        return [mirrored] if other != xpm_id and asked and self.is_open(*mirrored) else []


_HALF_A_NAME = frozenset(["name-hinted", "name-rhyme", "name-sole-contact"])


def _names_agree(verdict: Verdict) -> bool:
    """Whether the two have one name, and not only names that fit."""
    return any(e.name.startswith("name-") and e.name not in _HALF_A_NAME and e.points > 0 for e in verdict.evidence)


def _families(found: Matches) -> list[Family]:
    waiting = sorted(found.waiting, key=lambda unsure: -unsure.candidates[0].score)
    records = [
        [read_record(found.xpm[u.xpm_id]), *(read_record(found.ignition[v.ignition_id]) for v in u.candidates)]
        for u in waiting
    ]
    families: list[Family] = []
    for members in join_families(records):
        clients = tuple(waiting[n] for n in members)
        best: dict[str, Verdict] = {}
        for verdict in sorted((v for u in clients for v in u.candidates), key=lambda v: -v.score):
            if verdict.xpm_id not in best and verdict.ignition_id not in {v.ignition_id for v in best.values()}:
                best[verdict.xpm_id] = verdict
        families.append(Family(clients, tuple(best.values())))
    return families
