"""What a spreadsheet program does to values, recognised beside the value it was."""

from __future__ import annotations

import pytest

from xpmsync.core.diff.rules import damage

MACRONS = "T\u016b\u012b Ridge"


@pytest.mark.parametrize(
    ("text", "intact", "what"),
    [
        ("793", "0793", "zeros"),
        ("64275550108", "+64275550108", "plus"),
        ("335550107", "03 355 50107", "zeros"),
        ("6.42112E+12", "6421120000000", "scientific"),
        ("'0335550107", "0335550107", "apostrophe"),
        ("T?? Ridge", MACRONS, "letters"),
        ("T?? Ridge Limited", f"{MACRONS} Ltd", "letters"),
        ("Caf? Zo?", "Caf\u00e9 Zo\u00eb", "letters"),
    ],
)
def test_damage_is_recognised(text: str, intact: str, what: str) -> None:
    """With what happened to it, in words."""
    assert what in damage(text, intact)


@pytest.mark.parametrize(
    ("text", "intact"),
    [
        ("", "0793"),
        ("793", ""),
        ("794", "0793"),
        ("793", "793"),
        ("What now? Ltd", "What now Ltd"),
        ("Who?", "M\u0101ori"),
        ("Tui Ridge", MACRONS),
        ("2 Quay Street", "1 Quay Street"),
        ("10793", "0793"),
    ],
)
def test_an_edit_is_no_damage(text: str, intact: str) -> None:
    """People change values, too, and write question marks."""
    assert damage(text, intact) == ""
