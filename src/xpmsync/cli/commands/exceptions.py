"""except, exceptions: what a sync leaves alone because a person said so."""

from __future__ import annotations

from typing import Annotated

import typer

from xpmsync.cli.completion import linked_clients
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Json, Report
from xpmsync.cli.terminal.sanitize import count, named
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views.exceptions import exception_data, exception_scope, show_exceptions
from xpmsync.core.model import ClientRef
from xpmsync.usecases.clients.exceptions import add_exception, remove_exceptions
from xpmsync.usecases.context.context import stamp
from xpmsync.usecases.context.open import open_ledger

__all__ = ["except_", "exceptions_app"]

exceptions_app = typer.Typer(rich_markup_mode=None)

Client = Annotated[str, typer.Argument(help="Either id, or the exact name.", autocompletion=linked_clients)]
_FIELD = "A field, such as phone or contact.email; without one, everything about the client."


def except_(
    ctx: typer.Context,
    client: Client,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in a few words.")],
    field: Annotated[str, typer.Argument(help=_FIELD)] = "",
) -> None:
    """Leave a linked client or one of its fields alone from now on: not written, not listed, only counted."""
    session = session_of(ctx, "except")
    with open_ledger(session.settings, session.state) as ledger:
        link, exception = add_exception(ledger, client, field, note, stamp(session.clock.now()))
    words = [link.xpm_id, *([field] if field else [])]
    remove = session.command_line("exceptions", "remove", *words)

    def show(screen: Screen) -> None:
        screen.line(f"{named(link.ref)}: a sync leaves {exception_scope(exception)} alone. Note: {exception.note}")
        screen.line(f"Take that back with: {remove}")

    session.report(Report({"exception": exception_data(exception)}, show))


@exceptions_app.callback(invoke_without_command=True)
def exceptions(ctx: typer.Context) -> None:
    """Show what a sync leaves alone because a person said so, with the notes."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx, "exceptions")
    with open_ledger(session.settings, session.state) as ledger:
        known = ledger.exceptions.all()
    data: dict[str, Json] = {"exceptions": [exception_data(exception) for exception in known]}
    session.report(Report(data, lambda screen: show_exceptions(screen, known, session.command_line)))


@exceptions_app.command("remove")
def remove(ctx: typer.Context, client: Client, field: Annotated[str, typer.Argument(help=_FIELD)] = "") -> None:
    """Remove a client's exception for a field, or all of its exceptions; the next run compares it again."""
    session = session_of(ctx, "exceptions remove")
    with open_ledger(session.settings, session.state) as ledger:
        removed = remove_exceptions(ledger, client, field)

    def show(screen: Screen) -> None:
        if not removed:
            screen.line("There was no such exception. Nothing was removed.")
            return
        who = named(ClientRef(removed[0].xpm_id, "", removed[0].name))
        fields = ", ".join(exception_scope(exception) for exception in removed)
        screen.line(f"{count(len(removed), 'exception')} of {who} removed: {fields}.")

    session.report(Report({"removed": [exception_data(exception) for exception in removed]}, show))
