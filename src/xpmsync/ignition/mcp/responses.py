"""What a tool answered: its payload, its records, and why it failed, wherever the server puts them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.records import entry_of, scalar
from xpmsync.ignition.mcp.schema import JsonObject, as_list, as_object, fold, fold_keys

Kind = Literal["client", "contact", "practice"]
"""What a record is about."""

_DEEPEST: Final = 5
"""How deep answers are looked into."""
_WRAPPERS: Final = ("error", "clients", *synonyms.WRAPPED)
_LISTS: Final = ("clients", *synonyms.LISTS)
_OPENING: Final = re.compile(r"[\[{]")
_MOST_STARTS: Final = 20
"""Brackets in a text at which JSON is looked for."""
_PLAIN_NAME: Final = re.compile(r"[\w.$ -]{1,40}")
_MOST_KEYS: Final = 8


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
    texts: tuple[str, ...]
    is_error: bool

    @property
    def payload(self) -> object:
        """The answer as JSON: the structured content, else what JSON there is in the texts, else None."""
        # Servers that return ready-made JSON text get it wrapped by their framework.
        wrapped = as_object(self.structured).get("result")
        if isinstance(wrapped, str):
            return _joined([wrapped])
        return self.structured or _joined(self.texts)

    @property
    def code(self) -> str:
        """The folded code of an error, empty where it names none."""
        return code_in(self.payload)

    @property
    def reason(self) -> str:
        """The tool's own words for why it failed."""
        words = ("message", "error", "detail", "description")
        values = (level.get(word) for level in levels(self.payload) for word in words)
        reason = next((value for value in values if isinstance(value, str)), "")
        return (reason or "\n".join(self.texts) or "it gives no reason")[:300]

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


def levels(payload: object) -> Iterator[dict[str, object]]:
    """The payload and what it wraps, from the outside in, by folded names."""
    wrapped = as_object(payload)
    for _ in range(_DEEPEST):
        if not wrapped:
            return
        level = fold_keys(wrapped)
        yield level
        wrapped = next((as_object(level[word]) for word in _WRAPPERS if isinstance(level.get(word), dict)), {})


def record_of(payload: object, kind: Kind) -> JsonObject:
    """The one record in an answer, out of whatever wraps it; empty where there is none."""
    record = as_object(payload[0]) if isinstance(payload, list) and len(payload) == 1 else as_object(payload)
    for _ in range(_DEEPEST):
        level = fold_keys(record)
        if scalar(level, synonyms.CLIENT_RECORD_ID):
            break
        inner = next((level[word] for word in (kind, *synonyms.WRAPPED) if isinstance(level.get(word), dict)), None)
        if inner is None:
            break
        record = as_object(inner)
    return entry_of(record)


def records_of(payload: object) -> Sequence[JsonObject] | None:
    """The client records of a list, None where the answer has no list."""
    if isinstance(payload, list):
        return [entry_of(each) for each in payload]
    for level in levels(payload):
        lists = (level[word] for word in _LISTS if isinstance(level.get(word), list))
        if (listed := next(lists, None)) is not None:
            return [entry_of(each) for each in as_list(listed)]
    return None


def keys_in(payload: object) -> str:
    """What an answer that cannot be read has instead, for messages: names only, never values."""
    if isinstance(payload, list):
        return f"a list of {len(payload)}, the first with {keys_in(payload[0])}" if payload else "an empty list"
    names = [name for name in map(str, as_object(payload)) if _PLAIN_NAME.fullmatch(name)][:_MOST_KEYS]
    return f"the keys {', '.join(names)}" if names else "no keys"


def _joined(texts: Sequence[str]) -> object:
    """The JSON in texts: one value, several objects as one where they share no key, else a list of all."""
    values = [value for text in texts if (value := _decoded(text)) is not None]
    if len(values) < 2:
        return values[0] if values else None
    objects = [as_object(value) for value in values]
    merged = {key: value for each in objects for key, value in each.items()}
    if all(objects) and len(merged) == sum(map(len, objects)):
        return merged
    return values


def _decoded(text: str) -> object:
    """The JSON object or array in a text: the whole of it, or what follows a sentence or is in a code fence."""
    decoder, text = json.JSONDecoder(), text.lstrip()
    for start in [match.start() for match in _OPENING.finditer(text)][:_MOST_STARTS]:
        try:
            value: object = decoder.raw_decode(text, start)[0]
        except ValueError:
            continue
        except RecursionError:
            return None
        # A number in brackets may be part of the sentence.
        if isinstance(value, dict) or (isinstance(value, list) and (start == 0 or any(map(as_object, value)))):
            return value
    return None
