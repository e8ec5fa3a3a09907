"""The program as a single file without Python, built by `.github/single_file.py`; `--single-file FOLDER` says where."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.secret_service import needs_secret_service, running


@pytest.fixture
def program(pytestconfig: pytest.Config) -> Path:
    """The file, as it was built."""
    folder = pytestconfig.getoption("single_file")
    if folder is None:
        pytest.skip("no --single-file was given")
    return Path(folder, "xpmsync.exe" if os.name == "nt" else "xpmsync").resolve(strict=True)


def run(program: Path, folder: Path, *words: str, environ: Mapping[str, str] | None = None) -> str:
    """Run the file in a home of its own and return what it wrote."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    known = {name: text for name, text in os.environ.items() if not name.startswith(("XPMSYNC_", "PYTHON"))}
    places = {**dict.fromkeys(("HOME", "USERPROFILE"), str(home)), "XPMSYNC_STATE_DIR": str(folder / "state")}
    given = {**known, **places, "XPMSYNC_CONFIG": str(folder / "config.toml"), **(environ or {})}
    ended = subprocess.run([str(program), *words], env=given, capture_output=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


@pytest.mark.parametrize("route", ["builtin", "files"])
def test_the_demonstration_ends_well(program: Path, tmp_path: Path, route: str) -> None:
    """The whole job, with all that is loaded by name and all data files on the way."""
    answer = json.loads(run(program, tmp_path, "--json", "demo", "--route", route))
    assert answer["exit_code"] == 0
    assert len(answer["data"]["steps"]) > 10


def test_its_schedule_starts_the_file_itself(program: Path, tmp_path: Path) -> None:
    """No `python -m`: there is no Python."""
    shown = json.loads(run(program, tmp_path, "--json", "--profile", "demo", "schedule", "show", "--kind", "cron"))
    assert shown["data"]["command"][:2] == [str(program), "--config"]


@pytest.mark.skipif(os.name == "nt", reason="PowerShell is not named by $SHELL")
def test_completion_can_be_shown(program: Path, tmp_path: Path) -> None:
    """The shell is detected by a module that is loaded by name."""
    shell = subprocess.run(
        ["bash", "-c", f"{program} --show-completion; :"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "_XPMSYNC_COMPLETE=complete_bash" in shell.stdout


@needs_secret_service
@pytest.mark.secret_service
def test_the_keyring_is_written_and_read(program: Path, tmp_path: Path) -> None:
    """The doctor writes, reads and deletes an entry of a real Secret Service."""
    run(program, tmp_path, "config", "set", "xpm.tenant_id", "t-1")
    with running() as service:
        text = subprocess.run(
            [str(program), "--json", "doctor", "--offline"],
            env={
                **service.environ,
                "XPMSYNC_CONFIG": str(tmp_path / "config.toml"),
                "XPMSYNC_STATE_DIR": str(tmp_path / "state"),
            },
            capture_output=True,
            timeout=120,
            check=False,
        ).stdout
    (found,) = [check for check in json.loads(text)["data"]["checks"] if check["check"] == "keyring"]
    assert found["verdict"] == "ok"
    assert found["told"].startswith("Secret Service: written")
