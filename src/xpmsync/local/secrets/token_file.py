"""Secrets in a file: only where `XPMSYNC_TOKEN_FILE` names one, for machines that have no keyring."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Final

from xpmsync.errors import KeyringUnusable, reason_of
from xpmsync.local.system.files import write_private
from xpmsync.local.system.locks import file_lock

__all__ = ["TOKEN_FILE_VARIABLE", "TokenFileBackend"]

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
