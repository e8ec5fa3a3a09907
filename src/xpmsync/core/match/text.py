"""Text as the matcher reads it: folded letters, plain tokens, counted slips.

Folding is for comparing only. Nothing here is shown to people or written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from xpmsync.core.match.distance import slip_count

__all__ = ["fold", "is_slip", "slips", "tokens", "word_set"]

_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "+": "&"}
    | dict.fromkeys("'’‘`´ʻʼ\"“”", "")
)
_TOKEN: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[&,()]")


def fold(text: str) -> str:
    """Return the text without case, accents, macrons and apostrophes: `O’Brien Ōtaki` gives `obrien otaki`."""
    if text.isascii():
        return text.lower().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def word_set(table: str) -> frozenset[str]:
    """Read a table of words parted by blanks."""
    return frozenset(table.split())


def tokens(folded: str) -> list[str]:
    """Split folded text into words, keeping `& , ( )` as tokens and hyphens inside words."""
    return _TOKEN.findall(folded)


@lru_cache(maxsize=65536)
def slips(a: str, b: str) -> int:
    """Count the typing slips (a letter more, less, other, or two swapped) between two words; above 2 is 3."""
    return slip_count(a, b, 2)


def is_slip(a: str, b: str) -> bool:
    """Say whether one word can be the other one mistyped.

    One slip in words of four letters and more, two from eight letters on. Words
    with digits never: there, one character tells two things apart.
    """
    shorter = min(len(a), len(b))
    if shorter < 4 or abs(len(a) - len(b)) > 2 or not (a.isalpha() and b.isalpha()):
        return False
    return slips(a, b) <= (1 if shorter < 8 else 2)
