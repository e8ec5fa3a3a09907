"""Which client does a person mean: by id, by number, or by exact name."""

from __future__ import annotations

from collections.abc import Sequence

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.model import Client, Link
from xpmsync.core.ports.store import Store
from xpmsync.core.text import normalise
from xpmsync.errors import ClientNotFound, SeveralClients

__all__ = ["folded", "resolve_client", "resolve_link", "resolve_links", "same_name"]


def resolve_links(links: Sequence[Link], wanted: Sequence[str]) -> Sequence[Link]:
    """The links of the clients named by either id or exact name; all of them where none is named."""
    if not wanted:
        return links
    chosen = {(link := resolve_link(links, one)).xpm_id: link for one in wanted}
    return list(chosen.values())


def resolve_link(links: Sequence[Link], wanted: str) -> Link:
    """The one link meant; raises `ClientNotFound` or `SeveralClients`."""
    by_id = [link for link in links if wanted.strip().lower() in (link.xpm_id, link.ignition_id.lower())]
    found = by_id or [link for link in links if same_name(link.name, wanted)]
    if not found:
        raise ClientNotFound(wanted)
    if len(found) > 1:
        raise SeveralClients(wanted, None, [link.xpm_id for link in found])
    return found[0]


def resolve_client(store: Store, wanted: str) -> Client:
    """The one client of a system meant by its id or its exact name, read in full.

    Raises `ClientNotFound` or `SeveralClients` (its `ids` let a person choose).
    """
    if not wanted.strip():
        raise ClientNotFound(wanted, store.system)
    if (client := store.get(wanted.strip())) is not None:
        return client
    found = [client for client in store.search(wanted) if same_name(client.name, wanted)]
    if not found:
        raise ClientNotFound(wanted, store.system)
    if len(found) > 1:
        raise SeveralClients(wanted, store.system, [client.id for client in found])
    return store.get(found[0].id) or found[0]


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals and blanks."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name without regard to capitals and blanks."""
    return " ".join(normalise(FieldKind.TEXT, name).casefold().split())
