"""A command line to be pasted: quoted for POSIX shells, or for cmd and PowerShell alike."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from typing import Final

__all__ = ["WINDOWS", "quoted"]

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
