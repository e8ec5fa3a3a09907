"""What the columns of one file mean for this practice: documented, proposed and confirmed, or cut off.

A header with columns that are not documented is used only after a person
confirmed it once; that is remembered with the header. A changed header stops
with its difference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.facts import Facts
from xpmsync.csv_files.reading import CsvFile
from xpmsync.errors import ColumnsUnconfirmed, FileRefused, StateUnusable
from xpmsync.xpm.files.shapes import Kind, Shape, is_denied, plain_name, recognise

__all__ = ["ColumnMap", "ColumnProposal", "column_map", "confirm", "propose", "shape_of"]

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
    parts = [f"new: {', '.join(new)}"] if new else []
    parts += [f"gone: {', '.join(gone)}"] if gone else []
    return f"its columns are not those that were confirmed ({'; '.join(parts) or 'another order'})"


def _fact(kind: Kind) -> str:
    return f"xpm.columns.{kind.value}"
