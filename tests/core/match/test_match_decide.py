"""The rules that can make a link sure, each at its edge."""

from __future__ import annotations

import pytest

from xpmsync.core.match.verdict import Band, Cap, Piece, agreements, band, caps_in_force, leads
from xpmsync.core.match.weights import GAP, LEAST_AGREEMENT, SURE, UNSURE, WEIGHTS, EvidenceGroup, Rule, faded

NAME, MAIL, PHONE = Piece(Rule.NAME_SAME, 12), Piece(Rule.EMAIL_SAME, 9), Piece(Rule.PHONE_SAME, 8)
NUMBER, LINK = Piece(Rule.IDENTIFIER_SAME, 24), Piece(Rule.XPM_ID_SAME, 30)
MILD = {Cap.GIVEN_NAME, Cap.FORM_UNSTATED, Cap.NAMESAKE}


def test_sure_from_the_threshold_on() -> None:
    """Exactly the threshold is sure; a tenth of a point below is not."""
    assert band(SURE, [NAME, MAIL], ()) is Band.SURE
    assert band(SURE - 0.1, [NAME, MAIL], ()) is Band.UNSURE


def test_unsure_from_the_threshold_on() -> None:
    """Exactly the threshold is shown to a person; below it, nobody is asked."""
    assert band(UNSURE, [NAME], ()) is Band.UNSURE
    assert band(UNSURE - 0.1, [NAME], ()) is Band.NONE


@pytest.mark.parametrize("pieces", [[], [NAME], [NAME, NAME], [NUMBER], [LINK], [NAME, Piece(Rule.FORM_SAME, 90)]])
def test_one_agreement_is_never_sure(pieces: list[Piece]) -> None:
    """However high the score: one kind of agreement is one agreement."""
    assert band(100, pieces, ()) is Band.UNSURE


def test_two_agreements_that_tell_nobody_apart_are_never_sure() -> None:
    """A household shares e-mail, phone, address and contact."""
    shared = [MAIL, PHONE, Piece(Rule.ADDRESS_SAME, 7), Piece(Rule.CONTACT_SAME, 4)]
    assert band(100, shared, ()) is Band.UNSURE


@pytest.mark.parametrize("telling", [NAME, NUMBER, LINK])
def test_two_agreements_one_of_which_tells_apart(telling: Piece) -> None:
    """A name, a register number or Ignition's link beside any other agreement."""
    assert band(100, [telling, MAIL], ()) is Band.SURE


@pytest.mark.parametrize("cap", list(Cap))
def test_every_cap_keeps_a_pair_from_being_sure(cap: Cap) -> None:
    """Without a number or link, each cap holds, whatever the score."""
    assert band(100, [NAME, MAIL, PHONE], {cap}) is Band.UNSURE


@pytest.mark.parametrize("settling", [NUMBER, LINK])
@pytest.mark.parametrize("cap", list(Cap))
def test_caps_that_a_number_or_link_settles(cap: Cap, settling: Piece) -> None:
    """The milder doubts yield; the others hold against any number."""
    expected = Band.SURE if cap in MILD else Band.UNSURE
    assert band(100, [NAME, MAIL, settling], {cap}) is expected


def test_one_cap_that_holds_is_enough() -> None:
    """A settled doubt does not take a standing one with it."""
    agreed = frozenset({EvidenceGroup.NAME, EvidenceGroup.IDENTIFIER})
    assert caps_in_force({Cap.GIVEN_NAME, Cap.FORM}, agreed) == {Cap.FORM}
    assert caps_in_force({Cap.GIVEN_NAME, Cap.FORM}, frozenset({EvidenceGroup.NAME})) == {Cap.GIVEN_NAME, Cap.FORM}


def test_an_agreement_that_has_faded_is_none() -> None:
    """A piece counts while it is worth the least agreement, and only pieces of a group count at all."""
    edge, below = Piece(Rule.EMAIL_SAME, LEAST_AGREEMENT), Piece(Rule.PHONE_SAME, LEAST_AGREEMENT - 0.1)
    assert agreements([edge, below, Piece(Rule.GROUP_SAME, 90)]) == {EvidenceGroup.EMAIL}


def test_a_lead_is_the_gap_or_more() -> None:
    """Over every other candidate; without others there is nothing to lead over."""
    assert leads(20, [20 - GAP, 3])
    assert not leads(20, [3, 20 - GAP + 0.1])
    assert not leads(20, [25])
    assert leads(20, [])


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_its_row(rule: Rule) -> None:
    """Each rule has points, a sentence and a reason; what speaks against a pair is never an agreement."""
    weight = WEIGHTS[rule]
    assert weight.sentence.endswith(".")
    assert weight.why.endswith(".")
    assert weight.points > 0 or weight.group is None
    assert weight.fades >= 0


def test_only_these_rules_are_agreements() -> None:
    """A rule becomes able to make a link sure only by being put on this list."""
    assert {rule.value for rule, weight in WEIGHTS.items() if weight.group and weight.group.identifies} == {
        "xpm-id-same", "identifier-same", "name-middle", "name-same", "name-couple", "name-short-form", "name-slip",
        "name-slips", "name-former", "name-trading", "name-hinted", "name-rhyme", "name-contact", "name-confirmed",
        "name-new-surname",
    }  # fmt: skip
    assert {rule.value for rule, weight in WEIGHTS.items() if weight.group and not weight.group.identifies} == {
        "email-same", "email-desk", "email-slip", "email-local", "phone-same", "address-same", "address-street",
        "address-postcode", "contact-same", "middle-name-same",
    }  # fmt: skip


def test_no_second_agreement_can_stand_alone() -> None:
    """The fullest e-mail, phone, address and contact with no name stay below a name and one of them."""
    for rule in (Rule.EMAIL_SAME, Rule.PHONE_SAME, Rule.ADDRESS_SAME, Rule.CONTACT_SAME):
        assert WEIGHTS[rule].points < WEIGHTS[Rule.NAME_SAME].points < SURE


def test_fading() -> None:
    """Each doubling of sharers takes the row's `fades`; agreement fades to nothing and never below."""
    assert [faded(Rule.EMAIL_SAME, n) for n in (1, 2, 4, 8)] == [9, 7, 5, 3]
    assert faded(Rule.EMAIL_SAME, 3) == 5.8
    assert faded(Rule.EMAIL_SAME) == 9
    assert faded(Rule.EMAIL_SAME, 10_000) == 0
    assert faded(Rule.EMAIL_SAME, 0) == 9
    assert faded(Rule.NAME_OTHER, 50) == WEIGHTS[Rule.NAME_OTHER].points
