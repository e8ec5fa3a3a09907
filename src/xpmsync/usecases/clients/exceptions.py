"""Exceptions: a person makes a sync leave a client, or one of its fields, alone."""

from __future__ import annotations

from collections.abc import Sequence

from xpmsync.core.catalogue import names
from xpmsync.core.diff.exceptions import WHOLE_CLIENT
from xpmsync.core.model import ClientRef, Link
from xpmsync.errors import ClientNotFound, SeveralClients, UsageError
from xpmsync.local.ledger.exceptions import FieldException
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.usecases.context.resolve import resolve_link, same_name

__all__ = ["add_exception", "check_field", "remove_exceptions", "split_field"]


def split_field(words: Sequence[str]) -> tuple[str, str]:
    """A client's name or id typed in several words, and the field after it, empty where the last word is none."""
    if len(words) > 1 and words[-1] in (*names(), "client", "contact"):
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""


def check_field(field: str) -> None:
    """Raise `UsageError` for a text that names no field; empty is everything about a client."""
    known = (*names(), "client", "contact")
    if field and field not in known:
        raise UsageError(f"There is no field {field!r}.", f"The fields are {', '.join(known)}.")


def add_exception(ledger: Ledger, client: str, field: str, note: str, now: str) -> tuple[Link, FieldException]:
    """Leave a linked client's field alone from now on, or all of the client where no field is named.

    Raises `UsageError` for an unknown field or an empty note, `ClientNotFound`, `SeveralClients`.
    """
    check_field(field)
    if not note.strip():
        raise UsageError("The note is empty.", "Say in a few words why: --note TEXT")
    link = resolve_link(ledger.links(), client)
    with ledger.transaction():
        ledger.exceptions.add(link.ref, field, note.strip(), now)
    return link, FieldException(link.xpm_id, field, link.name, note.strip(), now)


def remove_exceptions(ledger: Ledger, client: str, field: str) -> tuple[FieldException, ...]:
    """Remove a client's exception for a field, or all of its exceptions where no field is named.

    Returns those that were removed, none where there was none. The client may be unlinked by now.
    Raises `UsageError` for an unknown field, `ClientNotFound`, `SeveralClients`.
    """
    check_field(field)
    ref = _resolve(ledger, client)
    removed = tuple(
        exception
        for exception in ledger.exceptions.all()
        if exception.xpm_id == ref.xpm_id and field in (WHOLE_CLIENT, exception.field)
    )
    with ledger.transaction():
        for exception in removed:
            ledger.exceptions.remove(exception)
    return removed


def _resolve(ledger: Ledger, client: str) -> ClientRef:
    try:
        return resolve_link(ledger.links(), client).ref
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
