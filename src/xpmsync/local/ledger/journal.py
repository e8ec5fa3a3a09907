"""The journal: every run, and every write with what it replaced.

A write is entered as an intent before the call goes out and closed when the
answer is in, so that a killed run leaves a trace of exactly what is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.plan import Call, CallKind, ChangeKind, ContactRef, Hold
from xpmsync.local.ledger.summary import Run, RunOutcome, Runs
from xpmsync.local.system.sqlite import state_errors, transaction

__all__ = ["PENDING_UPLOAD", "Held", "History", "Journal", "Run", "RunOutcome", "Write", "WriteState", "WrittenField"]


def _fields(call: Call) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    for change in call.changes:
        if change.kind is ChangeKind.FIELD:
            rows.append((change.field, change.old, change.new, change.why.value))
            continue
        rows += [(name, "", text, change.why.value) for name, text in change.values.items()]
        for number, contact in enumerate(change.contacts, start=1):
            rows += [(f"{name}#{number}", "", text, change.why.value) for name, text in contact.items()]
    return rows


PENDING_UPLOAD: Final = "handed-over"
"""The note on a write that is done as far as a run can do it: it is in a file that a person uploads."""


class WriteState(StrEnum):
    """What is known of a write."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WrittenField:
    """One field of a write; `old` and `new` are None once they have expired."""

    field: str
    old: str | None
    new: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Write:
    """One journalled call."""

    id: int
    run: int
    client: ClientRef
    system: System
    kind: CallKind
    contact: ContactRef | None
    state: WriteState
    intended: str
    finished: str
    problem: str
    fields: tuple[WrittenField, ...]

    @property
    def is_pending_upload(self) -> bool:
        """Whether it takes effect only when a person uploads its file."""
        return self.problem == PENDING_UPLOAD


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as runs found it, from the first to the last that compared the client and still found it."""

    field: str
    contact: str
    code: str
    reason: str
    first_run: int
    last_run: int


_WRITE = (
    "SELECT id, run, xpm_id, ignition_id, name, system, kind, contact, contact_xpm_id, contact_ignition_id,"
    " state, intended, finished, problem FROM writes"
)


class History(Runs):
    """Reads the journal's other tables too; every method may raise `StateUnusable`."""

    def writes(self, run: int) -> list[Write]:
        """A run's writes in order."""
        return self._writes(f"{_WRITE} WHERE run = ? ORDER BY id", run)

    def writes_of(self, xpm_id: str) -> list[Write]:
        """A client's writes over all runs, oldest first."""
        return self._writes(f"{_WRITE} WHERE xpm_id = ? ORDER BY id", xpm_id)

    def unsettled(self) -> list[Write]:
        """Writes with an unknown end: intents of a killed run, and lost answers."""
        return self._writes(f"{_WRITE} WHERE state IN ('intent', 'unknown') AND ? ORDER BY id", 1)

    def held(self, xpm_id: str) -> list[Held]:
        """A client's holds over all runs, oldest first."""
        query = "SELECT field, contact, code, reason, first_run, last_run FROM held WHERE xpm_id = ? ORDER BY first_run"
        with state_errors(self._path):
            return [Held(*row) for row in self._db.execute(query, (xpm_id,)).fetchall()]

    def clients_held(self) -> frozenset[str]:
        """The XPM ids of clients that had a hold when they were last compared."""
        with state_errors(self._path):
            rows = self._db.execute("SELECT DISTINCT xpm_id FROM held WHERE NOT ended").fetchall()
        return frozenset(xpm_id for (xpm_id,) in rows)

    def _writes(self, query: str, argument: str | int) -> list[Write]:
        with state_errors(self._path):
            rows = self._db.execute(query, (argument,)).fetchall()
            return [self._write_of(*row) for row in rows]

    def _write_of(
        self,
        write: int,
        run: int,
        xpm_id: str,
        ignition_id: str,
        name: str,
        system: str,
        kind: str,
        contact: str,
        contact_xpm_id: str,
        contact_ignition_id: str,
        state: str,
        intended: str,
        finished: str | None,
        problem: str,
    ) -> Write:
        fields = self._db.execute(
            "SELECT field, old, new, why FROM write_fields WHERE write = ? ORDER BY rowid", (write,)
        )
        of_contact = kind in (CallKind.ADD_CONTACT, CallKind.UPDATE_CONTACT)
        return Write(
            write,
            run,
            ClientRef(xpm_id, ignition_id, name),
            System(system),
            CallKind(kind),
            ContactRef(contact, contact_xpm_id, contact_ignition_id) if of_contact else None,
            WriteState(state),
            intended,
            finished or "",
            problem,
            tuple(WrittenField(*row) for row in fields),
        )


class Journal(History):
    """Enters runs and writes in the ledger's database, and tells them again."""

    def begin(self, command: str, direction: Direction, level: Level, now: str, *, undoes: int = 0) -> int:
        """Enter a run and return its number."""
        with state_errors(self._path):
            cursor = self._db.execute(
                "INSERT INTO runs (command, direction, level, started, undoes) VALUES (?, ?, ?, ?, ?)",
                (command, direction.value, level.value, now, undoes or None),
            )
        return int(cursor.lastrowid or 0)

    def end(self, run: int, outcome: RunOutcome, counts: Mapping[str, int], now: str) -> None:
        """Close a run."""
        with state_errors(self._path):
            self._db.execute(
                "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE id = ?",
                (now, outcome.value, json.dumps(dict(counts)), run),
            )

    def intend(self, run: int, call: Call, system: System, now: str) -> int:
        """Enter a write that is about to go out, with the old and new text of each field, and return its number."""
        client, contact = call.client, call.contact or ContactRef("", "", "")
        row = (
            run,
            client.xpm_id,
            client.ignition_id,
            client.name,
            system.value,
            call.kind.value,
            contact.name,
            contact.xpm_id,
            contact.ignition_id,
            WriteState.INTENT.value,
            now,
        )
        with state_errors(self._path), transaction(self._db):
            cursor = self._db.execute(
                "INSERT INTO writes (run, xpm_id, ignition_id, name, system, kind, contact, contact_xpm_id,"
                " contact_ignition_id, state, intended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            write = int(cursor.lastrowid or 0)
            self._db.executemany(
                "INSERT INTO write_fields VALUES (?, ?, ?, ?, ?)",
                [(write, field, old, new, why) for field, old, new, why in _fields(call)],
            )
        return write

    def close(self, write: int, state: WriteState, now: str, problem: str = "", *, ignition_id: str = "") -> None:
        """Say how a write ended; `problem` is a machine code, never the system's own words.

        `ignition_id` is the id of a client that the write created.
        """
        with state_errors(self._path):
            self._db.execute(
                "UPDATE writes SET state = ?1, finished = ?2, problem = ?3,"
                " ignition_id = iif(?4 = '', ignition_id, ?4) WHERE id = ?5",
                (state.value, now, problem, ignition_id, write),
            )

    def note_holds(self, run: int, client: ClientRef, holds: Sequence[Hold]) -> None:
        """Remember the holds of a client that was compared: those it had last on, the others have ended."""
        found = {(one.field, one.contact.name if one.contact else "", one.code.value): one.reason for one in holds}
        with state_errors(self._path):
            query = "SELECT field, contact, code FROM held WHERE xpm_id = ? AND NOT ended"
            for key in self._db.execute(query, (client.xpm_id,)).fetchall():
                reason = found.pop(key, None)
                self._db.execute(
                    "UPDATE held SET ended = ?1, last_run = iif(?1, last_run, ?2), reason = iif(?1, reason, ?3)"
                    " WHERE NOT ended AND xpm_id = ?4 AND field = ?5 AND contact = ?6 AND code = ?7",
                    (reason is None, run, reason, client.xpm_id, *key),
                )
            self._db.executemany(
                "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                [(client.xpm_id, *key, reason, run, run) for key, reason in found.items()],
            )

    def purge_values(self, before: str) -> int:
        """Drop the old and new texts of writes that ended up to that moment; returns of how many fields."""
        with state_errors(self._path):
            gone = self._db.execute(
                "UPDATE write_fields SET old = NULL, new = NULL WHERE (old IS NOT NULL OR new IS NOT NULL)"
                " AND write IN (SELECT id FROM writes WHERE state IN ('done', 'failed') AND intended <= ?)",
                (before,),
            )
        return gone.rowcount
