"""Apply a plan: each call is journalled, sent, and what was agreed is remembered.

A record that fails does not stop the others; what would fail for every record
(sign-in, call limit, no connection) stops the run. Nothing is claimed that did
not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.agreed import agreed_key
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.diff import agreed_now
from xpmsync.core.handover import NOTHING_WAITS, Handover
from xpmsync.core.model import ClientRef, Contact, System
from xpmsync.core.plan import Call, CallKind, ContactRef, Plan
from xpmsync.errors import ClientNotFound, Rejected, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.local.journal import Outcome, WriteState
from xpmsync.usecases.forgetting import forget_values
from xpmsync.usecases.handing_over import add_arrived, begin, finish
from xpmsync.usecases.practice import Practice, stamp
from xpmsync.usecases.preview import Preview, print_of, shape_of
from xpmsync.usecases.progress import Progress

__all__ = ["Applied", "Failure", "apply", "may_have_arrived"]

_MOST_LOST_IN_A_ROW: Final = 3
"""So many lost answers one after another mean the system is down, not the record odd."""

_ABOUT_ONE_RECORD: Final = (Rejected, UnusableAnswer, ClientNotFound)
_ENDED_EARLY: Final = (Outcome.STOPPED, Outcome.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, and why; the other calls went on."""

    call: Call
    error: XpmsyncError


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did with its plan. `stopped` is why it ended early, None where it reached the end.

    `handover` is what a person does next, where the writes take effect later.
    """

    run: int
    plan: Plan
    written: int
    failures: tuple[Failure, ...]
    outcome: Outcome
    xpm_calls: int
    stopped: XpmsyncError | None = None
    not_tried: int = 0
    handover: Handover = NOTHING_WAITS


def apply(
    practice: Practice,
    preview: Preview,
    progress: Progress,
    *,
    command: str = "sync",
    undoes: int = 0,
    stop_asked: Callable[[], bool] = lambda: False,
) -> Applied:
    """Write exactly what the plan says and remember it.

    `undoes` is the run that the plan undoes; `stop_asked` is looked at between two calls.
    """
    plan, journal = preview.plan, practice.ledger.journal
    before = practice.xpm.calls_made
    begin(practice)
    add_arrived(practice, preview.arrived)
    writer = _Writer(practice, journal.begin(command, plan.direction, plan.level, practice.now(), undoes=undoes))
    calls = plan.calls()
    for done, call in enumerate(calls):
        if stop_asked():
            writer.outcome = Outcome.INTERRUPTED
        if writer.outcome in _ENDED_EARLY:
            writer.unfinished.add(call.client.xpm_id)
            continue
        progress.step(f"Writing {plan.direction.target.label}", done, len(calls))
        writer.write(call)
    writer.hand_over({one.diff.client.ignition_id for one in preview.compared})
    _remember(practice, preview, writer, undoes)
    xpm_calls = preview.xpm_calls + practice.xpm.calls_made - before
    counts = {**plan.counts, "written": writer.written, "failed": len(writer.failures), "xpm_calls": xpm_calls}
    journal.end(writer.run, writer.outcome, counts, practice.now())
    forget_values(practice.ledger, practice.clock, practice.settings.history.keep_undo_days)
    return Applied(
        run=writer.run,
        plan=plan,
        written=writer.written,
        failures=tuple(writer.failures),
        outcome=writer.outcome,
        xpm_calls=xpm_calls,
        stopped=writer.stopped,
        not_tried=len(calls) - writer.tried,
        handover=writer.handover,
    )


class _Writer:
    """Sends calls and keeps the tally."""

    def __init__(self, practice: Practice, run: int) -> None:
        self.run = run
        self.outcome = Outcome.DONE
        self.written = 0
        self.tried = 0
        self.failures: list[Failure] = []
        self.unfinished: set[str] = set()
        self.stopped: XpmsyncError | None = None
        self.handover = NOTHING_WAITS
        self._collected: list[tuple[int, Call]] = []
        self._lost_in_a_row = 0
        self._practice = practice
        self._target = practice.target

    def write(self, call: Call) -> None:
        """Send one call, or note why it failed and whether the run must stop."""
        practice, journal = self._practice, self._practice.ledger.journal
        self.tried += 1
        entry = journal.intend(self.run, call, self._target.system, practice.now())
        try:
            contact = self._send(call)
        except XpmsyncError as problem:
            self._failed(entry, call, problem)
            return
        self._lost_in_a_row = 0
        if not self._target.capabilities.immediate:
            self._collected.append((entry, call))
            return
        self.written += len(call.changes)
        with practice.ledger.transaction():
            journal.close(entry, WriteState.DONE, practice.now())
            values, contacts = _agreed_by(call, contact, self._target.system)
            practice.ledger.remember(call.client, values=values, contacts=contacts)

    def hand_over(self, compared: Collection[str]) -> None:
        """End the run where writes take effect later: nothing is agreed, and all of it is compared again."""
        practice, ledger = self._practice, self._practice.ledger
        try:
            self.handover = finish(practice, compared)
        except XpmsyncError as problem:
            for entry, _ in self._collected:
                ledger.journal.close(entry, WriteState.FAILED, practice.now(), problem.code)
            self.tried -= len(self._collected)
            self.unfinished |= {call.client.xpm_id for _, call in self._collected}
            self.outcome, self.stopped = Outcome.STOPPED, problem
            return
        with ledger.transaction():
            for entry, call in self._collected:
                ledger.journal.close(entry, WriteState.DONE, practice.now())
                values, contacts = _handed_by(call)
                ledger.remember(call.client, values={}, contacts=contacts, handed=values)
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
        self._practice.ledger.journal.close(entry, state, self._practice.now(), problem.code)
        self.failures.append(Failure(call, problem))
        self.unfinished.add(call.client.xpm_id)
        self._lost_in_a_row = self._lost_in_a_row + 1 if lost else 0
        self.outcome = Outcome.PARTIAL
        if not (lost or isinstance(problem, _ABOUT_ONE_RECORD)) or self._lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            self.outcome = Outcome.STOPPED
            self.stopped = problem


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


def _handed_by(call: Call) -> tuple[dict[str, str], dict[str, str]]:
    """What was handed over: fingerprints, and a new contact's id without a partner yet."""
    values, _ = _agreed_by(call, None, System.IGNITION)
    new = call.kind is CallKind.ADD_CONTACT and call.contact is not None
    return values, {call.contact.xpm_id: ""} if new and call.contact else {}


def _remember(practice: Practice, preview: Preview, writer: _Writer, undoes: int) -> None:
    """Keep what was compared; a client with an unfinished change is compared again by the next run."""
    ledger = practice.ledger
    prints = _prints_now(practice, preview, writer)
    with ledger.transaction():
        for one in preview.compared:
            client, record = one.diff.client, one.ignition
            ledger.remember(
                client,
                values=agreed_now(record, one.diff, practice.rules) if record and one.inside else {},
                contacts=one.diff.contacts,
                ignition_print=prints.get(client.xpm_id, print_of(record)),
                holds=one.diff.holds,
            )
            ledger.journal.note_holds(writer.run, client, one.diff.holds)
        if not undoes:
            ledger.note("run_shape", shape_of(practice.settings))
            ledger.note("tenant", practice.settings.xpm.tenant_id)
        for xpm_id, number in preview.numbers.items():
            ledger.learn_number(xpm_id, number)
        if writer.outcome is Outcome.DONE and preview.as_of is not None:
            _note_reading(practice, preview, preview.as_of)


def _note_reading(practice: Practice, preview: Preview, as_of: datetime) -> None:
    """After a complete run: where the next reading starts, and what its guards compare with."""
    note = practice.ledger.note
    note("cursor", stamp(as_of))
    note("shape", shape_of(practice.settings))
    if preview.reading.full is not None:
        note("last_full", stamp(as_of))
    if preview.source_clients is not None:
        note("source_clients", str(preview.source_clients))
        note("source_system", preview.plan.direction.source.value)


def _prints_now(practice: Practice, preview: Preview, writer: _Writer) -> dict[str, str]:
    """The fingerprints of the Ignition records this run wrote; empty for those that are unfinished."""
    prints = dict.fromkeys(writer.unfinished, "")
    if preview.plan.direction.target is System.IGNITION:
        for client in {change.client for change in preview.plan.changes}:
            if client.xpm_id not in prints:
                prints[client.xpm_id] = _print_now(practice, client)
    return prints


def _print_now(practice: Practice, client: ClientRef) -> str:
    """An unreadable record is compared again by the next run, which is all an empty fingerprint means."""
    try:
        record = practice.ignition.get(client.ignition_id)
    except XpmsyncError:
        return ""
    return print_of(record)
