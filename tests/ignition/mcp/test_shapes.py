"""Answers in the shapes that MCP servers use (facts, ignition 4), and what is said of one that cannot be read."""

from __future__ import annotations

import json

import pytest

from xpmsync.ignition.mcp.records import read_client
from xpmsync.ignition.mcp.responses import ToolResult, keys_in, record_of, records_of

ANN = {"id": "cli_1", "name": "Ann"}
BOB = {"id": "cli_2", "name": "Bob"}
TWO = [ANN, BOB]


@pytest.mark.parametrize(
    "payload",
    [
        TWO,
        {"clients": TWO},
        {"items": TWO},
        {"data": {"clients": TWO}},
        {"clients": {"nodes": TWO, "pageInfo": {"hasNextPage": False}}},
        {"data": {"clients": {"edges": [{"node": ANN, "cursor": "a"}, {"node": BOB, "cursor": "b"}]}}},
        {"results": [{"client": ANN}, {"client": BOB}]},
        {"data": [{"id": each["id"], "type": "client", "attributes": {"name": each["name"]}} for each in TWO]},
    ],
    ids=["array", "clients", "items", "nested", "nodes", "edges", "wrapped", "json-api"],
)
def test_a_list_is_read_in_whatever_wraps_it(payload: object) -> None:
    """Arrays, wrappers, GraphQL connections, JSON:API."""
    records = records_of(payload)
    assert records is not None
    assert [(record["id"], record["name"]) for record in records] == [("cli_1", "Ann"), ("cli_2", "Bob")]


@pytest.mark.parametrize(
    "texts",
    [
        (json.dumps(TWO),),
        (json.dumps(ANN), json.dumps(BOB)),
        ("Found [2] clients:", json.dumps({"clients": TWO})),
        (f"Here are 2 clients [active]:\n{json.dumps({'clients': TWO})}\nAsk for more.",),
        (f"```json\n{json.dumps({'data': TWO}, indent=2)}\n```",),
        (json.dumps({"clients": TWO}), json.dumps({"pagination": {"total": 2}})),
    ],
    ids=["whole", "one-a-block", "sentence-block", "sentence", "fence", "paging-block"],
)
def test_json_is_found_in_texts(texts: tuple[str, ...]) -> None:
    """In one block or several, after a sentence, in a code fence."""
    assert records_of(ToolResult(None, texts, False).payload) == TWO


def test_an_empty_list_is_a_list() -> None:
    """Nothing found is an answer."""
    for text in ("[]", '{"clients": []}', '{"clients": {"edges": []}}'):
        assert records_of(ToolResult(None, (text,), False).payload) == []


def test_empty_structured_content_gives_way_to_the_text() -> None:
    """A framework may add an empty object to a text."""
    assert record_of(ToolResult({}, (json.dumps(ANN),), False).payload, "client") == ANN


def test_a_single_record_in_a_list_is_that_record() -> None:
    """Some servers answer `get` with a list of one."""
    assert record_of([ANN], "client") == ANN


def test_contacts_and_addresses_of_a_graph_are_read() -> None:
    """A record's own lists come as connections, too."""
    record = read_client(
        {
            **ANN,
            "contacts": {"edges": [{"node": {"id": "con_1", "name": "Ann Lee", "email": "ann@example.com"}}]},
            "addresses": {"nodes": [{"type": "postal", "city": "Nelson"}]},
        }
    )
    assert record is not None
    assert [contact.name for contact in record.client.contacts] == ["Ann Lee"]
    assert record.client.values["postal_city"] == "Nelson"


def test_what_cannot_be_read_is_described_by_its_keys() -> None:
    """Names only: values are clients' data, and odd names are left out."""
    assert keys_in({"kunden": [], "gesamt": 2, "\x1b[31m": 1}) == "the keys kunden, gesamt"
    assert keys_in([{"uid": 1}]) == "a list of 1, the first with the keys uid"
    assert keys_in("Sorry") == "no keys"
