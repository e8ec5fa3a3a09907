"""Marks that a spreadsheet program leaves in a CSV file it saved again.

Some are certain from the file alone: numbers in scientific notation, a leading
apostrophe, text in the Macintosh code page. Lost zeros and letters are recognised
by comparison only (`core.diff.rules`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["DamageScan", "Mark", "marks_in"]

_APOSTROPHE_DIGIT: Final = re.compile(rb"'[0-9+(]")
_SCIENTIFIC: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_APOSTROPHE: Final = re.compile(r"'[+(]?[0-9][0-9 ()+./\-]*")
_MACINTOSH: Final = re.compile(rb"[a-z][\x80\x82-\x84\x86-\x8c\x8e\x98\x99\x9b\x9f][a-z]")
"""Letters with accents in MacRoman, which are signs that no word contains in cp1252."""

_MOST_MARKS: Final = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of damage: the line, the column, and what is wrong, in words without the cell's text."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.problem}"


class DamageScan:
    """Looks through a file's bytes for what may be damage, chunk by chunk, as fast as it is read.

    `suspect` says that there may be some; `macintosh_line` is the first line with
    MacRoman letters, 0 where there is none.
    """

    def __init__(self) -> None:
        self.suspect = False
        self.macintosh_line = 0

    def feed(self, chunk: bytes, line: int, *, utf8: bool) -> None:
        """Look through the next chunk, which begins on that line; UTF-8 has no MacRoman letters."""
        self.suspect = self.suspect or b"E+" in chunk or _APOSTROPHE_DIGIT.search(chunk) is not None
        if not utf8 and not self.macintosh_line and (match := _MACINTOSH.search(chunk)):
            self.macintosh_line = line + chunk.count(b"\n", 0, match.start())


def marks_in(rows: Iterable[tuple[int, Sequence[str]]], names: Sequence[str]) -> tuple[Mark, ...]:
    """The first marks of damage in rows whose cells have those column names."""
    marks: list[Mark] = []
    for line, row in rows:
        for name, text in zip(names, row, strict=True):
            if _SCIENTIFIC.fullmatch(text):
                marks.append(Mark(line, name, "a number was rounded to scientific notation (E+)"))
            elif _APOSTROPHE.fullmatch(text):
                marks.append(Mark(line, name, "a number begins with an apostrophe"))
        if len(marks) >= _MOST_MARKS:
            break
    return tuple(marks)
