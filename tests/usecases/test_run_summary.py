"""At the end of a run: what is noted, who is told, and that none of it changes how the run ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.keyrings import MemoryEntries
from support.mail_server import HookServer, MailServer, hooks, mailing
from xpmsync.core.enums import Direction, Level, NotifySecret, System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Call, CallKind, Hold, Plan
from xpmsync.core.ports.deferred import PendingFile, PendingUploads
from xpmsync.errors import KeyringUnusable, Rejected
from xpmsync.local.ledger.summary import RunNote, RunOutcome, StatusNote, read_status
from xpmsync.local.secrets.vault import Vault
from xpmsync.local.settings.sections import LogFormat, LogSettings, NotifySettings, SmtpSecurity, When
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.log import LOG_NAME, log_file
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.usecases.sync.apply import Applied
from xpmsync.usecases.sync.writer import Failure
from xpmsync.usecases.unattended.notify import Channel, forget_secret, keep_secret, notify, secret_of, trial_notice
from xpmsync.usecases.unattended.run_summary import notice_of, notify_run, pending_after

BEGAN = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
QUIET = RunNote("sync", BEGAN, BEGAN + timedelta(minutes=2), 0, "done", counts={"written": 3, "holds": 2})
FAILED = replace(QUIET, exit_code=9, status="unusable-answer", code="unreachable", counts={})
PARTLY = replace(QUIET, exit_code=5, status="partly-done", code="rejected", waiting={"failed": 1, "archived": 2})


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[ProfilePaths]:
    """A profile's folder; the logger is left without a file afterwards."""
    yield ProfilePaths(tmp_path / "state" / "north")
    logging.getLogger(LOG_NAME).handlers.clear()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A keyring."""
    return Vault(MemoryEntries(), tmp_path / "locks")


def settings(told: NotifySettings | None = None, log: LogSettings | None = None) -> Settings:
    """A practice's settings."""
    return Settings("north", Path("/c.toml"), notify=told or NotifySettings(), log=log or LogSettings())


def say(held: Settings, paths: ProfilePaths, run: RunNote, vault: Vault, *, attended: bool = False) -> tuple[str, ...]:
    """Tell how a run ended."""
    return notify_run(held, paths, run, attended=attended, whole=True, open_vault=lambda: vault, clock=FakeClock())


def test_the_status_file_holds_counts_and_codes(paths: ProfilePaths, vault: Vault) -> None:
    """What a monitor may read: how it ended, when, how much; and it reads back."""
    say(settings(), paths, PARTLY, vault)

    told = json.loads((paths.folder / "status.json").read_text(encoding="utf-8"))
    assert told["last_run"]["exit_code"] == 5
    assert told["last_run"]["waiting"] == {"failed": 1, "archived": 2}
    assert told["last_success"] is None
    assert read_status(paths) == StatusNote(PARTLY, None, None, 1)


def test_successes_failures_and_scheduled_runs_are_counted(paths: ProfilePaths, vault: Vault) -> None:
    """The last success stays known through failures, and the last scheduled run through runs by hand."""
    by_schedule = replace(QUIET, by_schedule=True)
    for run in (by_schedule, FAILED, PARTLY):
        say(settings(), paths, run, vault)

    found = read_status(paths)
    assert found == StatusNote(PARTLY, QUIET.finished, QUIET.finished, 2)
    say(settings(), paths, QUIET, vault)
    assert read_status(paths) == StatusNote(QUIET, QUIET.finished, QUIET.finished, 0)


def test_what_a_finished_run_leaves_to_a_person() -> None:
    """Failures, a file to upload, and holds that nobody but a person can lift; not those of the settings."""
    client = ClientRef("x", "i", "Canary Client")
    codes = (HoldCode.ARCHIVED, HoldCode.ARCHIVED, HoldCode.LEVEL, HoldCode.ROUTE_CANNOT)
    holds = tuple(Hold(client, "phone", code, "because") for code in codes)
    plan = Plan(direction=Direction.FROM_XPM, level=Level.EVERYTHING, changes=(), holds=holds, clients=1, equal=0)
    files = tuple(
        PendingFile(System.IGNITION, Path("f.csv"), BEGAN, 1, 1, once=False, uploaded=when) for when in (None, BEGAN)
    )
    failure = Failure(Call(client, CallKind.UPDATE, {}, ()), Rejected(System.XPM, "PUT", "no"))
    applied = Applied(1, plan, 0, (failure,), RunOutcome.PARTIAL, 1, pending_uploads=PendingUploads(files))

    assert pending_after(applied) == {"archived": 2, "failed": 1, "upload": 1}


def test_a_guard_and_a_missing_sign_in_wait_for_a_person(paths: ProfilePaths, vault: Vault) -> None:
    """Runs that ended before any plan still say what somebody has to do."""
    for code, waits in ((6, "guard"), (4, "sign-in")):
        say(settings(), paths, replace(FAILED, exit_code=code), vault)
        found = read_status(paths)
        assert found is not None
        assert found.last_run.waiting == {waits: 1}


@pytest.mark.parametrize(("command", "waiting"), [("sync", {"archived": 2, "guard": 1}), ("apply", {"archived": 2})])
def test_what_a_run_of_some_clients_leaves(
    command: str, waiting: dict[str, int], paths: ProfilePaths, vault: Vault
) -> None:
    """It proves the sign-in and nothing else; only an applied plan ends what a guard stopped."""
    say(settings(), paths, replace(QUIET, waiting={"archived": 2, "guard": 1, "sign-in": 1}), vault)

    notify_run(
        settings(),
        paths,
        replace(QUIET, command=command),
        attended=True,
        whole=False,
        open_vault=lambda: vault,
        clock=FakeClock(),
    )

    found = read_status(paths)
    assert found is not None
    assert found.last_run.waiting == waiting


def test_settings_that_cannot_be_read_still_leave_a_status(paths: ProfilePaths, vault: Vault) -> None:
    """A run that died of its settings file is noted; nobody else can be told."""
    run = replace(FAILED, exit_code=2, status="usage", code="settings")
    assert notify_run(None, paths, run, attended=False, whole=True, open_vault=lambda: vault, clock=FakeClock()) == ()

    found = read_status(paths)
    assert found is not None
    assert found.last_run.code == "settings"
    assert not log_file(paths).exists()


def test_a_failed_run_is_told_by_mail_webhook_and_ping(paths: ProfilePaths, vault: Vault) -> None:
    """All three channels, with one line, counts, codes and the commands to look further."""
    with mailing(MailServer()) as mail, hooks(HookServer()) as hook:
        told = NotifySettings(
            mail_to=("ada@example.com",),
            smtp_host="localhost",
            smtp_port=mail.port,
            smtp_security=SmtpSecurity.NONE,
            webhook_url=f"{hook.url}/hook",
            ping_url=f"{hook.url}/ping",
        )
        assert say(settings(told), paths, PARTLY, vault) == ()

    (message,) = mail.mails
    assert message["Subject"] == "xpmsync (north): sync partly done"
    text = str(message.get_payload())
    assert "exit code 5, rejected" in text
    assert "2 holds (archived)" in text
    assert "xpmsync --profile north history" in text
    posted = next(body for method, _, body in hook.requests if method == "POST")
    assert isinstance(posted, dict)
    assert posted["counts"] == {"written": 3, "holds": 2}
    assert posted["text"] == "xpmsync (north): sync partly done. 3 changed, 2 wait for you, 1 failed"
    assert text.startswith("3 changed, 2 wait for you, 1 failed.")
    assert {path for _, path, _ in hook.requests} == {"/hook", "/ping/fail"}
    assert "notification channel=mail problem=none" in log_file(paths).read_text(encoding="utf-8")


@pytest.mark.parametrize(("when", "messages"), [(When.TROUBLE, 0), (When.ALWAYS, 1)])
def test_a_quiet_run_pings_and_says_no_more_unless_asked(
    when: When, messages: int, paths: ProfilePaths, vault: Vault
) -> None:
    """Nobody reads a mail a night for long; the monitor wants its ping every time."""
    with hooks(HookServer()) as hook:
        told = NotifySettings(when=when, webhook_url=f"{hook.url}/hook", ping_url=f"{hook.url}/ping")
        say(settings(told), paths, QUIET, vault)

    assert [path for _, path, _ in hook.requests if path == "/ping"] == ["/ping"]
    assert sum(method == "POST" for method, _, _ in hook.requests) == messages


def test_a_hold_that_waits_already_is_not_told_again(vault: Vault) -> None:
    """A person is told when something new waits, not each night of what they left for later."""
    first = replace(QUIET, waiting={"archived": 2})
    more = replace(QUIET, waiting={"archived": 2, "missing": 1})
    held = settings()

    assert notice_of(held, first, None).worth
    assert not notice_of(held, first, StatusNote(first, None)).worth
    assert not notice_of(held, replace(QUIET, waiting={"archived": 1}), StatusNote(first, None)).worth
    told = notice_of(held, more, StatusNote(first, None))
    assert told.worth
    assert told.good
    assert told.subject == "xpmsync (north): sync done, something waits for a person"


def test_a_person_at_the_terminal_is_not_told_again(paths: ProfilePaths, vault: Vault) -> None:
    """Who sees the run end needs no mail of it, and the monitor watches the schedule, not the person."""
    with hooks(HookServer()) as hook:
        told = NotifySettings(webhook_url=f"{hook.url}/hook", ping_url=f"{hook.url}/ping")
        say(settings(told), paths, FAILED, vault, attended=True)

    assert hook.requests == []
    assert read_status(paths) is not None


def test_notifications_that_fail_are_warnings(paths: ProfilePaths, vault: Vault) -> None:
    """A refusing webhook, a password that is not in the keyring: said, logged, and nothing else."""
    with hooks(HookServer(status=500)) as hook:
        told = NotifySettings(
            mail_to=("ada@example.com",),
            smtp_host="mail.example.com",
            smtp_user="ada",
            webhook_url=f"{hook.url}/hook",
            ping_url="keyring",
        )
        warnings = say(settings(told), paths, FAILED, vault)

    run = "run: xpmsync --profile north notify set"
    assert warnings == (
        f"The notification by mail failed: its password is not in the keyring; {run} mail-password.",
        "The notification by webhook failed: 127.0.0.1 answered with HTTP status 500.",
        f"The notification by ping failed: its address is not in the keyring; {run} ping.",
    )
    assert log_file(paths).read_text(encoding="utf-8").count("warning notification") == 3


def test_a_keyring_that_fails_is_a_warning(paths: ProfilePaths) -> None:
    """Without the keyring the address is out of reach; the run's end stands all the same."""

    def locked() -> Vault:
        raise KeyringUnusable("it is locked")

    told = settings(NotifySettings(webhook_url="keyring"))
    warnings = notify_run(told, paths, FAILED, attended=False, whole=True, open_vault=locked, clock=FakeClock())

    assert warnings == ("The notification by webhook failed: the keyring cannot be used: it is locked.",)


def test_channels_that_hang_do_not_hold_up_the_end(vault: Vault) -> None:
    """A mail server that never greets and a webhook that never answers, at once, within the time for all."""
    with mailing(MailServer(hangs=True)) as mail, hooks(HookServer(hangs=True)) as hook:
        told = NotifySettings(
            mail_to=("ada@example.com",),
            smtp_host="localhost",
            smtp_port=mail.port,
            smtp_security=SmtpSecurity.NONE,
            webhook_url=f"{hook.url}/hook",
        )
        ended = notify(settings(told), trial_notice(settings(told)), lambda: vault, now=BEGAN, seconds=0.1)

    late = "no answer within 0.1 seconds"
    assert ended == {Channel.MAIL: late, Channel.WEBHOOK: late}


def test_secret_addresses_live_in_the_keyring(vault: Vault) -> None:
    """Kept, used and forgotten; passwords may hold any character."""
    with hooks(HookServer()) as hook:
        held = settings(NotifySettings(webhook_url="keyring", smtp_host="localhost", smtp_user="ada"))
        keep_secret(held, vault, NotifySecret.WEBHOOK, f"{hook.url}/canary?sig=1")
        keep_secret(held, vault, NotifySecret.MAIL_PASSWORD, "pä:ss wörd")

        assert notify(held, trial_notice(held), lambda: vault, now=BEGAN) == {Channel.WEBHOOK: ""}

    assert hook.requests[0][1] == "/canary?sig=1"
    assert secret_of(held, vault, NotifySecret.MAIL_PASSWORD) == "pä:ss wörd"
    assert secret_of(replace(held, profile="south"), vault, NotifySecret.WEBHOOK) is None
    assert forget_secret(held, vault, NotifySecret.WEBHOOK)
    assert not forget_secret(held, vault, NotifySecret.WEBHOOK)


def test_the_log_tells_the_run_in_json_on_request(paths: ProfilePaths, vault: Vault) -> None:
    """One object: command, how it ended, how long it took, the counts."""
    say(settings(log=LogSettings(LogFormat.JSON)), paths, FAILED, vault)

    told = json.loads(log_file(paths).read_text(encoding="utf-8"))
    told.pop("time")
    assert told == {
        "level": "warning",
        "message": "run ended",
        "command": "sync",
        "exit_code": 9,
        "status": "unusable-answer",
        "problem": "unreachable",
        "by_schedule": False,
        "seconds": 120,
    }


def test_a_folder_that_takes_no_status_is_a_warning(tmp_path: Path, vault: Vault) -> None:
    """A file stands in its place."""
    (tmp_path / "state").write_text("in the way", encoding="utf-8")

    (warning,) = say(settings(), ProfilePaths(tmp_path / "state"), QUIET, vault)

    assert warning.startswith("The status could not be noted")
