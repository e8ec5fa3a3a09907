"""Writing: one call after another, each journalled as an intent first and closed when its answer is in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Contact, agreed_key
from xpmsync.core.plan.plan import Call, CallKind, ContactRef
from xpmsync.core.ports.uploads import NOTHING_PENDING
from xpmsync.errors import (
    ClientNotFound,
    Interrupted,
    JournalStopped,
    Rejected,
    StateUnusable,
    Unreachable,
    UnusableAnswer,
    XpmsyncError,
)
from xpmsync.local.ledger.journal import PENDING_UPLOAD, RunOutcome, WriteState
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.context.pending import finish

__all__ = ["Failure", "Writer", "may_have_arrived", "stopping_run"]

_MOST_LOST_IN_A_ROW: Final = 3
"""So many lost answers one after another mean the system is down, not the record odd."""

_ABOUT_ONE_RECORD: Final = (Rejected, UnusableAnswer, ClientNotFound)
_ENDED_EARLY: Final = (RunOutcome.STOPPED, RunOutcome.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, and why; the other calls went on."""

    call: Call
    error: XpmsyncError

    @property
    def may_have_arrived(self) -> bool:
        """Whether the system may have carried it out all the same."""
        return may_have_arrived(self.error)


class Writer:
    """Sends calls and keeps the tally."""

    def __init__(self, context: SyncContext, run: int) -> None:
        self.run = run
        self.outcome = RunOutcome.DONE
        self.written = 0
        self.tried = 0
        self.failures: list[Failure] = []
        self.unfinished: set[str] = set()
        self.stopped: XpmsyncError | None = None
        self.pending_uploads = NOTHING_PENDING
        self._collected: list[tuple[int, Call]] = []
        self._lost_in_a_row = 0
        self._context = context
        self._target = context.target

    @property
    def is_ended(self) -> bool:
        """Whether nothing more goes out in this run."""
        return self.outcome in _ENDED_EARLY

    def write(self, call: Call) -> None:
        """Send one call, or note why it failed and whether the run must stop."""
        context, journal = self._context, self._context.ledger.journal
        self.tried += 1
        entry = journal.intend(self.run, call, self._target.system, context.now())
        try:
            contact = self._send(call)
        except Interrupted:
            # Asked to stop while waiting for a limit: this call has not gone out.
            journal.close(entry, WriteState.FAILED, context.now(), Interrupted.code)
            self.tried -= 1
            self.unfinished.add(call.client.xpm_id)
            self.outcome = RunOutcome.INTERRUPTED
            return
        except StateUnusable:
            # This machine's files, not the call: the run ends, and the intent stays for the next one to look up.
            raise
        except XpmsyncError as problem:
            self._failed(entry, call, problem)
            return
        self._lost_in_a_row = 0
        if not self._target.capabilities.immediate:
            self._collected.append((entry, call))
            return
        self.written += len(call.changes)
        with context.ledger.transaction():
            journal.close(entry, WriteState.DONE, context.now())
            values, contacts = _agreed_by(call, contact, self._target.system)
            context.ledger.remember(call.client, values=values, contacts=contacts)

    def finish_uploads(self, compared: Collection[str]) -> None:
        """End the run where writes take effect later: nothing is agreed, and all of it is compared again."""
        context, ledger = self._context, self._context.ledger
        try:
            self.pending_uploads = finish(context, compared)
        except XpmsyncError as problem:
            for entry, _ in self._collected:
                ledger.journal.close(entry, WriteState.FAILED, context.now(), problem.code)
            self.tried -= len(self._collected)
            self.unfinished |= {call.client.xpm_id for _, call in self._collected}
            self.outcome, self.stopped = RunOutcome.STOPPED, problem
            return
        with ledger.transaction():
            for entry, call in self._collected:
                ledger.journal.close(entry, WriteState.DONE, context.now(), PENDING_UPLOAD)
                values, contacts = _pending_from(call)
                ledger.remember(call.client, values={}, contacts=contacts, pending=values)
                self.unfinished.add(call.client.xpm_id)
                self.written += len(call.changes)

    def _send(self, call: Call) -> Contact | None:
        client_id = call.client.id_in(self._target.system)
        if call.kind is CallKind.UPDATE:
            self._target.update(client_id, call.record, call.values)
            return None
        if call.kind is CallKind.ADD_CONTACT:
            return self._target.add_contact(client_id, call.values)
        contact = call.contact or ContactRef("", "", "")
        return self._target.update_contact(client_id, contact.id_in(self._target.system), call.record, call.values)

    def _failed(self, entry: int, call: Call, problem: XpmsyncError) -> None:
        lost = may_have_arrived(problem)
        state = WriteState.UNKNOWN if lost else WriteState.FAILED
        self._context.ledger.journal.close(entry, state, self._context.now(), problem.code)
        self.failures.append(Failure(call, problem))
        self.unfinished.add(call.client.xpm_id)
        self._lost_in_a_row = self._lost_in_a_row + 1 if lost else 0
        self.outcome = RunOutcome.PARTIAL
        if not (lost or isinstance(problem, _ABOUT_ONE_RECORD)) or self._lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            self.outcome = RunOutcome.STOPPED
            self.stopped = problem


@contextmanager
def stopping_run(written: Callable[[], int]) -> Iterator[None]:
    """Turn a ledger that fails in the middle of a run into `JournalStopped`, which tells how many changes went out."""
    try:
        yield
    except StateUnusable as problem:
        raise JournalStopped(problem.path, problem.reason, written()) from problem


def may_have_arrived(problem: XpmsyncError) -> bool:
    """Whether the system may have carried out a call although its answer says nothing of it."""
    match problem:
        case Unreachable(sent=sent):
            return sent
        case UnusableAnswer(status=status):
            return status < 400 or status >= 500
        case _:
            return False


def _agreed_by(call: Call, contact: Contact | None, target: System) -> tuple[dict[str, str], dict[str, str]]:
    """What a finished call makes both sides hold in common: fingerprints, and a contact's pair of ids."""
    who = call.contact
    if who is not None and contact is not None and not who.id_in(target):
        who = replace(who, xpm_id=contact.id) if target is System.XPM else replace(who, ignition_id=contact.id)
    xpm_contact = who.xpm_id if who else ""
    values = {
        agreed_key(name, xpm_contact): fingerprint.of_value(catalogue_field(name), text)
        for name, text in call.values.items()
    }
    return values, {who.xpm_id: who.ignition_id} if who and who.xpm_id and who.ignition_id else {}


def _pending_from(call: Call) -> tuple[dict[str, str], dict[str, str]]:
    """What was handed over: fingerprints, and a new contact's id without a partner yet."""
    values, _ = _agreed_by(call, None, System.IGNITION)
    new = call.kind is CallKind.ADD_CONTACT and call.contact is not None
    return values, {call.contact.xpm_id: ""} if new and call.contact else {}
