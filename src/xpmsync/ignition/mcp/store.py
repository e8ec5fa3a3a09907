"""Ignition's clients behind the port, by the tools of its hosted MCP server."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Final

from xpmsync.core.catalogue import FieldKind
from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact
from xpmsync.core.ports.deferred import IMMEDIATE, DeferredWrites
from xpmsync.core.ports.store import Capabilities, Facts
from xpmsync.core.text import same
from xpmsync.errors import ClientNotFound, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp.client import McpCalls, PracticeInfo, ask_practice, check_practice
from xpmsync.ignition.mcp.field_map import Toolbox
from xpmsync.ignition.mcp.reader import McpReader, ObservedFields
from xpmsync.ignition.mcp.records import McpRecord, read_client, read_contact
from xpmsync.ignition.mcp.responses import ToolResult, record_of
from xpmsync.ignition.mcp.writer import McpCheck, McpWriter

_MOST_COMPLETED: Final = 10
"""Search results of exactly the name searched for that are looked up one by one."""


class McpStore:
    """One practice's clients. The first call learns the tools and checks that it is the practice of before.

    Beside the port's errors every method may raise `AnotherPractice` and `RouteUnfit`.
    """

    def __init__(self, calls: McpCalls, facts: Facts) -> None:
        self._calls = calls
        self._facts = facts
        self._written: dict[str, Client] = {}
        self._capabilities: Capabilities | None = None

    @property
    def system(self) -> System:
        """Ignition."""
        return System.IGNITION

    def connect(self) -> None:
        """Learn the tools and, where no record was ever seen, look at one, or the plan would hold everything back."""
        if self._capabilities is not None:
            return
        if not self._seen.by_get and (first := next(self._reader.records(), None)) is not None:
            self._fetch(first.client.id)
        tools, practice = self._learned
        able = tools.capabilities(self._seen.readable(tools.written))
        self._capabilities = replace(able, check=McpCheck(tools, practice))

    @property
    def capabilities(self) -> Capabilities:
        """What the learned schemas let the route write, and what its records were seen to have before this run."""
        if self._capabilities is None:
            raise RuntimeError("connect() comes before capabilities")
        return self._capabilities

    @property
    def deferred(self) -> DeferredWrites:
        """Writes take effect at once."""
        return IMMEDIATE

    @property
    def as_of(self) -> datetime | None:
        """The server names no time."""
        return None

    @property
    def calls_made(self) -> int:
        """Requests sent, those that open the session included."""
        return self._calls.made

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """Every client as the list shows it, `complete` false where `get` has more; it knows no cursor."""
        return (self._shown(record) for record in self._reader.records())

    def get(self, client_id: str) -> Client | None:
        """One client by its id, or by the reference Ignition's screens show.

        Right after a write it is what the server answered to that, where this was the whole record.
        """
        if (written := self._written.pop(client_id, None)) is not None:
            return written
        record = self._fetch(self._reader.id_of(client_id) or client_id)
        return record.client if record else None

    def search(self, text: str) -> Iterator[Client]:
        """Clients the server finds by name or e-mail as it was typed; by reference, those of the whole list."""
        text = text.strip()
        same_name = 0
        for client in map(self._shown, self._reader.search(text)):
            same_name += (is_same := client.name.strip().casefold() == text.casefold())
            looked_up = is_same and not client.complete and same_name <= _MOST_COMPLETED
            record = self._fetch(client.id) if looked_up else None
            yield record.client if record is not None else client

    def create(
        self,
        values: Mapping[str, str],
        contacts: Sequence[Mapping[str, str]],
        *,
        xpm_id: str = "",
        xpm_number: str = "",
    ) -> Client:
        """Create a client; what the tool takes only afterwards follows in further calls.

        Once the client is there nothing raises any more, or it would be created
        twice: what did not follow is a difference that the next sync finds.
        """
        answer, unplaced, added = self._writer.create(values, contacts)
        record = read_client(record_of(answer.payload, "client"))
        if record is None:
            raise UnusableAnswer(System.IGNITION, "create_client", "no id of the new client in it")
        client_id = record.client.id
        with suppress(XpmsyncError):
            if later := {name: text for name, text in unplaced.items() if name in self._tools.client_writes}:
                self._writer.update(client_id, later)
        for contact, rest in added:
            with suppress(XpmsyncError):
                self._follow(client_id, contact, rest)
        with suppress(XpmsyncError):
            record = self._fetch(client_id) or record
        return record.client

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client:
        """Change the given fields only."""
        answer = self._writer.update(client_id, values)
        record = read_client(record_of(answer.payload, "client"))
        if record is None or record.client.id != client_id or not self._has_all(record, values):
            with _carried_out("update_client"):
                record = self._fetch(client_id)
        if record is None:
            raise ClientNotFound(client_id, System.IGNITION)
        self._seen.after_write(values, record.client.values)
        self._written[client_id] = record.client
        return record.client

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact:
        """Add a contact."""
        answer, unplaced = self._writer.add_contact(client_id, values)
        with _carried_out("add_contact"):
            contact = self._contact_in(client_id, answer, values)
        later = {field: text for field, text in unplaced.items() if field in self._tools.contact_writes}
        if later:
            # The contact is there; what does not follow is a difference that the next sync finds.
            with suppress(XpmsyncError):
                return self.update_contact(client_id, contact.id, contact.name, later)
        return contact

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact:
        """Change the given fields of a contact only."""
        answer = self._writer.update_contact(client_id, contact_id, values)
        with _carried_out("update_contact"):
            return self._contact_in(client_id, answer, values, contact_id)

    # --- what is learned once ---------------------------------------------------------

    @cached_property
    def _learned(self) -> tuple[Toolbox, PracticeInfo]:
        tools = Toolbox(self._calls.tools())
        practice = ask_practice(self._calls, tools)
        check_practice(practice, self._facts)
        return tools, practice

    @property
    def _tools(self) -> Toolbox:
        return self._learned[0]

    @cached_property
    def _seen(self) -> ObservedFields:
        return ObservedFields(self._facts, self._tools)

    @cached_property
    def _reader(self) -> McpReader:
        return McpReader(self._calls, self._tools, self._seen)

    @cached_property
    def _writer(self) -> McpWriter:
        tools, practice = self._learned
        return McpWriter(self._calls.write, tools, practice, self._fetch)

    def _has_all(self, record: McpRecord, written: Mapping[str, str]) -> bool:
        """Whether an answer to a write is the whole record, what was written included."""
        shown = all(name in record.client.values for name, text in written.items() if text.strip())
        return shown and not self._seen.is_partial(record)

    def _fetch(self, client_id: str) -> McpRecord | None:
        return self._reader.fetch(client_id)

    def _shown(self, record: McpRecord) -> Client:
        """A client of a list."""
        return replace(record.client, complete=not self._seen.is_summary(record))

    def _contact_in(
        self, client_id: str, answer: ToolResult, values: Mapping[str, str], contact_id: str = ""
    ) -> Contact:
        """The contact that was written, from the answer or, where that lacks it, from the client."""
        written = self._written.pop(client_id, None)
        contact = read_contact(record_of(answer.payload, "contact"))
        if contact is None or not _may_be_meant(contact, values, contact_id, client_id):
            record = self._fetch(client_id)
            contacts = record.client.contacts if record else ()
            contact = next((one for one in reversed(contacts) if _is_meant(one, values, contact_id)), None)
            written = record.client if record else None
            if contact is not None:
                self._seen.after_write(values, contact.values)
        if contact is None:
            raise UnusableAnswer(System.IGNITION, "the contact", "no contact like the one that was written")
        if written is not None and not contact.is_primary:
            others = tuple(one for one in written.contacts if one.id != contact.id)
            self._written[client_id] = replace(written, contacts=(*others, contact))
        return contact

    def _follow(self, client_id: str, contact: Mapping[str, str], unplaced: Mapping[str, str] | None) -> None:
        """Send what a creation had no room for: a whole contact, or the rest of one."""
        if unplaced is None:
            self.add_contact(client_id, contact)
            return
        later = {field: text for field, text in unplaced.items() if field in self._tools.contact_writes}
        record = self._fetch(client_id) if later else None
        made = next((one for one in record.client.contacts if _is_meant(one, contact, "")), None) if record else None
        if made is not None:
            self._writer.update_contact(client_id, made.id, later)


@contextmanager
def _carried_out(call: str) -> Iterator[None]:
    """After a write that worked: an error in looking at its result must not make it seem a failure."""
    try:
        yield
    except XpmsyncError as problem:
        raise UnusableAnswer(System.IGNITION, call, "success, but the record could not be read again") from problem


def _is_meant(contact: Contact, values: Mapping[str, str], contact_id: str) -> bool:
    """Whether a contact is the one written: by id, a new one by name and e-mail, blanks aside."""
    if contact_id:
        return contact.id == contact_id
    return _same_name(contact, values) and same(FieldKind.EMAIL, contact.email, values.get("contact.email", ""))


def _may_be_meant(contact: Contact, values: Mapping[str, str], contact_id: str, client_id: str) -> bool:
    """Whether the record that a server answers a write with is the contact; it may be the client instead."""
    if contact_id or contact.id == client_id:
        return contact.id == contact_id
    email = values.get("contact.email", "")
    return _same_name(contact, values) or (bool(contact.email) and same(FieldKind.EMAIL, contact.email, email))


def _same_name(contact: Contact, values: Mapping[str, str]) -> bool:
    return contact.name.casefold().split() == values.get("contact.name", "").casefold().split()
