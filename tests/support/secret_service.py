"""A real Secret Service for tests: a private D-Bus and GNOME Keyring in temporary folders, no display, root or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

BACKEND: Final = "keyring.backends.SecretService.Keyring"
_PROGRAMS: Final = ("gnome-keyring-daemon", "dbus-daemon", "dbus-send")
_MISSING: Final = [program for program in _PROGRAMS if os.name == "nt" or shutil.which(program) is None]
_FOLDERS: Final = {
    "HOME": "h",
    "XDG_DATA_HOME": "d",
    "XDG_CACHE_HOME": "c",
    "XDG_STATE_HOME": "s",
    "XDG_RUNTIME_DIR": "r",
}
_LONGEST_START: Final = 10.0
_PASSWORD: Final = b"made-up\n"
"""The newline is part of it."""

needs_secret_service = pytest.mark.skipif(bool(_MISSING), reason=f"not on this machine: {', '.join(_MISSING)}")


class SecretService:
    """The folders of one made-up user, with D-Bus running; the keyring daemon comes and goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in _FOLDERS.values():
            (folder / name).mkdir(mode=0o700)
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> Mapping[str, str]:
        """What a program needs to reach this Secret Service and nothing else of the machine."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHON_KEYRING_BACKEND": BACKEND,
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            **{variable: str(self._folder / name) for variable, name in _FOLDERS.items()},
        }

    @property
    def address(self) -> str:
        """The address of the bus."""
        return f"unix:path={self._folder}/r/bus"

    def unlock(self) -> None:
        """Start the keyring daemon with its keyring open; the first time this makes the keyring."""
        self._start("--unlock")

    def lock(self) -> None:
        """Start the keyring daemon anew, with its keyring locked and nobody to unlock it."""
        self._start()

    def stop(self) -> None:
        """Stop the keyring daemon."""
        if self._daemon:
            self._daemon.terminate()
            self._daemon.wait()
            self._daemon = None

    def apply(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give this process the environment of the made-up user."""
        monkeypatch.delenv("DISPLAY", raising=False)
        for name, value in self.environ.items():
            monkeypatch.setenv(name, value)

    def _start(self, *options: str) -> None:
        self.stop()
        _until(lambda: not self._has_owner())
        self._daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets", *options],
            env=dict(self.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._daemon.stdin
        with suppress(BrokenPipeError), self._daemon.stdin as stdin:
            stdin.write(_PASSWORD if options else b"")
        _until(self._has_owner)

    def _has_owner(self) -> bool:
        asked = subprocess.run(
            [
                "dbus-send",
                f"--bus={self.address}",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ],
            capture_output=True,
            check=False,
        )
        return asked.stdout.split() == [b"boolean", b"true"]


@contextmanager
def running() -> Iterator[SecretService]:
    """Run a private D-Bus with an unlocked keyring, and take everything away afterwards."""
    # Not pytest's own folder: the path of a socket has room for about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="xs"))
    service = SecretService(folder)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={service.address}"],
        env=dict(service.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until((folder / "r" / "bus").exists)
        service.unlock()
        yield service
    finally:
        service.stop()
        bus.terminate()
        bus.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONGEST_START
    while not ready():
        assert time.monotonic() < deadline, "the Secret Service did not start"
        time.sleep(0.01)
