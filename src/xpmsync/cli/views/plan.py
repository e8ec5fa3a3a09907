"""A plan for people: a block for each client, old beside new, holds with their sentence, totals last.

A long plan is shown in brief: totals, fields, and its riskiest changes. Then what a run read and did.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Final

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.terminal.output import ErrorNote
from xpmsync.cli.terminal.sanitize import count, named, one_line
from xpmsync.cli.terminal.screen import Cell, Column, Screen, Tone
from xpmsync.cli.views.status import show_pending_uploads
from xpmsync.core.catalogue import CONTACT_FIELDS, FIELDS, order
from xpmsync.core.enums import Level
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.hold_codes import HOLD_WORDS, HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, Hold, Plan, Why, riskiest
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.usecases.sync.apply import Applied
from xpmsync.usecases.sync.preview import Preview
from xpmsync.usecases.sync.writer import Failure

_LABELS: Final = {row.name: row.label for row in FIELDS} | {"client": "Client", "contact": "Contact"}
_SHORT_LABELS: Final = {row.name: row.short_label for row in CONTACT_FIELDS}
_EXPECTED: Final = (
    HoldCode.LEVEL,
    HoldCode.DIRECTION,
    HoldCode.ROUTE_CANNOT,
    HoldCode.BAD_EXPORT,
    HoldCode.PRIMARY_UNSET,
)
"""Holds that follow from a setting, the route or its file: shown once for each field, not once for each client."""
_LEVELS: Final = {Level.EVERYTHING: "everything", Level.NAMES: "client names only", Level.NOTHING: "nothing"}


_FEW: Final = 3
"""Up to so many clients every hold is listed by its client, whatever its reason."""


def show_plan(screen: Screen, plan: Plan) -> None:
    """Changes client by client, then what is held."""
    screen.line(flow_line(plan), Tone.STRONG)
    show_changes(screen, plan, plan.changes)
    show_holds(screen, plan.holds)


def flow_line(plan: Plan) -> str:
    """From where to where, and how much flows."""
    source, target = plan.direction.source.label, plan.direction.target.label
    return f"Back to what {target} showed" if _restores(plan) else f"{source} -> {target}, {_LEVELS[plan.level]}"


def show_record(screen: Screen, plan: Plan) -> None:
    """The record an import would create."""
    for change in plan.changes:
        screen.line(f"To be created in Ignition: {named(change.client)}", Tone.STRONG)
        rows = [(field_label(name), one_line(text)) for name, text in change.values.items()]
        for contact in change.contacts:
            rows += [(field_label(name), one_line(text)) for name, text in contact.items()]
        screen.pairs(rows, indent=2)


def show_holds(screen: Screen, holds: Sequence[Hold]) -> None:
    """What differs and will not be written: by client, and by field where a setting is the reason."""
    if not holds:
        return
    screen.heading("Holds: these differ and will not be written")
    few = len({hold.client for hold in holds}) <= _FEW
    single = [hold for hold in holds if few or hold.code not in _EXPECTED]
    if single:
        rows = [(_client_cell(hold.client), _of_contact(hold), f"{hold.reason} [{hold.code.value}]") for hold in single]
        screen.table([Column("Client"), Column("Field"), Column("Why it is held")], rows)
    expected = [] if few else [hold for hold in holds if hold.code in _EXPECTED]
    if expected:
        if single:
            screen.line()
        screen.table([Column("Clients", right=True), Column("Field"), Column("Why it is held")], _summed(expected))
        screen.line("Clients of these holds are not named here; explain CLIENT lists those of a client.", Tone.QUIET)


def show_totals(screen: Screen, plan: Plan) -> None:
    """The totals, last."""
    counts = plan.counts
    screen.line()
    parts = [count(counts["changes"], "change") + f" in {count(counts['changed_clients'], 'client')}"]
    if counts["overrides"]:
        verb = "overrides" if counts["overrides"] == 1 else "override"
        parts.append(f"{counts['overrides']} {verb} an edit made in {plan.direction.target.label}")
    screen.line(", ".join(parts) + ".", Tone.STRONG)
    screen.line(held_in_short(plan))
    if counts["excepted"]:
        screen.line(f"{counts['excepted']} known and left alone (exceptions).")
    screen.line(f"{counts['equal']} of {count(counts['clients'], 'linked client')} equal.")
    if plan.forecast.writes:
        minutes = f", about {plan.forecast.minutes:g} minutes" if plan.forecast.minutes >= 1 else ""
        screen.line(f"Writing takes {count(plan.forecast.writes, 'call')}{minutes}.")
    if plan.forecast.beyond_day_limit:
        screen.line("That is more than a day's calls; the run will stop and go on the next day.", Tone.WARNING)


def held_in_short(plan: Plan) -> str:
    """How many holds, and why."""
    reasons = ", ".join(f"{HOLD_WORDS[code]}: {number:,}" for code, number in plan.holds_by_code.items())
    return count(len(plan.holds), "hold") + (f" ({reasons})." if reasons else ".")


def field_label(name: str) -> str:
    """What people call a field."""
    return _LABELS.get(name, name)


def show_changes(screen: Screen, plan: Plan, changes: Sequence[Change], *, head: bool = True) -> None:
    """Some of a plan's changes as an aligned list, with the client's name and ids above its fields."""
    if not changes:
        return
    source, target = plan.direction.source.label, plan.direction.target.label
    field = min(max(len(_of_contact(change)) for change in changes), screen.width // 3)
    half = max(12, (screen.width - field - 4) // 2)
    widest = max(max(len(_old(change).text), len(_new(change, target).text)) for change in changes)
    side = min(half, max(widest, 16))
    columns = [
        Column("Field", width=field),
        Column(f"{target} now", width=side),
        Column("-> as it was" if _restores(plan) else f"-> from {source}", width=side),
    ]
    if head:
        screen.line()
        screen.table(columns, [])
    for client, group in groupby(changes, key=lambda change: change.client):
        screen.line()
        screen.line(one_line(client.name), Tone.STRONG)
        screen.line(client.ids, Tone.QUIET)
        rows = [(_of_contact(change), _old(change), _new(change, target)) for change in group]
        screen.table(columns, rows, head=False)


def _restores(plan: Plan) -> bool:
    """Whether it is an undo: what it writes comes from the journal, not from the other system."""
    return any(change.why is Why.UNDO for change in plan.changes)


def _old(change: Change) -> Cell:
    if change.kind is ChangeKind.CONTACT:
        return Cell("(new contact)", Tone.QUIET)
    return Cell(one_line(change.old), Tone.OLD) if change.old else Cell("(blank)", Tone.QUIET)


def _new(change: Change, target: str) -> Cell:
    new = Cell(one_line(change.new), Tone.NEW) if change.new else Cell("(cleared)", Tone.WARNING)
    return Cell(f"{new.text}\n* overrides an edit made in {target}", new.tone) if change.overrides_edit else new


def _of_contact(item: Change | Hold) -> str:
    if item.contact is None:
        return field_label(item.field)
    return f"{_SHORT_LABELS.get(item.field, field_label(item.field))}: {one_line(item.contact.name)}"


def _summed(holds: Iterable[Hold]) -> list[tuple[str, str, str]]:
    groups: dict[tuple[str, HoldCode, str], set[ClientRef]] = {}
    for hold in holds:
        groups.setdefault((hold.field, hold.code, hold.reason), set()).add(hold.client)
    return [
        (str(len(clients)), field_label(name), f"{reason} [{code.value}]")
        for (name, code, reason), clients in groups.items()
    ]


def _client_cell(client: ClientRef) -> str:
    known = f"Ignition {client.ignition_id}" if client.ignition_id else f"XPM {client.xpm_id}"
    return f"{one_line(client.name)} ({known})"


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
        (
            f"{HOLD_WORDS[code]} [{code.value}]",
            f"{number:,}",
            f"{len(clients[code]):,}",
            one_line(example[code].client.name),
        )
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


def show_reading(screen: Screen, preview: Preview) -> None:
    """How the plan was read: calls, and the clients that were looked up singly."""
    if preview.reading.full:
        how = f"everything, {preview.reading.full.value}"
    else:
        how = "what changed" if preview.reading.since else "the named clients"
    if preview.plan.clients:
        calls = f": {count(preview.xpm_calls, 'XPM call')}" if preview.xpm_calls else ""
        screen.line(f"Read {how}{calls}.", Tone.QUIET)
    _show_read(screen, preview)
    for link in preview.confirmed:
        screen.line(f"New in Ignition since: {named(link.ref)}.")


def show_applied(screen: Screen, applied: Applied, reading: Preview | None) -> None:
    """The totals of a run, last; `reading` is what its plan came from, None where that was shown with the plan."""
    counts = applied.plan.counts
    target = applied.plan.direction.target.label
    screen.line()
    if not counts["clients"]:
        screen.line("Nothing to sync: no client is linked yet, or the filters leave out all that are.")
        _show_read(screen, reading)
        return
    if applied.outcome is RunOutcome.DONE and not counts["changes"]:
        screen.line("Nothing to write.", Tone.STRONG)
    else:
        files = sum(file.uploaded is None for file in applied.pending_uploads.files)
        where = f"{'the file' if files == 1 else f'{files} files'} for {target}" if files else target
        screen.line(f"{count(applied.written, 'change')} written to {where}.", Tone.STRONG)
    if applied.respelled:
        screen.line(f"{target} keeps {count(applied.respelled, 'value')} in its own spelling; that counts as equal.")
    if applied.failures:
        screen.line(f"{count(len(applied.failures), 'call')} failed.", Tone.WARNING)
    if applied.not_tried:
        screen.line(f"{count(applied.not_tried, 'call')} not tried.", Tone.WARNING)
    screen.line(held_in_short(applied.plan))
    if counts["excepted"]:
        screen.line(f"{counts['excepted']} known and left alone (exceptions).")
    screen.line(f"{counts['equal']} of {count(counts['clients'], 'linked client')} equal already.")
    if applied.xpm_calls:
        screen.line(f"{count(applied.xpm_calls, 'XPM call')} used.")
    _show_read(screen, reading)
    show_pending_uploads(screen, applied.pending_uploads)


def failure_note(failure: Failure, command_line: Callable[..., str]) -> ErrorNote:
    """A failed call: which client, what happened, what to do."""
    note, _ = explain(failure.error, command_line)
    client = failure.call.client
    unknown = " It may have been written all the same; the next run looks that up." if failure.may_have_arrived else ""
    message = f"{one_line(client.name)} (XPM {client.xpm_id}): {note.message}{unknown}"
    return ErrorNote(note.code, message, note.hint)


def _show_read(screen: Screen, reading: Preview | None) -> None:
    """Which clients were looked up singly, and what the files that were read are like."""
    if reading is None:
        return
    if reading.single_reads:
        names = ", ".join(one_line(client.name) for client in reading.single_reads)
        screen.line(f"Looked up because Ignition's side had changed: {names}.", Tone.QUIET)
    for notice in reading.notices:
        screen.line(notice, Tone.QUIET)
