"""Links made by hand: add, remove, level, to-dos."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xpmsync.core.enums import Level
from xpmsync.core.model import Link
from xpmsync.errors import LinkConflict, SeveralClients
from xpmsync.local.ledger.ledger import Ledger, Todo
from xpmsync.usecases.clients.link_run import LinkRun
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.pending import repaired_id
from xpmsync.usecases.context.resolve import resolve_client, resolve_link, same_name
from xpmsync.usecases.sync.guard import require_practice

__all__ = ["Linked", "link", "mark_done", "set_level", "unlink"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and whether it existed already."""

    link: Link
    was_there: bool = False


def link(context: SyncContext, xpm_client: str, ignition_client: str) -> Linked:
    """Link two existing clients, each given by id or exact name.

    Nothing is written to either system; the next sync shows what differs. Raises
    `LinkConflict` where one of them is linked to another client.
    """
    xpm = resolve_client(context.xpm, xpm_client)
    ignition = resolve_client(context.ignition, ignition_client)
    require_practice(context)
    made = Link(xpm.id, ignition.id, xpm.name, context.now(), xpm_number=xpm.number)
    try:
        LinkRun(context, "link").link([made])
    except LinkConflict:
        present = context.ledger.link_of(xpm.id)
        if present is not None and present.ignition_id != repaired_id(present.ignition_id) == ignition.id:
            return Linked(context.ledger.correct_ignition_id(present, ignition.id))
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
    """Remove the to-do of a created client, given by XPM id, number or exact name.

    None where no to-do matches. Raises `SeveralClients`.
    """
    wanted = client.strip()
    todo = ledger.todo.all()
    matches = [entry for entry in todo if wanted.casefold() in (entry.xpm_id.casefold(), entry.xpm_number.casefold())]
    matches = matches or [entry for entry in todo if same_name(entry.name, wanted)]
    if len(matches) > 1:
        raise SeveralClients(wanted, None, [entry.xpm_id for entry in matches])
    for entry in matches:
        ledger.todo.done(entry.xpm_id)
    return matches[0] if matches else None


def unlink(ledger: Ledger, client: str) -> Link:
    """Remove a link; both records stay as they are. Raises `ClientNotFound` or `SeveralClients`."""
    present = resolve_link(ledger.links(), client)
    ledger.remove_link(present)
    return present
