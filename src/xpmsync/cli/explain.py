"""The one place where errors become words and exit codes.

Every message says what happened and to which record; every hint says what to do
next, with the command to run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from xpmsync import errors
from xpmsync.cli.clean import count, one_line
from xpmsync.cli.output import ErrorNote, ExitCode
from xpmsync.core.terms import System

__all__ = ["explain"]

Again = Callable[..., str]
"""Makes the command line for the same practice out of a command's words."""


def explain(problem: errors.XpmsyncError, again: Again) -> tuple[ErrorNote, ExitCode]:
    """Say what happened and what to do next, and choose the exit code."""
    message, hint, exit_code = _words(problem, again)
    return ErrorNote(problem.code, one_line(message), one_line(hint)), exit_code


def _words(problem: errors.XpmsyncError, again: Again) -> tuple[str, str, ExitCode]:
    match problem:
        case errors.SettingsError():
            return _settings(problem), f"Correct it, then run: {again('config', 'check')}", ExitCode.USAGE
        case errors.UnknownProfile(profile=profile, known=known):
            hint = f"Known: {', '.join(known)}. Make a new one with: xpmsync --profile {profile} init"
            return f"There is no profile {profile!r} in the settings.", hint, ExitCode.USAGE
        case errors.ExtraMissing(extra=extra):
            told = f'This needs the extra {extra}; install it with: pip install "xpmsync[{extra}]"'
            return told, "", ExitCode.USAGE
        case errors.UsageError(problem=told, hint=hint):
            return told, hint, ExitCode.USAGE
        case errors.ClientNotFound(wanted=wanted, system=system):
            where = f"in {system.label}" if system else "among the linked clients"
            return f"No client {wanted!r} was found {where}.", _find_hint(system, again), ExitCode.USAGE
        case errors.SeveralClients(wanted=wanted, ids=ids):
            return (
                f"{len(ids)} clients are called {wanted!r}: {', '.join(ids)}.",
                "Name one of them by its id.",
                ExitCode.USAGE,
            )
        case errors.LinkConflict():
            return (
                f"One of the two is linked already, to {problem.with_id}. Nothing was changed.",
                f"Undo that link first: {again('unlink', problem.with_id)}",
                ExitCode.USAGE,
            )
        case errors.ImportRefused():
            return _import_refused(problem, again)
        case errors.GuardTripped():
            return _guarded(problem, again)
        case errors.PlanRefused(path=path, reason=reason):
            said = _PLANS.get(reason, reason)
            detail = f" ({problem.detail})" if problem.detail else ""
            hint = f"Make a new plan with: {again('diff', '--out', str(path))}"
            return f"The plan {path} cannot be used: {said}{detail}. Nothing was written.", hint, ExitCode.USAGE
        case errors.RunNotFound(run=run):
            return f"There is no run {run}.", f"See the runs with: {again('history')}", ExitCode.USAGE
        case errors.Interrupted(written=written):
            done = f"{written} changes had been written" if written else "Nothing had been written"
            return f"Interrupted. {done}.", f"Go on with: {again('sync')}", ExitCode.INTERRUPTED
        case _:
            return _outside(problem, again)


def _outside(problem: errors.XpmsyncError, again: Again) -> tuple[str, str, ExitCode]:
    """What this machine or another system did."""
    match problem:
        case errors.KeyringUnusable(reason=reason):
            hint = f"See what it needs with: {again('status')}"
            return f"The keyring of this computer cannot be used: {reason}.", hint, ExitCode.SIGN_IN_NEEDED
        case errors.SecretTooLong(length=length, limit=limit):
            return (
                f"A secret of {length} characters does not fit into the keyring (at most {limit}).",
                f"Sign in again: {again('login', 'xpm')}",
                ExitCode.SIGN_IN_NEEDED,
            )
        case errors.StateUnusable(path=path, reason=reason):
            return (
                f"{path} cannot be used: {reason}. Nothing was written to XPM or Ignition.",
                "Give yourself the right to write there, or set XPMSYNC_STATE_DIR to another folder.",
                ExitCode.UNEXPECTED,
            )
        case errors.JournalStopped(path=path, reason=reason, written=written):
            done = f"{count(written, 'change')} had been written" if written else "Nothing had been written"
            what = f"{path} could not be written: {reason}. {done}; nothing goes out that is not noted first."
            hint = f"Make room on that disk. The next run looks up the last write and goes on: {again('sync')}"
            return what, hint, ExitCode.PARTLY_DONE if written else ExitCode.UNEXPECTED
        case errors.LedgerTooNew(path=path, found=found, known=known):
            return (
                f"The ledger {path} was written by a newer xpmsync (version {found}, this one knows {known}).",
                "Update xpmsync on this computer; the ledger was not touched.",
                ExitCode.USAGE,
            )
        case errors.LedgerDamaged(path=path, aside=aside, reason=reason):
            return (
                f"The ledger {path} is damaged ({reason}). It was set aside as {aside}; nothing of it was changed.",
                f"The next command begins a new ledger. Link the clients again with: {again('link')} XPM IGNITION",
                ExitCode.UNEXPECTED,
            )
        case errors.SchedulerFailed(program=program, reason=reason):
            return (
                f"The scheduler could not be used ({program}): {reason}.",
                f"Choose another with --kind, or see: {again('doctor')}",
                ExitCode.UNEXPECTED,
            )
        case errors.ExportMissing() | errors.FileRefused() | errors.ExportTooOld():
            return _files(problem, again)
        case errors.AnotherRun(pid=pid, host=host, since=since):
            who = f"process {pid} on {host}, since {since}" if pid else "it does not say which"
            return f"Another run is active for this practice ({who}).", "Wait for its end.", ExitCode.ANOTHER_RUN
        case errors.SignInNeeded(system=system, reason=reason):
            hint = f"Sign in with: {again('login', system.value)}"
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
                    f"Sign in to {expected}, or say that it has a new name, with: {again('login', system.value)}."
                    " Another practice needs a profile of its own."
                ),
                ExitCode.GUARDED,
            )
        case errors.RouteUnfit(system=system, tool=tool, needs=needs):
            lack = f"needs {needs}, for which xpmsync has nothing" if needs else "is missing"
            return (
                f"{system.label}'s tool {tool} {lack}. Nothing was written by it.",
                f"Use files instead: {again('config', 'set', 'ignition.route', 'csv')}, and please report this.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.AccessRefused():
            return _refused(problem, again)
        case errors.Unreachable(system=system, url=url, reason=reason):
            return (
                f"{system.label} could not be reached: {reason} ({url}).",
                "Check the connection, then run the command again.",
                ExitCode.UNUSABLE_ANSWER,
            )
        case errors.UnusableAnswer(system=system, call=call, reason=reason):
            return (
                (
                    f"{system.label} answered {call} with {reason}{_correlation(problem.correlation_id)}."
                    " It cannot be used, so nothing was written because of it."
                ),
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
            when = f" It opens again at {_local(resets)}." if resets else ""
            return (
                f"{system.label}'s call limit ({limit}) is reached.{when}{_correlation(problem.correlation_id)}",
                "Run the same command again then; it goes on where it stopped.",
                ExitCode.CALL_LIMIT,
            )
        case _:
            return f"Something unexpected happened ({problem.code}).", "Run it again with -vv.", ExitCode.UNEXPECTED


_SIGN_IN = {
    "refused-token": "it did not accept the access token",
    "no-answer": "nobody came back from the browser in time",
    "not-signed-in": "nobody has signed in on this computer yet",
    "expired": "the sign-in has expired",
    "no-tenant": "no practice has been chosen",
}


_PLANS = {
    "not-a-plan": "it is no plan of xpmsync, or it is cut off",
    "newer": "it was made by a newer xpmsync",
    "tampered": "it was altered after it was saved",
    "other-practice": "it was made for another practice",
    "other-settings": "direction, level or other settings have changed since it was made",
}


def _guarded(problem: errors.GuardTripped, again: Again) -> tuple[str, str, ExitCode]:
    """What was large, the likely causes, and the one command that goes ahead knowingly."""
    parts = []
    for one in problem.tripped:
        counted = f"{one.found} {one.guard.value}, the limit is {one.limit}. " if one.limit or one.found > 1 else ""
        parts.append(f"{counted}{one.cause}")
    allow = " ".join(f"--allow {one.allowance}" for one in problem.tripped)
    kept = f" The plan is kept in {problem.kept}: {again('show', str(problem.kept))}" if problem.kept else ""
    only_settings = all(one.guard.value == "settings" for one in problem.tripped)
    look = f"Look first with: {again('diff')}." + ("" if only_settings else f" If it is right: {again('sync')} {allow}")
    return f"Stopped before the first write. {' '.join(parts)}{kept}", look, ExitCode.GUARDED


def _settings(problem: errors.SettingsError) -> str:
    where = str(problem.path or "the settings")
    if problem.line:
        where += f", line {problem.line}"
    key = f"{problem.key}: " if problem.key else ""
    allowed = f" Allowed: {', '.join(problem.allowed)}." if problem.allowed else ""
    near = f" Did you mean {problem.near}?" if problem.near else ""
    return f"{where}: {key}{problem.problem.rstrip('.')}.{allowed}{near}"


def _find_hint(system: System | None, again: Again) -> str:
    if system is None:
        return f"See the linked clients with: {again('links')}"
    return f"Look for it with: {again('search')} TEXT"


def _import_refused(problem: errors.ImportRefused, again: Again) -> tuple[str, str, ExitCode]:
    client = problem.xpm_id
    match problem.reason:
        case "candidates":
            return (
                f"Ignition may have the client {client} already: {', '.join(problem.candidates)}. Nothing was created.",
                f"Say which: {again('import', client)} --link-to {problem.candidates[0]}, or --new for a new one.",
                ExitCode.USAGE,
            )
        case "name-unfit":
            return (
                f"The name of the client {client} in XPM cannot be written to Ignition this way. Nothing was created.",
                "Look for control characters in it, or a sign in front that makes it a formula, and correct it in XPM.",
                ExitCode.USAGE,
            )
        case "needs-email":
            return (
                (
                    f"The client {client} has no contact with a name and an e-mail in XPM; Ignition needs one."
                    " Nothing was created."
                ),
                f"Add it to a contact in XPM, then: {again('import', client)}",
                ExitCode.USAGE,
            )
        case state:
            return (
                f"The client {client} is {state} in XPM. Nothing was created.",
                "Restore it in XPM first.",
                ExitCode.USAGE,
            )


def _refused(problem: errors.AccessRefused, again: Again) -> tuple[str, str, ExitCode]:
    told = f" ({problem.reason})" if problem.reason else ""
    if problem.system is System.XPM:
        hint = (
            "Xero must have approved your app for Practice Manager; the person who signs in needs the staff privilege"
            f" 'Authorise 3rd Party Full Access'; and the practice must be the right one. Then: {again('login', 'xpm')}"
        )
    else:
        hint = f"Sign in as somebody who may: {again('login', 'ignition')}"
    message = f"{problem.system.label} refused access{told}{_correlation(problem.correlation_id)}."
    return message, hint, ExitCode.SIGN_IN_NEEDED


def _files(
    problem: errors.ExportMissing | errors.FileRefused | errors.ExportTooOld, again: Again
) -> tuple[str, str, ExitCode]:
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
                f"Export your clients in Ignition again, or look with: {again('ignition', 'check', str(path))}",
                ExitCode.UNUSABLE_ANSWER,
            )


def _correlation(text: str) -> str:
    return f" [xero-correlation-id {text}]" if text else ""


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
