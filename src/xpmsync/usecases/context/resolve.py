"""Which client, or which run, a person means by what they typed.

One order for every command: the id in either system, the client number, the exact
name, the name as the matcher folds it, then parts of the name in any order. A name
without its legal form is a part: "Parata" may be a trust, a company or a couple.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_search import fits_name, fragments, nearest_names, read_query, same_words
from xpmsync.core.model import Client, Link
from xpmsync.core.ports.store import Store
from xpmsync.core.text import normalise
from xpmsync.errors import ClientNotFound, RunNotFound, SeveralClients, UsageError
from xpmsync.local.ledger.ledger import Ledger

LAST: Final = "last"
"""The word for the newest run."""
_MOST_RUNS: Final = 1000
"""How far back the newest run that wrote something is looked for."""


def resolve_links(links: Sequence[Link], wanted: Sequence[str], stores: Sequence[Store] = ()) -> Sequence[Link]:
    """The links of the clients that were named; all of them where none is named.

    Words without quotes may be one name: they are joined where they do not name a
    client each by id, number or exact name, and a client fits all of them.
    """
    if not wanted:
        return links
    if len(wanted) > 1 and not all(_exactly(links, text) for text in wanted):
        whole = " ".join(wanted)
        if _by_id_or_name(links, whole):
            return [resolve_link(links, whole)]
    chosen = {(link := resolve_link(links, text, stores)).xpm_id: link for text in wanted}
    return list(chosen.values())


def resolve_link(links: Sequence[Link], wanted: str, stores: Sequence[Store] = ()) -> Link:
    """The one link meant; raises `ClientNotFound` or `SeveralClients`.

    `stores` are asked for a client number, which a link does not hold.
    """
    hits = _by_id_or_name(links, wanted) or _by_number(links, wanted, stores)
    if not hits:
        raise ClientNotFound(wanted, None, nearest_names(wanted, [link.name for link in links]))
    if len(hits) > 1:
        raise SeveralClients(wanted, None, [link.xpm_id for link in hits], [link.name for link in hits])
    return hits[0]


def resolve_client(store: Store, wanted: str) -> Client:
    """The one client of a system that is meant, read in full.

    Raises `ClientNotFound` or `SeveralClients` (its `ids` let a person choose).
    """
    text = wanted.strip()
    if not text:
        raise ClientNotFound(wanted, store.system)
    if (client := store.get(text)) is not None:
        return client
    clients = list(search_store(store, text))
    hits = (
        [client for client in clients if client.number.casefold() == text.casefold()]
        or [client for client in clients if same_name(client.name, text)]
        or [client for client in clients if _means(client.name, text)]
        or [client for client in clients if fits_name(read_query(text), client.name)]
    )
    if not hits:
        raise ClientNotFound(wanted, store.system, nearest_names(wanted, [client.name for client in clients]))
    if len(hits) > 1:
        ids, names = [client.id for client in hits], [_with_city(client) for client in hits]
        raise SeveralClients(wanted, store.system, ids, names)
    return store.get(hits[0].id) or hits[0]


def _with_city(client: Client) -> str:
    """The name with what distinguishes namesakes."""
    return f"{client.name}, {client.city}" if client.city else client.name


def join_words(store: Store, words: Sequence[str]) -> Sequence[str]:
    """Several words as the clients they name: one name without quotes where a client fits all of them.

    Raises `ClientNotFound` for all of them together where no word is a client's name either.
    """
    if len(words) < 2 or all(len(word) == 36 and word.count("-") == 4 for word in words):
        return words
    whole = " ".join(words)
    try:
        resolve_client(store, whole)
    except ClientNotFound:
        if any(" " in word or _names_one(store, word) for word in words):
            return words
        raise
    except SeveralClients:
        pass
    return [whole]


def _names_one(store: Store, text: str) -> bool:
    """By id, number or whole name: a part such as a legal form fits too much."""
    try:
        client = resolve_client(store, text)
    except (ClientNotFound, SeveralClients):
        return False
    return text.casefold() in (client.id.casefold(), client.number.casefold()) or same_words(client.name, text)


def search_store(store: Store, text: str) -> Iterator[Client]:
    """The clients that a system finds; where it finds none, those that fit of what it finds for parts of the text."""
    found = False
    for client in store.search(text):
        found = True
        yield client
    query = read_query(text)
    for fragment in fragments(query):
        if found:
            return
        for client in store.search(fragment):
            if fits_name(query, client.name):
                found = True
                yield client


def resolve_run(ledger: Ledger, wanted: str, *, wrote: bool = False) -> int:
    """The number of the run that is meant; raises `RunNotFound` and `UsageError`.

    `last` is the newest run, with `wrote` the newest that wrote or linked something.
    """
    if wanted.strip().casefold() != LAST:
        if not wanted.strip().isdecimal() or not int(wanted):
            raise UsageError(f"{wanted!r} is no run.", f"Give the number of a run, or {LAST!r} for the newest.")
        return int(wanted)
    linked = ledger.run_links.newest() if wrote else 0
    for run in ledger.journal.runs(_MOST_RUNS if wrote else 1):
        if not wrote or run.id == linked or ledger.journal.writes(run.id):
            return run.id
    raise RunNotFound(0)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals and blanks."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name without regard to capitals and blanks."""
    return " ".join(normalise(FieldKind.TEXT, name).casefold().split())


def _means(name: str, wanted: str) -> bool:
    """Whether a text is the whole name in another spelling; without the name's legal form it is a part of it."""
    stated = read_query(wanted).form is not Form.UNSTATED or read_query(name).form is Form.UNSTATED
    return stated and same_words(name, wanted)


def _exactly(links: Sequence[Link], wanted: str) -> list[Link]:
    """By id or number, else by exact name."""
    text = wanted.strip().casefold()
    by_id = [link for link in links if text in (link.xpm_id.casefold(), link.ignition_id.casefold())]
    by_number = [link for link in links if text and text == link.xpm_number.casefold()]
    return by_id or by_number or [link for link in links if same_name(link.name, wanted)]


def _by_id_or_name(links: Sequence[Link], wanted: str) -> list[Link]:
    query = read_query(wanted)
    return (
        _exactly(links, wanted)
        or [link for link in links if _means(link.name, wanted)]
        or [link for link in links if fits_name(query, link.name)]
    )


def _by_number(links: Sequence[Link], wanted: str, stores: Sequence[Store]) -> list[Link]:
    """By the client number that either system shows."""
    text = wanted.strip()
    if not any(character.isdigit() for character in text):
        return []
    for store in stores:
        ids = {client.id for client in store.search(text) if client.number.casefold() == text.casefold()}
        if hits := [link for link in links if {link.xpm_id, link.ignition_id} & ids]:
            return hits
    return []
