"""Errors of settings, secrets and this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from xpmsync.errors.base import XpmsyncError

__all__ = [
    "AnotherRun",
    "ExtraMissing",
    "JournalStopped",
    "KeyringUnusable",
    "LedgerDamaged",
    "LedgerLost",
    "LedgerTooNew",
    "SchedulerFailed",
    "SecretTooLong",
    "SettingsError",
    "StateUnusable",
    "UnknownProfile",
    "UsageError",
]


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
