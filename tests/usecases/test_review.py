"""Review: families together, one key for a family, mirrored decisions, and `back`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig
from xpmsync.core.enums import System
from xpmsync.core.match import Band, Evidence, Matching, Unsure, Verdict
from xpmsync.core.model import Client, Link
from xpmsync.errors import LinkConflict
from xpmsync.usecases.clients.match import Matches, Review

ANN, BOB, TUI = ("x-ann", "i-ann"), ("x-bob", "i-bob"), ("x-tui", "i-tui")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice with an empty ledger."""
    with open_rig(tmp_path / "state") as rig:
        yield rig


def verdict(xpm_id: str, ignition_id: str, score: float, name: str = "name-same") -> Verdict:
    """A pair with one piece of evidence about the names."""
    points = -14.0 if name == "name-other-given" else 6.0
    return Verdict(xpm_id, ignition_id, score, Band.UNSURE, (Evidence(name, points, "The names."),))


def review_of(rig: SyncRig, straight: str = "name-same") -> Review:
    """Ann and Bob of one household, who can also be each other, and Tui of another one."""
    unsure = (
        Unsure("x-tui", (verdict(*TUI, 10),)),
        Unsure("x-bob", (verdict(*BOB, 13, straight), verdict("x-bob", "i-ann", 9, "name-other-given"))),
        Unsure("x-ann", (verdict(*ANN, 14, straight), verdict("x-ann", "i-bob", 9, "name-other-given"))),
    )
    people = {"ann": "Ann Kea", "bob": "Bob Kea", "tui": "Tui Moana"}
    phones = {"ann": "0255501234", "bob": "0255501234", "tui": "0355504321"}
    xpm, ignition = (
        {
            f"{system.value[0]}-{key}": Client(system, f"{system.value[0]}-{key}", {"name": name, "phone": phones[key]})
            for key, name in people.items()
        }
        for system in (System.XPM, System.IGNITION)
    )
    return Review(rig.context, Matches(Matching((), unsure, (), (), ()), xpm, ignition, unsure))


def links(rig: SyncRig) -> set[tuple[str, str]]:
    """The pairs linked in the ledger."""
    return {(link.xpm_id, link.ignition_id) for link in rig.context.ledger.links()}


def distinct(rig: SyncRig) -> set[tuple[str, str]]:
    """The pairs marked as distinct in the ledger."""
    return set(rig.context.ledger.distinct_pairs())


def test_a_family_comes_together_best_first(rig: SyncRig) -> None:
    """Ann and Bob share a phone; theirs is the best pair, so Tui waits."""
    review = review_of(rig)
    assert [[u.xpm_id for u in family.clients] for family in review.families] == [["x-ann", "x-bob"], ["x-tui"]]
    assert [q.pair for q in review.questions] == [ANN, ("x-ann", "i-bob"), BOB, ("x-bob", "i-ann"), TUI]


def test_one_key_links_a_family(rig: SyncRig) -> None:
    """The pairs that fit best, one partner each; the other family is still to decide, and `back` undoes it all."""
    review = review_of(rig)
    assert [(v.xpm_id, v.ignition_id) for v in review.proposed(0)] == [ANN, BOB]
    review.same_family(0)
    assert links(rig) == {ANN, BOB}
    assert review.counts() == {"linked": 2, "parted": 0, "undecided": 1}
    assert review.back()
    assert links(rig) == set()
    assert review.counts() == {"linked": 0, "parted": 0, "undecided": 3}


def test_one_pair_that_is_the_same_settles_the_others_of_the_two(rig: SyncRig) -> None:
    """Whom Ann is linked to is nobody else's candidate, and Ann is asked about no more."""
    review = review_of(rig)
    review.same(review.questions[0])
    assert [q.pair for q in review.questions if review.is_open(*q.pair)] == [BOB, TUI]


def test_not_the_same_goes_for_the_mirrored_pair(rig: SyncRig) -> None:
    """Ann is not Bob, so Bob is not Ann; `back` takes both back."""
    review = review_of(rig)
    assert review.not_same(review.questions[1]) == (("x-ann", "i-bob"), ("x-bob", "i-ann"))
    assert distinct(rig) == {("x-ann", "i-bob"), ("x-bob", "i-ann")}
    assert review.counts()["parted"] == 2
    assert review.back()
    assert distinct(rig) == set()
    assert all(review.is_open(*q.pair) for q in review.questions)


@pytest.mark.parametrize(("question", "straight"), [(0, "name-same"), (1, "name-hinted")])
def test_nothing_is_mirrored_where_the_names_do_not_say_who_is_who(rig: SyncRig, question: int, straight: str) -> None:
    """Ann in both systems is another Ann: that says nothing of Bob. Nor do names that only fit."""
    review = review_of(rig, straight)
    review.not_same(review.questions[question])
    assert distinct(rig) == {review.questions[question].pair}


def test_skip_and_later(rig: SyncRig) -> None:
    """A skipped client is closed with all its pairs; a pair left for later stays undecided; each can be taken back."""
    review = review_of(rig)
    review.skip(review.questions[0])
    review.later()
    assert [q.pair for q in review.questions if review.is_open(*q.pair)] == [BOB, ("x-bob", "i-ann"), TUI]
    assert review.counts() == {"linked": 0, "parted": 0, "undecided": 2}
    assert [review.back() for _ in range(3)] == [True, True, False]
    assert distinct(rig) == set()


def test_a_family_with_someone_linked_meanwhile(rig: SyncRig) -> None:
    """What another command linked is not proposed again; a conflict links none of the family."""
    review = review_of(rig)
    rig.context.ledger.add_link(Link("x-ann", "i-elsewhere", "Ann Kea", "2026-01-01T00:00:00+00:00"))
    assert [(v.xpm_id, v.ignition_id) for v in review.proposed(0)] == [BOB]
    with pytest.raises(LinkConflict):
        review.same(review.questions[0])
    assert links(rig) == {("x-ann", "i-elsewhere")}
    assert not review.back()


def test_no_unsure_pairs(rig: SyncRig) -> None:
    """There is nothing to ask."""
    review = Review(rig.context, Matches(Matching((), (), (), (), ()), {}, {}, ()))
    assert (review.families, review.questions, review.undecided()) == ((), (), 0)
