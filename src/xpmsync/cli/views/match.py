"""Matches for people and programs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Final

from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Column, Screen, Tone
from xpmsync.core.catalogue import CLIENT_FIELDS
from xpmsync.core.enums import ClientState, Json
from xpmsync.core.match import Duplicate, Verdict
from xpmsync.core.model import Client, Contact
from xpmsync.usecases.clients.match import ExplainedPair, Matches

_WIDE: Final = 130
"""From that many columns on, a pair fits side by side with its reasons."""
_SHOWN: Final = 2
"""Candidates shown for one client; the review shows them all."""
_SECTION_LINES: Final = 12
"""Lines of each section of an answer that is shown in short."""
_NAME: Final = 30
"""Columns for a name or an id in a table, at least; a longer id gets what it needs."""


def show_matches(screen: Screen, found: Matches, *, everything: bool) -> bool:
    """The sure pairs (the weakest first), the unsure pairs and duplicates, ids always whole.

    Above a screenful only the first of each, unless `everything` is asked for; returns whether that was so.
    """
    matching = found.matching
    number = len(matching.sure) + len(found.waiting) + len(matching.duplicates)
    brief = not everything and (
        number > screen.screenful
        or screen.captured(lambda full: _show_sections(full, found, brief=False)).count("\n") > screen.screenful
    )
    _show_sections(screen, found, brief=brief)
    return brief


def _show_sections(screen: Screen, found: Matches, *, brief: bool) -> None:
    matching = found.matching
    candidates = [verdict for unsure in found.waiting for verdict in unsure.candidates[:_SHOWN]]
    sections: tuple[tuple[str, Callable[[Screen, int], None], int], ...] = (
        (
            "Sure, the weakest first",
            lambda part, most: _show_pairs(
                part, found, sorted(matching.sure, key=lambda verdict: verdict.score)[:most], "Why"
            ),
            len(matching.sure),
        ),
        (
            "Unsure: a person decides",
            lambda part, most: _show_pairs(part, found, candidates[:most], "Why it is not sure"),
            len(candidates),
        ),
        (
            "Twice in one system",
            lambda part, most: _show_duplicates(part, found, matching.duplicates[:most]),
            len(matching.duplicates),
        ),
    )
    for title, show, number in sections:
        if number:
            most = _fitting(screen, show, number) if brief else number
            screen.line(title, Tone.STRONG)
            show(screen, most)
            if most < number:
                screen.line(f"and {number - most:,} more.", Tone.QUIET)
                screen.line()


def _fitting(screen: Screen, show: Callable[[Screen, int], None], number: int) -> int:
    """How many of a section's entries fit in its share of a screen, at least one."""
    most = 1
    while most < number and screen.captured(partial(_shown, show, most + 1)).count("\n") <= _SECTION_LINES:
        most += 1
    return most


def _shown(show: Callable[[Screen, int], None], most: int, screen: Screen) -> None:
    show(screen, most)


def totals_line(found: Matches) -> str:
    """How many of each."""
    matching = found.matching
    return (
        f"{len(matching.sure)} sure, {len(found.waiting)} unsure, no counterpart:"
        f" {len(matching.none_xpm)} in XPM and {len(matching.none_ignition)} in Ignition;"
        f" {count(len(matching.duplicates), 'possible duplicate')}."
    )


def show_totals(screen: Screen, found: Matches, command_line: Callable[..., str], *, verbose: bool) -> None:
    """How many of each, what the score is, and where the rest is listed."""
    matching = found.matching
    screen.line(totals_line(found))
    if matching.sure or found.waiting:
        screen.line(
            "The score sums up the evidence for and against a pair;"
            f" all of it for one pair: {command_line('match', 'explain')} XPM IGNITION"
        )
    if (matching.none_xpm or matching.none_ignition) and not verbose:
        screen.line(f"List those without a counterpart with: {command_line('-v', 'match')}")


def show_unmatched(screen: Screen, found: Matches) -> None:
    """The clients of each system that the other one lacks."""
    matching = found.matching
    for label, ids, clients in (
        ("XPM", matching.none_xpm, found.xpm),
        ("Ignition", matching.none_ignition, found.ignition),
    ):
        if ids:
            screen.line(f"Only in {label}", Tone.STRONG)
            screen.pairs([(client_id, one_line(clients[client_id].name)) for client_id in ids])
            screen.line()


def match_data(found: Matches) -> dict[str, Json]:
    """All pairs, candidates and duplicates, as `match` gives them in JSON."""
    matching = found.matching
    return {
        "sure": [_verdict(verdict) for verdict in matching.sure],
        "unsure": [
            {"xpm_id": unsure.xpm_id, "candidates": [_candidate(verdict) for verdict in unsure.candidates]}
            for unsure in matching.unsure
        ],
        "none": {"xpm": list(matching.none_xpm), "ignition": list(matching.none_ignition)},
        "duplicates": [
            {"source": pair.system.value, "ids": list(pair.ids), "score": pair.score, "reasons": list(pair.reasons)}
            for pair in matching.duplicates
        ],
    }


def explained_data(explained: ExplainedPair) -> dict[str, Json]:
    """All the evidence for one pair, and the other pairs of the two."""
    verdict = explained.verdict
    return {
        **_verdict(verdict),
        "band": verdict.band.value,
        "evidence": [{"name": e.name, "points": e.points, "says": e.sentence} for e in verdict.evidence],
        "caps": [cap.name.lower() for cap in verdict.caps],
        "notes": [note.name.lower() for note in verdict.notes],
        "rivals": [
            {"xpm_id": rival.xpm.id, "ignition_id": rival.ignition.id, "score": rival.score}
            for rival in explained.rivals
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Json]:
    return {"xpm_id": verdict.xpm_id, **_candidate(verdict)}


def _candidate(verdict: Verdict) -> dict[str, Json]:
    return {"ignition_id": verdict.ignition_id, "score": verdict.score, "reasons": list(verdict.reasons)}


def _show_pairs(screen: Screen, found: Matches, verdicts: Sequence[Verdict], why: str) -> None:
    pairs = [(found.xpm[verdict.xpm_id], found.ignition[verdict.ignition_id], verdict) for verdict in verdicts]
    if screen.width >= _WIDE:
        columns = [
            Column("XPM", width=_widest(xpm.id for xpm, _, _ in pairs)),
            Column("Ignition", width=_widest(ignition.id for _, ignition, _ in pairs)),
            Column("Score", right=True),
            Column(why),
        ]
        rows = [
            (_stacked(xpm), _stacked(ignition), f"{verdict.score:.1f}", _why(verdict))
            for xpm, ignition, verdict in pairs
        ]
        screen.table(columns, _spaced(rows))
        screen.line()
        return
    for xpm, ignition, verdict in pairs:
        facts = [("XPM", _named(xpm)), ("Ignition", _named(ignition)), ("Score", f"{verdict.score:4.1f}")]
        screen.pairs([*facts, ("Why", _why(verdict))])
        screen.line()


def _show_duplicates(screen: Screen, found: Matches, duplicates: Sequence[Duplicate]) -> None:
    rows = [(duplicate, _of(found, duplicate)) for duplicate in duplicates]
    if screen.width >= _WIDE:
        ids = _widest(id_ for duplicate, _ in rows for id_ in duplicate.ids)
        columns = [Column("In", whole=True), Column("Clients", width=ids), Column("Why")]
        cells = [
            (duplicate.system.label, "\n".join(map(_stacked, two)), " ".join(duplicate.reasons[:3]))
            for duplicate, two in rows
        ]
        screen.table(columns, _spaced(cells))
        screen.line()
        return
    for duplicate, two in rows:
        screen.pairs(
            [*((duplicate.system.label, _named(client)) for client in two), ("Why", " ".join(duplicate.reasons[:3]))]
        )
        screen.line()


def _of(found: Matches, duplicate: Duplicate) -> list[Client]:
    clients: Mapping[str, Client] = found.xpm if duplicate.ids[0] in found.xpm else found.ignition
    return [clients[client_id] for client_id in duplicate.ids]


def _why(verdict: Verdict) -> str:
    return " ".join((*verdict.notes, *verdict.caps)) or " ".join(verdict.reasons[:3])


def _named(client: Client) -> str:
    return f"{one_line(client.name)}  {client.id}"


def _stacked(client: Client) -> str:
    return f"{one_line(client.name)}\n{client.id}"


def _widest(ids: Iterable[str]) -> int:
    return max(_NAME, *map(len, ids))


def _spaced(rows: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The rows with an empty one between each two."""
    for number, row in enumerate(rows):
        if number:
            yield ("",) * len(row)
        yield row


_GAP: Final = 2
"""Columns between two columns of a table."""
_REGISTERS: Final = {"abn": "ABN", "acn": "ACN", "nzbn": "NZBN", "company_number": "Company number"}
_Row = tuple[str, str, str]


def show_pair(screen: Screen, xpm: Client, ignition: Client, verdict: Verdict) -> None:
    """Both records side by side, then every piece of evidence with its points."""
    screen.pairs([("XPM", xpm.id), ("Ignition", ignition.id)])
    screen.line()
    _show_records(screen, _rows(xpm, ignition))
    screen.line()
    screen.pairs(
        [
            *((f"{e.points:+6.1f}", one_line(e.sentence)) for e in verdict.evidence),
            *((" " * 6, sentence) for sentence in (*verdict.notes, *verdict.caps)),
        ]
    )
    screen.line(f"{verdict.score:6.1f}  {verdict.band.value}", Tone.STRONG)


def show_explained(screen: Screen, explained: ExplainedPair) -> None:
    """A pair with all its evidence, and which other clients compete with one of the two."""
    show_pair(screen, explained.xpm, explained.ignition, explained.verdict)
    for rival in explained.rivals:
        system, client = ("Ignition", rival.ignition) if rival.xpm.id == explained.xpm.id else ("XPM", rival.xpm)
        screen.line(f"{rival.score:6.1f}  Also proposed: {one_line(client.name)} ({system} {client.id})")


def _show_records(screen: Screen, rows: Sequence[_Row]) -> None:
    """A table where no word of it would be cut, else each field's two values below each other."""
    label = max(len(name) for name, _, _ in rows)
    available = screen.width - label - 2 * _GAP
    left, right = (max(_longest_word(row[side]) for row in rows) for side in (1, 2))
    if left + right <= available:
        width = min(max(left, available // 2), available - right)
        columns = [
            Column("Field", width=label),
            Column("XPM", width=width),
            Column("Ignition", width=available - width),
        ]
        screen.table(columns, rows)
        return
    for name, *values in rows:
        screen.line(name)
        for system, value in zip(("XPM", "Ignition"), values, strict=True):
            screen.pairs([(system if not number else "", line) for number, line in enumerate(value.split("\n"))], 4)


def _rows(xpm: Client, ignition: Client) -> list[_Row]:
    """Every field that one of the two holds and evidence may speak of."""
    rows = [(row.label, xpm.values.get(row.name, ""), ignition.values.get(row.name, "")) for row in CLIENT_FIELDS]
    rows.append(("E-mail", xpm.email, ignition.email))
    rows.append(("XPM number", xpm.number, ignition.xpm_number))
    for key in dict.fromkeys([*xpm.identifiers, *ignition.identifiers]):
        label = _REGISTERS.get(key, key.replace("_", " ").capitalize())
        rows.append((label, xpm.identifiers.get(key, ""), ignition.identifiers.get(key, "")))
    if {xpm.state, ignition.state} != {ClientState.ACTIVE}:
        rows.append(("State", xpm.state.value, ignition.state.value))
    shown = [(label, one_line(mine), one_line(theirs)) for label, mine, theirs in rows if mine or theirs]
    for number, (mine, theirs) in enumerate(zip_longest(xpm.contacts, ignition.contacts)):
        shown.append(("" if number else "Contacts", _contact(mine), _contact(theirs)))
    return shown


def _contact(contact: Contact | None) -> str:
    """Name, e-mail and numbers, each on a line."""
    if contact is None:
        return ""
    names = ("contact.name", "contact.email", "contact.phone", "contact.mobile")
    return "\n".join(one_line(text) for name in names if (text := contact.values.get(name, "")))


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
