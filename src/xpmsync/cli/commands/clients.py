"""search, link, unlink, links, level, exceptions, todo."""

from typing import Annotated

import typer

from xpmsync.cli.options import ReportFile, check_file, linked_clients, with_report
from xpmsync.cli.reports.pages import links_page
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import count, named
from xpmsync.cli.terminal.screen import Screen, Tone
from xpmsync.cli.uploading import show_outdated_files
from xpmsync.cli.views.clients import exception_data, exception_scope, show_exceptions, show_links, show_search
from xpmsync.cli.views.json import link_data, search_data, todo_data
from xpmsync.cli.views.status import show_todo
from xpmsync.core.enums import Json, Level
from xpmsync.core.model import ClientRef
from xpmsync.usecases.clients import link as linking
from xpmsync.usecases.clients.link import add_exception, remove_exceptions, split_field
from xpmsync.usecases.clients.search import search as search_clients
from xpmsync.usecases.context.context import notices, stamp
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.context.resolve import resolve_link
from xpmsync.usecases.uploads import files_with, pending_files

todo_app = typer.Typer(rich_markup_mode=None)
exceptions_app = typer.Typer(rich_markup_mode=None)

ClientWords = Annotated[
    list[str],
    typer.Argument(metavar="CLIENT", help="An id, the number, the name or parts of it.", autocompletion=linked_clients),
]
"""One client; words without quotes are one name."""
ClientAndField = Annotated[
    list[str],
    typer.Argument(
        metavar="CLIENT [FIELD]",
        help="An id, the number, the name or parts of it; then a field, such as phone. Without one: all of the client.",
        autocompletion=linked_clients,
    ),
]


def search(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="A part of the client's name.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many rows to show.")] = 25,
    archived: Annotated[bool, typer.Option("--archived", help="Archived and deleted clients too.")] = False,
) -> None:
    """Find clients in XPM and Ignition, side by side."""
    session = session_of(ctx, "search")
    with session.open_context() as (context, progress):
        progress.step("Searching", 0)
        result = search_clients(context, " ".join(text), limit=limit, archived=archived)
        progress.clear()
        about_files = notices(context)
    session.report(
        Report(
            search_data(result),
            lambda screen: show_search(screen, result, import_hint=f"{session.command_line('import')} ID"),
        )
    )
    session.show_notices(about_files)


def link(
    ctx: typer.Context,
    xpm: Annotated[str, typer.Argument(help="The XPM client: its UUID, name or parts of it.")],
    ignition: Annotated[str, typer.Argument(help="The Ignition client: its id, name or parts of it.")],
) -> None:
    """Say that an XPM client and an Ignition client are the same. Writes to neither."""
    session = session_of(ctx, "link")
    with session.open_context() as (context, _):
        made = linking.link(context, xpm, ignition)
        waiting = pending_files(session.settings, session.state, context.ledger)
    word = "were linked already" if made.was_there else "are linked now"

    def show(screen: Screen) -> None:
        screen.line(f"{made.link.name}: XPM {made.link.xpm_id} and Ignition {made.link.ignition_id} {word}.")
        if waiting is not None and waiting.outdated:
            screen.line(waiting.steps[0], Tone.WARNING)

    session.report(Report({"link": link_data(made.link), "already_linked": made.was_there}, show))


def level(
    ctx: typer.Context,
    client: ClientWords,
    level: Annotated[
        str, typer.Argument(metavar="LEVEL", help="everything, names, nothing; 'default' for the profile's own.")
    ],
) -> None:
    """Give a linked client a level of its own, whatever the profile's."""
    known = [*(own.value for own in Level), "default"]
    if level not in known:
        raise typer.BadParameter(f"The levels are {', '.join(known)}.")
    session = session_of(ctx, "level")
    with open_ledger(session.settings, session.state) as ledger:
        changed = linking.set_level(ledger, " ".join(client), None if level == "default" else Level(level))
        lowered = [changed] if changed.level in (Level.NAMES, Level.NOTHING) else []
        files = files_with(session.settings, session.state, ledger, lowered)
    who = named(changed.ref)
    undo = session.command_line("level", changed.xpm_id, "default")

    def show(screen: Screen) -> None:
        if level == "default":
            screen.line(f"{who}: the profile's level again.")
        else:
            screen.line(f"{who}: level {level}, whatever the profile's.")
            screen.line(f"Take that back with: {undo}")
        show_outdated_files(session, screen, files, "this client from before")

    data: dict[str, Json] = {"link": link_data(changed), "in_files": [str(file) for file in files]}
    session.report(Report(data, show))


def unlink(ctx: typer.Context, client: ClientWords) -> None:
    """Forget a link; both records stay as they are."""
    session = session_of(ctx, "unlink")
    with open_ledger(session.settings, session.state) as ledger:
        gone = linking.unlink(ledger, " ".join(client))
        files = files_with(session.settings, session.state, ledger, [gone])

    def show(screen: Screen) -> None:
        screen.line(f"{gone.name}: XPM {gone.xpm_id} and Ignition {gone.ignition_id} are no longer linked.")
        show_outdated_files(session, screen, files, "what was unlinked")

    session.report(Report({"link": link_data(gone), "in_files": [str(file) for file in files]}, show))


def links(ctx: typer.Context, report: ReportFile = None) -> None:
    """Show all linked clients."""
    session = session_of(ctx, "links")
    check_file(report, force=session.force)
    with open_ledger(session.settings, session.state) as ledger:
        linked = ledger.links()
    answer = Report({"links": [link_data(link) for link in linked]}, lambda screen: show_links(screen, linked))
    session.report(with_report(session, answer, links_page(linked), report))


@todo_app.callback(invoke_without_command=True)
def todo(ctx: typer.Context) -> None:
    """Show what you must still do in Ignition's screens: new clients to link to XPM."""
    if ctx.invoked_subcommand is None:
        session = session_of(ctx, "todo")
        session.report(_todo(session, None))


@todo_app.command("done")
def todo_done(ctx: typer.Context, client: ClientWords) -> None:
    """Say that a client is linked to XPM in Ignition's screens now."""
    session = session_of(ctx, "todo done")
    session.report(_todo(session, " ".join(client)))


def _todo(session: Session, done: str | None) -> Report:
    """What a person must still do in Ignition's screens, less what they say is done."""
    with open_ledger(session.settings, session.state) as ledger:
        gone = linking.mark_done(ledger, done) if done is not None else None
        present = resolve_link(ledger.links(), done) if done is not None and gone is None else None
        remaining = ledger.todo.all()
        ids = {todo.xpm_id: link.ignition_id for todo in remaining if (link := ledger.link_of(todo.xpm_id)) is not None}

    def show(screen: Screen) -> None:
        if gone is not None:
            screen.line(f"Done: {gone.name} (XPM {gone.xpm_id}).")
        if present is not None:
            screen.line(f"Nothing was left to do for {named(present.ref)}.")
        show_todo(screen, remaining, ids, session.command_line)

    data = {
        "todo": [todo_data(todo, ids.get(todo.xpm_id, "")) for todo in remaining],
        "done": todo_data(gone, "") if gone is not None else None,
    }
    return Report(data, show)


def except_(
    ctx: typer.Context,
    words: ClientAndField,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in a few words.")],
) -> None:
    """Leave a linked client or one of its fields alone from now on: not written, not listed, only counted."""
    session = session_of(ctx, "except")
    client, field = split_field(words)
    with open_ledger(session.settings, session.state) as ledger:
        link, exception = add_exception(ledger, client, field, note, stamp(session.clock.now()))
        files = files_with(session.settings, session.state, ledger, [link])
    remove = session.command_line("exceptions", "remove", link.xpm_id, *([field] if field else []))

    def show(screen: Screen) -> None:
        screen.line(f"{named(link.ref)}: a sync leaves {exception_scope(exception)} alone. Note: {exception.note}")
        screen.line(f"Take that back with: {remove}")
        show_outdated_files(session, screen, files, "this client from before")

    data: dict[str, Json] = {"exception": exception_data(exception), "in_files": [str(file) for file in files]}
    session.report(Report(data, show))


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
def remove_exception(ctx: typer.Context, words: ClientAndField) -> None:
    """Remove a client's exception for a field, or all of its exceptions; the next run compares it again."""
    session = session_of(ctx, "exceptions remove")
    client, field = split_field(words)
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
