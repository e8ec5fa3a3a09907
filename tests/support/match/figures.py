"""The figures the matcher is judged by, and the two simple ways it is compared with."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from support.match.labelled import Labelled
from xpmsync.core.match import Matching, find_counterparts, match
from xpmsync.core.model import Client


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over one labelled set; `pairs` are the entities that both systems hold."""

    clients: int
    pairs: int
    linked: int
    wrong: int
    right_entities: int
    unsure: int
    found_entities: int

    @property
    def precision(self) -> float:
        """Share of the sure links that are right."""
        return 1.0 if not self.linked else 1 - self.wrong / self.linked

    @property
    def recall(self) -> float:
        """Share of the true pairs that are sure."""
        return self.right_entities / self.pairs

    @property
    def unsure_share(self) -> float:
        """Share of the XPM clients that a person must look at."""
        return self.unsure / self.clients

    @property
    def coverage(self) -> float:
        """Share of the true pairs inside sure and unsure."""
        return self.found_entities / self.pairs


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """How the check before an import does, over a sample of the XPM clients, each looked up alone."""

    with_counterpart: int
    shown_right: int
    named_right: int
    without: int
    shown_wrong: int

    @property
    def shown(self) -> float:
        """Share of the clients with a counterpart for whom it is among the candidates."""
        return self.shown_right / max(1, self.with_counterpart)

    @property
    def named(self) -> float:
        """The same, those named as members of the family included."""
        return self.named_right / max(1, self.with_counterpart)

    @property
    def falsely_shown(self) -> float:
        """Share of the clients without a counterpart for whom any candidate is shown."""
        return self.shown_wrong / max(1, self.without)


def judge_import(labelled: Labelled, sample: int, seed: int = 1) -> ImportFigures:
    """Look up that many XPM clients among all Ignition clients, one at a time."""
    drawn = random.Random(seed).sample(labelled.xpm, min(sample, len(labelled.xpm)))  # noqa: S311 - reproducible
    present = set(labelled.entity_of_ignition.values())
    known = right = named = wrong = 0
    for client in drawn:
        found = find_counterparts(client, labelled.ignition)
        shown = any(labelled.same(client.id, c.client.id) for c in found.candidates)
        if labelled.entity_of_xpm[client.id] in present:
            known += 1
            right += shown
            named += shown or any(labelled.same(client.id, c.id) for c in found.relatives)
        else:
            wrong += bool(found.candidates)
    return ImportFigures(known, right, named, len(drawn) - known, wrong)


def judge(labelled: Labelled, matching: Matching | None = None) -> Figures:
    """Run the matcher on a labelled set and count."""
    found = matching or match(labelled.xpm, labelled.ignition)
    links = [(v.xpm_id, v.ignition_id) for v in found.sure]
    shown = [(u.xpm_id, c.ignition_id) for u in found.unsure for c in u.candidates]
    return judge_links(labelled, links, shown, len(found.unsure))


def judge_links(
    labelled: Labelled, links: Iterable[tuple[str, str]], shown: Iterable[tuple[str, str]] = (), unsure: int = 0
) -> Figures:
    """Count over links and shown candidates."""
    sure = list(links)
    right = {labelled.entity_of_xpm[x] for x, i in sure if labelled.same(x, i)}
    found = right | {labelled.entity_of_xpm[x] for x, i in shown if labelled.same(x, i)}
    wrong = sum(not labelled.same(x, i) for x, i in sure)
    return Figures(len(labelled.xpm), labelled.pairs, len(sure), wrong, len(right), unsure, len(found))


def by_exact_name(labelled: Labelled) -> Figures:
    """Link what has the very same name once on each side, as Ignition's first connection does."""
    return judge_links(labelled, _unique(labelled, lambda client: client.name.strip().casefold()))


def _unique(labelled: Labelled, key: Callable[[Client], str]) -> list[tuple[str, str]]:
    sides: list[dict[str, list[str]]] = []
    for clients in (labelled.xpm, labelled.ignition):
        by_key: defaultdict[str, list[str]] = defaultdict(list)
        for client in clients:
            by_key[key(client)].append(client.id)
        sides.append(by_key)
    return [(ids[0], sides[1][k][0]) for k, ids in sides[0].items() if len(ids) == 1 and len(sides[1].get(k, ())) == 1]


def by_similar_name(labelled: Labelled, least: float = 85.0) -> Figures:
    """Link each XPM client with the Ignition client of the most similar name, from 0.85 on, one to one."""
    from rapidfuzz import fuzz, process

    names = [c.name.casefold() for c in labelled.ignition]
    ranked: list[tuple[float, str, str]] = []
    for client in labelled.xpm:
        best = process.extractOne(client.name.casefold(), names, scorer=fuzz.ratio, score_cutoff=least)
        if best is not None:
            ranked.append((best[1], client.id, labelled.ignition[best[2]].id))
    links: list[tuple[str, str]] = []
    taken: set[str] = set()
    for _, x, i in sorted(ranked, key=lambda r: -r[0]):
        if i not in taken:
            taken.add(i)
            links.append((x, i))
    return judge_links(labelled, links)
