"""Characters and references that XML 1.0 forbids, made visible to the reader instead of fatal to the answer.

XPM keeps what was pasted into a field, and writes it out as it is: one such
character would make a parser refuse all 15,000 clients. Each becomes `MARK`, a
code point that XML allows and no text uses, so that its own record can be held.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["MARK", "Repair"]

MARK: Final = "\ufdd0"

_MARK: Final = MARK.encode()
_FORBIDDEN: Final = re.compile(
    rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));|[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
)
_ALLOWED_BYTES: Final = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_LONGEST_REFERENCE: Final = 12


class Repair:
    """Repairs the pieces of an answer; `marked` says whether anything had to be."""

    def __init__(self) -> None:
        self.marked = False

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, in which no forbidden character is left; one that is cut in two is put together first."""
        held_back = b""
        for piece in pieces:
            text = held_back + piece
            cut = _open_end(text)
            held_back = text[cut:]
            yield self._repaired(text[:cut])
        if held_back:
            yield self._repaired(held_back)

    def _repaired(self, text: bytes) -> bytes:
        # Two quick looks spare nearly every answer the slow one.
        if b"&#" in text or b"\xef\xbf" in text or text.translate(None, _ALLOWED_BYTES):
            return _FORBIDDEN.sub(self._replace, text)
        return text

    def _replace(self, match: re.Match[bytes]) -> bytes:
        hexadecimal, decimal = match[1], match[2]
        if (hexadecimal or decimal) and _is_allowed(int(hexadecimal, 16) if hexadecimal else int(decimal)):
            return match[0]
        self.marked = True
        return _MARK


def _is_allowed(number: int) -> bool:
    """Whether XML 1.0 allows the character of that number."""
    return (
        number in (0x9, 0xA, 0xD)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


def _open_end(text: bytes) -> int:
    """Where a reference or character begins that the end of the piece may have cut in two; else the piece's end."""
    ampersand = text.rfind(b"&", max(0, len(text) - _LONGEST_REFERENCE))
    if ampersand >= 0 and b";" not in text[ampersand:]:
        return ampersand
    for length in (1, 2):
        if text.endswith(b"\xef\xbf"[:length]):
            return len(text) - length
    return len(text)
