"""Exceptions: a person makes a sync leave a client, or one of its fields, alone."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from xpmsync.core.catalogue import names
from xpmsync.core.diff.exceptions import WHOLE_CLIENT
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.ports.store import Store
from xpmsync.errors import ClientNotFound, SeveralClients, UsageError
from xpmsync.local.ledger.exceptions import FieldException
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.usecases.context.resolve import resolve_link, same_name

__all__ = ["add_exception", "check_field", "remove_exceptions", "resolve_with_field", "split_field"]

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
