"""Ctrl-C while writing: the first finishes the write in hand, the second stops at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["stoppable"]


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether a stop was asked for; the former signal handlers come back at the end."""
    asked = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        sys.stderr.write("\nFinishing the write in hand. Press Ctrl-C again to stop at once.\n")

    # Task Scheduler and cron ask with SIGTERM (Windows: SIGBREAK) what a person asks with Ctrl-C.
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    former = {name: signal.signal(getattr(signal, name), ask) for name in names}
    try:
        yield asked.is_set
    finally:
        for name, handler in former.items():
            signal.signal(getattr(signal, name), handler)
