"""How each fault shows: refusals before a request is carried out, spoiled answers after it."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Final

from xpmsync.simulator.server.faults import Fault, FaultKind
from xpmsync.simulator.server.messages import JSON, ServerResponse, gateway_error
from xpmsync.simulator.server.rate_limits import limit_answer
from xpmsync.simulator.world.xml import error

__all__ = ["DOCTYPE", "HTML", "JSON_BODY", "after", "before", "gzip_bomb", "malformed", "nested"]

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
