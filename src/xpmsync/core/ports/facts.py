"""What a route may remember between runs: single facts, kept with the profile's links."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Facts", "Notes"]


class Facts(Protocol):
    """A store of named texts; the ledger is one."""

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        ...

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        ...


class Notes:
    """Facts that last as long as the program, for a profile without a ledger."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        return self._texts.get(name)

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._texts[name] = value
