"""doctor on the command line: lines with their fix, JSON, and the report that is shown before it is written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell

_LINKED = "Harbour Dental Ltd"


def test_all_is_well_with_the_built_in_practice(shell: Shell) -> None:
    """Each check has its line; nothing to do, exit code 0."""
    told = shell("--profile", "demo", "doctor")

    assert told.exit_code == 0
    assert told.out.rstrip().endswith("All is well.")
    assert "XPM: one client read" in told.out


def test_problems_have_their_fix_and_their_exit_code(shell: Shell) -> None:
    """Nobody is signed in and there is no keyring: each with what to do, and 5 at the end."""
    told = shell("doctor", "--offline")

    assert told.exit_code == 5
    assert "-> Sign in with: xpmsync login xpm" in told.out
    assert "2 problems, 1 warning." in told.out


def test_for_programs_the_checks_are_data(shell: Shell) -> None:
    """Each with verdict, words and fix; problems are errors of the envelope as well."""
    told = shell.json("doctor", "--offline")

    checks = told.data["checks"]
    assert isinstance(checks, list)
    verdicts = {one["check"]: one["verdict"] for one in checks}
    assert (verdicts["keyring"], verdicts["sign-in"], verdicts["ledger"]) == ("problem", "problem", "ok")
    assert told.data["verdict"] == "problem"
    assert told.codes == ["doctor-keyring", "doctor-sign-in"]


def test_a_broken_settings_file_does_not_stop_the_doctor(shell: Shell) -> None:
    """Its problem stands with file and line, and the other checks follow."""
    shell.config.write_text('[sync]\nlevel = "all"\n', encoding="utf-8")
    told = shell("doctor", "--offline")

    assert told.exit_code == 5
    assert "line 2: sync.level" in told.out
    assert "native-sync" in told.out


def test_a_system_that_fails_is_explained_as_by_any_command(live: Live) -> None:
    """The words of the error, and what to do."""
    live.linked(_LINKED)
    told = live.shell("doctor", variables={"XPMSYNC_XPM_ACCESS_TOKEN": "refused"})

    assert told.exit_code == 5
    assert "did not accept the access token" in told.out


def test_the_report_is_shown_and_written_only_when_agreed(shell: Shell, tmp_path: Path) -> None:
    """Without a terminal and --yes it is shown alone; with --yes it is a private file with the same text."""
    file = tmp_path / "report.md"
    shown = shell("--profile", "demo", "doctor", "--report", "--out", str(file))
    assert shown.exit_code == 0
    assert "## Expected" in shown.out
    assert "Nothing was written." in shown.out
    assert not file.exists()

    written = shell("--profile", "demo", "doctor", "--report", "--out", str(file), "--yes")
    text = file.read_text(encoding="utf-8")
    assert text.splitlines()[0] in written.out
    assert str(tmp_path) not in text
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_report_holds_no_client_and_no_token(live: Live) -> None:
    """A practice that was used and failed: nothing of its clients, its token or its folders is in the report."""
    client = live.linked(_LINKED)
    live.shell("sync", "--yes")
    live.shell("sync", "--yes", variables={"XPMSYNC_XPM_ACCESS_TOKEN": "canary-refused"})
    told = live.shell.json("doctor", "--report")

    report = told.data["report"]
    assert isinstance(report, str)
    assert "ended with sign-in-needed" in report
    for secret in (_LINKED, str(client), "canary", "ann@example.com", str(live.shell.folder)):
        assert secret not in report


@pytest.mark.parametrize("words", [("--out", "x.md"), ("--nonsense",)])
def test_wrong_words_are_usage_errors(words: tuple[str, ...], shell: Shell) -> None:
    """Exit code 2."""
    assert shell.json("doctor", *words).exit_code == 2
