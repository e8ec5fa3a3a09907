"""The command line's root: global options, and the commands in the order of `--help`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer
import typer.core

from xpmsync import __version__
from xpmsync.cli.session import Session

__all__ = ["MODULES", "app_for", "name_placeholders", "whole_app"]

MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "demo": ("demo",),
    "init": ("init",),
    "config": ("config",),
    "login": ("login", "logout", "status"),
    "clients": ("search", "link", "unlink", "links", "level", "todo"),
    "import_client": ("import",),
    "match": ("match",),
    "sync": ("diff", "sync"),
    "history": ("apply", "history", "show", "explain", "undo", "purge"),
    "schedule": ("schedule",),
    "notify": ("notify",),
    "doctor": ("doctor",),
    "ignition": ("ignition",),
    "simulator": ("simulator",),
}
"""Where each command lives; a module adds its own with `register(app)`. The order is that of `--help`."""


def whole_app() -> typer.Typer:
    """The application with all its commands, for completion and tests."""
    return _app(MODULES)


def app_for(words: Sequence[str]) -> typer.Typer:
    """The application as far as a command line needs it: Typer takes 20 ms to look at all parameters.

    `words` is a command line with its global options first. Where it names no
    command (`--help`, a slip), all commands are there by name and help alone.
    """
    named = _command_in(words)
    for module, names in MODULES.items():
        if named in names:
            return _app((module,))
    app = whole_app()
    for command in app.registered_commands:
        command.callback = _by_name_only(command.callback.__doc__ if command.callback else None)
    for group in app.registered_groups:
        instance = group.typer_instance
        callback = instance.registered_callback.callback if instance and instance.registered_callback else None
        said = (callback.__doc__ if callback else None) or (instance.info.help if instance else None)
        app.command(group.name)(_by_name_only(said if isinstance(said, str) else None))
    app.registered_groups = []
    return app


def _app(modules: Iterable[str]) -> typer.Typer:
    app = typer.Typer(
        name="xpmsync",
        help="Keep clients in Xero Practice Manager (XPM) and Ignition in step: one way, previewed, never by surprise.",
        epilog="Start with: xpmsync demo",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for module in modules:
        import_module(f"xpmsync.cli.commands.{module}").register(app)
    return app


def _command_in(words: Sequence[str]) -> str:
    """The first word that is neither a global option nor the value of one."""
    left = iter(words)
    for word in left:
        if word in ("--profile", "--config", "--export"):
            next(left, None)
        elif not word.startswith("-"):
            return word
    return ""


def _by_name_only(says: str | None) -> Callable[[], None]:
    """A command that is only listed."""

    def listed() -> None: ...

    listed.__doc__ = says
    return listed


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"xpmsync {__version__}")
        raise typer.Exit


def root(
    ctx: typer.Context,
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
    session = ctx.obj
    if not isinstance(session, Session):
        session = ctx.obj = Session()
    session.profile, session.config, session.export = profile, config, export
    session.json, session.no_input = json, no_input
    session.verbosity = -1 if quiet else verbose
    session.screen.quiet = quiet


def name_placeholders(command: object) -> None:
    """Give every parameter without a placeholder of its own one, in a command and all below it.

    Typer would mix `client`, `<str>` and `<int range>` with the capitals of those that have one.
    """
    if not isinstance(command, typer.core.TyperCommand | typer.core.TyperGroup):
        return
    for parameter in command.params:
        if parameter.metavar is None:
            words: object = getattr(parameter.type, "choices", None)
            listed = "|".join(map(str, words)) if isinstance(words, list | tuple) else ""
            parameter.metavar = listed or (parameter.name or "").upper()
    if isinstance(command, typer.core.TyperGroup):
        for below in command.commands.values():
            name_placeholders(below)
