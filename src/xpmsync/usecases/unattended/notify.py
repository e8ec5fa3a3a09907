"""Notify people and monitors how an unattended run went: e-mail, webhook, ping. Counts only, never client data.

Every channel has its own thread and all of them together a time limit, because a
run's end must not wait for a mail server that hangs.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from xpmsync.core.enums import Json, NotifySecret
from xpmsync.errors import KeyringUnusable, XpmsyncError
from xpmsync.local.net.channels import HookFailed, MailFailed, ping, post_json, send_mail
from xpmsync.local.secrets.vault import Account, Vault
from xpmsync.local.settings.keys import IN_KEYRING
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.log import conceal

_ALTOGETHER: Final = 45.0
"""Seconds that all channels together may take."""


class Channel(StrEnum):
    """A way to be notified."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    PING = "ping"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent. `good` is for monitors; mails and webhooks are only sent when it is `worth` a person's time."""

    subject: str
    lines: tuple[str, ...]
    data: Mapping[str, Json]
    good: bool
    worth: bool


def channels(settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name."""
    notify = settings.notify
    named = {Channel.MAIL: notify.mail_to, Channel.WEBHOOK: notify.webhook_url, Channel.PING: notify.ping_url}
    return tuple(channel for channel, value in named.items() if value)


def notify(
    settings: Settings, notice: Notice, open_vault: Callable[[], Vault], *, now: datetime, seconds: float = _ALTOGETHER
) -> dict[Channel, str]:
    """Send the notice over every channel; returns each channel used and what went wrong there (empty: nothing)."""
    wanted = [channel for channel in channels(settings) if notice.worth or channel is Channel.PING]
    late = f"no answer within {seconds:g} seconds"
    ended = dict.fromkeys(wanted, late)
    workers = [
        # A daemon: one that hangs must not keep the program from ending.
        threading.Thread(target=_send, args=(channel, settings, notice, open_vault, now, ended), daemon=True)
        for channel in wanted
    ]
    for worker in workers:
        worker.start()
    deadline = time.monotonic() + seconds
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    return dict(ended)


def trial_notice(settings: Settings) -> Notice:
    """A message that says that messages arrive."""
    subject = f"xpmsync ({settings.profile}): a test message"
    line = "This is how xpmsync reports unattended runs to you. Nothing has happened."
    data: dict[str, Json] = {
        "xpmsync": 1,
        "event": "test",
        "profile": settings.profile,
        "status": "done",
        "exit_code": 0,
        "counts": {},
        "text": f"{subject}. {line}",
    }
    return Notice(subject, (line,), data, good=True, worth=True)


def keep_secret(settings: Settings, vault: Vault, which: NotifySecret, text: str) -> None:
    """Put a channel's secret into the keyring; raises `KeyringUnusable`, `SecretTooLong`."""
    account = _account(settings, which)
    with vault.lock(account):
        vault.write(account, json.dumps(text))


def forget_secret(settings: Settings, vault: Vault, which: NotifySecret) -> bool:
    """Delete a channel's secret; whether there was one."""
    account = _account(settings, which)
    with vault.lock(account):
        return vault.delete(account)


def secret_of(settings: Settings, vault: Vault, which: NotifySecret) -> str | None:
    """A channel's secret, None where the keyring has none; raises `KeyringUnusable`."""
    held = vault.read(_account(settings, which))
    if held is None:
        return None
    secret = str(json.loads(held))
    conceal(secret)
    return secret


def _send(
    channel: Channel,
    settings: Settings,
    notice: Notice,
    open_vault: Callable[[], Vault],
    now: datetime,
    ended: dict[Channel, str],
) -> None:
    try:
        _SENDERS[channel](settings, notice, open_vault, now)
        ended[channel] = ""
    except (MailFailed, HookFailed) as problem:
        ended[channel] = str(problem)
    except KeyringUnusable as problem:
        ended[channel] = f"the keyring cannot be used: {problem.reason}"
    except XpmsyncError as problem:
        ended[channel] = problem.code
    except Exception as problem:  # a notification must not end the run, whatever its library raises
        ended[channel] = type(problem).__name__


def _mail(settings: Settings, notice: Notice, open_vault: Callable[[], Vault], now: datetime) -> None:
    password = ""
    if settings.notify.smtp_user:
        password = secret_of(settings, open_vault(), NotifySecret.MAIL_PASSWORD) or ""
        if not password:
            raise MailFailed(
                f"its password is not in the keyring; run: {settings.command_line('notify', 'set', 'mail-password')}"
            )
    send_mail(settings.notify, password, notice.subject, notice.lines, now=now)


def _webhook(settings: Settings, notice: Notice, open_vault: Callable[[], Vault], now: datetime) -> None:
    post_json(_address(settings, settings.notify.webhook_url, NotifySecret.WEBHOOK, open_vault), dict(notice.data))


def _ping(settings: Settings, notice: Notice, open_vault: Callable[[], Vault], now: datetime) -> None:
    ping(_address(settings, settings.notify.ping_url, NotifySecret.PING, open_vault), good=notice.good)


_SENDERS: Final[Mapping[Channel, Callable[[Settings, Notice, Callable[[], Vault], datetime], None]]] = {
    Channel.MAIL: _mail,
    Channel.WEBHOOK: _webhook,
    Channel.PING: _ping,
}


def _address(settings: Settings, named: str, which: NotifySecret, open_vault: Callable[[], Vault]) -> str:
    if named != IN_KEYRING:
        return named
    address = secret_of(settings, open_vault(), which)
    if not address:
        raise HookFailed(
            f"its address is not in the keyring; run: {settings.command_line('notify', 'set', which.value)}"
        )
    return address


def _account(settings: Settings, which: NotifySecret) -> Account:
    if which is NotifySecret.MAIL_PASSWORD:
        return Account("notify", settings.notify.smtp_host, settings.notify.smtp_user)
    return Account("notify", which.value, settings.profile)
