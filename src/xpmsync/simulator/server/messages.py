"""Requests and answers between the HTTP server and what answers them, and the log tests count by."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

__all__ = [
    "API_PATH",
    "CONTROL_PATH",
    "JSON",
    "XML",
    "Editor",
    "Request",
    "RequestLog",
    "SeenRequest",
    "ServerResponse",
    "gateway_error",
]

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
