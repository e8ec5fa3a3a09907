"""Where a notification goes: an e-mail through the practice's own mail server, a webhook, a monitor's ping.

The e-mail is encrypted, with time limits, plain text. A webhook takes JSON, a monitor waits for a ping.
"""

import base64
import json
import smtplib
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final
from urllib.parse import urlsplit

from xpmsync.core.enums import Json, System
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.http import Http
from xpmsync.local.settings.keys import LOOPBACK
from xpmsync.local.settings.sections import NotifySettings, SmtpSecurity

_SECONDS: Final = 15.0
"""How long a single answer of the mail server may take."""


class MailFailed(Exception):
    """The e-mail could not be sent; the text says why, without any secret."""


def mail_problem(settings: NotifySettings) -> str:
    """What is missing or wrong in the settings for e-mail, empty where nothing is."""
    if not settings.smtp_host:
        return "notify.smtp_host is empty"
    if settings.smtp_security is SmtpSecurity.NONE and settings.smtp_host not in LOOPBACK:
        return "notify.smtp_security = none is only for a mail server on this computer"
    for address in (*settings.mail_to, *([settings.mail_from] if settings.mail_from else [])):
        name, at, host = address.rpartition("@")
        if not (name and at and host and address.isascii()) or any(c.isspace() or c in "<>," for c in address):
            return f"{address!r} is no e-mail address"
    return ""


def host_exists(host: str) -> bool:
    """Whether this computer finds an address for that name."""
    try:
        return bool(socket.getaddrinfo(host, None))
    except (OSError, UnicodeError):
        return False


def is_unknown_host(problem: BaseException | None) -> bool:
    """Whether an error, or one that led to it, is that no address was found for a name."""
    while problem is not None:
        if isinstance(problem, socket.gaierror):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def send_mail(settings: NotifySettings, password: str, subject: str, lines: Sequence[str], *, now: datetime) -> None:
    """Send it to everybody in `mail_to`; raises `MailFailed`."""
    if wrong := mail_problem(settings):
        raise MailFailed(wrong)
    message = _message(settings, subject, lines, now)
    try:
        with _connected(settings) as server:
            if settings.smtp_user:
                _sign_in(server, settings.smtp_user, password)
            refused = server.send_message(message)
    except smtplib.SMTPAuthenticationError as problem:
        raise MailFailed(f"{settings.smtp_host} did not accept the name or password") from problem
    except smtplib.SMTPNotSupportedError as problem:
        raise MailFailed(f"{settings.smtp_host} does not offer what the settings ask for") from problem
    except ssl.SSLCertVerificationError as problem:
        raise MailFailed(f"the certificate of {settings.smtp_host} is not trusted by this computer") from problem
    except TimeoutError as problem:
        raise MailFailed(f"{settings.smtp_host} did not answer within {_SECONDS:g} seconds") from problem
    except smtplib.SMTPResponseException as problem:
        raise MailFailed(f"{settings.smtp_host} refused (code {problem.smtp_code})") from problem
    except socket.gaierror as problem:
        raise MailFailed(f"no server called {settings.smtp_host} was found; check its spelling") from problem
    except ConnectionRefusedError as problem:
        raise MailFailed(f"{settings.smtp_host} does not answer at port {settings.smtp_port}") from problem
    except (smtplib.SMTPException, OSError) as problem:
        # smtplib says "disconnected" for a server that never answered.
        if isinstance(problem.__context__, TimeoutError):
            raise MailFailed(f"{settings.smtp_host} did not answer within {_SECONDS:g} seconds") from problem
        raise MailFailed(f"{settings.smtp_host} could not be used ({type(problem).__name__})") from problem
    if refused:
        raise MailFailed(f"{settings.smtp_host} refused {len(refused)} of {len(settings.mail_to)} addresses")


def _connected(settings: NotifySettings) -> smtplib.SMTP:
    host, port, me = settings.smtp_host, settings.smtp_port, _own_name(settings)
    if settings.smtp_security is SmtpSecurity.TLS:
        return smtplib.SMTP_SSL(host, port, local_hostname=me, timeout=_SECONDS, context=_trust())
    server = smtplib.SMTP(host, port, local_hostname=me, timeout=_SECONDS)
    try:
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            server.starttls(context=_trust())
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in; smtplib itself takes ASCII only, and passwords hold more (RFC 4616: UTF-8)."""
    if user.isascii() and password.isascii():
        server.login(user, password)
        return
    server.ehlo_or_helo_if_needed()
    credentials = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, answer = server.docmd("AUTH", f"PLAIN {credentials}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _message(settings: NotifySettings, subject: str, lines: Sequence[str], now: datetime) -> EmailMessage:
    sender = _sender(settings)
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = ", ".join(settings.mail_to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # So that out-of-office replies stay out (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + "\n")
    return message


def _sender(settings: NotifySettings) -> str:
    return settings.mail_from or settings.mail_to[0]


def _own_name(settings: NotifySettings) -> str:
    """What to greet with; the full name of this computer would take a DNS look-up that can last."""
    return socket.gethostname() if settings.smtp_host in LOOPBACK else _sender(settings).rpartition("@")[2]


def _trust() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


_MOST: Final = 1024 * 1024
_FAIL: Final = "/fail"


class HookFailed(Exception):
    """The address could not be called; the text names its host only, for the rest may be a secret."""


def post_json(url: str, payload: dict[str, Json]) -> None:
    """Post a JSON object; raises `HookFailed`."""
    _call("POST", url, json.dumps(payload, ensure_ascii=False).encode())


def ping(url: str, *, good: bool) -> None:
    """Call a monitor's address, with `/fail` behind it after a bad run (as healthchecks.io does it); `HookFailed`."""
    head, mark, query = url.partition("?")
    _call("GET", head.rstrip("/") + ("" if good else _FAIL) + mark + query, None)


def _call(method: str, url: str, content: bytes | None) -> None:
    host = urlsplit(url).hostname or "the address"
    headers = {"Content-Type": "application/json"} if content is not None else {}
    # The client's errors name one of the two systems; here only their reason is read.
    with Http(system=System.XPM, read_seconds=_SECONDS, max_bytes=_MOST) as http:
        try:
            answer = http.request(method, url, headers=headers, content=content)
        except (Unreachable, UnusableAnswer) as problem:
            if is_unknown_host(problem):
                raise HookFailed(f"no server called {host} was found; check its spelling") from None
            raise HookFailed(f"{host}: {problem.reason}") from None
        except UsageError:
            raise HookFailed(f"{host}: the address must begin with https://") from None
    if not 200 <= answer.status < 300:
        raise HookFailed(f"{host} answered with HTTP status {answer.status}")
