"""Writing: one call after another, each journalled as an intent first and closed when its answer is in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Contact, agreed_key
from xpmsync.core.plan.plan import Call, CallKind, ContactRef
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
from xpmsync.local.ledger.journal import PENDING_UPLOAD, WriteState
from xpmsync.usecases.context.context import SyncContext

__all__ = [
    "CallResult",
    "Failure",
    "may_have_arrived",
    "note_pending",
    "note_refused",
    "stopping_run",
    "write_calls",
]

_MOST_LOST_IN_A_ROW: Final = 3
"""So many lost answers one after another mean the system is down, not the record odd."""

_ABOUT_ONE_RECORD: Final = (Rejected, UnusableAnswer, ClientNotFound)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, and why; the other calls went on."""

    call: Call
    error: XpmsyncError

    @property
    def may_have_arrived(self) -> bool:
        """Whether the system may have carried it out all the same."""
        return may_have_arrived(self.error)


@dataclass(frozen=True, slots=True)
class CallResult:
    """What became of one call.

    `entry` is its number in the journal, `pending` says that it only waits to be
    put into a file, `error` is why it failed and `ends_run` that no call follows.
    """

    call: Call
    entry: int
    error: XpmsyncError | None = None
    pending: bool = False
    ends_run: bool = False

    @property
    def was_sent(self) -> bool:
        """Whether the call went out, or may have; one stopped while it waited for a limit did not."""
        return not isinstance(self.error, Interrupted)


def write_calls(
    context: SyncContext,
    run: int,
    calls: Sequence[Call],
    stop_asked: Callable[[], bool],
    contacts: Mapping[str, Collection[str]],
) -> Iterator[CallResult]:
    """Send the calls one by one and yield what became of each; ends early where no further call makes sense.

    `contacts` are the ids of the contacts that clients have, by XPM id: none of them is a new one.

    Raises `StateUnusable` where the ledger fails; the open intent is looked up by the next run.
    """
    lost_in_a_row = 0
    for call in calls:
        if stop_asked():
            return
        result = _write(context, run, call, contacts.get(call.client.xpm_id))
        lost_in_a_row = lost_in_a_row + 1 if result.error and may_have_arrived(result.error) else 0
        if lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            result = replace(result, ends_run=True)
        yield result
        if result.ends_run:
            return


def note_pending(context: SyncContext, results: Sequence[CallResult]) -> None:
    """Close calls whose file is written: what they carry is pending until a later export shows it."""
    ledger = context.ledger
    with ledger.transaction():
        for result in results:
            ledger.journal.close(result.entry, WriteState.DONE, context.now(), PENDING_UPLOAD)
            values, contacts = _pending_from(result.call)
            ledger.remember(result.call.client, values={}, contacts=contacts, pending=values)


def note_refused(context: SyncContext, results: Sequence[CallResult], problem: XpmsyncError) -> None:
    """Close calls whose file could not be written."""
    for result in results:
        context.ledger.journal.close(result.entry, WriteState.FAILED, context.now(), problem.code)


def _write(context: SyncContext, run: int, call: Call, contacts: Collection[str] | None) -> CallResult:
    ledger, target = context.ledger, context.target
    present = contacts if call.kind is CallKind.ADD_CONTACT else None
    entry = ledger.journal.intend(run, call, target.system, context.now(), present=present)
    try:
        contact = _send(context, call)
    except Interrupted as problem:
        ledger.journal.close(entry, WriteState.FAILED, context.now(), Interrupted.code)
        return CallResult(call, entry, problem, ends_run=True)
    except StateUnusable:
        # This machine's files, not the call: the run ends, and the intent stays for the next one to look up.
        raise
    except XpmsyncError as problem:
        lost = may_have_arrived(problem)
        ledger.journal.close(entry, WriteState.UNKNOWN if lost else WriteState.FAILED, context.now(), problem.code)
        return CallResult(call, entry, problem, ends_run=not (lost or isinstance(problem, _ABOUT_ONE_RECORD)))
    if not target.capabilities.immediate:
        return CallResult(call, entry, pending=True)
    with ledger.transaction():
        ledger.journal.close(entry, WriteState.DONE, context.now())
        values, contacts = _agreed_by(call, contact, target.system)
        ledger.remember(call.client, values=values, contacts=contacts)
    return CallResult(call, entry)


def _send(context: SyncContext, call: Call) -> Contact | None:
    target = context.target
    client_id = call.client.id_in(target.system)
    if call.kind is CallKind.UPDATE:
        target.update(client_id, call.record, call.values)
        return None
    if call.kind is CallKind.ADD_CONTACT:
        return target.add_contact(client_id, call.values)
    contact = call.contact or ContactRef("", "", "")
    return target.update_contact(client_id, contact.id_in(target.system), call.record, call.values)


@contextmanager
def stopping_run(written: Callable[[], int]) -> Iterator[None]:
    """Turn a ledger that fails in the middle of a run into `JournalStopped`, with how many changes were written."""
    try:
        yield
    except StateUnusable as problem:
        raise JournalStopped(problem.path, problem.reason, written()) from problem


def may_have_arrived(problem: XpmsyncError) -> bool:
    """Whether the system may have carried out a call although its answer does not say so."""
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
    """What waits for an upload: fingerprints, and a new contact's id without a partner yet."""
    values, _ = _agreed_by(call, None, System.IGNITION)
    new = call.kind is CallKind.ADD_CONTACT and call.contact is not None
    return values, {call.contact.xpm_id: ""} if new and call.contact else {}
