"""The four writes: what each tool is sent, and what the tools' schemas refuse, known before a plan is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from xpmsync.core.catalogue import FieldKind, field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.core.text import to_write
from xpmsync.errors import ClientNotFound, Rejected, RouteUnfit
from xpmsync.ignition.mcp import arguments, synonyms
from xpmsync.ignition.mcp.client import PracticeInfo
from xpmsync.ignition.mcp.field_map import Entry, People, Slot, Toolbox, Values, client_values, contact_values, people
from xpmsync.ignition.mcp.records import McpRecord
from xpmsync.ignition.mcp.responses import ToolResult
from xpmsync.ignition.mcp.schema import Property, Tool, fold
from xpmsync.ignition.mcp.synonyms import Words

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Created = tuple[ToolResult, dict[str, str], list[tuple[Mapping[str, str], dict[str, str] | None]]]
"""A creation's answer, the client values it had no room for, and each contact with what did not fit (None: all)."""


class McpWriter:
    """Writes by one server's tools.

    `send` makes the call; `fetch` reads a whole record, for what must be sent along
    with a change.
    """

    def __init__(
        self,
        send: Callable[[Tool, arguments.Arguments], ToolResult],
        tools: Toolbox,
        practice: PracticeInfo,
        fetch: Callable[[str], McpRecord | None],
    ) -> None:
        self._send = send
        self._tools = tools
        self._practice = practice
        self._fetch = fetch

    def update(self, client_id: str, values: Mapping[str, str]) -> ToolResult:
        """Change a client's values, and nothing else of it."""
        tool, slots = self._tools.need("update_client"), self._tools.client_writes
        record: McpRecord | None = None
        if arguments.touches_nested(slots, values):
            record = self._record(client_id)
            values = arguments.whole_addresses(slots, values, record.client.values)
        sent: arguments.Arguments = {}
        _check_values(tool, arguments.fill(sent, slots, values), values)
        if record is not None:
            arguments.keep_rest(sent, tool.input, slots, record.raw)
        self._put_id(sent, tool, synonyms.CLIENT_ID, client_id)

        def known(prop: Property, path: str) -> arguments.Json:
            now = record or self._record(client_id)
            return _as_it_is(tool, prop, path, slots, now.client.values)

        return self._send(tool, arguments.finish(sent, tool, known))

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> tuple[ToolResult, dict[str, str]]:
        """Add a contact; return what the tool had no room for, too."""
        tool = self._tools.need("add_contact")
        slots = contact_values(tool.input)
        sent: arguments.Arguments = {}
        unplaced = arguments.fill(sent, slots, values)
        _check_values(tool, {}, {"contact.name": "", **values})
        self._put_id(sent, tool, synonyms.CLIENT_ID, client_id)
        return self._send(tool, arguments.finish(sent, tool, _of_new(tool, slots, {}))), unplaced

    def update_contact(self, client_id: str, contact_id: str, values: Mapping[str, str]) -> ToolResult:
        """Change a contact's values, and nothing else of it."""
        tool, slots = self._tools.need("update_contact"), self._tools.contact_writes
        sent: arguments.Arguments = {}
        _check_values(tool, arguments.fill(sent, slots, values), values)
        self._put_id(sent, tool, synonyms.CONTACT_ID, contact_id)
        if (prop := _scalar(tool.input, synonyms.CLIENT_OF_CONTACT)) is not None and prop.name not in sent:
            arguments.put_id(sent, prop, client_id)

        def known(prop: Property, path: str) -> arguments.Json:
            contact = self._record(client_id).client.contact(contact_id)
            return _as_it_is(tool, prop, path, slots, contact.values if contact else {})

        return self._send(tool, arguments.finish(sent, tool, known))

    def create(self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> Created:
        """Create a client with as many of its contacts as the tool takes at once."""
        tool = self._tools.need("create_client")
        slots, how = client_values(tool.input), people(tool.input)
        sent: arguments.Arguments = {}
        _check_values(tool, {}, {"name": "", **values})
        unplaced = arguments.fill(sent, slots, values)
        added = _put_people(sent, how, contacts)
        known = _of_new(tool, {**slots, **(how.values if how else {})}, self._practice.details)
        return self._send(tool, arguments.finish(sent, tool, known)), unplaced, added

    def _record(self, client_id: str) -> McpRecord:
        record = self._fetch(client_id)
        if record is None:
            raise ClientNotFound(client_id, System.IGNITION)
        return record

    def _put_id(self, sent: arguments.Arguments, tool: Tool, spelled: Words, record_id: str) -> None:
        prop = _scalar(tool.input, spelled)
        if prop is None:
            raise RouteUnfit(System.IGNITION, tool.name, spelled[0])
        arguments.put_id(sent, prop, record_id)


def _put_people(
    sent: arguments.Arguments, how: People | None, contacts: Sequence[Mapping[str, str]]
) -> list[tuple[Mapping[str, str], dict[str, str] | None]]:
    """Put the contacts into a creation; return each with what did not fit, None where all of it is."""
    if how is None:
        return [(contact, None) for contact in contacts]
    taken = contacts if how.many else contacts[:1]
    added: list[tuple[Mapping[str, str], dict[str, str] | None]] = []
    entries: list[arguments.Json] = []
    for contact in taken:
        entry: arguments.Arguments = {} if how.path else sent
        added.append((contact, arguments.fill(entry, how.values, contact)))
        entries.append(entry)
    if how.path:
        holder = sent
        for step in how.path[:-1]:
            inner = holder.setdefault(step, {})
            assert isinstance(inner, dict)  # noqa: S101 - a wrapper's own values were put there before
            holder = inner
        holder[how.path[-1]] = entries if how.many else entries[0]
    return added + [(contact, None) for contact in contacts[len(taken) :]]


def _check_values(tool: Tool, unplaced: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Raise `Rejected` for values the tool has no place for, and for a name that would be emptied."""
    if unplaced:
        labels = ", ".join(catalogue_field(name).label for name in unplaced)
        raise Rejected(System.IGNITION, tool.name, f"it cannot carry {labels}")
    if not all(values[name].strip() for name in ("name", "contact.name") if name in values):
        raise Rejected(System.IGNITION, tool.name, "a name cannot be blank")


def _of_new(tool: Tool, slots: Values, practice: Mapping[str, str]) -> Callable[[Property, str], arguments.Json]:
    """What a tool requires of a new record: flags are off, the practice knows some; the rest is this record's lack."""

    def known(prop: Property, _path: str) -> arguments.Json:
        name = _field_at(prop, slots)
        if name is not None:
            if catalogue_field(name).kind is FieldKind.FLAG:
                return False if "boolean" in prop.types else None
            raise Rejected(System.IGNITION, tool.name, f"it needs a value for {catalogue_field(name).label}")
        if detail := practice.get(fold(prop.name)):
            return detail
        usual = synonyms.CREATED_AS.get(fold(prop.name), ())
        return next((choice for choice in prop.choices or usual if fold(choice) in usual), None)

    return known


def _as_it_is(tool: Tool, prop: Property, path: str, slots: Values, now: Mapping[str, str]) -> arguments.Json:
    """A required property of a record that is changed, as it is now: sending it changes nothing."""
    name = _field_at(prop, slots)
    if name is None:
        return None
    text = now.get(name, "")
    if not text and catalogue_field(name).kind is not FieldKind.FLAG:
        raise Rejected(System.IGNITION, tool.name, f"it needs a value for {catalogue_field(name).label}")
    holder: arguments.Arguments = {}
    arguments.fill(holder, {name: slots[name]}, {name: text or "No"})
    value: arguments.Json = holder
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _field_at(prop: Property, slots: Values) -> str | None:
    return next((name for name, slot in slots.items() if any(one is prop for one in slot.properties)), None)


def _scalar(shape: Property, spelled: Words) -> Property | None:
    """The first of those properties that holds one value."""
    return next((prop for word in spelled if (prop := shape.named(word)) is not None and prop.is_scalar), None)


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


def _not_sent(_tool: Tool, _arguments: arguments.Arguments) -> ToolResult:
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
    sent: arguments.Arguments = {}
    try:
        arguments.fill(sent, {field: slot}, {field: text})
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
