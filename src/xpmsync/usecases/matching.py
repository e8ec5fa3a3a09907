"""Match: link what is already there. Only the sure pairs are linked without a person.

Both systems are read once. What a person decided is remembered with fingerprints
of the two records, so that it is asked again only when one of them changed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.links import Link
from xpmsync.core.match import Context, Matching, Unsure, Verdict, evidence, match
from xpmsync.core.model import Client
from xpmsync.errors import LinkConflict, UsageError
from xpmsync.local.files import write_private
from xpmsync.local.memory import rare_collections
from xpmsync.usecases.choosing import choose_client
from xpmsync.usecases.practice import Practice
from xpmsync.usecases.progress import Progress

__all__ = [
    "Decided",
    "Matches",
    "explain_pair",
    "find_matches",
    "keep_pile",
    "leave_alone",
    "link_pairs",
    "part",
    "take_pile",
]

_PILE: Final = (
    "Decision",
    "XPM id",
    "XPM client",
    "XPM city",
    "XPM e-mail",
    "Ignition id",
    "Ignition client",
    "Ignition city",
    "Ignition e-mail",
    "Score",
    "Reasons",
)
_SAME: Final = frozenset({"same", "yes", "y", "s"})
_NOT_SAME: Final = frozenset({"not the same", "not same", "no", "n"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Matches:
    """The sorted clients, and the records to show them. `waiting` is the unsure pile less what is left alone."""

    matching: Matching
    xpm: Mapping[str, Client]
    ignition: Mapping[str, Client]
    waiting: tuple[Unsure, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a list of decisions: links made, pairs parted, rows that say nothing, and conflicts."""

    linked: tuple[Link, ...]
    parted: int
    undecided: int
    conflicts: tuple[LinkConflict, ...]


def find_matches(practice: Practice, progress: Progress) -> Matches:
    """Read both systems and sort every client; writes nothing."""
    with rare_collections():
        xpm = _read(practice.xpm.read(), "Reading XPM", progress)
        ignition = _read(practice.ignition.read(), "Reading Ignition", progress)
        progress.step("Comparing", 0)
        standing = _standing(practice, xpm, ignition)
        known = [(link.xpm_id, link.ignition_id) for link in practice.ledger.links()]
        found = match(
            list(xpm.values()), list(ignition.values()), known_links=known, not_same={p for p in standing if p[1]}
        )
    alone = {xpm_id for xpm_id, ignition_id in standing if not ignition_id}
    return Matches(found, xpm, ignition, tuple(one for one in found.unsure if one.xpm_id not in alone))


def link_pairs(practice: Practice, found: Matches, pairs: Iterable[tuple[str, str]]) -> list[Link]:
    """Link pairs of ids; raises `LinkConflict` where one of them is linked meanwhile."""
    made: list[Link] = []
    with practice.ledger.transaction():
        for xpm_id, ignition_id in pairs:
            link = Link(xpm_id, ignition_id, found.xpm[xpm_id].name, practice.now())
            practice.ledger.add_link(link)
            made.append(link)
    return made


def part(practice: Practice, found: Matches, xpm_id: str, ignition_id: str) -> None:
    """Remember that the two are not the same."""
    prints = (fingerprint.of_record(found.xpm[xpm_id]), fingerprint.of_record(found.ignition[ignition_id]))
    practice.ledger.part(xpm_id, ignition_id, prints, practice.now())


def leave_alone(practice: Practice, found: Matches, xpm_id: str) -> None:
    """Remember not to ask about this client again while it stays as it is."""
    practice.ledger.part(xpm_id, "", (fingerprint.of_record(found.xpm[xpm_id]), ""), practice.now())


def explain_pair(practice: Practice, xpm_client: str, ignition_client: str) -> tuple[Client, Client, Verdict]:
    """Weigh two clients, each meant by id or exact name, and return all the evidence."""
    xpm = choose_client(practice.xpm, xpm_client)
    ignition = choose_client(practice.ignition, ignition_client)
    # How rare an agreement is shows only among all clients.
    everybody = [*practice.xpm.read(), *practice.ignition.read()]
    return xpm, ignition, evidence(xpm, ignition, Context.of(everybody))


def keep_pile(found: Matches, path: Path) -> int:
    """Write the unsure pile for a spreadsheet, one row a candidate; returns how many rows.

    Cells that a spreadsheet would take for formulas get an apostrophe.
    """
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_PILE)
    rows = 0
    for unsure in found.waiting:
        for verdict in unsure.candidates:
            cells = (
                "",
                *_cells(found.xpm[unsure.xpm_id]),
                *_cells(found.ignition[verdict.ignition_id]),
                f"{verdict.score:g}",
                " ".join(verdict.reasons),
            )
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
            rows += 1
    # Excel takes a CSV file for UTF-8 only with this mark.
    write_private(path, "\ufeff" + text.getvalue())
    return rows


def take_pile(practice: Practice, path: Path, progress: Progress) -> Decided:
    """Carry out the decisions of a pile file: `same` links, `not the same` parts, blank says nothing.

    Raises `UsageError` naming the line that cannot be understood; nothing is then done.
    """
    decisions = _decisions(path)
    found = find_matches(practice, progress)
    for line, (_, xpm_id, ignition_id) in decisions.items():
        if xpm_id not in found.xpm or ignition_id not in found.ignition:
            raise UsageError(f"{path}, line {line}: one of the two clients is not there any more.", "Make a new pile.")
    linked: list[Link] = []
    conflicts: list[LinkConflict] = []
    parted = 0
    for same, xpm_id, ignition_id in decisions.values():
        if not same:
            part(practice, found, xpm_id, ignition_id)
            parted += 1
            continue
        try:
            linked += link_pairs(practice, found, [(xpm_id, ignition_id)])
        except LinkConflict as conflict:
            conflicts.append(conflict)
    undecided = sum(1 for one in found.waiting for _ in one.candidates)
    return Decided(tuple(linked), parted, max(0, undecided - len(decisions)), tuple(conflicts))


def _read(clients: Iterable[Client], label: str, progress: Progress) -> dict[str, Client]:
    read: dict[str, Client] = {}
    for client in clients:
        read[client.id] = client
        progress.step(label, len(read))
    return read


def _standing(practice: Practice, xpm: Mapping[str, Client], ignition: Mapping[str, Client]) -> set[tuple[str, str]]:
    """The decisions whose records are as they were when they were made."""
    return {
        (xpm_id, ignition_id)
        for (xpm_id, ignition_id), prints in practice.ledger.parted().items()
        if prints == (_print(xpm.get(xpm_id)), _print(ignition.get(ignition_id)))
    }


def _print(client: Client | None) -> str:
    return fingerprint.of_record(client) if client else ""


def _cells(client: Client) -> Sequence[str]:
    city = client.values.get("city", "") or client.values.get("postal_city", "")
    return client.id, client.name, city, client.best_email


def _decisions(path: Path) -> dict[int, tuple[bool, str, str]]:
    """The decided rows of a pile file by their line: same or not, and both ids."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {type(problem).__name__}.", "Save it as CSV in UTF-8.") from problem
    separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=separator)
    missing = [name for name in ("Decision", "XPM id", "Ignition id") if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{path} has no column {missing[0]!r}.", "Make a new pile with: xpmsync match --out FILE")
    found: dict[int, tuple[bool, str, str]] = {}
    for row in rows:
        said = (row.get("Decision") or "").strip().casefold()
        if not said:
            continue
        if said not in _SAME | _NOT_SAME:
            raise UsageError(f"{path}, line {rows.line_num}: {said!r} is neither 'same' nor 'not the same'.")
        ids = ((row.get(name) or "").strip().lstrip("'") for name in ("XPM id", "Ignition id"))
        found[rows.line_num] = (said in _SAME, next(ids).lower(), next(ids))
    return found
