"""Errors of XPM and Ignition, their files and sign-ins in words."""

from collections.abc import Callable, Mapping
from typing import Final

from xpmsync import errors
from xpmsync.cli.terminal.output import CommandLine, ExitCode, Words
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.core.catalogue import field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.local.system.clock import local_time


def _sign_in(problem: errors.SignInNeeded, command_line: CommandLine) -> Words:
    message = f"A sign-in to {problem.system.label} is needed: {_SIGN_IN.get(problem.reason, problem.reason)}."
    return message, f"Sign in with: {command_line('login', problem.system.value)}", ExitCode.SIGN_IN_NEEDED


_SIGN_IN: Final[Mapping[str, str]] = {
    "refused-token": "it did not accept the access token",
    "no-answer": "nobody came back from the browser in time",
    "not-signed-in": "nobody has signed in on this computer yet",
    "expired": "the sign-in has expired",
    "other-host": "the settings name another host than the one that was signed in to",
    "no-tenant": "no practice has been chosen",
}


def _access_refused(problem: errors.AccessRefused, command_line: CommandLine) -> Words:
    reason = f" ({problem.reason})" if problem.reason else ""
    message = f"{problem.system.label} refused access{reason}{_correlation(problem.correlation_id)}."
    if problem.system is System.XPM:
        hint = (
            "Xero must have approved your app for Practice Manager; the person who signs in needs the staff privilege"
            " 'Authorise 3rd Party Full Access'; and the practice must be the right one."
            f" Then: {command_line('login', 'xpm')}"
        )
    else:
        hint = f"Sign in as somebody who may: {command_line('login', 'ignition')}"
    return message, hint, ExitCode.SIGN_IN_NEEDED


def _another_practice(problem: errors.AnotherPractice, command_line: CommandLine) -> Words:
    system, expected = problem.system, problem.expected
    return (
        (
            f"The sign-in to {system.label} leads to {problem.found}, but this profile's links belong to {expected}."
            " Nothing was written."
        ),
        (
            f"Sign in to {expected}, or say that it has a new name: {command_line('login', system.value)}."
            " Another practice needs a profile of its own."
        ),
        ExitCode.GUARDED,
    )


def _route_unfit(problem: errors.RouteUnfit, command_line: CommandLine) -> Words:
    lack = f"needs {problem.needs}, for which xpmsync has nothing" if problem.needs else "is missing"
    return (
        f"{problem.system.label}'s tool {problem.tool} {lack}. Nothing was written by it.",
        f"Use files instead: {command_line('config', 'set', 'ignition.route', 'csv')}, and please report this.",
        ExitCode.UNUSABLE_ANSWER,
    )


def _unreachable(problem: errors.Unreachable, _command_line: CommandLine) -> Words:
    message = f"{problem.system.label} could not be reached: {problem.reason} ({problem.url})."
    return message, "Check the connection, then run the command again.", ExitCode.UNUSABLE_ANSWER


def _unusable(problem: errors.UnusableAnswer, _command_line: CommandLine) -> Words:
    what = f"{problem.system.label} gave no usable answer to {problem.call}: {problem.reason}"
    if (last := problem.after) is not None:
        what += f". The last whole client in it is {one_line(last.name)} (XPM {last.xpm_id}); nothing was written"
        hint = "Try again: an answer that was cut comes whole. If it stays, look at the client that follows in XPM."
    elif problem.system is System.IGNITION:
        hint = "Try again later; if it stays, Ignition may have changed its tools: use the route csv meanwhile."
    else:
        hint = "Try again later; if it stays, check api_url and any proxy in the settings."
    return f"{what}{_correlation(problem.correlation_id)}.", hint, ExitCode.UNUSABLE_ANSWER


def _not_taken(problem: errors.NotTaken, _command_line: CommandLine) -> Words:
    fields = ", ".join(catalogue_field(name).label for name in problem.fields)
    of_contact = f" of {one_line(problem.contact)}" if problem.contact else ""
    system = problem.system.label
    message = f"{system} answered that all is well, but did not take what was sent: {fields}{of_contact}."
    hint = f"Look at it in {system}. The next run sends it once more; after that it is held until a person corrects it."
    return message, hint, ExitCode.PARTLY_DONE


def _rejected(problem: errors.Rejected, _command_line: CommandLine) -> Words:
    what = f"{problem.system.label} refused {problem.call}: {problem.reason}{_correlation(problem.correlation_id)}."
    return what, "Correct the record, then run the command again.", ExitCode.UNUSABLE_ANSWER


def _call_limit(problem: errors.CallLimit, _command_line: CommandLine) -> Words:
    when = f" It opens again at {local_time(problem.resets)}." if problem.resets else ""
    what = f"{problem.system.label}'s call limit ({problem.limit}) is reached.{when}"
    hint = "Run the same command again then; it goes on where it stopped."
    return f"{what}{_correlation(problem.correlation_id)}", hint, ExitCode.CALL_LIMIT


def _export_missing(problem: errors.ExportMissing, command_line: CommandLine) -> Words:
    if problem.system is System.XPM:
        where = "In XPM: Business > Settings > Connections > Export > File Type"
        hint = f"{where}, Generic - Clients, then Generic - Contacts. See: {command_line('help', 'xpm-files')}"
        what = f"There is no export of XPM's clients in {problem.folder}: {problem.reason}."
        return what, hint, ExitCode.USAGE
    return (
        f"There is no export of Ignition's clients in {problem.folder}: {problem.reason}.",
        "Export your clients in Ignition and save the file that arrives by e-mail there.",
        ExitCode.USAGE,
    )


def _export_too_old(problem: errors.ExportTooOld, _command_line: CommandLine) -> Words:
    path, system = problem.path, (problem.system or System.IGNITION).label
    clock = (
        " This computer's clock was ahead when that was noted; it counts as made now." if problem.clock_ahead else ""
    )
    return (
        (
            f"The export {path.name} is of {problem.exported.astimezone():%Y-%m-%d %H:%M:%S}, before the last upload"
            f" ({problem.uploaded.astimezone():%Y-%m-%d %H:%M:%S}).{clock}"
            " A sync would undo what was uploaded, so nothing was written."
        ),
        f"Export your clients in {system} again and save the file in {path.parent}.",
        ExitCode.GUARDED,
    )


def _file_refused(problem: errors.FileRefused, command_line: CommandLine) -> Words:
    word = "line" if len(problem.lines) == 1 else "lines"
    where = f", {word} {' and '.join(str(line) for line in problem.lines)}" if problem.lines else ""
    if problem.system is System.XPM:
        hint = f"Export again in XPM, or look with: {command_line('xpm', 'columns', str(problem.path))}"
    else:
        check = command_line("ignition", "check", str(problem.path))
        hint = f"Export your clients in Ignition again, or look with: {check}"
    return f"{problem.path}{where}: {problem.problem}. Nothing was written.", hint, ExitCode.UNUSABLE_ANSWER


def _columns_unconfirmed(problem: errors.ColumnsUnconfirmed, command_line: CommandLine) -> Words:
    return (
        f"{problem.path}: {problem.problem}. Nothing was written.",
        f"Look at what each column means, and confirm it: {command_line('xpm', 'columns', str(problem.path))}",
        ExitCode.USAGE,
    )


def _new_format(problem: errors.NewFormat, command_line: CommandLine) -> Words:
    system = problem.system or System.IGNITION
    again = f"Export again in {system.label}, and save the download without opening it."
    hint = f"{again} If it is as it was downloaded: {command_line('sync', '--accept-form')}"
    return f"{problem.path}: {problem.problem}. Nothing was written.", hint, ExitCode.UNUSABLE_ANSWER


def _correlation(text: str) -> str:
    return f" [xero-correlation-id {text}]" if text else ""


SYSTEM_ERRORS: Final[Mapping[type[errors.XpmsyncError], Callable[..., Words]]] = {
    errors.SignInNeeded: _sign_in,
    errors.AccessRefused: _access_refused,
    errors.AnotherPractice: _another_practice,
    errors.RouteUnfit: _route_unfit,
    errors.Unreachable: _unreachable,
    errors.UnusableAnswer: _unusable,
    errors.NotTaken: _not_taken,
    errors.Rejected: _rejected,
    errors.CallLimit: _call_limit,
    errors.ExportMissing: _export_missing,
    errors.ExportTooOld: _export_too_old,
    errors.FileRefused: _file_refused,
    errors.NewFormat: _new_format,
    errors.ColumnsUnconfirmed: _columns_unconfirmed,
}
