"""The settings of notifications and the log: `[notify]` and `[log]`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xpmsync.local.settings.keys import ValueKind, setting

__all__ = ["LogFormat", "LogSettings", "NotifySettings", "SmtpSecurity", "When"]


class When(StrEnum):
    """After which unattended runs people are notified."""

    TROUBLE = "trouble"
    ALWAYS = "always"


class SmtpSecurity(StrEnum):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class LogFormat(StrEnum):
    """How the log file is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Who is notified after an unattended run that failed, stopped or needs a person: counts, never client data."""

    when: When = setting(
        When.TROUBLE,
        "trouble: after a run that failed, stopped or needs a person; always: after every unattended run.",
    )
    mail_to: tuple[str, ...] = setting((), "The e-mail addresses to write to.")
    mail_from: str = setting("", "The sender's address; empty means the first of mail_to.")
    smtp_host: str = setting("", "Your mail server, such as smtp.office365.com.")
    smtp_port: int = setting(587, "Its port: mostly 587 for starttls, 465 for tls.", between=(1, 65535))
    smtp_security: SmtpSecurity = setting(
        SmtpSecurity.STARTTLS, "How the connection is encrypted; none only for a server on this computer."
    )
    smtp_user: str = setting(
        "", "The name to sign in with there, if any; 'xpmsync notify set mail-password' keeps its password."
    )
    webhook_url: str = setting(
        "",
        "Where a small JSON message is posted. An address that is a secret (Slack, Teams) belongs in the keyring:"
        " 'xpmsync notify set webhook'.",
        kind=ValueKind.HOOK,
    )
    ping_url: str = setting(
        "",
        "A monitor, such as healthchecks.io, that is called after every unattended run (with /fail after a bad one)"
        " and raises the alarm when the call stays out. Or: 'xpmsync notify set ping'.",
        kind=ValueKind.HOOK,
    )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log file in the state folder: what ran, when and how it ended; no secrets and no client data."""

    format: LogFormat = setting(LogFormat.TEXT, "Lines for people, or one JSON object a line for programs.")
