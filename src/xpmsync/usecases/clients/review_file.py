"""The review file: a person decides in a spreadsheet, row by row, and the file is read again.

A decision that contradicts a link is held for a person, the rest is carried out;
a file that cannot be understood does nothing at all.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.text import FORMULA_STARTS
from xpmsync.errors import DecisionHeld, InvalidReviewFile, LinkConflict, reason_of
from xpmsync.local.system.files import FileKind, check_out, write_out
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.clients.match import Matches, find_matches, link_pairs, mark_distinct
from xpmsync.usecases.context.context import Progress, SyncContext

_DECISION: Final = "Decision"
_XPM_ID: Final = "XPM id"
_IGNITION_ID: Final = "Ignition id"
_COLUMNS: Final = (
    _DECISION,
    _XPM_ID,
    "XPM client",
    "XPM city",
    "XPM e-mail",
    _IGNITION_ID,
    "Ignition client",
    "Ignition city",
    "Ignition e-mail",
    "Score",
    "Reasons",
)
_ONLY_IN_XPM: Final = "Only in XPM. Write import into Decision to create it in Ignition."
_SAME: Final = frozenset({"same", "yes", "y", "s"})
_IMPORT: Final = frozenset({"import", "yes", "y", "x", "new"})
"""Ticks a client that is only in XPM, in a row without an Ignition client."""
_NOT_SAME: Final = frozenset({"not the same", "not same", "no", "n"})


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of reading a review file: links made or found, pairs marked distinct, undecided clients, problems."""

    linked: tuple[Link, ...]
    already: int
    distinct_pairs: int
    undecided: int
    held: tuple[DecisionHeld, ...]


class _Decision(NamedTuple):
    line: int
    same: bool
    xpm_id: str
    ignition_id: str


def write_review_file(found: Matches, path: Path, *, force: bool = False) -> tuple[int, int]:
    """Write the unsure pairs for a spreadsheet, one row a candidate, then the active clients that are only in XPM.

    Returns how many rows of each there are. None: no file either. Decisions in a
    review file that is there already are carried over, also those on pairs that are
    no longer unsure. Raises `UsageError` for a file of another kind, unless `force`.

    Cells that a spreadsheet would take for formulas get an apostrophe.
    """
    check_out(path, FileKind.REVIEW_FILE, force=force, option="FILE")
    former = {} if force else _former_rows(found, path)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    rows = 0
    for unsure in found.waiting:
        for verdict in unsure.candidates:
            decided = former.pop((unsure.xpm_id, verdict.ignition_id), {})
            cells = (
                decided.get(_DECISION) or "",
                *_cells(found.xpm[unsure.xpm_id]),
                *_cells(found.ignition[verdict.ignition_id]),
                f"{verdict.score:g}",
                " ".join(verdict.reasons),
            )
            writer.writerow([f"'{cell}" if cell[:1] in FORMULA_STARTS else cell for cell in cells])
            rows += 1
    only_in_xpm = [
        client for xpm_id in found.matching.none_xpm if (client := found.xpm[xpm_id]).state is ClientState.ACTIVE
    ]
    for client in only_in_xpm:
        decided = former.pop((client.id, ""), {})
        cells = (decided.get(_DECISION) or "", *_cells(client), "", "", "", "", "", _ONLY_IN_XPM)
        writer.writerow([f"'{cell}" if cell[:1] in FORMULA_STARTS else cell for cell in cells])
    for row in former.values():
        writer.writerow([row.get(name, "") for name in _COLUMNS])
    if rows or only_in_xpm:
        # Excel takes a CSV file for UTF-8 only with this mark.
        write_out(path, "\ufeff" + text.getvalue(), FileKind.REVIEW_FILE, force=force, option="FILE")
    return rows, len(only_in_xpm)


def _former_rows(found: Matches, path: Path) -> dict[tuple[str, str], dict[str, str | None]]:
    """The rows with a decision in a review file that is there already, by their ids, unless a client is gone.

    Raises `InvalidReviewFile` where it cannot be read: its decisions would be lost.
    """
    rows = [row for _, row in _rows(path)] if path.exists() and path.stat().st_size else []
    decided = {(_cell(row, _XPM_ID).lower(), _cell(row, _IGNITION_ID)): row for row in rows if _word(row)}
    return {
        (xpm_id, ignition_id): row
        for (xpm_id, ignition_id), row in decided.items()
        if xpm_id in found.xpm and (not ignition_id or ignition_id in found.ignition)
    }


def read_import_ticks(path: Path) -> list[str]:
    """The XPM ids of the rows without an Ignition client that are ticked for import; raises `InvalidReviewFile`."""
    ids = [
        _cell(row, _XPM_ID).lower()
        for _, row in _rows(path)
        if _word(row) in _IMPORT and _cell(row, _XPM_ID) and not _cell(row, _IGNITION_ID)
    ]
    return list(dict.fromkeys(ids))


def read_review_file(context: SyncContext, path: Path, progress: Progress) -> Decided:
    """Carry out the decisions of a review file: `same` links, `not the same` is remembered, blank waits.

    What is linked already counts as done; what contradicts a link is held. Raises
    `InvalidReviewFile` for a file or a line that cannot be understood; nothing is then done.
    """
    decisions = _read(path)
    found = find_matches(context, progress)
    for decision in decisions:
        for system, client_id, known in (
            (System.XPM, decision.xpm_id, found.xpm),
            (System.IGNITION, decision.ignition_id, found.ignition),
        ):
            if client_id not in known:
                raise InvalidReviewFile(path, "gone", decision.line, client_id, system)
    run = LinkRun(context, "match import")
    linked: list[Link] = []
    held: list[DecisionHeld] = []
    already = distinct_pairs = 0
    for decision in decisions:
        present = context.ledger.link_of(decision.xpm_id)
        together = present is not None and present.ignition_id == decision.ignition_id
        if decision.same and together:
            already += 1
        elif decision.same:
            try:
                linked += link_pairs(context, found, [(decision.xpm_id, decision.ignition_id)], run)
            except LinkConflict as conflict:
                held.append(
                    _decision_held(
                        found, path, decision, decision.xpm_id if present else decision.ignition_id, conflict.with_id
                    )
                )
        elif together:
            held.append(_decision_held(found, path, decision, decision.xpm_id, decision.ignition_id))
        else:
            mark_distinct(context, found, decision.xpm_id, decision.ignition_id)
            distinct_pairs += 1
    return Decided(tuple(linked), already, distinct_pairs, _undecided(context, found, decisions), tuple(held))


def _decision_held(found: Matches, path: Path, decision: _Decision, linked_id: str, with_id: str) -> DecisionHeld:
    client = ClientRef(decision.xpm_id, decision.ignition_id, found.xpm[decision.xpm_id].name)
    return DecisionHeld(path, decision.line, client, decision.same, linked_id, with_id)


def _undecided(context: SyncContext, found: Matches, decisions: Sequence[_Decision]) -> int:
    """The unsure clients who still have a candidate that nobody decided on and nobody is linked to."""
    decided = {(decision.xpm_id, decision.ignition_id) for decision in decisions}
    links = context.ledger.links()
    taken = {link.xpm_id for link in links} | {link.ignition_id for link in links}
    return sum(
        any(v.ignition_id not in taken and (unsure.xpm_id, v.ignition_id) not in decided for v in unsure.candidates)
        for unsure in found.waiting
        if unsure.xpm_id not in taken
    )


def _cells(client: Client) -> Sequence[str]:
    return client.id, client.name, client.city, client.best_email


def _read(path: Path) -> list[_Decision]:
    """The decided rows of a review file, each pair once; ticks for import are not among them."""
    decisions = [decision for line, row in _rows(path) if (decision := _decision(path, line, row)) is not None]
    pairs: dict[tuple[str, str], _Decision] = {}
    for decision in decisions:
        first = pairs.setdefault((decision.xpm_id, decision.ignition_id), decision)
        if first.same is not decision.same:
            raise InvalidReviewFile(path, "contradiction", decision.line, str(first.line))
    return list(pairs.values())


def _rows(path: Path) -> list[tuple[int, dict[str, str | None]]]:
    """The file's rows with their line numbers."""
    text = _text(path)
    head = text.partition("\n")[0]
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
    )
    try:
        for column in (_DECISION, _XPM_ID, _IGNITION_ID):
            if column not in (rows.fieldnames or ()):
                raise InvalidReviewFile(path, "no-column", detail=column)
        return [(rows.line_num, row) for row in rows]
    except csv.Error as problem:
        raise InvalidReviewFile(path, "not-csv", rows.line_num) from problem


def _word(row: dict[str, str | None]) -> str:
    return " ".join((row.get(_DECISION) or "").casefold().split())


def _cell(row: dict[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip().lstrip("'")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as problem:
        raise InvalidReviewFile(path, "missing") from problem
    except OSError as problem:
        raise InvalidReviewFile(path, "unreadable", detail=reason_of(problem)) from problem
    except UnicodeDecodeError as problem:
        raise InvalidReviewFile(path, "not-utf-8") from problem


def _decision(path: Path, line: int, row: dict[str, str | None]) -> _Decision | None:
    word, xpm_id, ignition_id = _word(row), _cell(row, _XPM_ID), _cell(row, _IGNITION_ID)
    if not word or (xpm_id and not ignition_id and word in _IMPORT):
        return None
    if word not in _SAME | _NOT_SAME:
        raise InvalidReviewFile(path, "word", line, word)
    return _Decision(line, word in _SAME, xpm_id.lower(), ignition_id)
