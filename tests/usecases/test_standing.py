"""status: where a practice stands, without network and without the keyring."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.sync_rig import TO_XPM, SyncRig
from xpmsync.errors import LedgerTooNew
from xpmsync.local.ledger.journal import RunOutcome
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.status import Status, get_status
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE


def stands(rig: SyncRig) -> Status:
    """What `status` tells."""
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
    found = stands(rig)
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
    assert stands(rig).open_writes == 1


def test_a_token_from_the_environment_counts_as_signed_in(tmp_path: Path) -> None:
    """And says where it comes from, never what it is."""
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    found = get_status(Settings("default", paths.config_file), paths, {ACCESS_TOKEN_VARIABLE: "a-secret"}, FakeClock())
    assert (found.signed_in.signed_in, found.signed_in.where) == (True, ACCESS_TOKEN_VARIABLE)
    assert "a-secret" not in repr(found)


def test_a_newer_ledger_is_an_error_here_too(tmp_path: Path) -> None:
    """Rather than a wrong answer."""
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    path = paths.profile("default").ledger
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerTooNew):
        get_status(Settings("default", paths.config_file), paths, {}, FakeClock())
