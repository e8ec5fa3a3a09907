"""Files where a person wants them: private, and never over a file of another kind."""

from __future__ import annotations

import os
import zipfile
from enum import Enum
from pathlib import Path
from typing import Final

from xpmsync.errors import StateUnusable, UsageError, reason_of
from xpmsync.local.system.files import reserved_name, write_private

__all__ = ["WORKBOOK_NOTE", "FileKind", "check_out", "write_out"]

WORKBOOK_NOTE: Final = "Made by xpmsync"
"""The comment in the properties of a workbook, by which it is recognised."""
_HEAD: Final = 4096


class FileKind(Enum):
    """What xpmsync writes to files that a person names; the value is the kind in words, and what its beginning has."""

    PLAN = ("a plan", b'"xpmsync_plan"')
    REVIEW_FILE = ("a review file", b"Decision")
    PAGE = ("a report", b'content="xpmsync"')
    WORKBOOK = ("a report", b"PK")
    PROBLEM_REPORT = ("a problem report", b"# xpmsync: a problem report")
    EXPORT = ("an export", b"Client Reference")
    BACKUP = ("a backup", b"xpmsync_backup.json")

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value[0]

    def is_of(self, file: Path) -> bool:
        """Whether a file is of this kind, or empty; a spreadsheet program may have saved it in another encoding."""
        with file.open("rb") as stream:
            head = stream.read(_HEAD).replace(b"\0", b"")
        if self is FileKind.WORKBOOK and head:
            return _is_our_workbook(file)
        return not head or self.value[1] in head


def check_out(
    file: Path, kind: FileKind, *, force: bool = False, option: str = "--out", windows: bool = os.name == "nt"
) -> None:
    """Raise `UsageError` where the file must or can not be written (`option` names it), before any work is done.

    Only a regular file of the same kind is replaced, any regular file with `force`,
    and no folder is created. `windows` refuses the names of devices.
    """
    another = _another(option)
    if windows and reserved_name(file.name):
        raise UsageError(f"{file.name} is a name that Windows keeps for a device, so it cannot be a file.", another)
    try:
        exists = file.exists()
        if exists and not file.is_file():
            raise UsageError(f"{file} is there already and is no file to be replaced.", another)
        if not file.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {file.absolute().parent}.", another)
    except OSError as problem:
        raise UsageError(f"{file} cannot be written: {reason_of(problem)}.", another) from problem
    try:
        foreign = not force and exists and not kind.is_of(file)
    except OSError as problem:
        raise UsageError(f"{file} is there already and cannot be read, so it was not replaced.", another) from problem
    if foreign:
        raise UsageError(
            f"{file} is there already, and it is not {kind.label} of xpmsync. It was not touched.", another
        )


def write_out(file: Path, content: str | bytes, kind: FileKind, *, force: bool = False, option: str = "--out") -> None:
    """Write a file for this user alone; raises `UsageError` as `check_out` does, and where it cannot be written."""
    check_out(file, kind, force=force, option=option)
    try:
        write_private(file, content)
    except StateUnusable as problem:
        raise UsageError(f"{file} cannot be written: {problem.reason}.", _another(option)) from problem


def _another(option: str) -> str:
    return f"Name another file with {option}." if option.startswith("-") else "Name another file."


def _is_our_workbook(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return WORKBOOK_NOTE.encode() in archive.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError):
        return False
