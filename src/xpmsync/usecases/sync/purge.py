"""Purging: the values that past runs replaced are kept only as long as undo may need them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from xpmsync.errors import StateUnusable
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.files import remove_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import stamp

__all__ = ["purge_values"]


def purge_values(ledger: Ledger, paths: ProfilePaths, clock: Clock, days: int) -> int:
    """Delete the old and new texts of writes older than that many days; returns of how many fields.

    The last plan that a guard stopped contains such texts, too, and is deleted with
    them; while another program has it open (Windows) it stays until the next time.
    """
    with suppress(StateUnusable):
        remove_file(paths.stopped_plan)
    return ledger.journal.purge_values(stamp(clock.now() - timedelta(days=days)))
