"""At a true terminal: questions, widths, colours."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest

from support.cli_runner import Live, Shell

pytest.importorskip("pexpect")
import pexpect

from support.terminal import Terminal
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.server.faults import Fault

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")

_NAME = "Harbour Dental Ltd"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_sync_shows_its_plan_and_asks(live: Live) -> None:
    """Old and new stand side by side before the question; 'n' writes nothing, 'y' exactly that."""
    live.linked(_NAME)
    no = Terminal(live.shell, "sync")
    no.answer("Write these changes?", "n")
    assert no.end() == 0
    assert any("02 5550 0999" in row and "02 5550 0101" in row for row in no.rows)
    assert "Nothing was written." in no.rows
    assert live.phones() == {_NAME: "02 5550 0999"}
    yes = Terminal(live.shell, "sync")
    yes.answer("Write these changes?", "y")
    assert yes.end() == 0
    assert live.phones() == {_NAME: "02 5550 0101"}


def test_sync_lets_a_person_choose_client_by_client(live: Live) -> None:
    """Write, skip this time, never: exactly what is chosen is written, and "never" is an exception with its note."""
    for name in ("Anchor Ltd", "Bower Ltd", "Cooper Ltd"):
        live.linked(name)
    terminal = Terminal(live.shell, "sync")
    terminal.answer("Write these changes?", "c")
    terminal.answer("? for help", "w")
    terminal.answer("? for help", "s")
    terminal.answer("? for help", "n")
    terminal.answer("Why? A note for your colleagues", "their own switchboard")
    assert terminal.end() == 0
    assert "Writing 1 change in 1 client." in terminal.rows
    old, new = "02 5550 0999", "02 5550 0101"
    assert live.phones() == {"Anchor Ltd": new, "Bower Ltd": old, "Cooper Ltd": old}
    counts = live.shell.json("--quiet", "diff").data["counts"]
    assert isinstance(counts, dict)
    assert (counts["changes"], counts["excepted"]) == (1, 1)
    exceptions = live.shell("exceptions").out
    assert "Cooper Ltd" in exceptions
    assert "their own switchboard" in exceptions


def test_quitting_while_choosing_writes_and_notes_nothing(live: Live) -> None:
    """Whatever was answered before."""
    for name in ("Anchor Ltd", "Bower Ltd", "Cooper Ltd"):
        live.linked(name)
    terminal = Terminal(live.shell, "sync")
    terminal.answer("Write these changes?", "choose")
    terminal.answer("? for help", "write")
    terminal.answer("? for help", "never")
    terminal.answer("Why? A note for your colleagues", "no")
    terminal.answer("? for help", "q")
    assert terminal.end() == 0
    assert "Nothing was written." in terminal.rows
    assert set(live.phones().values()) == {"02 5550 0999"}
    assert live.shell.json("--quiet", "exceptions").data == {"exceptions": []}


def test_show_all_comes_back_to_the_question(live: Live) -> None:
    """Every change is shown page by page, and then asked about again."""
    live.linked(_NAME)
    terminal = Terminal(live.shell, "sync", variables={"PAGER": "cat"})
    terminal.answer("Write these changes?", "maybe")
    terminal.answer("Write these changes?", "a")
    terminal.answer("Write these changes?", "y")
    assert terminal.end() == 0
    assert live.phones() == {_NAME: "02 5550 0101"}


def test_import_lets_a_person_choose(live: Live) -> None:
    """A part of a name gives a numbered list; the chosen client is shown, and created after a yes."""
    live.client("Smith & Sons Ltd")
    live.client("Smithfield Motors Ltd")
    terminal = Terminal(live.shell, "import", "smith")
    terminal.answer("Which one", "9")
    terminal.answer("Which one", "the second")
    terminal.wait_for("Type a number from 1 to 2.")
    terminal.answer("Which one", "2")
    terminal.answer("Create this client in Ignition?", "y")
    assert terminal.end() == 0
    chosen = next(row for row in terminal.rows if re.match(r"\s*2\b", row))
    assert list(live.phones()) == ["Smith & Sons Ltd" if "Sons" in chosen else "Smithfield Motors Ltd"]


def test_ctrl_c_at_a_question_writes_nothing(live: Live) -> None:
    """Interrupted before the answer: exit code 130, and both systems are as they were."""
    live.linked(_NAME)
    terminal = Terminal(live.shell, "sync")
    terminal.running.expect_exact("Write these changes?")
    terminal.interrupt()
    assert terminal.end() == 130
    assert live.phones() == {_NAME: "02 5550 0999"}


def test_ctrl_c_at_a_question_leaves_its_line(shell: Shell) -> None:
    """What is said then stands on a line of its own."""
    terminal = Terminal(shell, "init")
    terminal.running.expect_exact("direction [from-xpm]:")
    terminal.interrupt()
    assert terminal.end() == 130
    assert "xpmsync: Interrupted. Nothing was written." in terminal.rows, repr(terminal.shown)
    assert not shell.config.exists()


def test_ctrl_c_in_a_review_says_how_many_answers_were_kept(live: Live) -> None:
    """Each answer is kept at once; what was asked last is asked again the next time."""
    with Register(make_private(live.paths.ready().register)) as register:
        for name in ("Anchor Ltd", "Bower Ltd", "Cooper Ltd"):
            live.client(name)
            register.create({"name": name}, [{"contact.name": "Bob Ray", "contact.email": "bob@example.com"}])
    for kept, sentence in ((1, "1 answer was kept."), (0, "0 answers were kept.")):
        terminal = Terminal(live.shell, "match", "review", lines=200)
        for _ in range(kept):
            terminal.answer("? help:", "n")
        terminal.wait_for("? help:")
        terminal.interrupt()
        assert terminal.end() == 130
        assert any(f"Interrupted. {sentence}" in row for row in terminal.rows), [row for row in terminal.rows if row]


def test_ctrl_c_while_reading_says_that_nothing_was_written(live: Live) -> None:
    """Half of XPM's answer has arrived."""
    live.linked(_NAME)
    reached, release = threading.Event(), threading.Event()
    live.fault(Fault("slow-body", method="GET", path="client.api", reached=reached, release=release))
    terminal = Terminal(live.shell, "sync", "--yes")
    assert reached.wait(30)
    terminal.interrupt()
    code = terminal.end()
    release.set()
    assert code == 130
    assert "xpmsync: Interrupted. Nothing was written." in terminal.rows, repr(terminal.shown)
    assert live.phones() == {_NAME: "02 5550 0999"}


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_ctrl_c_in_the_middle_of_a_write(live: Live, *, twice: bool) -> None:
    """The first lets the current write be finished and counts it; the second stops, and does not say that none was."""
    live.set("[sync]", 'direction = "to-xpm"')
    for name in ("Anchor Ltd", "Bower Ltd"):
        live.linked(name)
    reached, release = threading.Event(), threading.Event()
    live.fault(Fault("slow-body", method="PUT", reached=reached, release=release))
    terminal = Terminal(live.shell, "sync", "--yes")
    assert reached.wait(30)
    terminal.interrupt()
    terminal.wait_for("Press Ctrl-C again to stop at once.")
    if twice:
        terminal.interrupt()
        code = terminal.end()
        release.set()
        said = "Interrupted. What was being written may have arrived; the next run looks it up first."
    else:
        release.set()
        code = terminal.end()
        said = "Interrupted. 1 change had been written."
    assert code == 130
    assert any(said in row for row in terminal.rows), [row for row in terminal.rows if row]
    assert len(live.server.requests.writes()) == 1
    assert live.shell("sync", "--yes").exit_code == 0
    counts = live.shell.json("diff").data["counts"]
    assert isinstance(counts, dict)
    assert counts["changes"] == 0


def test_init_asks_again_and_only_for_what_the_route_needs(shell: Shell) -> None:
    """A slip is told and asked anew; the route csv is asked for its folder, each way is described once."""
    terminal = Terminal(shell, "init", columns=80)
    terminal.answer("direction [from-xpm]:", "from-xmp")
    terminal.answer("direction [from-xpm]:", "to-xpm")
    terminal.answer("level [everything]:", "")
    terminal.answer("route:", "csv")
    terminal.answer("client id:", "ABC123")
    terminal.answer("export folder:", str(shell.folder))
    assert terminal.end() == 0
    text = " ".join(" ".join(terminal.rows).split())
    assert "Did you mean from-xpm?" in text
    assert "config check" not in text
    assert text.count("export and import files") == 1
    assert "  xpmsync login xpm" in terminal.rows
    written = shell.config.read_text(encoding="utf-8")
    assert 'direction = "to-xpm"' in written
    assert str(shell.folder) in written


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("words", [("search", "smith"), ("diff",), ("status",), ("links",), ("match",)])
def test_no_line_is_wider_than_the_terminal(shell: Shell, columns: int, words: tuple[str, ...]) -> None:
    """Tables and sentences fit 80 and 140 columns; paths alone are never broken."""
    terminal = Terminal(shell, "--profile", "demo", *words, columns=columns, variables={"NO_COLOR": "1"})
    assert terminal.end() == 0
    lines = [_ANSI.sub("", line).rstrip() for line in terminal.shown.split("\r\n")]
    shown = [line.rpartition("\r")[2] for line in lines]
    wide = [line for line in shown if len(line) > columns and str(shell.folder) not in line]
    assert wide == []


def test_no_color_and_dumb_terminals_get_plain_text(shell: Shell) -> None:
    """`NO_COLOR` means no colour; without it a terminal gets colours, a pipe never."""
    plain = Terminal(shell, "--profile", "demo", "search", "smith", variables={"NO_COLOR": "1"})
    plain.end()
    coloured = Terminal(shell, "--profile", "demo", "search", "smith")
    coloured.end()
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert not colours.search(plain.shown)
    assert colours.search(coloured.shown)
    assert "\x1b" not in shell("--profile", "demo", "search", "smith").out


def test_no_progress_is_drawn_over_a_question_after_writing(live: Live) -> None:
    """An undo asks once it has written whether the value is to stay; the line of its writes is gone by then."""
    live.linked(_NAME)
    assert live.shell("sync", "--yes").exit_code == 0
    terminal = Terminal(live.shell, "undo", "last")
    terminal.answer("Write these changes?", "y")
    terminal.wait_for("Leave them alone from now on?")
    assert terminal.running.expect_exact(["Writing", pexpect.TIMEOUT], timeout=2.5) == 1
    terminal.running.sendline("y")
    assert terminal.end() == 0


@pytest.mark.parametrize("columns", ["80", "140"])
def test_columns_decides_the_width_of_a_pipe(shell: Shell, columns: str) -> None:
    """`COLUMNS` is obeyed where there is no terminal."""
    told = shell("--profile", "demo", "diff", variables={"COLUMNS": columns})
    assert max(len(line) for line in told.out.splitlines()) <= int(columns)


def test_a_name_that_several_clients_fit_is_a_numbered_choice(live: Live) -> None:
    """Chosen by number at a terminal; without one the error lists them, and the command is for a script to mend."""
    live.linked("Harbour Dental Ltd")
    live.linked("Harbour Cafe Ltd")
    chosen = Terminal(live.shell, "level", "harbour", "ltd", "names")
    chosen.answer("Which one", "9")
    chosen.answer("Which one", "2")
    assert chosen.end() == 0
    assert "2 clients fit 'harbour ltd':" in chosen.rows
    assert any("level names" in row for row in chosen.rows)
    listed = live.shell("level", "harbour", "names")
    assert listed.exit_code == 2
    assert "Harbour Dental Ltd (" in listed.err
    assert "Harbour Cafe Ltd (" in listed.err
    none = Terminal(live.shell, "unlink", "harbour")
    none.wait_for("Which one")
    none.interrupt()
    assert none.end() == 130


def test_the_demonstration_waits_between_its_steps(shell: Shell) -> None:
    """Enter goes on, Ctrl-C ends, and `--no-pause` shows all of it; the first job is to match."""
    waiting = Terminal(shell, "demo")
    waiting.answer("Enter shows the next step", "")
    waiting.wait_for("2. You link the pairs that are sure")
    waiting.wait_for("Enter shows the next step")
    waiting.interrupt()
    assert waiting.end() == 130
    assert any("xpmsync --profile demo match" in row for row in waiting.rows)
    through = Terminal(shell, "demo", "--no-pause")
    assert through.end() == 0
    assert "Enter shows" not in through.shown
    assert "Your own practice:    xpmsync start" in through.rows


def test_a_question_that_is_not_answered_is_asked_again(live: Live, tmp_path: Path) -> None:
    """A word that is neither yes nor no says what to type; Enter is no."""
    live.linked(_NAME)
    live.shell("sync", "--yes")
    backup = str(tmp_path / "practice.zip")
    assert live.shell("backup", backup).exit_code == 0
    terminal = Terminal(live.shell, "restore", backup)
    terminal.answer("[y/N]:", "perhaps")
    terminal.running.expect_exact("Type y or n.")
    terminal.answer("[y/N]:", "")
    assert terminal.end() == 0
    assert not list(live.paths.folder.glob("*damaged*"))
