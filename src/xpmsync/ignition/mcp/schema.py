"""What a tool takes and gives, learned from the JSON Schemas that the server publishes in `tools/list`.

Ignition does not publish them elsewhere, so nothing is assumed of their
spelling: names are compared folded (`postCode`, `post_code` and `Post Code` are
one). Only what the mapping needs is kept; `Tool.schema` is what calls are
checked against. A schema comes from outside, and a few hundred bytes of references can take hours
to follow: size, depth and references are counted first, so that no clock is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from xpmsync.core.enums import System
from xpmsync.errors import UnusableAnswer

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MOST_NODES: Final = 10_000
"""Values in one schema; the tools of MCP servers have some hundreds."""
_DEEPEST_NESTING: Final = 64
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
        if depth > _DEEPEST_NESTING:
            raise SchemaTooCostly(f"nested deeper than {_DEEPEST_NESTING}")
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


JsonObject = Mapping[str, object]
"""A JSON object whose values were not looked at yet."""

_DEEPEST: Final = 8
"""Nothing a client record needs is nested deeper."""
_MOST_PROPERTIES: Final = 5_000
_LONGEST_DESCRIPTION: Final = 2_000
_NOT_A_NAME: Final = re.compile(r"[^a-z0-9]")
_EMPTY: Final[JsonObject] = {}


@dataclass(frozen=True, slots=True)
class Property:
    """One value a tool takes or gives: `properties` of an object, `items` of an array.

    `choices` are the texts of an `enum`, `first` the number a counter begins with.
    `clearable` is true only where the schema says plainly that null or an empty
    text empties the value: null that is merely the default means "not given".
    """

    name: str
    types: frozenset[str] = frozenset()
    required: bool = False
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    maximum: int | None = None
    first: int | None = None
    nullable: bool = False
    clearable: bool = False
    properties: tuple[Property, ...] = ()
    items: Property | None = None

    def find(self, words: Iterable[str]) -> Property | None:
        """The first of an object's properties whose folded name is one of the words, in the words' order."""
        return next((prop for word in words if (prop := self.named(word)) is not None), None)

    def named(self, folded: str) -> Property | None:
        """The object's property of that folded name."""
        return next((prop for prop in self.properties if fold(prop.name) == folded), None)

    @property
    def is_object(self) -> bool:
        """Whether it holds named values."""
        return bool(self.properties)

    @property
    def is_scalar(self) -> bool:
        """Whether it holds one text, number or flag; a property without a type may hold anything."""
        return not self.properties and self.items is None and not self.types & {"object", "array"}


@dataclass(frozen=True)
class Tool:
    """A tool: its input as learned and as published, and its output where the server describes it."""

    name: str
    input: Property
    schema: JsonObject
    output: Property | None

    @cached_property
    def validator(self) -> Validator:
        """What checks arguments; raises `UnusableAnswer` for a schema that breaks the rules of JSON Schema."""
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry

        schema = without_patterns(self.schema)
        kind = validator_for(schema, default=Draft202012Validator)
        try:
            kind.check_schema(schema)
        except SchemaError as problem:
            raise _unreadable(self.name, "it breaks the rules of JSON Schema") from problem
        # An empty registry: a schema may not make us fetch anything.
        return kind(schema, registry=Registry())


def fold(name: str) -> str:
    """A name without case and separators."""
    return _NOT_A_NAME.sub("", name.casefold())


def fold_keys(raw: JsonObject) -> dict[str, object]:
    """An object by its folded names."""
    return {fold(str(key)): value for key, value in raw.items()}


def read_tool(name: str, input_schema: JsonObject, output_schema: JsonObject | None) -> Tool:
    """Learn a tool from its schemas; what is not understood in them is left out.

    Raises `UnusableAnswer` for an input schema that is too large, too deep, or whose
    references multiply; such an output schema counts as missing.
    """
    try:
        check_cost(input_schema)
        taken = _Reader(input_schema).read(input_schema, name)
    except SchemaTooCostly as problem:
        raise _unreadable(name, f"it has {problem}") from None
    given: Property | None = None
    if output_schema:
        with suppress(SchemaTooCostly):
            check_cost(output_schema)
            given = _Reader(output_schema).read(output_schema, name)
    return Tool(name, taken, input_schema, given)


def _unreadable(tool: str, reason: str) -> UnusableAnswer:
    return UnusableAnswer(System.IGNITION, "tools/list", f"the schema of {tool} cannot be used: {reason}")


def as_object(value: object) -> JsonObject:
    """A JSON object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else _EMPTY


def as_list(value: object) -> Sequence[object]:
    """A JSON array as it is, anything else as an empty one."""
    return value if isinstance(value, list) else ()


class _Reader:
    """Reads one schema; a reference within itself is not followed again, for no client record holds another."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._properties = 0

    def read(
        self,
        schema: JsonObject,
        name: str,
        *,
        within: frozenset[str] = frozenset(),
        depth: int = 0,
        required: bool = False,
    ) -> Property:
        self._properties += 1
        if self._properties > _MOST_PROPERTIES:
            raise SchemaTooCostly(f"more than {_MOST_PROPERTIES:,} properties")
        merged, null_branch, within = self._flat(schema, within)
        kinds = merged.get("type")
        types = {str(kind) for kind in kinds} if isinstance(kinds, list) else {str(kinds)} if kinds else set()
        nullable = null_branch or "null" in types or merged.get("nullable") is True
        choices = as_list(merged.get("enum")) or ([merged["const"]] if "const" in merged else [])
        needed = {str(each) for each in as_list(merged.get("required"))}
        inner = as_object(merged.get("properties")) if depth < _DEEPEST else _EMPTY
        # A schema may require what it does not describe.
        inner = {**dict.fromkeys(sorted(needed), _EMPTY), **inner}
        items = as_object(merged.get("items")) if depth < _DEEPEST else _EMPTY
        return Property(
            name=name,
            types=frozenset(types - {"null"}),
            required=required,
            choices=tuple(str(choice) for choice in choices if isinstance(choice, str)),
            max_length=_whole(merged.get("maxLength")),
            maximum=_whole(merged.get("maximum")),
            first=_whole(merged.get("default", merged.get("minimum"))),
            nullable=nullable,
            clearable=_clearable(merged, nullable=nullable),
            properties=tuple(
                self.read(as_object(each), key, within=within, depth=depth + 1, required=key in needed)
                for key, each in inner.items()
            ),
            items=self.read(items, name, within=within, depth=depth + 1) if items else None,
        )

    def _flat(self, schema: JsonObject, within: frozenset[str]) -> tuple[JsonObject, bool, frozenset[str]]:
        """A schema with its reference and its alternatives merged in, whether one is null, and the references met."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in within:
                return _EMPTY, False, within
            target, null, within = self._flat(referred(reference, self._root), within | {reference})
            return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}, null, within
        branches = [as_object(each) for key in ("allOf", "anyOf", "oneOf") for each in as_list(schema.get(key))]
        if not branches:
            return schema, False, within
        merged: dict[str, object] = {key: value for key, value in schema.items() if not key.endswith("Of")}
        null = False
        met = within
        for branch in branches:
            if branch.get("type") == "null":
                null = True
                continue
            flat, inner_null, references = self._flat(branch, within)
            null, met = null or inner_null, met | references
            # The first alternative that says something wins, except that properties of all of them are known.
            properties = {**as_object(flat.get("properties")), **as_object(merged.get("properties"))}
            merged = {**flat, **merged, **({"properties": properties} if properties else {})}
        return merged, null, met


_SAYS_CLEARS: Final = re.compile(
    r"\b(?:null|empty|blank)\b[^.]{0,40}\b(?:clear|remove|unset|erase|delete)"
    r"|\b(?:clear|remove|unset|erase|delete)[^.]{0,40}\b(?:null|empty|blank)\b",
    re.IGNORECASE,
)


def _clearable(schema: JsonObject, *, nullable: bool) -> bool:
    if nullable and not ("default" in schema and schema["default"] is None):
        return True
    description = schema.get("description")
    says_so = isinstance(description, str) and _SAYS_CLEARS.search(description[:_LONGEST_DESCRIPTION])
    return bool(says_so) and not schema.get("minLength")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
