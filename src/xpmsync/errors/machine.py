"""Errors of settings, secrets, files and this machine.

The operating system's own messages are in the user's language, so its numbers are used.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final

from xpmsync.errors.base import XpmsyncError


class SettingsError(XpmsyncError):
    """A settings file, key or value that cannot be used.

    `key` is dotted (`sync.level`), `line` counts from 1 (0: unknown), `allowed`
    and `near` help to correct it.
    """

    code: ClassVar[str] = "settings"
    problem: str
    path: Path | None = None
    key: str = ""
    line: int = 0
    allowed: Sequence[str] = ()
    near: str = ""


class UnknownProfile(XpmsyncError):
    """`--profile` names a practice that the settings do not have."""

    code: ClassVar[str] = "unknown-profile"
    profile: str
    known: Sequence[str] = ()


class UsageError(XpmsyncError):
    """Arguments that do not fit together; `hint` names what to type instead."""

    code: ClassVar[str] = "usage"
    problem: str
    hint: str = ""


class ExtraMissing(XpmsyncError):
    """An optional part of xpmsync is not installed: `pip install "xpmsync[EXTRA]"`."""

    code: ClassVar[str] = "extra-missing"
    extra: str


class KeyringUnusable(XpmsyncError):
    """The OS keyring cannot be used: none, locked, refused or too slow."""

    code: ClassVar[str] = "keyring"
    reason: str
    backend: str = ""


class SecretTooLong(XpmsyncError):
    """A secret that one Windows Credential Manager entry cannot hold (1,280 characters)."""

    code: ClassVar[str] = "secret-too-long"
    length: int
    limit: int


class StateUnusable(XpmsyncError):
    """The state folder or a file in it cannot be read or written."""

    code: ClassVar[str] = "state"
    path: Path
    reason: str


class JournalStopped(XpmsyncError):
    """The journal could not be written in the middle of a run, after `written` changes."""

    code: ClassVar[str] = "journal"
    path: Path
    reason: str
    written: int


class LedgerTooNew(XpmsyncError):
    """The ledger was written by a newer xpmsync."""

    code: ClassVar[str] = "ledger-newer"
    path: Path
    found: int
    known: int


class LedgerDamaged(XpmsyncError):
    """The ledger is damaged; nothing in it is changed until a person rebuilds it. `record` is where, if known."""

    code: ClassVar[str] = "ledger-damaged"
    path: Path
    reason: str
    record: str = ""


class LedgerLost(XpmsyncError):
    """The ledger that this profile had, with `links` links, is gone. `reason` is a machine code.

    `missing`, `replaced` (by another ledger), `older` (by an older copy), `pending`
    (`files` for upload exist that it does not know).
    """

    code: ClassVar[str] = "ledger-lost"
    path: Path
    reason: str
    links: int
    files: Sequence[Path] = ()


class AnotherRun(XpmsyncError):
    """Another run holds this practice's lock."""

    code: ClassVar[str] = "busy"
    pid: int
    host: str
    since: str


class SchedulerFailed(XpmsyncError):
    """The operating system's scheduler could not be used; `program` is the one that failed."""

    code: ClassVar[str] = "scheduler"
    program: str
    reason: str
    exit_code: int = 0


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
