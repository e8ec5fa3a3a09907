"""A tool's arguments, made of catalogue values: only what its schema has, in its types, checked before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from xpmsync.core.catalogue import Field, Kind
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.text import normalise, same
from xpmsync.errors import Rejected, RouteUnfit, UnusableAnswer
from xpmsync.ignition.mcp.field_map import Entry, Step, Values
from xpmsync.ignition.mcp.schema import Property, Tool

__all__ = ["Arguments", "Json", "fill", "finish", "put_id", "unfit"]

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""A value as it is sent."""

Arguments = dict[str, Json]
"""What one call sends."""


def fill(sent: Arguments, slots: Values, values: Mapping[str, str]) -> dict[str, str]:
    """Put the values into their places; return those that the tool has no place for."""
    left: dict[str, str] = {}
    for name, text in values.items():
        slot = slots.get(name)
        if slot is None:
            left[name] = text
            continue
        _put(_place(sent, slot.path), slot.properties, catalogue_field(name), text)
    return left


def put_id(sent: Arguments, prop: Property, record_id: str) -> None:
    """Put a record's id into its property, as a number where the tool wants one."""
    numeric = prop.types and not prop.types & {"string"}
    sent[prop.name] = int(record_id) if numeric and record_id.isdecimal() else record_id


def finish(sent: Arguments, tool: Tool, known: Callable[[Property, str], Json]) -> Arguments:
    """Add what the tool requires beyond the values, and check all against its schema.

    `known` gives the value of a required property by its path, None where there
    is none. Raises `RouteUnfit` naming tool and property where nobody knows it,
    `Rejected` where this record's values do not fit.
    """
    for holder, prop, path in _missing(sent, tool.input, ""):
        value = known(prop, path)
        if value is None and len(prop.choices) == 1:
            value = prop.choices[0]
        if value is None:
            raise RouteUnfit(System.IGNITION, tool.name, path)
        holder[prop.name] = value
    if reason := unfit(sent, tool):
        raise Rejected(System.IGNITION, tool.name, reason)
    return sent


def unfit(sent: Arguments, tool: Tool) -> str:
    """Why the arguments do not fit the tool's schema, by property and rule, never the value; empty where they do."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        kind = validator_for(tool.schema, default=Draft202012Validator)
        kind.check_schema(dict(tool.schema))
        # An empty registry: a schema may not make us fetch anything.
        found = sorted(kind(tool.schema, registry=Registry()).iter_errors(sent), key=lambda error: error.json_path)
    except (SchemaError, Unresolvable) as problem:
        raise UnusableAnswer(System.IGNITION, "tools/list", f"a schema of {tool.name} that cannot be read") from problem
    if not found:
        return ""
    path = found[0].json_path.removeprefix("$").removeprefix(".")
    return f"{path or 'the whole'} does not fit the tool's own rule {found[0].validator}"


def _put(holder: Arguments, properties: tuple[Property, ...], row: Field, text: str) -> None:
    first = properties[0]
    if first.items is not None:
        holder[first.name] = [line for line in text.splitlines() if line.strip()]
        return
    if len(properties) == 1:
        holder[first.name] = _value(first, row, text)
        return
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > len(properties):
        reason = f"{row.label} has {len(lines)} lines, there is room for {len(properties)}"
        raise Rejected(System.IGNITION, "the arguments", reason)
    for place, prop in enumerate(properties):
        if place < len(lines):
            holder[prop.name] = lines[place]
        else:
            holder[prop.name] = None if prop.nullable else ""


def _value(prop: Property, row: Field, text: str) -> Json:
    """A text as the property wants it: its own spelling of a choice, a flag as a flag, a short country code."""
    if not text.strip():
        return None if prop.nullable else ""
    if row.kind is Kind.FLAG and "boolean" in prop.types:
        return normalise(Kind.FLAG, text) == "yes"
    if prop.choices:
        return next((choice for choice in prop.choices if same(row.kind, choice, text)), text)
    if row.kind is Kind.COUNTRY and prop.max_length is not None and len(text) > prop.max_length:
        return normalise(Kind.COUNTRY, text).upper()
    if prop.types and not prop.types & {"string", "boolean"} and text.strip().isdecimal():
        return int(text)
    return text


def _place(sent: Arguments, path: tuple[Step, ...]) -> Arguments:
    """The object at the end of a path, made where it is missing."""
    here = sent
    for step in path:
        here = _entry(here, step) if isinstance(step, Entry) else _object(here, step)
    return here


def _object(here: Arguments, name: str) -> Arguments:
    found = here.get(name)
    if not isinstance(found, dict):
        found = {}
        here[name] = found
    return found


def _entry(here: Arguments, step: Entry) -> Arguments:
    entries = here.get(step.name)
    if not isinstance(entries, list):
        entries = []
        here[step.name] = entries
    for one in entries:
        if isinstance(one, dict) and one.get(step.kind) == step.is_:
            return one
    made: Arguments = {step.kind: step.is_}
    entries.append(made)
    return made


def _missing(sent: Arguments, shape: Property, path: str) -> Iterator[tuple[Arguments, Property, str]]:
    """The required properties that are not there, in this object and in those it holds."""
    for prop in shape.properties:
        here = f"{path}.{prop.name}" if path else prop.name
        value = sent.get(prop.name)
        if prop.name not in sent:
            if prop.required:
                yield sent, prop, here
        elif isinstance(value, dict):
            yield from _missing(value, prop, here)
        elif isinstance(value, list) and prop.items is not None:
            for one in value:
                if isinstance(one, dict):
                    yield from _missing(one, prop.items, here)
