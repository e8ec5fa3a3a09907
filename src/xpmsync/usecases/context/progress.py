"""How a use case tells how far it is, without knowing of any screen."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Told about anything that may take longer than a second."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say what is being done and how far it is; `total` is None where nobody knows."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """Say that a limit is being waited for."""
        ...


class Silent:
    """Nobody is watching."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Say nothing."""

    def waiting(self, seconds: float, why: str) -> None:
        """Say nothing."""
