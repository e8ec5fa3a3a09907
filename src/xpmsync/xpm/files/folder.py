"""The newest export of each kind in the folder where a person saves XPM's files, recognised by header only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.csv_files.reading import CsvFile, csv_files_in, open_csv
from xpmsync.errors import ExportMissing, FileRefused
from xpmsync.local.system.clock import ReadTime, local_time, utc_now
from xpmsync.xpm.files.shapes import Kind, Shape, recognise, shapes

__all__ = ["SEPARATORS", "FoundFile", "check_ages", "find_files"]

SEPARATORS: Final = ",;\t"
"""What separates columns in XPM's files, and in those a program on the way saved."""

_MOST_FILES: Final = 50


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
