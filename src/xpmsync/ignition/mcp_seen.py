"""Which fields the server's records were ever seen to have: what never shows cannot be compared.

Remembered between runs, because a server may leave blank values out of its
answers, and forgotten when the reading tools change.
"""

from __future__ import annotations

from typing import Final

from xpmsync.core.store import EVERY_FIELD
from xpmsync.ignition.mcp_records import Record
from xpmsync.ignition.mcp_tools import Toolbox
from xpmsync.ignition.routes import Facts

__all__ = ["Seen"]

_FACT: Final = "ignition.fields"


class Seen:
    """The fields seen in answers of `get_client` (`by_get`) and in lists."""

    def __init__(self, facts: Facts, tools: Toolbox) -> None:
        self._facts = facts
        self._print = tools.reading_print
        told, _, names = (facts.fact(_FACT) or "").partition(" ")
        self.by_get: set[str] = set(tools.described)
        if told == self._print:
            self.by_get |= set(names.split())
        self._by_list: set[str] = set()
        self._contacts_listed = False

    @property
    def fields(self) -> frozenset[str]:
        """All catalogue fields seen."""
        return EVERY_FIELD & (self.by_get | self._by_list)

    def in_list(self, record: Record) -> None:
        """Take note of a record of a list."""
        self._by_list |= record.carried
        self._contacts_listed = self._contacts_listed or record.has_contacts

    def in_get(self, record: Record) -> None:
        """Take note of a whole record."""
        new = (record.carried & EVERY_FIELD) - self.by_get
        if new:
            self.by_get |= new
            self._facts.note(_FACT, " ".join([self._print, *sorted(self.by_get)]))

    def is_lean(self, record: Record) -> bool:
        """Whether `get_client` tells more than the list this record is from.

        One single look-up a run settles it, where the list tells as much.
        """
        return not record.has_contacts or not self.by_get or bool((self.by_get & EVERY_FIELD) - self._by_list)

    def is_partial(self, record: Record) -> bool:
        """Whether an answer has less than a whole record."""
        return not record.has_contacts or bool((self.by_get & EVERY_FIELD) - record.carried)
