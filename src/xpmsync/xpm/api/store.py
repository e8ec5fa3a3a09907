"""XPM as a store: the calls of section 2 of the facts behind the port of `core.ports`.

A write sends the least that says what changed (facts, 2.3), and only catalogue fields with a
spelling for writing: a masked tax number, a group or a website cannot leave by accident.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree import ElementTree as ET  # only writes; answers are read by `xpm.reader`

from xpmsync.core.catalogue import FIELDS, field
from xpmsync.core.enums import System
from xpmsync.core.model import Client, ClientRef, Contact
from xpmsync.core.ports.deferred import IMMEDIATE, DeferredWrites
from xpmsync.core.ports.store import EVERY_FIELD, Capabilities
from xpmsync.errors import Rejected, UnusableAnswer
from xpmsync.local.net.http import StreamedResponse
from xpmsync.local.net.rate_limit import LIMITS
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.xml_reader import Envelope, NotXpm, read_clients


def client_update(uuid: str, name: str, values: Mapping[str, str]) -> bytes:
    """The body of `PUT client.api/update`: UUID, Name (XPM insists on it) and the changed fields."""
    root = ET.Element("Client")
    _text(root, "UUID", uuid)
    _text(root, "Name", values.get("name") or name)
    _fields(root, {k: v for k, v in values.items() if k != "name"})
    return _bytes(root)


def new_contact(client_uuid: str, values: Mapping[str, str]) -> bytes:
    """The body of `POST client.api/contact`."""
    root = ET.Element("Contact")
    _text(ET.SubElement(root, "Client"), "UUID", client_uuid)
    _fields(root, values)
    return _bytes(root)


def contact_update(client_uuid: str, name: str, values: Mapping[str, str]) -> bytes:
    """The body of `PUT client.api/contact/{uuid}`: the client, Name and the changed fields.

    Position and primary flag belong to the contact's place at that client (facts, 2.3).
    """
    root = ET.Element("Contact")
    _text(ET.SubElement(root, "Client"), "UUID", client_uuid)
    _text(root, "Name", values.get("contact.name") or name)
    _fields(root, {k: v for k, v in values.items() if k != "contact.name"})
    return _bytes(root)


def _fields(root: ET.Element, values: Mapping[str, str]) -> None:
    for name, text in values.items():
        row = field(name)
        if not row.xpm_write:
            raise ValueError(f"{name} is never written to XPM")
        _text(root, row.xpm_write, text)


def _text(root: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(root, tag).text = text


def _bytes(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


OVERLAP: Final = timedelta(minutes=15)
"""How far `modifiedsince` reaches back before the last reading, against clocks and late commits."""

XPM_CAPABILITIES: Final = Capabilities(
    title="XPM's API",
    reads=EVERY_FIELD,
    writes=frozenset(row.name for row in FIELDS if row.xpm_write),
    contact_needs_email=False,
    calls_a_minute=LIMITS[System.XPM].a_minute,
    calls_a_day=LIMITS[System.XPM].a_day,
)

_WEB_NUMBER: Final = re.compile(r"/Client/([0-9]+)", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class XpmStore:
    """One practice's clients in XPM."""

    def __init__(self, calls: XpmCalls) -> None:
        self._calls = calls
        self._as_of: datetime | None = None

    @property
    def system(self) -> System:
        """XPM."""
        return System.XPM

    def connect(self) -> None:
        """XPM's abilities are known without a call."""

    @property
    def capabilities(self) -> Capabilities:
        """All fields can be read; groups, website, structure and tax registration are never written."""
        return XPM_CAPABILITIES

    @property
    def deferred(self) -> DeferredWrites:
        """Writes take effect at once."""
        return IMMEDIATE

    @property
    def as_of(self) -> datetime | None:
        """The server's time when the last `read` was answered."""
        return self._as_of

    @property
    def calls_made(self) -> int:
        """Calls sent so far, repeated ones included."""
        return self._calls.made

    def read(self, *, since: datetime | None = None) -> Iterator[Client]:
        """One `client.api/list`, streamed: all clients with contacts and groups, or those changed since."""
        query = {"detailed": "true"}
        if since is not None:
            query["modifiedsince"] = (since - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        with self._calls.open("GET", "client.api/list", query=query) as answer:
            self._as_of = _server_time(answer)
            yield from _clients(answer, "GET client.api/list", Envelope())

    def get(self, client_id: str) -> Client | None:
        """One client with its web number; None where XPM answers that the identifier is invalid."""
        if not _UUID.fullmatch(client_id):
            return None
        path = f"client.api/get/{client_id}"
        try:
            clients, envelope = self._answer("GET", path)
        except (Rejected, UnusableAnswer) as problem:
            refusal = problem.reason.casefold() if isinstance(problem, Rejected) else ""
            if "invalid client" in refusal or problem.status == 404:
                return None
            raise
        if len(clients) != 1:
            raise UnusableAnswer(System.XPM, f"GET {path}", f"{len(clients)} clients instead of one")
        client = clients[0]
        number = _WEB_NUMBER.search(envelope.web_url)
        return replace(client, number=number[1]) if number else client

    def search(self, text: str) -> Iterator[Client]:
        """XPM's own search; raises as `read` does where the answer is not complete."""
        query = {"query": text, "detailed": "true"}
        with self._calls.open("GET", "client.api/search", query=query) as answer:
            yield from _clients(answer, "GET client.api/search", Envelope())

    def update(self, client_id: str, name: str, values: Mapping[str, str]) -> Client | None:
        """`PUT client.api/update` with UUID, Name and the given values."""
        clients, _ = self._answer("PUT", "client.api/update", body=client_update(client_id, name, values))
        return next((client for client in clients if client.id == client_id.lower()), None)

    def add_contact(self, client_id: str, values: Mapping[str, str]) -> Contact | None:
        """`POST client.api/contact` for that client."""
        return self._contact("POST", "client.api/contact", new_contact(client_id, values), client_id)

    def update_contact(self, client_id: str, contact_id: str, name: str, values: Mapping[str, str]) -> Contact | None:
        """`PUT client.api/contact/{uuid}`, with the client in query and body: a contact can belong to several."""
        body = contact_update(client_id, name, values)
        contact = self._contact("PUT", f"client.api/contact/{contact_id}", body, client_id)
        return contact if contact is not None and contact.id == contact_id.lower() else None

    def _answer(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[list[Client], Envelope]:
        """The clients of a short answer, and what surrounds them."""
        envelope = Envelope()
        with self._calls.open(method, path, query=query, body=body) as answer:
            return list(_clients(answer, f"{method} {path}", envelope)), envelope

    def _contact(self, method: str, path: str, body: bytes, client_id: str) -> Contact | None:
        """The contact in the answer; None where it is a bare OK, which says nothing of what took (facts, 2.3)."""
        _, envelope = self._answer(method, path, query={"clientUuid": client_id}, body=body)
        return envelope.contacts[0] if len(envelope.contacts) == 1 and envelope.contacts[0].id else None


def _clients(answer: StreamedResponse, call: str, envelope: Envelope) -> Iterator[Client]:
    """The clients of an answer; raises unless it is complete and its status is OK."""
    last: Client | None = None
    try:
        for client in read_clients(_xml_only(answer, call), envelope):
            if not client.id:
                raise _unusable(answer, call, "a client without UUID", last)
            if not all(contact.id for contact in client.contacts):
                raise _unusable(answer, call, "a contact without UUID", last)
            yield client
            last = client
    except NotXpm as problem:
        raise _unusable(answer, call, str(problem), problem.after) from problem
    if envelope.status.upper() == "ERROR":
        correlation = answer.headers.get("xero-correlation-id", "")
        raise Rejected(System.XPM, call, envelope.error, answer.status, correlation)
    if envelope.status.upper() != "OK":
        raise _unusable(answer, call, "no status OK in it")


def _xml_only(answer: StreamedResponse, call: str) -> Iterable[bytes]:
    """The body, once its first bytes look like XML: content types are not to be trusted (facts, 1.3)."""
    pieces = answer.pieces()
    head = b""
    for piece in pieces:
        head += piece
        if head.lstrip(b"\xef\xbb\xbf \t\r\n"):
            break
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if not start:
        raise _unusable(answer, call, "an empty body")
    if start.startswith((b"<!doctype html", b"<html")):
        raise _unusable(answer, call, "a web page (HTML)")
    if not start.startswith(b"<"):
        raise _unusable(answer, call, "JSON instead of XML" if start[:1] in b"{[" else "text that is not XML")
    yield head
    yield from pieces


def _unusable(answer: StreamedResponse, call: str, reason: str, after: Client | None = None) -> UnusableAnswer:
    correlation = answer.headers.get("xero-correlation-id", "")
    last = ClientRef(after.id, "", after.name) if after else None
    return UnusableAnswer(System.XPM, call, reason, answer.status, correlation, last)


def _server_time(answer: StreamedResponse) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
