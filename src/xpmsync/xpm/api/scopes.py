"""Which rights a sign-in asks Xero for: the least that the direction needs (facts, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xpmsync.core.enums import Direction

__all__ = ["missing_scopes", "scopes_for"]

_READ: Final = "practicemanager.client.read"
_WRITE: Final = "practicemanager.client"


def scopes_for(direction: Direction) -> tuple[str, ...]:
    """Return the least scopes for a direction: XPM is only written when it is the target."""
    return ("offline_access", _WRITE if direction is Direction.TO_XPM else _READ)


def missing_scopes(granted: Sequence[str], direction: Direction) -> tuple[str, ...]:
    """Return the scopes that the direction needs and were not granted; the right to write includes reading."""
    have = {*granted, *([_READ] if _WRITE in granted else [])}
    return tuple(scope for scope in scopes_for(direction) if scope not in have)
