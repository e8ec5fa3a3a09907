"""A switch for each thing that can go wrong between xpmsync and XPM.

Faults wait in a queue; each request takes the first one that fits it. Those
that refuse act before the request is carried out, those that spoil the answer
act after it, so a write whose answer is lost was still made.
"""

import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Final

from xpmsync.errors import UsageError
from xpmsync.simulator.server.messages import JSON, Request, ServerResponse, gateway_error
from xpmsync.simulator.server.rate_limits import limit_answer
from xpmsync.simulator.world.xml import error


class FaultKind(StrEnum):
    """What goes wrong."""

    LIMIT_MINUTE = "429-minute"
    LIMIT_DAY = "429-day"
    LIMIT_CONCURRENT = "429-concurrent"
    LIMIT_APP = "429-appminute"
    UNAUTHORIZED = "401"
    UNAUTHORIZED_EMPTY = "401-empty"
    FORBIDDEN = "403"
    CONFLICT = "409"
    SERVER_ERROR = "500"
    SERVER_ERROR_ENVELOPE = "500-envelope"
    UNAVAILABLE = "503"
    INVALID_GRANT = "invalid-grant"
    """The token endpoint's 400."""
    ERROR_STATUS = "error-status"
    """HTTP 200 with `Status` ERROR."""
    LOST_BEFORE = "lost-before"
    """The connection closes before the request is carried out."""
    LOST_AFTER = "lost-after"
    """The request is carried out, then the connection closes without an answer."""
    SLOW_BODY = "slow-body"
    CUT_BODY = "cut-body"
    MALFORMED = "malformed-xml"
    DOCTYPE = "doctype"
    HTML = "html"
    JSON = "json"
    GZIP_BOMB = "oversized-gzip"
    NESTED = "nested"
    """200,000 elements within each other, or `size` of them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault (`kind` is one of `FaultKind`) and the requests it is for.

    It strikes `times` requests (0: without end) of that `method` whose path
    contains `path`, after letting `skip` fitting ones through. `retry_after` is
    for limits (seconds), `message` for envelopes. A slow body waits for
    `release`, at most `seconds` (0: a minute), and sets `reached` when half of
    it is out; a limit sets it before it answers. `size` is the megabytes of an oversized gzip (50 when 0) or the
    depth of nested elements.
    """

    kind: str
    times: int = 1
    path: str = ""
    method: str = ""
    skip: int = 0
    retry_after: int | None = None
    message: str = "An unexpected error occurred"
    seconds: float = 0.0
    size: int = 0
    release: threading.Event | None = field(default=None, compare=False)
    reached: threading.Event | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raise `UsageError` for an unknown kind."""
        try:
            FaultKind(self.kind)
        except ValueError:
            raise UsageError(f"no fault {self.kind!r}", ", ".join(FaultKind)) from None

    def fits(self, request: Request) -> bool:
        """Whether this fault is for that request."""
        return self.path in request.path and self.method.upper() in ("", request.method)


class Faults:
    """The queue; safe between threads."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = list(faults)

    def add(self, *faults: Fault) -> None:
        """Queue faults."""
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        """Forget the faults still waiting."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> tuple[Fault, ...]:
        """The faults that have not yet struck as often as asked."""
        with self._lock:
            return tuple(self._waiting)

    def take(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any; it is used up by that."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if not fault.fits(request):
                    continue
                if fault.skip:
                    self._waiting[place] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times == 1:
                    del self._waiting[place]
                elif fault.times:
                    self._waiting[place] = replace(fault, times=fault.times - 1)
                return fault
        return None


_MINUTE_SECONDS: Final = 22
_DAY_SECONDS: Final = 66_975


def before(fault: Fault) -> ServerResponse | None:
    """The answer of a fault that keeps the request from being carried out, or None for the others."""
    match fault.kind:
        case FaultKind.LIMIT_MINUTE | FaultKind.LIMIT_DAY | FaultKind.LIMIT_CONCURRENT | FaultKind.LIMIT_APP:
            usual = _DAY_SECONDS if fault.kind == FaultKind.LIMIT_DAY else _MINUTE_SECONDS
            seconds = usual if fault.retry_after is None else fault.retry_after
            if fault.reached is not None:
                fault.reached.set()
            return limit_answer(fault.kind.removeprefix("429-"), seconds)
        case FaultKind.UNAUTHORIZED:
            return gateway_error(401, "AuthenticationUnsuccessful")
        case FaultKind.UNAUTHORIZED_EMPTY:
            return ServerResponse(401)
        case FaultKind.FORBIDDEN:
            return gateway_error(403, "AuthenticationUnsuccessful")
        case FaultKind.UNAVAILABLE:
            return gateway_error(503, "The service is currently unavailable")
        case FaultKind.INVALID_GRANT:
            return ServerResponse(400, b'{"error":"invalid_grant"}', JSON)
        case FaultKind.CONFLICT:
            return ServerResponse(409, error("Error", fault.message))
        case FaultKind.SERVER_ERROR:
            return ServerResponse(500, b"Internal Server Error", "text/plain")
        case FaultKind.SERVER_ERROR_ENVELOPE:
            return ServerResponse(500, error("Error", fault.message))
        case FaultKind.ERROR_STATUS:
            return ServerResponse(200, error("Error", fault.message))
        case FaultKind.LOST_BEFORE:
            return ServerResponse(drop=True)
        case _:
            return None


def after(fault: Fault, answer: ServerResponse) -> ServerResponse:
    """Spoil the answer of a request that was carried out."""
    match fault.kind:
        case FaultKind.LOST_AFTER:
            return replace(answer, drop=True)
        case FaultKind.CUT_BODY:
            return replace(answer, cut=True)
        case FaultKind.SLOW_BODY:
            return replace(
                answer,
                pause=fault.release or threading.Event(),
                pause_seconds=fault.seconds or 60.0,
                paused=fault.reached,
            )
        case FaultKind.MALFORMED:
            return replace(answer, body=malformed(answer.body))
        case FaultKind.DOCTYPE:
            return replace(answer, body=DOCTYPE)
        case FaultKind.HTML:
            return replace(answer, status=200, body=HTML, content_type="text/html; charset=utf-8")
        case FaultKind.JSON:
            return replace(answer, status=200, body=JSON_BODY, content_type=JSON)
        case FaultKind.GZIP_BOMB:
            packed = {**answer.headers, "Content-Encoding": "gzip"}
            return replace(answer, status=200, body=gzip_bomb(fault.size or 50), headers=packed)
        case FaultKind.NESTED:
            return replace(answer, status=200, body=nested(fault.size or 200_000))
        case _:
            return answer


DOCTYPE: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE Response [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<Response api-method="List"><Status>OK</Status><Clients><Client><Name>&b;</Name></Client></Clients>'
    b"</Response>"
)
HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Xero | Maintenance</title></head>"
    b"<body><h1>We are doing some work</h1><br>Back soon.</body></html>"
)
JSON_BODY: Final = b'{"status":"OK","clients":[]}'

_MEGABYTE: Final = 1 << 20


def malformed(body: bytes | Iterable[bytes]) -> bytes | Iterable[bytes]:
    """The body with one tag spoiled; a streamed one is spoiled in its first piece and goes on."""
    if isinstance(body, bytes):
        return _spoil(body)
    return _spoil_first(iter(body))


@cache
def gzip_bomb(megabytes: int) -> bytes:
    """About a kilobyte of gzip for each megabyte of well-formed XML that comes out of it.

    One compressed block of blanks is repeated, so even gigabytes are made at once.
    """
    head = b'<Response api-method="List"><Status>OK</Status><Clients>'
    tail = b"</Clients></Response>"
    blanks = b" " * _MEGABYTE
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(tail) + packer.flush(zlib.Z_FINISH)
    check = zlib.crc32(head)
    for _ in range(megabytes):
        check = zlib.crc32(blanks, check)
    check = zlib.crc32(tail, check)
    length = len(head) + megabytes * _MEGABYTE + len(tail)
    trailer = struct.pack("<LL", check, length & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + start + block * megabytes + end + trailer


def nested(depth: int) -> bytes:
    """That many elements within each other, all of them closed."""
    return b"<Response><Status>OK</Status>" + b"<Client>" * depth + b"</Client>" * depth + b"</Response>"


def _spoil(piece: bytes) -> bytes:
    place = piece.rfind(b"</")
    return piece[:place] + b"<&/" + piece[place + 2 :]


def _spoil_first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"<Response></Response>")
    return chain((_spoil(first),), pieces)
