"""Reading by one server's tools: lists, searches, single records, and which fields the records have.

A field that never shows cannot be compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from xpmsync.core.catalogue import CONTACT_FIELDS
from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.core.ports.store import EVERY_FIELD, Facts
from xpmsync.errors import Rejected, RouteUnfit, UnusableAnswer
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Arguments, put_id, unfit
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.field_map import Toolbox, place_of
from xpmsync.ignition.mcp.pager import Page, every_client, matching_clients
from xpmsync.ignition.mcp.records import McpRecord, read_client
from xpmsync.ignition.mcp.responses import keys_in, record_of
from xpmsync.local.system.json_files import InvalidRecord, pack, table_in, unpack

_REFERENCE: Final = "cli-"
"""How the references on Ignition's screens begin; ids begin with `cli_`."""
_NO_SUCH: Final = re.compile(
    r"not found|no (?:such )?client|does ?n[o']t exist|could ?n[o']t (?:be )?f(?:i|ou)nd", re.IGNORECASE
)
"""How a tool without codes says that there is no such record."""


class McpReader:
    """Reads by one server's tools, and records which fields the answers have."""

    def __init__(self, calls: McpCalls, tools: Toolbox, seen: ObservedFields) -> None:
        self._calls = calls
        self._list = tools.need("list_clients")
        self._get = tools.need("get_client")
        self._seen = seen
        self._known: list[McpRecord] | None = None

    def records(self) -> Iterator[McpRecord]:
        """Yield every client as the list shows it."""
        return self._noted(every_client(self._calls, self._list))

    def search(self, text: str) -> Iterator[McpRecord]:
        """Yield the clients that the server finds by name or e-mail, else those of the whole list that fit.

        The text is sent as it was typed, for a server may mind capitals: what it
        does not find is looked for in the whole list, which is read once a run.
        """
        listed = None if text.casefold().startswith(_REFERENCE) else matching_clients(self._calls, self._list, text)
        found = False
        for record in self._noted(listed) if listed is not None else ():
            found = True
            yield record
        wanted = text.casefold()
        if not found:
            yield from (record for record in self._whole_list() if wanted in _searched(record.client))

    def id_of(self, reference: str) -> str:
        """The id of the client with that reference; empty where there is none, or it is no reference."""
        wanted = reference.strip().casefold()
        if not wanted.startswith(_REFERENCE):
            return ""
        clients = (record.client for record in self._whole_list())
        return next((client.id for client in clients if client.number.casefold() == wanted), "")

    def fetch(self, client_id: str) -> McpRecord | None:
        """Ask for a whole record; None where the server says that there is none."""
        tool = self._get
        names = (tool.input.named(word) for word in synonyms.CLIENT_ID)
        prop = next((prop for prop in names if prop is not None and prop.is_scalar), None)
        if prop is None:
            raise RouteUnfit(System.IGNITION, tool.name, "client_id")
        sent: Arguments = {}
        put_id(sent, prop, client_id)
        # A person may type a name where an id is asked for.
        if not client_id.strip() or unfit(sent, tool):
            return None
        answer = self._calls.read(tool, sent)
        if answer.is_error:
            if answer.code in synonyms.NOT_FOUND or _NO_SUCH.search(answer.reason):
                return None
            raise Rejected(System.IGNITION, tool.name, answer.reason)
        raw = record_of(answer.payload, "client")
        record = read_client(raw)
        empty = answer.payload is not None or _NO_SUCH.search(answer.reason)
        if record is None and (any(value is not None for value in raw.values()) or not empty):
            reason = f"no client with an id in it, but {keys_in(answer.payload)}"
            raise UnusableAnswer(System.IGNITION, tool.name, reason)
        if record is not None:
            self._seen.in_get(record)
        return record

    def _whole_list(self) -> list[McpRecord]:
        """Every client as the list shows it, read once: single searches must not cost a reading each."""
        if self._known is None:
            self._known = list(self.records())
        return self._known

    def _noted(self, pages: Iterable[Page]) -> Iterator[McpRecord]:
        for page in pages:
            records = [record for raw in page if (record := read_client(raw)) is not None]
            # All of a page first: one record alone may have few fields filled.
            for record in records:
                self._seen.in_list(record)
            yield from records


def _searched(client: Client) -> str:
    """Everything a client is searched by, as one text."""
    people = (text for contact in client.contacts for text in (contact.name, contact.email))
    return "\n".join((client.name, client.number, *people)).casefold()


_FACT: Final = "ignition.fields"
_CONTACT: Final = frozenset(row.name for row in CONTACT_FIELDS)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What is kept between runs; `fingerprint` is the reading tools'."""

    fingerprint: str
    seen: frozenset[str] = frozenset()
    filled_in: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


class ObservedFields:
    """What records were observed to have: in answers of `get_client` (`by_get`), and in lists."""

    def __init__(self, facts: Facts, tools: Toolbox) -> None:
        self._facts = facts
        self._fingerprint = tools.reading_fingerprint
        remembered = _recall(facts.fact(_FACT), self._fingerprint)
        self.by_get: set[str] = {*tools.described, *remembered.seen}
        self._filled_in: set[str] = set(remembered.filled_in)
        self._hidden: set[str] = set(remembered.hidden)
        self._by_list: set[str] = set()

    def readable(self, written: Iterable[str]) -> frozenset[str]:
        """The fields that can be compared; `written` are those the tools take."""
        seen = self.by_get | self._by_list
        assumed = {name for name in written if _part(name) not in self._filled_in} - self._hidden
        return EVERY_FIELD & (seen | assumed)

    def in_list(self, record: McpRecord) -> None:
        """Record the fields of a record of a list."""
        self._by_list |= record.carried

    def in_get(self, record: McpRecord) -> None:
        """Record the fields of a whole record."""
        before = (len(self.by_get), len(self._filled_in))
        self.by_get |= record.carried & EVERY_FIELD
        # Where one blank value is shown, others would be.
        self._filled_in |= {_part(name) for name in record.blank}
        if before != (len(self.by_get), len(self._filled_in)):
            self._remember()

    def after_write(self, values: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Record fields that were written and do not show: nothing would ever agree with them."""
        hidden = {name for name, text in values.items() if text.strip() and name not in now} - self.by_get
        if hidden - self._hidden:
            self._hidden |= hidden
            self._remember()

    def is_summary(self, record: McpRecord) -> bool:
        """Whether `get_client` has more fields than the list this record is from.

        One `get` a run settles it, where the list has as many.
        """
        return not record.has_contacts or not self.by_get or bool(self.by_get - self._by_list)

    def is_partial(self, record: McpRecord) -> bool:
        """Whether an answer has less than a whole record."""
        return not record.has_contacts or bool(self.by_get - record.carried)

    def _remember(self) -> None:
        known = (frozenset(names) for names in (self.by_get, self._filled_in, self._hidden))
        self._facts.note(_FACT, json.dumps(pack(_Remembered(self._fingerprint, *known)), separators=(",", ":")))


def _part(name: str) -> str:
    """The part of a record a field is in; servers leave blank values out of one part and not of another."""
    if name in _CONTACT:
        return "contact"
    place = place_of(name)
    return "client" if place is None else f"{place.prefix}address"


def _recall(fact: str | None, fingerprint: str) -> _Remembered:
    """What an earlier run remembered of the same tools; nothing where they have changed."""
    try:
        remembered = unpack(_Remembered, table_in(fact or ""))
    except InvalidRecord:
        return _Remembered(fingerprint)
    return remembered if remembered.fingerprint == fingerprint else _Remembered(fingerprint)
