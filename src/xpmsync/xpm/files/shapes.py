"""The known shapes of XPM's files, as data, and the newest file of each in the folder where a person saves them.

A shape says how a file is recognised, by its header only, and what its columns
mean. Adding one is one TOML file in `shape_data` and one made-up sample among the
tests; no header name is written in Python.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from xpmsync.core.catalogue import FIELDS, Field, field
from xpmsync.core.enums import System
from xpmsync.csv_files.reading import CsvFile, csv_files_in, open_csv
from xpmsync.errors import ExportMissing, FileRefused
from xpmsync.local.system.clock import ReadTime, local_time, utc_now

__all__ = [
    "FIELD_OF",
    "MEANINGS",
    "SEPARATORS",
    "FoundFile",
    "Kind",
    "Shape",
    "check_ages",
    "find_files",
    "is_denied",
    "plain_name",
    "recognise",
    "shapes",
]

SEPARATORS: Final = ",;\t"
"""What separates columns in XPM's files, and in those a program on the way saved."""

_MOST_FILES: Final = 50

_FOLDER: Final = files("xpmsync.xpm.files") / "shape_data"
_DENIED: Final = "denied"
_PARTS: Final = ("address", "postal_address")

FIELD_OF: Final[Mapping[str, Field]] = {
    **{row.name: row for row in FIELDS},
    **{f"{name}.{line}": field(name) for name in _PARTS for line in range(1, 5)},
}
"""The catalogue's fields by what their columns mean; each line of an address is part of its field."""

MEANINGS: Final = frozenset(
    {"id", "contact_id", "email", "manager", "partner", "company_number", "status"} | FIELD_OF.keys()
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


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a known shape."""

    file: CsvFile
    shape: Shape


def find_files(folder: Path, now: ReadTime = utc_now) -> tuple[Mapping[Kind, FoundFile], tuple[FileRefused, ...]]:
    """The newest file of each kind, and what was wrong with newer files that are none of these.

    Raises `ExportMissing` for a folder without a clients file.
    """
    found: dict[Kind, FoundFile] = {}
    refused: list[FileRefused] = []
    try:
        paths = csv_files_in(folder, now)[:_MOST_FILES]
    except ExportMissing as problem:
        raise ExportMissing(problem.folder, problem.reason, System.XPM) from problem
    for path in paths:
        try:
            file = open_csv(path, SEPARATORS, System.XPM)
        except FileRefused as problem:
            refused.append(problem)
            continue
        shape = recognise(file.header)
        if shape is not None and shape.kind not in found:
            found[shape.kind] = FoundFile(file, shape)
        if len(found) == len(Kind):
            break
    if Kind.CLIENTS not in found:
        if refused:
            raise refused[0]
        title = next(shape.title for shape in shapes() if shape.kind is Kind.CLIENTS)
        raise ExportMissing(folder, f"there is no {title} export in it", System.XPM)
    return {kind: found[kind] for kind in Kind if kind in found}, tuple(refused)


def check_ages(found: Mapping[Kind, FoundFile], hours: int) -> None:
    """Refuse exports that were made too long after one another; raises `FileRefused` with both times."""
    exports = [found[kind].file for kind in (Kind.CLIENTS, Kind.CONTACTS) if kind in found]
    oldest, newest = min(exports, key=lambda file: file.taken), max(exports, key=lambda file: file.taken)
    if newest.taken - oldest.taken > timedelta(hours=hours):
        problem = (
            f"it is of {local_time(oldest.taken)}, but {newest.path.name} is of {local_time(newest.taken)}, more than"
            f" {hours} hours later; export both together"
        )
        raise FileRefused(oldest.path, problem, system=System.XPM)


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
