"""Apply a plan: each call is journalled, sent, and what was agreed is remembered.

A record that fails does not stop the others; what would fail for every record
(sign-in, call limit, no connection) stops the run. Nothing is claimed that did
not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from xpmsync.core.diff.diff import agreed_now
from xpmsync.core.diff.readback import only_ours
from xpmsync.core.enums import System
from xpmsync.core.model import Client, ClientRef
from xpmsync.core.plan.plan import Call, Change, Plan
from xpmsync.core.ports.uploads import NOTHING_PENDING, PendingUploads
from xpmsync.errors import JournalStopped, XpmsyncError
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.usecases.context.context import Progress, SyncContext, stamp
from xpmsync.usecases.context.pending import add_confirmed, begin
from xpmsync.usecases.sync.preview import Preview, fingerprint_of, settings_hash
from xpmsync.usecases.sync.purge import purge_values
from xpmsync.usecases.sync.writer import Failure, Writer, stopping_run

__all__ = ["Applied", "apply"]

_READ_ALL: Final = (RunOutcome.DONE, RunOutcome.PARTIAL)
"""Runs that came to their end: what one record refused must not make all later runs read everything."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did with its plan. `stopped` is why it ended early, None where it reached the end.

    `pending_uploads` is what a person does next, where the writes take effect later.
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
    plan, journal = preview.plan, context.ledger.journal
    before = context.xpm.calls_made
    begin(context)
    add_confirmed(context, preview.confirmed)
    writer = Writer(context, journal.begin(command, plan.direction, plan.level, context.now(), undoes=undoes))
    calls = plan.calls()
    writer.unfinished |= _left_out(preview)

    def xpm_calls() -> int:
        return preview.xpm_calls + context.xpm.calls_made - before

    try:
        with stopping_run(lambda: writer.written):
            _write_all(writer, calls, f"Writing {plan.direction.target.label}", progress, stop_asked)
            writer.finish_uploads({one.diff.client.ignition_id for one in preview.compared})
            _remember(context, preview, writer, undoes)
            done = {"written": writer.written, "failed": len(writer.failures), "xpm_calls": xpm_calls()}
            journal.end(writer.run, writer.outcome, {**plan.counts, **done}, context.now())
            purge_values(context.ledger, context.paths, context.clock, context.settings.history.keep_undo_days)
    except JournalStopped as problem:
        # What is known is told all the same; the next run settles the rest.
        writer.outcome, writer.stopped = RunOutcome.STOPPED, problem
    return Applied(
        run=writer.run,
        plan=plan,
        written=writer.written,
        failures=tuple(writer.failures),
        outcome=writer.outcome,
        xpm_calls=xpm_calls(),
        stopped=writer.stopped,
        not_tried=len(calls) - writer.tried,
        pending_uploads=writer.pending_uploads,
    )


def _left_out(preview: Preview) -> set[str]:
    """The XPM ids of clients whose changes the plan no longer has: the next run must not take them for equal."""
    planned = {change.client.xpm_id for change in preview.plan.changes}
    differing = {one.diff.client.xpm_id for one in preview.compared if one.diff.changes}
    return differing - planned


def _write_all(
    writer: Writer, calls: Sequence[Call], label: str, progress: Progress, stop_asked: Callable[[], bool]
) -> None:
    for done, call in enumerate(calls):
        if stop_asked():
            writer.outcome = RunOutcome.INTERRUPTED
        if writer.is_ended:
            writer.unfinished.add(call.client.xpm_id)
            continue
        progress.step(label, done, len(calls))
        writer.write(call)


def _remember(context: SyncContext, preview: Preview, writer: Writer, undoes: int) -> None:
    """Keep what was compared; a client with an unfinished change is compared again by the next run."""
    ledger = context.ledger
    fingerprints = _prints_now(context, preview, writer)
    held_before = ledger.journal.clients_held()
    with ledger.transaction():
        for one in preview.compared:
            client, record = one.diff.client, one.ignition
            ledger.remember(
                client,
                values=agreed_now(record, one.diff, context.rules) if record and one.inside else {},
                contacts=one.diff.contacts,
                ignition_fingerprint=fingerprints.get(client.xpm_id, fingerprint_of(record)),
                holds=one.diff.holds,
                outside=not one.inside,
            )
            if one.diff.holds or client.xpm_id in held_before:
                ledger.journal.note_holds(writer.run, client, one.diff.holds)
        if not undoes and preview.as_of is not None:
            _note_settings(context, preview)
        for xpm_id, number in preview.numbers.items():
            ledger.learn_number(xpm_id, number)
        if writer.outcome in _READ_ALL and preview.as_of is not None:
            _note_reading(context, preview, preview.as_of)


def _note_settings(context: SyncContext, preview: Preview) -> None:
    """What a whole run was made with, for the guards; settings that nobody saw at work yet stay unseen."""
    ledger, shape = context.ledger, settings_hash(context.settings)
    if preview.plan.changes or ledger.fact("run_shape") is None:
        ledger.note("run_shape", shape)
        ledger.note("previewed", "")
    ledger.note("tenant", context.settings.xpm.tenant_id)


def _note_reading(context: SyncContext, preview: Preview, as_of: datetime) -> None:
    """Where the next reading starts, and what its guards compare with; what failed is compared again all the same."""
    note = context.ledger.note
    note("cursor", stamp(as_of))
    note("shape", settings_hash(context.settings))
    if preview.reading.full is not None:
        note("last_full", stamp(as_of))
    if preview.source_clients is not None:
        note("source_clients", str(preview.source_clients))
        note("source_system", preview.plan.direction.source.value)


def _prints_now(context: SyncContext, preview: Preview, writer: Writer) -> dict[str, str]:
    """The fingerprints of the Ignition records this run wrote; empty for those to be compared again."""
    fingerprints = dict.fromkeys(writer.unfinished, "")
    if preview.plan.direction.target is not System.IGNITION:
        return fingerprints
    changes: dict[str, list[Change]] = {}
    for change in preview.plan.changes:
        changes.setdefault(change.client.xpm_id, []).append(change)
    for one in preview.compared:
        client = one.diff.client
        if client.xpm_id in changes and client.xpm_id not in fingerprints:
            fingerprints[client.xpm_id] = _print_now(context, client, one.ignition, changes[client.xpm_id])
    return fingerprints


def _print_now(context: SyncContext, client: ClientRef, before: Client | None, changes: Sequence[Change]) -> str:
    """Empty for a record that cannot be read, or that somebody edited meanwhile."""
    try:
        now = context.ignition.get(client.ignition_id)
    except XpmsyncError:
        return ""
    ours = now is not None and before is not None and only_ours(before, now, changes, System.IGNITION)
    return fingerprint_of(now) if ours else ""
