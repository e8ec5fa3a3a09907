"""schedule: install, status, remove, show; and the two commands that schedulers start themselves."""

import os
import sys
from datetime import time
from pathlib import Path
from typing import Annotated, Final

import typer

from xpmsync.cli.commands.notify import addresses_to_name
from xpmsync.cli.commands.sync import sync
from xpmsync.cli.errors.explain import explain
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.progress import ProgressBar
from xpmsync.cli.views import schedule as view
from xpmsync.core.enums import SchedulerKind
from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.local.schedule.job import EVERY_DAY, parse_days, parse_time
from xpmsync.local.schedule.registry import open_scheduler, read_schedule
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.sections import LogFormat
from xpmsync.local.system.clock import SystemClock
from xpmsync.local.system.log import open_log
from xpmsync.usecases.unattended.install import CARRIED, install, job_for, remove, schedule_status
from xpmsync.usecases.unattended.probe import Findings, ProbeStep, check_access, requested_probe, write_findings

_PATIENCE: Final = 900.0
"""Seconds that a scheduled run waits for a person's run to end."""

_EXAMPLE_TIME: Final = time(2, 30)
"""What `show` shows where no schedule is installed and no time was given."""

schedule = typer.Typer(help="Run the sync by itself, at a time of day.", no_args_is_help=True, rich_markup_mode=None)

_AT: Final = typer.Option("--at", metavar="HH:MM", help="The time of day, on this computer's clock.")
_DAYS: Final = typer.Option("--days", metavar="DAYS", help="daily, weekdays, or such as mon,wed,fri.")
Wake = Annotated[bool, typer.Option("--wake", help="Wake the computer from sleep for it (Windows).")]
KindOption = Annotated[SchedulerKind | None, typer.Option("--kind", help="Another scheduler than the usual one.")]
With = Annotated[list[str] | None, typer.Option("--with", metavar="NAME=VALUE", hidden=True)]


@schedule.command("install")
def install_(
    ctx: typer.Context,
    at: Annotated[str, _AT],
    days: Annotated[str, _DAYS] = "daily",
    wake: Wake = False,
    notify: Annotated[
        list[str] | None,
        typer.Option("--notify", metavar="ADDRESS", help="Notify this e-mail address or webhook when something is up."),
    ] = None,
    kind: KindOption = None,
    probe: Annotated[bool, typer.Option(help="First prove from inside the scheduler that it works.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of another practice's schedule.")] = False,
) -> None:
    """Run `sync --yes` every day at that time, after proving that the scheduler can."""
    session = session_of(ctx, "schedule install")
    when, chosen = parse_time(at), parse_days(days)
    addresses = addresses_to_name(session, notify or [])
    with ProgressBar(active=session.verbosity >= 0 and not session.json and sys.stderr.isatty()) as progress:
        done = install(
            session.settings,
            session.paths,
            os.environ,
            open_scheduler(kind),
            at=when,
            days=chosen,
            clock=SystemClock(),
            progress=progress,
            wake=wake,
            probe=probe,
            replace_other=replace,
        )
        progress.clear()
    _log(session, "schedule installed" if done.note else "schedule not installed", done.kind, proof=done.proof.value)
    if addresses and done.note is not None:
        set_values(session.settings.path, addresses, session.settings.profile)
    exit_code, notes = _ending(session, done.findings, installed=done.note is not None, reason=done.reason)
    session.report(
        Report(
            view.installed_data(done),
            lambda screen: view.show_installed(screen, done, session.command_line),
            exit_code,
            notes,
        )
    )


@schedule.command("status")
def status(ctx: typer.Context) -> None:
    """Show whether the schedule is in place, when it runs next, and how the last run ended."""
    session = session_of(ctx, "schedule status")
    found = schedule_status(session.settings, session.paths, SystemClock())
    session.report(
        Report(
            view.schedule_status_data(found),
            lambda screen: view.show_schedule_status(screen, found, session.command_line),
        )
    )


@schedule.command("remove")
def remove_(ctx: typer.Context, kind: KindOption = None) -> None:
    """Take the schedule out of the scheduler; nothing else is touched."""
    session = session_of(ctx, "schedule remove")
    done = remove(session.settings, session.paths, SystemClock(), open_scheduler(kind) if kind else None)
    _log(session, "schedule removed", done.kind, existed=done.existed)
    words = f"Removed from {done.kind.label}." if done.existed else f"There was no schedule in {done.kind.label}."
    data = {"name": done.name, "kind": done.kind.value, "removed": done.existed}
    session.report(Report(data, lambda screen: screen.line(words)))


@schedule.command("show")
def show(
    ctx: typer.Context,
    at: Annotated[str | None, _AT] = None,
    days: Annotated[str | None, _DAYS] = None,
    wake: Wake = False,
    kind: KindOption = None,
) -> None:
    """Show what is installed, or would be with these options, word for word. Touches nothing."""
    session = session_of(ctx, "schedule show")
    note = read_schedule(session.state)
    scheduler = open_scheduler(kind or (note.kind if note else None))
    job = job_for(
        session.settings,
        session.paths,
        os.environ,
        at=parse_time(at) if at else note.at if note else _EXAMPLE_TIME,
        days=parse_days(days) if days else note.days if note else EVERY_DAY,
        wake=wake or bool(note and note.wake),
        now=SystemClock().now(),
    )
    installed = note is not None and (note.at, note.days, note.wake, note.kind, note.command) == (
        *(job.at, job.days, job.wake, scheduler.kind, job.command),
    )
    texts = scheduler.texts(job)
    shown = [{"where": text.where, "content": text.content} for text in texts]
    data = {**view.job_data(job, scheduler.kind), "texts": shown, "installed": installed}
    session.report(Report(data, lambda screen: view.show_job(screen, job, scheduler, texts, installed=installed)))


@schedule.command("run", hidden=True)
def run(ctx: typer.Context, variables: With = None) -> None:
    """What the schedule starts: an unattended sync whose ending is noted, logged and notified, and shown nowhere."""
    _take_over(variables)
    session = session_of(ctx, "schedule run")
    # The plan names clients, and a scheduler keeps or mails whatever a job writes.
    session.by_schedule = session.no_input = session.silent = session.screen.quiet = True
    if sys.stdout is None or sys.stderr is None:
        # Without a console (pythonw) Windows gives a program no streams at all.
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    sync(ctx, yes=True, lock_wait=_PATIENCE)


@schedule.command("probe", hidden=True)
def probe(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="Where the findings go.")],
    variables: With = None,
) -> None:
    """What `install` has the scheduler start: try what a run needs, and write down how it went."""
    _take_over(variables)
    session = session_of(ctx, "schedule probe")
    if not requested_probe(out, SystemClock()):
        return
    try:
        findings = _findings(session, check_access(session.settings, session.state, os.environ, attended=False))
    except XpmsyncError as problem:
        note, code = explain(problem, session.command_line)
        findings = Findings((), note.code, note.message, note.hint, int(code))
    write_findings(out, findings)


def _findings(session: Session, steps: tuple[ProbeStep, ...]) -> Findings:
    seen = tuple((step.name, step.message) for step in steps if step.error is None)
    failed = next((step.error for step in steps if step.error is not None), None)
    if failed is None:
        return Findings(seen)
    note, code = explain(failed, session.command_line)
    return Findings(seen, note.code, note.message, note.hint, int(code))


def _ending(
    session: Session, findings: Findings | None, *, installed: bool, reason: str
) -> tuple[ExitCode, tuple[ErrorNote, ...]]:
    if not installed and findings is not None:
        message = f"The scheduler started the probe, but it could not do its work. {findings.message}"
        hint = f"{findings.hint} Nothing was installed; to install anyway, add --no-probe."
        return ExitCode(findings.exit_code), (ErrorNote(findings.code, message, hint),)
    if reason:
        message = f"It is installed, but could not be proved to work: {reason}."
        hint = f"Look after the first night with: {session.command_line('schedule', 'status')}"
        return ExitCode.PARTLY_DONE, (ErrorNote("unproved", message, hint),)
    return ExitCode.DONE, ()


def _log(session: Session, message: str, kind: SchedulerKind, **facts: str | bool) -> None:
    if session.state.folder.is_dir():
        log = open_log(session.state, as_json=session.settings.log.format is LogFormat.JSON)
        log.info(message, extra={"facts": {"kind": kind.value, **facts}})


def _take_over(variables: list[str] | None) -> None:
    """Take the variables that `install` put into the command over into this process; no others."""
    for given in variables or []:
        name, _, value = given.partition("=")
        if name not in CARRIED:
            raise UsageError(f"--with does not take {name!r}.", "It is for jobs made by: xpmsync schedule install")
        os.environ[name] = value
