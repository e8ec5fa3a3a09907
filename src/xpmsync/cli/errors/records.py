"""Errors about clients, links, plans, runs and review files in words."""

from collections.abc import Callable, Mapping
from typing import Final

from xpmsync import errors
from xpmsync.cli.terminal.output import CURRENT_COMMAND, CommandLine, ExitCode, Words
from xpmsync.cli.terminal.sanitize import count, named
from xpmsync.core.plan.guards import Guard
from xpmsync.errors import DecisionHeld, InvalidReviewFile, XpmsyncError


def _not_found(problem: errors.ClientNotFound, command_line: CommandLine) -> Words:
    if problem.system is None:
        where, hint = "among the linked clients", f"See the linked clients with: {command_line('links')}"
    else:
        where, hint = f"in {problem.system.label}", f"Look for it with: {command_line('search')} TEXT"
    if problem.near:
        hint = f"The nearest names are: {', '.join(problem.near)}. {hint}"
    return f"No client {problem.wanted!r} was found {where}.", hint, ExitCode.USAGE


_MOST_LISTED: Final = 10
"""Clients that an error lists when several fit."""


def _several(problem: errors.SeveralClients, _command_line: CommandLine) -> Words:
    names = problem.names or [""] * len(problem.ids)
    listed = [f"{name} ({id_})" if name else id_ for id_, name in zip(problem.ids, names, strict=True)]
    more = f" and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    message = f"{len(listed)} clients fit {problem.wanted!r}: {', '.join(listed[:_MOST_LISTED])}{more}."
    return message, "Name one of them by its id.", ExitCode.USAGE


def _link_conflict(problem: errors.LinkConflict, command_line: CommandLine) -> Words:
    pair = f"XPM {problem.xpm_id} or Ignition {problem.ignition_id or '(new)'}"
    message = f"{pair} is linked already, to {problem.with_id}. Nothing was changed."
    return message, f"Undo that link first: {command_line('unlink', problem.with_id)}", ExitCode.USAGE


def _import_refused(problem: errors.ImportRefused, command_line: CommandLine) -> Words:
    client = f"{problem.client.name} (XPM {problem.client.xpm_id})"
    command = command_line("import", problem.client.xpm_id)
    match problem.reason:
        case "candidates":
            why = f"Ignition may have {client} already: {', '.join(problem.candidates)}"
            hint = f"Say which: {command} --link-to {problem.candidates[0]}, or --new for a new one."
        case "name-unfit":
            why = f"The name of {client} cannot be written to Ignition this way"
            hint = (
                "Look for control characters in it, or a sign in front that makes it a formula, and correct it in XPM."
            )
        case "filtered":
            why = "Ignition's export has so few of the linked clients that it was probably filtered"
            hint = f"Export all clients in Ignition, then: {command}"
        case "bad-export":
            why = f"{client} cannot be written to a file for Ignition. {problem.detail.rstrip('.')}"
            hint = f"Then: {command}"
        case "route-cannot":
            why = f"{client} cannot be created in Ignition by this route. {problem.detail.rstrip('.')}"
            hint = f"Create it in Ignition, then: {command} --link-to ID"
        case "own-email":
            why = f"{client} has no contact with a usable e-mail in XPM; the client itself has one"
            hint = f"Create its contact with that one: {command} --use-client-email"
        case "needs-email":
            why = f"{client} has no contact with a name and an e-mail in XPM; Ignition needs one"
            hint = f"Add it to a contact in XPM, then: {command}"
        case state:
            why, hint = f"{client} is {state} in XPM", "Restore it in XPM first."
    return f"{why}. Nothing was created.", hint, ExitCode.USAGE


def _undecided(problem: errors.WriteUndecided, command_line: CommandLine) -> Words:
    client, system = problem.client, problem.system.label
    known = f"{', '.join(problem.fitting)} in {system} may be it"
    if problem.contact:
        message = f"It is unknown whether the contact {problem.contact} of {client.name} was added: {known}."
        hint = (
            f"Keep one of them in {system}, then: {command_line('sync', client.xpm_id)}."
            f" What was written: {command_line('explain', client.xpm_id)}"
        )
    else:
        message = f"It is unknown whether {client.name} (XPM {client.xpm_id}) was created in {system}: {known}."
        hint = (
            f"If it is: {command_line('link', client.xpm_id, problem.fitting[0])}."
            f" If none is: {command_line('import', client.xpm_id, '--new')}"
        )
    return message, hint, ExitCode.PARTLY_DONE


def _guarded(problem: errors.GuardTripped, command_line: CommandLine) -> Words:
    """What was large, the likely causes, and the one command that goes ahead knowingly."""
    parts = " ".join(f"{_LARGE[tripped.guard].format(tripped)}{tripped.cause}" for tripped in problem.tripped)
    kept = f" The plan is kept: {command_line('show', str(problem.kept))}" if problem.kept else ""
    if all(tripped.guard is Guard.SETTINGS for tripped in problem.tripped):
        hint = f"Look first with: {command_line('diff')}"
    else:
        allow = [word for tripped in problem.tripped for word in ("--allow", tripped.allowance)]
        hint = f"If it is right: {command_line(CURRENT_COMMAND, *allow)}"
    return f"Stopped before the first write. {parts}{kept}", hint, ExitCode.GUARDED


_LARGE: Final[Mapping[Guard, str]] = {
    Guard.CHANGES: "{0.found} clients would change; at most {0.limit} may. ",
    Guard.CREATIONS: "{0.found} contacts would be created; at most {0.limit} may. ",
    Guard.NAMES: "{0.found} client names would change; at most {0.limit} may. ",
    Guard.CLEARS: "{0.found} values would be cleared; at most {0.limit} may. ",
    Guard.TARGET: "{0.found} linked clients are missing in the target's export; at most {0.limit} may be. ",
    Guard.SOURCE: "The source of truth has {0.found} clients; at least {0.limit} are expected. ",
    Guard.PRACTICE: "",
    Guard.SETTINGS: "",
}


def _plan_refused(problem: errors.PlanRefused, command_line: CommandLine) -> Words:
    reason = _PLAN_REASONS.get(problem.reason, problem.reason) + (f" ({problem.detail})" if problem.detail else "")
    # A file that is no plan is somebody's: no hint may lead to its being replaced.
    out = str(problem.path) if problem.reason in ("missing", "other-settings") else "plan.json"
    hint = f"Make a new plan with: {command_line('diff', '--out', out)}"
    return f"The plan {problem.path} cannot be used: {reason}. Nothing was written.", hint, ExitCode.USAGE


_PLAN_REASONS: Final[Mapping[str, str]] = {
    "missing": "there is no such file",
    "not-a-plan": "it is no plan of xpmsync, or it is cut off",
    "newer": "it was made by a newer xpmsync",
    "tampered": "it was altered after it was saved",
    "other-practice": "it was made for another practice",
    "other-settings": "direction, level or other settings have changed since it was made",
}


def _no_run(problem: errors.RunNotFound, command_line: CommandLine) -> Words:
    what = f"There is no run {problem.run}." if problem.run else "There has been no run yet."
    return what, f"See the runs with: {command_line('history')}", ExitCode.USAGE


def _nothing_to_undo(problem: errors.NothingToUndo, command_line: CommandLine) -> Words:
    clients = f" for {', '.join(problem.clients)}" if problem.clients else ""
    hint = f"See what it wrote with: {command_line('show', str(problem.run))}"
    return f"Run {problem.run} wrote nothing that could be undone{clients}.", hint, ExitCode.USAGE


def _interrupted(problem: errors.Interrupted, command_line: CommandLine) -> Words:
    done = f"{count(problem.written, 'change')} had been written" if problem.written else "Nothing had been written"
    return f"Interrupted. {done}.", f"Go on with: {command_line(CURRENT_COMMAND)}", ExitCode.INTERRUPTED


RECORD_ERRORS: Final[Mapping[type[errors.XpmsyncError], Callable[..., Words]]] = {
    errors.ClientNotFound: _not_found,
    errors.SeveralClients: _several,
    errors.LinkConflict: _link_conflict,
    errors.ImportRefused: _import_refused,
    errors.WriteUndecided: _undecided,
    errors.GuardTripped: _guarded,
    errors.PlanRefused: _plan_refused,
    errors.RunNotFound: _no_run,
    errors.NothingToUndo: _nothing_to_undo,
    errors.Interrupted: _interrupted,
}


DECISIONS = "'same' or 'not the same'"
"""The words for a decision in messages."""


def _held(problem: DecisionHeld, command_line: CommandLine) -> Words:
    """Which line was left alone, because of which link, and how to undo that one."""
    client, linked = problem.client, problem.linked_id
    where = f"{problem.path}, line {problem.line}"
    who = named(client)
    undo = command_line("unlink", linked)
    if not problem.same:
        return (
            f"{where}: {who} is 'not the same' here, but the two are linked. The link stays.",
            f"If they are not the same, undo the link and import the file again. Undo it with: {undo}",
            ExitCode.PARTLY_DONE,
        )
    system, other = ("XPM", "Ignition") if linked == client.xpm_id else ("Ignition", "XPM")
    return (
        f"{where}: {who} was not linked: {system} {linked} is linked to {other} {problem.with_id} already.",
        f"If that link is wrong, undo it and import the file again. Undo it with: {undo}",
        ExitCode.PARTLY_DONE,
    )


def _refused(problem: InvalidReviewFile, command_line: CommandLine) -> Words:
    """What cannot be understood in which line, and how to mend it; nothing was carried out."""
    path, detail = problem.path, problem.detail
    where = f"{path}, line {problem.line}" if problem.line else f"{path}"
    fresh = command_line("match", "export", "FILE")
    as_csv = "Save it in the spreadsheet as CSV in UTF-8 ('CSV UTF-8' in Excel), then run the command again."
    fresh_hint = f"Make a new review file with: {fresh}"
    match problem.reason:
        case "missing":
            what, hint = f"There is no file {path}", f"Make one with: {command_line('match', 'export', str(path))}"
        case "unreadable":
            what, hint = f"{path} cannot be read: {detail}", "Close it where it is open, or take another file."
        case "not-utf-8":
            what, hint = f"{path} is no CSV file in UTF-8", as_csv
        case "not-csv":
            what, hint = f"{where}: this is not a row of a CSV file", as_csv
        case "no-column":
            what, hint = f"{path} has no column {detail!r}", f"Its first row must stay as it was. {fresh_hint}"
        case "contradiction":
            what = f"{where}: 'same' and 'not the same' are given for one pair, here and in line {detail}"
            hint = "Clear one of the two decisions, then run the command again."
        case "gone":
            label = problem.system.label if problem.system else "either system"
            what = f"{where}: the client {detail} is not in {label} any more"
            hint = f"Clear the decision in that line, or make a new review file with: {fresh}"
        case _:
            what = f"{where}: the decision {detail!r} is unknown"
            hint = f"Write {DECISIONS} there, or leave it blank to decide later."
    return f"{what}. Nothing was linked.", hint, ExitCode.USAGE


REVIEW_FILE_ERRORS: Final[Mapping[type[XpmsyncError], Callable[..., Words]]] = {
    DecisionHeld: _held,
    InvalidReviewFile: _refused,
}
