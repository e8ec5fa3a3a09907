"""An export of Ignition's clients as a file: found, opened, and read row by row, strictly.

A file that is not whole or not what it should be is refused with the lines, never
read in part. The secret column is dropped before a row leaves this module.
"""

from __future__ import annotations

import csv
import os
import re
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, TextIO

from xpmsync.errors import ExportMissing, FileRefused, reason_of
from xpmsync.ignition.csv.columns import CLIENT_ID, Columns, folded

__all__ = ["OWN_PREFIX", "Export", "header_of", "newest_export", "open_export", "read_rows"]

OWN_PREFIX: Final = "xpmsync-"
"""How the names of our own files begin; they are no exports."""

_PIECE: Final = 1 << 20
_LONGEST_CELL: Final = 4 << 20
_NOT_WINDOWS: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that cp1252 has no character for."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was opened: a CSV file of clients with ids. `taken` is the file's own time (UTC).

    `digest` names its content; `encoding` is `utf-8-sig`, or `cp1252` for a file
    that another program saved.
    """

    path: Path
    taken: datetime
    taken_ns: int
    size: int
    digest: str
    encoding: str
    columns: Columns

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the line it begins on; raises `FileRefused` also where the file changes meanwhile."""
        yield from read_rows(self.path, self.encoding, self.columns)
        now = _stat(self.path)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.taken_ns):
            raise FileRefused(self.path, "it was changed while it was read; run the command again")


def newest_export(place: Path) -> Path:
    """The newest CSV file of a folder by its own time, our own files left out; a file stands for itself.

    Raises `ExportMissing`.
    """
    if place.is_file():
        return place
    try:
        files = [one for one in place.iterdir() if _may_be_export(one)]
        dated = sorted((one.stat().st_mtime_ns, one.name, one) for one in files)
    except OSError as problem:
        raise ExportMissing(place, reason_of(problem)) from problem
    if not dated:
        raise ExportMissing(place, "there is no CSV file in it")
    return dated[-1][2]


def open_export(path: Path) -> Export:
    """Look at a file: its time, its encoding, its header. Raises `FileRefused` for what is no export of clients."""
    stat = _stat(path)
    header, encoding, digest = _look_at(path)
    try:
        columns = Columns.of(header)
    except ValueError as twice:
        raise FileRefused(path, f"its header has the column {twice} twice", (1,)) from twice
    if CLIENT_ID not in columns.places:
        told = "it has no header row" if header[0].strip().isdecimal() else f"it has no column {CLIENT_ID}"
        raise FileRefused(path, f"{told}, so it is no export of Ignition's clients", (1,))
    taken = datetime.fromtimestamp(stat.st_mtime_ns / 1e9, UTC)
    return Export(path, taken, stat.st_mtime_ns, stat.st_size, digest, encoding, columns)


def header_of(path: Path) -> tuple[Sequence[str], str]:
    """The header of any CSV file, and its encoding; raises `FileRefused`."""
    header, encoding, _ = _look_at(path)
    return header, encoding


def read_rows(path: Path, encoding: str, columns: Columns) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header, without the secret cell and without blank rows; raises `FileRefused`."""
    width, dropped, before = columns.width, columns.dropped, 0
    with _text(path, encoding) as file:
        reader = csv.reader(file, strict=True)
        try:
            for row in reader:
                first, before = before + 1, reader.line_num
                if first == 1:
                    continue
                if len(row) != width:
                    if not any(row):
                        continue
                    raise FileRefused(path, f"a row has {len(row)} cells where the header has {width}", (first,))
                if dropped is not None:
                    del row[dropped]
                if any(row):
                    yield first, row
        except csv.Error as problem:
            raise FileRefused(path, _broken(problem), (before + 1,)) from problem


def _look_at(path: Path) -> tuple[list[str], str, str]:
    encoding, digest = _encoding_and_digest(path)
    with _text(path, encoding) as file:
        return _header(path, file), encoding, digest


def _may_be_export(path: Path) -> bool:
    name = path.name.casefold()
    return name.endswith(".csv") and not name.startswith((OWN_PREFIX, ".", "~")) and path.is_file()


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: Path, problem: OSError) -> FileRefused:
    return FileRefused(path, f"it cannot be read: {reason_of(problem)}")


def _text(path: Path, encoding: str) -> TextIO:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        return path.open(encoding=encoding, newline="")
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _encoding_and_digest(path: Path) -> tuple[str, str]:
    """UTF-8 where all of it is, else the code page Windows programs save in; and the content's SHA-256."""
    decoder: IncrementalDecoder | None = getincrementaldecoder("utf-8")()
    digest, size, lines, undefined = sha256(), 0, 1, 0
    for piece in _pieces(path):
        if not size and piece.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused(path, "it is UTF-16 text; save it as CSV UTF-8, or use it as Ignition sent it")
        size += len(piece)
        digest.update(piece)
        decoder = _fed(decoder, piece)
        if not undefined and (found := _NOT_WINDOWS.search(piece)):
            undefined = lines + piece.count(b"\n", 0, found.start())
        lines += piece.count(b"\n")
    if not size:
        raise FileRefused(path, "it is empty")
    if _fed(decoder, b"", final=True) is not None:
        return "utf-8-sig", digest.hexdigest()
    if undefined:
        raise FileRefused(path, "it is neither UTF-8 nor Windows text (cp1252)", (undefined,))
    return "cp1252", digest.hexdigest()


def _fed(decoder: IncrementalDecoder | None, piece: bytes, *, final: bool = False) -> IncrementalDecoder | None:
    """The decoder, or None as soon as something does not decode."""
    try:
        if decoder is not None:
            decoder.decode(piece, final)
    except UnicodeDecodeError:
        return None
    return decoder


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _header(path: Path, file: TextIO) -> list[str]:
    line = file.readline()
    file.seek(0)
    if folded(CLIENT_ID) in folded(line) and max(line.count(";"), line.count("\t")) > line.count(","):
        told = "its columns are not separated by commas; another program saved it, so use it as Ignition sent it"
        raise FileRefused(path, told, (1,))
    try:
        header = next(csv.reader(file, strict=True), [])
    except csv.Error as problem:
        raise FileRefused(path, _broken(problem), (1,)) from problem
    if not any(header):
        raise FileRefused(path, "it has no header row", (1,))
    return header


def _broken(problem: csv.Error) -> str:
    if "unexpected end" in str(problem):
        return "it ends in the middle of a cell; it was not saved whole"
    return f"it is no CSV there ({problem})"
