"""Persons in names at the edges of each layout, and what is no person's name."""

from __future__ import annotations

import pytest

from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_parse import read_name


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Mrs Quorra Wood", ["quorra wood"]),
        ("Msr Quorra Moana", ["quorra moana"]),
        ("Moana, Msr Quorra", ["quorra moana"]),
        ("Reverand Quorra Moana", ["quorra moana"]),
        ("Quorra Msr Moana", ["quorra msr moana"]),
        ("Rms Quorra Moana", ["rms quorra moana"]),
        ("Missss Quorra Moana", ["missss quorra moana"]),
        ("Mastar Quorra Moana", ["mastar quorra moana"]),
        ("Ann Moana CPA", ["ann moana"]),
        ("CPA & Ann Moana", ["ann moana"]),
        ("Junior Moana", ["junior moana"]),
        ("Ann Van & Bo Moana", ["ann van", "bo moana"]),
        ("Van, Ann", ["ann van"]),
        ("Ann & O Moana", ["ann moana", "o moana"]),
        ("O Moana", ["o moana"]),
        ("Mr Van O Brien", [" vanobrien"]),
        ("Sean O Brien", ["sean obrien"]),
        ("Mr De Silva", [" desilva"]),
        ("Al Moana", ["al moana"]),
        ("Ann Al Fayed", ["ann alfayed"]),
        ("Smith Jones, Ann", ["ann smithjones"]),
        ("Moana, Zebulon", ["zebulon moana"]),
        ("Moana, Ann & Bo & Cy", ["ann moana", "bo moana", "cy moana"]),
        ("Moana, Ann Zeb & Quorra Rimu", ["ann zeb moana", "quorra rimu moana"]),
        ("Moana, Mary-Quorra & Zeb", ["mary quorra moana", "zeb moana"]),
        ("Smith, John A B", ["john a b smith"]),
        ("Mr & Mrs Smith J", ["j smith", " smith"]),
        ("Mr & Mrs J Smith & Ann Kea", ["j smith", "ann kea", " smith"]),
        ("Ann J & Bo Moana", ["ann j moana", "bo moana"]),
        ("Quorra Ann & John Smith Partnership", ["quorra ann smith", "john smith"]),
        ("Moana & Ann Moana", [" moana", "ann moana"]),
        ("Ann Bo Cy Moana", ["ann bo cy moana"]),
        ("J Alan Eglowe Partnership", ["j alan eglowe"]),
        ("Quorra Quill & Rimu Tawa Partnership", ["quorra quill", "rimu tawa"]),
    ],
)
def test_layouts_of_persons_names(text: str, people: list[str]) -> None:
    """Titles, letters after the name, particles, commas, couples and threes."""
    assert [f"{' '.join(p.given)} {p.surname}" for p in read_name(text).people] == people


@pytest.mark.parametrize(
    "text",
    [
        "Ann M0ana",
        "Harriet Plumbing",
        "Harriet Green Wood",
        "Smith Brown Kea, Ann",
        "Mr, Ann",
        "Mr & Smith, John",
        "Moana, Ann & Bo & Cy & Di",
        "Smith, John A B C",
        "Smith, & John",
        "Ann J & M",
        "Smith J & Mary",
        "Moana, Kea & Rimu Tawa",
        "Ann & Bo & Cy & Di Moana",
        "Ann Jo Kea Tui Moana",
        "Ann Jo Kea Tui Rimu & Jo Moana",
    ],
)
def test_what_is_no_persons_name(text: str) -> None:
    """Digits, words of trade, too many words or persons, half a layout."""
    assert read_name(text).people == ()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Smith J & M", Form.PERSON),
        ("Mr Quorra Moana", Form.PERSON),
        ("Mary-Quorra Moana", Form.PERSON),
        ("Quorra-Mary Moana", Form.UNSTATED),
        ("Ann & Quorra Moana", Form.UNSTATED),
        ("Moana & Ann Moana", Form.UNSTATED),
    ],
)
def test_what_states_a_person(text: str, form: Form) -> None:
    """Initials after the surname, a title, a known given name for each of them."""
    assert read_name(text).form is form


def test_a_suffix_follows_the_given_name() -> None:
    """`Junior` as a first word is a name."""
    suffixes = [read_name(text).people[0].suffix for text in ("Hone Jnr Moana", "Hone Moana Snr", "Junior Moana")]
    assert suffixes == ["jr", "sr", ""]


def test_the_key_of_a_person_has_the_first_given_name() -> None:
    """With and without a middle name it is one key."""
    assert {read_name(text).people[0].key for text in ("Ann Zebulon Moana", "Ann Moana")} == {"moana|ann"}
