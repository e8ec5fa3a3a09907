"""What the target shows, held against what was sent: taken, taken in its own spelling, or not taken."""

from __future__ import annotations

import pytest

from xpmsync.core.catalogue import field
from xpmsync.core.diff.answers import (
    PENDING,
    Taken,
    answer_of,
    answer_of_upload,
    is_kept,
    is_respelled,
    taken,
)
from xpmsync.core.enums import System
from xpmsync.core.model import Answer


@pytest.mark.parametrize(
    ("name", "sent", "old", "shown", "outcome"),
    [
        ("city", "Colac", "", "Colac", Taken.TOOK),
        ("phone", "+61 2 5550 0001", "", "(02) 5550 0001", Taken.TOOK),
        ("contact.email", "ann@example.com", "", "Ann@Example.com", Taken.TOOK),
        ("postcode", "sw1a 1aa", "3000", "SW1A 1AA", Taken.RESPELLED),
        ("name", "Harbour  Dental", "Old", "Harbour Dental", Taken.RESPELLED),
        ("website", "example.com", "", "https://www.example.com/", Taken.RESPELLED),
        ("address", "1 High St\nLevel 2", "", "1 High St, Level 2", Taken.RESPELLED),
        ("address", "1 High St", "", "1 High St, New Zealand", Taken.RESPELLED),
        ("city", "Colac", "COLAC", "COLAC", Taken.RESPELLED),
        ("city", "Whangarei", "Colac", "Colac", Taken.REFUSED),
        ("city", "Whangarei", "Colac", "Whang", Taken.REFUSED),
        ("city", "Whangarei", "Colac", "Nelson", Taken.REFUSED),
        ("city", "", "Colac", "Colac", Taken.REFUSED),
        ("city", "Whangarei", "", "", Taken.REFUSED),
        ("address", "1 High St", "1 High St\nLevel 2", "1 High St\nLevel 2", Taken.REFUSED),
        ("phone", "02 5550 0001", "", "2 5550 0001", Taken.REFUSED),
        ("contact.email", "a.b@example.com", "", "ab@example.com", Taken.REFUSED),
        ("contact.primary", "Yes", "No", "No", Taken.REFUSED),
        ("name", "Harbour Dental", "Old", "Harbour Dental Ltd", Taken.REFUSED),
    ],
)
def test_what_became_of_a_value(name: str, sent: str, old: str, shown: str, outcome: Taken) -> None:
    """Another layout is a spelling; less, more, or the former value is none."""
    assert taken(field(name), sent, old, shown) is outcome


@pytest.mark.parametrize("target", System)
def test_a_pair_of_spellings_is_known_in_both_directions(target: System) -> None:
    """As long as both sides stay as they are."""
    row = field("postcode")
    answer = answer_of(row, target, "sw1a", "SW1A")
    assert is_respelled(row, target, "sw1a", "SW1A", answer)
    assert is_respelled(row, target.other, "SW1A", "sw1a", answer)
    assert not is_respelled(row, target, "sw1b", "SW1A", answer)
    assert not is_respelled(row, target, "sw1a", "SW1B", answer)
    assert not is_kept(row, target, "sw1a", "SW1A", answer)


def test_twice_refused_is_kept() -> None:
    """Once is not enough."""
    row = field("city")
    for refused, kept in ((1, False), (2, True), (3, True)):
        answer = answer_of(row, System.XPM, "Whangarei", "Colac", refused=refused)
        assert is_kept(row, System.XPM, "Whangarei", "Colac", answer) is kept
        assert not is_respelled(row, System.XPM, "Whangarei", "Colac", answer)


@pytest.mark.parametrize(
    ("source", "shown", "uploaded", "refused"),
    [
        ("sw1a 1aa", "3000", False, PENDING),
        ("sw1a 1aa", "3000", True, 2),
        ("sw1a 1aa", "SW1A 1AA", False, 0),
        ("sw1a 1aa", "sw1a", False, 2),
        ("sw1a 1aa", "nw1", False, PENDING),
        ("nw1", "SW1A 1AA", False, PENDING),
    ],
)
def test_an_upload_is_answered_by_what_is_shown_later(source: str, shown: str, uploaded: bool, refused: int) -> None:
    """Not shown yet, not taken, taken in another spelling, cut, edited by a person, changed in the source since."""
    row = field("postcode")
    known = answer_of(row, System.IGNITION, "sw1a 1aa", "3000", refused=PENDING)
    answer = answer_of_upload(row, System.IGNITION, source, shown, known, uploaded=uploaded)
    assert isinstance(answer, Answer)
    assert answer.refused == refused
