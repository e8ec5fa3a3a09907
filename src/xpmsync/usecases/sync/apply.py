"""Apply a plan: each call is journalled, sent, and what was agreed is remembered.

A record that fails does not stop the others; what would fail for every record
(sign-in, call limit, no connection) stops the run. Nothing is claimed that did
not happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from xpmsync.core.diff.answers import only_ours
from xpmsync.core.diff.diff import agreed_now, may_get_contacts
from xpmsync.core.enums import System
from xpmsync.core.model import Client, ClientRef
from xpmsync.core.plan.plan import Call, Change, Plan
from xpmsync.core.ports.deferred import NOTHING_PENDING, PendingUploads
from xpmsync.errors import JournalStopped, XpmsyncError
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.usecases.context.context import Progress, SyncContext, add_confirmed, begin, finish, stamp
from xpmsync.usecases.sync.preview import Preview, fingerprint_of
from xpmsync.usecases.sync.read_systems import flow_hash, settings_hash
from xpmsync.usecases.sync.undo import expire_values
from xpmsync.usecases.sync.writer import CallResult, Failure, note_pending, note_refused, stopping_run, write_calls

_READ_ALL: Final = (RunOutcome.DONE, RunOutcome.PARTIAL)
"""Runs that came to their end: what a record refused must not make all later runs read everything."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did with its plan. `stopped` is why it ended early, None where it reached the end.

    `pending_uploads` is what a person does next, where the writes take effect later;
    `respelled` counts values that the target took in its own spelling.
    """

    run: int
    plan: Plan
    written: int
    failures: tuple[Failure, ...]
    outcome: RunOutcome
    xpm_calls: int
    stopped: XpmsyncError | None = None
    not_tried: int = 0
    pending_uploads: PendingUploads = NOTHING_PENDING
    respelled: int = 0
    clock_ahead: timedelta | None = None
    """By how much this computer's clock is ahead of XPM's, where that is more than a day."""


def apply(
    context: SyncContext,
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
    begin(context)
    add_confirmed(context, preview.confirmed)
    plan = preview.plan
    number = context.ledger.journal.begin(command, plan.direction, plan.level, context.now(), undoes=undoes)
    run = _Run(context, preview, number, plan.calls())
    try:
        with stopping_run(lambda: run.written):
            run.write(f"Writing {plan.direction.target.label}", progress, stop_asked)
            run.remember(undoes=undoes)
    except JournalStopped as problem:
        # What is known is shown all the same; the next run settles the rest.
        run.outcome, run.stopped = RunOutcome.STOPPED, problem
    return run.applied()


class _Run:
    """One run of `apply`: folds the results of its calls."""

    def __init__(self, context: SyncContext, preview: Preview, number: int, calls: Sequence[Call]) -> None:
        self.outcome = RunOutcome.DONE
        self.stopped: XpmsyncError | None = None
        self._context = context
        self._preview = preview
        self._number = number
        self._calls = calls
        self._results: list[CallResult] = []
        self._pending_uploads = NOTHING_PENDING
        self._in_file: frozenset[str] = frozenset()
        self._calls_before = context.xpm.calls_made
        self._clock_ahead: timedelta | None = None

    @property
    def written(self) -> int:
        """How many changes were written so far; those for a file count once the file is there."""
        return sum(result.written for result in self._results)

    def applied(self) -> Applied:
        """What the run did, as far as it came."""
        sent = sum(result.was_sent for result in self._results)
        if isinstance(self.stopped, JournalStopped) and sent < len(self._calls):
            sent += 1  # the call that was under way when the ledger failed
        return Applied(
            run=self._number,
            plan=self._preview.plan,
            written=self.written,
            failures=self._failures(),
            outcome=self.outcome,
            xpm_calls=self._xpm_calls(),
            stopped=self.stopped,
            not_tried=len(self._calls) - sent,
            pending_uploads=self._pending_uploads,
            respelled=sum(result.respelled for result in self._results),
            clock_ahead=self._clock_ahead,
        )

    def write(self, label: str, progress: Progress, stop_asked: Callable[[], bool]) -> None:
        """Send the calls; where they only fill a file, write that file."""
        progress.step(label, 0, len(self._calls))
        for result in write_calls(self._context, self._number, self._calls, stop_asked, self._preview.contacts):
            self._results.append(result)
            progress.step(label, len(self._results), len(self._calls))
        self.outcome, self.stopped = self._outcome()
        self._hand_over([result for result in self._results if result.pending])

    def remember(self, *, undoes: int) -> None:
        """Keep what was compared, and end the run in the journal."""
        context, ledger, preview = self._context, self._context.ledger, self._preview
        with ledger.transaction():
            self._remember_clients()
            if not undoes and preview.as_of is not None:
                _note_settings(context, preview)
            if preview.shared_contacts is not None:
                ledger.note("shared_contacts", preview.shared_contacts)
            for xpm_id, web_number in preview.numbers.items():
                ledger.learn_number(xpm_id, web_number)
            if self.outcome in _READ_ALL and preview.as_of is not None:
                _note_reading(context, preview, preview.as_of)
        done = {"written": self.written, "failed": len(self._failures()), "xpm_calls": self._xpm_calls()}
        ledger.journal.end(self._number, self.outcome, {**preview.plan.counts, **done}, context.now())
        self._clock_ahead = expire_values(context)

    def _outcome(self) -> tuple[RunOutcome, XpmsyncError | None]:
        """How writing ended, and the error that ended it early, if one did."""
        last = self._results[-1] if self._results else None
        if last is not None and last.ends_run and last.was_sent:
            return RunOutcome.STOPPED, last.error
        if len(self._results) < len(self._calls) or (last is not None and last.ends_run):
            return RunOutcome.INTERRUPTED, None
        return (RunOutcome.PARTIAL if self._failures() else RunOutcome.DONE), None

    def _failures(self) -> tuple[Failure, ...]:
        return tuple(
            Failure(result.call, result.error)
            for result in self._results
            if result.error is not None and result.was_sent
        )

    def _xpm_calls(self) -> int:
        return self._preview.xpm_calls + self._context.xpm.calls_made - self._calls_before

    def _hand_over(self, pending: Sequence[CallResult]) -> None:
        """Where writes take effect after an upload: write the file, of which nothing is agreed yet."""
        try:
            diffs = [compared.diff for compared in self._preview.compared]
            looked_at = {diff.client.ignition_id for diff in diffs}
            waits = {diff.client.ignition_id for diff in diffs if may_get_contacts(diff, self._context.rules)}
            self._pending_uploads = finish(self._context, looked_at, waits)
        except XpmsyncError as problem:
            note_refused(self._context, pending, problem)
            self.outcome, self.stopped = RunOutcome.STOPPED, problem
            self._results = [result for result in self._results if not result.pending]
        else:
            # The file is there: its changes count as written even where the ledger cannot note them.
            self._in_file = frozenset(result.call.client.xpm_id for result in pending)
            self._results = [replace(result, pending=False) for result in self._results]
            waiting = {diff.client.xpm_id for diff in diffs if diff.client.ignition_id in waits}
            self._context.ledger.forget_waiting_contacts({diff.client.xpm_id for diff in diffs} - waiting)
            note_pending(self._context, pending)

    def _unfinished(self) -> set[str]:
        """The XPM ids of clients whose differences are still there: the next run must compare them again."""
        done = {id(result.call) for result in self._results if result.error is None}
        planned = {change.client.xpm_id for change in self._preview.plan.changes}
        differing = {compared.diff.client.xpm_id for compared in self._preview.compared if compared.diff.changes}
        return (
            (differing - planned) | {call.client.xpm_id for call in self._calls if id(call) not in done} | self._in_file
        )

    def _remember_clients(self) -> None:
        context, ledger, preview = self._context, self._context.ledger, self._preview
        fingerprints = _fingerprints_now(context, preview, self._unfinished())
        held_before = ledger.journal.clients_held()
        for compared in preview.compared:
            client, record = compared.diff.client, compared.ignition
            ledger.remember(
                client,
                values=agreed_now(record, compared.diff, context.rules) if record and compared.inside else {},
                contacts=compared.diff.contacts,
                ignition_fingerprint=fingerprints.get(client.xpm_id, fingerprint_of(record)),
                holds=compared.diff.holds,
                answers=compared.diff.answers,
                outside=not compared.inside,
            )
            if compared.diff.holds or client.xpm_id in held_before:
                ledger.journal.note_holds(self._number, client, compared.diff.holds)


def _note_settings(context: SyncContext, preview: Preview) -> None:
    """What a whole run was made with, for the guards; settings that nobody saw at work yet stay unseen."""
    ledger, shape = context.ledger, settings_hash(context.settings)
    if preview.plan.changes or ledger.fact("run_shape") is None:
        ledger.note("run_shape", shape)
        ledger.note("previewed", "")
    if context.settings.xpm.tenant_id:
        ledger.note("tenant", context.settings.xpm.tenant_id)


def _note_reading(context: SyncContext, preview: Preview, as_of: datetime) -> None:
    """Where the next reading starts, and what its guards compare with; what failed is compared again all the same."""
    note = context.ledger.note
    note("cursor", stamp(as_of))
    note("shape", settings_hash(context.settings))
    note("flow", flow_hash(context.settings))
    if preview.reading.full is not None:
        note("last_full", stamp(as_of))
    if preview.source_clients is not None:
        note("source_clients", str(preview.source_clients))
        note("source_system", preview.plan.direction.source.value)


def _fingerprints_now(context: SyncContext, preview: Preview, unfinished: set[str]) -> dict[str, str]:
    """The fingerprints of the Ignition records this run wrote; empty for those to be compared again."""
    fingerprints = dict.fromkeys(unfinished, "")
    if preview.plan.direction.target is not System.IGNITION:
        return fingerprints
    changes: dict[str, list[Change]] = {}
    for change in preview.plan.changes:
        changes.setdefault(change.client.xpm_id, []).append(change)
    for compared in preview.compared:
        client = compared.diff.client
        if client.xpm_id in changes and client.xpm_id not in fingerprints:
            fingerprints[client.xpm_id] = _fingerprint_now(context, client, compared.ignition, changes[client.xpm_id])
    return fingerprints


def _fingerprint_now(context: SyncContext, client: ClientRef, before: Client | None, changes: Sequence[Change]) -> str:
    """Empty for a record that cannot be read, or that somebody edited meanwhile."""
    try:
        now = context.ignition.get(client.ignition_id)
    except XpmsyncError:
        return ""
    ours = now is not None and before is not None and only_ours(before, now, changes, System.IGNITION)
    return fingerprint_of(now) if ours else ""
