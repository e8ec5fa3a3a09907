"""Checks of running unattended: ledger, schedule, last runs, notifications, and a second writer."""

from collections.abc import Iterator
from typing import Final

from xpmsync.core.enums import NotifySecret
from xpmsync.errors import LedgerDamaged, SchedulerFailed, XpmsyncError
from xpmsync.local.ledger.health import LedgerHealth, ledgers_set_aside
from xpmsync.local.ledger.summary import StatusNote, read_status
from xpmsync.local.schedule.job import days_in_words
from xpmsync.local.schedule.registry import read_schedule
from xpmsync.local.settings.keys import IN_KEYRING
from xpmsync.local.settings.settings import Route
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.doctor.model import DoctorContext, Finding, Severity, ok, problem, warning

_NATIVE: Final = (
    "In Ignition, set its own sync with XPM to Nothing (Apps, Xero Practice Manager), so that only one program writes."
)
_STATES: Final = {
    "missing": "the scheduler no longer has it",
    "disabled": "it is switched off in the scheduler",
    "altered": "the scheduler has something else under its name",
    "program-gone": "the Python that it starts is no longer there, perhaps after an upgrade",
}


def check_ledger(context: DoctorContext) -> Iterator[Finding]:
    """Whether the ledger is whole, and what the last run left open in it."""
    file = context.state.ledger
    health = context.ledger
    aside = ledgers_set_aside(file)
    if aside:
        message = f"Former ledgers are kept: {', '.join(path.name for path in aside)} in {file.parent}."
        yield warning("ledger", message, "Move them away once the links are complete. Pairs are found with:", "match")
    if health is None:
        yield ok("ledger", "There is none yet; the first link or sync makes it.")
    elif health.lost:
        yield Finding("ledger", Severity.PROBLEM, "", error=health.lost)
    elif health.damage:
        yield Finding("ledger", Severity.PROBLEM, "", error=LedgerDamaged(file, health.damage))
    elif health.reason:
        fix = "Close what holds it (another run, a backup, a virus scanner), then look again with:"
        yield warning("ledger", f"The ledger {file} cannot be read just now: {health.reason}.", fix, "doctor")
    elif health.newer:
        message = f"The ledger {file} was written by a newer xpmsync (version {health.version})."
        yield problem("ledger", message, "Update xpmsync on this computer; the ledger was not touched.")
    else:
        yield from _whole(health)


def check_schedule(context: DoctorContext) -> Iterator[Finding]:
    """Whether the schedule is in place and runs."""
    from xpmsync.usecases.unattended.install import ScheduleState, schedule_status

    note = read_schedule(context.state)
    if context.settings is None or note is None:
        yield ok("schedule", "None is installed." if note is None else "Not checked, the settings cannot be read.")
        return
    command_line = (
        "schedule",
        "install",
        "--at",
        f"{note.at:%H:%M}",
        "--days",
        days_in_words(note.days),
        *(("--wake",) if note.wake else ()),
    )
    try:
        found = schedule_status(context.settings, context.paths, context.clock)
    except SchedulerFailed as trouble:
        yield Finding("schedule", Severity.PROBLEM, "", error=trouble)
        return
    if found.state is not ScheduleState.INSTALLED:
        message = f"The schedule {note.name} does not run: {_STATES[found.state.value]}."
        yield problem("schedule", message, "Install it again with:", *command_line)
        return
    if found.overdue:
        message = f"The schedule has not run for {found.overdue} days although it was due."
        yield problem(
            "schedule", message, "Was the computer on, and somebody signed in? Check again with:", *command_line
        )
    if not note.proved:
        yield warning(
            "schedule", "Nobody has proved that it can run from the scheduler.", "Prove it with:", *command_line
        )
    when = f"{days_in_words(note.days)} at {note.at:%H:%M}"
    yield ok("schedule", f"In {note.kind.label}, {when}; next on {found.next_run:%Y-%m-%d}.")


def check_last_run(context: DoctorContext) -> Iterator[Finding]:
    """How the last run ended."""
    status = _current_status(context)
    if status is None:
        yield ok("last-run", "There was none yet.")
        return
    run = status.last_run
    when = local_time(run.finished)
    if run.exit_code:
        code = f" ({run.code})" if run.code else ""
        many = f", {status.failed_in_a_row} times in a row" if status.failed_in_a_row > 3 else ""
        message = f"The {run.command} of {when} ended with {run.status}{code}{many}."
        yield warning("last-run", message, "See the status with:", "status")
    elif run.waiting:
        waits = ", ".join(f"{number} {code.replace('-', ' ')}" for code, number in run.waiting.items())
        yield warning("last-run", f"The {run.command} of {when} left something for a person: {waits}.", "See:", "diff")
    else:
        yield ok("last-run", f"{run.command} of {when}: done.")


def check_notify(context: DoctorContext) -> Iterator[Finding]:
    """Whether anybody is notified when an unattended run fails, and whether they can be."""
    if context.settings is None:
        yield ok("notify", "Not checked, because the settings cannot be read.")
        return
    from xpmsync.local.net.channels import mail_problem
    from xpmsync.usecases.unattended.notify import channels

    notify = context.settings.notify
    used = channels(context.settings)
    if not used:
        if read_schedule(context.state) is None:
            yield ok("notify", "Nobody is notified of unattended runs; none are scheduled.")
        else:
            yield warning("notify", "Nobody is notified when a scheduled run fails.", "Begin with:", "notify", "setup")
        return
    if notify.mail_to and (wrong := mail_problem(notify)):
        yield problem("notify", f"E-mail cannot be sent: {wrong}.", "Correct [notify] in the settings.")
    yield from _secrets_there(context)
    yield ok("notify", f"Notified by: {', '.join(channel.value for channel in used)}.")


def check_second_writer(context: DoctorContext) -> Iterator[Finding]:
    """Whether something else keeps writing what xpmsync writes: mostly Ignition's own sync with XPM."""
    fields = context.ledger.fought_over if context.ledger else 0
    if fields:
        message = f"{fields} fields had to be put right by one run after the other: something else writes them, too."
        yield warning("native-sync", message, _NATIVE)
    elif context.settings and context.settings.ignition.route is not Route.BUILTIN:
        yield ok("native-sync", f"No sign of a second writer. (xpmsync cannot see Ignition's own sync. {_NATIVE})")
    else:
        yield ok("native-sync", "No sign of a second writer.")


def _current_status(context: DoctorContext) -> StatusNote | None:
    """How the last run ended, without what was done since, where the ledger can be asked for it."""
    health = context.ledger
    if context.settings is None or health is None or health.damage or health.reason or health.newer:
        return read_status(context.state)
    from xpmsync.usecases.status import get_status

    return get_status(context.settings, context.paths, context.environ, context.clock).ended


def _whole(health: LedgerHealth) -> Iterator[Finding]:
    if health.open_writes or health.cut_off:
        message = f"{health.open_writes} writes have no known end"
        if health.cut_off:
            message = f"Run {health.cut_off} was cut off; {message}"
        yield warning("ledger", f"{message}.", "The next run settles them first:", "sync")
    for undecided in health.undecided:
        yield Finding("ledger", Severity.WARNING, "", error=undecided)
    yield ok("ledger", f"Whole; {health.links} clients linked.")


def _secrets_there(context: DoctorContext) -> Iterator[Finding]:
    """Whether the keyring has what the settings say it has."""
    from xpmsync.local.secrets.vault import open_vault
    from xpmsync.usecases.unattended.notify import secret_of

    settings = context.settings
    if settings is None:
        return
    notify = settings.notify
    needed = {
        NotifySecret.MAIL_PASSWORD: bool(notify.mail_to and notify.smtp_user),
        NotifySecret.WEBHOOK: notify.webhook_url == IN_KEYRING,
        NotifySecret.PING: notify.ping_url == IN_KEYRING,
    }
    for which in (secret for secret, wanted in needed.items() if wanted):
        try:
            there = secret_of(settings, open_vault(context.environ, attended=context.attended), which)
        except XpmsyncError as trouble:
            yield Finding("notify", Severity.PROBLEM, "", error=trouble)
            return
        if not there:
            message = f"The {which.value.replace('-', ' ')} is not in the keyring."
            yield problem("notify", message, "Put it there with:", "notify", "set", which.value)
