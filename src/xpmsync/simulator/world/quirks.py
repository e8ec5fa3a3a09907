"""Switches for what a system may do to values that are written to it, while it answers that all is well.

Real systems lay values out in their own way, cut them, or do not take them at all.
What people type into the simulator's screens is kept as it is.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from sqlite3 import Connection
from types import TracebackType
from typing import Final, Self

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, FIELDS, FieldKind
from xpmsync.local.system.sqlite import Database

QUIRKS_SCHEMA: Final = "CREATE TABLE quirks (switches TEXT NOT NULL)"
"""Kept in the side's own file, so that every process that opens it behaves the same."""

_CLIENT_NAMES: Final = {row.xpm_read: row.name for row in CLIENT_FIELDS}
_CONTACT_NAMES: Final = {row.xpm_read: row.name for row in CONTACT_FIELDS}
_FREE_TEXT: Final = {row.name for row in FIELDS if row.kind in (FieldKind.TEXT, FieldKind.LINES)}


@dataclass(frozen=True, slots=True)
class Quirks:
    """What one side of the simulator does with written values; fields by their catalogue names.

    `respells` squeezes blanks, joins lines and writes capitals; `ignores` keeps the
    old value; `cuts` maps a field to its longest value; `ignores_empty` does not clear.
    For XPM only: `ignores_query_client` reads the client of a contact from the body
    alone, `bare_ok` answers contact writes without the contact, `unknown_is_404`
    answers `get` for an unknown client with HTTP 404.
    """

    respells: Collection[str] = ()
    ignores: Collection[str] = ()
    cuts: Mapping[str, int] = field(default_factory=dict)
    ignores_empty: bool = False
    ignores_query_client: bool = False
    bare_ok: bool = False
    unknown_is_404: bool = False

    def taken(self, values: Mapping[str, str]) -> dict[str, str]:
        """What of the written values is kept, and how."""
        return {name: self._kept(name, text) for name, text in values.items() if self._takes(name, text)}

    def kept_by_xpm(self, fields: Mapping[str, str], *, of_contact: bool = False) -> dict[str, str]:
        """What XPM keeps of written texts, by its own element names."""
        names = _CONTACT_NAMES if of_contact else _CLIENT_NAMES
        elements = {names.get(element, element): element for element in fields}
        taken = self.taken({name: fields[element] for name, element in elements.items()})
        return {elements[name]: text for name, text in taken.items()}

    def _takes(self, name: str, text: str) -> bool:
        return name not in self.ignores and (bool(text) or not self.ignores_empty)

    def _kept(self, name: str, text: str) -> str:
        kept = text[: self.cuts[name]].strip() if name in self.cuts else text
        if name in self.respells and name in _FREE_TEXT:
            kept = ", ".join(" ".join(line.split()) for line in kept.splitlines() if line.strip()).upper()
        return kept


class SimulatedSide:
    """One side of the simulator: a database that is closed at the end of a `with`, and its quirks."""

    database: Database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def transaction(self) -> AbstractContextManager[Connection]:
        """Make several writes one commit."""
        return self.database.writing()

    @property
    def quirks(self) -> Quirks:
        """What this side does with values that are written to it by other programs."""
        row = self.database.row("SELECT switches FROM quirks")
        return Quirks(**json.loads(row[0])) if row else Quirks()

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        lists = {"respells": sorted(quirks.respells), "ignores": sorted(quirks.ignores)}
        switches = json.dumps({**asdict(quirks), **lists})
        with self.database.writing() as connection:
            connection.execute("DELETE FROM quirks")
            connection.execute("INSERT INTO quirks VALUES (?)", (switches,))
