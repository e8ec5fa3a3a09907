"""The known shapes of XPM's files, as data: how each is recognised, and what its columns mean.

Adding a shape is one TOML file in `shape_data` and one made-up sample among the
tests; no header name is written in Python.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from xpmsync.core.catalogue import FIELDS

__all__ = ["MEANINGS", "Kind", "Shape", "is_denied", "plain_name", "recognise", "shapes"]

_FOLDER: Final = files("xpmsync.xpm.files") / "shape_data"
_DENIED: Final = "denied"
_PARTS: Final = ("address", "postal_address")

MEANINGS: Final = frozenset(
    {"id", "contact_id", "email", "manager", "partner", "company_number", "status"}
    | {row.name for row in FIELDS}
    | {f"{name}.{line}" for name in _PARTS for line in range(1, 5)}
)
"""What a column can mean: the catalogue's names, ids, and lines of an address."""


class Kind(StrEnum):
    """The kinds of files; there may be several shapes of one kind."""

    CLIENTS = "clients"
    CONTACTS = "contacts"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of a kind of file. `columns` maps names to meanings; a name in `proposed` needs a person's confirmation.

    `complete` says that every active client is in it; `grade` how sure the source is.
    """

    name: str
    kind: Kind
    title: str
    has: frozenset[str]
    has_not: frozenset[str]
    rows: str
    complete: bool
    grade: str
    columns: Mapping[str, str]
    proposed: frozenset[str]
    dropped: frozenset[str]

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a header is of this shape."""
        names = frozenset(map(plain_name, header))
        return self.has <= names and not self.has_not & names


@cache
def shapes() -> Sequence[Shape]:
    """All shapes, from their data files; of two that fit a header, the one that asks for more comes first."""
    names = (file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    loaded = [_load(name) for name in names if name != _DENIED]
    return sorted(loaded, key=lambda shape: (-len(shape.has | shape.has_not), shape.name))


def recognise(header: Sequence[str]) -> Shape | None:
    """The shape that a header has, None for no file of XPM's clients."""
    return next((shape for shape in shapes() if shape.fits(header)), None)


def is_denied(column: str) -> bool:
    """Whether a column is never read, whatever anybody confirms."""
    parts, words = _denied()
    spaced = "".join(letter if letter.isalnum() else " " for letter in plain_name(column).casefold()).split()
    folded = "".join(spaced)
    return any(part in folded for part in parts) or " ".join(spaced) in words or bool(words & set(spaced))


def plain_name(column: str) -> str:
    """A column's name without the bracket of a report and without outer blanks: `[Client] Name` is `Name`."""
    name = column.strip()
    if name.startswith("[") and "]" in name:
        table, _, field = name[1:].partition("]")
        # A contact's own columns must not be taken for the client's.
        name = field.strip() if table.strip().casefold() == "client" else f"{table.strip()} {field.strip()}"
    return name


def _load(name: str) -> Shape:
    data = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    columns = {name: meaning.removeprefix("?") for name, meaning in data["columns"].items()}
    if unknown := set(columns.values()) - MEANINGS:
        raise ValueError(f"{name}.toml: {sorted(unknown)}")
    return Shape(
        name,
        Kind(data["kind"]),
        data["title"],
        frozenset(data["has"]),
        frozenset(data["has_not"]),
        data["rows"],
        data["complete"],
        data["grade"],
        columns,
        frozenset(name for name, meaning in data["columns"].items() if meaning.startswith("?")),
        frozenset(data["dropped"]["names"]),
    )


@cache
def _denied() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads((_FOLDER / f"{_DENIED}.toml").read_text(encoding="utf-8"))
    return frozenset(data["parts"]), frozenset(data["words"])
