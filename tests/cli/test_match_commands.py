"""`match` at the command line: ids that can be copied, what to do next, and decisions that are told truly."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.cli_runner import Live, Shell

if TYPE_CHECKING:
    import pexpect

_DEMO = ("--profile", "demo", "match")
_AGAIN = "xpmsync --profile demo"


@pytest.mark.parametrize("columns", ["80", "140", "160"])
def test_ids_and_addresses_are_whole_at_every_width(shell: Shell, columns: str) -> None:
    """What a person copies stands on one line: every id and e-mail of every pair."""
    out = shell(*_DEMO, "--all", variables={"COLUMNS": columns}).out
    sure = shell.json(*_DEMO).data["sure"]
    assert isinstance(sure, list)
    assert sure
    for one in sure:
        assert one["xpm_id"] in out
        assert one["ignition_id"] in out
        words = " ".join(one["reasons"][:3]).split()
        assert all(word.strip("().,") in out for word in words if "@" in word)
    assert all(one in out for one in _unsure(shell))


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_a_pair_side_by_side_shows_what_the_evidence_speaks_of(shell: Shell, columns: str) -> None:
    """Ids and e-mail addresses of both records are there, whole, however narrow it is."""
    told = shell(*_DEMO, "explain", *_unsure(shell), variables={"COLUMNS": columns})
    for text in (*_unsure(shell), "studio@oakandash.example.com", "nell@oakandash.example.com"):
        assert text in told.out
    assert "Same contact person (Nell Ash)." in " ".join(told.out.split())


def test_scores_are_aligned_at_the_point_and_said_to_be_sums(shell: Shell) -> None:
    """Every score has one decimal; what it is stands below, once."""
    told = shell(*_DEMO, variables={"COLUMNS": "80"})
    scores = [line for line in told.out.splitlines() if line.startswith("Score")]
    assert {line.index(".") for line in scores} == {12}
    assert told.out.count("The score sums up the evidence") == 1


def test_what_has_no_counterpart_can_be_listed(shell: Shell) -> None:
    """The totals name the way; `-v` lists the clients with their ids."""
    assert f"{_AGAIN} -v match" in shell(*_DEMO).out
    told = shell(*_DEMO, "-v")
    none = shell.json(*_DEMO).data["none"]
    assert isinstance(none, dict)
    assert all(one in told.out for one in [*none["xpm"], *none["ignition"]])


@pytest.mark.parametrize("columns", ["80", "140"])
def test_duplicates_are_named_with_their_ids(live: Live, columns: str) -> None:
    """Two clients of one system that look like one: both names and both ids, whole, and why."""
    ids = [live.client(name, "02 5550 0101") for name in ("Harbour Dental Ltd", "Harbour Dental Limited")]
    told = live.shell("match", variables={"COLUMNS": columns})
    below = _unwrapped(told.out.partition("Twice in one system")[2])
    for text in (*ids, "Harbour Dental Ltd", "Harbour Dental Limited", "Same name.", "1 possible duplicate."):
        assert text in below
    assert "2 in XPM and 0 in Ignition" in below


def test_an_import_names_the_family_apart(live: Live) -> None:
    """A trust with the company's phone is no candidate: it is named in one line, with its id."""
    live.linked("Harbour Family Trust", "02 5550 0999", "02 5550 0999")
    company = live.client("Harbour Dental Pty Ltd", "02 5550 0999")
    shown = _unwrapped(live.shell("import", company, "--dry-run").out)
    assert "Ignition may have this client already" not in shown
    assert "Another member of the family in Ignition: Harbour Family Trust (Ignition " in shown


def test_after_linking_the_next_step_is_another_one(shell: Shell) -> None:
    """`match link --yes` says what was linked and what comes next, not how to link; the second time nothing is."""
    told = shell(*_DEMO, "link", "--yes")
    assert "pairs linked." in told.out
    assert "Link the sure ones" not in told.out
    assert f"{_AGAIN} diff" in told.out
    assert "Nothing was linked." in shell(*_DEMO, "link", "--yes").out


def test_a_review_file_says_the_words_and_the_way_back(shell: Shell, tmp_path: Path) -> None:
    """When it is written; when nobody is unsure any more, it lists only who is in XPM alone, with a column to tick."""
    review = tmp_path / "review.csv"
    told = _unwrapped(shell(*_DEMO, "export", str(review)).out)
    assert "'same' or 'not the same'" in told
    assert f"{_AGAIN} match import {review}" in told
    _decide(review, "same")
    assert shell.json(*_DEMO, "import", str(review)).data["linked"] == 1

    second = tmp_path / "second.csv"
    told = _unwrapped(shell(*_DEMO, "export", str(second)).out)
    assert "'same' or 'not the same'" not in told
    assert f"{_AGAIN} import --file {second}" in told
    data = shell.json(*_DEMO, "export", str(second)).data
    assert data == {"file": str(second), "rows": 0, "only_in_xpm": data["only_in_xpm"]}
    assert second.read_text(encoding="utf-8-sig").count("Only in XPM.") == data["only_in_xpm"] != 0


def test_the_same_review_file_twice_and_then_the_opposite(shell: Shell, tmp_path: Path) -> None:
    """Done already is no problem; a contradiction is one, named with line, client and the command to undo."""
    review = tmp_path / "review.csv"
    shell(*_DEMO, "export", str(review))
    xpm_id, ignition_id = _decide(review, "same")
    shell(*_DEMO, "import", str(review))
    told = shell(*_DEMO, "import", str(review))
    assert (told.exit_code, told.err) == (0, "")
    assert "1 linked already" in told.out

    _decide(review, "not the same")
    told = shell(*_DEMO, "import", str(review))
    said = _unwrapped(told.err)
    assert told.exit_code == 5
    assert f"line 2: Oak & Ash Garden Design (XPM {xpm_id}, Ignition {ignition_id})" in said
    assert f"{_AGAIN} unlink {xpm_id}" in said
    answer = shell.json(*_DEMO, "import", str(review))
    assert (answer.exit_code, answer.codes, answer.data["parted"]) == (5, ["decision-held"], 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        ("a;b".encode("utf-16"), "CSV UTF-8"),
        (b"a,b\n", "no column 'Decision'. Nothing was linked. Its first row must stay as it was."),
        (b"Decision,XPM id,Ignition id\nsame,77,88\n", "line 2: the client 77 is not in XPM any more."),
        (b"Decision,XPM id,Ignition id\nmaybe,77,88\n", "Write 'same' or 'not the same' there"),
    ],
)
def test_a_file_that_cannot_be_used(shell: Shell, tmp_path: Path, content: bytes | None, said: str) -> None:
    """What is wrong in plain words, that nothing was linked, and the command for the same practice."""
    file = tmp_path / "other.csv"
    if content is not None:
        file.write_bytes(content)
    told = shell(*_DEMO, "import", str(file))
    assert told.exit_code == 2
    err = _unwrapped(told.err)
    assert said in err
    assert "Nothing was linked." in err
    assert "Error" not in err
    assert ("new review file" in err) == (f"{_AGAIN} match export FILE" in err)


@pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")
def test_a_review_takes_only_the_answers_it_names(shell: Shell) -> None:
    """An unknown key is named; the very last answer can be taken back; the next time nobody is asked."""
    with _review(shell) as terminal:
        terminal.expect_exact("later: asked again the next time")
        terminal.expect_exact("? help")
        terminal.sendline("x")
        terminal.expect_exact("'x' is none of the answers")
        terminal.expect_exact("? help")
        terminal.sendline("all")
        terminal.expect_exact("'all' is none of the answers")
        terminal.expect_exact("? help")
        terminal.sendline("back")
        terminal.expect_exact("There is no answer to take back.")
        terminal.expect_exact("? help")
        terminal.sendline("same")
        terminal.expect_exact("That was the last pair: Enter done, b back")
        terminal.sendline("back")
        terminal.expect_exact("The last answer is taken back.")
        terminal.expect_exact("? help")
        terminal.sendline("skip")
        terminal.expect_exact("That was the last pair: Enter done, b back")
        terminal.sendline("")
        terminal.expect_exact("0 linked, 0 not the same, 0 still to decide.")
    with _review(shell) as terminal:
        terminal.expect_exact("there is nothing to review")


@pytest.mark.skipif(os.name == "nt", reason="pexpect drives POSIX terminals")
def test_no_means_that_nothing_was_linked(shell: Shell) -> None:
    """Said in words, and the sure pairs can be linked later."""
    with _review(shell, "link") as terminal:
        terminal.expect_exact("sure pairs?")
        terminal.sendline("n")
        terminal.expect_exact("Nothing was linked.")


@contextmanager
def _review(shell: Shell, word: str = "review") -> Iterator[pexpect.spawn[str]]:
    """A match at a terminal, to its end."""
    pexpect = pytest.importorskip("pexpect")
    environ = {**shell.environ, "TERM": "dumb"}
    words = ["-m", "xpmsync", *_DEMO, word]
    terminal = pexpect.spawn(sys.executable, words, env=environ, dimensions=(200, 80), encoding="utf-8", timeout=30)
    yield terminal
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def _unsure(shell: Shell) -> tuple[str, str]:
    """The ids of the pair that a person must decide on."""
    unsure = shell.json(*_DEMO).data["unsure"]
    assert isinstance(unsure, list)
    return unsure[0]["xpm_id"], unsure[0]["candidates"][0]["ignition_id"]


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _decide(file: Path, decision: str) -> tuple[str, str]:
    """Fill in the first row; returns its ids."""
    head, first, *rest = csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, [decision, *first[1:]], *rest])
    return first[1], first[5]
