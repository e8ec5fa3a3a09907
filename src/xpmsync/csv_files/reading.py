"""Open a CSV file and read it row by row, strictly: its time, digest, encoding, header and rows.

A file that is not whole is refused with the lines, never read in part. Columns
that are not wanted are cut off while a line is split, before anything sees them.
"""

import csv
import os
import re
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Final, TextIO

from xpmsync.core.enums import System
from xpmsync.csv_files.form import SEPARATORS, DamageScan, FileForm, Mark, form_of, marks_in, wrong_kind
from xpmsync.errors import ExportMissing, FileRefused, reason_of
from xpmsync.local.system.clock import ReadTime, utc_now

OWN_PREFIX: Final = "xpmsync-"
"""How the names of our own files begin; they are no exports."""

AHEAD: Final = timedelta(days=1)
"""A moment further ahead was noted by a wrong clock; less can be a time zone or a slow clock."""

_CHUNK_BYTES: Final = 1 << 20
_LONGEST_CELL: Final = 4 << 20
_NOT_CP1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file that was opened. `taken` is the file's own time (UTC), `digest` names its content.

    `form` is how it is written; its encoding is `utf-8-sig`, or `cp1252` for a file
    that another program saved. `suspect` says that it may hold marks of damage, and
    `system` whose export it is to be, for what its refusal recommends.
    """

    path: Path
    taken: datetime
    taken_ns: int
    size: int
    digest: str
    form: FileForm
    header: tuple[str, ...]
    suspect: bool = False
    macintosh_line: int = 0
    system: System | None = None

    def rows(self, kept: Sequence[int | None] | None = None) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield each row below the header that is not blank, with the line it begins on.

        `kept` are the places of the cells to give out, None for a blank one; all cells
        where it is None itself. Raises `FileRefused` for a broken row, and where the file changes meanwhile.
        """
        width, previous = len(self.header), 0
        # One more cell, a blank one, is put at the end of each row for the places that the file has not.
        cut = _cells_at([width if place is None else place for place in (range(width) if kept is None else kept)])
        with _text(self.path, self.form.encoding) as file:
            reader = csv.reader(file, strict=True, delimiter=self.form.separator)
            try:
                next(reader, None)
                previous = reader.line_num
                for row in reader:
                    line, previous = previous + 1, reader.line_num
                    if len(row) == width:
                        row.append("")
                        if any(cells := cut(row)):
                            yield line, cells
                    elif any(row):
                        problem = f"a row has {len(row)} cells where the header has {width}"
                        raise FileRefused(self.path, problem, (line,), self.system)
            except csv.Error as problem:
                raise FileRefused(self.path, _malformed(problem), (previous + 1,), self.system) from problem
        now = _stat(self.path)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.taken_ns):
            raise FileRefused(self.path, "it was changed while it was read; run the command again", (), self.system)

    def marks(self, kept: Sequence[int]) -> tuple[Mark, ...]:
        """The first marks of damage in the cells at those places; costs nothing for a file without any."""
        if self.macintosh_line:
            return (Mark(self.macintosh_line, "the text", "accents are in the Macintosh code page"),)
        return marks_in(self.rows(kept), [self.header[place] for place in kept]) if self.suspect else ()


def open_csv(path: Path, separators: str = ",", system: System | None = None) -> CsvFile:
    """Read a file's time, form, digest and header; raises `FileRefused` for what is no CSV file.

    `separators` are those that this kind of file may have; `system` is whose export it is to be.
    """
    try:
        return replace(_opened(path, separators), system=system)
    except FileRefused as problem:
        raise FileRefused(problem.path, problem.problem, problem.lines, system) from problem


def _opened(path: Path, separators: str) -> CsvFile:
    stat = _stat(path)
    scan, digest = DamageScan(), sha256()
    form = _scan(path, digest.update, scan)
    if form.separator not in separators:
        names = " or ".join(SEPARATORS[each] for each in separators)
        problem = f"its columns are not separated by {names} but by {SEPARATORS[form.separator]}"
        raise FileRefused(path, f"{problem}; another program saved it, so use it as it was downloaded", (1,))
    with _text(path, form.encoding) as file:
        header = _header(path, file, form)
    taken = datetime.fromtimestamp(stat.st_mtime_ns / 1e9, UTC)
    size, changed = stat.st_size, stat.st_mtime_ns
    return CsvFile(
        path, taken, changed, size, digest.hexdigest(), form, tuple(header), scan.suspect, scan.macintosh_line
    )


def csv_files_in(place: Path, now: ReadTime = utc_now) -> list[Path]:
    """The CSV files of a folder, the newest by its own time first, our own files left out.

    One dated more than a day ahead was saved while the clock was wrong, and comes after
    all others. A file given instead of a folder is the only one. Raises `ExportMissing`.
    """
    if place.is_file():
        return [place]
    try:
        saved = [(path.stat().st_mtime_ns, path.name, path) for path in place.iterdir() if _may_be_export(path)]
    except OSError as problem:
        raise ExportMissing(place, reason_of(problem)) from problem
    if not saved:
        raise ExportMissing(place, "there is no CSV file in it")
    latest = (now() + AHEAD).timestamp() * 1e9
    return [path for *_, path in sorted(saved, key=lambda file: (file[0] <= latest, *file), reverse=True)]


def folded(name: str) -> str:
    """A column's name without regard to capitals and blanks."""
    return " ".join(name.split()).casefold()


def _cells_at(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """A function that takes the cells at those places out of a row as a tuple, however many they are."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def age_of(passed: timedelta) -> str:
    """How old a file is, in words; one dated more than a day ahead has no age."""
    if passed < -AHEAD:
        return "dated in the future, so this computer's clock was wrong or is"
    minutes = max(0, int(passed.total_seconds() // 60))
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if number := minutes // size:
            return f"{number} {word}{'' if number == 1 else 's'} old"
    return "less than a minute old"


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


def _scan(path: Path, digest: Callable[[bytes], None], scan: DamageScan) -> FileForm:
    """Read all bytes once. UTF-8 where all of it is, else the code page Windows programs save in."""
    decoder: IncrementalDecoder | None = getincrementaldecoder("utf-8")()
    start, lines, undefined = b"", 1, 0
    for chunk in _chunks(path):
        if not start:
            start = chunk
            if problem := wrong_kind(start):
                raise FileRefused(path, problem)
        digest(chunk)
        decoder = _decoded(decoder, chunk)
        scan.feed(chunk, lines, utf8=decoder is not None)
        if decoder is None and not undefined and (match := _NOT_CP1252.search(chunk)):
            undefined = lines + chunk.count(b"\n", 0, match.start())
        lines += chunk.count(b"\n")
    if not start:
        raise FileRefused(path, "it is empty")
    if _decoded(decoder, b"", final=True) is not None:
        return form_of(start, "utf-8-sig")
    if undefined:
        problem = "it is neither UTF-8 nor Windows text (cp1252): a program on another system saved it"
        raise FileRefused(path, f"{problem}; use it as it was downloaded", (undefined,))
    return form_of(start, "cp1252")


def _decoded(decoder: IncrementalDecoder | None, chunk: bytes, *, final: bool = False) -> IncrementalDecoder | None:
    """The decoder after that chunk, or None as soon as something does not decode."""
    try:
        if decoder is not None:
            decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return None
    return decoder


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as problem:
        raise _unreadable(path, problem) from problem


def _header(path: Path, file: TextIO, form: FileForm) -> list[str]:
    try:
        header = next(csv.reader(file, strict=True, delimiter=form.separator), [])
    except csv.Error as problem:
        raise FileRefused(path, _malformed(problem), (1,)) from problem
    if not any(header):
        raise FileRefused(path, "it has no header row", (1,))
    return header


def _malformed(problem: csv.Error) -> str:
    if "unexpected end" in str(problem):
        return "it ends in the middle of a cell; it was not saved whole"
    return f"it is no CSV there ({problem})"
