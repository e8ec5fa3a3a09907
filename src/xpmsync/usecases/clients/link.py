"""Links made by hand or by a match, levels, to-dos and exceptions: what a person decides about one client.

Each linking is a run that can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from xpmsync.core.catalogue import names
from xpmsync.core.diff.filters import WHOLE_CLIENT
from xpmsync.core.enums import Level
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.ports.store import Store
from xpmsync.errors import ClientNotFound, LinkConflict, NothingToUndo, SeveralClients, UsageError
from xpmsync.local.ledger.ledger import FieldException, Ledger, Todo
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.usecases.context.context import SyncContext, repaired_id
from xpmsync.usecases.context.resolve import resolve_client, resolve_link, resolve_links, same_name
from xpmsync.usecases.sync.guard import require_practice


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


_FIELDS: Final = (*names(), "client", "contact")


def split_field(words: Sequence[str]) -> tuple[str, str]:
    """A client's name or id typed in several words, and the field after it, empty where the last word is none."""
    if len(words) > 1 and words[-1] in _FIELDS:
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""


def check_field(field: str) -> None:
    """Raise `UsageError` for a text that names no field; empty is everything about a client."""
    if field and field not in _FIELDS:
        near = get_close_matches(field.lower(), _FIELDS, n=3, cutoff=0.5)
        hint = f"The nearest are {', '.join(near)}. " if near else ""
        raise UsageError(f"There is no field {field!r}.", f"{hint}The fields are {', '.join(_FIELDS)}.")


def resolve_with_field(links: Sequence[Link], client: str, field: str, stores: Sequence[Store] = ()) -> Link:
    """The linked client that is meant by what `split_field` returned.

    Raises `ClientNotFound` and `SeveralClients`, and `UsageError` where all words but the last name a client: then
    the last one was to be a field, and is none.
    """
    try:
        return resolve_link(links, client, stores)
    except ClientNotFound:
        name, _, last = client.rpartition(" ")
        if not field and name and _names_a_client(links, name, stores):
            check_field(last)
        raise


def _names_a_client(links: Sequence[Link], text: str, stores: Sequence[Store]) -> bool:
    try:
        resolve_link(links, text, stores)
    except SeveralClients:
        return True
    except ClientNotFound:
        return False
    return True


def add_exception(ledger: Ledger, client: str, field: str, note: str, now: str) -> tuple[Link, FieldException]:
    """Leave a linked client's field alone from now on, or all of the client where no field is named.

    Raises `UsageError` for an unknown field or an empty note, `ClientNotFound`, `SeveralClients`.
    """
    check_field(field)
    if not note.strip():
        raise UsageError("The note is empty.", "Say in a few words why: --note TEXT")
    link = resolve_with_field(ledger.links(), client, field)
    with ledger.transaction():
        ledger.exceptions.add(link.ref, field, note.strip(), now)
    return link, FieldException(link.xpm_id, field, link.name, note.strip(), now)


def remove_exceptions(ledger: Ledger, client: str, field: str) -> tuple[FieldException, ...]:
    """Remove a client's exception for a field, or all of its exceptions where no field is named.

    Returns those that were removed, none where there was none. The client may be unlinked by now.
    Raises `UsageError` for an unknown field, `ClientNotFound`, `SeveralClients`.
    """
    check_field(field)
    ref = _resolve(ledger, client, field)
    removed = tuple(
        exception
        for exception in ledger.exceptions.all()
        if exception.xpm_id == ref.xpm_id and field in (WHOLE_CLIENT, exception.field)
    )
    with ledger.transaction():
        for exception in removed:
            ledger.exceptions.remove(exception)
    return removed


def _resolve(ledger: Ledger, client: str, field: str) -> ClientRef:
    try:
        return resolve_with_field(ledger.links(), client, field).ref
    except ClientNotFound:
        unlinked = {
            exception.xpm_id: exception.name
            for exception in ledger.exceptions.all()
            if exception.xpm_id == client.strip().lower() or same_name(exception.name, client)
        }
        if len(unlinked) > 1:
            raise SeveralClients(client, None, list(unlinked)) from None
        for xpm_id, name in unlinked.items():
            return ClientRef(xpm_id, "", name)
        raise
