"""Firms' names word by word, and persons' names where surname and given name differ in different ways."""

from __future__ import annotations

import pytest

from support.match.pairs import client, names, pair
from xpmsync.core.enums import System
from xpmsync.core.model import Client


def rule_of_the_name(a: str, b: str, *others: Client) -> str:
    """The rule by which two names compare, which must not depend on the side."""
    one, other = (
        {n for n in names(pair({"name": x}, {"name": y}, *others)) if n.startswith("name")} for x, y in ((a, b), (b, a))
    )
    assert one == other
    return one.pop()


def practice(*texts: str) -> list[Client]:
    """XPM clients of these names."""
    return [client(System.XPM, text, client_id=f"n{n}") for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ("Kauri", "Kauri Coast", "name-more-words"),
        ("Kauri", "Kauri Coast Seaside Wharf", "name-part"),
        ("Painting Plumbing", "Painting Roofing", "name-part"),
        ("Plumbing Kauri", "Plumbing Roofing", "name-other"),
        ("Harbour Seaside Sun Flower", "Harbuor Seasdie Sunflower", "name-slips"),
        ("Harbour Sun Flower", "Harbuor Sunflower", "name-slip"),
        ("Kauri Store", "Kauri Stone", "name-part"),
        ("Harbour Pipes Ltd", "Harbuor Tiles Ltd", "name-part"),
        ("Harbour Pty Ltd t/a Drain Kings", "Summit Pty Ltd", "name-other"),
        ("&", "&", "name-other"),
        ("Jarvis Jamdox Ltd", "Jarvix Jarvox Ltd", "name-slips"),
        ("Mr Ioane", "Ioane Family Trust", "name-more-words"),
        ("&", "Summit Pty Ltd", "name-other"),
    ],
)
def test_words_in_common(a: str, b: str, rule: str) -> None:
    """Half of the words' weight, or one word of full weight; two words of trade are no slips of each other."""
    assert rule_of_the_name(a, b) == rule


def test_two_words_of_several_clients_are_no_slips_of_each_other() -> None:
    """With three clients each, Pipes and Piper are two words; a word that fewer have may be mistyped."""
    pipes = practice("Kowhai Pipes", "Rimu Pipes", "Tawa Pipes")
    pipers = practice("Manuka Piper", "Ponga Piper", "Titoki Piper")
    assert rule_of_the_name("Kauri Coast Pipes Ltd", "Kauri Coast Piper Ltd", *pipes, *pipers) == "name-part"
    assert rule_of_the_name("Kauri Coast Pipes Ltd", "Kauri Coast Piper Ltd", *pipes, *pipers[:1]) == "name-slip"
    assert rule_of_the_name("Kauri Coast Pipes Ltd", "Kauri Coast Pipen Ltd", *pipes) == "name-slip"


def test_a_slip_is_forgiven_up_to_the_third_client() -> None:
    """Two clients of one system may have the same slip; a third one makes a word of it."""
    pipes, pipers = practice("Kowhai Pipes", "Rimu Pipes", "Tawa Pipes"), practice("Manuka Piper", "Ponga Piper")
    verdicts = [
        pair({"name": "Kauri Coast Pipes Ltd"}, {"name": "Kauri Coast Piper Ltd"}, *pipes, *more)
        for more in (pipers, [*pipers, *practice("Titoki Piper")])
    ]
    assert ["name-slip" in names(verdict) for verdict in verdicts] == [True, False]


def test_a_word_of_ten_clients_weighs_less() -> None:
    """From ten clients on, the word in common is the town's rather than the firm's."""
    others = practice(*(f"Moana Quill{letter}" for letter in "abcdefghij"))
    assert rule_of_the_name("Zebulon Moana", "Moana Family Trust", *others) == "name-other"
    verdicts = [pair({"name": "Moana Wharf Ltd"}, {"name": "Moana Reef Ltd"}, *others[:size]) for size in (8, 9)]
    assert ["name-part" in names(verdict) for verdict in verdicts] == [True, False]


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ("John Alan Smith", "John Alan Kowalski", "name-surname-changed"),
        ("Robert Smith", "Bob Kowalski", "name-surname-changed"),
        ("J Smith", "Jane Kowalski", "name-other"),
        ("J Smith", "Jane Smith-Jones", "name-hinted"),
        ("Zebulon Smith", "Zebxlon Smith-Jones", "name-double-surname"),
        ("John Smith Jnr", "John Kowalski", "name-other"),
        ("John Smith Jnr", "John Smith-Jones", "name-generation"),
        ("Jane Smith", "Mary Smith-Jones", "name-other-given"),
        ("Ebny Smith", "Ebony Smith", "name-slip"),
        ("Jane Kowalski", "Jane Kauffman", "name-surname-changed"),
        ("Zeb Smith", "Zebulon Smith", "name-hinted"),
        ("Zebby Smith", "Zebulon Smith", "name-hinted"),
        ("Ebby Smith", "Ebberton Smith", "name-hinted"),
        ("Humpt Smith", "Humphrey Smith", "name-other-given"),
        ("Zoe Smith", "Zebulon Smith", "name-other-given"),
        ("Jxck Smith", "Jane Smith", "name-other-given"),
        ("Jxck Smith", "Joseph Smith", "name-other-given"),
        ("Jxck Smith", "Mary Smith", "name-other-given"),
        ("Bxll Smith", "William Smith", "name-other-given"),
        ("Ann & Bo & Cy Moana", "Cy & Ann & Bo Moana", "name-same"),
        ("Ann & Bo & Cy Moana", "Cy & Ann Moana", "name-one-of-couple"),
        ("A & B & C Moana", "Ann & Bo & Cy Moana", "name-hinted"),
    ],
)
def test_surname_and_given_name_together(a: str, b: str, rule: str) -> None:
    """A part of the surname, or another one, beside each likeness of the given names; three persons in any order."""
    assert rule_of_the_name(a, b) == rule
