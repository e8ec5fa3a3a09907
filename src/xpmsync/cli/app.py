"""The command line's root: global options, and the commands in the order of `--help`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xpmsync import __version__
from xpmsync.cli import (
    clients_commands,
    demo_command,
    doctor_command,
    history_commands,
    ignition_commands,
    import_command,
    match_commands,
    notify_commands,
    practice_commands,
    schedule_commands,
    settings_commands,
    sign_in_commands,
    sync_commands,
)
from xpmsync.cli.session import Session

__all__ = ["app"]

app = typer.Typer(
    name="xpmsync",
    help="Keep clients in Xero Practice Manager (XPM) and Ignition in step: one way, previewed, never by surprise.",
    epilog="Start with: xpmsync demo",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"xpmsync {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    profile: Annotated[
        str,
        typer.Option("--profile", envvar="XPMSYNC_PROFILE", metavar="NAME", help="Which practice; 'demo' is built in."),
    ] = "default",
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Another settings file (also XPMSYNC_CONFIG).")
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Route csv: read this export, not the newest.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON answer on stdout, for programs.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask anything.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more; -vv for bug reports.")] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Collect the global options for the command that follows."""
    session = context.obj
    if not isinstance(session, Session):
        session = context.obj = Session()
    session.profile, session.config, session.export = profile, config, export
    session.json, session.no_input = json, no_input
    session.verbosity = -1 if quiet else verbose
    session.screen.quiet = quiet


for commands in (
    demo_command,
    settings_commands,
    sign_in_commands,
    import_command,
    clients_commands,
    match_commands,
    sync_commands,
    history_commands,
    schedule_commands,
    notify_commands,
    doctor_command,
    ignition_commands,
    practice_commands,
):
    commands.register(app)
