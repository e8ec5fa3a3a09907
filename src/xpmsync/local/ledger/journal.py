"""The journal: every run, and every write with what it replaced.

A write is recorded as an intent before the call and closed after the answer, so
that a killed run leaves a record of exactly what is unknown.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.plan import Call, CallKind, ChangeKind, ContactRef, Hold
from xpmsync.local.ledger.summary import PENDING_UPLOAD, RunOutcome, Runs, decoding
from xpmsync.local.system.sqlite import Database


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


NOT_TAKEN: Final = "not-taken"
"""The reason of a written field whose value the target did not take; `new` is what the target shows instead."""


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
    """One journalled call.

    For a creation, `present` are the ids of the records that fitted before it, None
    where they were not recorded.
    """

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
    present: frozenset[str] | None = None

    @property
    def is_pending_upload(self) -> bool:
        """Whether it takes effect only when a person uploads its file."""
        return self.problem == PENDING_UPLOAD


@dataclass(frozen=True, slots=True)
class Held:
    """A hold, with the first and the last run that found it."""

    field: str
    contact: str
    code: str
    reason: str
    first_run: int
    last_run: int


_WRITE = (
    "SELECT id, run, xpm_id, ignition_id, name, system, kind, contact, contact_xpm_id, contact_ignition_id,"
    " state, intended, finished, problem, present FROM writes"
)


class History(Runs):
    """Reads the journal's other tables too; every method may raise `StateUnusable`."""

    def writes(self, run: int) -> list[Write]:
        """A run's writes in order."""
        return self._writes(f"{_WRITE} WHERE run = ? ORDER BY id", run)

    def writes_of(self, xpm_id: str) -> list[Write]:
        """A client's writes of all runs, oldest first."""
        return self._writes(f"{_WRITE} WHERE xpm_id = ? ORDER BY id", xpm_id)

    def unsettled(self) -> list[Write]:
        """Writes with an unknown end: intents of a killed run, and lost answers."""
        return self._writes(f"{_WRITE} WHERE state IN ('intent', 'unknown') AND ? ORDER BY id", 1)

    def held(self, xpm_id: str) -> list[Held]:
        """A client's holds of all runs, oldest first."""
        query = "SELECT field, contact, code, reason, first_run, last_run FROM held WHERE xpm_id = ? ORDER BY first_run"
        return [Held(*row) for row in self._db.rows(query, (xpm_id,))]

    def clients_held(self) -> frozenset[str]:
        """The XPM ids of clients that had a hold when they were last compared."""
        return frozenset(xpm_id for (xpm_id,) in self._db.rows("SELECT DISTINCT xpm_id FROM held WHERE NOT ended"))

    def _writes(self, query: str, argument: str | int) -> list[Write]:
        return [self._write_of(*row) for row in self._db.rows(query, (argument,))]

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
        present: str | None,
    ) -> Write:
        fields = self._db.rows("SELECT field, old, new, why FROM write_fields WHERE write = ? ORDER BY rowid", (write,))
        of_contact = kind in (CallKind.ADD_CONTACT, CallKind.UPDATE_CONTACT)
        with decoding(self._db.path, f"write {write}"):
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
                None if present is None else frozenset(json.loads(present)),
            )


class Journal(History):
    """Records runs and writes, and reads them."""

    def begin(self, command: str, direction: Direction, level: Level, now: str, *, undoes: int = 0) -> int:
        """Record a run and return its number."""
        query = "INSERT INTO runs (command, direction, level, started, undoes) VALUES (?, ?, ?, ?, ?)"
        return self._db.run(query, (command, direction.value, level.value, now, undoes or None))

    def end(self, run: int, outcome: RunOutcome, counts: Mapping[str, int], now: str) -> None:
        """Close a run."""
        query = "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE id = ?"
        self._db.run(query, (now, outcome.value, json.dumps(dict(counts)), run))

    def intend(self, run: int, call: Call, system: System, now: str, *, present: Collection[str] | None = None) -> int:
        """Record a write before its call, with the old and new text of each field, and return its number.

        `present` are the ids of the records that a creation could be confused with.
        """
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
            None if present is None else json.dumps(sorted(present)),
        )
        with self._db.writing():
            write = self._db.run(
                "INSERT INTO writes (run, xpm_id, ignition_id, name, system, kind, contact, contact_xpm_id,"
                " contact_ignition_id, state, intended, present) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            fields = [(write, *field) for field in _fields(call)]
            self._db.run_many("INSERT INTO write_fields VALUES (?, ?, ?, ?, ?)", fields)
        return write

    def close(
        self,
        write: int,
        state: WriteState,
        now: str,
        problem: str = "",
        *,
        ignition_id: str = "",
        fitting: Collection[str] = (),
    ) -> None:
        """Record how a write ended; `problem` is a machine code, never the system's own words.

        `ignition_id` is the id of a client that the write created, `fitting` the ids
        of those that it may have created, where that is undecided.
        """
        self._db.run(
            "UPDATE writes SET state = ?, finished = ?, problem = ?,"
            " ignition_id = coalesce(nullif(?, ''), ignition_id), fitting = ? WHERE id = ?",
            (state.value, now, problem, ignition_id, json.dumps(sorted(fitting)), write),
        )

    def note_shown(self, write: int, shown: Mapping[str, str], refused: Collection[str]) -> None:
        """Record how the target shows the fields of a write that it shows differently, and which it did not take."""
        for field, text in shown.items():
            why = NOT_TAKEN if field in refused else None
            self._db.run(
                "UPDATE write_fields SET new = ?, why = coalesce(?, why) WHERE write = ? AND field = ?",
                (text, why, write, field),
            )

    def note_holds(self, run: int, client: ClientRef, holds: Sequence[Hold]) -> None:
        """Record the holds of a client that was compared: known ones continue, those not given have ended."""
        new = {(hold.field, hold.contact.name if hold.contact else "", hold.code.value): hold.reason for hold in holds}
        query = "SELECT field, contact, code FROM held WHERE xpm_id = ? AND NOT ended"
        for key in self._db.rows(query, (client.xpm_id,)):
            reason = new.pop(key, None)
            last_run = None if reason is None else run
            self._db.run(
                "UPDATE held SET ended = ?, last_run = coalesce(?, last_run), reason = coalesce(?, reason)"
                " WHERE NOT ended AND xpm_id = ? AND field = ? AND contact = ? AND code = ?",
                (reason is None, last_run, reason, client.xpm_id, *key),
            )
        rows = [(client.xpm_id, *key, reason, run, run) for key, reason in new.items()]
        self._db.run_many("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, 0)", rows)

    def purge_values(self, before: str) -> int:
        """Delete the old and new texts of writes intended up to `before` (UTC, ISO); returns of how many fields."""
        return self._db.change(
            "UPDATE write_fields SET old = NULL, new = NULL WHERE (old IS NOT NULL OR new IS NOT NULL)"
            " AND write IN (SELECT id FROM writes WHERE state IN ('done', 'failed') AND intended <= ?)",
            (before,),
        )


class RunLinks:
    """The pairs that runs linked; they stay in the history when they are unlinked."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, run: int, client: ClientRef) -> None:
        """Note a pair that a run linked."""
        row = (run, client.xpm_id, client.ignition_id, client.name)
        self._db.run("INSERT OR REPLACE INTO run_links VALUES (?, ?, ?, ?)", row)

    def of(self, run: int) -> list[ClientRef]:
        """The pairs that a run linked, by name."""
        query = "SELECT xpm_id, ignition_id, name FROM run_links WHERE run = ? ORDER BY lower(name), xpm_id"
        return [ClientRef(*row) for row in self._db.rows(query, (run,))]

    def newest(self) -> int:
        """The newest run that linked anything, 0 for none."""
        row = self._db.row("SELECT max(run) FROM run_links")
        return int(row[0] or 0) if row else 0
