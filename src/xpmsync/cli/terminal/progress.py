"""Progress on stderr while a person watches: one line that is rewritten, nothing for quick steps."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

from xpmsync.cli.terminal.sanitize import one_line

__all__ = ["ProgressBar"]

_QUIET_SECONDS: Final = 0.7
_BETWEEN: Final = 0.1


class ProgressBar:
    """Shows steps that take longer than a moment; silent when not active."""

    def __init__(self, *, active: bool) -> None:
        self._active = active
        self._label = ""
        self._since = self._shown = 0.0
        self._width = 0

    def __enter__(self) -> Self:
        """Show nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no trace of the line."""
        self.clear()

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say what is being done; the line appears once it has taken a moment."""
        if not self._active:
            return
        now = time.monotonic()
        if label != self._label:
            self._label, self._since = label, now
        if now - self._since < _QUIET_SECONDS or now - self._shown < _BETWEEN:
            return
        self._shown = now
        count = f" {done:,}" + (f" of {total:,}" if total else "") if done else ""
        self._write(f"{label} …{count}")

    def waiting(self, seconds: float, why: str) -> None:
        """Say at once that a limit is being waited for."""
        if self._active and seconds >= 1:
            self._write(f"Waiting {seconds:.0f} seconds: {why}")

    def clear(self) -> None:
        """Remove the line, before something else is written."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0

    def _write(self, text: str) -> None:
        shown = one_line(text)[:79]
        sys.stderr.write("\r" + shown.ljust(self._width))
        sys.stderr.flush()
        self._width = len(shown)
