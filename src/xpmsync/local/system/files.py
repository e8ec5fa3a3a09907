"""Private files and folders, 0600 and 0700 where the OS has modes; and files where a person wants them."""

import os
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final

from xpmsync.errors import StateUnusable, UsageError, reason_of

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_MOST_LINKS: Final = 40
"""As many links in a row as Linux follows; a loop of links never ends."""
_REPLACE_TRIES: Final = 10
_REPLACE_WAIT: Final = 0.02
"""Seconds before the second try; doubled each time up to half a second, about three seconds in all."""


def make_folder(folder: Path) -> Path:
    """Create a folder and its missing parents for this user alone, and return it.

    Raises `StateUnusable` where it cannot be created or written.
    """
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        for place in reversed(missing):
            place.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_dir():
            raise StateUnusable(folder, "it is a file, not a folder")
    except OSError as problem:
        raise StateUnusable(folder, reason_of(problem)) from problem
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateUnusable(folder, "no permission to write there")
    return folder


def make_private(file: Path) -> Path:
    """Make sure an (empty) file exists that only this user can read, and return its path.

    Call it before something opens the path that would create the file with ordinary
    permissions, as SQLite does. Raises `StateUnusable`.
    """
    make_folder(file.parent)
    _target(file)
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as problem:
        raise StateUnusable(file, reason_of(problem)) from problem
    return file


def write_private(file: Path, text: str | bytes, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Write a whole file, text in UTF-8, so that readers see the old or the new one, never part of it.

    For a symbolic link of this user (or of root), its target is replaced; another
    user's link is never followed. `pause` waits between tries while
    another Windows program (a virus scanner, an editor) has the old file open.
    Raises `StateUnusable`; the old file is then unchanged.
    """
    import tempfile

    try:
        target = _target(file)
        make_folder(target.parent)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode() if isinstance(text, str) else text)
                stream.flush()
                os.fsync(stream.fileno())
            _replace(Path(name), target, pause)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        _sync_folder(target.parent)
    except OSError as problem:
        raise StateUnusable(file, reason_of(problem)) from problem


def reserved_name(name: str) -> bool:
    """Whether Windows keeps a file's or folder's name for a device, whatever its ending."""
    return name.strip(" .").partition(".")[0].strip().casefold() in _RESERVED


def move_into_place(source: Path, target: Path, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Give a written file its final name, replacing a former file; raises `StateUnusable`."""
    try:
        _replace(source, target, pause)
        _sync_folder(target.parent)
    except OSError as problem:
        raise StateUnusable(target, reason_of(problem)) from problem


def remove_file(file: Path) -> None:
    """Remove a file if it exists; raises `StateUnusable` where another program has it open (Windows)."""
    try:
        file.unlink(missing_ok=True)
    except OSError as problem:
        raise StateUnusable(file, reason_of(problem)) from problem


def remove_database(file: Path) -> None:
    """Remove a SQLite file with its journal, which SQLite would otherwise apply to the next file of that name."""
    for path in (file, file.with_name(f"{file.name}-journal")):
        remove_file(path)


def _target(file: Path) -> Path:
    """The file behind symbolic links; raises `StateUnusable` where another user owns one of them."""
    if os.name == "nt":  # where only an administrator makes links
        return Path(os.path.realpath(file))
    link = file
    for _ in range(_MOST_LINKS):
        if not link.is_symlink():
            break
        if link.lstat().st_uid not in (0, os.geteuid()):
            raise StateUnusable(file, "it is a link that belongs to another user")
        link = link.parent / link.readlink()
    return Path(os.path.realpath(file))


def _replace(source: Path, target: Path, pause: Callable[[float], None]) -> None:
    wait = _REPLACE_WAIT
    for remaining in reversed(range(_REPLACE_TRIES)):
        try:
            source.replace(target)
        except PermissionError:
            if not remaining:
                raise
            pause(wait)
            wait = min(wait * 2, 0.5)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut; Windows has no call for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


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
