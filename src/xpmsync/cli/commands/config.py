"""init and config: the settings of a practice, by a few questions or key by key."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from xpmsync.cli.errors.explain import explain
from xpmsync.cli.errors.machine import settings_message
from xpmsync.cli.errors.next_steps import before_sign_in, rehearsal, setting_of
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.enums import Json
from xpmsync.errors import SettingsError, UsageError
from xpmsync.local.settings.editor import key_named, set_value, set_values
from xpmsync.local.settings.keys import BadValue, Key, Value, ValueKind
from xpmsync.local.settings.reader import check_settings, profiles_in, read_settings
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import (
    CLIENT_ID,
    DEFAULT_PROFILE,
    IGNITION_ROUTE,
    KEYS,
    XPM_FOLDER,
    Settings,
    missing_folder,
    needed_keys,
)
from xpmsync.local.system.installer import extra_command
from xpmsync.local.system.paths import typed_path
from xpmsync.usecases.setup import CHOICES, note_answered

_FOLDER: Final = "ignition.export_folder"
_ROUTES: Final = (
    ("builtin", "a practice register on this computer, to rehearse on; no account"),
    ("csv", "its export and import files; every plan, no credentials, you upload"),
    ("mcp", "its hosted service, live; not yet confirmed on a live practice"),
)
_TRAPS: Final = (
    "Good to know: set Ignition's own XPM sync to Nothing, or two programs write the same clients.",
    (
        "And link each client that is made in Ignition to XPM there, under Edit Client -> Apps: Ignition creates it a"
        " second time in XPM otherwise, when a proposal is accepted."
    ),
)


def init(
    ctx: typer.Context,
    direction: Annotated[
        str | None, typer.Option("--direction", metavar="DIRECTION", help="from-xpm or to-xpm.")
    ] = None,
    level: Annotated[str | None, typer.Option("--level", metavar="LEVEL", help="everything, names or nothing.")] = None,
    route: Annotated[
        str | None, typer.Option("--route", metavar="ROUTE", help="How Ignition is reached: builtin, csv or mcp.")
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="The client id of your Xero app.")
    ] = None,
    export_folder: Annotated[
        str | None, typer.Option("--export-folder", metavar="FOLDER", help="Route csv: where you save the exports.")
    ] = None,
) -> None:
    """Write the settings file of a practice, asking the few things it needs to know."""
    session = session_of(ctx, "init")
    path = session.paths.config_file
    before = _settings_before(session, path)
    given = {"sync.direction": direction, "sync.level": level, "ignition.route": route, "xpm.client_id": client_id}
    if client_id is None and before.xpm.route is XpmRoute.FILES:
        del given["xpm.client_id"]  # by files there is no app
    answers = {name: _answer(session, KEYS[name], text, before.value(name)) for name, text in given.items()}
    if route is None and not session.may_ask and before.route_unchosen:
        del answers[IGNITION_ROUTE]  # a rehearsal is never what nobody chose
    if answers.get(IGNITION_ROUTE) == "csv" or export_folder is not None:
        # Two practices never share a folder: the top level's is not offered to another profile.
        offered = before.value(_FOLDER) if before.profile == session.profile else ""
        folder = str(_answer(session, KEYS[_FOLDER], export_folder, offered))
        answers[_FOLDER] = str(typed_path(folder)) if folder else ""
    set_values(path, answers, session.profile)
    note_answered(session.paths.profile(session.profile), *CHOICES)
    session.forget_settings()

    def show(screen: Screen) -> None:
        screen.line()
        screen.line(f"Written: {path}")
        if label := rehearsal(session.settings):
            screen.line(label)
        for trap in _TRAPS:
            screen.line(trap)
        screen.line()
        screen.line("Next:")
        for step in _next_steps(session, answers):
            screen.verbatim(f"  {step}")

    settings: dict[str, Json] = dict(answers)
    session.report(Report({"path": str(path), "profile": session.profile, "settings": settings}, show))


def _settings_before(session: Session, path: Path) -> Settings:
    """What the file says so far, to be offered; raises `UsageError` where the practice is set up already.

    The default profile is in every file. So a practice counts as set up once it has
    a client id, without which nobody can sign in.
    """
    known = session.profile in profiles_in(path)
    settings = read_settings(path, session.profile if known else DEFAULT_PROFILE)
    if known and settings.xpm.client_id:
        another = Session(profile="NAME", config=session.config)
        raise UsageError(
            f"{path} has the profile {session.profile!r} already, with an xpm.client_id. Nothing was changed.",
            f"Change single keys with: {session.command_line('config', 'set')} KEY VALUE."
            f" Set up another practice with: {another.command_line('init')}",
        )
    return settings


def _answer(session: Session, key: Key, text: str | None, offered: Value) -> Value:
    """One key's value: from its option, else from the person, else what is offered."""
    if text is None and not session.may_ask:
        return offered
    if text is None:
        _explain(session.screen, key)
    while True:
        try:
            return key.parse(_typed(key, offered) if text is None else text)
        except BadValue as bad:
            problem = SettingsError(bad.problem, None, key.name, allowed=bad.allowed, near=bad.near)
            if text is not None:
                raise problem from None
            session.screen.line(settings_message(problem))


def _explain(screen: Screen, key: Key) -> None:
    """What a key is for, before it is asked for."""
    screen.line()
    if key.name == IGNITION_ROUTE:
        screen.line("The way to Ignition:")
        screen.pairs(_ROUTES, indent=2)
        return
    screen.line(key.help)
    if key.allowed:
        screen.line(f"One of: {', '.join(key.allowed)}")
    elif not key.default:
        screen.line("Enter leaves it for later.")


def _typed(key: Key, offered: Value) -> str:
    # Enter must not choose a rehearsal: the route has no default at a terminal.
    default = None if key.name == IGNITION_ROUTE else str(offered)
    answer: object = typer.prompt(key.field.replace("_", " "), default=default, show_default=bool(offered))
    return str(answer)


def _next_steps(session: Session, answers: Mapping[str, Value]) -> Iterator[str]:
    """The commands from here to the first client, in order."""
    from importlib.util import find_spec

    needed = needed_keys(session.settings)
    if session.settings.xpm.route is XpmRoute.FILES:
        if XPM_FOLDER in needed:
            yield setting_of(XPM_FOLDER, session.command_line)
    elif not session.settings.is_demo:
        if CLIENT_ID in needed:
            yield setting_of(CLIENT_ID, session.command_line)
        yield session.command_line("login", "xpm")
    if IGNITION_ROUTE not in answers:
        yield f"{session.command_line('config', 'set', IGNITION_ROUTE)} csv"
    if not answers.get(_FOLDER, "there"):
        yield setting_of(_FOLDER, session.command_line)
    if answers.get(IGNITION_ROUTE) == "mcp":
        if find_spec("mcp") is None:
            yield extra_command("mcp")
        yield session.command_line("login", "ignition")
    yield session.command_line("match")


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
        if Path(value).is_file():
            raise UsageError(f"{known.name}: {value} is a file.", "Name the folder that it is in.")
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
