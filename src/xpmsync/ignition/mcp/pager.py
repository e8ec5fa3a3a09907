"""`list_clients` page by page to its very end: one small pager for each way in which a server counts pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.text import single_email
from xpmsync.errors import Rejected, UnusableAnswer
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Json
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.records import scalar
from xpmsync.ignition.mcp.responses import keys_in, levels, records_of
from xpmsync.ignition.mcp.schema import JsonObject, Property, Tool, as_object, fold, fold_keys
from xpmsync.ignition.mcp.synonyms import Words

Page = list[JsonObject]
"""The records of one answer that no earlier one had."""

_PAGE: Final = 100
"""Clients asked for at once where the server does not say how many it gives."""
_LARGEST_PAGE: Final = 500
_MOST_CLIENTS: Final = 200_000
"""Clients in a list; no practice has so many, and a list without end must end."""


def every_client(calls: McpCalls, tool: Tool) -> Iterator[Page]:
    """Yield every client once, in whatever state, by pages; raises `UnusableAnswer` where the list ends early."""
    filters, later = _states(tool.input)
    known: set[str] = set()
    states: set[str] = set()
    for page in _pages(calls, tool, filters, known):
        states.update(fold(_state(raw)) for raw in page)
        yield page
    # A list may leave out the archived by itself; a state that did not show is asked for by name.
    for by_name in later:
        if fold(by_name.state) in states:
            continue
        try:
            for page in _pages(calls, tool, {**filters, **by_name.filters}, known):
                # A list of names need not say of each what was asked for.
                yield [{**raw, **({} if _state(raw) else {"state": by_name.state})} for raw in page]
        except Rejected:
            if not by_name.guessed:
                raise


def _state(raw: JsonObject) -> str:
    return scalar(fold_keys(raw), synonyms.STATE)


def matching_clients(calls: McpCalls, tool: Tool, text: str) -> Iterator[Page] | None:
    """Yield the clients the server finds for a text, by e-mail or name; None where it cannot search."""
    prop = tool.input.find(synonyms.SEARCH_EMAIL) if single_email(text) else None
    prop = prop or tool.input.find(synonyms.SEARCH_TEXT)
    if prop is None:
        return None
    filters, _ = _states(tool.input)
    return _pages(calls, tool, {**filters, prop.name: text}, set())


@dataclass(frozen=True, slots=True)
class _ByName:
    """How clients in one state are asked for; `guessed` where the schema does not name the state."""

    state: str
    filters: Mapping[str, Json]
    guessed: bool = False


def _states(shape: Property) -> tuple[dict[str, Json], Sequence[_ByName]]:
    """The arguments that ask for clients in every state, and the states to ask for by name where none do."""
    including = [prop for word in synonyms.INCLUDE_ARCHIVED if (prop := shape.named(word)) and "boolean" in prop.types]
    if including:
        return {prop.name: True for prop in including}, ()
    prop = shape.find(synonyms.STATES)
    if prop is None:
        only = shape.find(synonyms.ONLY_ARCHIVED)
        return {}, [_ByName("archived", {only.name: True})] if only and "boolean" in only.types else ()
    if prop.items is not None:
        if prop.items.choices:
            return {prop.name: list(prop.items.choices)}, ()
        return {}, [_ByName("archived", {prop.name: ["archived"]}, guessed=True)]
    every = next((choice for choice in prop.choices if fold(choice) in synonyms.EVERY_STATE), None)
    if every:
        return {prop.name: every}, ()
    named = [_ByName(choice, {prop.name: choice}) for choice in prop.choices]
    return {}, named or [_ByName("archived", {prop.name: "archived"}, guessed=True)]


def _pages(calls: McpCalls, tool: Tool, filters: Mapping[str, Json], known: set[str]) -> Iterator[Page]:
    """Yield all pages, without the records whose ids are in `known`; adds theirs to it."""
    size, guessed = _page_size(tool.input)
    next_position = _pager(tool)
    position: dict[str, Json] | None = {}
    asked, read, total = set[str](), 0, 0
    while position is not None:
        answer = calls.read(tool, {**filters, **size, **position})
        if answer.is_error:
            if guessed and not read:
                size, guessed = {}, False
                continue
            raise Rejected(System.IGNITION, tool.name, answer.reason)
        records = records_of(answer.payload)
        if records is None:
            raise _unusable(tool, f"no list of clients in it, but {keys_in(answer.payload)}")
        guessed = False
        read += len(records)
        page = {scalar(fold_keys(raw), synonyms.CLIENT_RECORD_ID): raw for raw in records}
        if "" in page:
            raise _unusable(tool, f"a client without an id, but with {keys_in(page[''])}")
        if read > _MOST_CLIENTS:
            raise _unusable(tool, f"more than {_MOST_CLIENTS:,} clients")
        new = [raw for client_id, raw in page.items() if client_id not in known]
        known.update(page)
        if new:
            yield new
        info = _page_info(answer.payload)
        total = max(total, info.total)
        position = next_position(position, info, _Progress(read, len(new), len(records) in size.values()))
        if (mark := str(position)) in asked:
            raise _unusable(tool, "the same page again and again")
        asked.add(mark)
    if read < total:
        raise _unusable(tool, f"{read} of {total} clients")


@dataclass(frozen=True, slots=True)
class _PageInfo:
    """What an answer says of the pages that follow: numbers are 0 and `has_more` None where it does not say.

    `silent`: it has not even keys for a cursor, for more, or for a total.
    """

    silent: bool
    cursor: str
    has_more: bool | None
    total: int
    next_page: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Progress:
    """Records read so far, how many of the last page's were new, and whether that page was as full as asked for."""

    read: int
    new: int
    full: bool


_Pager = Callable[[Mapping[str, Json], _PageInfo, _Progress], dict[str, Json] | None]
"""The position after the given one; None at the end. Raises `UnusableAnswer` where there is more and no way to it."""


def _pager(tool: Tool) -> _Pager:
    """The pager for the way in which a tool is asked for the next page."""
    if (prop := tool.input.find(synonyms.CURSOR)) is not None:
        return _by_cursor(tool, prop)
    if (prop := tool.input.find(synonyms.PAGE)) is not None:
        return _by_page(prop)
    if (prop := tool.input.find(synonyms.OFFSET)) is not None:
        return _by_offset(prop)
    return _at_once(tool)


def _by_cursor(tool: Tool, prop: Property) -> _Pager:
    def following(position: Mapping[str, Json], info: _PageInfo, progress: _Progress) -> dict[str, Json] | None:
        if info.cursor and info.cursor != position.get(prop.name) and info.has_more is not False:
            return {prop.name: info.cursor}
        if info.has_more or (info.silent and progress.full):
            raise _no_way_on(tool)
        return None

    return following


def _by_page(prop: Property) -> _Pager:
    def following(position: Mapping[str, Json], info: _PageInfo, progress: _Progress) -> dict[str, Json] | None:
        number = position.get(prop.name, 1 if prop.first is None else prop.first)
        page = number if isinstance(number, int) else 1
        return {prop.name: info.next_page or page + 1} if _goes_on(info, progress, page) else None

    return following


def _by_offset(prop: Property) -> _Pager:
    def following(position: Mapping[str, Json], info: _PageInfo, progress: _Progress) -> dict[str, Json] | None:
        return {prop.name: progress.read} if _goes_on(info, progress, 0) else None

    return following


def _at_once(tool: Tool) -> _Pager:
    def following(position: Mapping[str, Json], info: _PageInfo, progress: _Progress) -> None:
        if info.has_more or progress.read < info.total:
            raise _no_way_on(tool)

    return following


def _goes_on(info: _PageInfo, progress: _Progress, page: int) -> bool:
    """Whether another page follows: by what the answer says, else until a page brings nothing new.

    A short page is no sign: the server may give fewer at once than it was asked for.
    """
    if info.has_more is not None:
        return info.has_more
    if info.next_page:
        return True
    if info.total:
        return progress.read < info.total and progress.new > 0
    if info.pages and page:
        return page < info.pages
    return progress.new > 0


def _page_info(payload: object) -> _PageInfo:
    """Read what an answer says of the pages that follow, at any of its upper levels."""
    outer = list(levels(payload))
    inner = _paging_in(outer)
    holders = [*_paging_in(inner), *inner, *outer]

    def text(words: Words) -> str:
        return next((value for holder in holders if (value := scalar(holder, words))), "")

    def number(words: Words) -> int:
        return int(value) if (value := text(words)).isdecimal() else 0

    flags = (holder.get(word) for holder in holders for word in synonyms.HAS_MORE)
    keys = (*synonyms.NEXT_CURSOR, *synonyms.HAS_MORE, *synonyms.TOTAL)
    return _PageInfo(
        silent=not any(word in holder for holder in holders for word in keys),
        cursor=text(synonyms.NEXT_CURSOR),
        has_more=next((flag for flag in flags if isinstance(flag, bool)), None),
        total=number(synonyms.TOTAL),
        next_page=number(synonyms.NEXT_PAGE),
        pages=number(synonyms.PAGES),
    )


def _paging_in(holders: list[dict[str, object]]) -> list[dict[str, object]]:
    return [
        fold_keys(as_object(holder[word]))
        for holder in holders
        for word in synonyms.PAGING
        if isinstance(holder.get(word), dict)
    ]


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


def _no_way_on(tool: Tool) -> UnusableAnswer:
    return _unusable(tool, "more clients than it gives a way to")
