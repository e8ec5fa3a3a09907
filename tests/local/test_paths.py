"""Where files are kept, and that they are private and whole."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from xpmsync.errors import StateUnusable
from xpmsync.local.system.files import make_folder, make_private, write_private
from xpmsync.local.system.paths import Paths, account_locks

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def test_the_environment_names_both_places(tmp_path: Path) -> None:
    """XPMSYNC_CONFIG and XPMSYNC_STATE_DIR decide; a profile's files are in its own folder."""
    paths = Paths.from_environment(
        {"XPMSYNC_CONFIG": str(tmp_path / "c.toml"), "XPMSYNC_STATE_DIR": str(tmp_path / "state")}
    )
    north = paths.profile("north")

    assert paths.config_file == tmp_path / "c.toml"
    assert north.ledger == tmp_path / "state" / "north" / "ledger.sqlite"
    assert len({north.ledger, north.limits, north.register, north.lock, north.sign_in}) == 5
    assert not (tmp_path / "state").exists()


def test_the_argument_wins_over_the_environment(tmp_path: Path) -> None:
    """--config is stronger than XPMSYNC_CONFIG, and a relative path is made absolute."""
    paths = Paths.from_environment({"XPMSYNC_CONFIG": "a.toml", "XPMSYNC_STATE_DIR": "s"}, Path("b.toml"))

    assert paths.config_file == Path.cwd() / "b.toml"
    assert paths.state_root == Path.cwd() / "s"


@pytest.mark.skipif(sys.platform != "linux", reason="the usual places of Linux")
def test_without_them_the_usual_places_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and state go where XDG says, apart from each other."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    paths = Paths.from_environment({"XPMSYNC_CONFIG": "", "XPMSYNC_STATE_DIR": " "})

    assert paths.config_file == tmp_path / "config" / "xpmsync" / "config.toml"
    assert paths.profile("default").folder == tmp_path / "state" / "xpmsync" / "default"
    assert account_locks().parent == tmp_path / "state" / "xpmsync"


def test_one_folder_for_everything_gets_sub_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where settings and state share a folder, as on Windows, they do not lie in each other's way."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_a, **_k: tmp_path)
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_a, **_k: tmp_path)

    paths = Paths.from_environment({})

    assert paths.config_file == tmp_path / "config" / "config.toml"
    assert paths.state_root == tmp_path / "state"


@POSIX_ONLY
def test_folders_and_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Every new folder is 0700 and every new file 0600, whatever the umask says."""
    old = os.umask(0)
    try:
        file = make_private(tmp_path / "a" / "b" / "ledger.sqlite")
        write_private(tmp_path / "a" / "note.json", "{}")
    finally:
        os.umask(old)

    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b")] == [0o700, 0o700]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, tmp_path / "a" / "note.json")] == [0o600, 0o600]


def test_what_exists_is_kept(tmp_path: Path) -> None:
    """Making sure of a file does not empty it."""
    file = tmp_path / "ledger.sqlite"
    file.write_text("held", encoding="utf-8")

    assert make_private(file).read_text(encoding="utf-8") == "held"
    assert make_folder(tmp_path) == tmp_path


def test_a_place_that_takes_nothing_is_said_so(tmp_path: Path) -> None:
    """A state folder that cannot be made, or is a file, is a clear error with its path."""
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")

    for action in (
        lambda: make_folder(file),
        lambda: make_folder(file / "below"),
        lambda: make_private(tmp_path),
        lambda: write_private(file / "x", "text"),
        lambda: Paths(tmp_path, file).profile("default").ready(),
    ):
        with pytest.raises(StateUnusable) as raised:
            action()
        assert raised.value.reason


@POSIX_ONLY
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said_so(tmp_path: Path) -> None:
    """Without the right to write, nothing is tried."""
    tmp_path.chmod(0o500)

    with pytest.raises(StateUnusable):
        make_folder(tmp_path)
