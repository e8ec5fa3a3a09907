"""What a published schema may cost: size, depth, and references that multiply. Counted, so that no clock is needed.

A schema comes from outside, and both our reading and the validator follow its
references. A few hundred bytes of them can take hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

__all__ = ["SchemaTooCostly", "check_cost", "referred", "without_patterns"]

_MOST_NODES: Final = 10_000
"""Values in one schema; the tools of MCP servers have some hundreds."""
_DEEPEST: Final = 64
_MOST_STEPS: Final = 2_000
"""Schemas that apply to one and the same value, references and alternatives counted each time they are met."""
_LONGEST_CHAIN: Final = 100
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
"""Keywords whose schemas apply to the very value that theirs applies to."""
_BY_NAME: Final = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
"""Keywords that hold schemas by names of the server's choice."""
_NAMES: Final = ("$id", "$anchor", "$dynamicAnchor")
_DYNAMIC: Final = ("$dynamicRef", "$recursiveRef")
_PATTERNS: Final = frozenset({"pattern", "patternProperties", "propertyNames"})

_Schema = Mapping[str, object]


class SchemaTooCostly(Exception):
    """A schema that is not read; the text says why."""


def check_cost(schema: _Schema) -> None:
    """Raise `SchemaTooCostly` for a schema that could not be read and applied within a second."""
    nodes = 0
    schemas: list[_Schema] = []
    stack: list[tuple[object, int]] = [(schema, 0)]
    while stack:
        value, depth = stack.pop()
        nodes += 1
        if nodes > _MOST_NODES:
            raise SchemaTooCostly(f"more than {_MOST_NODES:,} values")
        if depth > _DEEPEST:
            raise SchemaTooCostly(f"nested deeper than {_DEEPEST}")
        if isinstance(value, dict):
            schemas.append(value)
            stack += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            stack += [(inner, depth + 1) for inner in value]
    names = (*_NAMES, "id") if "/draft-0" in str(schema.get("$schema")) else _NAMES
    for each in schemas:
        if any(isinstance(each.get(word), str) for word in names if each is not schema or word != "$id"):
            raise SchemaTooCostly("parts that are referred to by name")
    steps: dict[int, int] = {}
    for each in schemas:
        _steps(each, schema, steps, ())


def without_patterns(schema: _Schema, *, by_name: bool = False) -> dict[str, object]:
    """The schema without regular expressions: one that backtracks would take for ever, and the server checks it anyway.

    `by_name`: its keys are names, not keywords.
    """
    open_names = not by_name and "patternProperties" in schema
    return {
        key: _value_without_patterns(value, by_name=not by_name and key in _BY_NAME)
        for key, value in schema.items()
        if by_name or not (key in _PATTERNS or (open_names and key == "additionalProperties"))
    }


def _value_without_patterns(value: object, *, by_name: bool = False) -> object:
    if isinstance(value, list):
        return [_value_without_patterns(each) for each in value]
    return without_patterns(value, by_name=by_name) if isinstance(value, dict) else value


def _steps(schema: _Schema, root: _Schema, known: dict[int, int], chain: tuple[int, ...]) -> int:
    """How many schemas are applied to a value that this one applies to."""
    key = id(schema)
    if key in chain or len(chain) > _LONGEST_CHAIN:
        raise SchemaTooCostly("references that lead back to themselves")
    if key not in known:
        total = 1 + sum(_steps(each, root, known, (*chain, key)) for each in _applied(schema, root))
        if total > _MOST_STEPS:
            raise SchemaTooCostly("references that multiply")
        known[key] = total
    return known[key]


def _applied(schema: _Schema, root: _Schema) -> Iterator[_Schema]:
    if any(isinstance(schema.get(word), str) for word in _DYNAMIC):
        raise SchemaTooCostly("dynamic references")
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if isinstance(root.get("$id"), str) and not reference.startswith("#"):
            raise SchemaTooCostly("references to itself by its address")
        yield from filter(None, [referred(reference, root)])
    for word in _IN_PLACE:
        value = schema.get(word)
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def referred(reference: str, root: _Schema) -> _Schema:
    """The schema that a reference within the document names; empty where there is none, or it leads elsewhere."""
    if reference in ("", "#"):
        return root
    if not reference.startswith("#/"):
        return {}
    target: object = root
    for step in unquote(reference[2:]).split("/"):
        if isinstance(target, list) and step.isdecimal() and int(step) < len(target):
            target = target[int(step)]
        else:
            inner = target if isinstance(target, dict) else {}
            target = inner.get(step.replace("~1", "/").replace("~0", "~"))
    return target if isinstance(target, dict) else {}
