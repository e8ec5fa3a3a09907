"""Which fields the server's records have: what never shows cannot be compared.

A field is readable if it was seen. One that was not is readable on trial where
the server may leave blank values out of its answers, until a value was written
and did not show. All of it is remembered between runs, and forgotten when the
reading tools change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from xpmsync.core.catalogue import CONTACT_FIELDS
from xpmsync.core.ports.store import EVERY_FIELD
from xpmsync.ignition.mcp.field_map import Toolbox, place_of
from xpmsync.ignition.mcp.records import McpRecord
from xpmsync.ignition.routes import Facts

__all__ = ["ObservedFields"]

_FACT: Final = "ignition.fields"
_CONTACT: Final = frozenset(row.name for row in CONTACT_FIELDS)


class ObservedFields:
    """What records were seen to have: in answers of `get_client` (`by_get`), and in lists."""

    def __init__(self, facts: Facts, tools: Toolbox) -> None:
        self._facts = facts
        self._print = tools.reading_fingerprint
        held = _read(facts.fact(_FACT), self._print)
        self.by_get: set[str] = set(tools.described) | held.get("seen", set())
        self._filled_in: set[str] = held.get("filled_in", set())
        self._hidden: set[str] = held.get("hidden", set())
        self._by_list: set[str] = set()
        if tools.described:
            self._filled_in |= {_part(name) for name in EVERY_FIELD}

    def readable(self, written: Iterable[str]) -> frozenset[str]:
        """The fields that can be compared; `written` are those the tools take."""
        seen = self.by_get | self._by_list
        on_trial = {name for name in written if _part(name) not in self._filled_in} - self._hidden
        return EVERY_FIELD & (seen | on_trial)

    def in_list(self, record: McpRecord) -> None:
        """Take note of a record of a list."""
        self._by_list |= record.carried

    def in_get(self, record: McpRecord) -> None:
        """Take note of a whole record."""
        before = (len(self.by_get), len(self._filled_in))
        self.by_get |= record.carried & EVERY_FIELD
        # Where one blank value is shown, others would be.
        self._filled_in |= {_part(name) for name in record.blank}
        if before != (len(self.by_get), len(self._filled_in)):
            self._remember()

    def after_write(self, values: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Take note of values that were written and do not show: nothing would ever agree with them."""
        hidden = {name for name, text in values.items() if text.strip() and name not in now} - self.by_get
        if hidden - self._hidden:
            self._hidden |= hidden
            self._remember()

    def is_summary(self, record: McpRecord) -> bool:
        """Whether `get_client` tells more than the list this record is from.

        One single look-up a run settles it, where the list tells as much.
        """
        return not record.has_contacts or not self.by_get or bool(self.by_get - self._by_list)

    def is_partial(self, record: McpRecord) -> bool:
        """Whether an answer has less than a whole record."""
        return not record.has_contacts or bool(self.by_get - record.carried)

    def _remember(self) -> None:
        told = {"seen": self.by_get, "filled_in": self._filled_in, "hidden": self._hidden}
        packed = {"print": self._print, **{name: sorted(held) for name, held in told.items()}}
        self._facts.note(_FACT, json.dumps(packed, separators=(",", ":")))


def _part(name: str) -> str:
    """The part of a record a field is in; servers leave blank values out of one part and not of another."""
    if name in _CONTACT:
        return "contact"
    place = place_of(name)
    return "client" if place is None else f"{place.prefix}address"


def _read(fact: str | None, wanted: str) -> dict[str, set[str]]:
    told: object = json.loads(fact) if fact else None
    if not isinstance(told, dict) or told.get("print") != wanted:
        return {}
    return {str(name): set(map(str, held)) for name, held in told.items() if isinstance(held, list)}
