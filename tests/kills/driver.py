"""A process that runs xpmsync and is killed on the way: started by `scenes.py`, once for each kill.

    python driver.py ROUTE POINT NTH ARGUMENTS...

POINT names an instruction of the real program (see `set_trap`); at its NTH passage
the process kills itself with SIGKILL: nothing is flushed, no handler runs. `none`
never does.
`disk-full` lets no file grow beyond NTH bytes, as the kernel does on a full disk.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

from xpmsync.cli.main import run
from xpmsync.usecases import opening
from xpmsync.xpm.store import XPM_CAPABILITIES

WRITES: Final = ("update", "add_contact", "update_contact", "create")
STORES: Final = {
    "builtin": ("xpmsync.ignition.builtin", "BuiltinStore"),
    "csv": ("xpmsync.ignition.csv_store", "CsvStore"),
    "mcp": ("xpmsync.ignition.mcp_store", "McpStore"),
}
NO_LIMIT: Final = 10**6
"""Calls a minute and an hour. The limits have tests of their own; waiting for them here would take hours."""


def main() -> int:
    """Set the trap and run the command line."""
    route, point, nth, *arguments = sys.argv[1:]
    vars(opening)["XPM_CAPABILITIES"] = replace(XPM_CAPABILITIES, calls_a_minute=NO_LIMIT)
    if route == "mcp":
        calls = import_module("xpmsync.ignition.mcp_calls")
        vars(calls).update(CALLS_A_MINUTE=NO_LIMIT, CALLS_AN_HOUR=NO_LIMIT)
    set_trap(route, point, int(nth))
    return run(arguments)


def set_trap(route: str, point: str, nth: int) -> None:
    """Make the process die at that point."""
    trap = Trap(nth)
    match point:
        case "none":
            pass
        case "disk-full":
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (nth, nth))
        case "before-intent":
            trap.set("xpmsync.local.journal", "Journal", "intend", before=True)
        case "after-intent":
            trap.set("xpmsync.local.journal", "Journal", "intend")
        case "write-arrived":
            for module, store in (("xpmsync.xpm.store", "XpmStore"), STORES[route]):
                for name in WRITES:
                    trap.set(module, store, name)
        case "before-done":
            trap.set("xpmsync.local.journal", "Journal", "close", before=True)
        case "after-done":
            trap.set("xpmsync.local.journal", "Journal", "close")
        case "remembering":
            trap.set("xpmsync.local.ledger", "Ledger", "remember")
        case "run-ending":
            trap.set("xpmsync.local.journal", "Journal", "end", before=True)
        case "linking":
            trap.set("xpmsync.local.ledger", "Ledger", "add_link", before=True)
        case "file-written":
            trap.set("xpmsync.ignition.csv_outbox", "", "write_private")
        case "file-noted":
            trap.set("xpmsync.ignition.csv_upload", "Note", "keep")
        case "file-named":
            for module in ("xpmsync.ignition.csv_draft", "xpmsync.ignition.csv_outbox"):
                trap.set(module, "", "move_into_place")
        case _:
            raise SystemExit(f"no such point: {point}")


class Trap:
    """Counts passages of the trapped instructions and kills at the n-th."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def set(self, module: str, owner: str, name: str, *, before: bool = False) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
