"""The known shapes of XPM's files, as data, and what the columns of one file mean for this practice.

A shape says how a file is recognised, by its header only, and what its columns
mean. Adding one is one TOML file in `shape_data` and one made-up sample among the
tests; no header name is written in Python. A header with columns that are not documented is
used only after a person confirmed it once; that is remembered with the header. A changed
header stops with its difference.
"""

import json
import tomllib
from collections import Counter
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
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.reading import CsvFile, csv_files_in, open_csv
from xpmsync.errors import ColumnsUnconfirmed, ExportMissing, FileRefused, StateUnusable
from xpmsync.local.system.clock import ReadTime, local_time, utc_now

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


_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A column: what it means (empty: cut off), why, and whether a person must confirm that."""

    name: str
    meaning: str
    why: str
    needs_confirmation: bool


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The columns of a file that are read: places in the file's rows by meaning, nothing else."""

    shape: Shape
    places: Mapping[str, int]

    @property
    def kept(self) -> tuple[int, ...]:
        """The places in the file's own rows of what is read, in the order of `order`."""
        return tuple(self.places.values())

    @property
    def order(self) -> Mapping[str, int]:
        """Where each meaning is in a row that was cut to `kept`."""
        return {meaning: place for place, meaning in enumerate(self.places)}


def shape_of(file: CsvFile) -> Shape:
    """The file's shape; raises `FileRefused` for a file that is none of XPM's."""
    shape = recognise(file.header)
    if shape is None:
        problem = "its header is that of no export or report of XPM's clients and contacts"
        raise FileRefused(file.path, problem, (1,), System.XPM)
    return shape


def propose(file: CsvFile, shape: Shape) -> tuple[ColumnProposal, ...]:
    """What each column of the file would mean, in the file's order; a meaning is given once only."""
    taken: set[str] = set()
    proposals = []
    # Without brackets nobody knows whose of two columns of one name is the client's.
    ambiguous = {name for name, times in Counter(map(plain_name, file.header)).items() if times > 1}
    for name in file.header:
        proposal = _proposal(name, shape)
        if shape.kind is Kind.REPORT and plain_name(name) in ambiguous - shape.has:
            proposal = ColumnProposal(name, "", "more than one column has this name", False)
        if proposal.meaning in taken:
            proposal = ColumnProposal(name, "", f"a second column for {proposal.meaning}", True)
        if proposal.meaning:
            taken.add(proposal.meaning)
        proposals.append(proposal)
    return tuple(proposals)


def column_map(file: CsvFile, shape: Shape, facts: Facts, ledger: Path) -> ColumnMap:
    """The confirmed columns; raises `ColumnsUnconfirmed` for a header that nobody confirmed, or a changed one."""
    proposals = propose(file, shape)
    confirmed = _confirmed_header(shape.kind, facts, ledger)
    if confirmed is not None and confirmed != list(file.header):
        raise ColumnsUnconfirmed(file.path, _difference(confirmed, file.header))
    if confirmed is None and any(proposal.needs_confirmation for proposal in proposals):
        unknown = [proposal.name for proposal in proposals if proposal.needs_confirmation]
        raise ColumnsUnconfirmed(file.path, f"nobody has confirmed yet what these columns mean: {', '.join(unknown)}")
    places = {proposal.meaning: place for place, proposal in enumerate(proposals) if proposal.meaning}
    return ColumnMap(shape, places)


def confirm(file: CsvFile, shape: Shape, facts: Facts) -> None:
    """Remember the header: a person looked at what its columns mean."""
    facts.note(_fact(shape.kind), json.dumps({"format": _FORMAT, "header": list(file.header)}, ensure_ascii=False))


def _proposal(name: str, shape: Shape) -> ColumnProposal:
    plain = plain_name(name)
    if is_denied(name):
        return ColumnProposal(name, "", "never read", False)
    if (meaning := shape.columns.get(plain)) is not None:
        if plain in shape.proposed:
            return ColumnProposal(name, meaning, "its name; Xero's help does not document it", True)
        evidence = shape.kind is Kind.REPORT and plain not in shape.has
        return ColumnProposal(name, meaning, "evidence for matching only" if evidence else "documented", False)
    if plain in shape.dropped:
        return ColumnProposal(name, "", "not needed", False)
    own = plain.startswith(("client.", "Contact "))
    return ColumnProposal(name, "", "not needed" if own else "unknown", not own and shape.kind is not Kind.REPORT)


def _confirmed_header(kind: Kind, facts: Facts, ledger: Path) -> list[str] | None:
    text = facts.fact(_fact(kind))
    if text is None:
        return None
    try:
        data = json.loads(text)
        if data["format"] != _FORMAT:
            raise StateUnusable(ledger, "the confirmed columns were noted by a newer xpmsync")
        return [str(name) for name in data["header"]]
    except (ValueError, KeyError, TypeError) as problem:
        raise StateUnusable(ledger, "the confirmed columns cannot be read") from problem


def _difference(confirmed: Sequence[str], header: Sequence[str]) -> str:
    new = [name for name in header if name not in confirmed]
    gone = [name for name in confirmed if name not in header]
    parts = [f"new: {', '.join(name or 'a column without a name' for name in new)}"] if new else []
    parts += [f"gone: {', '.join(gone)}"] if gone else []
    return f"its columns are not those that were confirmed ({'; '.join(parts) or 'another order'})"


def _fact(kind: Kind) -> str:
    return f"xpm.columns.{kind.value}"
