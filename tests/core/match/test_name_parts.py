"""Markers, numbers and letters inside names, at their edges."""

from __future__ import annotations

import pytest

from support.match.pairs import client, pair
from xpmsync.core.enums import System
from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_parse import read_name


@pytest.mark.parametrize(
    ("text", "core", "form", "others"),
    [
        ("Harbour (formerly Summit) Pty Ltd", "harbour", Form.COMPANY, ["summit"]),
        ("Kauri Homes Ltd &", "kauri homes", Form.COMPANY, []),
        ("Trading as Drain Kings", "trading as drain kings", Form.UNSTATED, []),
        ("Estate of Ann Moana", "ann moana", Form.ESTATE, []),
        ("Esatte of Ann Moana", "ann moana", Form.ESTATE, []),
        ("Deceased", "deceased", Form.UNSTATED, []),
        ("ATF", "atf", Form.UNSTATED, []),
        ("Ann Moana tradse as Kea Joinery", "ann moana", Form.PERSON, ["kea joinery"]),
        ("Ann Moana tradng as Kea Joinery", "ann moana", Form.PERSON, ["kea joinery"]),
        ("Ann Moana grading as Kea Joinery", "ann moana grading as kea joinery", Form.UNSTATED, []),
        ("Fair Trade Coffee", "fair trade coffee", Form.UNSTATED, []),
        ("Previous Designs Ltd", "previous designs", Form.COMPANY, []),
        ("Mr John Smith t/a Drains", "mr john smith", Form.PERSON, ["drains"]),
        ("Ann Moana t/a", "ann moana", Form.PERSON, []),
        ("Jane Jones t/a Drains", "jane jones", Form.PERSON, ["drains"]),
        ("Ann & Bo Moana (nee Smith)", "ann bo moana", Form.PERSON, ["smith"]),
        ("Jane Jones (formerly Summit Cafe)", "jane jones", Form.PERSON, ["summit cafe"]),
    ],
)
def test_markers(text: str, core: str, form: Form, others: list[str]) -> None:
    """A marker parts two names, if there is a name on either side and it is no word of its own."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)
    assert [" ".join(other.name.core) for other in name.others] == others


@pytest.mark.parametrize(
    ("text", "core", "numbers"),
    [
        ("Harbour Fund No II", "harbour fund", {"2"}),
        ("No 2", "no 2", set()),
        ("Harbour 00", "harbour", {"0"}),
        ("Kauri 2 & Co Ltd", "kauri", {"2"}),
        ("Kauri 5 J Ltd", "kauri 5 j", set()),
        ("J & S Plumbing", "js plumbing", set()),
        ("The Company", "company", set()),
        ("Kauri Homes &", "kauri homes", set()),
    ],
)
def test_numbers_and_letters(text: str, core: str, numbers: set[str]) -> None:
    """A number at the end is no word, lone letters are one word, and something is left of every name."""
    name = read_name(text)
    assert (" ".join(name.core), set(name.numbers)) == (core, numbers)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ann (Moana", ["moana|ann"]),
        ("Smith, John,", ["smith|john"]),
        ("Ann Moana ,", ["moana|ann"]),
    ],
)
def test_stray_signs_keep_nobody_from_being_a_person(text: str, people: list[str]) -> None:
    """A bracket without its other half, a comma at the end."""
    assert [p.key for p in read_name(text).people] == people


def test_all_spellings_of_a_name_count_as_one() -> None:
    """`Moana, Bob` and `Robert Moana` share the name."""
    robert = {"name": "Robert Moana"}
    verdict = pair(robert, robert, client(System.XPM, "Moana, Bob", client_id="2"))
    assert "Same name. 2 clients share it." in verdict.reasons
