"""Where each catalogue field goes in a tool's arguments, worked out from its schema and the words of `synonyms`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final

from xpmsync.core.catalogue import FieldKind, field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.ports.store import Capabilities
from xpmsync.errors import RouteUnfit
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.records import fields_of
from xpmsync.ignition.mcp.schema import Property, Tool, fold
from xpmsync.ignition.mcp.synonyms import AddressNames, Words
from xpmsync.local.net.rate_limit import LIMITS


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list of addresses: the list's name, and what in the entry says which one it is."""

    name: str
    kind: str
    is_: str


Step = str | Entry
"""One step into nested arguments: an object's name, or an entry of a list."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one field goes: the way into the arguments, and the properties there (several: one a line of text)."""

    path: tuple[Step, ...]
    properties: tuple[Property, ...]
    nested: bool = False
    """Whether it is part of an object that a server may replace as a whole, an address."""


Values = Mapping[str, Slot]
"""The fields a tool takes, by catalogue name."""


@dataclass(frozen=True, slots=True)
class People:
    """How `create_client` takes contacts: a list, one object, or values beside the client's own (`path` is empty)."""

    path: tuple[str, ...]
    many: bool
    values: Values


def client_values(root: Property) -> Values:
    """The client fields that a tool's arguments (or an answer) have room for."""
    slots: dict[str, Slot] = {}
    for path, scope in _scopes(root, synonyms.CLIENT_WRAPPERS):
        for name, spelled in synonyms.CLIENT_WORDS.items():
            _take(slots, name, path, scope, spelled)
        for place in synonyms.ADDRESSES:
            _take_address(slots, place, path, scope)
    return slots


def contact_values(root: Property) -> Values:
    """The contact fields that a tool's arguments have room for."""
    slots: dict[str, Slot] = {}
    for path, scope in _scopes(root, synonyms.CONTACT_WRAPPERS):
        for name, spelled in synonyms.CONTACT_WORDS.items():
            _take(slots, name, path, scope, spelled)
    return slots


def people(root: Property) -> People | None:
    """How the arguments take a client's contacts; None where they have no room for any."""
    for path, scope in _scopes(root, synonyms.CLIENT_WRAPPERS):
        several = scope.find(synonyms.CONTACTS)
        if several is not None and several.items is not None and several.items.is_object:
            return People((*path, several.name), True, contact_values(several.items))
        one = scope.find(synonyms.PRIMARY_CONTACT)
        if one is not None and one.is_object:
            return People((*path, one.name), False, contact_values(one))
        flat: dict[str, Slot] = {}
        for name, spelled in synonyms.CONTACT_WORDS.items():
            prefixed = tuple(f"{start}{word}" for start in ("contact", "primarycontact") for word in spelled)
            _take(flat, name, path, scope, prefixed)
        if "contact.name" in flat:
            return People((), False, flat)
    return None


def place_of(name: str) -> AddressNames | None:
    """The address a catalogue field belongs to."""
    if name.removeprefix("postal_") not in synonyms.PARTS:
        return None
    return synonyms.ADDRESSES[1] if name.startswith("postal_") else synonyms.ADDRESSES[0]


def _scopes(root: Property, wrappers: Words) -> Iterable[tuple[tuple[str, ...], Property]]:
    """The arguments themselves, and the object in them that holds a record's values, where there is one."""
    yield (), root
    wrapper = root.find(wrappers)
    if wrapper is not None and wrapper.is_object:
        yield (wrapper.name,), wrapper


def _take(slots: dict[str, Slot], name: str, path: tuple[Step, ...], scope: Property, spelled: Words) -> None:
    prop = scope.find(spelled)
    if name not in slots and prop is not None and _fits(prop, name):
        slots[name] = Slot(path, (prop,))


def _fits(prop: Property, name: str) -> bool:
    """Whether a property can hold the field: free text does not go into a fixed list of choices."""
    return prop.is_scalar and not (prop.choices and catalogue_field(name).kind is FieldKind.TEXT)


def _take_address(slots: dict[str, Slot], place: AddressNames, path: tuple[str, ...], scope: Property) -> None:
    if f"{place.prefix}city" in slots or f"{place.prefix}address" in slots:
        return
    whole = scope.find(place.objects)
    if whole is not None and whole.is_object:
        _take_parts(slots, place, (*path, whole.name), whole)
        return
    listed = scope.find(synonyms.LISTS_OF_ADDRESSES)
    if listed is not None and listed.items is not None and (kind := listed.items.find(synonyms.KIND)) is not None:
        value = next((one for one in kind.choices if fold(one).startswith(place.kinds)), "")
        if value or not kind.choices:
            entry = Entry(listed.name, kind.name, value or place.kinds[0])
            _take_parts(slots, place, (*path, entry), listed.items)
        return
    _take_flat(slots, place, path, scope)


def _take_parts(slots: dict[str, Slot], place: AddressNames, path: tuple[Step, ...], whole: Property) -> None:
    for part, spelled in synonyms.PARTS.items():
        slot = _address_lines(whole) if part == "address" else ()
        prop = None if slot else whole.find(spelled)
        if prop is not None and (prop.is_scalar or _is_lines(prop)) and _fits_part(prop, part):
            slot = (prop,)
        if slot:
            slots[place.prefix + part] = Slot(path, slot, nested=True)


def _take_flat(slots: dict[str, Slot], place: AddressNames, path: tuple[str, ...], scope: Property) -> None:
    parts: dict[str, Slot] = {}
    for part, spelled in synonyms.PARTS.items():
        # `state` on its own is the client's state, and nobody's region.
        candidates = tuple(f"{start}{word}" for start in place.flat for word in spelled if start or word != "state")
        prop = scope.find(candidates)
        if prop is not None and prop.is_scalar and _fits_part(prop, part):
            parts[part] = Slot(path, (prop,))
    for start in place.flat:
        if lines := _address_lines(scope, start):
            parts["address"] = Slot(path, lines)
            break
    # A lone text called `address` holds the whole address in an order nobody knows.
    if parts.keys() & {"city", "postcode"}:
        slots.update({place.prefix + part: slot for part, slot in parts.items()})


def _address_lines(whole: Property, start: str = "") -> tuple[Property, ...]:
    """The properties of an address given line by line."""
    lines = (whole.find(tuple(f"{start}{word}" for word in spelled)) for spelled in synonyms.LINES)
    return tuple(line for line in lines if line is not None and line.is_scalar)


def _is_lines(prop: Property) -> bool:
    return prop.items is not None and prop.items.is_scalar


_FREE: Final = ("address", "city", "region", "postcode")


def _fits_part(prop: Property, part: str) -> bool:
    return not (prop.choices and part in _FREE)


_READING: Final = ("list_clients", "get_client")
_NEVER_BLANK: Final = frozenset({"name", "contact.name", "contact.email", "contact.primary"})


class Toolbox:
    """What the server offers, by our names for it; the spelling of a tool's name does not count."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {fold(tool.name): tool for tool in tools}

    def need(self, name: str) -> Tool:
        """The tool; raises `RouteUnfit` naming it where the server has none such."""
        tool = self.find(name)
        if tool is None:
            raise RouteUnfit(System.IGNITION, name)
        return tool

    def find(self, name: str) -> Tool | None:
        """The tool, or None."""
        return self._tools.get(fold(name))

    @cached_property
    def client_writes(self) -> Values:
        """Where `update_client` takes each field."""
        tool = self.find("update_client")
        return client_values(tool.input) if tool else {}

    @cached_property
    def contact_writes(self) -> Values:
        """Where `update_contact` takes each field."""
        tool = self.find("update_contact")
        return contact_values(tool.input) if tool else {}

    @cached_property
    def described(self) -> frozenset[str]:
        """The fields that `get_client` says its answers have; empty where it does not describe them."""
        tool = self.find("get_client")
        return fields_of(tool.output) if tool and tool.output else frozenset()

    @cached_property
    def reading_fingerprint(self) -> str:
        """A short name for what the reading tools take and give; a change makes what was observed outdated."""
        shapes = [
            [tool.name, tool.schema, [prop.name for prop in tool.output.properties] if tool.output else None]
            for name in _READING
            if (tool := self.find(name)) is not None
        ]
        return blake2b(json.dumps(shapes, sort_keys=True).encode(), digest_size=8).hexdigest()

    @property
    def written(self) -> frozenset[str]:
        """The fields that the changing tools take."""
        return frozenset(self.client_writes) | frozenset(self.contact_writes)

    def capabilities(self, readable: frozenset[str]) -> Capabilities:
        """What the route can do; nothing is written that cannot be read: nobody could know what it replaced."""
        writes, limits = self.written & readable, LIMITS[System.IGNITION]
        return Capabilities(
            reads=readable,
            writes=writes,
            clears=bool(writes) and self._clears(),
            calls_a_minute=limits.a_minute,
            calls_an_hour=limits.an_hour,
        )

    def _clears(self) -> bool:
        """Whether every field that may be blank can plainly be emptied; one that cannot makes it no for all."""
        slots = {**self.client_writes, **self.contact_writes}
        return all(
            prop.clearable for name, slot in slots.items() if name not in _NEVER_BLANK for prop in slot.properties
        )
