"""notify: set notifications up by e-mail, webhook or ping, their secrets, and a test message."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer

from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.enums import Json, NotifySecret
from xpmsync.errors import UsageError
from xpmsync.local.net.channels import host_exists, mail_problem
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.keys import IN_KEYRING, BadValue, Value
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.settings.sections import NotifySettings
from xpmsync.local.settings.settings import KEYS, Settings
from xpmsync.usecases.unattended.notify import channels, forget_secret, keep_secret, notify as send, trial_notice

notify = typer.Typer(
    help="Who is notified how unattended runs went. See [notify] in the settings.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Which = Annotated[NotifySecret, typer.Argument(help="Whose secret.")]


@notify.command("setup")
def setup(ctx: typer.Context) -> None:
    """Ask who is to be notified and how, keep the answers, and send a test message."""
    session = session_of(ctx, "notify setup")
    if not session.may_ask:
        raise UsageError(
            "This command asks questions, and nobody can answer them here.",
            f"Set [notify] with: {session.command_line('config', 'set')} KEY VALUE, and its secrets with: "
            f"{session.command_line('notify', 'set')} SECRET",
        )
    answers = ask_channels(session)
    path = session.settings.path
    set_values(path, answers.values, session.profile)
    settings = read_settings(path, session.profile)
    if answers.secrets:
        vault = open_vault(os.environ, attended=True)
        for which, secret in answers.secrets.items():
            if secret:
                keep_secret(settings, vault, which, secret)
            else:
                forget_secret(settings, vault, which)
    session.screen.line(f"Kept in {path}{', the secrets in the keyring' if any(answers.secrets.values()) else ''}.")
    if channels(settings):
        session.report(_tested(session, settings))
    else:
        session.report(Report({"channels": {}}, lambda screen: screen.line("Nobody is notified of unattended runs.")))


@notify.command("set")
def set_(ctx: typer.Context, which: Which) -> None:
    """Keep the mail server's password, or a secret address, in the keyring. It is asked for, or read from stdin."""
    session = session_of(ctx, "notify set")
    settings = session.settings
    if which is NotifySecret.MAIL_PASSWORD and not (settings.notify.smtp_host and settings.notify.smtp_user):
        raise UsageError(
            "The mail server and the name to sign in with are not set yet.",
            f"First: {session.command_line('config', 'set', 'notify.smtp_host')} HOST, and notify.smtp_user NAME",
        )
    secret = _asked(session, which)
    if which is not NotifySecret.MAIL_PASSWORD and (problem := web_address_problem(secret)):
        raise UsageError(problem, "Copy it whole from the service.")
    vault = open_vault(os.environ, attended=session.may_ask)
    keep_secret(settings, vault, which, secret)
    if which is not NotifySecret.MAIL_PASSWORD:
        set_values(settings.path, {f"notify.{which.value}_url": IN_KEYRING}, settings.profile)
    where = vault.describe()

    def show(screen: Screen) -> None:
        screen.line(f"Kept in {where}.")
        screen.line(f"Next: {session.command_line('notify', 'test')}")

    session.report(Report({"secret": which.value, "kept_in": where}, show))


@notify.command("forget")
def forget(ctx: typer.Context, which: Which) -> None:
    """Delete a secret from the keyring."""
    session = session_of(ctx, "notify forget")
    settings = session.settings
    existed = forget_secret(settings, open_vault(os.environ, attended=session.may_ask), which)
    name = f"notify.{which.value}_url"
    if which is not NotifySecret.MAIL_PASSWORD and settings.value(name) == IN_KEYRING:
        set_values(settings.path, {name: ""}, settings.profile)
    words = "Deleted." if existed else "There was none."
    session.report(Report({"secret": which.value, "deleted": existed}, lambda screen: screen.line(words)))


@notify.command("test")
def test(ctx: typer.Context) -> None:
    """Send a test message over every channel that the settings name."""
    session = session_of(ctx, "notify test")
    if not channels(session.settings):
        raise UsageError(
            "The settings name nobody to notify.", f"Begin with: {session.command_line('notify', 'setup')}"
        )
    session.report(_tested(session, session.settings))


def _tested(session: Session, settings: Settings) -> Report:
    """Send a test message and report which channels took it."""
    attended = session.may_ask
    ended = send(
        settings, trial_notice(settings), lambda: open_vault(os.environ, attended=attended), now=session.clock.now()
    )
    hint = f"Correct it with: {session.command_line('notify', 'setup')}"
    notes = tuple(
        ErrorNote("notification", f"{channel.value}: {wrong}.", hint) for channel, wrong in ended.items() if wrong
    )

    def show(screen: Screen) -> None:
        screen.pairs([(channel.value, "sent" if not wrong else "failed") for channel, wrong in ended.items()])

    data: dict[str, Json] = {
        "channels": {channel.value: {"sent": not wrong, "problem": wrong} for channel, wrong in ended.items()}
    }
    return Report(data, show, ExitCode.PARTLY_DONE if notes else ExitCode.DONE, notes)


def addresses_to_name(session: Session, addresses: Sequence[str]) -> dict[str, Value]:
    """The settings that name e-mail addresses and a webhook's address; raises `UsageError`."""
    hooks = [address for address in addresses if "://" in address]
    mails = [address for address in addresses if address not in hooks]
    if any("@" not in mail for mail in mails) or len(hooks) > 1:
        raise UsageError("--notify takes e-mail addresses, and one web address.", "Say --notify once for each.")
    if mails and not session.settings.notify.smtp_host:
        first = session.command_line("config", "set", "notify.smtp_host")
        raise UsageError("No mail server is set, so no e-mail can be sent.", f"First: {first} HOST")
    values: dict[str, Value] = {"notify.mail_to": tuple(mails)} if mails else {}
    try:
        if hooks:
            values["notify.webhook_url"] = KEYS["notify.webhook_url"].parse(hooks[0])
    except BadValue as bad:
        keyring = session.command_line("notify", "set", "webhook")
        raise UsageError(
            f"The web address {bad.problem}.", f"One that is a secret belongs in the keyring: {keyring}"
        ) from bad
    return values


def _asked(session: Session, which: NotifySecret) -> str:
    if session.may_ask:
        answer: object = typer.prompt(f"The {which.value.replace('-', ' ')} (not shown)", hide_input=True, err=True)
        text = str(answer).strip()
    else:
        text = (sys.stdin.read(10_000) if sys.stdin else "").strip()
    if not text:
        raise UsageError("No secret was given.", "Type it when asked, or pipe it in.")
    return text


_WEB: Final = ("https://", "http://127.0.0.1", "http://localhost")
_NONE: Final = "-"
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


@dataclass
class NotifyAnswers:
    """Settings by dotted name, and secrets for the keyring; an empty secret is to be deleted."""

    values: dict[str, Value] = field(default_factory=dict)
    secrets: dict[NotifySecret, str] = field(default_factory=dict)


def ask_channels(session: Session) -> NotifyAnswers:
    """Ask for every channel; what is set already is offered again."""
    answers = NotifyAnswers()
    session.screen.line("Who is to know how unattended runs go? Press Enter to keep what is shown, - for none.")
    _ask_mail(session, answers, session.settings.notify)
    for which, service in ((NotifySecret.WEBHOOK, "Slack, Teams"), (NotifySecret.PING, "healthchecks.io")):
        name = f"notify.{which.value}_url"
        kept = " (one is kept)" if session.settings.value(name) else ""
        question = f"{which.value.capitalize()} address, for {service}; not shown{kept}"
        address = _ask(session, question, "", web_address_problem, hidden=True)
        if address == _NONE:
            answers.values[name], answers.secrets[which] = "", ""
        elif address:
            answers.values[name], answers.secrets[which] = "keyring", address
    return answers


def web_address_problem(address: str) -> str:
    """Why that is no address to post to or to call, empty where it is one."""
    return "" if address.startswith(_WEB) else "That is no address that begins with https://."


def _ask_mail(session: Session, answers: NotifyAnswers, now: NotifySettings) -> None:
    to = _ask(session, "E-mail addresses, with commas between them", ", ".join(now.mail_to), _addresses_problem)
    addresses = _addresses(to)
    answers.values["notify.mail_to"] = addresses
    if not addresses:
        return
    host = _ask(session, "Mail server, such as smtp.office365.com", now.smtp_host, _host_problem(), needed=True)
    security = _ask(
        session,
        f"Encryption ({', '.join(_PORTS)})",
        now.smtp_security.value,
        lambda text: "" if text in _PORTS else f"Write one of: {', '.join(_PORTS)}.",
        needed=True,
    )
    changed = security != now.smtp_security.value or not now.smtp_host
    offered = _PORTS[security] if changed else now.smtp_port
    port = _ask(session, "Port", str(offered), _port_problem, needed=True)
    user = _ask(session, "Name to sign in with", now.smtp_user or addresses[0])
    user = "" if user == _NONE else user
    answers.values |= {
        "notify.smtp_host": host,
        "notify.smtp_security": security,
        "notify.smtp_port": int(port),
        "notify.smtp_user": user,
    }
    if user:
        password = _ask(session, "Password (not shown; Enter keeps the one in the keyring)", "", hidden=True)
        if password:
            answers.secrets[NotifySecret.MAIL_PASSWORD] = "" if password == _NONE else password


def _ask(
    session: Session,
    question: str,
    offered: str,
    problem_of: Callable[[str], str] = lambda _text: "",
    *,
    needed: bool = False,
    hidden: bool = False,
) -> str:
    """Ask until the answer is good; `-` is an answer unless one is needed."""
    while True:
        answer: object = typer.prompt(
            question, default=offered, show_default=bool(offered), hide_input=hidden, err=True
        )
        text = str(answer).strip()
        if text == _NONE and not needed:
            return text
        if not text and not needed:
            return text
        problem = problem_of(text) if text not in ("", _NONE) else "An answer is needed here."
        if not problem:
            return text
        session.warn(problem)


def _addresses(text: str) -> tuple[str, ...]:
    return () if text == _NONE else tuple(part.strip() for part in text.split(",") if part.strip())


def _addresses_problem(text: str) -> str:
    problem = mail_problem(NotifySettings(mail_to=_addresses(text), smtp_host="localhost"))
    return f"{problem[0].upper()}{problem[1:]}." if problem else ""


def _host_problem() -> Callable[[str], str]:
    """A name that is not known is asked for again, and taken when it is given a second time."""
    refused: set[str] = set()

    def problem_of(host: str) -> str:
        if host in refused or host_exists(host):
            return ""
        refused.add(host)
        return f"No server called {host} was found. Check its spelling; to keep it anyway, give it again."

    return problem_of


def _port_problem(text: str) -> str:
    return "" if text.isdecimal() and 0 < int(text) < 65_536 else "A port is a number from 1 to 65535."
