"""The type of what JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["Json"]

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
