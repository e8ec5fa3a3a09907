"""What sync, apply and undo share: one run at a time, recover, guard, ask, write, report, and note how it ended."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.errors.next_steps import no_links
from xpmsync.cli.options import with_report_of_run
from xpmsync.cli.question import ask_plan
from xpmsync.cli.reports.pages import run_page
from xpmsync.cli.session import CurrentRun, Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views import plan as view
from xpmsync.cli.views.json import applied_data, reading_data
from xpmsync.core.enums import Json
from xpmsync.core.plan.guards import Guard
from xpmsync.core.plan.json import plan_data
from xpmsync.core.plan.plan import Plan, plan_line, summary_line
from xpmsync.errors import Interrupted, StateUnusable, XpmsyncError
from xpmsync.local.ledger.backup import back_up
from xpmsync.local.ledger.summary import RunNote, RunOutcome
from xpmsync.local.system.clock import SystemClock
from xpmsync.local.system.locks import run_lock
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.guard import guard, require_same_practice
from xpmsync.usecases.sync.plan_file import drop_stale, drop_unlinked
from xpmsync.usecases.sync.preview import Preview
from xpmsync.usecases.sync.recover import recover
from xpmsync.usecases.unattended.run_summary import notify_run, pending_after
from xpmsync.usecases.uploads import withdraw_left

if TYPE_CHECKING:
    from xpmsync.cli.terminal.progress import ProgressBar

_NO_RUN: Final = (ExitCode.USAGE, ExitCode.INTERRUPTED)
"""Exit codes of a wrong command line, or of a question that was not answered: there was no run to record."""


def record_outcome(session: Session, exit_code: int) -> None:
    """Record how the session's run ended; an error here never changes its exit code."""
    run = session.run
    if run is None or (exit_code in _NO_RUN and not run.counts and not session.by_schedule):
        return
    try:
        _record(session, run, exit_code)
    except (Exception, KeyboardInterrupt) as problem:  # the run is over, and its exit code is final
        session.info(f"The end of this run could not be recorded ({type(problem).__name__}).")


def _record(session: Session, run: CurrentRun, exit_code: int) -> None:
    import os

    from xpmsync.local.secrets.vault import open_vault

    clock = SystemClock()
    try:
        settings = session.settings
    except XpmsyncError:
        settings = None
    note = RunNote(
        command=run.command,
        started=run.started,
        finished=clock.now(),
        exit_code=exit_code,
        status=ExitCode(exit_code).status,
        code=session.problem,
        by_schedule=session.by_schedule,
        counts=run.counts,
        waiting=run.waiting,
        sign_in_to=run.sign_in_to,
    )
    state = session.paths.profile(session.profile)
    if settings is None and not state.folder.is_dir():
        return  # the profile's name was never checked, so nothing is created in it
    warnings = notify_run(
        settings,
        state,
        note,
        attended=run.attended,
        whole=run.whole,
        open_vault=lambda: open_vault(os.environ, attended=False),
        clock=clock,
    )
    for warning in warnings:
        session.info(f"Warning: {warning}")


UNFINISHED: Final = "What was being written may have arrived; the next run looks it up first."
"""What is true after a second Ctrl-C, in the middle of a write."""
_LONG_THOUGHT: Final = timedelta(seconds=20)
"""From so long at the question on, records are read again: somebody may have edited one. That costs calls."""


def accept_files(session: Session, context: SyncContext, *, asked: bool) -> None:
    """Take the files of both systems as they are where `asked`, or where a person confirms a new form."""
    for files in (context.xpm.deferred, context.ignition.deferred):
        question = f"{files.doubt}. Is it exactly as it was downloaded?"
        if asked or (files.doubt and session.may_ask and session.confirm(question, yes=False, instead="")):
            files.accept_file()


@contextmanager
def locked(
    context: SyncContext,
    progress: ProgressBar,
    wait_seconds: float = 0.0,
    *,
    allowed: Mapping[Guard, int] | None = None,
) -> Iterator[None]:
    """Be the practice's only run, on its own ledger, after recovering what an interrupted one left unknown.

    `allowed` are the guards that the command's `--allow` lifts, None for a command without it.
    """
    with run_lock(context.paths.lock, now=context.clock.now(), wait_seconds=wait_seconds):
        require_same_practice(context.ledger, context.settings, allowed)
        recover(context, progress)
        withdraw_left(context.settings, context.paths, context.ledger, context.clock)
        yield
    # A backup that cannot be made never changes how the run ended.
    with suppress(StateUnusable):
        back_up(context.paths.ledger, context.clock.now())


def recover_interrupted(context: SyncContext, progress: ProgressBar) -> None:
    """Recover what an interrupted run left unknown, before something is planned without the lock."""
    with locked(context, progress):
        progress.clear()


def apply_and_report(
    session: Session,
    context: SyncContext,
    progress: ProgressBar,
    found: Preview,
    *,
    yes: bool,
    allowed: Mapping[Guard, int],
    command: str = "sync",
    undoes: int = 0,
    everything: bool = False,
    report_file: Path | None = None,
) -> Report:
    """Guard, show and ask (unless `yes`), write, and report; nothing is written before all of that.

    `everything` shows also a plan of more than a screenful in full.
    """
    progress.clear()
    unlinked = not context.ledger.links()
    asks = bool(found.plan.changes) and not yes
    if asks:
        rest = "Answer 'a' to see every change and hold."
        show_preview(session.screen, found, rest, everything=everything)
    guard(context, found, attended=session.may_ask and not yes, allowed=allowed, undoing=bool(undoes))
    if asks:
        asked = context.clock.now()
        plan = found.plan
        chosen = ask_plan(session, context, plan, lambda screen: view.show_plan(screen, plan), undoes=bool(undoes))
        if chosen is None:
            session.run = None  # a plan that was declined is no run
            return Report({**_data(found), "applied": None}, lambda screen: screen.line("Nothing was written."))
        found = _current(context, replace(found, plan=chosen), progress, context.clock.now() - asked)
    session.done_so_far = lambda: UNFINISHED
    with stoppable() as stop_asked, session.clock.ended_by(stop_asked):
        applied = apply(context, found, progress, command=command, undoes=undoes, stop_asked=stop_asked)
    if applied.clock_ahead is not None:
        session.info(
            f"The clock of this computer is {applied.clock_ahead.days} days ahead of XPM's."
            " No value that undo needs has expired; set the clock."
        )
    session.done_so_far = lambda: f"Written before that: {count(applied.written, 'change')}."
    if session.run is not None:
        session.run.applied(applied, whole=found.as_of is not None)

    def show(screen: Screen) -> None:
        if not asks and found.plan.changes:
            rest = f"See every change with: {session.command_line('show', str(applied.run))}"
            show_sized(screen, found.plan, rest, everything=everything)
        elif not asks and view.is_big(screen, found.plan):
            looked = ("undo", str(undoes), "--dry-run") if undoes else ("diff",)
            view.show_brief(screen, found.plan, f"See every hold with: {session.command_line(*looked, '--all')}")
        elif not asks:
            view.show_holds(screen, found.plan.holds)
        view.show_applied(screen, applied, None if asks else found)
        if unlinked:
            screen.line(no_links(session.command_line))
        if applied.written and not undoes and not applied.pending_uploads.files:
            screen.line(f"Undo it with: {session.command_line('undo', str(applied.run))}")

    exit_code, notes = _ending(session, applied)
    summary = summary_line(applied.written, pending_after(applied), written=True)
    answer = Report({**_data(found), "applied": applied_data(applied)}, show, exit_code, notes, summary)
    page = run_page(applied, context.ledger.journal.writes(applied.run))
    return with_report_of_run(session, with_undecided(session, context, answer), page, report_file)


def _current(context: SyncContext, found: Preview, progress: ProgressBar, waited: timedelta) -> Preview:
    """The plan without what changed while a person decided; both systems are read again after a longer wait."""
    if waited < _LONG_THOUGHT:
        return replace(found, plan=drop_unlinked(context, found.plan))
    return replace(found, plan=drop_stale(context, found.plan, found.fingerprints, progress))


def with_undecided(session: Session, context: SyncContext, report: Report) -> Report:
    """The report with everything that recovery could not settle, which only a person can; exit code 5 then."""
    undecided = context.ledger.runs.undecided()
    if not undecided:
        return report
    if session.run is not None:
        session.run.waiting = {**session.run.waiting, "undecided": len(undecided)}
    notes = tuple(explain(write, session.command_line)[0] for write in undecided)
    exit_code = ExitCode.PARTLY_DONE if report.exit_code is ExitCode.DONE else report.exit_code
    return replace(report, exit_code=exit_code, errors=(*notes, *report.errors))


def plan_report(
    found: Preview, show: Callable[[Screen], None], *, saved: Path | None = None, exit_code: bool = False
) -> Report:
    """A plan that is only shown; `exit_code` ends with 3 when it has changes."""
    data = _data(found)
    if saved is not None:
        data["saved"] = str(saved)
    waiting = exit_code and bool(found.plan.changes)
    exit_code_ = ExitCode.CHANGES_WAITING if waiting else ExitCode.DONE
    return Report(data, show, exit_code_, summary=plan_line(found.plan))


def show_preview(screen: Screen, found: Preview, rest: str, *, everything: bool = False) -> None:
    """The plan, its totals, and how it was read; `rest` says how to see all of a plan that is shown in short."""
    show_sized(screen, found.plan, rest, everything=everything)
    view.show_totals(screen, found.plan)
    view.show_reading(screen, found)


def show_sized(screen: Screen, plan: Plan, rest: str, *, everything: bool) -> None:
    """The plan in full, or in short where it takes more than a screenful."""
    if everything:
        screen.paged(lambda full: view.show_plan(full, plan))
    elif view.is_big(screen, plan):
        view.show_brief(screen, plan, rest)
    else:
        view.show_plan(screen, plan)


def _data(found: Preview) -> dict[str, Json]:
    return {**plan_data(found.plan), "reading": reading_data(found)}


def _ending(session: Session, applied: Applied) -> tuple[ExitCode, tuple[ErrorNote, ...]]:
    """The exit code, and a note for every failure: what was not written, and what to do."""
    others = (failure for failure in applied.failures if failure.error is not applied.stopped)
    notes = tuple(view.failure_note(failure, session.command_line) for failure in others)
    if applied.outcome is RunOutcome.INTERRUPTED:
        note, exit_code = explain(Interrupted(applied.written), session.command_line)
        return exit_code, (*notes, note)
    if applied.stopped is not None:
        note, exit_code = explain(applied.stopped, session.command_line)
        return exit_code, (*notes, note)
    return (ExitCode.PARTLY_DONE if applied.failures else ExitCode.DONE), notes


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether a stop was requested; the former signal handlers are restored."""
    asked = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        sys.stderr.write("\nFinishing the current write. Press Ctrl-C again to stop at once.\n")

    # Task Scheduler and cron send SIGTERM (Windows: SIGBREAK) where a person presses Ctrl-C.
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    former = {name: signal.signal(getattr(signal, name), ask) for name in names}
    try:
        yield asked.is_set
    finally:
        for name, handler in former.items():
            signal.signal(getattr(signal, name), handler)
