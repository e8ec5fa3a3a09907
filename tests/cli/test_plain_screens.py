"""What screens say once, in words, and in the right order."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell
from xpmsync.cli.views.status import last_run_words
from xpmsync.core.plan.hold_codes import HOLD_WORDS, HoldCode, waiting_line
from xpmsync.local.ledger.summary import RunNote, StatusNote
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.register import Register
from xpmsync.usecases.setup import CHOICES, note_answered

_NAME = "Harbour Dental Ltd"
_DEMO = ("--profile", "demo")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ANN = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}

at_a_terminal = pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")


@pytest.fixture
def exports(shell: Shell) -> Path:
    """The demo profile on route csv, with an export to read."""
    folder = shell.folder / "exports"
    for words in (("ignition.route", "csv"), ("ignition.export_folder", str(folder))):
        assert shell(*_DEMO, "config", "set", *words).exit_code == 0
    assert shell(*_DEMO, "simulator", "export").exit_code == 0
    return folder


def test_totals_give_the_reasons_of_holds_in_words(shell: Shell) -> None:
    """Nobody must know the codes; the list of holds has both."""
    totals = shell(*_DEMO, "diff").out.split("Holds:")[1]
    assert "blank in the source [blank-source]" in totals
    assert "9 holds (blank in the source: 3, cannot be written this way: 2" in totals
    assert set(HOLD_WORDS) == set(HoldCode)


def test_what_waits_is_said_in_words() -> None:
    """In `status` and in notifications alike, whatever the code."""
    assert waiting_line("edited", 2) == "2 holds (edited in the target)"
    assert waiting_line("undecided", 1) == "1 creation of unknown outcome"
    assert waiting_line("upload", 1) == "1 file to upload"


def test_an_ending_is_named_once() -> None:
    """An interrupted run is called so once, not by its ending and by its code."""
    run = RunNote("sync", _NOW, _NOW, 130, "interrupted", "interrupted")
    assert last_run_words(StatusNote(run)).endswith("sync by hand: interrupted")


def test_a_run_without_a_change_begins_with_its_result(live: Live) -> None:
    """No empty line first, and none twice."""
    live.linked(_NAME, there="02 5550 0101")
    out = live.shell("sync", "--yes").out
    assert out.startswith("Nothing to write.")
    assert "\n\n\n" not in out


@at_a_terminal
def test_what_was_read_is_shown_once(shell: Shell, exports: Path) -> None:
    """With the plan, before the question; not again with the result."""
    from support.terminal import Terminal

    terminal = Terminal(shell, *_DEMO, "sync", "MacAllister Farms")
    terminal.answer("Write these changes?", "y")
    assert terminal.end() == 0
    assert sum("Ignition as in the export" in row for row in terminal.rows) == 1


def test_search_shows_its_rows_before_the_state_of_the_files(shell: Shell, exports: Path) -> None:
    """At a terminal, where both are read, the notices on the files come last."""
    command = [sys.executable, "-m", "xpmsync", *_DEMO, "search", "MacAllister"]
    shown = subprocess.run(
        command,
        env=shell.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    ).stdout.decode("utf-8")
    assert shown.index("MacAllister Farms") < shown.index("Ignition as in the export")


def test_explain_knows_what_is_in_a_file_for_upload(shell: Shell, exports: Path) -> None:
    """A value that waits for a person's upload is not announced as one to be written."""
    assert shell(*_DEMO, "explain", "Pemberton & Sons LLP").out.count("\nwrite ") > 0
    assert shell(*_DEMO, "sync", "--yes", "Pemberton & Sons LLP").exit_code == 0
    out = shell(*_DEMO, "explain", "Pemberton & Sons LLP").out
    assert "\nwrite " not in out
    assert "is in a file that waits for your upload already." in out
    following = shell.json(*_DEMO, "explain", "Pemberton & Sons LLP").data["next"]
    assert isinstance(following, dict)
    assert following["changes"] == []
    assert following["pending_uploads"]


@pytest.mark.parametrize("command", [("except",), ("exceptions", "remove"), ("explain",)], ids="-".join)
def test_a_mistyped_field_is_called_one(shell: Shell, command: tuple[str, ...]) -> None:
    """All words but the last name a client, so that the last one was to be a field."""
    shell(*_DEMO, "diff")
    note = ("--note", "theirs") if command == ("except",) else ()
    answer = shell(*_DEMO, *command, "MacAllister", "Farms", "fone", *note)
    assert answer.exit_code == 2
    assert "There is no field 'fone'. The nearest are phone" in " ".join(answer.err.split())
    assert shell.json(*_DEMO, *command, "Nobody", "fone", *note).codes == ["not-found"]


def test_a_mistyped_profile_is_answered_with_the_near_one(shell: Shell) -> None:
    """Before the command that would make a new one."""
    shell.config.parent.mkdir(parents=True, exist_ok=True)
    shell.config.write_text('config_version = 1\n[profiles.north.sync]\nlevel = "names"\n', encoding="utf-8")
    message = " ".join(shell("--profile", "nort", "status").err.split())
    assert "There is no profile 'nort' in the settings. Did you mean north?" in message


@at_a_terminal
def test_linking_that_is_declined_is_not_done(live: Live) -> None:
    """`start` stops there, and asks again the next time."""
    from support.terminal import Terminal

    live.client(_NAME, "02 5550 0101")
    with Register(make_private(live.paths.ready().register)) as register:
        register.create({"name": _NAME, "phone": "02 5550 0101"}, [_ANN])
    note_answered(live.paths, *CHOICES)
    for _ in range(2):
        terminal = Terminal(live.shell, "start")
        terminal.answer("Link this", "n")
        assert terminal.end() == 0
        assert any("No client is linked, so there is nothing to sync yet." in row for row in terminal.rows)
        assert "Go on with: xpmsync start" in terminal.rows
