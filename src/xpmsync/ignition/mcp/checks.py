"""What the tools' schemas refuse, known before a plan is shown: the arguments are made as for a call, and not sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.model import Client
from xpmsync.core.text import to_write
from xpmsync.errors import Rejected, RouteUnfit
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Arguments, fill
from xpmsync.ignition.mcp.field_map import Entry, Slot, Toolbox, client_values, contact_values, people
from xpmsync.ignition.mcp.practice import PracticeInfo
from xpmsync.ignition.mcp.records import McpRecord
from xpmsync.ignition.mcp.responses import ToolResult
from xpmsync.ignition.mcp.schema import Tool, fold
from xpmsync.ignition.mcp.writer import McpWriter

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["McpCheck"]

_ADDRESSES: Final = {*synonyms.LISTS_OF_ADDRESSES, *(word for place in synonyms.ADDRESSES for word in place.objects)}
_MOST_CHOICES: Final = 6


class McpCheck:
    """Checks values and calls against the schemas, without a call; every method returns why not, or an empty text."""

    def __init__(self, tools: Toolbox, practice: PracticeInfo) -> None:
        self._tools = tools
        self._practice = practice
        self._takers = _takers(tools)

    def value(self, field: str, text: str) -> str:
        """Why a value does not fit one of the tools that take the field."""
        text = to_write(catalogue_field(field).kind, text)
        if not text:
            return ""
        reasons = (_misfit(tool, slot, field, text) for tool, slot in self._takers.get(field, ()))
        return next(filter(None, reasons), "")

    def update(self, client: Client, values: Mapping[str, str], contact_id: str = "") -> str:
        """Why a client, or a contact of it, cannot be changed so; `client` is the record as it is now."""
        if contact_id:
            return self._refusal(client, lambda writer: writer.update_contact(client.id, contact_id, values))
        return self._refusal(client, lambda writer: writer.update(client.id, values))

    def add_contact(self, client: Client, values: Mapping[str, str]) -> str:
        """Why a contact cannot be added to a client."""
        return self._refusal(client, lambda writer: writer.add_contact(client.id, values))

    def create(self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
        """Why a client cannot be created."""
        return self._refusal(None, lambda writer: writer.create(values, contacts))

    def _refusal(self, client: Client | None, write: Callable[[McpWriter], object]) -> str:
        record = McpRecord(client, frozenset(), frozenset(), {}) if client is not None else None
        writer = McpWriter(_not_sent, self._tools, self._practice, lambda _client_id: record)
        try:
            write(writer)
        except Rejected as problem:
            return f"Ignition's tool {problem.call} would refuse it: {problem.reason}."
        except RouteUnfit as problem:
            # What an address has beyond our fields is sent along as it is, and known only when the record is read.
            if client is not None and any(fold(step) in _ADDRESSES for step in problem.needs.split(".")):
                return ""
            return f"Ignition's tool {problem.tool} needs {problem.needs or 'to exist'}, which xpmsync does not know."
        return ""


def _not_sent(_tool: Tool, _arguments: Arguments) -> ToolResult:
    """The arguments were made and fit."""
    return ToolResult(None, (), False)


def _takers(tools: Toolbox) -> Mapping[str, Sequence[tuple[Tool, Slot]]]:
    """The tools that take each field, with its place in their arguments."""
    takers: dict[str, list[tuple[Tool, Slot]]] = {}
    for name in ("update_client", "create_client", "update_contact", "add_contact"):
        tool = tools.find(name)
        if tool is None:
            continue
        of_clients = name.endswith("_client")
        for field, slot in (client_values if of_clients else contact_values)(tool.input).items():
            takers.setdefault(field, []).append((tool, slot))
        how = people(tool.input) if name == "create_client" else None
        if how is not None and not how.path:
            for field, slot in how.values.items():
                takers.setdefault(field, []).append((tool, slot))
    return takers


def _misfit(tool: Tool, slot: Slot, field: str, text: str) -> str:
    """Why a value does not fit its place: what is missing beside it does not count."""
    sent: Arguments = {}
    try:
        fill(sent, {field: slot}, {field: text})
    except Rejected as problem:
        return f"{problem.reason[:1].upper()}{problem.reason[1:]}."
    names = {prop.name for prop in slot.properties}
    depth = 1 + sum(2 if isinstance(step, Entry) else 1 for step in slot.path)
    errors = [
        error
        for error in _leaves(tool.validator.iter_errors(sent))
        if len(error.absolute_path) >= depth and error.absolute_path[depth - 1] in names
    ]
    # Where null is allowed as well, "is no null" is no reason.
    errors.sort(key=lambda error: error.validator == "type")
    return _reason(errors[0], field, text) if errors else ""


def _leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    """The errors at the bottom: those of each alternative instead of "fits no alternative"."""
    for error in errors:
        if error.context:
            yield from _leaves(error.context)
        else:
            yield error


def _reason(error: ValidationError, field: str, text: str) -> str:
    label, limit = catalogue_field(field).label, error.validator_value
    match error.validator:
        case "maxLength":
            return f"{label} may have {limit} characters on this route; this one has {len(str(error.instance))}."
        case "maxItems":
            return f"{label} may have {limit} lines on this route; this one has {len(text.splitlines())}."
        case "enum" if isinstance(limit, list):
            choices = ", ".join(str(choice) for choice in limit[:_MOST_CHOICES] if choice is not None)
            more = " and others" if len(limit) > _MOST_CHOICES else ""
            return f"{label} may only be one of {choices}{more} on this route."
        case rule:
            return f"{label} does not fit a rule of this route ({rule})."
