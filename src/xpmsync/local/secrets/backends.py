"""Where secrets are kept: the operating system's keyring, or a file where `XPMSYNC_TOKEN_FILE` names one.

The file is for machines that have no keyring.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from xpmsync.errors import KeyringUnusable, reason_of
from xpmsync.local.system.files import write_private
from xpmsync.local.system.locks import file_lock

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

TOKEN_FILE_VARIABLE: Final = "XPMSYNC_TOKEN_FILE"  # noqa: S105 - a variable's name, no secret


class TokenFileBackend:
    """Entries in one JSON file that only its owner may read; wider rights are refused, not mended."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def name(self) -> str:
        """Where the secrets are, in words."""
        return f"token file {self._file}"

    @property
    def lock_folder(self) -> Path:
        """Locks lie beside the file, because processes that share the file must share them."""
        return self._file.parent

    def get(self, service: str) -> str | None:
        """The text stored there, or none; raises `KeyringUnusable`."""
        return self._read().get(service)

    def set(self, service: str, text: str) -> None:
        """Store a text there; raises `KeyringUnusable` and `StateUnusable`."""
        with file_lock(self._lock):
            self._write({**self._read(), service: text})

    def delete(self, service: str) -> None:
        """Delete what is stored there; nothing stored is fine."""
        with file_lock(self._lock):
            entries = self._read()
            if service in entries:
                self._write({name: text for name, text in entries.items() if name != service})

    @property
    def _lock(self) -> Path:
        return self._file.with_name(f"{self._file.name}.lock")

    def _write(self, entries: dict[str, str]) -> None:
        write_private(self._file, json.dumps(entries, indent=1, sort_keys=True) + "\n")

    def _read(self) -> dict[str, str]:
        try:
            with self._file.open(encoding="utf-8") as stream:
                self._refuse_open_rights(os.fstat(stream.fileno()))
                entries: object = json.load(stream)
        except FileNotFoundError:
            return {}
        except OSError as problem:
            raise KeyringUnusable(reason_of(problem), self.name) from problem
        except ValueError:
            # Without its cause: a JSON error carries the text it could not read.
            raise KeyringUnusable("it does not hold what xpmsync wrote", self.name) from None
        if not isinstance(entries, dict):
            raise KeyringUnusable("it does not hold what xpmsync wrote", self.name)
        return {str(name): str(text) for name, text in entries.items()}

    def _refuse_open_rights(self, about: os.stat_result) -> None:
        if os.name == "nt":  # Windows keeps rights elsewhere; the user's own folders are private there
            return
        if stat.S_IMODE(about.st_mode) & 0o077:
            raise KeyringUnusable("others may read it; make it yours alone with 'chmod 600'", self.name)
        if about.st_uid != os.getuid():
            raise KeyringUnusable("it belongs to another user", self.name)


ATTENDED_SECONDS: Final = 60.0
"""At a terminal: long enough for a person to unlock the keyring."""
UNATTENDED_SECONDS: Final = 5.0

_NAMES: Final = {
    ("keyring.backends.Windows", "WinVaultKeyring"): "Windows Credential Manager",
    ("keyring.backends.macOS", "Keyring"): "macOS Keychain",
    ("keyring.backends.SecretService", "Keyring"): "Secret Service",
    ("keyring.backends.libsecret", "Keyring"): "Secret Service (libsecret)",
    ("keyring.backends.kwallet", "DBusKeyring"): "KWallet",
    ("keyring.backends.kwallet", "DBusKeyringKWallet4"): "KWallet 4",
}
_CHAIN: Final = ("keyring.backends.chainer", "ChainerBackend")
_NOTHING: Final = ("keyring.backends.fail", "Keyring")
_USER: Final = "xpmsync"
_BUS: Final = "DBUS_SESSION_BUS_ADDRESS"
_SLICE: Final = 0.2
"""Seconds between looks at the thread: on Windows, Ctrl-C does not end a longer wait."""
_UNREACHABLE: Final = "it could not be reached; this session may have no desktop or D-Bus"
_T = TypeVar("_T")


class Backend(Protocol):
    """The three calls of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """The stored text, or none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a text."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete a text; raises where there is none."""
        ...


def system_keyring() -> tuple[Backend, str]:
    """Choose the system's keyring and say what it is; raises `KeyringUnusable` for any other kind.

    `PYTHON_KEYRING_BACKEND` and keyring's own settings are obeyed, but only
    among the allowed classes, or a chain of nothing else.
    """
    import keyring.core

    # A broken plug-in would otherwise put its traceback on the screen.
    logging.getLogger("keyring").addHandler(logging.NullHandler())
    _find_session_bus()
    keyring.core.init_backend(limit=_is_allowed)
    backend = keyring.core.get_keyring()
    members = _members(backend)
    names = [_NAMES.get(_allowed_class(member), "") for member in members]
    if _class_of(backend) == _NOTHING or not members:
        raise KeyringUnusable("this system offers no keyring, or this session cannot reach it")
    if not all(names):
        raise KeyringUnusable(
            "it is not a system keyring, and may keep secrets in plain text", ".".join(_class_of(backend))
        )
    for member in members:
        if type(member).__name__ == "WinVaultKeyring":
            # Its default would carry the secret to other computers with a roaming profile.
            setattr(member, "persist", "local machine")  # noqa: B010 - the stubs do not know the property
    return backend, " and ".join(names)


class SystemKeyring:
    """Reads, writes and deletes single entries of the keyring, each call within `seconds`.

    Every method raises `KeyringUnusable`. After one call went unanswered the
    others fail at once, for the keyring will not answer them either.
    """

    def __init__(self, seconds: float, choose: Callable[[], tuple[Backend, str]] = system_keyring) -> None:
        self._seconds = seconds
        self._choose = choose
        self._chosen: tuple[Backend, str] | None = None
        self._silent = False

    @property
    def name(self) -> str:
        """Which keyring it is, in words."""
        return self._backend()[1]

    def get(self, service: str) -> str | None:
        """The text stored there, or none."""
        return self._call(lambda backend: backend.get_password(service, _USER))

    def set(self, service: str, text: str) -> None:
        """Store a text there."""
        self._call(lambda backend: backend.set_password(service, _USER, text))

    def delete(self, service: str) -> None:
        """Delete what is stored there; nothing stored is fine."""

        def gone(backend: Backend) -> None:
            try:
                backend.delete_password(service, _USER)
            except Exception:
                # Backends say "not there" and "may not" with the same class.
                if backend.get_password(service, _USER) is not None:
                    raise

        self._call(gone)

    def _call(self, use: Callable[[Backend], _T]) -> _T:
        backend, name = self._backend()
        return self._within(lambda: use(backend), name)

    def _backend(self) -> tuple[Backend, str]:
        if self._chosen is None:
            self._chosen = self._within(self._choose, "")
        return self._chosen

    def _within(self, call: Callable[[], _T], name: str) -> _T:
        if self._silent:
            raise KeyringUnusable(self._too_slow(), name)
        answers: queue.SimpleQueue[tuple[_T] | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put((call(),))
            except Exception as problem:  # backends raise RuntimeError, OSError, jeepney's own and more
                answers.put(problem)

        # A daemon: one that never comes back must not keep the program from ending.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        answer = self._awaited(answers)
        if answer is None:
            self._silent = True
            raise KeyringUnusable(self._too_slow(), name)
        if isinstance(answer, KeyringUnusable):
            raise answer
        if isinstance(answer, Exception):
            raise KeyringUnusable(_words(answer) if name else _UNREACHABLE, name) from answer
        return answer[0]

    def _awaited(self, answers: queue.SimpleQueue[tuple[_T] | Exception]) -> tuple[_T] | Exception | None:
        deadline = time.monotonic() + self._seconds
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                return answers.get(timeout=min(remaining, _SLICE))
            except queue.Empty:
                continue
        return None

    def _too_slow(self) -> str:
        return f"no answer within {self._seconds:g} seconds; it may be locked and waiting for its password"


def _find_session_bus() -> None:
    """Let a job of cron reach the keyring of its user: cron does not say where the session's D-Bus is."""
    if sys.platform != "linux" or os.environ.get(_BUS):
        return
    folder = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    bus = Path(folder, "bus")
    if bus.is_socket():
        os.environ[_BUS] = f"unix:path={bus}"


def _is_allowed(backend: KeyringBackend) -> bool:
    return _class_of(backend) == _CHAIN or _allowed_class(backend) in _NAMES


def _members(backend: KeyringBackend) -> list[KeyringBackend]:
    if _class_of(backend) != _CHAIN:
        return [backend]
    chained: list[KeyringBackend] = getattr(backend, "backends", [])
    return chained


def _class_of(backend: KeyringBackend) -> tuple[str, str]:
    return type(backend).__module__, type(backend).__qualname__


def _allowed_class(backend: KeyringBackend) -> tuple[str, str]:
    """The backend's class by name, but only where it is that very class and not one that calls itself so."""
    module, name = _class_of(backend)
    return (module, name) if getattr(sys.modules.get(module), name, None) is type(backend) else ("", "")


def _words(problem: Exception) -> str:
    """What went wrong without the backend's own text, which may quote what was stored."""
    match type(problem).__name__:
        case "KeyringLocked" | "LockedException" | "PromptDismissedException":
            return "it is locked"
        case "InitError":
            return "it could not be opened; it may be locked, or there is none yet"
        case name:
            return f"it refused ({name})"
