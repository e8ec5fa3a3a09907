"""Words on the command line that no command can use: a sentence and exit code 2, never a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from support.cli_runner import Live, Shell
from xpmsync.cli.app import load_command, root_command
from xpmsync.cli.command_list import COMMANDS


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
@pytest.mark.parametrize(
    "words",
    [
        ("search", "\udcff"),
        ("diff", "Harbour\udc80"),
        ("simulator", "edit", "ignition", "A", "phone", "\udcff"),
        ("--config", "/tmp/\udcff.toml", "status"),  # noqa: S108 - a name that is refused, never opened
    ],
)
def test_bytes_that_are_no_text(shell: Shell, words: tuple[str, ...]) -> None:
    """A terminal in another encoding; the answer is the same for programs."""
    told = shell("--profile", "demo", *words)
    assert told.exit_code == 2
    assert "not valid UTF-8" in told.err
    assert shell.json("--profile", "demo", *words).codes == ["usage"]


@pytest.mark.parametrize("command", ["search", "import", "diff", "explain"])
def test_an_enormous_text(live: Live, command: str) -> None:
    """A file pasted into the terminal: said in a line, without asking XPM."""
    told = live.shell(command, "x" * 100_000)
    assert (told.exit_code, "100,000 letters" in told.err, len(told.err) < 200) == (2, True, True)
    assert live.shell.json(command, "x" * 100_000).codes == ["usage"]
    assert live.server.requests.all() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "0"), "'0' is no run."),
        (("ignition", "check", "{folder}"), "{folder} is a folder."),
        (("config", "set", "ignition.export_folder", "{file}"), "ignition.export_folder: {file} is a file."),
    ],
)
def test_what_is_there_but_is_something_else(live: Live, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    """It is named as what it is."""
    live.linked("Harbour Dental Ltd")
    assert live.shell("sync", "--yes").exit_code == 0
    file = tmp_path / "clients.csv"
    file.touch()
    told = live.shell(*(word.format(folder=tmp_path, file=file) for word in words))
    assert told.exit_code == 2
    assert message.format(folder=tmp_path, file=file) in told.err


@pytest.mark.parametrize(
    ("words", "code"), [(("search", ""), "usage"), (("import", " "), "not-found"), (("diff", ""), "not-found")]
)
def test_empty_texts(live: Live, words: tuple[str, ...], code: str) -> None:
    """A variable that was not set in a script: said at once, without asking XPM."""
    live.linked("Harbour Dental Ltd")
    told = live.shell.json("--quiet", *words)
    assert (told.exit_code, told.codes) == (2, [code])
    assert live.server.requests.all() == []


@pytest.mark.parametrize(
    ("words", "help_of"),
    [
        (("sync", "--nope"), "sync"),
        (("simulator", "serve", "--port", "x"), "simulator serve"),
        (("config", "get"), "config get"),
        (("snyc",), ""),
        (("--nope",), ""),
    ],
)
def test_the_help_that_is_named_is_the_commands_own(shell: Shell, words: tuple[str, ...], help_of: str) -> None:
    """And the answer for programs names the command too."""
    assert f"xpmsync {help_of} --help".replace("  ", " ") in shell(*words).err
    assert shell.json(*words).answer["command"] == help_of


@pytest.mark.parametrize("words", [("config",), ("schedule",), ("notify",), ("ignition",), ("simulator",)])
def test_a_group_alone_shows_its_help(shell: Shell, words: tuple[str, ...]) -> None:
    """As it was asked for: on standard output, line by line, and no error; programs are told what is missing."""
    told = shell(*words)
    assert (told.exit_code, told.err) == (0, "")
    assert told.out.startswith("Usage: xpmsync")
    assert told.out == shell(*words, "--help").out
    assert shell.json(*words).exit_code == 2


def test_every_placeholder_is_in_capitals_or_words_to_choose_from() -> None:
    """`client`, `<str>` and `<int range>` are no words of xpmsync."""
    root = root_command()
    seen = [name for command in (root, *map(load_command, COMMANDS)) for name in _placeholders(command)]
    assert len(seen) > 40
    assert [one for one in seen if one != one.upper() and "|" not in one] == []


def _placeholders(command: object) -> Iterator[str]:
    """The placeholders of a command and of all below it, flags left out."""
    assert isinstance(command, TyperCommand | TyperGroup)
    for parameter in command.params:
        if parameter.param_type_name == "argument" or not getattr(parameter, "is_flag", False):
            yield parameter.metavar or "<none>"
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            yield from _placeholders(below)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("sync", "--level", "names"), "sync.level"),
        (("diff", "--direction=to-xpm"), "sync.direction"),
        (("search", "a", "--route", "csv"), "ignition.route"),
    ],
)
def test_a_setting_given_as_an_option_is_told_as_one(shell: Shell, words: tuple[str, ...], key: str) -> None:
    """Not which other options have a similar spelling."""
    told = shell("--profile", "demo", *words)
    assert told.exit_code == 2
    assert f"xpmsync --profile demo config set {key} VALUE" in told.err
    assert "Possible options" not in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("set", "sync.level", "name"),
            "Did you mean names? Allowed: everything, names, nothing. Nothing was changed.",
        ),
        (("get", "sync.lvl"), "Did you mean sync.level? See every setting with: xpmsync config show"),
        (("set", "sync", "names"), "sync.direction, sync.level"),
        (("set", "xpm.client_secret", "canary-secret"), "'xpmsync login xpm' asks for it"),
    ],
)
def test_a_setting_typed_wrong_is_no_fault_of_the_file(shell: Shell, words: tuple[str, ...], said: str) -> None:
    """What was meant comes first, the file is not blamed and not written, and secrets are not repeated."""
    told = shell("config", *words)
    err = " ".join(told.err.split())
    assert (told.exit_code, said in err) == (2, True), err
    assert str(shell.config) not in err
    assert "config check" not in err
    assert "canary" not in err
    assert len(told.err.splitlines()) <= 4
    assert not shell.config.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
def test_a_reader_gone_before_an_error_was_told(shell: Shell) -> None:
    """`xpmsync nonsense --json | true`: the exit code stays, and there is no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "xpmsync", "nonsense", "--json"],
        env={**shell.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complaints = running.stderr.read()
    assert (running.returncode, complaints) == (2, b"")
