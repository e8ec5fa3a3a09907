"""What a tool answered: its payload, its records, and why it failed, wherever the server puts them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.records import scalar
from xpmsync.ignition.mcp.schema import JsonObject, as_list, as_object, fold

__all__ = ["Kind", "NoAnswer", "ToolResult", "code_in", "folded", "levels", "record_of", "records_of", "retry_after_in"]

Kind = Literal["client", "contact", "practice"]
"""What a record is about."""

_DEEPEST: Final = 4
"""How deep answers are looked into."""


@dataclass(eq=False)
class NoAnswer(Exception):
    """A call without an answer of the tool's own.

    `status` and `retry_after` are HTTP's; `code`, `message` and `data` JSON-RPC's.
    `broken` says what happened to the connection, `unusable` what is wrong with
    the answer. `sent` is false where the server certainly did not get the call.
    """

    status: int = 0
    retry_after: str = ""
    code: int = 0
    message: str = ""
    data: object = None
    broken: str = ""
    unusable: str = ""
    sent: bool = True


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool's answer: structured content where it gave some, its texts, and whether it says that it failed."""

    structured: object
    text: str
    is_error: bool

    @property
    def payload(self) -> object:
        """The answer as JSON: the structured content, else the text where that is JSON, else None."""
        if self.structured is None:
            return _decoded(self.text)
        # Servers that return ready-made JSON text get it wrapped by their framework.
        wrapped = as_object(self.structured).get("result")
        return self.structured if not isinstance(wrapped, str) else _decoded(wrapped)

    @property
    def code(self) -> str:
        """The folded code of an error, empty where it names none."""
        return code_in(self.payload)

    @property
    def reason(self) -> str:
        """The tool's own words for why it failed."""
        spelled = ("message", "error", "detail", "description")
        texts = (level.get(word) for level in levels(self.payload) for word in spelled)
        text = next((each for each in texts if isinstance(each, str)), "")
        return (text or self.text or "it gives no reason")[:300]

    @property
    def retry_after(self) -> float | None:
        """When to try again, as the server puts it: seconds, or a Unix time; None where it says nothing."""
        return retry_after_in(self.payload)


def retry_after_in(payload: object) -> float | None:
    """The `retryAfter` in a payload, at any of its upper levels."""
    for level in levels(payload):
        value = next((level[word] for word in synonyms.RETRY_AFTER if word in level), None)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(min(value, 10**18))
    return None


def code_in(payload: object) -> str:
    """The folded code of an error, at any of the payload's upper levels."""
    return next((fold(code) for level in levels(payload) if (code := scalar(level, synonyms.CODE))), "")


def folded(raw: JsonObject) -> dict[str, object]:
    """An object by its folded names."""
    return {fold(str(key)): value for key, value in raw.items()}


def levels(payload: object) -> Iterator[dict[str, object]]:
    """The payload and what it wraps, from the outside in, by folded names."""
    wrapped = as_object(payload)
    for _ in range(_DEEPEST):
        if not wrapped:
            return
        level = folded(wrapped)
        yield level
        words = ("error", *synonyms.WRAPPED)
        wrapped = next((as_object(level[word]) for word in words if isinstance(level.get(word), dict)), {})


def record_of(payload: object, kind: Kind) -> JsonObject:
    """The one record in an answer, out of whatever wraps it; empty where there is none."""
    record = as_object(payload)
    for _ in range(_DEEPEST):
        level = folded(record)
        inner = next((level[word] for word in (kind, *synonyms.WRAPPED) if isinstance(level.get(word), dict)), None)
        if inner is None or scalar(level, synonyms.CLIENT_RECORD_ID):
            break
        record = as_object(inner)
    return record


def records_of(payload: object) -> Sequence[JsonObject] | None:
    """The client records of a list, None where the answer has no list."""
    if isinstance(payload, list):
        return [as_object(entry) for entry in payload]
    for level in levels(payload):
        lists = (level[word] for word in ("clients", *synonyms.WRAPPED) if isinstance(level.get(word), list))
        if (listed := next(lists, None)) is not None:
            return [as_object(entry) for entry in as_list(listed)]
    return None


def _decoded(text: str) -> object:
    try:
        decoded: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return decoded
