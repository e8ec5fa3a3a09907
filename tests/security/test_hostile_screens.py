"""Names with terminal commands and bidirectional marks: they never reach a screen, whatever command shows them."""

from __future__ import annotations

from typing import Final

import pytest

from support.cli_runner import TOKEN, Live
from xpmsync.core.enums import SchedulerKind

HOSTILE: Final = (
    "Evil\x1b]0;owned\x07 Ltd",
    "Clear\x1b[2J\x1b[H Ltd",
    "Link\x1b]8;;https://example.com\x1b\\x\x1b]8;;\x1b\\ Ltd",
    "Bidi \u202egnp.exe\u2066 Ltd",
    "C1 \x9b31m Ltd",
    "Return\rOverwritten Ltd",
)
FORBIDDEN: Final = "\x1b\x07\x9b\r\x08\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"

COMMANDS: Final = (
    ("search", "Ltd"),
    ("diff",),
    ("diff", "--all"),
    ("sync", "--yes"),
    ("links",),
    ("match",),
    ("status",),
    ("history",),
    ("show", "1"),
    ("explain", "{xpm}"),
    ("undo", "1", "--dry-run"),
    ("import", "{new}", "--dry-run"),
    ("link", "{xpm}", "nobody"),
    ("unlink", HOSTILE[0]),
    ("level", HOSTILE[3], "names"),
    ("doctor", "--offline"),
    ("todo",),
    ("exceptions",),
    ("nonsense\x1b[2J",),
    ("show", "\x1b]0;x\x07.json"),
)


@pytest.fixture
def practice(live: Live) -> Live:
    """Linked clients with hostile names and telephone numbers, and one that is not linked."""
    for name in HOSTILE:
        live.linked(name, here=f"02 5550 0101 {name}")
    return live


def test_no_screen_shows_them(practice: Live) -> None:
    """Neither stdout nor stderr has a character that a terminal obeys; the rest of the name is there."""
    new = practice.client(f"New {HOSTILE[0]}")
    with_ids = {"xpm": practice.linked(f"One more {HOSTILE[1]}"), "new": new}
    seen = 0
    for words in COMMANDS:
        ended = practice.shell(*(word.format(**with_ids) if "{" in word else word for word in words))
        shown = ended.out + ended.err
        assert not set(FORBIDDEN) & set(shown), (words, shown)
        seen += "Evil" in shown
    assert seen > 3


def test_json_carries_them_escaped(practice: Live) -> None:
    """Programs get the name as it is, in an answer without a raw control character."""
    ended = practice.shell("--json", "links")
    assert not {sign for sign in ended.out if ord(sign) < 32} - {"\n"}
    assert HOSTILE[0] in [link["name"] for link in ended.data["links"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [kind.value for kind in SchedulerKind])
def test_no_secret_is_in_what_a_scheduler_gets(live: Live, kind: str) -> None:
    """Neither in its arguments nor in a unit's text, although a variable holds the token."""
    shown = live.shell("schedule", "show", "--at", "02:30", "--kind", kind)
    assert (shown.exit_code, "xpmsync" in shown.out) == (0, True)
    assert TOKEN not in shown.out + shown.err
