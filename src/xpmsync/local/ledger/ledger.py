"""The ledger: links, exceptions, what was agreed on each field, and what the last run found.

It keeps fingerprints, not copies, of the systems' records. Links carry the
client's name so that they can be listed and completed without a call.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from xpmsync.core.enums import Level
from xpmsync.core.model import EMPTY, NOTHING_AGREED, Agreed, Answer, ClientRef, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ContactRef, Hold
from xpmsync.errors import LedgerDamaged, LedgerLost, LinkConflict, StateUnusable
from xpmsync.local.ledger.journal import Journal, RunLinks
from xpmsync.local.ledger.summary import LedgerFile, decoding
from xpmsync.local.system.sqlite import Database, is_damage


@dataclass(frozen=True, slots=True)
class FieldException:
    """One exception; `field` is empty for the whole client, `since` is UTC in ISO form."""

    xpm_id: str
    field: str
    name: str
    note: str
    since: str


class ExceptionList:
    """Reads and writes them. A client with a new or removed exception is compared again by the next run."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[FieldException]:
        """All exceptions, by client name."""
        query = "SELECT xpm_id, field, name, note, since FROM exceptions ORDER BY lower(name), xpm_id, field"
        return [FieldException(*row) for row in self._db.rows(query)]

    def by_client(self) -> dict[str, dict[str, str]]:
        """The notes by XPM id and field, as the diff wants them."""
        notes: dict[str, dict[str, str]] = {}
        for exception in self.all():
            notes.setdefault(exception.xpm_id, {})[exception.field] = exception.note
        return notes

    def add(self, client: ClientRef, field: str, note: str, now: str) -> None:
        """Add an exception, or give an existing one another note."""
        row = (client.xpm_id, field, client.name, note, now)
        self._db.run("INSERT OR REPLACE INTO exceptions VALUES (?, ?, ?, ?, ?)", row)
        self._compare_again(client.xpm_id)

    def remove(self, exception: FieldException) -> None:
        """Remove an exception."""
        self._db.run("DELETE FROM exceptions WHERE xpm_id = ? AND field = ?", (exception.xpm_id, exception.field))
        self._compare_again(exception.xpm_id)

    def _compare_again(self, xpm_id: str) -> None:
        self._db.run("UPDATE links SET ignition_print = '' WHERE xpm_id = ?", (xpm_id,))


_MOST_PENDING = 8
"""How many pending values of one field are remembered; a file older than these will not be uploaded."""

_LINK = "xpm_id, ignition_id, name, since, ignition_print, level, xpm_number, outside"


class AllAgreed:
    """What was agreed for all links, decoded for those that are asked about."""

    def __init__(
        self, path: Path, known: Mapping[str, Sequence[str]], decode: Callable[[str, Sequence[str]], Agreed]
    ) -> None:
        self._path = path
        self._known = known
        self._decode = decode

    def __call__(self, xpm_id: str) -> Agreed:
        """What was agreed for one link."""
        packed = self._known.get(xpm_id)
        return self._decode(xpm_id, packed) if packed else NOTHING_AGREED

    def contacts(self, xpm_id: str) -> Mapping[str, str]:
        """The linked contacts alone, which is all that is asked for an equal client."""
        packed = self._known.get(xpm_id)
        if packed is None or packed[1] == "{}":
            return EMPTY
        with decoding(self._path, f"what was agreed for {xpm_id}"):
            return dict(json.loads(packed[1]).items())


class Ledger(LedgerFile):
    """One practice's ledger; use as a context manager. Every method may raise `StateUnusable`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.journal = Journal(self._db)
        self.todo = TodoList(self._db)
        self.exceptions = ExceptionList(self._db)
        self._found_sound = False
        self.run_links = RunLinks(self._db)

    # --- is it the right one, and whole ---

    def problem(self, files: Sequence[Path] = ()) -> LedgerDamaged | LedgerLost | None:
        """Why nothing may be written on the strength of this ledger; None where it is intact.

        `files` for upload are in the profile's folder.
        """
        try:
            verdict = self._db.row("PRAGMA integrity_check(1)")
            if verdict != ("ok",):
                return LedgerDamaged(self.path, str(verdict[0] if verdict else "it cannot be checked").splitlines()[0])
            self._decode_all()
            return self.loss(files)
        except LedgerDamaged as damaged:
            return damaged
        except StateUnusable as problem:
            if is_damage(problem):
                return LedgerDamaged(self.path, problem.reason)
            raise

    def require_intact(self, files: Sequence[Path] = ()) -> None:
        """Before anything is written: raises `LedgerLost` or `LedgerDamaged`; then notes that it is in use."""
        problem = self.loss(files) if self._found_sound else self.problem(files)
        if problem:
            raise problem
        # Reading all of it takes time with many links; once is enough while it is open.
        self._found_sound = True
        self.mark()

    def compare_all_again(self) -> None:
        """Let the next run read and compare everything."""
        with self.transaction():
            self._db.run("UPDATE links SET ignition_print = ''")
            self._db.run("DELETE FROM facts WHERE name IN ('cursor', 'last_full', 'shape')")

    def _decode_all(self) -> None:
        """Read every record once; raises `LedgerDamaged` for the first one that cannot be understood."""
        agreed_of = self.all_agreed()
        for link in self.links():
            agreed_of(link.xpm_id)
        for xpm_id, holds in self._db.rows("SELECT xpm_id, holds FROM links WHERE holds <> '[]'"):
            with decoding(self.path, f"the holds of {xpm_id}"):
                for hold in json.loads(holds):
                    _hold_of(ClientRef(xpm_id, "", ""), hold)
        for run in self.journal.runs(-1):
            self.journal.writes(run.id)
        for name in ("cursor", "last_full"):
            self.moment_fact(name)
        self.number_fact("source_clients")
        self.distinct_pairs()
        self.todo.all()

    # --- links ---

    def links(self) -> list[Link]:
        """All links, by name."""
        rows = self._db.rows(f"SELECT {_LINK} FROM links ORDER BY lower(name), xpm_id")
        return [self._link_of(*row) for row in rows]

    def names(self) -> dict[str, str]:
        """The linked clients' names by XPM id, without the rest of their links."""
        return dict(self._db.rows("SELECT xpm_id, name FROM links"))

    def links_with_other_ids(self) -> list[Link]:
        """Links whose Ignition id is not made of digits alone."""
        rows = self._db.rows(f"SELECT {_LINK} FROM links WHERE ignition_id GLOB '*[^0-9]*' ORDER BY xpm_id")
        return [self._link_of(*row) for row in rows]

    def link_of(self, client_id: str) -> Link | None:
        """The link of that XPM or Ignition id."""
        query = f"SELECT {_LINK} FROM links WHERE xpm_id = ? OR ignition_id = ?"
        row = self._db.row(query, (client_id.lower(), client_id))
        return self._link_of(*row) if row else None

    def add_link(self, link: Link) -> None:
        """Add a link; raises `LinkConflict` where either client is linked already."""
        for client_id in (link.xpm_id, link.ignition_id):
            present = self.link_of(client_id)
            if present is not None:
                partner = present.ignition_id if client_id == present.xpm_id else present.xpm_id
                raise LinkConflict(link.xpm_id, link.ignition_id, partner)
        level = link.level.value if link.level else ""
        self._db.run(
            f"INSERT INTO links ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (link.xpm_id, link.ignition_id, link.name, link.since, link.ignition_fingerprint, level,
             link.xpm_number, link.outside),
        )  # fmt: skip

    def set_level(self, link: Link, level: Level | None) -> None:
        """Give a client a level of its own, or none; the next run compares it again."""
        query = "UPDATE links SET level = ?, ignition_print = '' WHERE xpm_id = ?"
        self._db.run(query, (level.value if level else "", link.xpm_id))

    def correct_ignition_id(self, link: Link, ignition_id: str) -> Link:
        """Replace the damaged Ignition id of a link; what was agreed stays."""
        self._db.run("UPDATE links SET ignition_id = ? WHERE xpm_id = ?", (ignition_id, link.xpm_id))
        return replace(link, ignition_id=ignition_id)

    def remove_link(self, link: Link) -> None:
        """Forget a link and all that was agreed."""
        self._db.run("DELETE FROM links WHERE xpm_id = ?", (link.xpm_id,))

    # --- what a person decided: these two are not the same (no Ignition id: leave this one alone) ---

    def mark_distinct(self, xpm_id: str, ignition_id: str, fingerprints: tuple[str, str], now: str) -> None:
        """Remember that two clients are not the same, with the fingerprints of the records that were shown."""
        row = (xpm_id, ignition_id, *fingerprints, now)
        self._db.run("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)", row)

    def forget_distinct(self, xpm_id: str, ignition_id: str) -> None:
        """Take a decision back."""
        self._db.run("DELETE FROM decisions WHERE xpm_id = ? AND ignition_id = ?", (xpm_id, ignition_id))

    def distinct_pairs(self) -> dict[tuple[str, str], tuple[str, str]]:
        """All such pairs, with the fingerprints of XPM's and Ignition's record at the time."""
        rows = self._db.rows("SELECT xpm_id, ignition_id, xpm_print, ignition_print FROM decisions")
        return {(xpm_id, ignition_id): (xpm, ignition) for xpm_id, ignition_id, xpm, ignition in rows}

    # --- what was agreed ---

    def agreed(self, xpm_id: str) -> Agreed:
        """What both sides of a link last held in common."""
        row = self._db.row("SELECT agreed, contacts, handed, answers FROM links WHERE xpm_id = ?", (xpm_id,))
        return self._agreed_of(xpm_id, row) if row else NOTHING_AGREED

    def all_agreed(self) -> AllAgreed:
        """Load what was agreed for all links, as a function like `agreed` that no longer reads the file."""
        rows = self._db.rows("SELECT xpm_id, agreed, contacts, handed, answers FROM links")
        known = {xpm_id: packed for xpm_id, *packed in rows if packed != ["{}", "{}", "{}", "{}"]}
        return AllAgreed(self.path, known, self._agreed_of)

    def remember(
        self,
        client: ClientRef,
        *,
        values: Mapping[str, str],
        contacts: Mapping[str, str],
        ignition_fingerprint: str | None = None,
        holds: Sequence[Hold] | None = None,
        pending: Mapping[str, str] | None = None,
        answers: Mapping[str, Answer] | None = None,
        outside: bool | None = None,
    ) -> None:
        """Add to what was agreed for a link; a fingerprint or holds given replace the former ones.

        Nothing is noted where these two clients are not linked (any more): a write may be undone or
        settled after one of them was linked to another.

        `pending` holds the fingerprints of values in files that a person uploads; they
        count until something is agreed on their fields, and so do `answers`, what the
        target made of values that were sent. `outside` says that the filters
        left the client out.
        """
        before = self.agreed(client.xpm_id)
        still_pending = {key: list(prints) for key, prints in before.pending.items() if key not in values}
        for key, fingerprint in (pending or {}).items():
            former = [known for known in still_pending.get(key, []) if known != fingerprint]
            still_pending[key] = [*former[1 - _MOST_PENDING :], fingerprint]
        kept = {key: answer for key, answer in before.answers.items() if key not in values}
        sets: dict[str, str | bool] = {
            "name": client.name,
            "agreed": _dump({**before.values, **values}),
            "contacts": _dump({**before.contacts, **contacts}),
            "handed": _dump(still_pending),
            "answers": _dump({key: astuple(answer) for key, answer in {**kept, **(answers or {})}.items()}),
        }
        if ignition_fingerprint is not None:
            sets["ignition_print"] = ignition_fingerprint
        if outside is not None:
            sets["outside"] = outside
        if holds is not None:
            sets["holds"] = _dump([_hold_row(hold) for hold in holds])
        columns = ", ".join(f"{name} = ?" for name in sets)
        # `columns` is made of the literal names above.
        query = f"UPDATE links SET {columns} WHERE xpm_id = ? AND ignition_id = ?"
        self._db.run(query, (*sets.values(), client.xpm_id, client.ignition_id))

    def forget_waiting_contacts(self, xpm_ids: Collection[str]) -> None:
        """Forget that new contacts of these clients are in a pending upload: no file has them any more."""
        for xpm_id, packed in self._db.rows("SELECT xpm_id, contacts FROM links WHERE contacts LIKE '%:\"\"%'"):
            if xpm_id in xpm_ids:
                with decoding(self.path, f"the contacts of {xpm_id}"):
                    known = {contact: other for contact, other in json.loads(packed).items() if other}
                self._db.run("UPDATE links SET contacts = ? WHERE xpm_id = ?", (_dump(known), xpm_id))

    def clear_pending(self, link: Link) -> None:
        """Forget the pending values of a client: the file was discarded."""
        before = self.agreed(link.xpm_id)
        contacts = {xpm_id: ignition_id for xpm_id, ignition_id in before.contacts.items() if ignition_id}
        answers = {key: astuple(answer) for key, answer in before.answers.items() if key not in before.pending}
        query = "UPDATE links SET contacts = ?, handed = '{}', answers = ? WHERE xpm_id = ?"
        self._db.run(query, (_dump(contacts), _dump(answers), link.xpm_id))

    def learn_number(self, xpm_id: str, number: str) -> None:
        """Remember the number that XPM's web address has for a linked client."""
        self._db.run("UPDATE links SET xpm_number = ? WHERE xpm_id = ?", (number, xpm_id))

    def holds(self, link: Link) -> tuple[Hold, ...]:
        """The holds the last run found for a link, for runs that need not read it again."""
        row = self._db.row("SELECT holds FROM links WHERE xpm_id = ?", (link.xpm_id,))
        with decoding(self.path, f"the holds of {link.xpm_id}"):
            return tuple(_hold_of(link.ref, hold) for hold in json.loads(row[0])) if row else ()

    def _link_of(
        self,
        xpm_id: str,
        ignition_id: str,
        name: str,
        since: str,
        fingerprint: str,
        level: str,
        number: str,
        outside: int,
    ) -> Link:
        own_level = None
        if level:
            with decoding(self.path, f"the link of {xpm_id}"):
                own_level = Level(level)
        return Link(xpm_id, ignition_id, name, since, fingerprint, own_level, number, bool(outside))

    def _agreed_of(self, xpm_id: str, packed: Sequence[str]) -> Agreed:
        with decoding(self.path, f"what was agreed for {xpm_id}"):
            values, contacts, pending, answers = (
                dict(json.loads(text).items()) if text != "{}" else {} for text in packed
            )
            return Agreed(values, contacts, pending, {key: Answer(*answer) for key, answer in answers.items()})


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
    """The open to-dos; every method may raise `StateUnusable`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, todo: Todo) -> None:
        """Add a to-do; a client has at most one."""
        row = (todo.xpm_id, todo.name, todo.xpm_number, todo.since)
        self._db.run("INSERT OR REPLACE INTO todo VALUES (?, ?, ?, ?)", row)

    def all(self) -> list[Todo]:
        """All open to-dos, oldest first."""
        rows = self._db.rows("SELECT xpm_id, name, xpm_number, since FROM todo ORDER BY since, xpm_id")
        return [Todo(*row) for row in rows]

    def done(self, xpm_id: str) -> None:
        """Remove the to-do of a client: a person did it."""
        self._db.run("DELETE FROM todo WHERE xpm_id = ?", (xpm_id,))
