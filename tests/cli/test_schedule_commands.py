"""schedule and notify on the command line: a whole life of a schedule, and what a person is told."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell
from support.fake_schedulers import FakeSchedulers, posix_only
from support.mail_server import HookServer, MailServer, hooks, mailing
from xpmsync.core.enums import SchedulerKind
from xpmsync.local.ledger.summary import RunNote, StatusNote, read_status, write_status
from xpmsync.local.schedule.job import EVERY_DAY
from xpmsync.local.schedule.registry import ScheduleNote, write_schedule
from xpmsync.local.system.paths import ProfilePaths

_LINKED = "Harbour Dental Ltd"


@pytest.fixture
def fake(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSchedulers:
    """Stand-ins for the schedulers' programs, for the shell too."""
    (tmp_path / "fakes").mkdir()
    fake = FakeSchedulers.on_path(tmp_path / "fakes", monkeypatch)
    names = ("PATH", "HOME", "XDG_CONFIG_HOME", "USERNAME")
    shell.variables.update({name: os.environ[name] for name in names})
    return fake


@posix_only
def test_the_life_of_a_schedule(shell: Shell, fake: FakeSchedulers) -> None:
    """Installed with a proof, shown, started by the scheduler, seen in status, removed."""
    done = shell.json("--profile", "demo", "schedule", "install", "--at", "02:30", "--kind", "systemd")
    assert done.exit_code == 0
    assert (done.data["proof"], done.data["installed"]) == ("proved", True)

    status = shell.json("--profile", "demo", "schedule", "status")
    assert (status.data["state"], status.data["kind"], status.data["proved"]) == ("installed", "systemd", True)

    command = done.data["command"]
    assert isinstance(command, list)
    ran = shell(*command[4:])
    assert (ran.exit_code, ran.out, ran.err) == (0, "", "")
    after = shell.json("--profile", "demo", "status")
    ended = after.data["last_ended"]
    assert isinstance(ended, dict)
    assert (ended["by_schedule"], ended["exit_code"]) == (True, 0)
    assert ended["counts"]["written"] > 0

    assert "Removed from systemd" in shell("--profile", "demo", "schedule", "remove").out
    assert "No schedule is installed." in shell("--profile", "demo", "schedule", "status").out


@posix_only
@pytest.mark.parametrize("kind", list(SchedulerKind))
def test_show_touches_nothing_and_names_nobody(kind: SchedulerKind, shell: Shell, fake: FakeSchedulers) -> None:
    """What would be installed, word for word: absolute paths, no client, no token; no scheduler is called."""
    shell.variables["XPMSYNC_XPM_ACCESS_TOKEN"] = "canary-token"
    told = shell("--profile", "demo", "schedule", "show", "--at", "02:30", "--days", "mon-fri", "--kind", kind.value)

    assert told.exit_code == 0
    assert sys.executable in told.out
    assert "schedule" in told.out
    assert "canary" not in told.out
    assert fake.calls == []
    assert not shell.state.exists()


@posix_only
def test_show_needs_no_time_and_install_says_when_it_runs(shell: Shell, fake: FakeSchedulers) -> None:
    """An example first, then what is installed; the sentence says when it runs and when not."""
    example = shell("--profile", "demo", "schedule", "show", "--kind", "task-scheduler")
    assert "It runs daily at 02:30 while the computer is on and you are signed in" in example.out
    assert "Nothing was installed." in example.out

    words = ("install", "--at", "6:15", "--days", "weekdays", "--kind", "task-scheduler", "--no-probe", "--wake")
    done = shell("--profile", "demo", "schedule", *words)
    assert "It runs mon-fri at 06:15 while you are signed in" in done.out
    assert "woken from sleep" in done.out

    shown = shell("--profile", "demo", "schedule", "show")
    assert "<WakeToRun>true</WakeToRun>" in shown.out
    assert "This is what the installed schedule says." in shown.out
    assert "It runs mon-fri at 06:15" in shell("--profile", "demo", "schedule", "status").out


@posix_only
def test_waking_is_offered_where_the_scheduler_can(shell: Shell, fake: FakeSchedulers) -> None:
    """Task Scheduler can, the others refuse."""
    words = ("--profile", "demo", "schedule", "install", "--at", "02:30", "--no-probe", "--kind")
    offered = shell(*words, "task-scheduler").out
    assert "schedule install --at 02:30 --days daily --wake" in offered
    assert "--wake" not in shell(*words, "systemd", "--replace").out
    refused = shell.json(*words, "systemd", "--wake")
    assert (refused.exit_code, refused.codes) == (2, ["usage"])


@posix_only
def test_a_probe_that_fails_says_why_and_installs_nothing(shell: Shell, fake: FakeSchedulers) -> None:
    """The profile has no sign-in: exit code 4, the reason, and what to do."""
    told = shell.json("schedule", "install", "--at", "02:30", "--kind", "launchd")

    assert (told.exit_code, told.data["proof"], told.data["installed"]) == (4, "failed", False)
    assert told.codes == ["keyring"]
    assert shell.json("schedule", "status").data["state"] == "none"


@posix_only
def test_an_unproved_schedule_is_called_unproved(shell: Shell, fake: FakeSchedulers) -> None:
    """The scheduler refuses to start the probe: with --no-probe it is installed, and says so in its status."""
    fake.set("idle")
    done = shell("--profile", "demo", "schedule", "install", "--at", "2:30", "--kind", "cron", "--no-probe")

    assert done.exit_code == 0
    assert "not tried (--no-probe)" in done.out
    assert "have it proved" in shell("--profile", "demo", "schedule", "status").out


@posix_only
def test_addresses_to_notify_are_checked_and_kept(shell: Shell, fake: FakeSchedulers) -> None:
    """An address is only taken where mail can be sent; a web address with a secret in it belongs in the keyring."""
    install = ("--profile", "demo", "schedule", "install", "--at", "02:30", "--kind", "cron", "--no-probe", "--notify")
    refused = shell.json(*install, "ada@example.com")
    assert refused.codes == ["usage"]
    secret = shell.json(*install, "https://example.com/hook?sig=canary")
    assert secret.codes == ["usage"]
    assert "canary" not in secret.out

    assert shell("--profile", "demo", "config", "set", "notify.smtp_host", "localhost").exit_code == 0
    assert shell(*install, "ada@example.com", "--notify", "https://example.com/hook").exit_code == 0
    assert shell.json("--profile", "demo", "config", "get", "notify.mail_to").data["value"] == ["ada@example.com"]
    assert "example.com/hook" in shell("--profile", "demo", "config", "get", "notify.webhook_url").out


@pytest.mark.parametrize(
    "words",
    [
        ("install",),
        ("install", "--at", "25:00"),
        ("install", "--at", "02:30", "--days", "someday"),
        ("show", "--at", "02:30", "--kind", "windows"),
        ("run", "--with", "PATH=/elsewhere"),
    ],
)
def test_wrong_words_are_usage_errors(words: tuple[str, ...], shell: Shell) -> None:
    """Exit code 2, before anything is touched."""
    assert shell.json("--profile", "demo", "schedule", *words).exit_code == 2
    assert not shell.state.exists()


def test_an_unattended_run_that_fails_is_told(live: Live) -> None:
    """The token is refused: status, log and a mail with counts, and the exit code stays the run's own."""
    live.linked(_LINKED)
    with mailing(MailServer()) as mail, hooks(HookServer(status=500)) as hook:
        settings = {
            "notify.mail_to": "ada@example.com",
            "notify.smtp_host": "localhost",
            "notify.smtp_port": str(mail.port),
            "notify.smtp_security": "none",
            "notify.ping_url": f"{hook.url}/ping",
        }
        for key, value in settings.items():
            assert live.shell("config", "set", key, value).exit_code == 0
        variables = {"XPMSYNC_XPM_ACCESS_TOKEN": "canary-refused"}
        ended = live.shell("sync", "--yes", variables=variables)

    assert ended.exit_code == 4
    assert "Warning: The notification by ping failed: 127.0.0.1 answered with HTTP status 500." in ended.err
    (message,) = mail.mails
    assert message["Subject"] == "xpmsync (default): sync sign in needed"
    assert [path for _, path, _ in hook.requests] == ["/ping/fail"]
    status = read_status(live.paths)
    assert status is not None
    assert (status.last_run.code, status.last_run.waiting) == ("sign-in", {"sign-in": 1})
    log = (live.paths.folder / "xpmsync.log").read_text(encoding="utf-8")
    assert "run ended command=sync exit_code=4" in log
    assert "canary" not in f"{log}{message.as_string()}"
    assert _LINKED not in f"{log}{message.as_string()}"


def test_a_run_of_the_schedule_shows_nothing_and_leaves_its_status(live: Live) -> None:
    """Standard output and error stay empty even when it fails, for cron mails them and systemd keeps them."""
    live.linked(_LINKED)
    ended = live.shell("schedule", "run", variables={"XPMSYNC_XPM_ACCESS_TOKEN": "refused"})

    assert (ended.exit_code, ended.out, ended.err) == (4, "", "")
    status = read_status(live.paths)
    assert status is not None
    assert status.last_scheduled is not None


def test_broken_settings_end_a_scheduled_run_with_a_status(shell: Shell) -> None:
    """Nobody can be told without settings, but the status file says what it was."""
    state = ProfilePaths(shell.state / "default").ready()
    shell.config.write_text("[sync\n", encoding="utf-8")

    assert shell("schedule", "run").exit_code == 2
    status = read_status(state)
    assert status is not None
    assert (status.last_run.code, status.last_run.exit_code) == ("settings", 2)


def test_looking_leaves_no_status(shell: Shell) -> None:
    """A dry run and a diff are no runs."""
    shell("--profile", "demo", "sync", "--dry-run")
    shell("--profile", "demo", "diff")

    assert read_status(ProfilePaths(shell.state / "demo")) is None


@posix_only
def test_a_schedule_that_does_not_run_is_mentioned_at_the_next_command(shell: Shell) -> None:
    """At a terminal, on stderr; not with --json, not when piped."""
    import pexpect

    now = datetime.now(UTC)
    state = ProfilePaths(shell.state / "demo").ready()
    before = now - timedelta(days=4)
    note = ScheduleNote(SchedulerKind.CRON, "xpmsync-demo", time(2, 30), EVERY_DAY, ("/py",), before, proved=True)
    write_schedule(state, note)
    write_status(state, StatusNote(RunNote("sync", before, before, 0, "done"), before, before))

    command = ["-m", "xpmsync", "--profile", "demo", "links"]
    terminal = pexpect.spawn(sys.executable, command, env=shell.environ, encoding="utf-8", dimensions=(50, 160))
    terminal.expect(pexpect.EOF)
    terminal.close()
    output = terminal.before
    assert isinstance(output, str)
    assert "The scheduled sync has not run for 4 days" in output
    assert "See: xpmsync --profile demo schedule status" in output
    assert shell("--profile", "demo", "links").err == ""
    assert "has not run for 4 days" in shell("--profile", "demo", "status").out


def test_secrets_of_notifications_go_into_the_keyring(shell: Shell, tmp_path: Path) -> None:
    """Piped in, never in the settings or in an argument; used by a test message; forgotten again."""
    shell.variables["XPMSYNC_TOKEN_FILE"] = str(tmp_path / "secrets.json")
    with hooks(HookServer()) as hook:
        kept = shell("notify", "set", "webhook", stdin=f"{hook.url}/canary-hook\n")
        assert kept.exit_code == 0
        assert "canary" not in shell.config.read_text(encoding="utf-8")

        sent = shell.json("notify", "test")
        assert sent.data["channels"] == {"webhook": {"sent": True, "problem": ""}}
    assert hook.requests[0][1] == "/canary-hook"

    failed = shell.json("notify", "test")
    assert (failed.exit_code, failed.codes) == (5, ["notification"])
    assert "canary" not in failed.out
    assert shell.json("notify", "forget", "webhook").data["deleted"] is True
    assert shell.json("notify", "test").exit_code == 2
    assert shell("notify", "set", "ping", stdin="no address\n").exit_code == 2
    assert shell("notify", "set", "mail-password", stdin="secret\n").exit_code == 2


def test_the_log_can_be_json(shell: Shell) -> None:
    """One object a line, on request."""
    shell("--profile", "demo", "config", "set", "log.format", "json")
    shell("--profile", "demo", "sync", "--yes")

    line = (shell.state / "demo" / "xpmsync.log").read_text(encoding="utf-8")
    assert json.loads(line)["exit_code"] == 0
