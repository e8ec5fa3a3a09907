"""What an update file for XPM must never hold, and what is not proven yet: each a hold that says what to do by hand.

Xero's pages contradict each other on what an import goes by (facts, xpm-files 2), so
a write is offered only where it is harmless by every reading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from xpmsync.core.catalogue import FIELDS, FieldKind
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.model import Client
from xpmsync.core.text import formula_like, visible
from xpmsync.xpm.files.proof import ProofState, WriteKind, kind_of
from xpmsync.xpm.files.shapes import Kind
from xpmsync.xpm.files.tables import Table

__all__ = ["WRITABLE", "FilesCheck", "address_lines", "address_places", "folded_name"]

WRITABLE: Final = frozenset(row.name for row in FIELDS if row.xpm_write) - {"contact.primary"}
"""The catalogue's fields that update files can hold. The help pages do not say what a primary column would do."""

_BY_HAND: Final = "Change it in XPM by hand."
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class FilesCheck:
    """Checks changes against the exports, without writing; every method returns why not, or an empty text.

    `names` reads the clients' names in XPM, archived ones as far as known, `contact_names`
    those of all contacts, folded; `state_of` says what is proven, `unknown` names a file
    of new contacts in the folder that nothing is noted of.
    """

    def __init__(
        self,
        tables: Mapping[Kind, Table],
        names: Callable[[], Iterable[str]],
        contact_names: Callable[[], Collection[str]],
        state_of: Callable[[WriteKind], ProofState],
        unknown: Callable[[], str],
    ) -> None:
        self._tables = tables
        self._read_names = names
        self._contact_names = contact_names
        self._state_of = state_of
        self._unknown = unknown

    def value(self, field: str, text: str) -> str:
        """Why a value can be in no update file, of whichever record."""
        row = catalogue_field(field)
        if not visible(text):
            return ""
        if row.kind is FieldKind.LINES and _lines(self._tables, row.name) > 1:
            lines = address_lines(visible(text))
            text = "".join(lines)
            if not all(lines):
                return f"It has a blank line, and a blank cell would delete what XPM holds. {_BY_HAND}"
        if _CONTROL.search(text.strip()):
            return f"It has a line break or a control character, which XPM's import refuses. {_BY_HAND}"
        if row.kind is FieldKind.PHONE and "*" in text:
            return f"A number with * is refused by XPM's import. {_BY_HAND}"
        if formula_like(text):
            return f"It begins like a formula, which a spreadsheet program would run. {_BY_HAND}"
        table = self._tables.get(Kind.CONTACTS if row.of_contact else Kind.CLIENTS)
        if table is not None and not _fits(text, table.file.form.encoding):
            return f"It has letters that the encoding of XPM's export ({table.file.form.encoding}) lacks. {_BY_HAND}"
        return ""

    def update(self, client: Client, values: Mapping[str, str], contact_id: str = "") -> str:
        """Why a client, or a contact of it, cannot be changed so; `client` is the record as it is now."""
        if reason := self._client(client):
            return reason
        for name, text in values.items():
            if reason := self._field(client, name, text, contact_id):
                return reason
        return ""

    def add_contact(self, client: Client, values: Mapping[str, str]) -> str:
        """Why a contact cannot be added to a client."""
        name = values.get("contact.name", "")
        if not visible(name):
            return "A new contact needs a name."
        if reason := self._client(client) or self._unproven(WriteKind.NEW_CONTACT):
            return reason
        if unknown := self._unknown():
            return f"{unknown} adds contacts, and nothing is noted of it. Upload it or remove it first."
        if folded_name(name) in self._contact_names():
            return f"XPM has a contact {name} already, which an import might change or double. Add it in XPM by hand."
        return next((reason for field, text in values.items() if (reason := self.value(field, text))), "")

    def create(self, values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
        """No client is ever created in XPM."""
        return "Clients are never created in XPM."

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(map(folded_name, self._read_names()))

    def _client(self, client: Client) -> str:
        if self._names[folded_name(client.name)] > 1:
            return (
                f"Another client in XPM has the name {client.name} too (archived ones count), and an import may take"
                f" the one for the other. {_BY_HAND}"
            )
        if _CONTROL.search(client.name):
            return f"The client's name in XPM has a line break or a control character. {_BY_HAND}"
        return ""

    def _field(self, client: Client, name: str, text: str, contact_id: str) -> str:
        kind = kind_of(name, contact_id)
        table = self._tables.get(kind.table)
        if name not in WRITABLE or table is None or not has_column(table, name):
            return f"XPM's import of files cannot write it. {_BY_HAND}"
        if not visible(text):
            return f"A blank cell would delete what XPM holds, and it cannot be recovered. {_BY_HAND}"
        if name == "contact.name":
            return "A contact's name is never changed by file: an import may go by it. Change it in XPM by hand."
        if kind is WriteKind.CLIENT_NAME and self._names[folded_name(text)]:
            return f"Another client in XPM has the name {text}. {_BY_HAND}"
        if reason := self._unproven(kind) or self.value(name, text):
            return reason
        row = catalogue_field(name)
        columns = _lines(self._tables, name) if row.kind is FieldKind.LINES else 0
        if columns > 1:
            now, new = (sum(map(bool, address_lines(lines))) for lines in (client.values.get(name, ""), text))
            if new < now:
                return f"It has fewer lines than in XPM, and a blank cell would delete the rest. {_BY_HAND}"
            if max(now, new) > columns:
                return f"It has more lines than XPM's export has columns ({columns}). {_BY_HAND}"
        return ""

    def _unproven(self, kind: WriteKind) -> str:
        state = self._state_of(kind)
        if state is ProofState.PROVEN:
            return ""
        if kind is WriteKind.CLIENT_NAME:
            why = "Renaming by file may make a second client, and is not proven in this practice"
        elif state is ProofState.REFUTED:
            why = f"A pilot showed that XPM's import does not take {kind.label} as it should"
        else:
            why = f"Writing {kind.label} by file is not proven in this practice yet"
        return f"{why} (see: xpm files). {_BY_HAND}"


def address_places(table: Table, name: str) -> list[str]:
    """The meanings of an address's numbered columns, in order; none where it is one cell."""
    return sorted(meaning for meaning in table.columns.places if meaning.startswith(f"{name}."))


def has_column(table: Table, name: str) -> bool:
    """Whether the export has a field, in one column or several."""
    return name in table.columns.places or bool(address_places(table, name))


def folded_name(text: str) -> str:
    """A name as an import by names might compare it: no capitals, single blanks."""
    return " ".join(visible(text).casefold().split())


def _lines(tables: Mapping[Kind, Table], name: str) -> int:
    """How many columns an address has."""
    return len(address_places(tables[Kind.CLIENTS], name)) if Kind.CLIENTS in tables else 0


def address_lines(text: str) -> list[str]:
    """An address's lines without outer blanks. Other separators of lines than line ends are no line ends here."""
    return [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode("utf-8" if encoding.startswith("utf-8") else encoding)
    except UnicodeEncodeError:
        return False
    return True
