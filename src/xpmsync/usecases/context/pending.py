"""Stores whose writes take effect after a person's upload: what a run asks of them, and nothing of the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xpmsync.core.model import Link
from xpmsync.core.ports.store import HandsOver, Remarks
from xpmsync.core.ports.uploads import NOTHING_WAITS, Handover
from xpmsync.usecases.context.context import Practice

__all__ = ["add_arrived", "arrived", "begin", "finish", "remarks", "waiting"]


def begin(practice: Practice) -> None:
    """Before a plan is made; raises where a plan made from this reading would do harm."""
    if isinstance(practice.ignition, HandsOver):
        practice.ignition.begin()


def arrived(practice: Practice) -> tuple[Link, ...]:
    """Links for clients that were handed over for creation and that Ignition shows by now; not yet in the ledger."""
    if not isinstance(practice.ignition, HandsOver):
        return ()
    ledger, now = practice.ledger, practice.now()
    return tuple(
        Link(one.xpm_id, one.ignition_id, one.name, now)
        for one in practice.ignition.arrived()
        if ledger.link_of(one.xpm_id) is None and ledger.link_of(one.ignition_id) is None
    )


def add_arrived(practice: Practice, links: Sequence[Link]) -> None:
    """Keep those links, unless somebody linked either client meanwhile."""
    ledger = practice.ledger
    if links:
        with ledger.transaction():
            for link in links:
                if ledger.link_of(link.xpm_id) is None and ledger.link_of(link.ignition_id) is None:
                    ledger.add_link(link)


def waiting(practice: Practice) -> Handover:
    """What waits for a person, nothing where writes take effect at once."""
    return practice.ignition.waiting() if isinstance(practice.ignition, HandsOver) else NOTHING_WAITS


def finish(practice: Practice, compared: Collection[str]) -> Handover:
    """End a run that compared those Ignition clients; returns what a person does next."""
    if not isinstance(practice.ignition, HandsOver):
        return NOTHING_WAITS
    linked = {link.xpm_id: link.ignition_id for link in practice.ledger.links()}
    return practice.ignition.finish(linked=linked, compared=compared)


def remarks(practice: Practice) -> Sequence[str]:
    """What the way to Ignition has to say about what it reads from."""
    return practice.ignition.remarks() if isinstance(practice.ignition, Remarks) else ()
