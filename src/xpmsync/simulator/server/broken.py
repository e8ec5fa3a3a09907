"""Bodies that no reader should accept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final

__all__ = ["DOCTYPE", "HTML", "JSON_BODY", "gzip_bomb", "malformed", "nested"]

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
