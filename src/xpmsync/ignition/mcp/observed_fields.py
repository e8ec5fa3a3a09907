"""Which fields the server's records have: what never shows cannot be compared.

A field is readable if it was observed. Another is assumed to be readable where
the server may leave blank values out of its answers, until a value was written
and did not show. All of it is remembered between runs, and forgotten when the
reading tools change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from xpmsync.core.catalogue import CONTACT_FIELDS
from xpmsync.core.ports.store import EVERY_FIELD
from xpmsync.ignition.mcp.field_map import Toolbox, place_of
from xpmsync.ignition.mcp.records import McpRecord
from xpmsync.ignition.routes import Facts
from xpmsync.local.system.json_files import InvalidRecord, pack, table_in, unpack

__all__ = ["ObservedFields"]

_FACT: Final = "ignition.fields"
_CONTACT: Final = frozenset(row.name for row in CONTACT_FIELDS)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What is kept between runs; `fingerprint` is the reading tools'."""

    fingerprint: str
    seen: frozenset[str] = frozenset()
    filled_in: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


class ObservedFields:
    """What records were observed to have: in answers of `get_client` (`by_get`), and in lists."""

    def __init__(self, facts: Facts, tools: Toolbox) -> None:
        self._facts = facts
        self._fingerprint = tools.reading_fingerprint
        remembered = _recall(facts.fact(_FACT), self._fingerprint)
        self.by_get: set[str] = {*tools.described, *remembered.seen}
        self._filled_in: set[str] = set(remembered.filled_in)
        self._hidden: set[str] = set(remembered.hidden)
        self._by_list: set[str] = set()

    def readable(self, written: Iterable[str]) -> frozenset[str]:
        """The fields that can be compared; `written` are those the tools take."""
        seen = self.by_get | self._by_list
        assumed = {name for name in written if _part(name) not in self._filled_in} - self._hidden
        return EVERY_FIELD & (seen | assumed)

    def in_list(self, record: McpRecord) -> None:
        """Record the fields of a record of a list."""
        self._by_list |= record.carried

    def in_get(self, record: McpRecord) -> None:
        """Record the fields of a whole record."""
        before = (len(self.by_get), len(self._filled_in))
        self.by_get |= record.carried & EVERY_FIELD
        # Where one blank value is shown, others would be.
        self._filled_in |= {_part(name) for name in record.blank}
        if before != (len(self.by_get), len(self._filled_in)):
            self._remember()

    def after_write(self, values: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Record fields that were written and do not show: nothing would ever agree with them."""
        hidden = {name for name, text in values.items() if text.strip() and name not in now} - self.by_get
        if hidden - self._hidden:
            self._hidden |= hidden
            self._remember()

    def is_summary(self, record: McpRecord) -> bool:
        """Whether `get_client` has more fields than the list this record is from.

        One `get` a run settles it, where the list has as many.
        """
        return not record.has_contacts or not self.by_get or bool(self.by_get - self._by_list)

    def is_partial(self, record: McpRecord) -> bool:
        """Whether an answer has less than a whole record."""
        return not record.has_contacts or bool(self.by_get - record.carried)

    def _remember(self) -> None:
        known = (frozenset(names) for names in (self.by_get, self._filled_in, self._hidden))
        self._facts.note(_FACT, json.dumps(pack(_Remembered(self._fingerprint, *known)), separators=(",", ":")))


def _part(name: str) -> str:
    """The part of a record a field is in; servers leave blank values out of one part and not of another."""
    if name in _CONTACT:
        return "contact"
    place = place_of(name)
    return "client" if place is None else f"{place.prefix}address"


def _recall(fact: str | None, fingerprint: str) -> _Remembered:
    """What an earlier run remembered of the same tools; nothing where they have changed."""
    try:
        remembered = unpack(_Remembered, table_in(fact or ""))
    except InvalidRecord:
        return _Remembered(fingerprint)
    return remembered if remembered.fingerprint == fingerprint else _Remembered(fingerprint)
