"""Reading by one server's tools: lists, searches, and single records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.errors import Rejected, RouteUnfit
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.arguments import Arguments, put_id, unfit
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.field_map import Toolbox
from xpmsync.ignition.mcp.observed_fields import ObservedFields
from xpmsync.ignition.mcp.pager import Page, every_client, matching_clients
from xpmsync.ignition.mcp.records import McpRecord, read_client
from xpmsync.ignition.mcp.responses import record_of

__all__ = ["McpReader"]

_REFERENCE: Final = "cli-"
"""How the references on Ignition's screens begin; ids begin with `cli_`."""
_NO_SUCH: Final = re.compile(
    r"not found|no (?:such )?client|does ?n[o']t exist|could ?n[o']t (?:be )?f(?:i|ou)nd", re.IGNORECASE
)
"""How a tool without codes says that there is no such record."""


class McpReader:
    """Reads by one server's tools, and takes note of the fields its records have."""

    def __init__(self, calls: McpCalls, tools: Toolbox, seen: ObservedFields) -> None:
        self._calls = calls
        self._list = tools.need("list_clients")
        self._get = tools.need("get_client")
        self._seen = seen

    def records(self) -> Iterator[McpRecord]:
        """Yield every client as the list shows it."""
        return self._noted(every_client(self._calls, self._list))

    def search(self, text: str) -> Iterator[McpRecord]:
        """Yield the clients the server finds by name or e-mail; by reference, those of the whole list."""
        listed = None if text.startswith(_REFERENCE) else matching_clients(self._calls, self._list, text)
        if listed is not None:
            yield from self._noted(listed)
            return
        for record in self.records():
            if any(text in each.casefold() for each in _searched(record.client)):
                yield record

    def id_of(self, reference: str) -> str:
        """The id of the client with that reference; empty where there is none, or it is no reference."""
        wanted = reference.strip().casefold()
        if not wanted.startswith(_REFERENCE):
            return ""
        return next((one.client.id for one in self.records() if one.client.number.casefold() == wanted), "")

    def fetch(self, client_id: str) -> McpRecord | None:
        """Ask for a whole record; None where the server says there is none."""
        tool = self._get
        prop = next((one for word in synonyms.CLIENT_ID if (one := tool.input.named(word)) and one.is_scalar), None)
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
        record = read_client(record_of(answer.payload, "client"))
        if record is not None:
            self._seen.in_get(record)
        return record

    def _noted(self, pages: Iterable[Page]) -> Iterator[McpRecord]:
        for page in pages:
            records = [record for raw in page if (record := read_client(raw)) is not None]
            # All of a page first: one record alone may have few fields filled.
            for record in records:
                self._seen.in_list(record)
            yield from records


def _searched(client: Client) -> Iterator[str]:
    yield client.name
    yield client.number
    for contact in client.contacts:
        yield contact.name
        yield contact.email
