"""The one place where errors become words and exit codes.

Every message says what happened and to which record; every hint says what to do
next, with the command to run. Clients, plans and runs stand here; the settings, this
computer and the other systems have modules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from xpmsync import errors
from xpmsync.cli.errors.machine import machine_words
from xpmsync.cli.errors.review_file import review_file_words
from xpmsync.cli.errors.settings import settings_words
from xpmsync.cli.errors.systems import systems_words
from xpmsync.cli.terminal.output import CURRENT_COMMAND, CommandLine, ErrorNote, ExitCode, Words
from xpmsync.cli.terminal.sanitize import one_line
from xpmsync.core.enums import System
from xpmsync.core.plan.guards import Guard

if TYPE_CHECKING:
    from xpmsync.local.settings.settings import Settings

__all__ = ["explain"]


_NEVER_SIGNED_IN: Final = ("not-signed-in", "no-tenant")


def explain(
    problem: errors.XpmsyncError, command_line: CommandLine, settings: Settings | None = None
) -> tuple[ErrorNote, ExitCode]:
    """Say what happened and what to do next, and choose the exit code.

    With the `settings` in use, what a sign-in needs first is named before the sign-in.
    """
    message, hint, exit_code = _words(problem, command_line)
    if settings is not None and isinstance(problem, errors.SignInNeeded) and problem.reason in _NEVER_SIGNED_IN:
        from xpmsync.cli.errors.next_steps import before_sign_in

        first = before_sign_in(settings, command_line)
        hint = f"Set this practice up first: {first}" if first and problem.system is System.XPM else hint
    return ErrorNote(problem.code, one_line(message), one_line(hint)), exit_code


def _words(problem: errors.XpmsyncError, command_line: CommandLine) -> Words:
    for words_of in (settings_words, _record_words, review_file_words, machine_words, systems_words):
        if words := words_of(problem, command_line):
            return words
    return f"Something unexpected happened ({problem.code}).", "Run it again with -vv.", ExitCode.UNEXPECTED


def _record_words(problem: errors.XpmsyncError, command_line: CommandLine) -> Words | None:
    """Clients, links, plans and runs."""
    match problem:
        case errors.ClientNotFound(wanted=wanted, system=system):
            where = f"in {system.label}" if system else "among the linked clients"
            return f"No client {wanted!r} was found {where}.", _find_hint(system, command_line), ExitCode.USAGE
        case errors.SeveralClients(wanted=wanted, ids=ids):
            return (
                f"{len(ids)} clients are called {wanted!r}: {', '.join(ids)}.",
                "Name one of them by its id.",
                ExitCode.USAGE,
            )
        case errors.LinkConflict(xpm_id=xpm_id, ignition_id=ignition_id, with_id=with_id):
            pair = f"XPM {xpm_id} or Ignition {ignition_id or '(new)'}"
            told = f"{pair} is linked already, to {with_id}. Nothing was changed."
            return told, f"Undo that link first: {command_line('unlink', with_id)}", ExitCode.USAGE
        case errors.ImportRefused():
            return _import_refused(problem, command_line)
        case errors.GuardTripped():
            return _guarded(problem, command_line)
        case errors.PlanRefused(path=path, reason=reason):
            said = _PLANS.get(reason, reason)
            detail = f" ({problem.detail})" if problem.detail else ""
            hint = f"Make a new plan with: {command_line('diff', '--out', str(path))}"
            return f"The plan {path} cannot be used: {said}{detail}. Nothing was written.", hint, ExitCode.USAGE
        case errors.RunNotFound(run=run):
            return f"There is no run {run}.", f"See the runs with: {command_line('history')}", ExitCode.USAGE
        case errors.Interrupted(written=written):
            done = f"{written} changes had been written" if written else "Nothing had been written"
            return f"Interrupted. {done}.", f"Go on with: {command_line(CURRENT_COMMAND)}", ExitCode.INTERRUPTED
        case errors.NothingToUndo(run=run, clients=clients):
            told = f"Run {run} wrote nothing that could be undone"
            if clients:
                told += f" for {', '.join(clients)}"
            return f"{told}.", f"See what it wrote with: {command_line('show', str(run))}", ExitCode.USAGE
        case _:
            return None


_PLANS = {
    "missing": "there is no such file",
    "not-a-plan": "it is no plan of xpmsync, or it is cut off",
    "newer": "it was made by a newer xpmsync",
    "tampered": "it was altered after it was saved",
    "other-practice": "it was made for another practice",
    "other-settings": "direction, level or other settings have changed since it was made",
}


def _guarded(problem: errors.GuardTripped, command_line: CommandLine) -> Words:
    """What was large, the likely causes, and the one command that goes ahead knowingly."""
    parts = [f"{_LARGE[one.guard].format(one=one)}{one.cause}" for one in problem.tripped]
    allow = [word for one in problem.tripped for word in ("--allow", one.allowance)]
    kept = f" The plan is kept: {command_line('show', str(problem.kept))}" if problem.kept else ""
    told = f"Stopped before the first write. {' '.join(parts)}{kept}"
    if all(one.guard is Guard.SETTINGS for one in problem.tripped):
        return told, f"Look first with: {command_line('diff')}", ExitCode.GUARDED
    return told, f"If it is right: {command_line(CURRENT_COMMAND, *allow)}", ExitCode.GUARDED


_LARGE: Final[Mapping[Guard, str]] = {
    Guard.CHANGES: "{one.found} clients would change; at most {one.limit} may. ",
    Guard.CREATIONS: "{one.found} contacts would be created; at most {one.limit} may. ",
    Guard.NAMES: "{one.found} client names would change; at most {one.limit} may. ",
    Guard.CLEARS: "{one.found} values would be cleared; at most {one.limit} may. ",
    Guard.SOURCE: "The believed system has {one.found} clients; at least {one.limit} are expected. ",
    Guard.PRACTICE: "",
    Guard.SETTINGS: "",
}


def _find_hint(system: System | None, command_line: CommandLine) -> str:
    if system is None:
        return f"See the linked clients with: {command_line('links')}"
    return f"Look for it with: {command_line('search')} TEXT"


def _import_refused(problem: errors.ImportRefused, command_line: CommandLine) -> Words:
    client = f"{problem.client.name} (XPM {problem.client.xpm_id})"
    once_more = command_line("import", problem.client.xpm_id)
    match problem.reason:
        case "candidates":
            return (
                f"Ignition may have {client} already: {', '.join(problem.candidates)}. Nothing was created.",
                f"Say which: {once_more} --link-to {problem.candidates[0]}, or --new for a new one.",
                ExitCode.USAGE,
            )
        case "name-unfit":
            return (
                f"The name of {client} cannot be written to Ignition this way. Nothing was created.",
                "Look for control characters in it, or a sign in front that makes it a formula, and correct it in XPM.",
                ExitCode.USAGE,
            )
        case "needs-email":
            return (
                f"{client} has no contact with a name and an e-mail in XPM; Ignition needs one. Nothing was created.",
                f"Add it to a contact in XPM, then: {once_more}",
                ExitCode.USAGE,
            )
        case state:
            return (
                f"{client} is {state} in XPM. Nothing was created.",
                "Restore it in XPM first.",
                ExitCode.USAGE,
            )
