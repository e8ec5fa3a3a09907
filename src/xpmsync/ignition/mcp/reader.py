"""`list_clients` page by page to its very end, however the server counts pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.errors import Rejected, RouteUnfit, UnusableAnswer
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Arguments, Json, put_id, unfit
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.field_map import Toolbox
from xpmsync.ignition.mcp.observed_fields import ObservedFields
from xpmsync.ignition.mcp.records import McpRecord, read_client, scalar
from xpmsync.ignition.mcp.responses import folded, levels, record_of, records_of
from xpmsync.ignition.mcp.schema import JsonObject, Property, Tool, as_object, fold
from xpmsync.ignition.mcp.synonyms import Words

__all__ = ["McpReader", "Page", "every_client", "matching_clients"]

Page = list[JsonObject]
"""The records of one answer that no earlier one had."""

_PAGE: Final = 100
"""Clients asked for at once where the server does not say how many it gives."""
_LARGEST_PAGE: Final = 500


def every_client(calls: McpCalls, tool: Tool) -> Iterator[Page]:
    """Yield every client once, in whatever state, by pages; raises `UnusableAnswer` where the list ends early."""
    filters, left = _states(tool.input)
    seen: set[str] = set()
    states: set[str] = set()
    for page in _pages(calls, tool, filters, seen):
        states.update(fold(scalar(folded(raw), synonyms.STATE)) for raw in page)
        yield page
    for state in left:
        # A list may leave out the archived by itself; a state that did not show is asked for by name.
        if fold(state) not in states:
            prop = tool.input.find(synonyms.STATES)
            yield from _pages(calls, tool, {prop.name: state} if prop else {}, seen)


def matching_clients(calls: McpCalls, tool: Tool, text: str) -> Iterator[Page] | None:
    """Yield the clients the server finds for a text, by e-mail or name; None where it cannot search."""
    prop = tool.input.find(synonyms.SEARCH_EMAIL) if "@" in text else None
    prop = prop or tool.input.find(synonyms.SEARCH_TEXT)
    return _pages(calls, tool, {prop.name: text}, set()) if prop is not None else None


def _states(shape: Property) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The arguments that ask for clients in every state, and the states to ask for by name where none do."""
    archived = shape.find(synonyms.INCLUDE_ARCHIVED)
    filters: dict[str, Json] = {archived.name: True} if archived and "boolean" in archived.types else {}
    prop = shape.find(synonyms.STATES)
    if prop is None or filters:
        return filters, ()
    if prop.items is not None:
        return ({prop.name: list(prop.items.choices)} if prop.items.choices else {}), ()
    every = next((choice for choice in prop.choices if fold(choice) in synonyms.EVERY_STATE), None)
    return ({prop.name: every}, ()) if every else ({}, prop.choices)


def _pages(calls: McpCalls, tool: Tool, filters: Mapping[str, Json], seen: set[str]) -> Iterator[Page]:
    """Yield all pages, without the records that were seen before."""
    size, guessed = _page_size(tool.input)
    position: dict[str, Json] = {}
    asked, got, total = set[str](), 0, 0
    while True:
        answer = calls.read(tool, {**filters, **size, **position})
        if answer.is_error:
            if guessed and not got:
                size, guessed = {}, False
                continue
            raise Rejected(System.IGNITION, tool.name, answer.reason)
        records = records_of(answer.payload)
        if records is None:
            raise _unusable(tool, "no list of clients in it")
        guessed = False
        got += len(records)
        page = {scalar(folded(raw), synonyms.CLIENT_RECORD_ID): raw for raw in records}
        fresh = [raw for client_id, raw in page.items() if client_id and client_id not in seen]
        seen.update(page)
        if fresh:
            yield fresh
        told = _Told(answer.payload)
        total = max(total, told.total)
        full = len(records) in size.values()
        following = _following(tool, told, position, got=got, fresh=len(fresh), full=full)
        if following is None:
            break
        if (mark := str(following)) in asked:
            raise _unusable(tool, "the same page again and again")
        asked.add(mark)
        position = following
    if got < total:
        raise _unusable(tool, f"{got} of {total} clients")


class _Told:
    """What an answer says of the pages that follow."""

    def __init__(self, payload: object) -> None:
        outer = list(levels(payload))
        inner = _paging_in(outer)
        self._levels = [*_paging_in(inner), *inner, *outer]

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing at all."""
        keys = (*synonyms.NEXT_CURSOR, *synonyms.HAS_MORE, *synonyms.TOTAL)
        return not any(word in one for one in self._levels for word in keys)

    @property
    def cursor(self) -> str:
        """The next page's cursor."""
        return self._first(synonyms.NEXT_CURSOR)

    @property
    def more(self) -> bool | None:
        """Whether there is more, None where it does not say."""
        return next(
            (flag for one in self._levels for word in synonyms.HAS_MORE if isinstance(flag := one.get(word), bool)),
            None,
        )

    @property
    def total(self) -> int:
        """How many there are in all; 0 where it does not say."""
        return self._number(synonyms.TOTAL)

    @property
    def next_page(self) -> int:
        """The next page's number; 0 where it does not say."""
        return self._number(synonyms.NEXT_PAGE)

    @property
    def pages(self) -> int:
        """How many pages there are; 0 where it does not say."""
        return self._number(synonyms.PAGES)

    def _first(self, spelled: Words) -> str:
        return next((text for one in self._levels if (text := scalar(one, spelled))), "")

    def _number(self, spelled: Words) -> int:
        text = self._first(spelled)
        return int(text) if text.isdecimal() else 0


def _paging_in(outer: Sequence[JsonObject]) -> list[dict[str, object]]:
    return [
        folded(as_object(one[word])) for one in outer for word in synonyms.PAGING if isinstance(one.get(word), dict)
    ]


def _following(
    tool: Tool, told: _Told, position: Mapping[str, Json], *, got: int, fresh: int, full: bool
) -> dict[str, Json] | None:
    """Where the next page begins, None at the end; raises `UnusableAnswer` where there is more and no way to it."""
    shape = tool.input
    if (prop := shape.find(synonyms.CURSOR)) is not None:
        if told.cursor and told.cursor != position.get(prop.name) and told.more is not False:
            return {prop.name: told.cursor}
        if told.more or (told.is_silent and full):
            raise _unusable(tool, "more clients than it gives a way to")
        return None
    if (prop := shape.find(synonyms.PAGE)) is not None:
        page = position.get(prop.name, 1 if prop.first is None else prop.first)
        here = page if isinstance(page, int) else 1
        return {prop.name: told.next_page or here + 1} if _goes_on(told, here, got=got, fresh=fresh) else None
    if (prop := shape.find(synonyms.OFFSET)) is not None:
        return {prop.name: got} if _goes_on(told, 0, got=got, fresh=fresh) else None
    if told.more or got < told.total:
        raise _unusable(tool, "more clients than it gives a way to")
    return None


def _goes_on(told: _Told, page: int, *, got: int, fresh: int) -> bool:
    """Whether another page follows: by what the answer says, else until a page brings nothing new.

    A short page is no sign: the server may give fewer at once than it was asked for.
    """
    if told.more is not None:
        return told.more
    if told.next_page:
        return True
    if told.total:
        return got < told.total and fresh > 0
    if told.pages and page:
        return page < told.pages
    return fresh > 0


def _page_size(shape: Property) -> tuple[dict[str, Json], bool]:
    """The arguments for large pages, and whether their size is a guess that the server may refuse."""
    prop = shape.find(synonyms.PAGE_SIZE)
    if prop is None:
        return {}, False
    if prop.maximum:
        return {prop.name: min(prop.maximum, _LARGEST_PAGE)}, False
    return {prop.name: _PAGE}, True


def _unusable(tool: Tool, reason: str) -> UnusableAnswer:
    return UnusableAnswer(System.IGNITION, tool.name, reason)


_REFERENCE: Final = "cli-"
"""How the references on Ignition's screens begin; ids begin with `cli_`."""
_NO_SUCH: Final = re.compile(
    r"not found|no (?:such )?client|does ?n[o']t exist|could ?n[o']t (?:be )?f(?:i|ou)nd", re.IGNORECASE
)
"""How a tool without codes says that there is no such record."""


class McpReader:
    """Reads by one server's tools, and takes note of the fields its records have."""

    def __init__(self, calls: McpCalls, tools: Toolbox, seen: ObservedFields) -> None:
        self._calls = calls
        self._list = tools.need("list_clients")
        self._get = tools.need("get_client")
        self._seen = seen

    def records(self) -> Iterator[McpRecord]:
        """Yield every client as the list shows it."""
        return self._noted(every_client(self._calls, self._list))

    def search(self, text: str) -> Iterator[McpRecord]:
        """Yield the clients the server finds by name or e-mail; by reference, those of the whole list."""
        listed = None if text.startswith(_REFERENCE) else matching_clients(self._calls, self._list, text)
        if listed is not None:
            yield from self._noted(listed)
            return
        for record in self.records():
            if any(text in each.casefold() for each in _searched(record.client)):
                yield record

    def id_of(self, reference: str) -> str:
        """The id of the client with that reference; empty where there is none, or it is no reference."""
        wanted = reference.strip().casefold()
        if not wanted.startswith(_REFERENCE):
            return ""
        return next((one.client.id for one in self.records() if one.client.number.casefold() == wanted), "")

    def fetch(self, client_id: str) -> McpRecord | None:
        """Ask for a whole record; None where the server says there is none."""
        tool = self._get
        prop = next((one for word in synonyms.CLIENT_ID if (one := tool.input.named(word)) and one.is_scalar), None)
        if prop is None:
            raise RouteUnfit(System.IGNITION, tool.name, "client_id")
        sent: Arguments = {}
        put_id(sent, prop, client_id)
        # A person may type a name where an id is asked for.
        if not client_id.strip() or unfit(sent, tool):
            return None
        answer = self._calls.read(tool, sent)
        if answer.is_error:
            if answer.code in synonyms.NOT_FOUND or _NO_SUCH.search(answer.reason):
                return None
            raise Rejected(System.IGNITION, tool.name, answer.reason)
        record = read_client(record_of(answer.payload, "client"))
        if record is not None:
            self._seen.in_get(record)
        return record

    def _noted(self, pages: Iterable[Page]) -> Iterator[McpRecord]:
        for page in pages:
            records = [record for raw in page if (record := read_client(raw)) is not None]
            # All of a page first: one record alone may have few fields filled.
            for record in records:
                self._seen.in_list(record)
            yield from records


def _searched(client: Client) -> Iterator[str]:
    yield client.name
    yield client.number
    for contact in client.contacts:
        yield contact.name
        yield contact.email
