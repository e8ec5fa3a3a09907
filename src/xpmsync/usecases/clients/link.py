"""Links by hand: make one, undo one, list them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xpmsync.core.enums import Level
from xpmsync.core.model import Link
from xpmsync.errors import LinkConflict, SeveralClients
from xpmsync.local.ledger.ledger import Ledger, Todo
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.resolve import resolve_client, resolve_link, same_name

__all__ = ["Linked", "link", "mark_done", "set_level", "unlink"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and whether it was there already."""

    link: Link
    was_there: bool = False


def link(context: SyncContext, xpm_client: str, ignition_client: str) -> Linked:
    """Link two existing clients, each meant by id or exact name.

    Nothing is written to either system; the next sync shows what differs. Raises
    `LinkConflict` where one of them is linked to another client.
    """
    xpm = resolve_client(context.xpm, xpm_client)
    ignition = resolve_client(context.ignition, ignition_client)
    made = Link(xpm.id, ignition.id, xpm.name, context.now(), xpm_number=xpm.number)
    try:
        context.ledger.add_link(made)
    except LinkConflict:
        present = context.ledger.link_of(xpm.id)
        if present is None or present.ignition_id != ignition.id:
            raise
        return Linked(present, was_there=True)
    return Linked(made)


def set_level(ledger: Ledger, client: str, level: Level | None) -> Link:
    """Give a linked client a level of its own, None for the profile's. Raises `ClientNotFound`, `SeveralClients`."""
    present = resolve_link(ledger.links(), client)
    ledger.set_level(present, level)
    return replace(present, level=level)


def mark_done(ledger: Ledger, client: str) -> Todo | None:
    """A person linked a created client to XPM in Ignition's screens; named by XPM id, number or exact name.

    None where nothing like it was left to do. Raises `SeveralClients`.
    """
    wanted = client.strip()
    todo = ledger.todo.all()
    found = [one for one in todo if wanted.casefold() in (one.xpm_id.casefold(), one.xpm_number.casefold())]
    found = found or [one for one in todo if same_name(one.name, wanted)]
    if not found:
        return None
    if len(found) > 1:
        raise SeveralClients(wanted, None, [one.xpm_id for one in found])
    ledger.todo.done(found[0].xpm_id)
    return found[0]


def unlink(ledger: Ledger, client: str) -> Link:
    """Forget a link; both records stay as they are. Raises `ClientNotFound` or `SeveralClients`."""
    present = resolve_link(ledger.links(), client)
    ledger.remove_link(present)
    return present
