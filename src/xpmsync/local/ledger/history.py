"""History: what the journal tells of past runs' writes, and of what was held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.plan import CallKind, ContactRef
from xpmsync.local.ledger.summary import Outcome, Run, Runs
from xpmsync.local.system.sqlite import state_errors

__all__ = ["HANDED_OVER", "Held", "History", "Outcome", "Run", "Write", "WriteState", "WrittenField"]


HANDED_OVER: Final = "handed-over"
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
    def is_handed_over(self) -> bool:
        """Whether it takes effect only when a person uploads its file."""
        return self.problem == HANDED_OVER


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
