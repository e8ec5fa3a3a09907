"""What people on Windows see and paste, tried on every system by a switch."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.cli_runner import Shell, run_in_process
from support.forked_process import run_at_once
from xpmsync.cli.errors.explain import explain
from xpmsync.cli.terminal.sanitize import quoted
from xpmsync.cli.terminal.screen import Column, Screen
from xpmsync.core.model import Link
from xpmsync.errors import FileTrouble, StateUnusable, UsageError, reason_of, trouble_of
from xpmsync.local.settings.reader import read_settings
from xpmsync.local.system.files import FileKind, check_out, reserved_name
from xpmsync.local.system.paths import typed_path
from xpmsync.usecases.context.resolve import resolve_link

NAMES = (
    "MacDonald, Fraser",
    "O'Brien & Sons (2019) Ltd",
    'Bob "The Builder" Jones',
    "“Smart” Quotes Ltd",
    "100% Pure %PATH% Ltd",
    "Cash $Home Loans",
    "Back`tick Ltd",
    "Āwhina | Tamati > Co; Ltd!",
    "Ends with\\ a sign^",
)


def _program_words(line: str) -> list[str]:
    """How a Windows program parts its command line: blanks, double quotes, backslashes before a quote."""
    words, word, inside, begun, place = [], "", False, False, 0
    while place < len(line):
        slashes = len(line[place:]) - len(line[place:].lstrip("\\"))
        place += slashes
        if place < len(line) and line[place] == '"':
            word += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                word += '"'
            else:
                inside = not inside
            place += 1
            continue
        word += "\\" * slashes
        if place < len(line):
            if line[place].isspace() and not inside:
                words += [word] if word or begun else []
                word, begun = "", False
            else:
                word += line[place]
            place += 1
    return words + ([word] if word or begun else [])


def _cmd(line: str, variables: Mapping[str, str]) -> list[str]:
    """Cmd replaces %NAME% of variables that are set, also in quotes, and reads its own signs outside of quotes."""
    line = re.sub(r"%([^%]+)%", lambda match: variables.get(match[1], match[0]), line)
    outside = re.sub(r'"[^"]*"', "", line)
    assert not set(outside) & set("&|<>^()"), "cmd would read this as its own"
    return _program_words(line)


def _powershell(line: str, variables: Mapping[str, str]) -> list[str]:
    """PowerShell takes smart quotes for quotes, and replaces $NAME; what it gives a program it quotes again."""
    words, place = [], 0
    for match in re.finditer(r"[\"“”„]([^\"“”„]*)[\"“”„]|(\S+)", line):
        assert line[place : match.start()].strip() == "", "two parts of one word"
        place = match.end()
        bare = match[2] or ""
        assert not set(bare) & set("&|<>();,'`$@{}\"“”„"), "PowerShell would read this as its own"
        text = match[1] if match[2] is None else bare
        assert "`" not in text
        words.append(re.sub(r"\$(\w+)", lambda name: variables.get(name[1], ""), text).replace("\\\\", "\\"))
    return words


@pytest.mark.parametrize("name", NAMES)
def test_a_command_can_be_pasted_into_cmd_and_powershell(name: str) -> None:
    """Both make the same words of it, and the name among them finds its client."""
    line = quoted(["xpmsync", "--profile", "north", "import", name, "--new"], windows=True)
    variables = {"PATH": "C:\\Windows", "Home": "C:\\Users\\me"}
    words = _cmd(line, variables)
    assert words == _powershell(line, variables)
    assert words[:4] == ["xpmsync", "--profile", "north", "import"]
    assert words[5:] == ["--new"]
    links = [Link("x1", "1", name, ""), Link("x2", "2", "Somebody Else Ltd", "")]
    assert resolve_link(links, words[4]) is links[0]


@pytest.mark.parametrize("path", ["C:\\Users\\Zoë Hill\\Exports", "C:\\Program Files\\", "D:\\plain\\plan.json"])
def test_a_path_can_be_pasted(path: str) -> None:
    """Blanks, accents, and a backslash at its end."""
    line = quoted(["xpmsync", "apply", path], windows=True)
    assert _cmd(line, {}) == ["xpmsync", "apply", path]


def _os_error(number: int, windows: int | None = None) -> OSError:
    """An error as Windows raises it, with a message in the user's language."""
    problem = PermissionError(number, "Отказано в доступе", "clients.csv")
    if windows is not None:
        problem.winerror = windows  # type: ignore[attr-defined, unused-ignore]
    return problem


@pytest.mark.parametrize("windows", [5, 32, 33])
def test_a_file_that_excel_has_open_is_said_to_be_open(windows: int) -> None:
    """By the number; the message of the system is in the user's language."""
    reason = reason_of(_os_error(13, windows))
    assert "another program" in reason
    assert "Excel" in reason
    assert "Отказано" not in reason


def test_what_is_wrong_is_decided_by_numbers() -> None:
    """Without one that is known, the system's own words are shown."""
    assert trouble_of(_os_error(13)) is FileTrouble.DENIED
    assert trouble_of(_os_error(13, 32)) is FileTrouble.IN_USE
    assert trouble_of(_os_error(28)) is FileTrouble.FULL
    assert trouble_of(_os_error(22, 112)) is FileTrouble.FULL
    assert trouble_of(_os_error(2)) is FileTrouble.OTHER
    assert reason_of(_os_error(2)) == "отказано в доступе"


def test_a_hint_names_a_setting_only_where_it_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state folder's, for a file in the state folder."""
    monkeypatch.setenv("XPMSYNC_STATE_DIR", str(tmp_path / "state"))

    def hint(path: Path) -> str:
        problem = StateUnusable(path, "denied")
        problem.__cause__ = _os_error(13)
        return explain(problem, lambda *words: " ".join(words))[0].hint

    assert "XPMSYNC_STATE_DIR" in hint(tmp_path / "state" / "demo" / "ledger.sqlite")
    assert "XPMSYNC_STATE_DIR" not in hint(tmp_path / "config.toml")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('"C:/Exports"', "C:/Exports"),
        ("'/srv/exports'", "/srv/exports"),
        ("“/srv/exports”", "/srv/exports"),
        ("%USERPROFILE%/Exports", "/home/zoe/Exports"),
        ("%userprofile%/Exports", "/home/zoe/Exports"),
        (" exports ", "exports"),
    ],
)
def test_a_path_is_taken_as_it_is_pasted(text: str, path: str) -> None:
    """Quotes of "Copy as path", variables, and a folder that starts in the current one."""
    assert typed_path(text, environ={"USERPROFILE": "/home/zoe"}) == Path(path).absolute()


def test_a_path_that_cannot_be_meant_is_refused() -> None:
    """A variable that is not set, and a user that is not known."""
    for text in ("%NOWHERE%/x", "~nobody-of-that-name/x"):
        with pytest.raises(UsageError):
            typed_path(text, environ={})


def test_a_folder_in_the_settings_means_the_same_everywhere(shell: Shell, tmp_path: Path) -> None:
    """It is written in full, and one that does not exist is said at once; one typed into the file starts there."""
    told = shell("config", "set", "ignition.export_folder", "'exports here'")
    assert "There is no such folder yet." in told.out
    written = read_settings(shell.config).ignition.export_folder
    assert Path(written) == Path("exports here").absolute()
    settings = read_settings(shell.config)
    shell.config.write_text('config_version = 1\n[ignition]\nexport_folder = "mine"\n', encoding="utf-8")
    settings = read_settings(shell.config)
    assert settings.folder("ignition.export_folder") == shell.config.parent / "mine"


def test_drawn_lines_are_plain_when_piped_on_windows() -> None:
    """`| more` shows others as rubbish; names keep their accents."""

    def drawn(*, windows: bool) -> str:
        stream = io.StringIO()
        Screen(stream, windows=windows).table([Column("Client"), Column("City")], [("Zoë", "Ōtaki")])
        return stream.getvalue()

    assert re.sub("[Zoë Ōtaki]", "", drawn(windows=True)).isascii()
    assert "Ōtaki" in drawn(windows=True)
    assert "---" in drawn(windows=True)
    assert "───" in drawn(windows=False)


@pytest.mark.parametrize("name", ["con", "AUX", "nul.txt", "com1", "LPT9.csv", "prn "])
def test_names_of_devices_are_refused_in_those_words(shell: Shell, tmp_path: Path, name: str) -> None:
    """As a profile everywhere, because a backup may move to Windows; as a file there."""
    assert reserved_name(name)
    told = shell("--profile", name.strip(), "config", "path")
    assert told.exit_code == 2
    assert "Windows keeps for a device" in told.err
    with pytest.raises(UsageError):
        check_out(tmp_path / name, FileKind.PLAN, windows=True)
    for other in ("console", "com", "auxiliary", "lpt10"):
        assert not reserved_name(other)


def test_a_file_system_error_is_never_unexpected(shell: Shell, tmp_path: Path) -> None:
    """Whatever the path: a name that is too long, a loop of links, a folder that is a file."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / ("x" * 300), loop / "plan.json", tmp_path / "file" / "plan.json"):
        for words in (("show", str(path)), ("apply", str(path), "--yes"), ("diff", "--out", str(path))):
            told = shell("--profile", "demo", *words)
            assert told.exit_code not in (0, 1), (words, told.err)
            assert "unexpected" not in told.err


def test_two_first_runs_on_a_fresh_rehearsal_get_along(shell: Shell) -> None:
    """Both fill the simulator and link its clients; one waits for the other."""
    words = ("--profile", "demo", "--json", "diff")
    for _ in range(3):
        ended = run_at_once(run_in_process, [(shell.environ, (words, shell.environ))] * 2)
        assert [each.exit_code for each in ended] == [0, 0], ended
        assert shell("--profile", "demo", "simulator", "reset").exit_code == 0
