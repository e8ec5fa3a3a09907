"""One function says what an e-mail address is, one when two telephone numbers are the same."""

from __future__ import annotations

import pytest

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.text import has_several, same, single_email, to_write

INVISIBLE = "\u200b\u2060\ufeff\u202a\u202e\u00a0"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jo@example.com", "jo@example.com"),
        ("JO.O'Dell+post@Example.co.nz", "JO.O'Dell+post@Example.co.nz"),
        ("\u200bjo@example.com\ufeff", "jo@example.com"),
        ("jo\u00a0@example.com ", "jo@example.com"),
        ("jo@example.com; sam@example.com", ""),
        ("jo@example.com, sam@example.com", ""),
        ("jo@example.com sam@example.com", ""),
        ("Jo Dell <jo@example.com>", ""),
        ("mailto:jo@example.com", ""),
        ("jo@", ""),
        ("@example.com", ""),
        ("not @ all", ""),
        ("jo@example..com", ""),
        ("", ""),
    ],
)
def test_a_single_address(text: str, address: str) -> None:
    """Several addresses, names beside them and halves of one are none; what nobody sees is dropped."""
    assert single_email(text) == address


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [
        ("(+64) 3 555 0122", "+64 3 555 0122", True),
        ("\u202a+61 2 5550 0122\u202c", "02 5550 0122", True),
        ("tel:+441632960122", "01632 960122", True),
        ("0011 64 3 555 0122", "+64 3 555 0122", True),
        ("00 64 3 555 0122", "03 555 0122", True),
        ("+61 1300 975 707", "1300 975 707", True),
        ("035550122", "35550122", False),
        ("+64 3 555 0122", "+61 3 555 0122", False),
        ("+64 3 555 0122 or 027 555 0123", "+64 3 555 0122", False),
    ],
)
def test_the_same_number(text: str, other: str, alike: bool) -> None:
    """However it is written down; a leading zero that was lost is a difference."""
    assert same(FieldKind.PHONE, text, other) is alike
    assert same(FieldKind.PHONE, other, text) is alike


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("03 555 0122 or 027 555 0123", True),
        ("03 555 0122; 027 555 0123", True),
        ("03 555 0122/027 555 0123", True),
        ("03 555 0122", False),
        ("03 555 0122 ext 12", False),
        ("03 555 0122/3", False),
        ("03 555 0122, ask for Jo", False),
    ],
)
def test_two_numbers_in_one_field(text: str, several: bool) -> None:
    """They are for a person to choose from; an extension or a remark is no second number."""
    assert has_several(text) is several


@pytest.mark.parametrize("kind", FieldKind)
def test_nothing_invisible_is_written(kind: FieldKind) -> None:
    """Whatever the field, what is written neither begins nor ends with what nobody sees."""
    written = to_write(kind, f"{INVISIBLE} Yes\u200b {INVISIBLE}")
    assert written == "Yes"
    assert to_write(kind, INVISIBLE) == ""
