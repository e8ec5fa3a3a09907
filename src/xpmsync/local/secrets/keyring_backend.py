"""The operating system's keyring, entry by entry: real keyrings only, and never longer than a time limit.

keyring falls back to whatever it finds, keyrings.alt's plain-text file included;
this module does not. Its calls can block for minutes (a locked keyring behind
no screen, a D-Bus without an answer), so each runs in a thread of its own.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from xpmsync.errors import KeyringUnusable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["ATTENDED_SECONDS", "UNATTENDED_SECONDS", "Backend", "SystemKeyring", "system_keyring"]

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
