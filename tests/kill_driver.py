"""A process that syncs and is killed: run by `test_killed.py`, once for each kill.

    python kill_driver.py POINT NTH ARGUMENTS...

POINT names an instruction of the real program (below); at its NTH passage the
process kills itself with SIGKILL, as a power cut would: nothing is flushed, no
handler runs. `none` never does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xpmsync.cli.main import run
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.local.journal import Journal
from xpmsync.local.ledger import Ledger
from xpmsync.usecases import opening
from xpmsync.xpm.store import XPM_CAPABILITIES, XpmStore

WRITES = ("update", "add_contact", "update_contact", "create")


def main() -> int:
    """Set the trap and run the command line."""
    point, nth, *arguments = sys.argv[1:]
    # The minute's limit has tests of its own; waiting for it here would take hours.
    vars(opening)["XPM_CAPABILITIES"] = replace(XPM_CAPABILITIES, calls_a_minute=10**6)
    trap = Trap(int(nth))
    match point:
        case "before-intent":
            trap.set(Journal, "intend", before=True)
        case "after-intent":
            trap.set(Journal, "intend", before=False)
        case "write-arrived":
            for store in (XpmStore, BuiltinStore):
                for name in WRITES:
                    if hasattr(store, name):
                        trap.set(store, name, before=False)
        case "before-done":
            trap.set(Journal, "close", before=True)
        case "after-done":
            trap.set(Journal, "close", before=False)
        case "remembering":
            trap.set(Ledger, "remember", before=False)
        case "run-ending":
            trap.set(Journal, "end", before=True)
        case _:
            pass
    return run(arguments)


class Trap:
    """Counts passages of the trapped instructions and kills at the n-th."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def set(self, owner: type, name: str, *, before: bool) -> None:
        """Trap a method, before or after it does its work."""
        real: Callable[..., Any] = getattr(owner, name)

        def trapped(*arguments: Any, **named: Any) -> Any:
            if before:
                self._pass()
            result = real(*arguments, **named)
            if not before:
                self._pass()
            return result

        setattr(owner, name, trapped)

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
