"""The log file: one line an event, redacted, rotating, private.

The file is opened for each line, so that several processes can log at once and
Windows allows the file to be renamed.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from xpmsync.local.system.paths import ProfilePaths
from xpmsync.local.system.redaction import redacted

__all__ = ["LOG_NAME", "log_file", "log_tail", "open_log"]

LOG_NAME: Final = "xpmsync"
_LARGEST: Final = 1024 * 1024
_KEPT: Final = 5


def log_file(paths: ProfilePaths) -> Path:
    """A profile's log file; older parts have `.1` to `.5` behind their name."""
    return paths.folder / "xpmsync.log"


def open_log(paths: ProfilePaths, *, as_json: bool) -> logging.Logger:
    """The program's logger, writing to this profile's file only from now on.

    Pass facts as `extra={"facts": {...}}`. A log that cannot be written is no error.
    """
    logger = logging.getLogger(LOG_NAME)
    for former in logger.handlers[:]:
        logger.removeHandler(former)
        former.close()
    logger.addHandler(_FileHandler(log_file(paths), as_json=as_json))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


def log_tail(paths: ProfilePaths, lines: int) -> list[str]:
    """The last lines of the log, redacted once more."""
    try:
        text = log_file(paths).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [redacted(line) for line in text.splitlines()[-lines:]]


class _FileHandler(logging.Handler):
    """Appends one redacted line a record."""

    def __init__(self, file: Path, *, as_json: bool) -> None:
        super().__init__()
        self._file = file
        self._as_json = as_json

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; on a full disk or without permission the line is lost, nothing else."""
        with suppress(OSError):
            # On Windows a log that another program has open cannot be renamed: it grows until it can.
            self._rotate()
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as stream:
                stream.write(f"{self._line(record)}\n")

    def _line(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        given: object = getattr(record, "facts", {})
        facts = {str(name): value for name, value in given.items()} if isinstance(given, dict) else {}
        if self._as_json:
            event = {"time": moment, "level": record.levelname.lower(), "message": redacted(record.getMessage())}
            clean = {name: value if isinstance(value, int) else redacted(str(value)) for name, value in facts.items()}
            return json.dumps({**event, **clean}, ensure_ascii=False)
        words = " ".join(f"{name}={value}" for name, value in facts.items())
        return f"{moment} {record.levelname.lower():<7} {redacted(f'{record.getMessage()} {words}'.rstrip())}"

    def _rotate(self) -> None:
        with suppress(FileNotFoundError):
            if self._file.stat().st_size < _LARGEST:
                return
            for number in range(_KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    self._piece(number).replace(self._piece(number + 1))
            self._file.replace(self._piece(1))

    def _piece(self, number: int) -> Path:
        return self._file.with_name(f"{self._file.name}.{number}")
