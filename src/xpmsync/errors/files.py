"""What is wrong with a file, by the numbers of the operating system: its messages are in the user's language."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import Final

__all__ = ["FileTrouble", "reason_of", "trouble_of"]


class FileTrouble(StrEnum):
    """What keeps a file from being used."""

    IN_USE = "in-use"
    DENIED = "denied"
    FULL = "full"
    OTHER = "other"


_WINDOWS: Final = {
    5: FileTrouble.DENIED,
    19: FileTrouble.DENIED,
    32: FileTrouble.IN_USE,
    33: FileTrouble.IN_USE,
    39: FileTrouble.FULL,
    112: FileTrouble.FULL,
}
"""ERROR_ACCESS_DENIED, WRITE_PROTECT, SHARING_VIOLATION, LOCK_VIOLATION, HANDLE_DISK_FULL, DISK_FULL."""
_ERRNO: Final = {
    errno.EACCES: FileTrouble.DENIED,
    errno.EPERM: FileTrouble.DENIED,
    errno.EROFS: FileTrouble.DENIED,
    errno.EBUSY: FileTrouble.IN_USE,
    errno.ETXTBSY: FileTrouble.IN_USE,
    errno.ENOSPC: FileTrouble.FULL,
}
_SQLITE: Final = {5: FileTrouble.IN_USE, 6: FileTrouble.IN_USE, 8: FileTrouble.DENIED, 13: FileTrouble.FULL}
"""BUSY, LOCKED, READONLY and FULL; the lower byte of an extended code."""
_IN_USE: Final = "another program has it open, perhaps Excel; close it there and run this again"
_MAYBE_IN_USE: Final = "access is denied; another program may have it open, perhaps Excel: close it there"


def trouble_of(problem: BaseException | None) -> FileTrouble:
    """What is wrong, by `winerror`, `errno` or SQLite's code, never by the words of a message."""
    code: object = getattr(problem, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF, FileTrouble.OTHER)
    windows: object = getattr(problem, "winerror", None)
    if isinstance(windows, int):
        return _WINDOWS.get(windows, FileTrouble.OTHER)
    number: object = getattr(problem, "errno", None)
    return _ERRNO.get(number, FileTrouble.OTHER) if isinstance(number, int) else FileTrouble.OTHER


def reason_of(problem: OSError) -> str:
    """What the operating system says, as the end of a sentence; of an open file, what to do about it."""
    if trouble_of(problem) is FileTrouble.IN_USE:
        return _IN_USE
    # Windows denies to replace a file that a program has open, by the same number as without a right to it.
    if getattr(problem, "winerror", None) == 5:
        return _MAYBE_IN_USE
    return (problem.strerror or type(problem).__name__).lower()
