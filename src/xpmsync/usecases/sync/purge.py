"""Purging: the values that past runs replaced are kept only as long as undo may need them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from xpmsync.errors import StateUnusable
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.xpm import XpmRoute
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.files import remove_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.context.context import SyncContext, stamp

__all__ = ["expire_values", "purge_values"]

_TOLERANCE: Final = timedelta(days=1)
_SEEN: Final = "clock.seen"
_UNCONFIRMED: Final = "clock.unconfirmed"


def expire_values(context: SyncContext) -> timedelta | None:
    """Delete the old and new texts that undo no longer needs, by a clock that can be trusted.

    XPM's own time decides where this run has heard it; returns by how much this
    computer's clock is ahead of it, where that is more than a day, and deletes
    nothing then. Without it, a jump of more than a day since the last run must be
    confirmed by a second run.
    """
    ledger, now = context.ledger, context.clock.now()
    heard = context.xpm.as_of if context.settings.xpm.route is XpmRoute.API else None
    if heard is not None and now - heard > _TOLERANCE:
        return now - heard
    seen, unconfirmed = ledger.moment_fact(_SEEN), ledger.fact(_UNCONFIRMED) == "yes"
    jumped = heard is None and seen is not None and now - seen > _TOLERANCE and not unconfirmed
    with ledger.transaction():
        ledger.note(_SEEN, stamp(now))
        ledger.note(_UNCONFIRMED, "yes" if jumped else "no")
    if not jumped:
        purge_values(ledger, context.paths, context.clock, context.settings.history.keep_undo_days)
    return None


def purge_values(ledger: Ledger, paths: ProfilePaths, clock: Clock, days: int) -> int:
    """Delete the old and new texts of writes older than that many days; returns of how many fields.

    The last plan that a guard stopped contains such texts, too, and is deleted with
    them; while another program has it open (Windows) it stays until the next time.
    """
    with suppress(StateUnusable):
        remove_file(paths.stopped_plan)
    return ledger.journal.purge_values(stamp(clock.now() - timedelta(days=days)))
