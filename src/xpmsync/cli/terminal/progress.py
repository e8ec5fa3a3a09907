"""Progress on stderr while a person watches: one line that is rewritten, nothing for quick steps.

The line names its phase, with a bar where a total is known; the number that the
same phase had in the last run is the first guess. A thread redraws it, so that it
moves also while a system takes its time to answer.
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.errors import StateUnusable
from xpmsync.local.system.json_files import read_record, write_record

_QUIET_SECONDS: Final = 0.7
_BETWEEN: Final = 0.1
_REDRAW_SECONDS: Final = 1.0
_BAR: Final = 20
_WIDTH: Final = 79
_LEAST_WORTH: Final = 100
"""A phase of fewer items is over before a guess of its end helps anybody."""


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """How many items each phase had when it last came to its end, by its label."""

    counts: dict[str, int] = field(default_factory=dict)


class ProgressBar:
    """Shows steps that take longer than a moment; silent when not active.

    `remembered` is the file that keeps the phases' counts between runs, None for none.
    """

    def __init__(
        self,
        *,
        active: bool,
        remembered: Path | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._active = active
        self._remembered = remembered
        self._stream = stream or sys.stderr
        self._clock = clock
        self._label = ""
        self._done = 0
        self._total: int | None = None
        self._since = self._drawn = 0.0
        self._width = 0
        self._guesses = self._read_guesses() if active else {}
        self._ended: dict[str, int] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Show nothing yet."""
        if self._active:
            threading.Thread(target=self._redraw, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no trace of the line, and remember how many items the phases had."""
        self._stop.set()
        if kind is None:
            self._end_phase()
        self.clear()
        self._remember()

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say what is being done; the line appears once it has taken a moment."""
        if not self._active:
            return
        with self._lock:
            if label != self._label:
                self._end_phase()
                self._label, self._since = label, self._clock()
            self._done, self._total = done, total
            if self._clock() - self._drawn >= _BETWEEN:
                self.draw()

    def waiting(self, seconds: float, why: str) -> None:
        """Say at once that a limit is being waited for."""
        if self._active and seconds >= 1:
            with self._lock:
                self._label, self._done, self._total = f"Waiting {seconds:.0f} seconds: {why}", 0, None
                self._since = self._clock() - _QUIET_SECONDS
                self.draw()

    def draw(self) -> None:
        """Draw the line as it is now."""
        with self._lock:
            now = self._clock()
            elapsed = now - self._since
            if not self._label or elapsed < _QUIET_SECONDS:
                return
            self._drawn = now
            shown = one_line(f"{self._label} {self._count()}{elapsed:.0f} s")[:_WIDTH]
            self._stream.write("\r" + shown.ljust(self._width))
            self._stream.flush()
            self._width = len(shown)

    def clear(self) -> None:
        """Remove the line, before something else is written."""
        with self._lock:
            self._label = ""
            if self._width:
                self._stream.write("\r" + " " * self._width + "\r")
                self._stream.flush()
                self._width = 0

    def _count(self) -> str:
        """How far it is, with a bar where the end is known or guessed."""
        total, about = (self._total, "") if self._total else (self._guesses.get(self._label), "about ")
        if total and self._done <= total:
            filled = _BAR * self._done // total
            return f"[{'#' * filled}{'.' * (_BAR - filled)}] {self._done:,} of {about}{total:,}, "
        return f"{self._done:,}, " if self._done else ""

    def _end_phase(self) -> None:
        if self._label and self._total is None and self._done >= _LEAST_WORTH:
            self._ended[self._label] = self._done

    def _redraw(self) -> None:
        while not self._stop.wait(_REDRAW_SECONDS):
            self.draw()

    def _read_guesses(self) -> dict[str, int]:
        known = read_record(PhaseCounts, self._remembered) if self._remembered is not None else None
        return known.counts if known else {}

    def _remember(self) -> None:
        counts = {**self._guesses, **self._ended}
        if self._remembered is None or counts == self._guesses or not self._remembered.parent.is_dir():
            return
        try:
            write_record(self._remembered, PhaseCounts(counts))
        except StateUnusable:
            return  # a guess for the next run is not worth an error
