"""E-mail through a real mail server on loopback: encrypted, refused, hanging."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

import pytest
import trustme

from support.mail_server import MailServer, mailing
from xpmsync.local.net import channels
from xpmsync.local.net.channels import MailFailed, mail_problem, send_mail
from xpmsync.local.settings.sections import NotifySettings, SmtpSecurity

NOW = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for localhost that this computer trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return certified(authority)


def certified(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def settings(server: MailServer, security: SmtpSecurity, *, user: str = "") -> NotifySettings:
    """The settings that lead to a mail server."""
    return NotifySettings(
        mail_to=("ada@example.com", "kiri@example.com"),
        mail_from="xpmsync@example.com",
        smtp_host="localhost",
        smtp_port=server.port,
        smtp_security=security,
        smtp_user=user,
    )


def send(server: MailServer, security: SmtpSecurity = SmtpSecurity.NONE, *, user: str = "", password: str = "") -> None:
    """Send a mail."""
    send_mail(settings(server, security, user=user), password, "A subject", ["One line.", "Māori too."], now=NOW)


def body(message: Message) -> str:
    """A mail's text."""
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_a_mail_arrives_with_everything_a_mail_needs() -> None:
    """Sender, all receivers, date, id, and the mark that keeps out-of-office replies away."""
    with mailing(MailServer()) as server:
        send(server)

    (message,) = server.mails
    assert message["To"] == "ada@example.com, kiri@example.com"
    assert message["From"] == "xpmsync@example.com"
    assert message["Date"] == "Mon, 23 Nov 2026 02:41:00 +0000"
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert body(message).splitlines() == ["One line.", "Māori too."]
    assert [line.lower() for line in server.said if line.lower().startswith("rcpt")] == [
        "rcpt to:<ada@example.com>",
        "rcpt to:<kiri@example.com>",
    ]


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
def test_the_password_goes_over_an_encrypted_connection_only(security: SmtpSecurity, trusted: ssl.SSLContext) -> None:
    """Both ways of encryption, with a name and a password that hold what passwords hold."""
    told = MailServer(tls=trusted, implicit=security is SmtpSecurity.TLS, user="ada", password="pä:ss wörd")
    with mailing(told) as server:
        send(server, security, user="ada", password="pä:ss wörd")

    assert len(server.mails) == 1
    if security is SmtpSecurity.STARTTLS:
        assert server.said.index("STARTTLS") < next(i for i, line in enumerate(server.said) if "AUTH" in line)


def test_a_server_without_starttls_gets_no_mail() -> None:
    """Nothing falls back to plain text by itself."""
    with mailing(MailServer(user="ada", password="secret")) as server, pytest.raises(MailFailed) as raised:
        send(server, SmtpSecurity.STARTTLS, user="ada", password="secret")

    assert str(raised.value) == "localhost does not offer what the settings ask for"
    assert not server.mails
    assert not any("AUTH" in line for line in server.said)


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
def test_a_certificate_that_nobody_vouches_for_is_refused(security: SmtpSecurity) -> None:
    """The computer's own trust decides."""
    told = MailServer(tls=certified(trustme.CA()), implicit=security is SmtpSecurity.TLS)
    with mailing(told) as server, pytest.raises(MailFailed) as raised:
        send(server, security)

    assert str(raised.value) == "the certificate of localhost is not trusted by this computer"


def test_a_wrong_password_is_said_without_it(trusted: ssl.SSLContext) -> None:
    """The message names the server, never the password."""
    told = MailServer(tls=trusted, user="ada", password="right")
    with mailing(told) as server, pytest.raises(MailFailed) as raised:
        send(server, SmtpSecurity.STARTTLS, user="ada", password="canary-password")

    assert str(raised.value) == "localhost did not accept the name or password"


def test_refused_receivers_are_said(trusted: ssl.SSLContext) -> None:
    """A server that takes none of the addresses."""
    with mailing(MailServer(refuses=550)) as server, pytest.raises(MailFailed):
        send(server)


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and never says a word."""
    monkeypatch.setattr(channels, "_SECONDS", 0.05)
    with mailing(MailServer(hangs=True)) as server, pytest.raises(MailFailed) as raised:
        send(server)

    assert str(raised.value) == "localhost did not answer within 0.05 seconds"


def test_nobody_there_is_said() -> None:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with pytest.raises(MailFailed) as raised:
        send(MailServer(port=port))

    assert str(raised.value) == f"localhost does not answer at port {port}"


@pytest.mark.parametrize(
    ("host", "security", "to", "problem"),
    [
        ("", SmtpSecurity.TLS, "ada@example.com", "smtp_host is empty"),
        ("mail.example.com", SmtpSecurity.NONE, "ada@example.com", "only for a mail server on this computer"),
        ("localhost", SmtpSecurity.NONE, "ada", "is no e-mail address"),
        ("localhost", SmtpSecurity.NONE, "Ada <ada@example.com>", "is no e-mail address"),
        ("localhost", SmtpSecurity.NONE, "ada@example.com", ""),
    ],
)
def test_settings_that_cannot_work_are_seen_before_anything_is_sent(
    host: str, security: SmtpSecurity, to: str, problem: str
) -> None:
    """Plain text to another computer, and addresses that are none."""
    found = mail_problem(NotifySettings(mail_to=(to,), smtp_host=host, smtp_security=security))

    assert problem in found
    assert bool(found) == bool(problem)


def test_a_server_name_that_does_not_exist_is_named() -> None:
    """Names below .invalid exist nowhere (RFC 6761)."""
    held = NotifySettings(mail_to=("ada@example.com",), smtp_host="mail.invalid")
    with pytest.raises(MailFailed, match=r"^no server called mail\.invalid was found"):
        send_mail(held, "", "subject", ["line"], now=NOW)
