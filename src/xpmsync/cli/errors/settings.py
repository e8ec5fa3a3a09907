"""Errors of the settings and of the command line in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from xpmsync import errors
from xpmsync.cli.errors.next_steps import setting_of
from xpmsync.cli.terminal.output import ExitCode
from xpmsync.local.settings.settings import KEYS

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["SETTINGS_ERRORS", "settings_message"]


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
    hint = f"Known: {', '.join(problem.known)}. Make a new one with: {command_line('init')}"
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
