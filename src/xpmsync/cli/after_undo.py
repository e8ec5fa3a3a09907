"""After an undo: what the next sync will do with the restored values, and the offer to keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import count
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.plan.plan import Change
from xpmsync.usecases.context.context import SyncContext
from xpmsync.usecases.sync.undo import Restored

__all__ = ["with_next_sync"]


def with_next_sync(
    session: Session, context: SyncContext, report: Report, restored: Restored | None, run: int, *, yes: bool
) -> Report:
    """The report of an undo with what the next sync will do; a person is asked whether to keep it so.

    `context` is that of the profile's settings, not turned to the system that was restored.
    """
    if restored is None:
        return report
    direction = context.settings.sync.direction
    again = restored.written_again(direction, context.settings.sync.level)
    if restored.system is direction.source:
        source, target = direction.source.label, direction.target.label
        lines = [f"{source} is the source: the next sync carries what was restored there on to {target}."]
    elif not again:
        lines = ["The next sync leaves it as it is."]
    elif session.may_ask and not yes and session.confirm(_question(again, context), yes=False, instead=""):
        _keep(context, again, run)
        lines = [f"The next syncs leave {count(len(again), 'value')} alone; see: {session.command_line('exceptions')}"]
    else:
        source = direction.source.label
        lines = [
            f"The next sync writes {count(len(again), 'value')} again, because {source} still differs. To keep it:"
        ]
        lines += _commands(session, again, run)
    show = report.show

    def show_with_next(screen: Screen) -> None:
        show(screen)
        for line in lines:
            screen.line(line)

    return replace(report, show=show_with_next)


_MOST_COMMANDS = 5


def _question(changes: Sequence[Change], context: SyncContext) -> str:
    source = context.settings.sync.direction.source.label
    values = count(len(changes), "value")
    return f"The next sync writes {values} again, because {source} still differs. Leave them alone from now on?"


def _keep(context: SyncContext, changes: Sequence[Change], run: int) -> None:
    with context.ledger.transaction():
        for change in changes:
            context.ledger.exceptions.add(change.client, change.field, f"kept after undoing run {run}", context.now())


def _commands(session: Session, changes: Sequence[Change], run: int) -> list[str]:
    """A command for each client and field; of many only the first few."""
    pairs = [key for key, _ in groupby(changes, key=lambda change: (change.client, change.field))]
    lines = [
        "  " + session.command_line("except", client.xpm_id, field, "--note", f"kept after undoing run {run}")
        for client, field in pairs[:_MOST_COMMANDS]
    ]
    return [*lines, f"  and so on for {len(pairs) - _MOST_COMMANDS} more"] if len(pairs) > _MOST_COMMANDS else lines
