"""Files that a person names: never written over a file of another kind, nor through another user's link."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Final

import pytest

from support.cli_runner import Live, Shell
from xpmsync.errors import StateUnusable
from xpmsync.local.system.files import make_private, write_private

COMMANDS: Final = {
    "diff": ("diff", "--out", "{file}"),
    "sync": ("sync", "--dry-run", "--out", "{file}"),
    "match export": ("match", "export", "{file}"),
    "report": ("diff", "--report", "{file}.html"),
    "workbook": ("diff", "--report", "{file}.xlsx"),
    "simulator export": ("--profile", "demo", "simulator", "export", "{file}"),
    "doctor": ("doctor", "--offline", "--report", "--yes", "--out", "{file}"),
}
FOREIGN: Final = b"Name,Balance\r\nA ledger of somebody else,1\r\n"


@pytest.fixture
def practice(live: Live) -> Live:
    """A practice with something to plan and something to review."""
    live.linked("Harbour Dental Ltd")
    live.client("Banksia Pty Ltd")
    return live


def words(command: str, file: Path) -> tuple[tuple[str, ...], Path]:
    """The command's words, and the file that it names."""
    given = tuple(word.format(file=file) for word in COMMANDS[command])
    return given, Path(next(word for word in given if word.startswith(str(file))))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_another_kind_is_left_alone(practice: Live, tmp_path: Path, command: str) -> None:
    """Exit code 2; the hint names another file and advises no replacing. With --force it is replaced."""
    given, file = words(command, tmp_path / "precious")
    file.write_bytes(FOREIGN)
    refused = practice.shell(*given)
    assert refused.exit_code == 2
    assert "was not touched" in " ".join(refused.err.split())
    assert "--force" not in refused.err
    assert file.read_bytes() == FOREIGN
    assert practice.shell("--force", *given).exit_code == 0
    assert file.read_bytes() != FOREIGN


@pytest.mark.parametrize("command", COMMANDS)
def test_its_own_file_is_replaced(practice: Live, tmp_path: Path, command: str) -> None:
    """The same command twice."""
    given, _ = words(command, tmp_path / "own")
    assert practice.shell(*given).exit_code == 0
    assert practice.shell(*given).exit_code == 0


def test_a_file_that_is_no_plan_is_not_advised_to_be_replaced(practice: Live, tmp_path: Path) -> None:
    """`apply` on a spreadsheet: the hint makes a plan elsewhere."""
    file = tmp_path / "clients.csv"
    file.write_bytes(FOREIGN)
    refused = practice.shell("apply", str(file), "--yes")
    assert refused.exit_code == 2
    assert f"--out {file}" not in refused.err


def test_a_seal_that_is_not_ascii_is_an_altered_plan(practice: Live, tmp_path: Path) -> None:
    """Not an unexpected error."""
    plan = tmp_path / "plan.json"
    practice.shell("diff", "--out", str(plan))
    text = plan.read_text(encoding="utf-8")
    seal = text.partition('"seal": "')[2][:8]
    plan.write_text(text.replace(seal, "ßeal🙂ßß"), encoding="utf-8")
    refused = practice.shell("--json", "apply", str(plan), "--yes")
    assert (refused.exit_code, refused.codes) == (2, ["plan-refused"])


def test_decisions_in_a_review_file_are_carried_over(shell: Shell, tmp_path: Path) -> None:
    """Exported again, the file still says what a person decided."""
    file = tmp_path / "review.csv"
    export = ("--profile", "demo", "match", "export", str(file))
    assert shell(*export).exit_code == 0
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    rows[1][0], rows[2][0] = "same", "not the same"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8-sig")
    assert shell(*export).exit_code == 0
    again = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in again[1:3]] == ["same", "not the same"]
    assert again == rows


def test_a_review_file_that_cannot_be_read_is_left_alone(shell: Shell, tmp_path: Path) -> None:
    """Its decisions would be lost."""
    file = tmp_path / "review.csv"
    content = b'Decision,XPM id,Ignition id\r\nsame,"c1,2\r\n'
    file.write_bytes(content)
    assert shell("--profile", "demo", "match", "export", str(file)).exit_code == 2
    assert file.read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make another user's link")
@pytest.mark.parametrize("write", [lambda file: write_private(file, "x"), make_private])
def test_another_users_link_is_never_followed(tmp_path: Path, write: object) -> None:
    """Neither where it leads to a file, nor to none."""
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    for number, target in enumerate((victim, tmp_path / "new")):
        link = tmp_path / f"link{number}"
        link.symlink_to(target)
        os.lchown(link, 12345, 12345)
        assert callable(write)
        with pytest.raises(StateUnusable, match="another user"):
            write(link)
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "new").exists()


def test_an_own_link_is_followed(tmp_path: Path) -> None:
    """A settings file in a folder of dotfiles, say."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    write_private(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
