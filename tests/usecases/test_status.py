"""status: sign-in, links, last run and what waits, without network and without the keyring."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.sync_rig import TO_XPM, SyncRig, open_rig
from xpmsync.errors import LedgerTooNew
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunNote, RunOutcome, StatusNote, write_status
from xpmsync.local.net.sign_in_facts import SignInFacts
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
from xpmsync.local.system.json_files import write_record
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.status import Status, get_status
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE


def status_of(rig: SyncRig) -> Status:
    """What `status` shows."""
    return get_status(rig.settings, rig.places, {}, rig.clock)


def test_a_new_profile(tmp_path: Path) -> None:
    """Nothing is signed in, linked or done; and asking leaves no file behind."""
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    found = get_status(Settings("default", paths.config_file), paths, {}, FakeClock())
    assert not found.signed_in.signed_in
    assert (found.links, found.last_run, found.open_writes, found.calls_today, found.calls_left) == (
        0,
        None,
        0,
        0,
        None,
    )
    assert list(tmp_path.iterdir()) == []


def test_after_a_run(rig: SyncRig) -> None:
    """Links, the run and its outcome, the calls used, and what XPM said is left; no call is made for it."""
    rig.linked(xpm={"phone": "1"})
    rig.run()
    rig.forget_calls()
    found = status_of(rig)
    assert found.links == 1
    assert found.last_run is not None
    assert (found.last_run.outcome, found.last_run.counts["written"]) == (RunOutcome.DONE, 1)
    assert (found.calls_today, found.calls_left) == (1, (4999, rig.clock.now()))
    assert rig.calls == []


def test_writes_without_an_answer_are_counted(rig: SyncRig) -> None:
    """Until a later run has compared them."""
    rig.sync = TO_XPM
    rig.linked(ignition={"phone": "1"})
    rig.fault(Fault("lost-after", method="PUT"))
    rig.run()
    assert status_of(rig).open_writes == 1


def test_a_token_from_the_environment_counts_as_signed_in(tmp_path: Path) -> None:
    """And says where it comes from, never what it is."""
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    found = get_status(Settings("default", paths.config_file), paths, {ACCESS_TOKEN_VARIABLE: "a-secret"}, FakeClock())
    assert (found.signed_in.signed_in, found.signed_in.where) == (True, ACCESS_TOKEN_VARIABLE)
    assert "a-secret" not in repr(found)


NEEDED_A_SIGN_IN = RunNote(
    "sync",
    datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    datetime(2026, 11, 22, 9, 1, tzinfo=UTC),
    4,
    "sign-in-needed",
    waiting={"edited": 2, "sign-in": 1},
)


@pytest.mark.parametrize(
    ("lacking", "signed_in_to", "minutes", "waiting"),
    [
        ("xpm", "sign_in", 5, {"edited": 2}),
        ("ignition", "ignition_sign_in", 5, {"edited": 2}),
        ("ignition", "sign_in", 5, {"edited": 2, "sign-in": 1}),
        ("xpm", "sign_in", -5, {"edited": 2, "sign-in": 1}),
    ],
)
def test_a_sign_in_waits_until_it_was_made(
    rig: SyncRig, lacking: str, signed_in_to: str, minutes: int, waiting: dict[str, int]
) -> None:
    """At the system that lacked it, and after the run; what else waits stays."""
    write_status(rig.paths, StatusNote(replace(NEEDED_A_SIGN_IN, sign_in_to=lacking)))
    facts = SignInFacts(host="example.com", renewed_at=NEEDED_A_SIGN_IN.finished + timedelta(minutes=minutes))
    write_record(getattr(rig.paths, signed_in_to), facts)

    ended = status_of(rig).ended
    assert ended is not None
    assert ended.last_run.waiting == waiting


def test_uploads_wait_until_they_were_made(tmp_path: Path) -> None:
    """The count is that of the files that wait now, not of the run that wrote them."""
    with open_rig(tmp_path) as rig:
        folder = tmp_path / "exports"
        folder.mkdir()
        rig.settings = replace(rig.settings, ignition=IgnitionSettings(route=Route.CSV, export_folder=str(folder)))
        write_status(rig.paths, StatusNote(replace(NEEDED_A_SIGN_IN, exit_code=0, waiting={"upload": 1})))
        Ledger(rig.paths.ledger).close()

        ended = status_of(rig).ended
    assert ended is not None
    assert ended.last_run.waiting == {}


def test_a_newer_ledger_is_an_error_here_too(tmp_path: Path) -> None:
    """Rather than a wrong answer."""
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    path = paths.profile("default").ledger
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerTooNew):
        get_status(Settings("default", paths.config_file), paths, {}, FakeClock())
