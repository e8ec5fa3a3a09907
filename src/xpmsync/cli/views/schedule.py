"""Schedules for people and programs, and the reminder of one that does not run as it should."""

from collections.abc import Callable, Sequence
from datetime import UTC, time
from typing import Final

from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.views.status import last_run_words, status_note_data
from xpmsync.core.enums import Json, SchedulerKind
from xpmsync.local.ledger.summary import read_status
from xpmsync.local.schedule.job import Day, Job, Scheduler, Text, days_in_words
from xpmsync.local.schedule.registry import days_overdue, read_schedule
from xpmsync.local.system.clock import SystemClock, local_time
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.unattended.install import Installed, ScheduleState, ScheduleStatus
from xpmsync.usecases.unattended.probe import Proof

_STATES: Final = {
    ScheduleState.NONE: "no schedule is installed",
    ScheduleState.INSTALLED: "in place",
    ScheduleState.MISSING: "gone: the scheduler no longer has it",
    ScheduleState.DISABLED: "switched off in the scheduler",
    ScheduleState.ALTERED: "the scheduler has something else under its name",
    ScheduleState.PROGRAM_GONE: "the Python it starts is no longer there (was it upgraded?)",
}
_PROOFS: Final = {
    Proof.PROVED: "yes, by a probe that the scheduler itself started",
    Proof.UNPROVED: "no, it could not be proved",
    Proof.SKIPPED: "not tried (--no-probe)",
    Proof.FAILED: "the probe did not succeed",
}


def show_installed(screen: Screen, done: Installed, command_line: Callable[..., str]) -> None:
    """What was installed and what the probe saw."""
    job, findings = done.job, done.findings
    if done.note is None:
        screen.line("Nothing was installed.", Tone.STRONG)
    else:
        screen.line(f"Installed in {done.kind.label}.", Tone.STRONG)
    rows = [("Name", job.name), ("Runs", schedule_words(job))]
    if done.note is not None:
        rows.append(("Proved", _PROOFS[done.proof]))
    rows += [(f"  {name}", message) for name, message in (findings.steps if findings else ())]
    if done.replaced is not None:
        before = done.replaced
        rows.append(("Instead of", f"{days_in_words(before.days)} at {before.at:%H:%M}"))
    screen.pairs(rows)
    if done.note is not None:
        screen.line(_sentence(job, done.conditions))
    for caution in done.cautions:
        screen.line(f"Note: {caution}")
    if done.note is None:
        return
    if done.can_wake and not job.wake and job.at is not None:
        again = command_line("schedule", "install", *install_words(job.at, job.days), "--wake")
        screen.line(f"To have the computer woken from sleep for it: {again}")
    screen.line(f"Next: {command_line('schedule', 'status')}")


def installed_data(done: Installed) -> dict[str, Json]:
    """The same for programs."""
    before = done.replaced
    return {
        **job_data(done.job, done.kind),
        "installed": done.note is not None,
        "proof": done.proof.value,
        "seen": dict(done.findings.steps) if done.findings else {},
        "replaced": {"at": f"{before.at:%H:%M}", "days": [day.value for day in before.days]} if before else None,
        "notes": list(done.cautions),
        "runs": _sentence(done.job, done.conditions),
    }


def job_data(job: Job, kind: SchedulerKind) -> dict[str, Json]:
    """A job: where, when, and what it starts."""
    return {
        "name": job.name,
        "kind": kind.value,
        "at": f"{job.at:%H:%M}" if job.at else None,
        "days": [day.value for day in job.days],
        "first_day": job.first.isoformat(),
        "wake": job.wake,
        "command": list(job.command),
    }


def show_job(screen: Screen, job: Job, scheduler: Scheduler, texts: Sequence[Text], *, installed: bool) -> None:
    """What is installed or would be, word for word; the texts are not wrapped, so that they can be copied."""
    screen.pairs([("Name", job.name), ("Scheduler", scheduler.kind.label), ("Runs", schedule_words(job))])
    for text in texts:
        screen.heading(text.where)
        screen.verbatim(text.content)
    screen.line()
    screen.line(_sentence(job, scheduler.conditions(wake=job.wake)))
    screen.line("This is what the installed schedule says." if installed else "Nothing was installed.")


def show_schedule_status(screen: Screen, found: ScheduleStatus, command_line: Callable[..., str]) -> None:
    """Whether the schedule is in place, and how its last run ended."""
    note = found.note
    if note is None:
        screen.line("No schedule is installed.")
        screen.line(f"Next: {command_line('schedule', 'install')} --at 02:30")
        return
    rows = [
        ("Schedule", f"{note.name} in {note.kind.label}"),
        ("State", _STATES[found.state]),
        ("Runs", f"{days_in_words(note.days)} at {note.at:%H:%M}"),
        (
            "Next run",
            local_time(found.next_run) if found.next_run and found.state is ScheduleState.INSTALLED else "none",
        ),
        ("Last run", last_run_words(found.status)),
    ]
    if found.status:
        rows.append(
            ("Last success", local_time(found.status.last_success) if found.status.last_success else "none yet")
        )
    if not note.proved:
        rows.append(("Proved", "no; install it again to have it proved"))
    screen.pairs(rows)
    if found.state is ScheduleState.INSTALLED:
        screen.line(_when(note.days, note.at, found.conditions))
    if found.overdue:
        days = "day" if found.overdue == 1 else "days"
        screen.line(f"It has not run for {found.overdue} {days} although it was due.", Tone.WARNING)
    if found.state is not ScheduleState.INSTALLED:
        words = install_words(note.at, note.days, wake=note.wake)
        screen.line(f"Install it again with: {command_line('schedule', 'install', *words)}")


def schedule_status_data(found: ScheduleStatus) -> dict[str, Json]:
    """The same for programs; moments in UTC."""
    note = found.note
    due = found.next_run if found.state is ScheduleState.INSTALLED else None
    return {
        "state": found.state.value,
        "name": note.name if note else None,
        "kind": note.kind.value if note else None,
        "at": f"{note.at:%H:%M}" if note else None,
        "days": [day.value for day in note.days] if note else [],
        "proved": note.proved if note else False,
        "next_run": due.astimezone(UTC).isoformat() if due else None,
        "days_overdue": found.overdue,
        **status_note_data(found.status),
    }


def install_words(at: time, days: tuple[Day, ...], *, wake: bool = False) -> tuple[str, ...]:
    """The options that install the same schedule again."""
    return ("--at", f"{at:%H:%M}", "--days", days_in_words(days), *(("--wake",) if wake else ()))


def _sentence(job: Job, conditions: str) -> str:
    return _when(job.days, job.at, conditions) if job.at else ""


def _when(days: tuple[Day, ...], at: time, conditions: str) -> str:
    """When it runs and when not, in one sentence."""
    return f"It runs {days_in_words(days)} at {at:%H:%M} {conditions}"


def schedule_words(job: Job) -> str:
    """When a job runs."""
    return f"{days_in_words(job.days)} at {job.at:%H:%M}, from {job.first.isoformat()} on" if job.at else "once"


def schedule_reminder(state: ProfilePaths, command_line: str) -> str:
    """Return the reminder of a schedule that is overdue or fails, empty where there is none.

    `command_line` is the command that shows more. Never raises: a reminder is not worth failing for.
    """
    try:
        return _overdue(state, command_line) if state.schedule.exists() else ""
    except Exception:  # whatever is wrong with the state files, the command itself will say
        return ""


def _overdue(state: ProfilePaths, command_line: str) -> str:
    note, status = read_schedule(state), read_status(state)
    if note is None:
        return ""
    if days := days_overdue(note, status, SystemClock().now()):
        last = status.last_scheduled if status else None
        since = f" (last: {local_time(last)})" if last else ""
        return f"The scheduled sync has not run for {days} {'day' if days == 1 else 'days'}{since}. See: {command_line}"
    if status and status.last_run.by_schedule and status.failed_in_a_row > 1:
        return (
            f"The last {status.failed_in_a_row} runs did not end well ({status.last_run.status}). See: {command_line}"
        )
    return ""
