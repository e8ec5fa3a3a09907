"""Another computer: what a person decided and what was done moves in one file, without secrets, checked on arrival."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from support.cli_runner import TOKEN, Live, Shell


@pytest.fixture
def moved(live: Live, tmp_path: Path) -> tuple[Live, Shell, Path]:
    """A practice with a run, an exception and a link's own level, its backup, and an empty second computer."""
    live.set("[sync]", 'on_edited = "hold"', "[ignition]", 'route = "builtin"', 'export_folder = "/nowhere/exports"')
    live.linked("Anchor Ltd")
    live.linked("Bower Ltd")
    live.shell("sync", "--yes")
    live.shell("except", "Bower Ltd", "phone", "--note", "their switchboard")
    live.shell("level", "Anchor Ltd", "names")
    file = tmp_path / "practice.zip"
    saved = live.shell.json("--quiet", "backup", str(file)).data
    assert (saved["links"], saved["runs"], saved["pending_files"]) == (2, 1, 0)
    other = Shell(tmp_path / "other", dict(live.shell.variables))
    return live, other, file


def test_everything_but_secrets_moves(moved: tuple[Live, Shell, Path]) -> None:
    """Links, levels, exceptions, history and settings are there; the next run compares all, and writes nothing."""
    live, other, file = moved
    told = other("restore", str(file), "--yes")
    assert told.exit_code == 0
    assert "There is no folder /nowhere/exports here." in " ".join(told.out.split())
    for words in (("links",), ("exceptions",), ("history",), ("show", "1")):
        assert other.json("--quiet", *words).data == live.shell.json("--quiet", *words).data
    assert other.json("config", "get", "sync.on_edited").data == live.shell.json("config", "get", "sync.on_edited").data
    data = other.json("--quiet", "diff").data
    counts, reading = data["counts"], data["reading"]
    assert isinstance(counts, dict)
    assert isinstance(reading, dict)
    assert (counts["changes"], reading["full"]) == (0, True)


def test_no_secret_is_in_it_and_only_this_user_reads_it(moved: tuple[Live, Shell, Path]) -> None:
    """Not the token that the commands ran with, in no member."""
    _, _, file = moved
    with zipfile.ZipFile(file) as archive:
        assert all(TOKEN.encode() not in archive.read(name) for name in archive.namelist())
        assert json.loads(archive.read("xpmsync_backup.json"))["links"] == 2
    assert file.stat().st_mode & 0o077 == 0


def test_a_ledger_that_is_here_is_kept_under_another_name(moved: tuple[Live, Shell, Path]) -> None:
    """Going back to a backup is allowed, knowingly: without a person it takes --yes, and nothing is lost."""
    live, _, file = moved
    live.shell("unlink", "Anchor Ltd")
    asked = live.shell("restore", str(file))
    assert (asked.exit_code, "--yes" in asked.err) == (2, True)
    restored = live.shell.json("--quiet", "restore", str(file), "--yes").data
    assert Path(str(restored["set_aside"])).exists()
    links = live.shell.json("--quiet", "links").data["links"]
    assert isinstance(links, list)
    assert len(links) == 2


def test_what_is_no_sound_backup_changes_nothing(moved: tuple[Live, Shell, Path], tmp_path: Path) -> None:
    """Another file, one without a ledger, a damaged one, one of a newer xpmsync or another profile: usage, and why."""
    _, other, file = moved
    text, damaged, newer = tmp_path / "a.zip", tmp_path / "b.zip", tmp_path / "c.zip"
    text.write_text("no archive", encoding="utf-8")
    with zipfile.ZipFile(file) as archive:
        manifest, ledger = archive.read("xpmsync_backup.json"), archive.read("ledger.sqlite")
    for path, first, second in (
        (damaged, manifest, ledger[:-1] + b"x"),
        (newer, manifest.replace(b'"xpmsync_backup": 1', b'"xpmsync_backup": 9'), ledger),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xpmsync_backup.json", first)
            archive.writestr("ledger.sqlite", second)
    empty = tmp_path / "d.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("xpmsync_backup.json", json.dumps({**json.loads(manifest), "digests": {}}))
    for path, profile, why in (
        (empty, "default", "is no backup of xpmsync"),
        (tmp_path / "nothing.zip", "default", "There is no file"),
        (text, "default", "is no backup of xpmsync"),
        (damaged, "default", "is damaged"),
        (newer, "default", "a newer xpmsync"),
        (file, "other", "is of the profile default"),
    ):
        told = other("--profile", profile, "restore", str(path), "--yes")
        assert (told.exit_code, why in " ".join(told.err.split())) == (2, True), told.err
    assert not other.config.exists()
    assert list(other.state.rglob("*.sqlite")) == []


def test_a_restore_that_failed_does_not_hinder_the_next(moved: tuple[Live, Shell, Path], tmp_path: Path) -> None:
    """A setting that this xpmsync does not take, or a draft that a killed restore left: nothing is in the way."""
    live, _, file = moved
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(bad, "w") as other:
        manifest = json.loads(archive.read("xpmsync_backup.json"))
        manifest["settings"]["sync.on_edited"] = "x"
        other.writestr("xpmsync_backup.json", json.dumps(manifest))
        for name in manifest["digests"]:
            other.writestr(name, archive.read(name))
    before = {path.name for path in live.paths.folder.iterdir()}
    refused = live.shell("restore", str(bad), "--yes")
    assert (refused.exit_code, "sync.on_edited" in refused.err) == (2, True)
    assert {path.name for path in live.paths.folder.iterdir()} == before
    for suffix in (".sqlite", "-marker.json"):
        content = live.paths.ledger.with_name(f"ledger{suffix}").read_bytes()
        live.paths.ledger.with_name(f"ledger-restored{suffix}").write_bytes(content)
    assert live.shell("restore", str(file), "--yes").exit_code == 0
    assert not list(live.paths.folder.glob("ledger-restored*"))


def test_another_practice_is_refused(moved: tuple[Live, Shell, Path]) -> None:
    """Its links would lead to clients of somebody else."""
    _, other, file = moved
    other("config", "set", "xpm.tenant_id", "00000000-0000-4000-8000-000000000009")
    told = other("restore", str(file), "--yes")
    assert (told.exit_code, "another practice" in told.err) == (2, True)


def test_the_demo_and_an_empty_profile_have_nothing_to_back_up(shell: Shell, tmp_path: Path) -> None:
    """Said so, and no file is written."""
    file = tmp_path / "practice.zip"
    for words in (("--profile", "demo", "backup", str(file)), ("backup", str(file))):
        assert shell(*words).exit_code == 2
    assert not file.exists()


def test_an_older_backup_is_chosen_and_not_lost(moved: tuple[Live, Shell, Path]) -> None:
    """Later links and runs are given up knowingly, so commands go on; the same older file merely copied is a loss."""
    live, _, file = moved
    live.linked("Correa Ltd")
    assert live.shell("sync", "--yes").exit_code == 0
    assert live.shell("restore", str(file), "--yes").exit_code == 0
    assert live.shell.json("--quiet", "status").data["links"] == 2
    for words in (("sync", "--yes"), ("undo", "1", "--yes"), ("level", "Anchor Ltd", "everything")):
        assert live.shell(*words).exit_code == 0, words
    with zipfile.ZipFile(file) as archive:
        live.paths.ledger.write_bytes(archive.read("ledger.sqlite"))
    assert live.shell("sync", "--yes").exit_code == 6
