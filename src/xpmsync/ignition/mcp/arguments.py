"""A tool's arguments, made of catalogue values: only what its schema has, in its types, checked before it is sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from xpmsync.core.catalogue import Field, FieldKind, field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.text import normalise, same
from xpmsync.errors import Rejected, RouteUnfit, UnusableAnswer
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.field_map import Entry, Step, Values, place_of
from xpmsync.ignition.mcp.schema import JsonObject, Property, Tool, as_list, as_object, fold

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""A value as it is sent."""

Arguments = dict[str, Json]
"""What one call sends."""


def fill(sent: Arguments, slots: Values, values: Mapping[str, str]) -> dict[str, str]:
    """Put the values into their places; return those that the tool has no place for."""
    unplaced: dict[str, str] = {}
    for name, text in values.items():
        slot = slots.get(name)
        if slot is None:
            unplaced[name] = text
            continue
        _put(_place(sent, slot.path), slot.properties, catalogue_field(name), text)
    return unplaced


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
    from referencing.exceptions import Unresolvable

    try:
        errors = sorted(tool.validator.iter_errors(sent), key=lambda error: error.json_path)
    except (Unresolvable, RecursionError) as problem:
        raise UnusableAnswer(System.IGNITION, "tools/list", f"a schema of {tool.name} that cannot be read") from problem
    if not errors:
        return ""
    path = errors[0].json_path.removeprefix("$").removeprefix(".")
    return f"{path or 'the whole'} does not fit the tool's own rule {errors[0].validator}"


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
    if row.kind is FieldKind.FLAG and "boolean" in prop.types:
        return normalise(FieldKind.FLAG, text) == "yes"
    if prop.choices:
        return next((choice for choice in prop.choices if same(row.kind, choice, text)), text)
    if row.kind is FieldKind.COUNTRY and prop.max_length is not None and len(text) > prop.max_length:
        return normalise(FieldKind.COUNTRY, text).upper()
    if prop.types and not prop.types & {"string", "boolean"} and text.strip().isdecimal():
        return int(text)
    return text


def _place(sent: Arguments, path: tuple[Step, ...]) -> Arguments:
    """The object at the end of a path, made where it is missing."""
    holder = sent
    for step in path:
        holder = _entry(holder, step) if isinstance(step, Entry) else _object(holder, step)
    return holder


def _object(holder: Arguments, name: str) -> Arguments:
    inner = holder.get(name)
    if not isinstance(inner, dict):
        inner = {}
        holder[name] = inner
    return inner


def _entry(holder: Arguments, step: Entry) -> Arguments:
    entries = holder.get(step.name)
    if not isinstance(entries, list):
        entries = []
        holder[step.name] = entries
    for entry in entries:
        if isinstance(entry, dict) and entry.get(step.kind) == step.is_:
            return entry
    made: Arguments = {step.kind: step.is_}
    entries.append(made)
    return made


def _missing(sent: Arguments, shape: Property, path: str) -> Iterator[tuple[Arguments, Property, str]]:
    """The required properties that are not there, in this object and in those it holds."""
    for prop in shape.properties:
        place = f"{path}.{prop.name}" if path else prop.name
        value = sent.get(prop.name)
        if prop.name not in sent:
            if prop.required:
                yield sent, prop, place
        elif isinstance(value, dict):
            yield from _missing(value, prop, place)
        elif isinstance(value, list) and prop.items is not None:
            for entry in value:
                if isinstance(entry, dict):
                    yield from _missing(entry, prop.items, place)


def touches_nested(slots: Values, values: Mapping[str, str]) -> bool:
    """Whether any of the values is part of a nested address, so that the record must be known first."""
    return any(name in slots and slots[name].nested for name in values)


def whole_addresses(slots: Values, values: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The values, and the other parts of every nested address they touch as these are now."""
    touched = {
        place.prefix
        for name in values
        if name in slots and slots[name].nested and (place := place_of(name)) is not None
    }
    parts = {
        name: text
        for name in slots
        if (place := place_of(name)) is not None and place.prefix in touched and (text := now.get(name, ""))
    }
    return {**parts, **values}


def keep_rest(sent: Arguments, root: Property, slots: Values, raw: JsonObject) -> None:
    """Add to the addresses in the arguments what the record has there beyond our fields."""
    for path in dict.fromkeys(slot.path for slot in slots.values() if slot.nested):
        holder, shape = sent, root
        for step in path[:-1]:
            inner, prop = holder.get(str(step)), shape.named(fold(str(step)))
            if not isinstance(inner, dict) or prop is None:
                break
            holder, shape = inner, prop
        else:
            _keep_in(holder, shape, path[-1], raw)


def _keep_in(holder: Arguments, shape: Property, last: str | Entry, raw: JsonObject) -> None:
    name = last.name if isinstance(last, Entry) else last
    prop, value = shape.named(fold(name)), holder.get(name)
    if prop is None or value is None:
        return
    if isinstance(last, Entry) and isinstance(value, list) and prop.items is not None:
        _keep_entries(value, prop.items, last, as_list(_found(raw, (fold(name),))))
    elif isinstance(value, dict):
        same_place = next((one.objects for one in synonyms.ADDRESSES if fold(name) in one.objects), ())
        _keep(value, prop, as_object(_found(raw, (fold(name), *same_place))))


def _keep_entries(entries: list[Json], shape: Property, entry: Entry, raws: Sequence[object]) -> None:
    """Keep what each entry has beyond our fields, and the entries that are none of ours."""
    ours = {fold(str(each.get(entry.kind))): each for each in entries if isinstance(each, dict)}
    for raw in raws:
        whole = as_object(raw)
        kind = fold(str(_found(whole, (fold(entry.kind),))))
        if kind in ours:
            _keep(ours[kind], shape, whole)
        else:
            other: Arguments = {}
            _keep(other, shape, whole)
            entries.append(other)


def _keep(sent: Arguments, shape: Property, raw: JsonObject) -> None:
    for prop in shape.properties:
        value = _found(raw, (fold(prop.name),))
        if prop.name not in sent and isinstance(value, str | int | float | bool):
            sent[prop.name] = value


def _found(raw: JsonObject, folded: Sequence[str]) -> object:
    """The record's value under the first of those names that it has one for."""
    by_name = {fold(str(key)): value for key, value in raw.items()}
    return next((by_name[name] for name in folded if by_name.get(name) is not None), None)
