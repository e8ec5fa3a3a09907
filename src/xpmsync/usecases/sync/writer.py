"""Writing: one call after another, each journalled as an intent first and closed when its answer is in."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from xpmsync import errors
from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field, field as catalogue_field
from xpmsync.core.diff.answers import PENDING, Taken, answer_of, taken
from xpmsync.core.enums import System
from xpmsync.core.model import Answer, Client, Contact, agreed_key
from xpmsync.core.plan.plan import Call, CallKind, Change, ChangeKind, ContactRef, Why
from xpmsync.core.text import same
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.summary import PENDING_UPLOAD
from xpmsync.usecases.context.context import SyncContext

_MOST_LOST_IN_A_ROW: Final = 3
"""So many lost answers one after another mean the system is down, not the record odd."""

_PRIMARY: Final = catalogue_field("contact.primary")
_NOT_READ_AGAIN: Final = "success, but the record could not be read again"
_ABOUT_ONE_RECORD: Final = (errors.Rejected, errors.UnusableAnswer, errors.ClientNotFound)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed, and why; the other calls went on."""

    call: Call
    error: errors.XpmsyncError

    @property
    def fields(self) -> Sequence[str]:
        """The catalogue names of what was not written: all of the call, or what the target did not take of it."""
        return self.error.fields if isinstance(self.error, errors.NotTaken) else tuple(self.call.values)

    @property
    def may_have_arrived(self) -> bool:
        """Whether the system may have carried it out all the same."""
        return may_have_arrived(self.error)


@dataclass(frozen=True, slots=True)
class CallResult:
    """What became of one call.

    `entries` are its numbers in the journal, `pending` says that it only waits to be
    put into a file, `error` is why it failed and `ends_run` that no call follows.
    `refused` holds the changes of a call that the target did not take while it took the
    others, `respelled` says how many it took in its own spelling.
    """

    call: Call
    entries: Sequence[int]
    error: errors.XpmsyncError | None = None
    pending: bool = False
    ends_run: bool = False
    refused: tuple[Change, ...] = ()
    respelled: int = 0

    @property
    def was_sent(self) -> bool:
        """Whether the call went out, or may have; one stopped while it waited for a limit did not."""
        return not isinstance(self.error, errors.Interrupted)

    @property
    def written(self) -> int:
        """How many of its changes are in the target now."""
        known = self.error is None or isinstance(self.error, errors.NotTaken) or bool(self.refused)
        return len(self.call.changes) - len(self.refused) if known and not self.pending else 0


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
        if isinstance(result.error, errors.Rejected) and len(call.changes) > 1 and call.changes[0].why is Why.UNDO:
            result = _write_apart(context, run, call)
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
            for entry in result.entries:
                ledger.journal.close(entry, WriteState.DONE, context.now(), PENDING_UPLOAD)
            call = result.call
            who = call.contact.xpm_id if call.contact else ""
            rows = {agreed_key(name, who): (catalogue_field(name), text) for name, text in call.values.items()}
            old = {agreed_key(change.field, who): change.old for change in call.changes}
            ledger.remember(
                call.client,
                values={},
                contacts={who: ""} if call.kind is CallKind.ADD_CONTACT and who else {},
                pending={key: fingerprint.of_value(row, text) for key, (row, text) in rows.items()},
                answers={
                    key: answer_of(row, context.target.system, text, old.get(key, ""), refused=PENDING)
                    for key, (row, text) in rows.items()
                },
            )


def note_refused(context: SyncContext, results: Sequence[CallResult], problem: errors.XpmsyncError) -> None:
    """Close calls whose file could not be written."""
    for entry in (entry for result in results for entry in result.entries):
        context.ledger.journal.close(entry, WriteState.FAILED, context.now(), problem.code)


def _write(context: SyncContext, run: int, call: Call, contacts: Collection[str] | None) -> CallResult:
    ledger, target = context.ledger, context.target
    present = contacts if call.kind is CallKind.ADD_CONTACT else None
    entries = [
        ledger.journal.intend(run, each, target.system, context.now(), present=present if each is call else None)
        for each in (call, *_side_effects(call))
    ]

    def close(state: WriteState, problem: str = "") -> None:
        for entry in entries:
            ledger.journal.close(entry, state, context.now(), problem)

    try:
        record = _send(context, call)
        shown = _shown(context, call, record) if target.capabilities.immediate else None
    except errors.Interrupted as problem:
        close(WriteState.FAILED, errors.Interrupted.code)
        return CallResult(call, entries, problem, ends_run=True)
    except errors.StateUnusable:
        # This machine's files, not the call: the run ends, and the intent stays for the next one to look up.
        raise
    except errors.XpmsyncError as problem:
        lost = may_have_arrived(problem)
        close(WriteState.UNKNOWN if lost else WriteState.FAILED, problem.code)
        return CallResult(call, entries, problem, ends_run=ends_run(problem))
    if shown is None:
        return CallResult(call, entries, pending=True)
    with ledger.transaction():
        close(WriteState.DONE)
        return _note_shown(context, call, entries, shown)


def _send(context: SyncContext, call: Call) -> Client | Contact | None:
    target = context.target
    client_id = call.client.id_in(target.system)
    if call.kind is CallKind.UPDATE:
        return target.update(client_id, call.record, call.values)
    if call.kind is CallKind.ADD_CONTACT:
        return target.add_contact(client_id, call.values)
    contact = call.contact or ContactRef("", "", "")
    return target.update_contact(client_id, contact.id_in(target.system), call.record, call.values)


def _shown(context: SyncContext, call: Call, record: Client | Contact | None) -> Client | Contact:
    """What the target shows after the call; looked up where its answer does not say so, or says something else."""
    old = {change.field: change.old for change in call.changes}
    if record is not None and Taken.REFUSED not in _outcomes(call, old, record.values).values():
        return record
    target, known = context.target, record
    try:
        client = target.get(call.client.id_in(target.system))
    except errors.StateUnusable:
        raise
    except errors.XpmsyncError as problem:
        if known is not None:
            return known
        raise errors.UnusableAnswer(target.system, call.kind.value, _NOT_READ_AGAIN, 200) from problem
    found: Client | Contact | None = client
    if call.kind is not CallKind.UPDATE:
        contact_id = known.id if known is not None else call.contact.id_in(target.system) if call.contact else ""
        found = _contact_in(client, contact_id, call.values) if client else None
    if found is None:
        raise errors.UnusableAnswer(target.system, call.kind.value, "success, but the record is not there", 200)
    return found


def _contact_in(client: Client, contact_id: str, values: Mapping[str, str]) -> Contact | None:
    """The contact that was written: by id, a new one by name and e-mail."""
    if contact_id:
        return client.contact(contact_id)
    name, email = catalogue_field("contact.name"), catalogue_field("contact.email")
    fitting = (
        contact
        for contact in reversed(client.contacts)
        if taken(name, values.get(name.name, ""), "", contact.name) is not Taken.REFUSED
        and same(email.kind, values.get(email.name, ""), contact.email)
    )
    return next(fitting, None)


def _outcomes(call: Call, old: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, Taken]:
    return {
        name: taken(catalogue_field(name), text, old.get(name, ""), shown.get(name, ""))
        for name, text in call.values.items()
    }


def _note_shown(context: SyncContext, call: Call, entries: Sequence[int], record: Client | Contact) -> CallResult:
    """Remember what the target shows: agreed where it took, what else to know where it took it in another form."""
    ledger, target = context.ledger, context.target.system
    who = _contact_ref(call, record, target)
    old = {change.field: change.old for change in call.changes}
    outcomes = _outcomes(call, old, record.values)
    before = ledger.agreed(call.client.xpm_id).answers
    values: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    undone: dict[str, str] = {}
    for name, outcome in outcomes.items():
        row, key = catalogue_field(name), agreed_key(name, who.xpm_id if who else "")
        sent, shown = call.values[name], record.values.get(name, "")
        if outcome is not Taken.REFUSED:
            values[key] = fingerprint.of_value(row, shown)
            undone |= {key: fingerprint.of_value(row, old[name])} if name in old else {}
        if outcome is not Taken.TOOK:
            refused = _times_refused(row, target, sent, old.get(name, ""), before.get(key))
            answers[key] = answer_of(row, target, sent, shown, refused=refused if outcome is Taken.REFUSED else 0)
    pair = {who.xpm_id: who.ignition_id} if who and who.xpm_id and who.ignition_id else {}
    for former in _demoted(call, outcomes):
        key = agreed_key(_PRIMARY.name, former.xpm_id)
        values[key], undone[key] = (fingerprint.of_value(_PRIMARY, flag) for flag in ("No", "Yes"))
    # The other side may still hold what an undo took away: that is no edit of a person.
    ours = undone if any(change.why is Why.UNDO for change in call.changes) else {}
    ledger.remember(call.client, values=values, contacts=pair, answers=answers, pending=ours)
    other = [name for name, outcome in outcomes.items() if outcome is not Taken.TOOK]
    not_taken = [name for name in other if outcomes[name] is Taken.REFUSED]
    ledger.journal.note_shown(entries[0], {name: record.values.get(name, "") for name in other}, not_taken)
    return CallResult(
        call,
        entries,
        errors.NotTaken(target, tuple(not_taken), who.name if who else "") if not_taken else None,
        refused=tuple(change for change in call.changes if change.field in not_taken),
        respelled=len(other) - len(not_taken),
    )


def _demoted(call: Call, outcomes: Mapping[str, Taken]) -> list[ContactRef]:
    """The contacts that lost the primary flag by the call, as far as they are linked."""
    moved = outcomes.get(_PRIMARY.name, Taken.REFUSED) is not Taken.REFUSED
    return [change.former for change in call.changes if moved and change.former and change.former.xpm_id]


def _times_refused(row: Field, target: System, sent: str, old: str, before: Answer | None) -> int:
    """In how many runs in a row the target did not take this very value, nobody having changed it between them."""
    pair = answer_of(row, target, sent, old)
    again = before is not None and before.refused > 0 and (before.xpm, before.ignition) == (pair.xpm, pair.ignition)
    return before.refused + 1 if before is not None and again else 1


def _contact_ref(call: Call, record: Client | Contact, target: System) -> ContactRef | None:
    """The contact that the call was about, with the id that the target gave a new one."""
    who = call.contact
    if who is None or who.id_in(target) or not isinstance(record, Contact):
        return who
    return replace(who, xpm_id=record.id) if target is System.XPM else replace(who, ignition_id=record.id)


def _write_apart(context: SyncContext, run: int, call: Call) -> CallResult:
    """Send a refused call's changes one by one, so that one refused field takes nothing else down."""
    results: list[CallResult] = []
    for change in call.changes:
        results.append(_write(context, run, replace(call, values={change.field: change.new}, changes=(change,)), None))
        if results[-1].ends_run:
            break
    written = {id(change) for result in results if result.error is None for change in result.call.changes}
    return CallResult(
        call,
        [entry for result in results for entry in result.entries],
        next((result.error for result in results if result.error is not None), None),
        ends_run=results[-1].ends_run,
        refused=tuple(change for change in call.changes if id(change) not in written),
        respelled=sum(result.respelled for result in results),
    )


def _side_effects(call: Call) -> Iterator[Call]:
    """What the target does on its own by that call: a new primary contact takes the flag from the former one."""
    for change in call.changes:
        if change.former is not None:
            demoted = Change(
                call.client, ChangeKind.FIELD, "contact.primary", "Yes", "No", Why.SIDE_EFFECT, change.former
            )
            yield Call(call.client, CallKind.UPDATE_CONTACT, {"contact.primary": "No"}, (demoted,), change.former)


@contextmanager
def stopping_run(written: Callable[[], int]) -> Iterator[None]:
    """Turn a ledger that fails in the middle of a run into `JournalStopped`, with how many changes were written."""
    try:
        yield
    except errors.StateUnusable as problem:
        raise errors.JournalStopped(problem.path, problem.reason, written()) from problem


def may_have_arrived(problem: errors.XpmsyncError) -> bool:
    """Whether the system may have carried out a call although its answer does not say so."""
    match problem:
        case errors.Unreachable(sent=sent):
            return sent
        case errors.UnusableAnswer(status=status):
            return status < 400 or status >= 500
        case _:
            return False


def ends_run(problem: errors.XpmsyncError) -> bool:
    """Whether a failed call is about more than its own record, so that no other call makes sense."""
    return not (may_have_arrived(problem) or isinstance(problem, _ABOUT_ONE_RECORD))
