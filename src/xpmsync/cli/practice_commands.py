"""practice serve, edit, reset: the built-in practice for people and tests."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.output import Report
from xpmsync.cli.session import session_of

if TYPE_CHECKING:
    from xpmsync.cli.screen import Screen
    from xpmsync.cli.session import Session
    from xpmsync.practice.edit import Edited

__all__ = ["register"]

practice = typer.Typer(help="The built-in practice, to rehearse on.", no_args_is_help=True, rich_markup_mode=None)


class Side(StrEnum):
    """Whose user to play."""

    XPM = "xpm"
    IGNITION = "ignition"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(practice, name="practice")


@practice.command("serve")
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    clients: Annotated[int | None, typer.Option("--clients", min=1, help="That many generated clients.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes other people.")] = 1,
) -> None:
    """Run the practice's XPM server on this machine until Ctrl-C."""
    from xpmsync.cli.serving import serve_until_stopped

    session = session_of(context, "practice serve")
    serve_until_stopped(session, port=port, clients=clients, seed=seed)


@practice.command("edit")
def edit(
    context: typer.Context,
    side: Annotated[Side, typer.Argument(help="Where the edit is made.")],
    client: Annotated[str, typer.Argument(help="An id or exact name.")],
    field: Annotated[str, typer.Argument(help="A field, such as phone or contact.email.")],
    value: Annotated[str, typer.Argument(help="The new value; an empty text clears.")],
) -> None:
    """Edit a client as a user of that system would."""
    from xpmsync.practice.edit import edit_xpm

    session = session_of(context, "practice edit")
    if side is Side.IGNITION:
        done = _edit_ignition(session, client, field, value)
    else:
        _only_the_demo(session)
        from xpmsync.practice.builtin import open_world

        with open_world(session.state.ready().folder) as world:
            done = edit_xpm(world, client, field, value)

    def show(screen: Screen) -> None:
        screen.line(f"{done.name} ({done.system.label} {done.client_id}), {done.field}:")
        screen.line(f"  {done.old or '(blank)'} -> {done.new or '(blank)'}")

    session.report(
        Report(
            {
                "system": done.system.value,
                "id": done.client_id,
                "name": done.name,
                "field": done.field,
                "old": done.old,
                "new": done.new,
            },
            show,
        )
    )


@practice.command("reset")
def reset(context: typer.Context) -> None:
    """Start the built-in practice over: its clients, links and history."""
    from xpmsync.usecases.rehearsing import start_over

    session = session_of(context, "practice reset")
    _only_the_demo(session)
    state = session.state
    start_over(state)
    session.report(
        Report({"state": str(state.folder)}, lambda screen: screen.line("The built-in practice starts over."))
    )


def _edit_ignition(session: Session, client: str, field: str, value: str) -> Edited:
    from xpmsync.errors import UsageError
    from xpmsync.local.files import make_private
    from xpmsync.local.settings import DEMO_PROFILE, Route
    from xpmsync.practice.builtin import open_world
    from xpmsync.practice.edit import edit_ignition
    from xpmsync.practice.register import Register

    settings, state = session.settings, session.state
    if settings.ignition.route is not Route.BUILTIN:
        raise UsageError(
            f"Only the built-in register can be edited here; this profile's route is {settings.ignition.route.value}.",
            f"Edit the client in Ignition, or: {session.again('config', 'set', 'ignition.route', 'builtin')}",
        )
    if settings.profile == DEMO_PROFILE:
        open_world(state.ready().folder).close()
    with Register(make_private(state.ready().register)) as register:
        return edit_ignition(register, client, field, value)


def _only_the_demo(session: Session) -> None:
    from xpmsync.errors import UsageError

    if session.settings.profile != "demo":
        raise UsageError("Only the built-in practice can be changed this way.", "Add --profile demo.")
