"""Errors of this computer in words: keyring, state folder, ledger, scheduler and lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from xpmsync import errors
from xpmsync.cli.terminal.output import CURRENT_COMMAND, ExitCode
from xpmsync.cli.terminal.sanitize import count
from xpmsync.errors import trouble_of
from xpmsync.local.system.clock import local_time
from xpmsync.local.system.paths import Paths

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["MACHINE_ERRORS"]


def _keyring(problem: errors.KeyringUnusable, command_line: CommandLine) -> Words:
    hint = f"See what it needs with: {command_line('doctor')}"
    return f"The keyring of this computer cannot be used: {problem.reason}.", hint, ExitCode.SIGN_IN_NEEDED


def _secret_too_long(problem: errors.SecretTooLong, command_line: CommandLine) -> Words:
    message = f"A secret of {problem.length} characters does not fit into the keyring (at most {problem.limit})."
    return message, f"Sign in again: {command_line('login', 'xpm')}", ExitCode.SIGN_IN_NEEDED


def _state(problem: errors.StateUnusable, command_line: CommandLine) -> Words:
    message = f"{problem.path} cannot be used: {problem.reason}. Nothing was written to XPM or Ignition."
    # The setting is named only where the file is one of those whose place it decides.
    folder = Paths.from_environment(os.environ).state_root
    is_state = problem.path.is_relative_to(folder)
    another = ", or set XPMSYNC_STATE_DIR to another folder" if is_state else ", or choose another place"
    match trouble_of(problem.__cause__):
        case errors.FileTrouble.DENIED:
            hint = f"Give yourself the right to write there{another}."
        case errors.FileTrouble.IN_USE:
            hint = "Another program has it open: close that, or try again when it is done."
        case errors.FileTrouble.FULL:
            hint = "Make room on that disk, then try again."
        case _:
            hint = f"See what is wrong with: {command_line('doctor')}{another if is_state else ''}"
    return message, hint, ExitCode.UNEXPECTED


def _journal_stopped(problem: errors.JournalStopped, command_line: CommandLine) -> Words:
    done = f"{count(problem.written, 'change')} had been written" if problem.written else "Nothing had been written"
    message = (
        f"{problem.path} could not be written: {problem.reason}. {done}; nothing goes out that is not noted first."
    )
    command = command_line(CURRENT_COMMAND)
    hint = f"Make room on that disk. The next run looks up the last write and goes on: {command}"
    return message, hint, ExitCode.PARTLY_DONE if problem.written else ExitCode.UNEXPECTED


def _ledger_too_new(problem: errors.LedgerTooNew, _command_line: CommandLine) -> Words:
    return (
        (
            f"The ledger {problem.path} was written by a newer xpmsync"
            f" (version {problem.found}, this one knows {problem.known})."
        ),
        "Update xpmsync on this computer; the ledger was not touched.",
        ExitCode.USAGE,
    )


def _ledger_damaged(problem: errors.LedgerDamaged, command_line: CommandLine) -> Words:
    where = f" at {problem.record}" if problem.record else ""
    message = (
        f"The ledger {problem.path} is damaged{where}: {problem.reason}. Nothing was written, and it stays as it is."
    )
    return message, _rebuild(command_line), ExitCode.GUARDED


def _ledger_lost(problem: errors.LedgerLost, command_line: CommandLine) -> Words:
    what = (
        f"The ledger of this profile ({count(problem.links, 'link')}) is gone: {problem.path} {_LOST[problem.reason]}"
    )
    if problem.reason == "pending":
        names = ", ".join(path.name for path in problem.files)
        what = f"There is no ledger, although files for upload are in {problem.files[0].parent}: {names}"
    return f"{what}. Nothing was written.", _rebuild(command_line), ExitCode.GUARDED


_LOST: Final[Mapping[str, str]] = {
    "missing": "was deleted",
    "replaced": "is another one",
    "older": "is an older copy",
}


def _rebuild(command_line: CommandLine) -> str:
    return f"Rebuild it: {command_line('rebuild')}. Or begin without it: {command_line('rebuild', '--start-over')}"


def _scheduler(problem: errors.SchedulerFailed, command_line: CommandLine) -> Words:
    message = f"The scheduler could not be used ({problem.program}): {problem.reason}."
    return message, f"Choose another with --kind, or see: {command_line('doctor')}", ExitCode.UNEXPECTED


def _another_run(problem: errors.AnotherRun, command_line: CommandLine) -> Words:
    who = "it does not say which"
    if problem.pid:
        who = f"process {problem.pid} on {problem.host}, since {local_time(problem.since)}"
    message = f"Another run is active for this practice ({who}); it may be waiting for an answer at a terminal."
    command = f"{command_line(CURRENT_COMMAND)} --lock-wait 600"
    hint = f"Nothing was written. Wait for its end, or let this wait: {command}"
    return message, hint, ExitCode.ANOTHER_RUN


MACHINE_ERRORS: Final[Mapping[type[errors.XpmsyncError], Callable[..., Words]]] = {
    errors.KeyringUnusable: _keyring,
    errors.SecretTooLong: _secret_too_long,
    errors.StateUnusable: _state,
    errors.JournalStopped: _journal_stopped,
    errors.LedgerTooNew: _ledger_too_new,
    errors.LedgerDamaged: _ledger_damaged,
    errors.LedgerLost: _ledger_lost,
    errors.SchedulerFailed: _scheduler,
    errors.AnotherRun: _another_run,
}
