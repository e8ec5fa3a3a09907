"""The command that installs an extra, by the installer that was used."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from xpmsync.local.system.installer import extra_command

GIT = {"url": "https://example.com/xpmsync", "vcs_info": {"vcs": "git", "commit_id": "1"}}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with the program's metadata before everything else."""
    folder = tmp_path / "site" / "xpmsync-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: xpmsync\nVersion: 0.1.0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


@pytest.mark.parametrize(
    ("mark", "installer", "begin"),
    [
        ("uv-receipt.toml", "uv", "uv tool install "),
        ("pipx_metadata.json", "pip", "pipx install --force "),
        ("", "uv", "uv pip install "),
        ("", "pip", f'"{sys.executable}" -m pip install '),
    ],
)
def test_the_installer_and_the_address_are_repeated(
    installed: Path, tmp_path: Path, mark: str, installer: str, begin: str
) -> None:
    """The program is on no index, so the address it came from is needed again."""
    (installed / "INSTALLER").write_text(f"{installer}\n", encoding="utf-8")
    (installed / "direct_url.json").write_text(json.dumps(GIT), encoding="utf-8")
    if mark:
        (tmp_path / mark).touch()

    assert extra_command("mcp", tmp_path) == f'{begin}"xpmsync[mcp] @ git+https://example.com/xpmsync"'


def test_without_an_address_the_name_is_enough(installed: Path, tmp_path: Path) -> None:
    """From an index, by pip."""
    (installed / "INSTALLER").write_text("pip\n", encoding="utf-8")
    assert extra_command("mcp", tmp_path).endswith('pip install "xpmsync[mcp]"')


def test_an_editable_copy_stays_editable(installed: Path, tmp_path: Path) -> None:
    """As developers have it."""
    origin = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    (installed / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")
    assert extra_command("mcp", tmp_path).endswith(f'--editable "{tmp_path}[mcp]"')


def test_a_single_file_installs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was built with is all it has."""
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert extra_command("mcp") == ""
