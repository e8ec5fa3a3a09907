"""What is wrong with the settings or with the command line, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xpmsync import errors
from xpmsync.cli.terminal.output import ExitCode

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["settings_message", "settings_words"]


def settings_words(problem: errors.XpmsyncError, command_line: CommandLine) -> Words | None:
    """Message, hint and exit code; None for what is no matter of settings and arguments."""
    match problem:
        case errors.SettingsError():
            return settings_message(problem), _settings_hint(problem, command_line), ExitCode.USAGE
        case errors.UnknownProfile(profile=profile, known=known):
            hint = f"Known: {', '.join(known)}. Make a new one with: {command_line('init')}"
            return f"There is no profile {profile!r} in the settings.", hint, ExitCode.USAGE
        case errors.ExtraMissing(extra=extra):
            told = f'This needs the extra {extra}; install it with: pip install "xpmsync[{extra}]"'
            return told, "", ExitCode.USAGE
        case errors.UsageError(problem=told, hint=hint):
            return told, hint, ExitCode.USAGE
        case _:
            return None


def settings_message(problem: errors.SettingsError) -> str:
    """Where in the settings something is wrong, what, and what was probably meant."""
    where = str(problem.path or "")
    if problem.line:
        where += f", line {problem.line}"
    elif _is_unwritten(problem):
        where += " (not there yet)"
    said = ": ".join(one for one in (where, problem.key, problem.problem.rstrip(".")) if one)
    near = f" Did you mean {problem.near}?" if problem.near else ""
    allowed = f" Allowed: {', '.join(problem.allowed)}." if problem.allowed else ""
    return f"{said}.{near}{allowed}"


def _settings_hint(problem: errors.SettingsError, command_line: CommandLine) -> str:
    """How to mend it: in the file what stands there, else by the command that sets it."""
    from xpmsync.cli.errors.next_steps import setting_of
    from xpmsync.local.settings.settings import KEYS

    if problem.path is None:
        # It was typed, not read.
        known = problem.key in KEYS or problem.key.startswith("profiles.")
        return "Nothing was changed." if known else f"See every setting with: {command_line('config', 'show')}"
    if _is_unwritten(problem):
        return f"Set this practice up with: {command_line('init')}"
    if problem.key in KEYS and not problem.line:
        return f"Set it with: {setting_of(problem.key, command_line)}"
    return f"Correct it, then run: {command_line('config', 'check')}"


def _is_unwritten(problem: errors.SettingsError) -> bool:
    """Whether a key is missed because nobody has written the file yet."""
    return bool(problem.path and problem.key and not problem.line and not os.path.lexists(problem.path))
