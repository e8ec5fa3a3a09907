"""What a tool takes and gives, learned from the JSON Schemas that the server publishes in `tools/list`.

Ignition does not publish them elsewhere, so nothing is assumed of their
spelling: names are compared folded (`postCode`, `post_code` and `Post Code` are
one). Only what the mapping needs is kept; `Tool.schema` is what calls are
checked against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["JsonObject", "Property", "Tool", "as_list", "as_object", "fold", "read_tool"]

JsonObject = Mapping[str, object]
"""A JSON object whose values were not looked at yet."""

_DEEPEST: Final = 8
"""Schemas may refer to themselves; nothing a client record needs is nested deeper."""
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


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its input as learned and as published, and its output where the server describes it."""

    name: str
    input: Property
    schema: JsonObject
    output: Property | None


def fold(name: str) -> str:
    """A name without case and separators."""
    return _NOT_A_NAME.sub("", name.casefold())


def read_tool(name: str, input_schema: JsonObject, output_schema: JsonObject | None) -> Tool:
    """Learn a tool from its schemas; what is not understood in them is left out."""
    output = _read(output_schema, name, output_schema, 0) if output_schema else None
    return Tool(name, _read(input_schema, name, input_schema, 0), input_schema, output)


def as_object(value: object) -> JsonObject:
    """A JSON object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else _EMPTY


def as_list(value: object) -> Sequence[object]:
    """A JSON array as it is, anything else as an empty one."""
    return value if isinstance(value, list) else ()


def _read(schema: JsonObject, name: str, root: JsonObject, depth: int, *, required: bool = False) -> Property:
    merged, null_branch = _flat(schema, root, depth)
    types = {str(one) for one in as_list(merged.get("type"))} or {str(merged["type"])} if "type" in merged else set()
    nullable = null_branch or "null" in types or merged.get("nullable") is True
    choices = as_list(merged.get("enum")) or ([merged["const"]] if "const" in merged else [])
    needed = {str(one) for one in as_list(merged.get("required"))}
    inner = as_object(merged.get("properties")) if depth < _DEEPEST else _EMPTY
    # A schema may require what it does not describe.
    inner = {**dict.fromkeys(sorted(needed), _EMPTY), **inner}
    items = as_object(merged.get("items")) if depth < _DEEPEST else _EMPTY
    return Property(
        name=name,
        types=frozenset(types - {"null"}),
        required=required,
        choices=tuple(str(one) for one in choices if isinstance(one, str)),
        max_length=_whole(merged.get("maxLength")),
        maximum=_whole(merged.get("maximum")),
        first=_whole(merged.get("default", merged.get("minimum"))),
        nullable=nullable,
        clearable=_clearable(merged, nullable=nullable),
        properties=tuple(
            _read(as_object(one), key, root, depth + 1, required=key in needed) for key, one in inner.items()
        ),
        items=_read(items, name, root, depth + 1) if items else None,
    )


def _flat(schema: JsonObject, root: JsonObject, depth: int) -> tuple[JsonObject, bool]:
    """A schema with its reference and its alternatives merged in, and whether one alternative is null."""
    if depth > _DEEPEST:
        return _EMPTY, False
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target, null = _flat(_referred(reference, root), root, depth + 1)
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}, null
    branches = [as_object(one) for key in ("allOf", "anyOf", "oneOf") for one in as_list(schema.get(key))]
    if not branches:
        return schema, False
    merged: dict[str, object] = {key: value for key, value in schema.items() if not key.endswith("Of")}
    null = False
    for branch in branches:
        if branch.get("type") == "null":
            null = True
            continue
        flat, inner_null = _flat(branch, root, depth + 1)
        null = null or inner_null
        # The first alternative that says something wins, except that properties of all of them are known.
        properties = {**as_object(flat.get("properties")), **as_object(merged.get("properties"))}
        merged = {**flat, **merged, **({"properties": properties} if properties else {})}
    return merged, null


def _referred(reference: str, root: JsonObject) -> JsonObject:
    """The schema a reference within the document names; one that leads elsewhere is not followed."""
    if not reference.startswith("#/"):
        return _EMPTY
    target: object = root
    for step in reference[2:].split("/"):
        target = as_object(target).get(step.replace("~1", "/").replace("~0", "~"))
    return as_object(target)


_SAYS_CLEARS: Final = re.compile(
    r"\b(?:null|empty|blank)\b[^.]{0,40}\b(?:clear|remove|unset|erase|delete)"
    r"|\b(?:clear|remove|unset|erase|delete)[^.]{0,40}\b(?:null|empty|blank)\b",
    re.IGNORECASE,
)


def _clearable(schema: JsonObject, *, nullable: bool) -> bool:
    if nullable and not ("default" in schema and schema["default"] is None):
        return True
    description = schema.get("description")
    return isinstance(description, str) and bool(_SAYS_CLEARS.search(description)) and not schema.get("minLength")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
