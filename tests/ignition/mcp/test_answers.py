"""The whole way on servers that answer differently: transports, texts, schemas that say too little, searches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp_types import CallToolResult, TextContent

from support.mcp_dialects import Snake
from support.mcp_rig import McpRig, signed_in
from support.mcp_server import JsonDict
from xpmsync.cli.errors.explain import explain
from xpmsync.errors import Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp import connection as connection_module


def fenced(payload: JsonDict) -> CallToolResult:
    """A sentence and JSON in a code fence."""
    return CallToolResult(content=[TextContent(text=f"Here you are [1]:\n```json\n{json.dumps(payload)}\n```")])


def in_blocks(payload: JsonDict) -> CallToolResult:
    """A sentence in a block of its own, then JSON."""
    return CallToolResult(content=[TextContent(text="Done."), TextContent(text=json.dumps(payload))])


def connection(payload: JsonDict) -> CallToolResult:
    """Lists as GraphQL connections."""
    clients = payload.get("clients")
    if isinstance(clients, list):
        paging = payload["pagination"]
        assert isinstance(paging, dict)
        info = {"hasNextPage": paging["has_more"], "endCursor": paging["next_cursor"]}
        payload = {"clients": {"edges": [{"node": each} for each in clients], "pageInfo": info}}
    return CallToolResult(content=[TextContent(text=json.dumps(payload))], structured_content=payload)


def reads_and_writes(desk: McpRig) -> None:
    """Read all, read one, write one."""
    with desk.store() as store:
        assert sorted(client.name for client in store.read()) == [f"Client {number}" for number in range(1, 6)]
        changed = store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
        assert changed.values["phone"] == "09 555 0199"
        assert len(changed.contacts) == 2


@pytest.mark.parametrize("answer", [fenced, in_blocks, connection])
def test_a_server_is_read_and_written_however_it_puts_its_answers(
    tmp_path: Path, answer: Callable[[JsonDict], CallToolResult]
) -> None:
    """Texts around the JSON, and connections."""
    with signed_in(Snake(answer=answer), tmp_path) as desk:
        reads_and_writes(desk)


@pytest.mark.parametrize(("plain", "stateless"), [(True, False), (False, True), (True, True)])
def test_a_server_is_read_and_written_over_every_transport(tmp_path: Path, *, plain: bool, stateless: bool) -> None:
    """JSON instead of events, no sessions, both."""
    with signed_in(Snake(legacy=stateless), tmp_path, plain=plain, stateless=stateless) as desk:
        reads_and_writes(desk)


def test_an_answer_may_have_more_and_less_than_its_schema_says(tmp_path: Path) -> None:
    """An `outputSchema` that is incomplete or wrong is no reason to refuse a record, or to hold its fields back."""
    wrong: JsonDict = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "fax": {"type": "string"}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    with signed_in(Snake(described=wrong), tmp_path) as desk, desk.store() as store:
        store.connect()
        assert {"phone", "city", "contact.email"} <= store.capabilities.writes
        client = store.get("cli_1")
        assert client is not None
        assert client.values["phone"] == "09 555 0001"


@pytest.mark.parametrize("typed", ["Client 2", "client 2"])
def test_a_search_sends_what_was_typed(tmp_path: Path, typed: str) -> None:
    """A server that minds capitals gets them; what it does not find is found in the whole list, read once."""
    with signed_in(Snake(minds_capitals=True), tmp_path) as desk, desk.store() as store:
        for _ in range(2):
            (found,) = store.search(typed)
            assert found.name == "Client 2"
    searches = [call["query"] for call in desk.served.calls("list_clients") if "query" in call]
    assert searches == [typed, typed]
    whole = [call for call in desk.served.calls("list_clients") if "query" not in call and "cursor" not in call]
    assert len(whole) == (1 if typed.islower() else 0)


def test_an_answer_that_cannot_be_read_names_its_keys(tmp_path: Path) -> None:
    """And sends nobody to XPM's settings."""

    def foreign(payload: JsonDict) -> CallToolResult:
        payload = {"kunde": {"nummer": "7", "bezeichnung": "Client 1"}}
        return CallToolResult(content=[TextContent(text=json.dumps(payload))])

    with signed_in(Snake(answer=foreign), tmp_path) as desk, desk.store() as store:
        with pytest.raises(UnusableAnswer) as listed:
            list(store.read())
        with pytest.raises(UnusableAnswer) as single:
            store.get("cli_1")
    for caught in (listed, single):
        assert "kunde" in caught.value.reason
        note, _ = explain(caught.value, lambda *words: " ".join(words))
        assert "Client 1" not in note.message
        assert "api_url" not in note.hint


def test_a_schema_made_to_cost_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    """Forty properties, each of which applies the next one twice; the error names the tool."""
    bomb: JsonDict = {f"d{number}": {"allOf": [{"$ref": f"#/properties/d{number + 1}"}] * 2} for number in range(40)}
    with signed_in(Snake(extra={"client": {**bomb, "d40": {"type": "string"}}}), tmp_path) as rig, rig.store() as store:
        with pytest.raises(UnusableAnswer, match="multiply") as caught:
            store.connect()
        assert "create_client" in caught.value.reason
    assert rig.served.calls("update_client") == []


def test_a_nested_answer_of_great_depth_is_unusable(tmp_path: Path) -> None:
    """Ten thousand brackets are no client."""

    def deep(payload: JsonDict) -> CallToolResult:
        return CallToolResult(content=[TextContent(text='{"client":' * 10_000 + "1" + "}" * 10_000)])

    with signed_in(Snake(answer=deep), tmp_path) as rig, rig.store() as store, pytest.raises(UnusableAnswer):
        store.get("cli_1")


@pytest.mark.parametrize("plain", [True, False], ids=["json", "events"])
def test_an_answer_has_a_size_that_it_may_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, plain: bool
) -> None:
    """It is not read to its end, whatever it is made of; the limit is lowered here from 32 MB."""

    def large(payload: JsonDict) -> CallToolResult:
        return CallToolResult(content=[TextContent(text=json.dumps({**payload, "notes": "x" * 400_000}))])

    monkeypatch.setattr(connection_module, "_LARGEST", 200_000)
    monkeypatch.setattr(connection_module, "_LARGEST_EVENT", 200_000)
    rig_of = signed_in(Snake(answer=large), tmp_path, plain=plain)
    with rig_of as rig, rig.store() as store, pytest.raises(XpmsyncError) as caught:
        store.get("cli_1")
    assert isinstance(caught.value, Unreachable | UnusableAnswer)
