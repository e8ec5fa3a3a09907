"""Errors of the settings, of the command line and of this computer (keyring, state folder, scheduler) in words."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Final

import typer
from typer._click import exceptions, types

from xpmsync import errors
from xpmsync.cli.errors.next_steps import setting_of
from xpmsync.cli.terminal.output import CURRENT_COMMAND, CommandLine, ExitCode, Words
from xpmsync.cli.terminal.sanitize import count
from xpmsync.errors import trouble_of
from xpmsync.local.settings.keys import near
from xpmsync.local.settings.settings import KEYS
from xpmsync.local.system.clock import local_time
from xpmsync.local.system.paths import Paths


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
    done = (
        f"{count(problem.written, 'change')} had been written, and the one under way may have arrived"
        if problem.written
        else "The first change may have arrived, and nothing else was written"
    )
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


def settings_message(problem: errors.SettingsError) -> str:
    """Where in the settings something is wrong, what, and what was probably meant."""
    where = str(problem.path or "")
    if problem.line:
        where += f", line {problem.line}"
    elif _is_unwritten(problem):
        where += " (not there yet)"
    what = ": ".join(part for part in (where, problem.key, problem.problem.rstrip(".")) if part)
    near = f" Did you mean {problem.near}?" if problem.near else ""
    allowed = f" Allowed: {', '.join(problem.allowed)}." if problem.allowed else ""
    return f"{what}.{near}{allowed}"


def _settings(problem: errors.SettingsError, command_line: CommandLine) -> Words:
    """How to mend it: in the file what is written there, else by the command that sets it."""
    if problem.path is None:
        # It was typed, not read.
        known = problem.key in KEYS or problem.key.startswith("profiles.")
        hint = "Nothing was changed." if known else f"See every setting with: {command_line('config', 'show')}"
    elif _is_unwritten(problem):
        hint = f"Set this practice up with: {command_line('start')}"
    elif problem.key in KEYS and not problem.line:
        hint = f"Set it with: {setting_of(problem.key, command_line)}"
    else:
        hint = f"Correct it, then run: {command_line('config', 'check')}"
    return settings_message(problem), hint, ExitCode.USAGE


def _unknown_profile(problem: errors.UnknownProfile, command_line: CommandLine) -> Words:
    meant = near(problem.profile, problem.known)
    hint = f"Did you mean {meant}? " if meant else ""
    hint += f"Known: {', '.join(problem.known)}. Make a new one with: {command_line('init')}"
    return f"There is no profile {problem.profile!r} in the settings.", hint, ExitCode.USAGE


def _extra_missing(problem: errors.ExtraMissing, _command_line: CommandLine) -> Words:
    from xpmsync.local.system.installer import extra_command

    message = f"This needs the extra {problem.extra}, which is not installed."
    if command := extra_command(problem.extra):
        return message, f"Install it with: {command}", ExitCode.USAGE
    return message, "This single file was built without it; take one that was built with it.", ExitCode.USAGE


def _usage(problem: errors.UsageError, _command_line: CommandLine) -> Words:
    return problem.problem, problem.hint, ExitCode.USAGE


def _is_unwritten(problem: errors.SettingsError) -> bool:
    """Whether a key is missed because nobody has written the file yet."""
    return bool(problem.path and problem.key and not problem.line and not os.path.lexists(problem.path))


SETTINGS_ERRORS: Final[Mapping[type[errors.XpmsyncError], Callable[..., Words]]] = {
    errors.SettingsError: _settings,
    errors.UnknownProfile: _unknown_profile,
    errors.ExtraMissing: _extra_missing,
    errors.UsageError: _usage,
}


_EXTRA: Final = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
_NO_COMMAND: Final = re.compile(r"No such command '(.*?)'\.?(?: Did you mean (.*)\?)?", re.DOTALL)


def usage_message(problem: typer.TyperException) -> str:
    """What is wrong with the words that were typed; Typer's own message where it is plain enough."""
    message = problem.format_message()
    match problem:
        case exceptions.BadParameter(param=None):
            return problem.message  # a check of ours, which says it itself
        case exceptions.MissingParameter(param=parameter) if parameter is not None:
            what = parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0]
            help_text = str(getattr(parameter, "help", "") or "").rstrip(".")
            return f"{_name(problem)} needs {what}" + (f": {help_text}." if help_text else ".")
        case exceptions.BadParameter(param=parameter) if parameter is not None and parameter.type is not None:
            return _bad_value(problem, parameter.type, _label(problem))
        case exceptions.NoSuchOption(option_name=option, possibilities=near):
            guess = f" Did you mean {' or '.join(near)}?" if near else ""
            return f"{_name(problem)} has no option {option}.{guess}"
        case exceptions.BadOptionUsage(option_name=option) if "requires an argument" in message:
            return f"{option} needs a value after it."
        case exceptions.UsageError():
            if extra := _EXTRA.fullmatch(message):
                return f"{_name(problem)} takes fewer words: {extra[1]!r} is too many."
            if unknown := _NO_COMMAND.fullmatch(message):
                guess = f" Did you mean {unknown[2]}?".replace("'", "") if unknown[2] else ""
                return f"There is no command {unknown[1]!r}.{guess}"
    return message


def _bad_value(problem: exceptions.BadParameter, kind: types.ParamType, label: str) -> str:
    """What a value must be; a check of ours says it itself."""
    if isinstance(kind, types.IntRange | types.FloatRange) and re.search(
        "not a valid|not in the range", problem.message
    ):
        least, most = kind.min, kind.max
        between = f" from {least:g} to {most:g}" if least is not None and most is not None else ""
        at_least = f", {least:g} or more" if least is not None and most is None else ""
        return f"{label} must be a number{between}{at_least}."
    if isinstance(kind, types.IntParamType | types.FloatParamType) and "not a valid" in problem.message:
        return f"{label} must be a number."
    choices: object = getattr(kind, "choices", None)
    if isinstance(choices, list | tuple) and "is not one of" in problem.message:
        return f"{label} must be one of: {', '.join(map(str, choices))}."
    return f"{label}: {problem.message}"


def _label(problem: exceptions.BadParameter) -> str:
    parameter = problem.param
    if parameter is None:
        return "The value"
    return parameter.opts[0] if parameter.param_type_name == "option" else str(parameter.metavar)


def _name(problem: typer.TyperException) -> str:
    context: object = getattr(problem, "ctx", None)
    return str(getattr(context, "command_path", "")).partition(" ")[2] or "xpmsync"
