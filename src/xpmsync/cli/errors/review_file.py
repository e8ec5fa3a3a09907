"""Errors of a review file in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from xpmsync.cli.terminal.output import ExitCode
from xpmsync.cli.terminal.sanitize import named
from xpmsync.errors import DecisionHeld, InvalidReviewFile, XpmsyncError

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import CommandLine, Words

__all__ = ["DECISIONS", "REVIEW_FILE_ERRORS"]

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
