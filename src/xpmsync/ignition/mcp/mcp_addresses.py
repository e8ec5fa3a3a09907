"""Nested addresses in an update: sent whole, because a server may replace what it is given as a whole.

Whoever sends only the city might blank the street. So every part of a touched
address goes along as it is now, and what the record has there beyond our fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Arguments, Json
from xpmsync.ignition.mcp.field_map import Entry, Values, place_of
from xpmsync.ignition.mcp.schema import JsonObject, Property, as_list, as_object, fold

__all__ = ["keep_rest", "touches_nested", "whole_addresses"]


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
    prop, held = shape.named(fold(name)), holder.get(name)
    if prop is None or held is None:
        return
    if isinstance(last, Entry) and isinstance(held, list) and prop.items is not None:
        _keep_entries(held, prop.items, last, as_list(_found(raw, (fold(name),))))
    elif isinstance(held, dict):
        same_place = next((one.objects for one in synonyms.ADDRESSES if fold(name) in one.objects), ())
        _keep(held, prop, as_object(_found(raw, (fold(name), *same_place))))


def _keep_entries(held: list[Json], shape: Property, entry: Entry, raws: Sequence[object]) -> None:
    """Keep what each entry has beyond our fields, and the entries that are none of ours."""
    ours = {fold(str(one.get(entry.kind))): one for one in held if isinstance(one, dict)}
    for raw in raws:
        told = as_object(raw)
        kind = fold(str(_found(told, (fold(entry.kind),))))
        if kind in ours:
            _keep(ours[kind], shape, told)
        else:
            other: Arguments = {}
            _keep(other, shape, told)
            held.append(other)


def _keep(held: Arguments, shape: Property, raw: JsonObject) -> None:
    for prop in shape.properties:
        value = _found(raw, (fold(prop.name),))
        if prop.name not in held and isinstance(value, str | int | float | bool):
            held[prop.name] = value


def _found(raw: JsonObject, folded: Sequence[str]) -> object:
    """The record's value under the first of those names that it has one for."""
    by_name = {fold(str(key)): value for key, value in raw.items()}
    return next((by_name[name] for name in folded if by_name.get(name) is not None), None)
