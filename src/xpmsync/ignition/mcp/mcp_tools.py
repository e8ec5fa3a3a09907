"""The server's tools as this route uses them, and what they let it do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.store import Capabilities
from xpmsync.errors import RouteUnfit
from xpmsync.ignition.mcp.client import CALLS_A_MINUTE, CALLS_AN_HOUR
from xpmsync.ignition.mcp.field_map import Values, client_values, contact_values
from xpmsync.ignition.mcp.records import fields_of
from xpmsync.ignition.mcp.schema import Tool, fold

__all__ = ["Toolbox"]

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
    def reading_print(self) -> str:
        """A short name for what the reading tools take and give; when it changes, what was seen counts no more."""
        told = [
            [tool.name, tool.schema, [one.name for one in tool.output.properties] if tool.output else None]
            for name in _READING
            if (tool := self.find(name)) is not None
        ]
        return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=8).hexdigest()

    @property
    def written(self) -> frozenset[str]:
        """The fields that the changing tools take."""
        return frozenset(self.client_writes) | frozenset(self.contact_writes)

    def capabilities(self, readable: frozenset[str]) -> Capabilities:
        """What the route can do; nothing is written that cannot be read: nobody could tell what it replaced."""
        writes = self.written & readable
        return Capabilities(
            reads=readable,
            writes=writes,
            clears=bool(writes) and self._clears(),
            calls_a_minute=CALLS_A_MINUTE,
            calls_an_hour=CALLS_AN_HOUR,
        )

    def _clears(self) -> bool:
        """Whether every field that may be blank can plainly be emptied; one that cannot makes it no for all."""
        slots = {**self.client_writes, **self.contact_writes}
        return all(
            prop.clearable for name, slot in slots.items() if name not in _NEVER_BLANK for prop in slot.properties
        )
