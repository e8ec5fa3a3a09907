"""The ledger: links, what was agreed on each field, and what a run left behind.

It keeps fingerprints, not copies, of the systems' records. Links carry the
client's name so that they can be listed and completed without a call.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xpmsync.core.enums import Level
from xpmsync.core.model import NOTHING_AGREED, Agreed, ClientRef, Link
from xpmsync.core.plan.plan import ContactRef, Hold, HoldCode
from xpmsync.errors import LinkConflict
from xpmsync.local.ledger.journal import Journal
from xpmsync.local.ledger.summary import LedgerFile
from xpmsync.local.system.sqlite import state_errors

__all__ = ["Ledger", "Todo", "TodoList"]

_MOST_HANDED = 8
"""So many values handed over for one field and never seen are remembered; older files will not be uploaded."""

_LINK = "xpm_id, ignition_id, name, since, ignition_print, level, xpm_number, outside"


class Ledger(LedgerFile):
    """One practice's ledger; use as a context manager. Every method may raise `StateUnusable`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.journal = Journal(self._db, path)
        self.todo = TodoList(self._db, path)

    # --- links ---

    def links(self) -> list[Link]:
        """All links, by name."""
        with state_errors(self.path):
            rows = self._db.execute(f"SELECT {_LINK} FROM links ORDER BY lower(name), xpm_id").fetchall()
        return [_link_of(row) for row in rows]

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
                f"INSERT INTO links ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    link.xpm_id,
                    link.ignition_id,
                    link.name,
                    link.since,
                    link.ignition_fingerprint,
                    link.level.value if link.level else "",
                    link.xpm_number,
                    link.outside,
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

    # --- what a person decided: these two are not the same (no Ignition id: leave this one alone) ---

    def part(self, xpm_id: str, ignition_id: str, fingerprints: tuple[str, str], now: str) -> None:
        """Remember that two clients are not the same, with the fingerprints of the records that were shown."""
        with state_errors(self.path):
            self._db.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)", (xpm_id, ignition_id, *fingerprints, now)
            )

    def distinct_pairs(self) -> dict[tuple[str, str], tuple[str, str]]:
        """All such pairs, with the fingerprints of XPM's and Ignition's record at the time."""
        with state_errors(self.path):
            rows = self._db.execute("SELECT xpm_id, ignition_id, xpm_print, ignition_print FROM decisions").fetchall()
        return {(xpm_id, ignition_id): (xpm, ignition) for xpm_id, ignition_id, xpm, ignition in rows}

    # --- what was agreed ---

    def agreed(self, xpm_id: str) -> Agreed:
        """What both sides of a link last held in common."""
        with state_errors(self.path):
            row = self._db.execute("SELECT agreed, contacts, handed FROM links WHERE xpm_id = ?", (xpm_id,)).fetchone()
        return _agreed_of(row) if row else NOTHING_AGREED

    def all_agreed(self) -> Callable[[str], Agreed]:
        """Load what was agreed for all links, as a function like `agreed` that asks the file no more."""
        with state_errors(self.path):
            rows = self._db.execute("SELECT xpm_id, agreed, contacts, handed FROM links").fetchall()
        told = {xpm_id: packed for xpm_id, *packed in rows if packed != ["{}", "{}", "{}"]}

        def agreed_of(xpm_id: str) -> Agreed:
            packed = told.get(xpm_id)
            return _agreed_of(packed) if packed else NOTHING_AGREED

        return agreed_of

    def remember(
        self,
        client: ClientRef,
        *,
        values: Mapping[str, str],
        contacts: Mapping[str, str],
        ignition_fingerprint: str | None = None,
        holds: Sequence[Hold] | None = None,
        pending: Mapping[str, str] | None = None,
        outside: bool | None = None,
    ) -> None:
        """Add to what was agreed for a link; a fingerprint or holds given replace the former ones.

        `pending` holds the fingerprints of values given to a person to upload; they
        count until something is agreed on their fields. `outside` says that the filters
        left the client out.
        """
        before = self.agreed(client.xpm_id)
        open_still = {key: list(fingerprints) for key, fingerprints in before.pending.items() if key not in values}
        for key, told in (pending or {}).items():
            former = [one for one in open_still.get(key, []) if one != told]
            open_still[key] = [*former[1 - _MOST_HANDED :], told]
        sets: dict[str, str | bool] = {
            "name": client.name,
            "agreed": _dump({**before.values, **values}),
            "contacts": _dump({**before.contacts, **contacts}),
            "handed": _dump(open_still),
        }
        if ignition_fingerprint is not None:
            sets["ignition_print"] = ignition_fingerprint
        if outside is not None:
            sets["outside"] = outside
        if holds is not None:
            sets["holds"] = _dump([_hold_row(hold) for hold in holds])
        columns = ", ".join(f"{name} = ?" for name in sets)
        with state_errors(self.path):
            # `columns` is made of the literal names above.
            self._db.execute(f"UPDATE links SET {columns} WHERE xpm_id = ?", (*sets.values(), client.xpm_id))

    def clear_pending(self, link: Link) -> None:
        """Forget what was handed over for a client: the file was discarded."""
        before = self.agreed(link.xpm_id)
        contacts = {xpm_id: there for xpm_id, there in before.contacts.items() if there}
        with state_errors(self.path):
            self._db.execute(
                "UPDATE links SET contacts = ?, handed = '{}' WHERE xpm_id = ?", (_dump(contacts), link.xpm_id)
            )

    def learn_number(self, xpm_id: str, number: str) -> None:
        """Remember the number that XPM's web address has for a linked client."""
        with state_errors(self.path):
            self._db.execute("UPDATE links SET xpm_number = ? WHERE xpm_id = ?", (number, xpm_id))

    def holds(self, link: Link) -> tuple[Hold, ...]:
        """The holds the last run found for a link, for runs that need not read it again."""
        with state_errors(self.path):
            row = self._db.execute("SELECT holds FROM links WHERE xpm_id = ?", (link.xpm_id,)).fetchone()
        return tuple(_hold_of(link.ref, told) for told in json.loads(row[0])) if row else ()


def _link_of(row: tuple[str, str, str, str, str, str, str, int]) -> Link:
    xpm_id, ignition_id, name, since, ignition_fingerprint, level, number, outside = row
    return Link(
        xpm_id, ignition_id, name, since, ignition_fingerprint, Level(level) if level else None, number, bool(outside)
    )


def _agreed_of(packed: Sequence[str]) -> Agreed:
    agreed, contacts, pending = packed
    return Agreed(json.loads(agreed), json.loads(contacts), json.loads(pending))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hold_row(hold: Hold) -> list[str]:
    contact = hold.contact
    who = [contact.name, contact.xpm_id, contact.ignition_id] if contact else []
    return [hold.field, hold.code.value, hold.reason, *who]


def _hold_of(client: ClientRef, row: list[str]) -> Hold:
    field, code, reason, *who = row
    return Hold(client, field, HoldCode(code), reason, ContactRef(*who) if who else None)


@dataclass(frozen=True, slots=True)
class Todo:
    """A created client to be linked to XPM under Edit Client -> Apps; `since` is UTC in ISO form."""

    xpm_id: str
    name: str
    xpm_number: str
    since: str


class TodoList:
    """The open ones, in the ledger's database."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def add(self, todo: Todo) -> None:
        """Add one; a client has at most one."""
        with state_errors(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO todo VALUES (?, ?, ?, ?)",
                (todo.xpm_id, todo.name, todo.xpm_number, todo.since),
            )

    def all(self) -> list[Todo]:
        """All open ones, oldest first."""
        with state_errors(self._path):
            rows = self._db.execute(
                "SELECT xpm_id, name, xpm_number, since FROM todo ORDER BY since, xpm_id"
            ).fetchall()
        return [Todo(*row) for row in rows]

    def done(self, xpm_id: str) -> None:
        """A person did it."""
        with state_errors(self._path):
            self._db.execute("DELETE FROM todo WHERE xpm_id = ?", (xpm_id,))
