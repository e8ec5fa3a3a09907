"""Rule 6: which contact here is which contact there, and what stays for a person."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies as st

from support.factories import contacts, person
from xpmsync.core.diff.contacts import Pairing, pair_contacts
from xpmsync.core.model import Contact


def paired(found: Pairing) -> set[tuple[str, str]]:
    """The pairs' ids."""
    return {(here.id, there.id) for here, there in found.pairs}


def ids(bucket: tuple[Contact, ...]) -> list[str]:
    """The contacts' ids."""
    return [contact.id for contact in bucket]


def test_a_link_comes_first() -> None:
    """Linked contacts stay a pair, whatever else they look like by now."""
    found = pair_contacts(
        [person("s1", "Ann Lee", "ann@example.com")],
        [person("t1", "Bob Ray", "bob@example.com"), person("t2", "Ann Lee", "ann@example.com")],
        {"s1": "t1"},
    )
    assert paired(found) == {("s1", "t1")}
    assert ids(found.only_target) == ["t2"]


def test_crossed_links_are_not_followed() -> None:
    """A server gave its contacts other ids: nobody is overwritten with somebody else, and the third stays linked."""
    ann, bob = ("Ann Lee", "ann@example.com"), ("Bob Ray", "bob@example.com")
    source = [person("s1", *ann), person("s2", *bob), person("s3", "Cy Oz", "cy@example.com")]
    target = [person("t1", *bob), person("t2", *ann), person("t3", "Cyril Oz", "cyril@example.com")]
    found = pair_contacts(source, target, {"s1": "t1", "s2": "t2", "s3": "t3"})
    assert paired(found) == {("s1", "t2"), ("s2", "t1"), ("s3", "t3")}


def test_three_links_in_a_ring_are_not_followed() -> None:
    """The same, one place on for each."""
    people = [("Ann Lee", "ann@example.com"), ("Bob Ray", "bob@example.com"), ("Cy Oz", "cy@example.com")]
    source = [person(f"s{number}", *who) for number, who in enumerate(people)]
    target = [person(f"t{(number + 1) % 3}", *who) for number, who in enumerate(people)]
    found = pair_contacts(source, target, {"s0": "t0", "s1": "t1", "s2": "t2"})
    assert paired(found) == {("s0", "t1"), ("s1", "t2"), ("s2", "t0")}


def test_email_and_name_come_next() -> None:
    """Two people who share an address are told apart by their names, capitals and blanks not counted."""
    found = pair_contacts(
        [person("s1", "Jack Smith", "smiths@example.com"), person("s2", "Margaret Smith", "smiths@example.com")],
        [person("t1", "margaret  SMITH", "Smiths@example.com"), person("t2", "Jack Smith", "smiths@example.com")],
        {},
    )
    assert paired(found) == {("s1", "t2"), ("s2", "t1")}


def test_a_unique_email_is_enough() -> None:
    """Another name at the same single address is the same contact, renamed."""
    found = pair_contacts([person("s1", "Ann Lee", "ann@example.com")], [person("t1", "A Lee", "ann@example.com")], {})
    assert paired(found) == {("s1", "t1")}


def test_a_unique_name_is_enough() -> None:
    """Another address under the same single name is the same contact with a new address."""
    found = pair_contacts([person("s1", "Ann Lee", "ann@example.com")], [person("t1", "Ann Lee", "al@example.net")], {})
    assert paired(found) == {("s1", "t1")}


def test_an_email_shared_on_one_side_is_for_a_person_to_sort_out() -> None:
    """Two contacts there could be this one, so nothing is guessed, and neither of them counts as only there."""
    found = pair_contacts(
        [person("s1", "The Office", "office@example.com")],
        [person("t1", "Ann Lee", "office@example.com"), person("t2", "Bob Ray", "office@example.com")],
        {},
    )
    assert not found.pairs
    assert ids(found.ambiguous) == ["s1"]
    assert ids(found.claimed_in_target) == ["t1", "t2"]
    assert not found.only_target


def test_email_points_here_and_name_points_there() -> None:
    """Evidence that contradicts itself pairs nobody."""
    found = pair_contacts(
        [person("s1", "Ann Lee", "ann@example.com")],
        [person("t1", "Bob Ray", "ann@example.com"), person("t2", "Ann Lee", "bob@example.com")],
        {},
    )
    assert not found.pairs
    assert ids(found.ambiguous) == ["s1"]


def test_an_unrelated_contact_is_told_beside_an_unclear_one() -> None:
    """What is unclear about one contact does not hide another that is only in the target."""
    found = pair_contacts(
        [person("s1", "The Office", "office@example.com")],
        [
            person("t1", "Ann Lee", "office@example.com"),
            person("t2", "Bob Ray", "office@example.com"),
            person("t3", "Cy Oz", "cy@example.com"),
        ],
        {},
    )
    assert ids(found.ambiguous) == ["s1"]
    assert ids(found.only_target) == ["t3"]


def test_a_contact_entered_twice_is_not_paired_by_its_spelling() -> None:
    """Two source contacts of one name and address stand for one there: a person decides, none is added."""
    found = pair_contacts(
        [person("s1", "Ann Lee", "ann@example.com"), person("s2", "Ann Lee", "ANN@example.com")],
        [person("t1", "Ann Lee", "ann@example.com")],
        {},
    )
    assert not found.pairs
    assert not found.only_source
    assert ids(found.ambiguous) == ["s1", "s2"]


def test_twins_that_agree_to_the_letter_on_both_sides_are_pairs() -> None:
    """The same two spellings on both sides leave no doubt."""
    found = pair_contacts(
        [person("s1", "Ann Lee", "ann@example.com"), person("s2", "Ann Lee", "ANN@example.com")],
        [person("t1", "Ann Lee", "ANN@example.com"), person("t2", "Ann Lee", "ann@example.com")],
        {},
    )
    assert paired(found) == {("s1", "t2"), ("s2", "t1")}


def test_a_linked_contact_that_is_gone_is_lost_not_new() -> None:
    """It is not created again by itself."""
    found = pair_contacts([person("s1", "Ann Lee", "ann@example.com")], [person("t2", "Bob Ray")], {"s1": "t1"})
    assert ids(found.lost_in_target) == ["s1"]
    assert not found.only_source
    assert ids(found.only_target) == ["t2"]


def test_a_lost_contact_that_somebody_entered_again_is_found_again() -> None:
    """A dead link does not keep a contact from being recognised by its e-mail and name."""
    ann = person("s1", "Ann Lee", "ann@example.com")
    found = pair_contacts([ann], [person("t9", "Ann Lee", "ann@example.com")], {"s1": "t1"})
    assert paired(found) == {("s1", "t9")}
    assert not found.lost_in_target


def test_a_link_of_a_contact_gone_from_the_source_leaves_the_target_free() -> None:
    """Somebody entered the person anew in the source: the new entry takes the place of the old one."""
    found = pair_contacts(
        [person("s2", "Ann Lee", "ann@example.com")], [person("t1", "Ann Lee", "ann@example.com")], {"s1": "t1"}
    )
    assert paired(found) == {("s2", "t1")}


def test_blank_names_and_addresses_pair_nobody() -> None:
    """Two contacts that say nothing are not the same contact."""
    found = pair_contacts([person("s1", phone="02 5550 1234")], [person("t1", phone="02 5550 1234")], {})
    assert ids(found.only_source) == ["s1"]
    assert ids(found.only_target) == ["t1"]


def test_pairs_stand_in_the_order_of_the_source() -> None:
    """Plans list contacts as the source does, whatever evidence paired them."""
    found = pair_contacts(
        [person("s1", "Ann Lee", "ann@example.com"), person("s2", "Bob Ray"), person("s3", "Cy Oz")],
        [person("t3", "Cy Oz"), person("t2", "Bob Ray"), person("t1", "Ann Lee", "ann@example.com")],
        {"s3": "t3"},
    )
    assert [here.id for here, _ in found.pairs] == ["s1", "s2", "s3"]


@given(contacts("s", 5), contacts("t", 5), st.dictionaries(st.sampled_from(["s0", "s1", "s9"]), st.just("t0")))
def test_every_contact_lands_in_exactly_one_place(
    source: tuple[Contact, ...], target: tuple[Contact, ...], links: dict[str, str]
) -> None:
    """No contact is forgotten, none is used twice."""
    found = pair_contacts(source, target, links)
    here = [c.id for c, _ in found.pairs] + ids(found.only_source) + ids(found.ambiguous) + ids(found.lost_in_target)
    there = [c.id for _, c in found.pairs] + ids(found.only_target) + ids(found.claimed_in_target)
    assert Counter(here) == Counter(c.id for c in source)
    assert Counter(there) == Counter(c.id for c in target)


@given(contacts("s", 4), contacts("t", 4))
def test_pairing_does_not_depend_on_which_side_is_the_source(
    source: tuple[Contact, ...], target: tuple[Contact, ...]
) -> None:
    """Without links, a change of direction pairs the same people."""
    forward, back = pair_contacts(source, target, {}), pair_contacts(target, source, {})
    assert paired(forward) == {(there, here) for here, there in paired(back)}
