"""Whether a value is another one as a spreadsheet program damages it: lost zeros, lost letters, an apostrophe.

Saving a CSV file in such a program turns digits into numbers, and letters that its
code page lacks into question marks. Only a comparison can recognise that.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["damage"]

_DIGITS: Final = re.compile(r"[1-9][0-9]*")
_SCIENTIFIC: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_NOT_DIGIT: Final = re.compile(r"[^0-9]")


def damage(text: str, intact: str) -> str:
    """What is wrong with `text` if `intact` is the value it was; empty where it is no damaged copy of it.

    `793` is a damaged `0793`, `64275550108` a damaged `+64275550108`, `M?ori` a damaged
    `Māori`; any other difference is an edit.
    """
    if not text or not intact or text == intact:
        return ""
    if _SCIENTIFIC.fullmatch(text):
        return "a number rounded to scientific notation"
    if text.startswith("'") and text[1:] == intact:
        return "a leading apostrophe"
    if _DIGITS.fullmatch(text) and intact[:1] in "0+" and _NOT_DIGIT.sub("", intact).lstrip("0") == text:
        return "a number without its leading zeros or plus sign"
    if _lost_letters(text, intact):
        return "question marks in place of letters"
    return ""


def _lost_letters(text: str, intact: str) -> bool:
    """Whether a word of the text is a word of the other one with question marks for letters beyond ASCII."""
    if "?" not in text or intact.isascii():
        return False
    lost = [word for word in text.split() if "?" in word]
    whole = [word for word in intact.split() if not word.isascii()]
    return any(_is_lost(word, other) for word in lost for other in whole)


def _is_lost(word: str, intact: str) -> bool:
    if len(word) != len(intact):
        return False
    differing = [(mark, letter) for mark, letter in zip(word, intact, strict=True) if mark != letter]
    return bool(differing) and all(mark == "?" and not letter.isascii() for mark, letter in differing)
