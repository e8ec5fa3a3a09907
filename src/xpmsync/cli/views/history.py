"""Past runs, their writes, and a client's story, for people and programs."""

from collections.abc import Callable, Sequence

from xpmsync.cli.terminal.sanitize import named, one_line
from xpmsync.cli.terminal.screen import Cell, Column, Screen, Tone
from xpmsync.cli.views.clients import exception_data, exception_scope
from xpmsync.cli.views.plan import field_label
from xpmsync.core.enums import Json, System
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.json import change_data, hold_data, ref_data
from xpmsync.core.plan.plan import CallKind
from xpmsync.local.ledger.journal import NOT_TAKEN, Held, Write, WriteState, WrittenField
from xpmsync.local.ledger.summary import Run
from xpmsync.local.system.clock import local_time
from xpmsync.usecases.clients.explain import Explanation

_EXPIRED = Cell("(expired)", Tone.QUIET)


def show_runs(screen: Screen, runs: Sequence[Run], command_line: Callable[..., str]) -> None:
    """The runs in a table, newest first."""
    if not runs:
        screen.line("No run yet.")
        return
    columns = [
        Column("Run", whole=True, right=True),
        Column("When", whole=True),
        Column("Command", whole=True),
        Column("Direction", whole=True),
        Column("Outcome", whole=True),
        Column("Written", right=True),
        Column("Holds", right=True),
    ]
    screen.table(columns, [_run_row(run) for run in runs])
    screen.line()
    screen.line(f"See what a run wrote with: {command_line('show')} RUN")


def show_writes(
    screen: Screen,
    run: Run,
    writes: Sequence[Write],
    linked: Sequence[ClientRef],
    command_line: Callable[..., str],
) -> None:
    """Every pair a run linked, and every field a run wrote: old, new, why, when, by which call."""
    outcome = run.outcome.value if run.outcome else "not finished"
    undoes = f", undoing run {run.undoes}" if run.undoes else ""
    screen.line(
        f"Run {run.id}: {run.command} at {local_time(run.started)}, {run.direction.value}, {outcome}{undoes}",
        Tone.STRONG,
    )
    for write in writes:
        screen.line()
        screen.line(one_line(write.client.name), Tone.STRONG)
        screen.line(write.client.ids, Tone.QUIET)
        when = local_time(write.intended)
        screen.line(f"{write.kind.value} in {write.system.label} at {when}: {_ending(write)}")
        columns = [Column("Field"), Column("Old"), Column("New"), Column("Why", whole=True)]
        screen.table(columns, [_field_row(write, field) for field in write.fields])
    for pair in linked:
        screen.line(f"Linked: {named(pair)}")
    if linked:
        screen.line(f"Undo the links with: {command_line('undo', str(run.id))}")
    elif not writes:
        screen.line("It wrote nothing.")
    elif not run.undoes and any(_can_be_undone(write) for write in writes):
        screen.line()
        screen.line(f"Undo it with: {command_line('undo', str(run.id))}")


def show_explanation(screen: Screen, explanation: Explanation) -> None:
    """A client's writes and holds, oldest first, then what the next run would do."""
    link = explanation.link
    screen.line(one_line(link.name), Tone.STRONG)
    screen.line(f"{link.ref.ids}, linked since {local_time(link.since)}")
    if explanation.written:
        screen.heading("Written")
        outcomes = [_outcome_and_where(write, field, link) for write, field in explanation.written]
        columns = [
            Column("Run", whole=True, right=True),
            Column("When", whole=True),
            Column("Field"),
            Column("Old"),
            Column("New"),
            *([Column("Outcome")] if any(outcomes) else ()),
        ]
        rows = [
            (
                str(write.run),
                local_time(write.intended),
                _what(write, field),
                _value(field.old),
                _value(field.new),
                *((outcome,) if any(outcomes) else ()),
            )
            for (write, field), outcome in zip(explanation.written, outcomes, strict=True)
        ]
        screen.table(columns, rows)
    if explanation.past_holds:
        screen.heading("Held")
        columns = [Column("Runs", whole=True), Column("Field"), Column("Why")]
        screen.table(
            columns,
            [(_runs(hold), _held_what(hold), f"{hold.reason} [{hold.code}]") for hold in explanation.past_holds],
        )
    if explanation.exceptions:
        screen.heading("Left alone by an exception")
        for exception in explanation.exceptions:
            scope, since = exception_scope(exception), local_time(exception.since)[:10]
            screen.line(f"{scope}: {one_line(exception.note)} (since {since})")
    screen.heading("The next run would")
    for change in explanation.changes:
        mark = " (overrides an edit)" if change.overrides_edit else ""
        screen.line(
            f"write {field_label(change.field)}: {one_line(change.old) or '(blank)'} -> {one_line(change.new)}{mark}"
        )
    for change in explanation.uploading:
        new = one_line(change.new) or "(cleared)"
        screen.line(f"not write {field_label(change.field)}: {new} is in a file that waits for your upload already.")
    for hold in explanation.holds:
        screen.line(f"hold {field_label(hold.field)}: {hold.reason} [{hold.code.value}]")
    for name in explanation.respelled:
        screen.line(f"leave {field_label(name)}: the same in two spellings; each system keeps its own.")
    if not (explanation.changes or explanation.uploading or explanation.holds):
        equal = "all else is equal" if explanation.exceptions else "both sides are equal"
        screen.line(f"write nothing: {equal}.")


def run_data(run: Run) -> dict[str, Json]:
    """A run for programs; moments in UTC."""
    return {
        "id": run.id,
        "command": run.command,
        "direction": run.direction.value,
        "level": run.level.value,
        "started": run.started,
        "finished": run.finished or None,
        "outcome": run.outcome.value if run.outcome else None,
        "counts": dict(run.counts),
        "undoes": run.undoes or None,
    }


def write_data(write: Write) -> dict[str, Json]:
    """A write for programs; expired values are null."""
    return {
        "client": ref_data(write.client),
        "run": write.run,
        "system": write.system.value,
        "call": write.kind.value,
        "contact": write.contact.name if write.contact else None,
        "state": write.state.value,
        "problem": write.problem or None,
        "at": write.intended,
        "fields": [_field_data(field) for field in write.fields],
    }


def explanation_data(explanation: Explanation) -> dict[str, Json]:
    """A client's story for programs."""
    return {
        "client": ref_data(explanation.link.ref),
        "field": explanation.field or None,
        "respelled": list(explanation.respelled),
        "written": [
            {
                "run": write.run,
                "at": write.intended,
                "state": write.state.value,
                **_field_data(field),
            }
            for write, field in explanation.written
        ],
        "held": [
            {
                "field": hold.field,
                "contact": hold.contact or None,
                "code": hold.code,
                "reason": hold.reason,
                "first_run": hold.first_run,
                "last_run": hold.last_run,
            }
            for hold in explanation.past_holds
        ],
        "exceptions": [exception_data(exception) for exception in explanation.exceptions],
        "next": {
            "changes": [change_data(change) for change in explanation.changes],
            "pending_uploads": [change_data(change) for change in explanation.uploading],
            "holds": [hold_data(hold) for hold in explanation.holds],
        },
    }


def _ending(write: Write) -> str:
    if write.is_pending_upload:
        return "in a file for upload"
    return f"{write.state.value} ({write.problem})" if write.problem else write.state.value


def _outcome(write: Write, field: WrittenField) -> str:
    """What became of a write that the target did not simply take."""
    if write.is_pending_upload:
        return "put into a file"
    if write.state in (WriteState.INTENT, WriteState.UNKNOWN):
        return "not known yet"
    return "not written" if write.state is WriteState.FAILED or field.why == NOT_TAKEN else ""


def _outcome_and_where(write: Write, field: WrittenField, link: Link) -> str:
    """The outcome, and to which client of Ignition a write went that was linked before the present one."""
    former = write.client.ignition_id if write.system is System.IGNITION else ""
    elsewhere = f"to Ignition {former}, linked before" if former not in ("", link.ignition_id) else ""
    return "; ".join(filter(None, (_outcome(write, field), elsewhere)))


def _can_be_undone(write: Write) -> bool:
    changes = write.kind in (CallKind.UPDATE, CallKind.UPDATE_CONTACT)
    return changes and write.state is WriteState.DONE and any(field.old is not None for field in write.fields)


def _run_row(run: Run) -> tuple[str, ...]:
    return (
        str(run.id),
        local_time(run.started),
        run.command + (f" {run.undoes}" if run.undoes else ""),
        run.direction.value,
        run.outcome.value if run.outcome else "not finished",
        _wrote(run),
        str(run.counts.get("holds", "")),
    )


def _wrote(run: Run) -> str:
    for name in ("linked", "unlinked"):
        if name in run.counts:
            return f"{run.counts[name]} {name}"
    return str(run.counts.get("written", ""))


def _field_row(write: Write, field: WrittenField) -> tuple[Cell | str, ...]:
    return _what(write, field), _value(field.old), _value(field.new), field.why


def _field_data(field: WrittenField) -> dict[str, Json]:
    return {"field": field.field, "old": field.old, "new": field.new, "why": field.why}


def _what(write: Write, field: WrittenField) -> str:
    label = field_label(field.field.partition("#")[0])
    return f"{label}: {one_line(write.contact.name)}" if write.contact else label


def _held_what(hold: Held) -> str:
    label = field_label(hold.field)
    return f"{label}: {one_line(hold.contact)}" if hold.contact else label


def _runs(hold: Held) -> str:
    return str(hold.first_run) if hold.first_run == hold.last_run else f"{hold.first_run} to {hold.last_run}"


def _value(text: str | None) -> Cell:
    if text is None:
        return _EXPIRED
    return Cell(one_line(text)) if text else Cell("(blank)", Tone.QUIET)
