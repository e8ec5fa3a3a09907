"""Secrets in memory for tests, with every step written down."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MemoryEntries:
    """Entries in a dictionary; `steps` lists what was done to which entry, reads left out."""

    held: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    fail_after: int | None = None

    @property
    def name(self) -> str:
        """What a person would be told."""
        return "memory"

    def get(self, service: str) -> str | None:
        """The text stored there, or none."""
        return self.held.get(service)

    def set(self, service: str, text: str) -> None:
        """Store a text there."""
        self._step("set", service)
        self.held[service] = text

    def delete(self, service: str) -> None:
        """Delete what is stored there."""
        self._step("delete", service)
        self.held.pop(service, None)

    def _step(self, what: str, service: str) -> None:
        """Write a step down, or stop as if the process were killed just before it."""
        if self.fail_after is not None and len(self.steps) >= self.fail_after:
            raise KeyboardInterrupt
        self.steps.append((what, service))
