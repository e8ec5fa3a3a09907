"""What commands load, what they leave behind, and what they never tell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli_runner import TOKEN, Live, Shell
from xpmsync.simulator.server.faults import Fault, FaultKind

_TAX_NUMBER = "canary-tax-123456789"
_MASKED = "*****789"
"""The end of what XPM's answers hold of a tax number."""


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("status",), ("--profile", "demo", "status")])
def test_quick_commands_import_nothing_heavy(shell: Shell, words: tuple[str, ...]) -> None:
    """None of httpx, keyring and rich.console is in `sys.modules` after them."""
    script = (
        "import sys\nfrom xpmsync.cli.main import run\nended = run(sys.argv[1:])\n"
        "heavy = [name for name in ('httpx', 'keyring', 'rich.console') if name in sys.modules]\n"
        "sys.exit(f'{ended} {heavy}' if ended or heavy else 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *words], env=shell.environ, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_demonstration_ends_well_asks_nothing_and_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    """`demo` with a closed stdin: exit code 0, and neither home, settings, state nor temporary folder has a file."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    places = {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    told = shell("demo", variables=places)
    assert told.exit_code == 0
    assert "Traceback" not in told.err
    assert "That was the whole job." in told.out
    assert list(shell.home.rglob("*")) == []
    assert list(temporary.iterdir()) == []
    assert not shell.config.exists()
    assert not shell.state.exists()


def test_secrets_and_numbers_never_told_are_nowhere(live: Live, tmp_path: Path) -> None:
    """A marked token and a marked tax number are in no output and in no file, whatever is run, even where it fails."""
    live.linked("Harbour Dental Ltd", TaxNumber=_TAX_NUMBER, CompanyNumber=_TAX_NUMBER)
    fresh = live.client("Fresh Bakery Ltd", contact="Bea Fox", TaxNumber=_TAX_NUMBER, BankAccountNumber=_TAX_NUMBER)
    seen = []
    for words in (
        ("-vv", "search", "a"),
        ("-vv", "import", fresh, "--yes"),
        ("-vv", "diff", "--out", str(tmp_path / "plan.json")),
        ("-vv", "sync", "--yes"),
        ("--json", "history"),
        ("-vv", "explain", "Harbour Dental Ltd"),
        ("-vv", "status"),
    ):
        told = live.shell(*words)
        assert told.exit_code == 0, (words, told.err)
        seen.append(told)
    for kind in (FaultKind.CUT_BODY, FaultKind.MALFORMED, FaultKind.UNAUTHORIZED, FaultKind.SERVER_ERROR_ENVELOPE):
        live.fault(Fault(kind, times=0, message="Not now"))
        told = live.shell("-vv", "sync", "--yes", "--full")
        assert told.exit_code not in (0, 1), (kind, told.err)
        seen.append(told)
        live.server.faults.clear()
    for told in seen:
        assert TOKEN not in told.out + told.err
        assert _TAX_NUMBER not in told.out + told.err
        assert _MASKED not in told.out + told.err
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert len(files) > 3
    for one in files:
        content = one.read_bytes()
        assert TOKEN.encode() not in content, one
        assert _TAX_NUMBER.encode() not in content, one
        assert _MASKED.encode() not in content, one


def test_completion_offers_linked_clients(shell: Shell) -> None:
    """The shell is offered the names of linked clients that begin like the word, of the profile in the line."""
    assert shell("--profile", "demo", "links").exit_code == 0
    offered = shell(
        variables={
            "_XPMSYNC_COMPLETE": "complete_zsh",
            "_TYPER_COMPLETE_ARGS": "xpmsync --profile demo diff Jac",
        }
    )
    assert "Jacaranda Physiotherapy Pty Ltd" in offered.out
    assert "MacAllister" not in offered.out


def test_an_old_code_page_does_not_end_the_program(shell: Shell) -> None:
    """Pipes in cp1252, as Windows has them: a Māori name comes out in UTF-8."""
    told = shell("--profile", "demo", "search", "Māori", variables={"PYTHONIOENCODING": "cp1252"})
    assert told.exit_code == 0
    told = shell("--profile", "demo", "links", variables={"PYTHONIOENCODING": "cp1252", "LC_ALL": "C"})
    assert told.exit_code == 0
    assert "Café Zoë Pty Ltd" in told.out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
def test_a_reader_that_has_enough_is_no_error(shell: Shell) -> None:
    """`xpmsync demo | head -1`: no traceback, no complaint."""
    with subprocess.Popen(
        [sys.executable, "-m", "xpmsync", "--profile", "demo", "config", "show"],
        env={**shell.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complaints = running.stderr.read()
    assert (running.returncode, complaints) == (0, b"")
