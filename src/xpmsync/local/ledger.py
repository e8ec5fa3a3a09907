"""The ledger: links, what was agreed on each field, and what a run left behind.

It keeps fingerprints, not copies, of the systems' records. Links carry the
client's name so that they can be listed and completed without a call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from xpmsync.core.diff import NOTHING_AGREED, Agreed
from xpmsync.core.links import Link
from xpmsync.core.model import ClientRef, Level
from xpmsync.core.plan import ContactRef, Hold, HoldCode
from xpmsync.errors import LinkConflict
from xpmsync.local.database import connect, state_errors
from xpmsync.local.journal import Journal

__all__ = ["Ledger"]

_LINK = "xpm_id, ignition_id, name, since, ignition_print, level"


class Ledger:
    """One practice's ledger; use as a context manager. Every method may raise `StateUnusable`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = connect(path)
        self.journal = Journal(self._db, path)

    def __enter__(self) -> Self:
        """The open ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group changes: all of them are kept, or none."""
        with state_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # --- links ---

    def links(self) -> list[Link]:
        """All links, by name."""
        with state_errors(self.path):
            rows = self._db.execute(f"SELECT {_LINK} FROM links ORDER BY lower(name), xpm_id").fetchall()
        return [_link_of(row) for row in rows]

    def count(self) -> int:
        """How many links there are."""
        with state_errors(self.path):
            (number,) = self._db.execute("SELECT count(*) FROM links").fetchone()
        return int(number)

    def link_of(self, client_id: str) -> Link | None:
        """The link of that XPM or Ignition id."""
        query = f"SELECT {_LINK} FROM links WHERE xpm_id = ?1 OR ignition_id = ?2"
        with state_errors(self.path):
            row = self._db.execute(query, (client_id.lower(), client_id)).fetchone()
        return _link_of(row) if row else None

    def add_link(self, link: Link) -> None:
        """Add a link; raises `LinkConflict` where either client is linked already."""
        for one in (link.xpm_id, link.ignition_id):
            present = self.link_of(one)
            if present is not None:
                partner = present.ignition_id if one == present.xpm_id else present.xpm_id
                raise LinkConflict(link.xpm_id, link.ignition_id, partner)
        with state_errors(self.path):
            self._db.execute(
                f"INSERT INTO links ({_LINK}) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    link.xpm_id,
                    link.ignition_id,
                    link.name,
                    link.since,
                    link.ignition_print,
                    link.level.value if link.level else "",
                ),
            )

    def set_level(self, link: Link, level: Level | None) -> None:
        """Give a client a level of its own, or none; it is compared anew by the next run."""
        with state_errors(self.path):
            self._db.execute(
                "UPDATE links SET level = ?, ignition_print = '' WHERE xpm_id = ?",
                (level.value if level else "", link.xpm_id),
            )

    def remove_link(self, link: Link) -> None:
        """Forget a link and all that was agreed."""
        with state_errors(self.path):
            self._db.execute("DELETE FROM links WHERE xpm_id = ?", (link.xpm_id,))

    # --- what was agreed ---

    def agreed(self, xpm_id: str) -> Agreed:
        """What both sides of a link last held in common."""
        with state_errors(self.path):
            row = self._db.execute("SELECT agreed, contacts FROM links WHERE xpm_id = ?", (xpm_id,)).fetchone()
        return Agreed(json.loads(row[0]), json.loads(row[1])) if row else Agreed()

    def all_agreed(self) -> Callable[[str], Agreed]:
        """Load what was agreed for all links, as a function like `agreed` that asks the file no more."""
        with state_errors(self.path):
            rows = self._db.execute("SELECT xpm_id, agreed, contacts FROM links").fetchall()
        told = {xpm_id: (agreed, contacts) for xpm_id, agreed, contacts in rows if agreed != "{}" or contacts != "{}"}

        def agreed_of(xpm_id: str) -> Agreed:
            packed = told.pop(xpm_id, None)
            return Agreed(json.loads(packed[0]), json.loads(packed[1])) if packed else NOTHING_AGREED

        return agreed_of

    def remember(
        self,
        client: ClientRef,
        *,
        values: Mapping[str, str],
        contacts: Mapping[str, str],
        ignition_print: str | None = None,
        holds: Sequence[Hold] | None = None,
    ) -> None:
        """Add to what was agreed for a link; a fingerprint or holds given replace the former ones."""
        before = self.agreed(client.xpm_id)
        sets = {
            "name": client.name,
            "agreed": _dump({**before.values, **values}),
            "contacts": _dump({**before.contacts, **contacts}),
        }
        if ignition_print is not None:
            sets["ignition_print"] = ignition_print
        if holds is not None:
            sets["holds"] = _dump([_hold_row(hold) for hold in holds])
        columns = ", ".join(f"{name} = ?" for name in sets)
        with state_errors(self.path):
            # `columns` is made of the literal names above.
            self._db.execute(f"UPDATE links SET {columns} WHERE xpm_id = ?", (*sets.values(), client.xpm_id))

    def holds(self, link: Link) -> tuple[Hold, ...]:
        """The holds the last run found for a link, for runs that need not read it again."""
        with state_errors(self.path):
            row = self._db.execute("SELECT holds FROM links WHERE xpm_id = ?", (link.xpm_id,)).fetchone()
        return tuple(_hold_of(link.ref, told) for told in json.loads(row[0])) if row else ()

    # --- single facts: cursor, last full read, what shaped the last run ---

    def fact(self, name: str) -> str | None:
        """A remembered fact."""
        with state_errors(self.path):
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Remember a fact."""
        with state_errors(self.path):
            self._db.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )


def _link_of(row: tuple[str, str, str, str, str, str]) -> Link:
    xpm_id, ignition_id, name, since, ignition_print, level = row
    return Link(xpm_id, ignition_id, name, since, ignition_print, Level(level) if level else None)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hold_row(hold: Hold) -> list[str]:
    contact = hold.contact
    who = [contact.name, contact.xpm_id, contact.ignition_id] if contact else []
    return [hold.field, hold.code.value, hold.reason, *who]


def _hold_of(client: ClientRef, row: list[str]) -> Hold:
    field, code, reason, *who = row
    return Hold(client, field, HoldCode(code), reason, ContactRef(*who) if who else None)
