"""Foreign text made safe for a terminal: what could steer it is shown as an escape.

Client data, server messages and file names may hold control characters, C1
codes and bidirectional overrides; Māori, CJK and emoji stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xpmsync.core.model import ClientRef

__all__ = ["count", "named", "one_line", "sanitize"]

_STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def sanitize(text: str) -> str:
    """Show what could steer a terminal as an escape; line ends and tabs stay."""
    return _STEERING.sub(lambda match: _escape(match[0]), text)


def one_line(text: str) -> str:
    """The same on one line: an address' lines are joined by a slash."""
    lines = [" ".join(line.split("\t")).strip() for line in text.replace("\r\n", "\n").split("\n")]
    return sanitize(" / ".join(line for line in lines if line))


def named(client: ClientRef) -> str:
    """A client's name with its ids, on one line."""
    return f"{one_line(client.name)} ({client.ids})"


def count(number: int, word: str) -> str:
    """A number with its noun."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
