"""The command line's root: the global options, and commands that are imported when they run."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, cast

import typer
from typer import _click
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command, get_group

from xpmsync import __version__
from xpmsync.cli.command_list import COMMANDS, GROUPS, SUBCOMMAND_EXAMPLES
from xpmsync.cli.session import Session


class _LazyGroup(TyperGroup):
    """Lists commands by name and help alone; the one that runs is imported then.

    Importing them all takes twice as long as Typer itself.
    """

    def resolve_command(
        self, ctx: _click.Context, args: list[str]
    ) -> tuple[str | None, _click.Command | None, list[str]]:
        """Replace the listed command by the real one."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name and listed else None, rest

    def invoke(self, ctx: _click.Context) -> object:
        """Run the command; Ctrl-C ends it as at a question, for Typer would end the program without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None

    def format_help(self, ctx: _click.Context, formatter: _click.HelpFormatter) -> None:
        """Write the commands in their groups and the global options, within 24 rows."""
        formatter.write(f"Usage: xpmsync COMMAND ...\n\n{self.help}\n\n")
        width = max(map(len, GROUPS)) + 2
        for group, commands in GROUPS.items():
            formatter.write(f"  {group:<{width}}{'  '.join(commands)}\n")
        formatter.write("\nEach in a line: xpmsync help    One of them: xpmsync COMMAND --help\n\n")
        records = [record for option in self.get_params(ctx) if (record := option.get_help_record(ctx)) is not None]
        formatter.write_dl(records)


@cache
def root_command() -> TyperGroup:
    """The application: its global options, and all commands by name and help. It is built once a process."""
    app = typer.Typer(
        name="xpmsync",
        cls=_LazyGroup,
        help="Keep the clients of an accounting practice the same in XPM and Ignition.",
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    group = cast(TyperGroup, get_command(app))
    for option in group.params:
        if option.name in ("install_completion", "show_completion"):
            # `xpmsync help` names them; the help of the program fits one screen.
            cast(TyperOption, option).hidden = True
    _name_placeholders(group)
    group.commands = {name: TyperCommand(name, help=text) for name, (_, text, _) in COMMANDS.items()}
    return group


@cache
def load_command(name: str) -> _click.Command:
    """Import a command of the list and build it, once, with its options and subcommands."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    implementation: Callable[..., None] | typer.Typer
    implementation = getattr(import_module(f"xpmsync.cli.commands.{module}"), attribute)
    if isinstance(implementation, typer.Typer):
        command: _click.Command = get_group(implementation)
    else:
        app = typer.Typer(rich_markup_mode=None, add_completion=False)
        app.command(name)(implementation)
        command = get_command(app)
    command.name = name
    _add_example(command, COMMANDS[name][2])
    if isinstance(command, TyperGroup):
        for below, subcommand in command.commands.items():
            _add_example(subcommand, SUBCOMMAND_EXAMPLES.get(f"{name} {below}", ""))
    _name_placeholders(command)
    return command


def _add_example(command: _click.Command, example: str) -> None:
    if example:
        command.epilog = f"Example: xpmsync {example}"


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"xpmsync {__version__}")
        raise typer.Exit


def root(
    ctx: typer.Context,
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            envvar="XPMSYNC_PROFILE",
            metavar="NAME",
            help="Which practice (or XPMSYNC_PROFILE); 'demo' is made up.",
            show_envvar=False,
            show_default=False,
        ),
    ] = "default",
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Another settings file (or XPMSYNC_CONFIG).")
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Route csv: read this export, not the newest.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON answer on stdout, for programs.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask anything.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file of another kind with --out and the like.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")] = False,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, show_default=False, help="More detail; -vv for bug reports.")
    ] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Collect the global options for the command that follows."""
    session = ctx.obj
    if not isinstance(session, Session):
        session = ctx.obj = Session()
    session.profile, session.config, session.export = profile, config, export
    session.json, session.no_input, session.force = json, no_input, force
    session.verbosity = -1 if quiet else verbose
    session.screen.quiet = quiet
    if ctx.invoked_subcommand is None:
        import_module("xpmsync.cli.commands.overview").overview(ctx)


def _name_placeholders(command: _click.Command) -> None:
    """Give every parameter without a placeholder one in capitals, in a command and all below it.

    Typer would mix `client`, `<str>` and `<int range>` with the capitals of those that have one.
    """
    for parameter in command.params:
        if parameter.metavar is None:
            choices: object = getattr(parameter.type, "choices", None)
            listed = "|".join(map(str, choices)) if isinstance(choices, list | tuple) else ""
            parameter.metavar = listed or (parameter.name or "").upper()
    if isinstance(command, TyperGroup):
        for subcommand in command.commands.values():
            _name_placeholders(subcommand)
