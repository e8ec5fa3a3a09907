"""config: the settings file, key by key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.errors.next_steps import before_sign_in
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Json, Report
from xpmsync.local.settings.editor import key_named, set_value
from xpmsync.local.settings.keys import Value, ValueKind
from xpmsync.local.settings.reader import check_settings
from xpmsync.local.settings.settings import KEYS, missing_folder
from xpmsync.local.system.paths import typed_path

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen

__all__ = ["config"]

_EMPTY: Final = "(none)"
_LONGEST_ALIGNED: Final = 42
"""Values up to this length get a column of their own, which leaves room for the rest at 80 columns."""

KeyName = Annotated[str, typer.Argument(metavar="KEY", help="A dotted key, such as sync.level.")]

config = typer.Typer(help="Show and change the settings.", no_args_is_help=True, rich_markup_mode=None)


@config.command("show")
def show(ctx: typer.Context) -> None:
    """Show every setting, its value and where it comes from."""
    session = session_of(ctx, "config show")
    settings = session.settings
    data: dict[str, Json] = {name: settings.value(name) for name in KEYS}

    def shown(screen: Screen) -> None:
        yet = "" if settings.path.exists() else " (not there yet)"
        screen.line(f"{settings.path}{yet}, profile {settings.profile}")
        screen.line()
        values = {name: _shown(settings.value(name)) or _EMPTY for name in KEYS}
        aligned = max(len(value) for value in values.values() if len(value) <= _LONGEST_ALIGNED)
        screen.pairs([(name, f"{value:<{aligned}}  ({settings.origin(name).value})") for name, value in values.items()])

    session.report(Report({"path": str(settings.path), "profile": settings.profile, "settings": data}, shown))


@config.command("get")
def get(ctx: typer.Context, key: KeyName) -> None:
    """Print one setting's value."""
    session = session_of(ctx, "config get")
    known = key_named(key)
    value = session.settings.value(known.name)
    session.report(Report({"key": known.name, "value": value}, lambda screen: screen.line(_shown(value))))


@config.command("set")
def set_(
    ctx: typer.Context,
    key: KeyName,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Of a list: all of it, with commas between.")],
) -> None:
    """Change one setting; comments and order in the file stay as they are."""
    session = session_of(ctx, "config set")
    known = key_named(key)
    if known.kind is ValueKind.FOLDER and value.strip():
        value = str(typed_path(value))
    written = set_value(session.paths.config_file, known.name, value, session.profile)

    def shown(screen: Screen) -> None:
        screen.line(f"{known.name} = {_shown(written) or _EMPTY}")
        if known.kind is ValueKind.FOLDER and written and not Path(str(written)).is_dir():
            screen.line("There is no such folder yet.")

    session.report(Report({"key": known.name, "value": written}, shown))


@config.command("check")
def check(ctx: typer.Context) -> None:
    """Check the whole file and name every problem."""
    session = session_of(ctx, "config check")
    path = session.paths.config_file
    problems = check_settings(path) or missing_folder(session.settings)
    notes: tuple[ErrorNote, ...] = tuple(explain(problem, session.command_line)[0] for problem in problems)

    def shown(screen: Screen) -> None:
        if problems:
            return
        screen.line(f"{path} is {'fine' if path.exists() else 'not there yet; every setting has its default'}.")
        if first := before_sign_in(session.settings, session.command_line):
            screen.line(f"Nobody can sign in to XPM with it: xpm.client_id is empty. Next: {first}")

    code = ExitCode.USAGE if problems else ExitCode.DONE
    session.report(Report({"path": str(path), "problems": len(notes)}, shown, code, notes))


@config.command("path")
def path_(ctx: typer.Context) -> None:
    """Print where the settings file and the state folder are."""
    session = session_of(ctx, "config path")
    config_file, state = session.paths.config_file, session.paths.profile(session.profile).folder
    session.report(
        Report(
            {"config": str(config_file), "state": str(state), "exists": config_file.exists()},
            lambda screen: screen.pairs([("Settings", str(config_file)), ("State", str(state))]),
        )
    )


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
