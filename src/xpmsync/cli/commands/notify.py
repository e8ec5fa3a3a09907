"""notify: set notifications up, their secrets, and a test message."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.notify_setup import ask_channels, web_address_problem
from xpmsync.cli.session import Session, session_of
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, Report
from xpmsync.core.enums import NotifySecret
from xpmsync.errors import UsageError
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.editor import set_values
from xpmsync.local.settings.keys import IN_KEYRING, BadValue, Value
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.settings.settings import KEYS, Settings
from xpmsync.usecases.unattended.notify import channels, forget_secret, keep_secret, trial_notice
from xpmsync.usecases.unattended.notify import notify as send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xpmsync.cli.terminal.screen import Screen
    from xpmsync.core.jsonable import Json

__all__ = ["addresses_to_name", "notify"]

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
