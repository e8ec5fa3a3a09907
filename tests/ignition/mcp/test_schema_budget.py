"""Schemas made to cost: they end at once with a clear error, and ordinary ones that refer to themselves are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xpmsync.errors import UnusableAnswer
from xpmsync.ignition.mcp.arguments import unfit
from xpmsync.ignition.mcp.field_map import client_values
from xpmsync.ignition.mcp.schema import JsonObject, read_tool

TEXT: JsonObject = {"type": "string"}


def doubling(word: str) -> JsonObject:
    """Forty definitions, each of which applies the next one twice: 2 to the 40th steps."""
    two = [[{"$ref": f"#/$defs/d{number + 1}"}] * 2 for number in range(40)]
    definitions: dict[str, object] = {f"d{number}": {word: refs} for number, refs in enumerate(two)}
    definitions["d40"] = {"type": "object"}
    return {"$defs": definitions, "$ref": "#/$defs/d0"}


def doubling_in_disguise(start: str) -> JsonObject:
    """The same, with references into a list, or with their characters escaped."""
    refs = [[{"$ref": f"{start}{number + 1}"}] * 2 for number in range(40)]
    definitions = [{"allOf": two} for two in refs]
    return {"$defs": [*definitions, TEXT], "$ref": f"{start}0"}


def deep(levels: int) -> JsonObject:
    """Properties within properties."""
    schema: JsonObject = TEXT
    for _ in range(levels):
        schema = {"type": "object", "properties": {"inner": schema}}
    return schema


def wide_and_mutual() -> JsonObject:
    """Six definitions with sixty properties each, all of which refer to the other five."""
    names = [f"n{number}" for number in range(6)]
    definitions = {
        name: {
            "type": "object",
            "properties": {f"{other}_{place}": {"$ref": f"#/$defs/{other}"} for other in names for place in range(10)},
        }
        for name in names
    }
    return {"type": "object", "properties": {"a": {"$ref": "#/$defs/n0"}}, "$defs": definitions}


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: doubling("allOf"), "multiply"),
        (lambda: doubling("anyOf"), "multiply"),
        (lambda: doubling_in_disguise("#/$defs/"), "multiply"),
        (lambda: doubling_in_disguise("#/%24defs/"), "multiply"),
        (lambda: {"allOf": [{"$ref": ""}]}, "themselves"),
        (
            lambda: {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
            "themselves",
        ),
        (lambda: {"type": "object", "allOf": [{"$ref": "#"}]}, "themselves"),
        (lambda: deep(70), "deeper"),
        (lambda: {"type": "object", "properties": {f"p{n}": TEXT for n in range(9_000)}}, "more than"),
        (wide_and_mutual, "more than"),
        (lambda: {"$id": "https://example.com/s", "$ref": "https://example.com/s#/$defs/a"}, "by its address"),
        (lambda: {"$ref": "#a", "$defs": {"a": {"$anchor": "a", "$ref": "#a"}}}, "by name"),
        (lambda: {"type": "object", "$dynamicRef": "#node"}, "dynamic"),
    ],
    ids=[
        "all-of",
        "any-of",
        "list",
        "escaped",
        "empty",
        "circle",
        "self",
        "deep",
        "wide",
        "mutual",
        "address",
        "anchor",
        "dynamic",
    ],
)
def test_a_costly_schema_ends_with_a_clear_error(make: Callable[[], JsonObject], reason: str) -> None:
    """The error names the tool and says what is wrong with its schema."""
    with pytest.raises(UnusableAnswer, match=reason) as caught:
        read_tool("update_client", make(), None)
    assert "update_client" in caught.value.reason


def test_a_costly_output_schema_counts_as_missing() -> None:
    """It only describes; the route works without."""
    assert read_tool("get_client", {"type": "object"}, doubling("allOf")).output is None


def test_a_schema_that_refers_to_itself_is_read() -> None:
    """A client may have a parent, and subsidiaries, which are clients."""
    client: JsonObject = {
        "type": "object",
        "properties": {
            "name": TEXT,
            "parent": {"$ref": "#/$defs/client"},
            "subsidiaries": {"type": "array", "items": {"$ref": "#/$defs/client"}},
            **{f"field_{number}": TEXT for number in range(40)},
        },
    }
    tool = read_tool("update_client", {"$ref": "#/$defs/client", "$defs": {"client": client}}, None)
    assert client_values(tool.input)["name"].path == ()
    assert unfit({"name": "A", "parent": {"parent": {"name": 1}}}, tool) != ""
    assert unfit({"name": "A", "subsidiaries": [{"subsidiaries": []}]}, tool) == ""


def test_a_pattern_that_backtracks_is_never_tried() -> None:
    """A text against it would take for ever; a property that is only called so stays."""
    shape: JsonObject = {
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": "(a+)+$"}, "pattern": {"type": "string", "maxLength": 2}},
        "patternProperties": {"(a+)+$": TEXT},
        "additionalProperties": False,
    }
    tool = read_tool("update_client", shape, None)
    assert unfit({"name": "a" * 60 + "!", "a" * 60 + "!": "x"}, tool) == ""
    assert unfit({"pattern": "abc"}, tool) == "pattern does not fit the tool's own rule maxLength"


def test_a_broken_schema_is_named(tmp_path: Path) -> None:
    """What JSON Schema forbids is the server's fault, and is said so."""
    tool = read_tool("update_client", {"type": "object", "properties": {"name": {"maxLength": "long"}}}, None)
    with pytest.raises(UnusableAnswer, match="update_client"):
        unfit({"name": "A"}, tool)
