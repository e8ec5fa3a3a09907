"""The reports of plans, runs, matches, histories and links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xpmsync.cli.terminal.sanitize import count, sanitize
from xpmsync.cli.views.plan import field_label
from xpmsync.core.model import Client, ClientRef, Link
from xpmsync.core.plan.plan import Change, Hold, Plan
from xpmsync.local.ledger.journal import Write
from xpmsync.local.ledger.summary import Run
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.sync.apply import Applied

if TYPE_CHECKING:
    from xpmsync.usecases.clients.match import Matches

_NOTHING_WRITTEN = "Nothing was written."
_WHO = ("Client", "XPM id", "Ignition id")


def plan_page(plan: Plan) -> Page:
    """A plan that was not applied."""
    counts = plan.counts
    totals = (
        ("changes", f"{counts['changes']:,}"),
        ("clients with changes", f"{counts['changed_clients']:,}"),
        (f"override an edit made in {plan.direction.target.label}", f"{counts['overrides']:,}"),
        ("holds", f"{counts['holds']:,}"),
        ("left alone by exceptions", f"{counts['excepted']:,}"),
        ("linked clients equal", f"{counts['equal']:,} of {counts['clients']:,}"),
    )
    title = f"Plan: {plan.direction.source.label} to {plan.direction.target.label}"
    return Page(title, _NOTHING_WRITTEN, totals, (_changes(plan), _holds(plan.holds)))


def run_page(applied: Applied, writes: Sequence[Write]) -> Page:
    """A run that applied its plan; `writes` are the ledger's own entries of it."""
    plan = applied.plan
    target = plan.direction.target.label
    where = f"a file for {target}, to be uploaded" if applied.pending_uploads.files else target
    outcome = f"Run {applied.run}, {applied.outcome.value}: {count(applied.written, 'change')} written to {where}."
    if applied.failures:
        outcome += f" {count(len(applied.failures), 'call')} failed."
    if applied.not_tried:
        outcome += f" {count(applied.not_tried, 'call')} not tried."
    page = plan_page(plan)
    return Page(f"Run {applied.run}", outcome, page.totals, (_written(writes), _holds(plan.holds)))


def writes_page(run: Run, writes: Sequence[Write]) -> Page:
    """A past run with every field it wrote."""
    ended = run.outcome.value if run.outcome else "not finished"
    wrote = count(len(writes), "call") if writes else "nothing"
    outcome = f"Run {run.id} ({run.command}) began {local_time(run.started)} and ended: {ended}. It wrote {wrote}."
    totals = tuple((name.replace("_", " "), f"{number:,}") for name, number in run.counts.items())
    return Page(f"Run {run.id}", outcome, totals, (_written(writes),))


def history_page(runs: Sequence[Run]) -> Page:
    """Past runs, newest first."""
    rows = [
        (
            run.id,
            local_time(run.started),
            run.command,
            run.direction.value,
            run.level.value,
            run.outcome.value if run.outcome else "not finished",
            run.counts.get("written", 0),
            run.counts.get("holds", 0),
        )
        for run in runs
    ]
    columns = ("Run", "Began", "Command", "Direction", "Level", "Outcome", "Written", "Holds")
    sheet = Sheet("Runs", columns, rows, ("Command", "Outcome"))
    return Page("History of runs", _NOTHING_WRITTEN, (("runs", f"{len(runs):,}"),), (sheet,))


def links_page(links: Sequence[Link]) -> Page:
    """All linked clients."""
    rows = [(*_who(link.ref), link.since[:10], link.level.value if link.level else "") for link in links]
    sheet = Sheet("Links", (*_WHO, "Since", "Level of its own"), rows, ("Level of its own",))
    return Page("Linked clients", _NOTHING_WRITTEN, (("linked", f"{len(links):,}"),), (sheet,))


def match_page(found: Matches, linked: int) -> Page:
    """Sure and unsure pairs, what only one system has, and duplicates. `linked` says how many pairs were linked."""
    matching = found.matching
    pair_columns = ("Score", "XPM client", "XPM id", "Ignition client", "Ignition id", "Why")
    sure = [_pair(found, verdict.xpm_id, verdict.ignition_id, verdict.score, verdict.reasons) for verdict in sorted(
        matching.sure, key=lambda verdict: verdict.score
    )]  # fmt: skip
    unsure = [
        _pair(found, verdict.xpm_id, verdict.ignition_id, verdict.score, verdict.reasons)
        for client in found.waiting
        for verdict in client.candidates
    ]
    duplicates = [
        (each.system.label, " = ".join(each.ids), each.score, " ".join(each.reasons)) for each in matching.duplicates
    ]
    totals = (
        ("sure pairs", f"{len(sure):,}"),
        ("clients that a person decides on", f"{len(found.waiting):,}"),
        ("only in XPM", f"{len(matching.none_xpm):,}"),
        ("only in Ignition", f"{len(matching.none_ignition):,}"),
        ("possible duplicates", f"{len(duplicates):,}"),
    )
    outcome = f"{count(linked, 'pair')} linked. Neither system was written." if linked else _NOTHING_WRITTEN
    sheets = (
        Sheet("Sure, weakest first", pair_columns, sure),
        Sheet("Unsure", pair_columns, unsure),
        _alone("Only in XPM", [found.xpm[id_] for id_ in matching.none_xpm]),
        _alone("Only in Ignition", [found.ignition[id_] for id_ in matching.none_ignition]),
        Sheet("Possible duplicates", ("System", "Ids", "Score", "Why"), duplicates, ("System",)),
    )
    return Page("Match of XPM and Ignition", outcome, totals, sheets)


def _changes(plan: Plan) -> Sheet:
    target = plan.direction.target.label
    columns = (*_WHO, "Field", "Contact", f"{target} now", "New value", "Why")
    rows = [
        (*_who(change.client), *_what(change), change.old or "(blank)", change.new or "(cleared)", _why(change, target))
        for change in plan.changes
    ]
    return Sheet("Changes", columns, rows, ("Field", "Why"))


def _holds(holds: Iterable[Hold]) -> Sheet:
    rows = [(*_who(hold.client), *_what(hold), hold.code.value, hold.reason) for hold in holds]
    return Sheet("Holds", (*_WHO, "Field", "Contact", "Hold", "Reason"), rows, ("Hold", "Field"))


def _written(writes: Sequence[Write]) -> Sheet:
    rows = [
        (
            *_who(write.client),
            field_label(field.field.partition("#")[0]),
            write.contact.name if write.contact else "",
            _value(field.old),
            _value(field.new),
            field.why,
            "in a file for upload" if write.is_pending_upload else write.state.value,
            local_time(write.intended),
        )
        for write in writes
        for field in write.fields
    ]
    columns = (*_WHO, "Field", "Contact", "Old value", "New value", "Why", "Result", "When")
    return Sheet("Written", columns, rows, ("Field", "Result"))


def _alone(title: str, clients: Iterable[Client]) -> Sheet:
    rows = [(client.name, client.id, client.number, client.city, client.best_email) for client in clients]
    return Sheet(title, ("Client", "Id", "Number", "City", "E-mail"), rows)


def _pair(
    found: Matches, xpm_id: str, ignition_id: str, score: float, reasons: Sequence[str]
) -> tuple[str | float, ...]:
    xpm, ignition = found.xpm[xpm_id], found.ignition[ignition_id]
    return round(score, 1), xpm.name, xpm.id, ignition.name, ignition.id, " ".join(reasons)


def _why(change: Change, target: str) -> str:
    return f"overrides an edit made in {target}" if change.overrides_edit else change.why.value.replace("-", " ")


def _who(client: ClientRef) -> tuple[str, str, str]:
    return client.name, client.xpm_id, client.ignition_id


def _what(item: Change | Hold) -> tuple[str, str]:
    return field_label(item.field), item.contact.name if item.contact else ""


def _value(text: str | None) -> str:
    return "(expired)" if text is None else text or "(blank)"


Fact = tuple[str, str]
"""A label and its value."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a report. `filters` are the columns by whose values a reader chooses rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str | float, ...]]
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report: `outcome` says what was written, or that nothing was; `facts` who, when, and what it is about."""

    title: str
    outcome: str
    totals: tuple[Fact, ...]
    sheets: tuple[Sheet, ...]
    facts: tuple[Fact, ...] = ()


def escaped(page: Page) -> Page:
    """The page with everything shown as an escape that could steer a screen, bidirectional overrides included."""
    sheets = tuple(
        replace(sheet, rows=[tuple(sanitize(cell) if isinstance(cell, str) else cell for cell in row) for row in rows])
        for sheet in page.sheets
        for rows in (sheet.rows,)
    )
    facts = tuple((label, sanitize(value)) for label, value in page.facts)
    return replace(page, facts=facts, sheets=sheets)
