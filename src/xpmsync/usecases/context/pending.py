"""What a run asks of a store whose writes take effect after a person's upload; nothing for other stores."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xpmsync.core.model import Link
from xpmsync.core.ports.store import DeferredStore, Notices
from xpmsync.core.ports.uploads import NOTHING_PENDING, PendingUploads
from xpmsync.usecases.context.context import SyncContext

__all__ = ["add_confirmed", "begin", "confirmed", "finish", "notices", "waiting"]


def begin(context: SyncContext) -> None:
    """Before a plan is made; raises where a plan made from this reading would do harm."""
    if isinstance(context.ignition, DeferredStore):
        context.ignition.begin()


def confirmed(context: SyncContext) -> tuple[Link, ...]:
    """Links for clients that were written for creation and that Ignition shows by now; not yet in the ledger."""
    if not isinstance(context.ignition, DeferredStore):
        return ()
    ledger, now = context.ledger, context.now()
    return tuple(
        Link(client.xpm_id, client.ignition_id, client.name, now)
        for client in context.ignition.confirmed()
        if ledger.link_of(client.xpm_id) is None and ledger.link_of(client.ignition_id) is None
    )


def add_confirmed(context: SyncContext, links: Sequence[Link]) -> None:
    """Keep those links, unless somebody linked either client meanwhile."""
    ledger = context.ledger
    if links:
        with ledger.transaction():
            for link in links:
                if ledger.link_of(link.xpm_id) is None and ledger.link_of(link.ignition_id) is None:
                    ledger.add_link(link)


def waiting(context: SyncContext) -> PendingUploads:
    """What waits for a person, nothing where writes take effect at once."""
    return context.ignition.waiting() if isinstance(context.ignition, DeferredStore) else NOTHING_PENDING


def finish(context: SyncContext, compared: Collection[str]) -> PendingUploads:
    """End a run that compared those Ignition clients; returns what a person does next."""
    if not isinstance(context.ignition, DeferredStore):
        return NOTHING_PENDING
    linked = {link.xpm_id: link.ignition_id for link in context.ledger.links()}
    return context.ignition.finish(linked=linked, compared=compared)


def notices(context: SyncContext) -> Sequence[str]:
    """What the route to Ignition reports about what it reads from."""
    return context.ignition.notices() if isinstance(context.ignition, Notices) else ()
