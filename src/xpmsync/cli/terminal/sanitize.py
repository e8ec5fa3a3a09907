"""Text made safe: foreign text for a terminal, a command line for the shell it is pasted into.

Client data, server messages and file names may hold control characters, C1
codes and bidirectional overrides, which are shown as escapes; Māori, CJK and
emoji stay as they are.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xpmsync.core.model import ClientRef

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


WINDOWS: Final = os.name == "nt"

_PLAIN: Final = r"[A-Za-z0-9_./\\:=+-]+"
_DROPPED: Final = '["“”„‟`]'
"""What ends or escapes a text in double quotes in PowerShell; names are found without them."""
_BLANKED: Final = r"[$%]"
"""What begins a variable in PowerShell and in cmd; in a name, a blank finds the same client."""


def quoted(words: Iterable[str], *, windows: bool | None = None) -> str:
    """One line that a shell parts into these words again; `windows` is for tests on another system.

    Windows has two shells with one thing in common, text in double quotes. Neither
    can escape `"`, `$` or `%` as the other would, so a name is written without them:
    the resolver of clients does not need them. A path keeps its `$` and `%`.
    """
    if not (WINDOWS if windows is None else windows):
        return shlex.join(words)
    return " ".join(_for_windows(word) for word in words)


def _for_windows(word: str) -> str:
    if re.fullmatch(_PLAIN, word):
        return word
    if not re.search(r"[\\/]", word):
        word = " ".join(re.sub(_BLANKED, " ", re.sub(_DROPPED, "", word)).split())
    # A program reads a backslash before the closing quote as a quote within the text.
    ending = len(word) - len(word.rstrip("\\"))
    return f'"{word}{chr(92) * ending}"'
