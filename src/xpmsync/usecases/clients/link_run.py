"""Linking as a run: it is in the history with its pairs, and can be undone as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xpmsync.core.model import ClientRef, Link
from xpmsync.errors import NothingToUndo
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.resolve import resolve_links

__all__ = ["LinkRun", "UndoneLinks", "plan_undo_links", "undo_links"]


class LinkRun:
    """One command that links clients; it enters its run with the first link."""

    def __init__(self, context: SyncContext, command: str) -> None:
        self.id = 0
        self._context = context
        self._command = command
        self._links = 0

    def link(self, links: Sequence[Link]) -> None:
        """Link all these pairs and note them; raises `LinkConflict`, and then links none of them."""
        if not links:
            return
        context = self._context
        ledger, sync = context.ledger, context.settings.sync
        with ledger.transaction():
            for link in links:
                ledger.add_link(link)
            run = self.id or ledger.journal.begin(self._command, sync.direction, sync.level, context.now())
            for link in links:
                ledger.run_links.add(run, link.ref)
            number = self._links + len(links)
            ledger.journal.end(run, RunOutcome.DONE, {"linked": number}, context.now())
        self.id, self._links = run, number


@dataclass(frozen=True, slots=True)
class UndoneLinks:
    """The links of a run: those to remove or removed, and those that are no longer there."""

    linked: tuple[Link, ...]
    gone: tuple[ClientRef, ...]


def plan_undo_links(ledger: Ledger, run: int, clients: Sequence[str]) -> UndoneLinks | None:
    """What undoing a run's links would remove, for all clients or those named; None for a run that linked nobody.

    Raises `NothingToUndo` where the run linked none of the named clients, `ClientNotFound` and `SeveralClients`.
    """
    pairs = ledger.run_links.of(run)
    if not pairs:
        return None
    if clients:
        wanted = {link.xpm_id for link in resolve_links(ledger.links(), clients)}
        pairs = [pair for pair in pairs if pair.xpm_id in wanted]
        if not pairs:
            raise NothingToUndo(run, clients)
    present = {pair: ledger.link_of(pair.xpm_id) for pair in pairs}
    linked = {pair: link for pair, link in present.items() if link and link.ignition_id == pair.ignition_id}
    return UndoneLinks(tuple(linked.values()), tuple(pair for pair in pairs if pair not in linked))


def undo_links(context: SyncContext, undone: UndoneLinks, run: int) -> int:
    """Remove the links, as a run of its own whose number is returned; both systems stay as they are."""
    ledger, sync = context.ledger, context.settings.sync
    with ledger.transaction():
        number = ledger.journal.begin("undo", sync.direction, sync.level, context.now(), undoes=run)
        for link in undone.linked:
            ledger.remove_link(link)
        counts = {"unlinked": len(undone.linked)}
        ledger.journal.end(number, RunOutcome.DONE, counts, context.now())
    return number
