"""Turns errors into a message, a hint and an exit code, by one table of error classes.

Every message says what happened and to which record; every hint says what to do
next, with the command to run.
"""

from collections.abc import Callable, Mapping
from typing import Final

from xpmsync.cli.errors.machine import MACHINE_ERRORS, SETTINGS_ERRORS
from xpmsync.cli.errors.next_steps import before_sign_in
from xpmsync.cli.errors.records import RECORD_ERRORS, REVIEW_FILE_ERRORS
from xpmsync.cli.errors.systems import SYSTEM_ERRORS
from xpmsync.cli.terminal.output import CommandLine, ErrorNote, ExitCode, Words
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded, XpmsyncError
from xpmsync.local.settings.settings import Settings

EXPLAINED: Final[Mapping[type[XpmsyncError], Callable[..., Words]]] = {
    **SETTINGS_ERRORS,
    **MACHINE_ERRORS,
    **SYSTEM_ERRORS,
    **RECORD_ERRORS,
    **REVIEW_FILE_ERRORS,
}
"""Error class -> function of the error and `command_line` that returns message, hint and exit code."""

_NEVER_SIGNED_IN: Final = ("not-signed-in", "no-tenant")


def explain(
    problem: XpmsyncError, command_line: CommandLine, settings: Settings | None = None
) -> tuple[ErrorNote, ExitCode]:
    """Say what happened and what to do next, and choose the exit code.

    With the `settings` in use, what a sign-in needs first is named before the sign-in.
    """
    words_of = EXPLAINED.get(type(problem), _unexplained)
    message, hint, exit_code = words_of(problem, command_line)
    if settings is not None and isinstance(problem, SignInNeeded) and problem.reason in _NEVER_SIGNED_IN:
        first = before_sign_in(settings, command_line)
        hint = f"Set this practice up first: {first}" if first and problem.system is System.XPM else hint
    return ErrorNote(problem.code, one_line(message), one_line(hint)), exit_code


def _unexplained(problem: XpmsyncError, _command_line: CommandLine) -> Words:
    return f"Something unexpected happened ({problem.code}).", "Run it again with -vv.", ExitCode.UNEXPECTED
