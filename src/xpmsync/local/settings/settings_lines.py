"""On which line of a TOML text a key stands, for messages and for edits that keep the rest as it is.

`tomllib` gives no positions, so this reads the layout of a text that `tomllib`
has already accepted: table headers and the beginnings of assignments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Spot", "line_of", "spots"]

_PART: Final = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_PATH: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER: Final = re.compile(rf"[ \t]*\[\[?[ \t]*({_PATH})[ \t]*\]\]?[ \t]*(?:#.*)?$")
_ASSIGNED: Final = re.compile(rf"[ \t]*({_PATH})[ \t]*=")
_ONE_PART: Final = re.compile(_PART)
_COMMENT_OR_TEXT: Final = re.compile(r"""#.*$|"(?:[^"\\]|\\.)*"|'[^']*'""")
_TRIPLE: Final = re.compile(r"\"{3}|" + "'{3}")


@dataclass(frozen=True, slots=True)
class Spot:
    """A table header or an assignment: its full path, its line (from 1), and which of the two it is."""

    path: tuple[str, ...]
    line: int
    header: bool


def spots(text: str) -> Iterator[Spot]:
    """Yield every table header and assignment of a valid TOML text, in order."""
    table: tuple[str, ...] = ()
    inside = ""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        rest = line.rstrip("\r")
        starts_here = not inside and depth == 0
        if starts_here and (header := _HEADER.match(rest)):
            table = _parts(header[1])
            yield Spot(table, number, header=True)
            continue
        if starts_here and (assigned := _ASSIGNED.match(rest)):
            yield Spot((*table, *_parts(assigned[1])), number, header=False)
        inside, plain = _outside_long_texts(rest, inside)
        bare = _COMMENT_OR_TEXT.sub("", plain)
        depth = max(0, depth + bare.count("[") - bare.count("]"))


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line where a key or table stands, its nearest parent's where it has none, else 0."""
    found: dict[tuple[str, ...], int] = {}
    for spot in spots(text):
        for length in range(len(spot.path), 0, -1):
            found.setdefault(spot.path[:length], spot.line)
    return next((found[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found), 0)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") if part[0] in "\"'" else part for part in _ONE_PART.findall(path))


def _outside_long_texts(line: str, inside: str) -> tuple[str, str]:
    """Follow triple-quoted texts over lines: the quotes still open after the line, and what stands outside."""
    outside = ""
    while True:
        if inside:
            _, closed, line = line.partition(inside)
            if not closed:
                return inside, outside
            inside = ""
        opened = _TRIPLE.search(line)
        if not opened or "#" in _COMMENT_OR_TEXT.sub(_keep_comment, line[: opened.start()]):
            return "", outside + line
        outside += line[: opened.start()]
        inside, line = opened[0], line[opened.end() :]


def _keep_comment(found: re.Match[str]) -> str:
    return "#" if found[0].startswith("#") else ""
