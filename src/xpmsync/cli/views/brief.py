"""A plan of more than a screenful: totals by field and by hold, the riskiest changes in full, where the rest is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Final

from xpmsync.cli.terminal.sanitize import count, one_line
from xpmsync.cli.terminal.screen import Cell, Column, Screen, Tone
from xpmsync.cli.views.plan import field_label, flow_line, show_changes, show_plan
from xpmsync.core.catalogue import order
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.plan import Hold, HoldCode, Plan
from xpmsync.core.plan.summary import riskiest

__all__ = ["is_big", "show_brief"]

_RENDERED: Final = 200
"""Up to so many changes and holds a plan is rendered to see whether it fits; more never do."""
_MOST_ROWS: Final = 8
"""Rows of each table of totals."""
_RISKY_LINES: Final = 20
"""Lines for the riskiest changes."""


def is_big(screen: Screen, plan: Plan) -> bool:
    """Whether the plan in full takes more than a screenful."""
    if len(plan.changes) + len(plan.holds) > _RENDERED:
        return True
    return screen.captured(lambda full: show_plan(full, plan)).count("\n") > screen.screenful


def show_brief(screen: Screen, plan: Plan, rest: str) -> None:
    """The plan in short; `rest` is the sentence that says how to see all of it."""
    screen.line(flow_line(plan), Tone.STRONG)
    if plan.changes:
        target = plan.direction.target.label
        screen.heading("Changes by field")
        _table(screen, ("Field", "Changes", "Clients", f"Edited in {target}"), _by_field(plan))
    if plan.holds:
        screen.heading("Holds: these differ and will not be written")
        _table(screen, ("Why", "Holds", "Clients", "For example"), _by_hold(plan.holds))
    _show_riskiest(screen, plan)
    screen.line()
    screen.line(rest, Tone.STRONG)


def _by_field(plan: Plan) -> list[tuple[str, ...]]:
    rows = []
    for field in sorted({change.field for change in plan.changes}, key=order):
        changes = [change for change in plan.changes if change.field == field]
        clients = len({change.client for change in changes})
        edited = sum(change.overrides_edit for change in changes)
        rows.append((field_label(field), f"{len(changes):,}", f"{clients:,}", f"{edited:,}" if edited else ""))
    return sorted(rows, key=lambda row: -int(row[1].replace(",", "")))


def _by_hold(holds: Sequence[Hold]) -> list[tuple[str, ...]]:
    clients: dict[HoldCode, set[ClientRef]] = {}
    example: dict[HoldCode, Hold] = {}
    for hold in holds:
        clients.setdefault(hold.code, set()).add(hold.client)
        example.setdefault(hold.code, hold)
    counts = Counter(hold.code for hold in holds)
    return [
        (code.value, f"{number:,}", f"{len(clients[code]):,}", one_line(example[code].client.name))
        for code, number in counts.most_common()
    ]


def _table(screen: Screen, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    columns = [Column(titles[0]), Column(titles[1], right=True), Column(titles[2], right=True), Column(titles[3])]
    screen.table(columns, [tuple(map(Cell, row)) for row in rows[:_MOST_ROWS]])
    if len(rows) > _MOST_ROWS:
        screen.line(f"and {len(rows) - _MOST_ROWS} more kinds.", Tone.QUIET)


def _show_riskiest(screen: Screen, plan: Plan) -> None:
    """Names, overridden edits and creations client by client, as far as a screen goes."""
    risky = riskiest(plan.changes)
    if not risky:
        return
    screen.heading("The riskiest changes: names, overridden edits, creations")
    lines, shown = 0, 0
    for _, changes in groupby(risky, key=lambda change: change.client):
        group = tuple(changes)
        lines += screen.captured(partial(show_changes, plan=plan, changes=group, head=False)).count("\n")
        if shown and lines > _RISKY_LINES:
            break
        show_changes(screen, plan, group, head=False)
        shown += len(group)
    if shown < len(risky):
        screen.line()
        screen.line(f"and {count(len(risky) - shown, 'more change')} of these kinds.", Tone.QUIET)
