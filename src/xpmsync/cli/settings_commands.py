"""init and config: the settings file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.output import ErrorNote, ExitCode, Report
from xpmsync.cli.session import session_of

if TYPE_CHECKING:
    from xpmsync.cli.output import Json
    from xpmsync.cli.screen import Screen
    from xpmsync.cli.session import Session
    from xpmsync.local.settings_keys import Value

__all__ = ["register"]

KeyName = Annotated[str, typer.Argument(metavar="KEY", help="A dotted key, such as sync.level.")]

_ROUTES: Final = (
    "builtin: a practice register on this computer, to rehearse on. No account.",
    "csv: Ignition's export and import files. Every plan, no credentials; you upload a file.",
    "mcp: Ignition's hosted service, live. Not yet confirmed on a live practice.",
)
_TRAPS: Final = (
    "Good to know: set Ignition's own XPM sync to Nothing, or two programs write the same clients.",
    (
        "And link each client that is made in Ignition to XPM there, under Edit Client -> Apps: Ignition creates it a"
        " second time in XPM otherwise, when a proposal is accepted."
    ),
)

config = typer.Typer(help="Show and change the settings.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("init")(init)
    app.add_typer(config, name="config")


def init(
    context: typer.Context,
    direction: Annotated[str | None, typer.Option("--direction", help="from-xpm or to-xpm.")] = None,
    level: Annotated[str | None, typer.Option("--level", help="everything, names or nothing.")] = None,
    route: Annotated[str | None, typer.Option("--route", help="How Ignition is reached: builtin, csv or mcp.")] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="The client id of your Xero app.")] = None,
) -> None:
    """Write the settings file of a practice, asking the few things it needs to know."""
    from xpmsync.errors import SettingsError, UsageError
    from xpmsync.local.settings_file import key_named, set_values, write_new
    from xpmsync.local.settings_keys import BadValue
    from xpmsync.local.settings_read import profiles_in

    session = session_of(context, "init")
    path = session.paths.config_file
    if path.exists() and session.profile in profiles_in(path):
        raise UsageError(
            f"{path} has the profile {session.profile!r} already.",
            f"Change single keys with: {session.again('config', 'set')} KEY VALUE",
        )
    given = {"sync.direction": direction, "sync.level": level, "ignition.route": route, "xpm.client_id": client_id}
    answers: dict[str, Value] = {}
    for name, text in given.items():
        key = key_named(name)
        if text is None:
            text = _ask(session, name)
        try:
            answers[name] = key.parse(text)
        except BadValue as bad:
            raise SettingsError(bad.problem, None, name, allowed=bad.allowed, near=bad.near) from None
    if path.exists():
        set_values(path, answers, session.profile)
    else:
        write_new(path, answers, session.profile)

    def show(screen: Screen) -> None:
        screen.line(f"Written: {path}")
        for told in _TRAPS:
            screen.line(told)
        screen.line(f"Next: {session.again('login', 'xpm')}, then {session.again('search')} TEXT")

    session.report(Report({"path": str(path), "profile": session.profile, "settings": _told(answers)}, show))


@config.command("show")
def show(context: typer.Context) -> None:
    """Show every setting, its value and where it comes from."""
    from xpmsync.local.settings import KEYS

    session = session_of(context, "config show")
    settings = session.settings
    data: dict[str, Json] = {name: settings.value(name) for name in KEYS}

    def shown(screen: Screen) -> None:
        screen.line(f"{settings.path}, profile {settings.profile}")
        screen.line()
        screen.pairs([(name, f"{_shown(settings.value(name))}  ({settings.origin(name).value})") for name in KEYS])

    session.report(Report({"path": str(settings.path), "profile": settings.profile, "settings": data}, shown))


@config.command("get")
def get(context: typer.Context, key: KeyName) -> None:
    """Print one setting's value."""
    from xpmsync.local.settings_file import key_named

    session = session_of(context, "config get")
    known = key_named(key)
    value = session.settings.value(known.name)
    session.report(Report({"key": known.name, "value": value}, lambda screen: screen.line(_shown(value))))


@config.command("set")
def set_(context: typer.Context, key: KeyName, value: Annotated[str, typer.Argument(metavar="VALUE")]) -> None:
    """Change one setting; comments and order in the file stay as they are."""
    from xpmsync.local.settings_file import key_named, set_value

    session = session_of(context, "config set")
    known = key_named(key)
    written = set_value(session.paths.config_file, known.name, value, session.profile)
    told = f"{known.name} = {_shown(written)}"
    session.report(Report({"key": known.name, "value": written}, lambda screen: screen.line(told)))


@config.command("check")
def check(context: typer.Context) -> None:
    """Check the whole file and name every problem."""
    from xpmsync.cli.explain import explain
    from xpmsync.local.settings_read import check_settings

    session = session_of(context, "config check")
    path = session.paths.config_file
    problems = check_settings(path)
    notes: tuple[ErrorNote, ...] = tuple(explain(one, session.again)[0] for one in problems)
    if not problems and session.settings.profile:
        where = "fine" if path.exists() else "not there; every setting has its default"
        session.report(Report({"path": str(path), "problems": 0}, lambda screen: screen.line(f"{path} is {where}.")))
    else:
        session.report(Report({"path": str(path), "problems": len(notes)}, lambda _screen: None, ExitCode.USAGE, notes))


@config.command("path")
def path_(context: typer.Context) -> None:
    """Print where the settings file and the state folder are."""
    session = session_of(context, "config path")
    config_file, state = session.paths.config_file, session.paths.profile(session.profile).folder
    session.report(
        Report(
            {"config": str(config_file), "state": str(state), "exists": config_file.exists()},
            lambda screen: screen.pairs([("Settings", str(config_file)), ("State", str(state))]),
        )
    )


def _ask(session: Session, name: str) -> str:
    """Ask a person for one key, with its help; without one take the default."""
    from xpmsync.local.settings import KEYS

    key = KEYS[name]
    if not session.may_ask:
        return _shown(key.default)
    session.screen.line()
    session.screen.line(key.help)
    for told in _ROUTES if name == "ignition.route" else ():
        session.screen.line(told)
    if key.allowed:
        session.screen.line(f"One of: {', '.join(key.allowed)}")
    answer: object = typer.prompt(
        key.field.replace("_", " "), default=_shown(key.default), show_default=bool(key.default)
    )
    return str(answer)


def _told(answers: dict[str, Value]) -> dict[str, Json]:
    return dict(answers)


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
