"""Matches for people and programs."""

from __future__ import annotations

from collections.abc import Callable

from xpmsync.cli.clean import count, one_line
from xpmsync.cli.screen import Column, Screen, Tone
from xpmsync.core.catalogue import CLIENT_FIELDS
from xpmsync.core.jsonable import Json
from xpmsync.core.match import Verdict
from xpmsync.core.model import Client
from xpmsync.usecases.matching import Matches

__all__ = ["match_data", "pair_data", "show_matches", "show_pair"]


def show_matches(screen: Screen, found: Matches, again: Callable[..., str]) -> None:
    """The sure pairs, the unsure pile, duplicates, and the totals last."""
    matching = found.matching
    if matching.sure:
        screen.line("Sure", Tone.STRONG)
        columns = [Column("XPM"), Column("Ignition"), Column("Score", right=True), Column("Why")]
        screen.table(columns, [_pair_row(found, one) for one in matching.sure])
        screen.line()
    if found.waiting:
        screen.line("Unsure: a person decides", Tone.STRONG)
        columns = [
            Column("XPM"),
            Column("May be, in Ignition"),
            Column("Score", right=True),
            Column("Why it is not sure"),
        ]
        screen.table(columns, [_pair_row(found, verdict) for one in found.waiting for verdict in one.candidates[:2]])
        screen.line()
    if matching.duplicates:
        screen.line("Twice in one system", Tone.STRONG)
        columns = [Column("In", whole=True), Column("Ids"), Column("Why")]
        rows = [(one.system.label, ", ".join(one.ids), " ".join(one.reasons[:3])) for one in matching.duplicates]
        screen.table(columns, rows)
        screen.line()
    screen.line(
        f"{len(matching.sure)} sure, {len(found.waiting)} unsure, no counterpart:"
        f" {len(matching.none_xpm)} in XPM and {len(matching.none_ignition)} in Ignition;"
        f" {count(len(matching.duplicates), 'possible duplicate')}."
    )
    if matching.sure:
        screen.line(f"Link the sure ones with: {again('match', '--apply')}")
    if found.waiting:
        screen.line(f"Go through the unsure ones with: {again('match', 'review')}")


def show_pair(screen: Screen, xpm: Client, ignition: Client, verdict: Verdict) -> None:
    """Both records side by side, then every piece of evidence with its points."""
    rows = [("Id", xpm.id, ignition.id)]
    for row in CLIENT_FIELDS:
        here, there = xpm.values.get(row.name, ""), ignition.values.get(row.name, "")
        if here or there:
            rows.append((row.label, one_line(here), one_line(there)))
    rows.append(("Contacts", _people(xpm), _people(ignition)))
    screen.table([Column("Field"), Column("XPM"), Column("Ignition")], rows)
    screen.line()
    for one in verdict.evidence:
        screen.line(f"{one.points:+6.1f}  {one.says}")
    for cap in verdict.caps:
        screen.line(f"        {cap.value}")
    screen.line(f"{verdict.score:6.1f}  {verdict.band.value}", Tone.STRONG)


def match_data(found: Matches) -> dict[str, Json]:
    """The shape of the design, section 6."""
    matching = found.matching
    return {
        "sure": [_verdict(one) for one in matching.sure],
        "unsure": [
            {"xpm_id": one.xpm_id, "candidates": [_candidate(verdict) for verdict in one.candidates]}
            for one in matching.unsure
        ],
        "none": {"xpm": list(matching.none_xpm), "ignition": list(matching.none_ignition)},
        "duplicates": [
            {"source": one.system.value, "ids": list(one.ids), "score": one.score, "reasons": list(one.reasons)}
            for one in matching.duplicates
        ],
    }


def pair_data(verdict: Verdict) -> dict[str, Json]:
    """All the evidence for one pair."""
    return {
        **_verdict(verdict),
        "band": verdict.band.value,
        "evidence": [{"name": one.name, "points": one.points, "says": one.says} for one in verdict.evidence],
        "caps": [cap.name.lower() for cap in verdict.caps],
    }


def _verdict(verdict: Verdict) -> dict[str, Json]:
    return {"xpm_id": verdict.xpm_id, **_candidate(verdict)}


def _candidate(verdict: Verdict) -> dict[str, Json]:
    return {"ignition_id": verdict.ignition_id, "score": verdict.score, "reasons": list(verdict.reasons)}


def _pair_row(found: Matches, verdict: Verdict) -> tuple[str, str, str, str]:
    xpm, ignition = found.xpm[verdict.xpm_id], found.ignition[verdict.ignition_id]
    why = " ".join(cap.value for cap in verdict.caps) or " ".join(verdict.reasons[:3])
    return f"{one_line(xpm.name)}\n{xpm.id}", f"{one_line(ignition.name)}\n{ignition.id}", f"{verdict.score:g}", why


def _people(client: Client) -> str:
    return ", ".join(one_line(contact.name) for contact in client.contacts)
