"""Requests and answers between the HTTP server and what answers them, what callers send, and the log tests count by."""

from __future__ import annotations

import base64
import binascii
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import uuid4

from xpmsync.simulator.world.xml import escape, too_long

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

API_PATH: Final = "/practicemanager/3.1/"
XML: Final = "text/xml; charset=utf-8"
JSON: Final = "application/json"
CONTROL_PATH: Final = "/_practice/"

Editor = Callable[[str, str, str, str], Mapping[str, str]]
"""Plays a person at one of the two systems: system, client, field, new value; returns what it did."""

_TITLES: Final = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}
_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are in lower case; `base` is the server's address as the caller wrote it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str

    @property
    def call(self) -> str:
        """The API call (`client.api/list`), or the whole path elsewhere."""
        return self.path.removeprefix(API_PATH)


@dataclass(frozen=True, slots=True)
class ServerResponse:
    """One HTTP answer; a body in pieces is streamed.

    `drop` closes the connection instead of answering, `cut` breaks the body off
    half-way, `pause` holds the rest of it back until it is set, at most for
    `pause_seconds`. `finished` is called when the answer is out, or given up.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str = XML
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False
    pause: threading.Event | None = None
    pause_seconds: float = 0.0
    paused: threading.Event | None = None
    finished: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request the server received; the Authorization header is left out."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    at: datetime

    @property
    def call(self) -> str:
        """The API call (`client.api/list`), or the whole path elsewhere."""
        return self.path.removeprefix(API_PATH)

    @property
    def of_api(self) -> bool:
        """Whether the request went to the Practice Manager API."""
        return self.path.startswith(API_PATH)


class RequestLog:
    """The requests seen so far, oldest first (the newest 50,000); safe between threads.

    Iterating and indexing work on a snapshot.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[SeenRequest] = deque(maxlen=_KEPT)

    def __iter__(self) -> Iterator[SeenRequest]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._seen)

    def __getitem__(self, place: int) -> SeenRequest:
        return self.all()[place]

    def add(self, seen: SeenRequest) -> None:
        """Note a request."""
        with self._lock:
            self._seen.append(seen)

    def all(self) -> list[SeenRequest]:
        """Every request, those to the identity server included."""
        with self._lock:
            return list(self._seen)

    def reads(self, call: str = "") -> list[SeenRequest]:
        """The API's GETs, or those whose call begins with `call`."""
        return [s for s in self.all() if s.of_api and s.method == "GET" and s.call.startswith(call)]

    def writes(self, call: str = "") -> list[SeenRequest]:
        """The API's POSTs, PUTs and DELETEs, or those whose call begins with `call`."""
        return [s for s in self.all() if s.of_api and s.method != "GET" and s.call.startswith(call)]

    def clear(self) -> None:
        """Forget what was seen."""
        with self._lock:
            self._seen.clear()


def gateway_error(status: int, detail: str) -> ServerResponse:
    """A refusal by the gateway in front of XPM, which answers in JSON whatever was asked (facts, 3)."""
    import json

    body: dict[str, object] = {
        "Type": None,
        "Title": _TITLES.get(status, "Error"),
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid4()),
        "Extensions": {},
    }
    return ServerResponse(status, json.dumps(body).encode(), JSON)


@dataclass(eq=False)
class Refused(Exception):
    """XPM's refusal, sent as a `Status` ERROR envelope."""

    reason: str
    status: int = 200


def body_element(request: Request, name: str) -> Element:
    """The body's root element; anything else is a 500 with the envelope."""
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        root = fromstring(request.body)  # noqa: S314 - sent by our own program over loopback
    except ParseError:
        raise Refused("The request could not be read", 500) from None
    if root.tag != name:
        raise Refused(f"Expected a {name} element", 500)
    return root


def texts(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    """The texts of known child elements, under the names they are kept by; over-long ones are refused.

    An empty element gives an empty text, which clears the value. Whether the real system does so is unknown (facts,
    2.3): it is the reading under which a careless writer does harm. Other names are ignored.
    """
    found: dict[str, str] = {}
    for child in element:
        kept = names.get(child.tag)
        if kept is None:
            continue
        value = (child.text or "").strip()
        refusal = too_long(kept, value)
        if refusal:
            raise Refused(refusal)
        found[kept] = value
    return found


def since(request: Request) -> str:
    """The `modifiedsince` parameter in the form the world compares, or an empty text without one."""
    given = request.query.get("modifiedsince", "")
    if not given:
        return ""
    try:
        moment = datetime.strptime(given, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - the API's times have no zone
    except ValueError:
        raise Refused("Invalid modifiedsince date") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def page_of(request: Request) -> tuple[int, int]:
    """Page size (1 to 500, else 50) and the sequence number after which the page begins."""
    size = request.query.get("pageSize", "50")
    if not size.isdigit() or not 1 <= int(size) <= 500:
        raise Refused("The page size must be between 1 and 500")
    token = request.query.get("pageToken", "")
    if not token:
        return int(size), 0
    try:
        return int(size), int(base64.urlsafe_b64decode(token + "==").decode().removeprefix("after:"))
    except (binascii.Error, ValueError):
        raise Refused("Invalid page token") from None


def pagination(request: Request, size: int, after: int) -> str:
    """The `Pagination` element: absolute URLs of the first page and, where there is one, the next."""
    here = f"{request.base}{request.path}"

    def link(name: str, pairs: Iterable[tuple[str, str]]) -> str:
        return f"<{name}>{escape(f'{here}?{urlencode(list(pairs))}')}</{name}>"

    links = link("First", [("pageSize", str(size))])
    if after:
        token = base64.urlsafe_b64encode(f"after:{after}".encode()).decode().rstrip("=")
        links += link("Next", [("pageToken", token), ("pageSize", str(size))])
    return f"<Pagination><Links>{links}</Links></Pagination>"
