"""When two texts of one kind say the same, and when they do not."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.text import choices, normalise, same

SIXTY_DIGITS = "0255501234" * 6

EQUAL = [
    # Line ends, outer blanks, and the two ways of writing an accented letter.
    (FieldKind.TEXT, "Harbour Dental Ltd", "  Harbour Dental Ltd\r\n"),
    (FieldKind.TEXT, "T\u0101maki", "Ta\u0304maki"),
    (FieldKind.TEXT, "", "   "),
    # Documentation examples indent addresses; blank lines at the ends are layout.
    (FieldKind.LINES, "Level 1\nQuay Street", "\r\n    Level 1\r\n    Quay Street\r\n  "),
    (FieldKind.LINES, "Level 1\nQuay Street", "Level 1\rQuay Street"),
    (FieldKind.LINES, "PO Box 9 ", "PO Box 9"),
    # E-mail addresses are the same in capitals.
    (FieldKind.EMAIL, "Moana@Example.com", " moana@example.com"),
    # Telephone numbers: layout, country code, leading zero.
    (FieldKind.PHONE, "(02) 5550 1234", "02 5550 1234"),
    (FieldKind.PHONE, "02-5550-1234", "02.5550.1234"),
    (FieldKind.PHONE, "02 5550 1234", "+61 2 5550 1234"),
    (FieldKind.PHONE, "02 5550 1234", "+61 (0)2 5550 1234"),
    (FieldKind.PHONE, "02 5550 1234", "0061 2 5550 1234"),
    (FieldKind.PHONE, "09 555 0101", "+64 9 555 0101"),
    (FieldKind.PHONE, "020 7946 0101", "+44 20 7946 0101"),
    (FieldKind.PHONE, "0491 570 006", "+61 491 570 006"),
    (FieldKind.PHONE, "02\u20115550\u20111234", "02 5550 1234"),
    # Extensions, however they are written.
    (FieldKind.PHONE, "02 5550 1234 x12", "02 5550 1234 ext. 12"),
    (FieldKind.PHONE, "02 5550 1234x12", "+61 2 5550 1234 extension 12"),
    (FieldKind.PHONE, "02 5550 1234 #12", "02 5550 1234, ext 12"),
    (FieldKind.PHONE, "+61 2 5550 1234;ext=12", "02 5550 1234 extn: 12"),
    # What is no number stands for itself, capitals apart.
    (FieldKind.PHONE, "02 5550 1234, ask for Bob", "02 5550 1234, ASK FOR BOB"),
    (FieldKind.PHONE, "n/a", "N/A "),
    (FieldKind.PHONE, SIXTY_DIGITS, f"({SIXTY_DIGITS[:2]}) {SIXTY_DIGITS[2:]}"),
    # A flag that was never set means no.
    (FieldKind.FLAG, "Yes", "yes"),
    (FieldKind.FLAG, "No", "false"),
    (FieldKind.FLAG, "Y", "true"),
    (FieldKind.FLAG, "", "No"),
    # Countries by name, code and habit.
    (FieldKind.COUNTRY, "Australia", "AU"),
    (FieldKind.COUNTRY, "New Zealand", "Aotearoa"),
    (FieldKind.COUNTRY, "NZ", "new zealand "),
    (FieldKind.COUNTRY, "United Kingdom", "Great Britain"),
    (FieldKind.COUNTRY, "UK", "GBR"),
    (FieldKind.COUNTRY, "Tuvalu", "TUVALU"),
    # One group in common is enough: Ignition has room for one of several.
    (FieldKind.CHOICE, "Marlowe\nSuper Funds", "Super Funds"),
    (FieldKind.CHOICE, "Marlowe", " Marlowe "),
    (FieldKind.CHOICE, "", "\n"),
]

UNEQUAL = [
    (FieldKind.TEXT, "Harbour Dental Ltd", "harbour dental ltd"),
    (FieldKind.TEXT, "Tamaki", "Tāmaki"),
    (FieldKind.TEXT, "Smith  Ltd", "Smith Ltd"),
    (FieldKind.LINES, "Level 1\nQuay Street", "Level 1 Quay Street"),
    (FieldKind.LINES, "Level 1\n\nQuay Street", "Level 1\nQuay Street"),
    (FieldKind.EMAIL, "moana@example.com", "moana@example.net"),
    (FieldKind.PHONE, "02 5550 1234", "02 5550 1235"),
    (FieldKind.PHONE, "02 5550 1234", "03 5550 1234"),
    (FieldKind.PHONE, "02 5550 1234", "02 5550 1234 x12"),
    (FieldKind.PHONE, "02 5550 1234 x12", "02 5550 1234 x13"),
    # Both name their country, and not the same one.
    (FieldKind.PHONE, "+61 9 555 0101", "+64 9 555 0101"),
    # A note beside a number is worth keeping, in every layout of the number.
    (FieldKind.PHONE, "02 5550 1234", "02 5550 1234, ask for Bob"),
    (FieldKind.PHONE, "+61 2 5550 1234", "+61 2 5550 1234 (work)"),
    (FieldKind.PHONE, "+61 2 5550 1234", "+61 2 5550 1234, ask for Bob"),
    # Letters are not dialled: FLOW is not 3569.
    (FieldKind.PHONE, "+61 2 5550 FLOW", "+61 2 5550 3569"),
    (FieldKind.PHONE, SIXTY_DIGITS, SIXTY_DIGITS[:-1] + "5"),
    (FieldKind.PHONE, SIXTY_DIGITS, SIXTY_DIGITS[:-1]),
    (FieldKind.PHONE, "n/a", ""),
    (FieldKind.FLAG, "Yes", "No"),
    (FieldKind.FLAG, "Yes", ""),
    (FieldKind.COUNTRY, "Australia", "Austria"),
    (FieldKind.COUNTRY, "NZ", ""),
    (FieldKind.CHOICE, "Marlowe\nSuper Funds", "Rangi"),
    (FieldKind.CHOICE, "Marlowe", ""),
]

TEXTS = st.text(max_size=30) | st.text(alphabet="+0123456789 ()x#-./,ext;\u2011", max_size=24)
KINDS = st.sampled_from(FieldKind)


@pytest.mark.parametrize(("kind", "one", "other"), EQUAL)
def test_texts_that_say_the_same(kind: FieldKind, one: str, other: str) -> None:
    """They are equal whichever stands in the source, and have one normal form unless blank means something."""
    assert same(kind, one, other)
    assert same(kind, other, one)
    if kind not in (FieldKind.CHOICE, FieldKind.FLAG):
        assert normalise(kind, one) == normalise(kind, other)


@pytest.mark.parametrize(("kind", "one", "other"), UNEQUAL)
def test_texts_that_differ(kind: FieldKind, one: str, other: str) -> None:
    """They differ whichever stands in the source."""
    assert not same(kind, one, other)
    assert not same(kind, other, one)


def test_every_kind_has_examples() -> None:
    """Neither table forgets a kind."""
    assert {kind for kind, _, _ in EQUAL} == set(FieldKind)
    assert {kind for kind, _, _ in UNEQUAL} == set(FieldKind)


def test_a_phone_of_sixty_digits_keeps_every_digit() -> None:
    """No number is that long, so none of it is dropped and none is read as an extension."""
    assert normalise(FieldKind.PHONE, SIXTY_DIGITS) == SIXTY_DIGITS
    assert normalise(FieldKind.PHONE, f"+{SIXTY_DIGITS}") == SIXTY_DIGITS


@pytest.mark.parametrize("text", ["x" * 4096, "#" * 4096, "1" + " " * 4096 + "1", "+" + "6" * 4096, "ext" * 2048])
def test_a_long_phone_takes_no_time(text: str) -> None:
    """A text made to be slow is judged like any other; the digits of a number are what counts."""
    assert same(FieldKind.PHONE, text, f" {text} ")


def test_choices_are_the_lines_that_say_something() -> None:
    """A list of groups has one a line; blank lines are none."""
    assert choices(" Marlowe \n\r\n  Super Funds\n") == ("Marlowe", "Super Funds")


@given(KINDS, TEXTS)
@example(FieldKind.PHONE, "02 5550 1234x12")
@example(FieldKind.PHONE, "0 x 12")
@example(FieldKind.LINES, " \u0301a\n \u0301b")
@example(FieldKind.EMAIL, "\u01f0@example.com")
def test_a_normal_form_is_its_own_normal_form(kind: FieldKind, text: str) -> None:
    """Normalising twice changes nothing, so fingerprints of stored forms stay comparable."""
    form = normalise(kind, text)
    assert normalise(kind, form) == form


@given(KINDS, TEXTS, TEXTS)
def test_being_the_same_is_reflexive_and_symmetric(kind: FieldKind, one: str, other: str) -> None:
    """A text equals itself, and the order of the two sides never matters."""
    assert same(kind, one, one)
    assert same(kind, one, other) == same(kind, other, one)


@given(KINDS, TEXTS)
def test_outer_blanks_never_count(kind: FieldKind, text: str) -> None:
    """Whatever the kind, blanks and line ends around a text are layout."""
    assert same(kind, text, f"\r\n  {text}\t ")


@given(KINDS, st.text(alphabet=" \t\r\n\u00a0\u2003", max_size=8))
def test_blanks_alone_say_nothing(kind: FieldKind, blanks: str) -> None:
    """A text of blanks is blank."""
    assert normalise(kind, blanks) == ""
