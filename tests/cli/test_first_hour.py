"""The first hour of an administrator, played at a terminal of 80 x 24: from an empty home to the first applied sync."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli_runner import Shell
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.settings.settings import Route
from xpmsync.local.system.files import make_private
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import seed_register, seed_world
from xpmsync.simulator.server.server import PKCE_APP, SimulatorServer
from xpmsync.simulator.world.world import World

pytest.importorskip("pexpect")
from support.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")

_MOST_ANSWERS = 12
_BROWSER = """
import sys
from urllib.request import urlopen
urlopen(sys.argv[1], timeout=30).read()
"""
"""A browser in which the person is signed in already and says yes: it follows where the pages lead."""


class Person:
    """Somebody who types answers, counted, and reads a screen of 80 x 24."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.answers = 0
        self.terminal = Terminal(shell, "--version")

    def types(self, command: str) -> None:
        """Type a command."""
        self.terminal = Terminal(self.shell, *command.split()[1:], columns=80, lines=24)

    def answers_with(self, question: str, text: str) -> None:
        """Answer a question."""
        self.answers += 1
        self.terminal.answer(question, text)

    def reads(self, text: str) -> None:
        """Wait until something is shown."""
        self.terminal.wait_for(text)

    def ends(self) -> str:
        """Wait for the command's end; returns the `Next:` of its screen, without what comes before it."""
        assert self.terminal.end() == 0, self.terminal.shown
        following = [row.partition("Next: ")[2] for row in self.terminal.rows if "Next: " in row]
        return following[-1] if following else ""


@pytest.fixture
def xpm() -> Iterator[SimulatorServer]:
    """A practice's XPM with clients, and Xero's sign-in before it."""
    with World() as world:
        seed_world(world)
        with SimulatorServer(world) as server:
            yield server


@pytest.fixture
def person(tmp_path: Path, xpm: SimulatorServer) -> Person:
    """Somebody whose settings say no more than where the test's XPM is, and who has a browser."""
    browser = tmp_path / "browser.py"
    browser.write_text(_BROWSER, encoding="utf-8")
    shell = Shell(
        tmp_path / "home",
        {"BROWSER": f"{sys.executable} {browser} %s &", "XPMSYNC_TOKEN_FILE": str(tmp_path / "tokens.json")},
    )
    shell.folder.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shell.config.parent.mkdir(parents=True, exist_ok=True)
    shell.config.write_text(
        f'config_version = 1\n[xpm]\napi_url = "{xpm.api_url}"\nidentity_url = "{xpm.url}"\nredirect_port = {port}\n',
        encoding="utf-8",
    )
    return Person(shell)


def test_the_first_hour_by_the_api_and_a_rehearsal_of_ignition(person: Person, xpm: SimulatorServer) -> None:
    """Chosen at every step, a wrong client id asked again, left once and taken up again, and the sync is applied."""
    state = ProfilePaths(person.shell.state / "default")
    with Register(make_private(state.ready().register)) as register:
        seed_register(register)

    person.types("xpmsync")
    assert person.ends() == "xpmsync config set xpm.client_id ID"

    person.types("xpmsync start")
    person.answers_with("What do you want to do?", "1")
    person.answers_with("Which system is right", "1")
    person.answers_with("How much is to flow?", "1")
    person.answers_with("How is XPM reached?", "1")
    person.answers_with("How is Ignition reached?", "3")
    person.answers_with("Client id", "too-short")
    person.reads("32 letters and digits")
    person.terminal.interrupt()
    assert person.terminal.end() == 130
    assert "Go on with: xpmsync start" in person.terminal.rows

    person.types("xpmsync start")
    person.answers_with("Client id", PKCE_APP.client_id)
    person.answers_with("Client secret", "")
    person.reads("Signed in to XPM: Harbour & Hills Accounting (built-in).")
    person.reads("Next: xpmsync match")
    person.answers_with("Link these", "y")
    person.reads("Write it with: xpmsync sync")
    person.answers_with("Time, such as 02:30", "")
    assert person.ends() == "xpmsync sync"
    assert any("Rehearsal" in row for row in person.terminal.rows)

    person.types("xpmsync sync")
    person.answers_with("Write these changes?", "y")
    person.ends()
    assert any("written" in row for row in person.terminal.rows)
    assert person.answers <= _MOST_ANSWERS
    assert read_settings(person.shell.config).ignition.route is Route.BUILTIN
    with Ledger(state.ledger) as ledger:
        run = ledger.journal.runs(1)[0]
        assert run.counts["changes"] > 0
        assert ledger.journal.writes(run.id)

    person.types("xpmsync status")
    assert person.ends() == "xpmsync diff"
    person.types("xpmsync start")
    assert person.ends() == "xpmsync sync"


def test_the_first_hour_by_files_on_both_sides(person: Person, tmp_path: Path) -> None:
    """No account and no sign-in: the folders are watched, and the sync writes files to upload."""
    exports = Shell(tmp_path / "elsewhere")
    xpm_folder, ignition_folder = tmp_path / "From XPM", tmp_path / "From Ignition"

    person.types("xpmsync start")
    person.answers_with("What do you want to do?", "1")
    person.answers_with("Which system is right", "1")
    person.answers_with("How much is to flow?", "1")
    person.answers_with("How is XPM reached?", "2")
    person.answers_with("How is Ignition reached?", "1")
    person.answers_with("Folder", f'"{xpm_folder}"')
    person.answers_with("Folder", str(ignition_folder))
    person.reads("Export your clients in XPM")
    assert exports("--profile", "demo", "simulator", "export-xpm", str(xpm_folder)).exit_code == 0
    person.answers_with("Is that right, for all", "y")
    person.reads("Export your clients in Ignition")
    assert exports("--profile", "demo", "simulator", "export", str(ignition_folder / "clients.csv")).exit_code == 0
    person.reads("The file is there.")
    person.answers_with("Link these", "y")
    person.reads("Write it with: xpmsync sync")
    person.answers_with("Time, such as 02:30", "")
    assert person.ends() == "xpmsync sync"

    person.types("xpmsync sync")
    person.answers_with("Write these changes?", "y")
    person.ends()
    assert list((ignition_folder / "for-ignition").glob("*.csv"))
    assert person.answers <= _MOST_ANSWERS
    person.types("xpmsync status")
    assert "open Clients -> Import and upload" in person.ends()


def test_a_step_that_fails_says_how_to_go_on(person: Person, tmp_path: Path) -> None:
    """A broken export ends `start` with its error; mended, `start` goes on; declined links are asked for again."""
    exports, xpm_folder, ignition_folder = Shell(tmp_path / "elsewhere"), tmp_path / "xpm", tmp_path / "ignition"
    assert exports("--profile", "demo", "simulator", "export-xpm", str(xpm_folder)).exit_code == 0
    assert exports("--profile", "demo", "simulator", "export", str(ignition_folder / "clients.csv")).exit_code == 0
    (clients,) = xpm_folder.glob("*Client - EXPORT.csv")
    whole = clients.read_bytes()
    clients.write_bytes(whole + b"one,cell,too,few\r\n")
    for key, value in (("xpm.route", "files"), ("ignition.route", "csv"), ("xpm.files.folder", str(xpm_folder))):
        assert person.shell("config", "set", key, value).exit_code == 0
    assert person.shell("init", "--export-folder", str(ignition_folder)).exit_code == 0

    person.types("xpmsync start")
    person.reads("Export again in XPM")
    assert person.terminal.end() == 9
    assert "Go on with: xpmsync start" in person.terminal.rows

    clients.write_bytes(whole)
    person.types("xpmsync start")
    person.answers_with("Is that right, for all", "y")
    person.answers_with("Link these", "n")
    person.reads("No client is linked, so there is nothing to sync yet.")
    person.ends()
    assert "Go on with: xpmsync start" in person.terminal.rows

    person.types("xpmsync start")
    person.answers_with("Link these", "y")
    person.answers_with("Time, such as 02:30", "")
    assert person.ends() == "xpmsync sync"
