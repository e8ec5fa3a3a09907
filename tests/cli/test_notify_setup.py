"""`notify setup`: the questions, asked again where an answer is wrong, and the test message at their end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from support.cli_runner import Shell
from support.mail_server import HookServer, MailServer, hooks, mailing
from xpmsync.local.settings.reader import read_settings

pexpect = pytest.importorskip("pexpect")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")


@pytest.fixture
def private(shell: Shell, tmp_path: Path) -> Shell:
    """A shell whose secrets are in a file."""
    shell.variables["XPMSYNC_TOKEN_FILE"] = str(tmp_path / "secrets.json")
    return shell


def answer(shell: Shell, *steps: tuple[str, str]) -> str:
    """Answer the questions in turn; returns everything that was on the screen."""
    terminal = pexpect.spawn(
        sys.executable, ["-m", "xpmsync", "notify", "setup"], env=shell.environ, encoding="utf-8", timeout=60
    )
    seen = ""
    for question, text in steps:
        terminal.expect(question)
        seen += terminal.before + terminal.after
        terminal.sendline(text)
    terminal.expect(pexpect.EOF)
    return seen + str(terminal.before)


def test_it_asks_keeps_and_tests(private: Shell) -> None:
    """A server that does not exist is said so and asked for again; the secrets are not shown and not in the file."""
    with mailing(MailServer()) as mail, hooks(HookServer()) as hook:
        screen = answer(
            private,
            ("E-mail addresses", "ada at example.com"),
            ("is no e-mail address.*E-mail addresses", "ada@example.com"),
            ("Mail server", "mail.invalid"),
            ("No server called mail.invalid was found.*Mail server", "localhost"),
            ("Encryption", "none"),
            ("Port", "no"),
            ("A port is a number.*Port", str(mail.port)),
            ("Name to sign in with", "-"),
            ("Webhook address", "canary"),
            ("begins with https.*Webhook address", f"{hook.url}/canary-hook"),
            ("Ping address", ""),
        )
    assert "mail" in screen
    assert "webhook" in screen
    assert "failed" not in screen
    assert "canary" not in screen
    assert [message["To"] for message in mail.mails] == ["ada@example.com"]
    assert [path for _, path, _ in hook.requests] == ["/canary-hook"]
    text = private.config.read_text(encoding="utf-8")
    assert "canary" not in text
    notify = read_settings(private.config).notify
    assert (notify.mail_to, notify.smtp_host, notify.smtp_port) == (("ada@example.com",), "localhost", mail.port)
    assert (notify.smtp_user, notify.webhook_url, notify.ping_url) == ("", "keyring", "")


def test_what_is_set_is_kept_or_taken_out(private: Shell) -> None:
    """Enter keeps it; a dash takes it out, and its secret out of the keyring."""
    with hooks(HookServer()) as hook:
        private("config", "set", "notify.smtp_host", "localhost")
        assert private("notify", "set", "webhook", stdin=f"{hook.url}/canary-hook\n").exit_code == 0
        screen = answer(private, ("E-mail", "-"), (r"Webhook.*one is kept", ""), ("Ping", ""))
        assert "sent" in screen
        assert len(hook.requests) == 1

    screen = answer(private, ("E-mail", "-"), ("Webhook", "-"), ("Ping", ""))
    assert "Nobody is notified of unattended runs." in screen
    assert private.json("notify", "forget", "webhook").data["deleted"] is False


def test_without_a_terminal_it_names_the_commands(private: Shell) -> None:
    """Nobody can answer a script."""
    refused = private.json("notify", "setup")
    assert (refused.exit_code, refused.codes) == (2, ["usage"])
    assert "config set" in refused.out
