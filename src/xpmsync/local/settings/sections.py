"""The sections of the settings: `[xpm]`, `[notify]` and `[log]`.

There is one of each, so they do without slots, which make a class twice at each start.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xpmsync.local.settings.keys import ValueKind, setting


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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class LogSettings:
    """The log file in the state folder: what ran, when and how it ended; no secrets and no client data."""

    format: LogFormat = setting(LogFormat.TEXT, "Lines for people, or one JSON object a line for programs.")


_XERO_IDENTITY: Final = "https://identity.xero.com"
_XERO_AUTHORIZE: Final = "https://login.xero.com/identity/connect/authorize"
_XERO_CONNECTIONS: Final = "https://api.xero.com/connections"


class XpmRoute(StrEnum):
    """How XPM is reached."""

    API = "api"
    FILES = "files"


@dataclass(frozen=True)
class XpmFilesSettings:
    """XPM's exports, for the route files."""

    folder: str = setting("", "files: the folder where you save XPM's exports.", kind=ValueKind.FOLDER)
    max_hours_apart: int = setting(
        4, "files: how many hours the clients and contacts exports may be apart.", between=(1, 168)
    )


@dataclass(frozen=True)
class XpmSettings:
    """How Xero Practice Manager is reached."""

    route: XpmRoute = setting(
        XpmRoute.API,
        "The way to XPM: api (needs a Xero app and a sign-in), files (its exports, needs neither; reading only).",
        affects_plan=True,
    )
    client_id: str = setting("", "The client id of your practice's own Xero app. It is not a secret.")
    redirect_port: int = setting(
        53682,
        "The port of the app's redirect address, http://localhost:PORT/callback. Xero must know the same one.",
        between=(1024, 65535),
    )
    tenant_id: str = setting("", "The practice in Xero; 'xpmsync login xpm' fills it in.")
    api_url: str = setting(
        "https://api.xero.com/practicemanager/3.1/",
        "Where XPM answers; change it for a proxy or a test server only.",
        kind=ValueKind.URL,
        advanced=True,
    )
    identity_url: str = setting(
        _XERO_IDENTITY, "Where Xero hands out tokens; likewise.", kind=ValueKind.URL, advanced=True
    )
    connections_url: str = setting(
        "",
        "Where Xero lists the practices you may use; empty means the one that belongs to identity_url.",
        kind=ValueKind.URL,
        advanced=True,
    )
    authorize_url: str = setting(
        "",
        "Where your browser goes to sign in; empty means the one that belongs to identity_url.",
        kind=ValueKind.URL,
        advanced=True,
    )

    @property
    def api_base(self) -> str:
        """`api_url` ending in one slash, ready for a call's name."""
        return self.api_url.rstrip("/") + "/"

    @property
    def token_endpoint(self) -> str:
        """Where codes and refresh tokens become access tokens."""
        return f"{self._identity}/connect/token"

    @property
    def revocation_endpoint(self) -> str:
        """Where refresh tokens are given back."""
        return f"{self._identity}/connect/revocation"

    @property
    def authorize_endpoint(self) -> str:
        """The page a browser opens to sign in."""
        if self._identity == _XERO_IDENTITY:
            return self.authorize_url or _XERO_AUTHORIZE
        return self.authorize_url or f"{self._identity}/identity/connect/authorize"

    @property
    def connections_endpoint(self) -> str:
        """The list of practices the signed-in person connected, without a final slash."""
        if self._identity == _XERO_IDENTITY:
            return self.connections_url.rstrip("/") or _XERO_CONNECTIONS
        return self.connections_url.rstrip("/") or f"{self._identity}/connections"

    @property
    def _identity(self) -> str:
        return (self.identity_url or _XERO_IDENTITY).rstrip("/")
