"""Removes secrets from texts that leave the program: log lines and problem reports.

By value, for every secret that this process has used, and by pattern, for any
other. Neither replaces the rule that no secret and no client's data is put into a
message in the first place.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

__all__ = ["conceal", "redacted"]

_SHORTEST: Final = 6
"""A shorter text would remove ordinary words from the log."""
_known: Final[set[str]] = set()


def conceal(*secrets: str) -> None:
    """Register secrets, to be removed from every text from now on; empty and very short ones are ignored."""
    _known.update(secret for secret in secrets if len(secret) >= _SHORTEST)


def redacted(text: str) -> str:
    """The text without secrets, on one line."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    for pattern, instead in _patterns():
        text = pattern.sub(instead, text)
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled with the first text, since most commands write none."""
    return (
        (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+", re.IGNORECASE), r"\1 [secret]"),
        (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"), "[token]"),
        (
            re.compile(
                r"""\b((?:access_|refresh_|id_)?token|client_secret|app_secret|password|passwd|secret|code|sig|state)"""
                r"""(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+""",
                re.IGNORECASE,
            ),
            r"\1\2[secret]",
        ),
        (re.compile(r"(https?://)[^/\s@]+@"), r"\1[secret]@"),
        (re.compile(r"(https?://[^\s?#\"']+)\?[^\s\"']*"), r"\1?[query]"),
        (re.compile(r"[A-Za-z0-9.!#$%&'*+/?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[e-mail]"),
        # Tax and company numbers: 8 digits or more, or in groups of three.
        (re.compile(r"(?<![\w:.-])(?:\d{2} )?\d{3}[ -]\d{3}[ -]\d{3}(?![\w-])"), "[number]"),
        (re.compile(r"(?<![\w:.-])\d{8,}(?![\w-])"), "[number]"),
        # Long opaque texts that are no UUID (a correlation id is one, and is needed).
        (re.compile(r"(?<![\w-])(?!\w{8}(?:-\w{4}){3}-\w{12}(?![\w-]))(?=[\w+=-]*\d)[\w+=-]{32,}"), "[opaque]"),
    )
