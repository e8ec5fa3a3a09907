"""What a run read and did, for people."""

from __future__ import annotations

from collections.abc import Callable

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.terminal.output import ErrorNote
from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.views.plan import held_in_short
from xpmsync.cli.views.uploads import show_pending_uploads
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.usecases.sync.apply import Applied
from xpmsync.usecases.sync.preview import Preview
from xpmsync.usecases.sync.writer import Failure

__all__ = ["failure_note", "show_applied", "show_reading"]


def show_reading(screen: Screen, preview: Preview) -> None:
    """How the plan was read: calls, and the clients that were looked up singly."""
    if preview.reading.full:
        how = f"everything, {preview.reading.full.value}"
    else:
        how = "what changed" if preview.reading.since else "the named clients"
    if preview.plan.clients:
        calls = f": {count(preview.xpm_calls, 'XPM call')}" if preview.xpm_calls else ""
        screen.line(f"Read {how}{calls}.", Tone.QUIET)
    _show_read(screen, preview)
    for link in preview.confirmed:
        screen.line(f"New in Ignition since: {named(link.ref)}.")


def show_applied(screen: Screen, applied: Applied, reading: Preview | None) -> None:
    """The totals of a run, last; `reading` is what its plan came from, None where that was shown with the plan."""
    counts = applied.plan.counts
    target = applied.plan.direction.target.label
    screen.line()
    if not counts["clients"]:
        screen.line("Nothing to sync: no client is linked yet, or the filters leave out all that are.")
        _show_read(screen, reading)
        return
    if applied.outcome is RunOutcome.DONE and not counts["changes"]:
        screen.line("Nothing to write.", Tone.STRONG)
    else:
        files = sum(file.uploaded is None for file in applied.pending_uploads.files)
        where = f"{'the file' if files == 1 else f'{files} files'} for {target}" if files else target
        screen.line(f"{count(applied.written, 'change')} written to {where}.", Tone.STRONG)
    if applied.respelled:
        screen.line(f"{target} keeps {count(applied.respelled, 'value')} in its own spelling; that counts as equal.")
    if applied.failures:
        screen.line(f"{count(len(applied.failures), 'call')} failed.", Tone.WARNING)
    if applied.not_tried:
        screen.line(f"{count(applied.not_tried, 'call')} not tried.", Tone.WARNING)
    screen.line(held_in_short(applied.plan))
    if counts["excepted"]:
        screen.line(f"{counts['excepted']} known and left alone (exceptions).")
    screen.line(f"{counts['equal']} of {count(counts['clients'], 'linked client')} equal already.")
    if applied.xpm_calls:
        screen.line(f"{count(applied.xpm_calls, 'XPM call')} used.")
    _show_read(screen, reading)
    show_pending_uploads(screen, applied.pending_uploads)


def failure_note(failure: Failure, command_line: Callable[..., str]) -> ErrorNote:
    """A failed call: which client, what happened, what to do."""
    note, _ = explain(failure.error, command_line)
    client = failure.call.client
    unknown = " It may have been written all the same; the next run looks that up." if failure.may_have_arrived else ""
    message = f"{one_line(client.name)} (XPM {client.xpm_id}): {note.message}{unknown}"
    return ErrorNote(note.code, message, note.hint)


def _show_read(screen: Screen, reading: Preview | None) -> None:
    """Which clients were looked up singly, and what the files that were read are like."""
    if reading is None:
        return
    if reading.single_reads:
        names = ", ".join(one_line(client.name) for client in reading.single_reads)
        screen.line(f"Looked up because Ignition's side had changed: {names}.", Tone.QUIET)
    for notice in reading.notices:
        screen.line(notice, Tone.QUIET)
