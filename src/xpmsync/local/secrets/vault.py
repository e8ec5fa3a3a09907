"""Secrets: one text a sign-in, kept in the operating system's keyring or in a named token file.

A text is never overwritten. Each new generation goes to its own entries, and the
older one is deleted only when the new one is complete, so that a crash leaves
one that can be read, and Windows' Credential Manager makes no copy of the old.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, Protocol

from xpmsync.core.enums import System
from xpmsync.errors import KeyringUnusable, SecretTooLong
from xpmsync.local.secrets import backends
from xpmsync.local.system.locks import file_lock
from xpmsync.local.system.paths import account_locks

ENTRY_LIMIT: Final = 1280
"""Characters that one entry of Windows' Credential Manager holds (2,560 bytes of UTF-16); kept to everywhere."""
_HEAD_ROOM: Final = 40
_MOST_PARTS: Final = 6
TEXT_LIMIT: Final = (ENTRY_LIMIT - _HEAD_ROOM) * _MOST_PARTS
"""Characters of the longest text; Xero's access tokens alone can be longer than one entry."""
_SLOTS: Final = ("a", "b")


class SecretBackend(Protocol):
    """Where single entries are kept; see `SystemKeyring` and `TokenFileBackend`."""

    @property
    def name(self) -> str:
        """Where that is, in words."""
        ...

    def get(self, service: str) -> str | None:
        """The text stored there, or none."""
        ...

    def set(self, service: str, text: str) -> None:
        """Store a text there."""
        ...

    def delete(self, service: str) -> None:
        """Delete what is stored there; nothing stored is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """Whose sign-in a secret is.

    `host` gave it, and no other host may ever see it; `name` distinguishes the
    sign-ins of one host (for XPM: client id and tenant). `notify` is for the mail
    server and the addresses that are notified of runs.
    """

    system: System | Literal["notify"]
    host: str
    name: str

    @property
    def service(self) -> str:
        """What keyrings show the entry as."""
        return f"xpmsync/{self.system}/{self.host}/{self.name}"

    @property
    def lock_name(self) -> str:
        """The file name of the account's lock."""
        return f"{blake2b(self.service.encode(), digest_size=12).hexdigest()}.lock"


@dataclass(frozen=True, slots=True)
class Probe:
    """A keyring that works: which one, and how long each step took, in milliseconds."""

    where: str
    write_ms: float
    read_ms: float
    delete_ms: float


@dataclass(frozen=True, slots=True)
class _Generation:
    number: int
    slot: str
    text: str = field(repr=False)


class Vault:
    """Reads and writes the secret text of accounts; every method raises `KeyringUnusable`."""

    def __init__(self, entries: SecretBackend, lock_folder: Path) -> None:
        self._entries = entries
        self._lock_folder = lock_folder

    def describe(self) -> str:
        """Where the secrets are, in words."""
        return self._entries.name

    def read(self, account: Account) -> str | None:
        """Return the account's text, or none.

        Without `lock` a reader may, rarely, meet a writer halfway and get none.
        """
        newest = self._newest(account)
        return newest.text if newest else None

    def write(self, account: Account, text: str) -> None:
        """Store the account's text (ASCII) as a new generation, then delete the older; call it within `lock`.

        Raises `SecretTooLong` before anything is written.
        """
        if not text.isascii():
            raise ValueError("a secret's text must be ASCII")
        if len(text) > TEXT_LIMIT:
            raise SecretTooLong(len(text), TEXT_LIMIT)
        older = self._newest(account)
        number = older.number + 1 if older else 1
        slot = _SLOTS[1] if older and older.slot == _SLOTS[0] else _SLOTS[0]
        size = ENTRY_LIMIT - _HEAD_ROOM
        pieces = [text[at : at + size] for at in range(0, len(text), size)] or [""]
        self._clear(account, slot)
        for part, piece in enumerate(pieces[1:], start=2):
            self._put(_entry(account, slot, part), piece)
        # The head makes the generation valid, so it comes last.
        self._put(_entry(account, slot), f"{number}.{len(pieces)}.{_digest(text)}|{pieces[0]}")
        if older:
            self._clear(account, older.slot)

    def delete(self, account: Account) -> bool:
        """Delete everything the account has; whether there was anything. Call it within `lock`."""
        cleared = [self._clear(account, slot) for slot in _SLOTS]
        return any(cleared)

    @contextmanager
    def lock(self, account: Account) -> Iterator[None]:
        """Hold the account against all processes of this OS user; raises `StateUnusable` when one keeps it."""
        with file_lock(self._lock_folder / account.lock_name):
            yield

    def probe(self) -> Probe:
        """Write, read and delete an entry, so that a sign-in does not fail at its very end."""
        service, text = f"xpmsync/probe/{secrets.token_hex(8)}", secrets.token_hex(16)
        where = self.describe()
        write = _timed(lambda: self._put(service, text))
        texts: list[str | None] = []
        read = _timed(lambda: texts.append(self._entries.get(service)))
        delete = _timed(lambda: self._entries.delete(service))
        if texts != [text]:
            raise KeyringUnusable("what was written could not be read back", where)
        return Probe(where, write, read, delete)

    def _newest(self, account: Account) -> _Generation | None:
        generations = [generation for slot in _SLOTS if (generation := self._generation(account, slot))]
        return max(generations, key=lambda generation: generation.number, default=None)

    def _generation(self, account: Account, slot: str) -> _Generation | None:
        head = self._entries.get(_entry(account, slot))
        label, bar, piece = (head or "").partition("|")
        number, _, rest = label.partition(".")
        parts, _, digest = rest.partition(".")
        if not (bar and number.isdecimal() and parts.isdecimal() and int(parts) <= _MOST_PARTS):
            return None
        more = [self._entries.get(_entry(account, slot, part)) for part in range(2, int(parts) + 1)]
        text = piece + "".join(part or "" for part in more)
        return _Generation(int(number), slot, text) if _digest(text) == digest else None

    def _clear(self, account: Account, slot: str) -> bool:
        """Delete a slot, the head first: what is left without one counts as nothing."""
        existed = False
        for part in range(1, _MOST_PARTS + 1):
            service = _entry(account, slot, part)
            if self._entries.get(service) is not None:
                existed = True
                self._entries.delete(service)
            elif part > 1:
                break
        return existed

    def _put(self, service: str, text: str) -> None:
        if len(text) > ENTRY_LIMIT:
            raise SecretTooLong(len(text), ENTRY_LIMIT)
        self._entries.set(service, text)


def open_vault(environ: Mapping[str, str], *, attended: bool) -> Vault:
    """Open the keyring, or the token file that `XPMSYNC_TOKEN_FILE` names; never one for want of the other.

    `attended` is whether a person sits at the terminal and may unlock the
    keyring. Nothing is touched before the first call.
    """
    if named := environ.get(backends.TOKEN_FILE_VARIABLE, "").strip():
        entries = backends.TokenFileBackend(Path(named).expanduser().absolute())
        return Vault(entries, entries.lock_folder)
    return Vault(
        backends.SystemKeyring(backends.ATTENDED_SECONDS if attended else backends.UNATTENDED_SECONDS), account_locks()
    )


def _entry(account: Account, slot: str, part: int = 1) -> str:
    return f"{account.service}/{slot}" if part == 1 else f"{account.service}/{slot}{part}"


def _digest(text: str) -> str:
    return blake2b(text.encode("ascii", "replace"), digest_size=6).hexdigest()


def _timed(step: Callable[[], None]) -> float:
    before = time.perf_counter()
    step()
    return (time.perf_counter() - before) * 1000
