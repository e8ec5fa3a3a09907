"""Lists to their very end, however a server counts pages. The server is a function here: no SDK, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.clock import FakeClock
from xpmsync.core.enums import ClientState, System
from xpmsync.errors import Rejected, UnusableAnswer
from xpmsync.ignition.mcp import pager
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.pager import every_client, matching_clients
from xpmsync.ignition.mcp.records import read_client
from xpmsync.ignition.mcp.responses import ToolResult
from xpmsync.ignition.mcp.schema import JsonObject, Tool, read_tool
from xpmsync.local.net.rate_limit import RateLimiter

Arguments = Mapping[str, object]
Answer = Callable[[Arguments], object]
NUMBER: JsonObject = {"type": "integer"}
TEXT: JsonObject = {"type": "string"}
ALL = [{"id": f"cli_{number}", "name": f"Client {number}", "state": "active"} for number in range(7)]


class Pages:
    """A server that answers `list_clients` by a function; a `Rejected` it raises is its tool error."""

    is_open = True

    def __init__(self, answer: Answer) -> None:
        self.asked: list[dict[str, object]] = []
        self._answer = answer

    def open(self, token: str) -> None:
        """Nothing to open."""

    def leave(self, *, at_once: bool = False) -> None:
        """Nothing to leave."""

    def tools(self, token: str, cursor: str | None) -> tuple[list[Tool], str | None]:
        """No tools but the one."""
        return [], None

    def call(self, token: str, tool: str, arguments: Arguments) -> ToolResult:
        """Answer."""
        self.asked.append(dict(arguments))
        try:
            return ToolResult(self._answer(arguments), (), False)
        except Rejected as problem:
            return ToolResult(None, (problem.reason,), True)


class Token:
    """Anybody's token."""

    def token(self) -> str:
        """Return it."""
        return "token"

    def refresh_after_401(self, stale: str) -> str:
        """Return the same."""
        return stale


def read(folder: Path, properties: JsonObject, answer: Answer) -> tuple[list[str], Pages]:
    """Read everything; returns the ids and the server."""
    server, clock = Pages(answer), FakeClock()
    limiter = RateLimiter(folder / "limits.sqlite", system=System.IGNITION, clock=clock)
    calls = McpCalls(server=server, url="https://mcp.example.com", tokens=Token(), limiter=limiter, clock=clock)
    tool = read_tool("list_clients", {"type": "object", "properties": properties}, None)
    return [str(raw["id"]) for page in every_client(calls, tool) for raw in page], server


def number(arguments: Arguments, name: str, otherwise: int) -> int:
    """A number of the arguments."""
    return int(str(arguments.get(name, otherwise)))


IDS = [str(one["id"]) for one in ALL]


def by_cursor(asked: Arguments) -> object:
    """Two at a time, with the next one's place."""
    start = number(asked, "after", 0)
    more = start + 2 < len(ALL)
    return {"clients": ALL[start : start + 2], "meta": {"page": {"endCursor": str(start + 2) if more else None}}}


def by_page(asked: Arguments) -> object:
    """Three at a time; nothing is said of what follows."""
    page = number(asked, "page", 1)
    return {"data": ALL[(page - 1) * 3 : page * 3]}


def by_page_from_zero(asked: Arguments) -> object:
    """Three at a time, the first page being zero."""
    page = number(asked, "page", 0)
    return {"data": ALL[page * 3 : page * 3 + 3], "total": len(ALL)}


def by_pages_told(asked: Arguments) -> object:
    """Three at a time, with the number of pages."""
    page = number(asked, "page", 1)
    return {"data": ALL[(page - 1) * 3 : page * 3], "pagination": {"current_page": page, "total_pages": 3}}


def by_offset(asked: Arguments) -> object:
    """As many as asked for, with the total."""
    start, limit = number(asked, "offset", 0), min(number(asked, "limit", 2), 3)
    return {"items": ALL[start : start + limit], "totalCount": len(ALL)}


@pytest.mark.parametrize(
    ("properties", "answer", "calls"),
    [
        ({"after": TEXT}, by_cursor, 4),
        ({"page": NUMBER}, by_page, 4),
        ({"page": {"type": "integer", "default": 0}}, by_page_from_zero, 3),
        ({"page": {"type": "integer", "minimum": 0}}, by_page_from_zero, 3),
        ({"page": NUMBER}, by_pages_told, 3),
        ({"offset": NUMBER, "limit": {"type": "integer", "maximum": 3}}, by_offset, 3),
        ({"offset": NUMBER, "limit": NUMBER}, by_offset, 3),
        ({}, lambda _: {"clients": ALL}, 1),
    ],
    ids=["cursor", "page", "from-zero", "minimum-zero", "pages-told", "offset", "clamped", "at-once"],
)
def test_every_way_of_paging_reads_all_once(tmp_path: Path, properties: JsonObject, answer: Answer, calls: int) -> None:
    """All clients, each once, in as few calls as that way takes."""
    found, server = read(tmp_path, properties, answer)
    assert found == IDS
    assert len(server.asked) == calls


def test_the_largest_page_the_schema_allows_is_asked_for(tmp_path: Path) -> None:
    """Calls are dear: sixty a minute."""
    _, server = read(tmp_path, {"limit": {"type": "integer", "maximum": 250}}, lambda _: {"clients": ALL})
    assert server.asked == [{"limit": 250}]


def test_a_guessed_size_that_is_refused_is_left_out(tmp_path: Path) -> None:
    """The schema names no maximum, the server has one."""

    def picky(asked: Arguments) -> object:
        if "limit" in asked:
            raise Rejected(System.IGNITION, "list_clients", "limit must be at most 50")
        return {"clients": ALL}

    found, server = read(tmp_path, {"limit": NUMBER}, picky)
    assert found == IDS
    assert [sorted(one) for one in server.asked] == [["limit"], []]


@pytest.mark.parametrize(
    ("properties", "answer"),
    [
        ({"after": TEXT}, lambda _: {"clients": ALL[:2], "has_more": True}),
        ({}, lambda _: {"clients": ALL[:2], "has_more": True}),
        ({}, lambda _: {"clients": ALL[:2], "total_count": 7}),
        ({"page": NUMBER}, lambda _: {"clients": ALL[:2], "total_count": 7}),
        ({"after": TEXT}, lambda asked: {"clients": ALL[:2], "next_cursor": "b" if asked.get("after") == "a" else "a"}),
        ({"after": TEXT, "first": {"type": "integer", "maximum": 2}}, lambda _: {"clients": ALL[:2]}),
        ({}, lambda _: {"message": "fine"}),
        ({}, lambda _: "not an object"),
    ],
    ids=["no-cursor", "no-way", "too-few", "page-ignored", "circle", "silent", "no-list", "no-object"],
)
def test_a_list_that_ends_early_is_an_error(tmp_path: Path, properties: JsonObject, answer: Answer) -> None:
    """Half a list never becomes a plan."""
    with pytest.raises(UnusableAnswer):
        read(tmp_path, properties, answer)


def test_a_tool_error_ends_the_reading(tmp_path: Path) -> None:
    """In the tool's own words."""

    def broken(_: Arguments) -> object:
        raise Rejected(System.IGNITION, "list_clients", "No, not today")

    with pytest.raises(Rejected, match="not today"):
        read(tmp_path, {}, broken)


@pytest.mark.parametrize(
    ("properties", "first"),
    [
        ({"state": {"type": "string", "enum": ["all", "active", "archived"]}}, {"state": "all"}),
        ({"states": {"type": "array", "items": {"enum": ["active", "archived"]}}}, {"states": ["active", "archived"]}),
        ({"include_archived": {"type": "boolean"}}, {"include_archived": True}),
    ],
)
def test_every_state_is_asked_for_at_once_where_that_can_be(
    tmp_path: Path, properties: JsonObject, first: JsonObject
) -> None:
    """One reading for clients in whatever state."""
    _, server = read(tmp_path, properties, lambda _: {"clients": ALL})
    assert server.asked == [first]


def test_states_that_did_not_show_are_asked_for_by_name(tmp_path: Path) -> None:
    """A list that leaves out the archived gives them when asked."""
    archived = {"id": "cli_9", "name": "Old", "state": "archived"}
    states = {"type": "string", "enum": ["active", "archived"]}
    found, server = read(
        tmp_path,
        {"status": states},
        lambda asked: {"clients": [archived] if asked.get("status") == "archived" else ALL},
    )
    assert found == [*IDS, "cli_9"]
    assert server.asked == [{}, {"status": "archived"}]


def test_searching_uses_the_filter_that_fits(tmp_path: Path) -> None:
    """An address goes to the e-mail filter, anything else to the name's; without filters there is no search."""
    server, clock = Pages(lambda _: {"clients": ALL[:1]}), FakeClock()
    limiter = RateLimiter(tmp_path / "limits.sqlite", system=System.IGNITION, clock=clock)
    calls = McpCalls(server=server, url="https://mcp.example.com", tokens=Token(), limiter=limiter, clock=clock)
    tool = read_tool("list_clients", {"type": "object", "properties": {"name": TEXT, "email": TEXT}}, None)
    for text in ("harbour", "ann@example.com"):
        pages = matching_clients(calls, tool, text)
        assert pages is not None
        assert [len(page) for page in pages] == [1]
    assert server.asked == [{"name": "harbour"}, {"email": "ann@example.com"}]
    assert matching_clients(calls, read_tool("list_clients", {"type": "object"}, None), "x") is None


@pytest.mark.parametrize(
    ("properties", "asked"),
    [
        ({"status": TEXT}, {"status": "archived"}),
        ({"archived": {"type": "boolean"}}, {"archived": True}),
        ({"states": {"type": "array", "items": TEXT}}, {"states": ["archived"]}),
    ],
    ids=["free-text", "only-archived", "list"],
)
def test_archived_clients_are_asked_for_where_the_schema_names_no_states(
    tmp_path: Path, properties: JsonObject, asked: JsonObject
) -> None:
    """A second question for them; where the server refuses it, or has none, the first answer is all."""
    archived = {"id": "cli_9", "name": "Old"}

    def lists(arguments: Arguments) -> object:
        return {"clients": [archived] if arguments else ALL}

    def refuses(arguments: Arguments) -> object:
        if arguments:
            raise Rejected(System.IGNITION, "list_clients", "no such state")
        return {"clients": ALL}

    found, server = read(tmp_path, properties, lists)
    assert found == [*IDS, "cli_9"]
    assert server.asked == [{}, asked]
    if "archived" not in properties:
        assert read(tmp_path, properties, refuses)[0] == IDS


def test_who_is_listed_among_the_archived_is_archived(tmp_path: Path) -> None:
    """Even where a list of names does not say so of each."""
    old = [{"id": "9", "name": "Old"}]
    server, clock = Pages(lambda asked: {"clients": old if asked.get("status") == "ARCHIVED" else []}), FakeClock()
    limiter = RateLimiter(tmp_path / "limits.sqlite", system=System.IGNITION, clock=clock)
    calls = McpCalls(server=server, url="https://mcp.example.com", tokens=Token(), limiter=limiter, clock=clock)
    states: JsonObject = {"status": {"type": "string", "enum": ["ACTIVE", "ARCHIVED"]}}
    tool = read_tool("list_clients", {"type": "object", "properties": states}, None)
    (record,) = [read_client(raw) for page in every_client(calls, tool) for raw in page]
    assert record is not None
    assert record.client.state is ClientState.ARCHIVED


def test_a_search_asks_for_the_archived_too(tmp_path: Path) -> None:
    """A namesake that is archived is one all the same."""
    server, clock = Pages(lambda _: {"clients": []}), FakeClock()
    limiter = RateLimiter(tmp_path / "limits.sqlite", system=System.IGNITION, clock=clock)
    calls = McpCalls(server=server, url="https://mcp.example.com", tokens=Token(), limiter=limiter, clock=clock)
    properties: JsonObject = {"query": TEXT, "include_archived": {"type": "boolean"}}
    tool = read_tool("list_clients", {"type": "object", "properties": properties}, None)
    assert list(matching_clients(calls, tool, "Harbour") or ()) == []
    assert server.asked == [{"query": "Harbour", "include_archived": True}]


def test_a_client_without_an_id_ends_the_reading(tmp_path: Path) -> None:
    """Left out, it would look as if it were gone; the error names its keys."""
    with pytest.raises(UnusableAnswer, match="uid, name"):
        read(tmp_path, {}, lambda _: {"clients": [*ALL, {"uid": "7", "name": "Odd"}]})


def test_a_list_of_tools_that_never_ends_is_given_up(tmp_path: Path) -> None:
    """After twenty pages; each of them is a call."""

    class Endless(Pages):
        """A server with always more tools."""

        def tools(self, token: str, cursor: str | None) -> tuple[list[Tool], str | None]:
            return [], f"{cursor}+"

    limiter = RateLimiter(tmp_path / "limits.sqlite", system=System.IGNITION, clock=FakeClock())
    server = Endless(lambda _: {})
    calls = McpCalls(server=server, url="https://mcp.example.com", tokens=Token(), limiter=limiter, clock=FakeClock())
    with pytest.raises(UnusableAnswer, match="never ends"):
        calls.tools()
    assert calls.made == 20


def test_a_list_of_clients_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However new each of its clients looks."""
    monkeypatch.setattr(pager, "_MOST_CLIENTS", 50)

    def endless(asked: Arguments) -> object:
        page = number(asked, "page", 1)
        return {"clients": [{"id": f"{page}-{place}"} for place in range(10)], "has_more": True}

    with pytest.raises(UnusableAnswer, match="more than 50 clients"):
        read(tmp_path, {"page": NUMBER}, endless)
