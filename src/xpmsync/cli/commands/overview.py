"""status, help, and what `xpmsync` alone shows: the commands in their groups, and the next step."""

import os
from typing import Annotated, Final

import typer
from typer.core import TyperGroup

from xpmsync.cli.app import load_command
from xpmsync.cli.command_list import COMMANDS, GROUPS
from xpmsync.cli.errors.next_steps import next_step
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views.status import show_status, status_data
from xpmsync.core.enums import Json
from xpmsync.errors import UsageError, XpmsyncError
from xpmsync.usecases.status import get_status

_COMMANDS: Final = "commands"
"""The topic that is made of the list of commands."""


def overview(ctx: typer.Context) -> None:
    """Show the commands, and what to do now; programs must name a command."""
    session = session_of(ctx, "")
    if session.json:
        raise UsageError("No command was given.", "See: xpmsync --help")
    try:
        following = next_step(get_status(session.settings, session.paths, os.environ), session.command_line)
    except XpmsyncError:
        following = session.command_line("doctor")

    def show(screen: Screen) -> None:
        screen.line(ctx.command.help or "")
        screen.line()
        screen.pairs([(group, "  ".join(commands)) for group, commands in GROUPS.items()], indent=2)
        screen.line()
        screen.line("Each in a line: xpmsync help")
        screen.line("Options: xpmsync --help")
        screen.line()
        screen.line(f"Next: {following}")

    session.report(Report({}, show))


def status(ctx: typer.Context) -> None:
    """Show who is signed in, what was done last, and the calls left. Uses no network."""
    session = session_of(ctx, "status")
    found = get_status(session.settings, session.paths, os.environ)
    session.report(Report(status_data(found), lambda screen: show_status(screen, found, session.command_line)))


def topics() -> dict[str, str]:
    """The text of every topic by its name: Markdown files beside the command line."""
    from importlib.resources import files  # not for `status`

    folder = files("xpmsync.cli") / "help"
    return {
        file.name.removesuffix(".md"): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".md")
    }


def help_(
    ctx: typer.Context,
    topic: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]", help="A topic or a command.")] = None,
) -> None:
    """Explain a topic, or show a command's help; without one, list both."""
    session = session_of(ctx, "help")
    texts = topics()
    name = " ".join(topic or ())
    if name in texts:
        text = texts[name]
        session.report(Report({"topic": name, "text": text}, lambda screen: screen.markdown(text)))
        return
    if topic and topic[0] in COMMANDS:
        usage = _usage(ctx, topic)
        session.report(Report({"topic": name, "text": usage}, lambda screen: screen.verbatim(usage)))
        return
    if name not in ("", _COMMANDS):
        known = ", ".join([*texts, _COMMANDS])
        raise UsageError(f"There is no help on {name!r}.", f"Topics: {known}; or the name of a command.")

    def show(screen: Screen) -> None:
        for group, commands in GROUPS.items():
            screen.heading(group)
            screen.pairs([(command, text) for command, (_, text, _) in commands.items()], indent=2)
        screen.heading("Topics")
        screen.pairs([(f"xpmsync help {topic}", _title(text)) for topic, text in texts.items()], indent=2)
        screen.line()
        screen.line("Completion by the Tab key in your shell: xpmsync --install-completion")

    data: dict[str, Json] = {
        "topics": {topic: _title(text) for topic, text in texts.items()},
        "commands": {command: text for command, (_, text, _) in COMMANDS.items()},
    }
    session.report(Report(data, show))


def _usage(ctx: typer.Context, words: list[str]) -> str:
    """What `--help` shows for a command and its subcommand."""
    command, context = load_command(words[0]), ctx.find_root()
    context = typer.Context(command, parent=context, info_name=words[0])
    if len(words) > 1 and isinstance(command, TyperGroup) and words[1] in command.commands:
        command = command.commands[words[1]]
        context = typer.Context(command, parent=context, info_name=words[1])
    return command.get_help(context)


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")
