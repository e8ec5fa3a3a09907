"""The form of a CSV file, and the marks that a spreadsheet program leaves in one it saved again.

A practice's exports keep their form (encoding, byte order mark, separator, line ends,
quoting); a file of another form was saved by another program, or the product has
changed. The form is learned, never assumed. Some marks of damage are certain from the
file alone: numbers in scientific notation, a leading apostrophe, text in the Macintosh
code page. Lost zeros and letters are recognised by comparison only (`core.diff.rules`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

from xpmsync.core.enums import Json

SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""The separators that are recognised, and their names."""

_SEP_LINE: Final = re.compile(r'"?sep=', re.IGNORECASE)
_APOSTROPHE_DIGIT: Final = re.compile(rb"'[0-9+(]")
_SCIENTIFIC: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_APOSTROPHE: Final = re.compile(r"'[+(]?[0-9][0-9 ()+./\-]*")
_MACINTOSH: Final = re.compile(rb"[a-z][\x80\x82-\x84\x86-\x8c\x8e\x98\x99\x9b\x9f][a-z]")
"""Letters with accents in MacRoman, which are signs that no word contains in cp1252."""

_MOST_MARKS: Final = 5
_LED_NUMBER: Final = re.compile(r"[0+][0-9]+")
_FEWEST_NUMBERS: Final = 3


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. `quoted`: every cell of the header is in quotes."""

    encoding: str
    bom: bool
    separator: str
    crlf: bool
    quoted: bool

    def __str__(self) -> str:
        encoding = "UTF-8" if self.encoding.startswith("utf-8") else self.encoding
        mark = " with a byte order mark" if self.bom else ""
        ends = "Windows" if self.crlf else "Unix"
        quotes = "every cell quoted" if self.quoted else "cells quoted only where needed"
        return f"{encoding}{mark}, {SEPARATORS[self.separator]}, {ends} line ends, {quotes}"

    def differences(self, other: FileForm) -> str:
        """What distinguishes this form from another, in words."""
        theirs = str(other).split(", ")
        return ", ".join(part for part, known in zip(str(self).split(", "), theirs, strict=True) if part != known)

    def data(self) -> dict[str, Json]:
        """The form for a small state file."""
        return asdict(self)

    @classmethod
    def of(cls, data: object) -> FileForm:
        """Read `data`; raises `TypeError` or `KeyError` for anything else."""
        if not isinstance(data, dict):
            raise TypeError(type(data))
        values = {field.name: data[field.name] for field in fields(cls)}
        if values["separator"] not in SEPARATORS:
            raise KeyError(values["separator"])
        return cls(**values)


def form_of(start: bytes, encoding: str) -> FileForm:
    """The form by the first bytes of a file."""
    bom = start.startswith(b"\xef\xbb\xbf")
    line = start.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    crlf = line.endswith(b"\r")
    text = line.rstrip(b"\r").decode(encoding, "replace")
    separator = max(SEPARATORS, key=text.count)
    quoted = text.count('"') >= 2 * (text.count(separator) + 1)
    return FileForm(encoding, bom, separator, crlf, quoted)


def wrong_kind(start: bytes) -> str:
    """What a file is instead of CSV, by its first bytes, with what to do; empty for what may be CSV."""
    if start.startswith(b"PK\x03\x04"):
        return "it is an Excel workbook (xlsx), not a CSV file; download it again as CSV"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "it is an old Excel workbook (xls), not a CSV file; download it again as CSV"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it is UTF-16 text; save it as CSV UTF-8, or use it as it was downloaded"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "it is XML or a web page, not a CSV file; download the same as CSV"
    if _SEP_LINE.match(text[:8].decode("latin-1")):
        return "its first line is sep=, which a spreadsheet program added; use the file as it was downloaded"
    return ""


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


def lost_zeros(before: Iterable[Sequence[str]], now: Iterable[Sequence[str]], names: Sequence[str]) -> tuple[str, ...]:
    """The columns in which numbers began with 0 or + in an earlier file, and in which none does now.

    A spreadsheet program takes both from every number of a column, so that one file
    shows it even where no value has another to be compared with.
    """
    led_before, _ = _led_and_bare(before, len(names))
    led_now, bare_now = _led_and_bare(now, len(names))
    counts = zip(names, led_before, led_now, bare_now, strict=True)
    return tuple(name for name, led, still, bare in counts if min(led, bare) >= _FEWEST_NUMBERS and not still)


def _led_and_bare(rows: Iterable[Sequence[str]], columns: int) -> tuple[list[int], list[int]]:
    """By column, how many numbers begin with 0 or +, and how many with another digit."""
    led, bare = [0] * columns, [0] * columns
    for row in rows:
        for place, text in enumerate(row):
            if _LED_NUMBER.fullmatch(text):
                led[place] += 1
            elif text.isdecimal():
                bare[place] += 1
    return led, bare
