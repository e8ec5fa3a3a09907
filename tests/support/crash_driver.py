"""What runs in a process that is killed on the way: `crash_scenarios.py` starts it, once for each kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

from xpmsync.cli.main import run
from xpmsync.core.enums import System
from xpmsync.local.net.rate_limit import LIMITS, Allowance

WRITES: Final = ("update", "add_contact", "update_contact", "create")
STORES: Final = {
    "builtin": ("xpmsync.ignition.builtin", "BuiltinStore"),
    "csv": ("xpmsync.ignition.csv.store", "CsvStore"),
    "mcp": ("xpmsync.ignition.mcp.store", "McpStore"),
    "xpm-files": ("xpmsync.xpm.files.store", "XpmFilesStore"),
}
NO_LIMIT: Final = 10**6
"""Calls a minute and an hour. The limits have tests of their own; waiting for them here would take hours."""


def run_trapped(route: str, point: str, nth: int, *arguments: str) -> int:
    """Run the command line in this process, which kills itself at the `nth` passage of a point.

    `point` names an instruction of the real program (see `POINTS`); SIGKILL flushes
    nothing and runs no handler. `none` never kills. `disk-full` lets no file grow
    beyond `nth` bytes, as the kernel does on a full disk.
    """
    set_trap(route, point, nth)
    with limits_lifted():
        return run(arguments)


@contextmanager
def limits_lifted() -> Iterator[None]:
    """No call waits for a rate limit, on any route."""
    no_limit = dict.fromkeys(System, Allowance(a_minute=NO_LIMIT))
    with patch.dict(LIMITS, no_limit):
        yield


JOURNAL: Final = ("xpmsync.local.ledger.journal", "Journal")
LEDGER: Final = ("xpmsync.local.ledger.ledger", "Ledger")
POINTS: Final[Mapping[str, Sequence[tuple[str, str, str, bool]]]] = {
    "before-intent": [(*JOURNAL, "intend", True)],
    "after-intent": [(*JOURNAL, "intend", False)],
    "before-done": [(*JOURNAL, "close", True)],
    "after-done": [(*JOURNAL, "close", False)],
    "run-ending": [(*JOURNAL, "end", True)],
    "remembering": [(*LEDGER, "remember", False)],
    "linking": [(*LEDGER, "add_link", True)],
    "file-written": [("xpmsync.csv_files.uploads", "", "write_private", False)],
    "uploads-kept-before": [("xpmsync.csv_files.uploads", "UploadNote", "keep", True)],
    "file-noted": [("xpmsync.csv_files.uploads", "UploadNote", "keep", False)],
    "file-named": [("xpmsync.csv_files.uploads", "", "move_into_place", False)],
}
"""The instructions of each point: module, class where it is a method, name, and whether before it does its work."""


def set_trap(route: str, point: str, nth: int) -> None:
    """Make the process die at that point."""
    if point == "none":
        return
    if point == "disk-full":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (nth, nth))
        return
    writes = [
        (*store, name, False) for store in (("xpmsync.xpm.api.store", "XpmStore"), STORES[route]) for name in WRITES
    ]
    trap = Trap(nth)
    for module, owner, name, before in writes if point == "write-arrived" else POINTS[point]:
        trap.set(module, owner, name, before=before)


class Trap:
    """Counts passages of the trapped instructions and kills at the n-th."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def set(self, module: str, owner: str, name: str, *, before: bool) -> None:
        """Trap a method of a class, or a function of a module, before or after it does its work."""
        place: Any = import_module(module)
        if owner:
            place = getattr(place, owner)
        if not hasattr(place, name):
            return
        real: Callable[..., Any] = getattr(place, name)

        def trapped(*arguments: Any, **named: Any) -> Any:
            if before:
                self._pass()
            result = real(*arguments, **named)
            if not before:
                self._pass()
            return result

        setattr(place, name, trapped)

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
