"""The log file: one line an event, redacted, rotating, private.

The file is opened for each line, so that several processes can log at once and
Windows allows the file to be renamed. Secrets are removed by value, for every secret that this process
has used, and by pattern, for any other. Neither replaces the rule that no secret and no client's data
is put into a message in the first place.
"""

import json
import logging
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from xpmsync.local.system.paths import ProfilePaths

_SHORTEST: Final = 6
"""A shorter text would remove ordinary words from the log."""
_known: Final[set[str]] = set()


def conceal(*secrets: str) -> None:
    """Register secrets, to be removed from every text from now on; empty and very short ones are ignored."""
    _known.update(secret for secret in secrets if len(secret) >= _SHORTEST)


def redacted(text: str) -> str:
    """The text without secrets, on one line."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    for pattern, instead in _patterns():
        text = pattern.sub(instead, text)
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled with the first text, since most commands write none."""
    return (
        (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+", re.IGNORECASE), r"\1 [secret]"),
        (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"), "[token]"),
        (
            re.compile(
                r"""\b((?:access_|refresh_|id_)?token|client_secret|app_secret|password|passwd|secret|code|sig|state)"""
                r"""(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+""",
                re.IGNORECASE,
            ),
            r"\1\2[secret]",
        ),
        (re.compile(r"(https?://)[^/\s@]+@"), r"\1[secret]@"),
        (re.compile(r"(https?://[^\s?#\"']+)\?[^\s\"']*"), r"\1?[query]"),
        (re.compile(r"[A-Za-z0-9.!#$%&'*+/?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[e-mail]"),
        # Tax and company numbers: 8 digits or more, or in groups of three.
        (re.compile(r"(?<![\w:.-])(?:\d{2} )?\d{3}[ -]\d{3}[ -]\d{3}(?![\w-])"), "[number]"),
        (re.compile(r"(?<![\w:.-])\d{8,}(?![\w-])"), "[number]"),
        # Long opaque texts that are no UUID (a correlation id is one, and is needed).
        (re.compile(r"(?<![\w-])(?!\w{8}(?:-\w{4}){3}-\w{12}(?![\w-]))(?=[\w+=-]*\d)[\w+=-]{32,}"), "[opaque]"),
    )


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
