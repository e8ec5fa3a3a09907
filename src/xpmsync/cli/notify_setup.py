"""The questions of `notify setup`: by e-mail, webhook or ping, each answer checked before the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import typer

from xpmsync.core.enums import NotifySecret

if TYPE_CHECKING:
    from xpmsync.cli.session import Session
    from xpmsync.local.settings.keys import Value
    from xpmsync.local.settings.sections import NotifySettings

__all__ = ["NotifyAnswers", "ask_channels", "web_address_problem"]

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
    from xpmsync.local.net.channels import mail_problem
    from xpmsync.local.settings.sections import NotifySettings

    problem = mail_problem(NotifySettings(mail_to=_addresses(text), smtp_host="localhost"))
    return f"{problem[0].upper()}{problem[1:]}." if problem else ""


def _host_problem() -> Callable[[str], str]:
    """A name that is not known is asked for again, and taken when it is given a second time."""
    from xpmsync.local.net.channels import host_exists

    refused: set[str] = set()

    def problem_of(host: str) -> str:
        if host in refused or host_exists(host):
            return ""
        refused.add(host)
        return f"No server called {host} was found. Check its spelling; to keep it anyway, give it again."

    return problem_of


def _port_problem(text: str) -> str:
    return "" if text.isdecimal() and 0 < int(text) < 65_536 else "A port is a number from 1 to 65535."
