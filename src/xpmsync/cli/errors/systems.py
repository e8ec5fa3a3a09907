"""What the other systems did: errors of XPM and Ignition, their files and sign-ins in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpmsync import errors
from xpmsync.cli.terminal.output import ExitCode
from xpmsync.core.enums import System
from xpmsync.local.system.clock import local_time

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["systems_words"]


def systems_words(problem: errors.XpmsyncError, command_line: CommandLine) -> Words | None:
    """Message, hint and exit code; None for what is no matter of another system."""
    match problem:
        case errors.ExportMissing() | errors.FileRefused() | errors.ExportTooOld():
            return _files(problem, command_line)
        case errors.SignInNeeded(system=system, reason=reason):
            hint = f"Sign in with: {command_line('login', system.value)}"
            return (
                f"A sign-in to {system.label} is needed: {_SIGN_IN.get(reason, reason)}.",
                hint,
                ExitCode.SIGN_IN_NEEDED,
            )
        case errors.AnotherPractice(system=system, expected=expected, found=found):
            return (
                (
                    f"The sign-in to {system.label} leads to {found}, but this profile's links belong to {expected}."
                    " Nothing was written."
                ),
                (
                    f"Sign in to {expected}, or say that it has a new name: {command_line('login', system.value)}."
                    " Another practice needs a profile of its own."
                ),
                ExitCode.GUARDED,
            )
        case errors.RouteUnfit(system=system, tool=tool, needs=needs):
            lack = f"needs {needs}, for which xpmsync has nothing" if needs else "is missing"
            return (
                f"{system.label}'s tool {tool} {lack}. Nothing was written by it.",
                f"Use files instead: {command_line('config', 'set', 'ignition.route', 'csv')}, and please report this.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.AccessRefused():
            return _refused(problem, command_line)
        case errors.Unreachable(system=system, url=url, reason=reason):
            return (
                f"{system.label} could not be reached: {reason} ({url}).",
                "Check the connection, then run the command again.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.UnusableAnswer(system=system, call=call, reason=reason):
            return (
                f"{system.label} gave no usable answer to {call}: {reason}{_correlation(problem.correlation_id)}.",
                "Try again later; if it stays, check api_url and any proxy in the settings.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.Rejected(system=system, call=call, reason=reason):
            return (
                f"{system.label} refused {call}: {reason}{_correlation(problem.correlation_id)}.",
                "Correct the record, then run the command again.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.CallLimit(system=system, limit=limit, resets=resets):
            when = f" It opens again at {local_time(resets)}." if resets else ""
            return (
                f"{system.label}'s call limit ({limit}) is reached.{when}{_correlation(problem.correlation_id)}",
                "Run the same command again then; it goes on where it stopped.",
                ExitCode.CALL_LIMIT,
            )
        case _:
            return None


_SIGN_IN = {
    "refused-token": "it did not accept the access token",
    "no-answer": "nobody came back from the browser in time",
    "not-signed-in": "nobody has signed in on this computer yet",
    "expired": "the sign-in has expired",
    "no-tenant": "no practice has been chosen",
}


def _refused(problem: errors.AccessRefused, command_line: CommandLine) -> Words:
    told = f" ({problem.reason})" if problem.reason else ""
    if problem.system is System.XPM:
        hint = (
            "Xero must have approved your app for Practice Manager; the person who signs in needs the staff privilege"
            " 'Authorise 3rd Party Full Access'; and the practice must be the right one."
            f" Then: {command_line('login', 'xpm')}"
        )
    else:
        hint = f"Sign in as somebody who may: {command_line('login', 'ignition')}"
    message = f"{problem.system.label} refused access{told}{_correlation(problem.correlation_id)}."
    return message, hint, ExitCode.SIGN_IN_NEEDED


def _files(
    problem: errors.ExportMissing | errors.FileRefused | errors.ExportTooOld, command_line: CommandLine
) -> Words:
    """Ignition's exports and the files for its import."""
    match problem:
        case errors.ExportMissing(folder=folder, reason=reason):
            return (
                f"There is no export of Ignition's clients in {folder}: {reason}.",
                "Export your clients in Ignition and save the file that arrives by e-mail there.",
                ExitCode.USAGE,
            )
        case errors.ExportTooOld(path=path, exported=exported, uploaded=uploaded):
            return (
                (
                    f"The export {path.name} is of {exported.astimezone():%Y-%m-%d %H:%M:%S}, before the last upload"
                    f" ({uploaded.astimezone():%Y-%m-%d %H:%M:%S})."
                    " A sync would undo what was uploaded, so nothing was written."
                ),
                f"Export your clients in Ignition again and save the file in {path.parent}.",
                ExitCode.GUARDED,
            )
        case errors.FileRefused(path=path, problem=told, lines=lines):
            word = "line" if len(lines) == 1 else "lines"
            where = f", {word} {' and '.join(str(line) for line in lines)}" if lines else ""
            return (
                f"{path}{where}: {told}. Nothing was written.",
                f"Export your clients in Ignition again, or look with: {command_line('ignition', 'check', str(path))}",
                ExitCode.UNUSABLE_ANSWER,
            )


def _correlation(text: str) -> str:
    return f" [xero-correlation-id {text}]" if text else ""
