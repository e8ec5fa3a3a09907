"""Fewer runs of Python's garbage collector while thousands of records are read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["infrequent_gc"]

_THRESHOLDS: Final = (500_000, 20, 20)


@contextmanager
def infrequent_gc() -> Iterator[None]:
    """Run the collector less often: records are trees, which reference counts free without it.

    With the default thresholds it traverses all records again and again, a third of
    the time of reading 15,000 clients (`tests/bench/reading.py`). A practice's files
    make some 250,000 objects that stay.
    """
    former = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*former)
