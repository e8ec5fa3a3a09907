"""Match: the sure pairs are linked, a person's decisions are kept while the records stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig
from xpmsync.core.match import Band, Cap
from xpmsync.errors import LinkConflict
from xpmsync.simulator.people.seed import SEEDED_PAIRS, client_id, ignition_id
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.clients.match import dismiss, explain_pair, find_matches, link_pairs, mark_distinct
from xpmsync.usecases.context.context import Silent

BY_HAND = "1000296"
"""Tamaki Makaurau Couriers Limited, made in Ignition without looking into XPM."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice where nothing is linked yet."""
    with open_rig(tmp_path / "state", seeded=True, linked=False) as rig:
        yield rig


def test_no_sure_pair_is_wrong(rig: SyncRig) -> None:
    """Everything sure is a pair of the seed, or the firm that somebody made in Ignition by hand."""
    found = find_matches(rig.context, Silent())
    sure = {(one.xpm_id, one.ignition_id) for one in found.matching.sure}
    assert sure <= {*SEEDED_PAIRS, (client_id("tamaki"), BY_HAND)}
    assert len(sure) > 35


def test_linked_clients_are_left_out_the_next_time(rig: SyncRig) -> None:
    """What was linked, with its number in XPM, needs no proposal; linking twice is a conflict and links nothing."""
    found = find_matches(rig.context, Silent())
    sure = [(one.xpm_id, one.ignition_id) for one in found.matching.sure]
    numbered = {xpm_id: replace(client, number=f"C{n}") for n, (xpm_id, client) in enumerate(found.xpm.items())}
    links = link_pairs(rig.context, replace(found, xpm=numbered), sure, LinkRun(rig.context, "match link"))
    assert [link.xpm_number for link in links] == [numbered[xpm_id].number for xpm_id, _ in sure]
    assert not find_matches(rig.context, Silent()).matching.sure
    with pytest.raises(LinkConflict):
        link_pairs(rig.context, found, sure[:1], LinkRun(rig.context, "match link"))


def test_not_the_same_is_never_asked_again_until_a_record_changes(rig: SyncRig) -> None:
    """The decision is kept with fingerprints of both records."""
    found = find_matches(rig.context, Silent())
    unsure = found.waiting[0]
    pair = (unsure.xpm_id, unsure.candidates[0].ignition_id)
    mark_distinct(rig.context, found, *pair)
    assert pair not in proposed(rig)

    client = rig.context.xpm.get(unsure.xpm_id)
    assert client is not None
    rig.world.update_client(unsure.xpm_id, {"Fax": "02 5550 7777"})
    assert pair in proposed(rig)


def test_a_client_left_alone_is_not_in_the_pile(rig: SyncRig) -> None:
    """It stays among the unsure for programs, but nobody is asked."""
    found = find_matches(rig.context, Silent())
    dismiss(rig.context, found, found.waiting[0].xpm_id)
    again = find_matches(rig.context, Silent())
    assert found.waiting[0].xpm_id not in {one.xpm_id for one in again.waiting}
    assert len(again.matching.unsure) == len(found.matching.unsure)


def test_a_pair_is_explained(rig: SyncRig) -> None:
    """Every piece of evidence is a sentence with its points, and there is no other client for the two."""
    explained = explain_pair(rig.context, client_id("cafe-zoe"), ignition_id("cafe-zoe"), Silent())
    assert (explained.xpm.id, explained.ignition.id) == (client_id("cafe-zoe"), ignition_id("cafe-zoe"))
    assert explained.verdict.band is Band.SURE
    assert explained.verdict.score == pytest.approx(sum(e.points for e in explained.verdict.evidence))
    assert explained.rivals == ()


def test_an_explanation_is_what_match_found(rig: SyncRig) -> None:
    """The same score, caps and notes as in the list of unsure pairs, and the rivals by name."""
    ours = rig.xpm_client(name="Kowhai Fencing Ltd", phone="02 5550 1234")
    theirs = [rig.ignition_client(name="Kowhai Fencing Limited", phone="02 5550 1234") for _ in range(2)]
    matching = find_matches(rig.context, Silent()).matching
    listed = next(v for u in matching.unsure if u.xpm_id == ours for v in u.candidates if v.ignition_id == theirs[0])
    explained = explain_pair(rig.context, ours, theirs[0], Silent())
    assert explained.verdict == listed
    assert explained.verdict.caps == (Cap.RUNNER_UP,)
    assert [(r.xpm.id, r.ignition.id) for r in explained.rivals] == [(ours, theirs[1])]


def test_a_linked_pair_is_explained_too(rig: SyncRig) -> None:
    """Match no longer proposes it, but a person may still ask why."""
    found = find_matches(rig.context, Silent())
    link_pairs(
        rig.context, found, [(client_id("cafe-zoe"), ignition_id("cafe-zoe"))], LinkRun(rig.context, "match link")
    )
    assert explain_pair(rig.context, client_id("cafe-zoe"), ignition_id("cafe-zoe"), Silent()).verdict.band is Band.SURE


def proposed(rig: SyncRig) -> set[tuple[str, str]]:
    """All pairs that are proposed now."""
    found = find_matches(rig.context, Silent()).matching
    pairs = {(one.xpm_id, one.ignition_id) for one in found.sure}
    return pairs | {(one.xpm_id, verdict.ignition_id) for one in found.unsure for verdict in one.candidates}
