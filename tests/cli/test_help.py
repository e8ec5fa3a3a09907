"""Help that fits a screen, topics, and plain words for a command line that is wrong."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest
from typer.core import TyperGroup

from support.cli_runner import Shell
from xpmsync.cli.app import load_command
from xpmsync.cli.command_list import COMMANDS, GROUPS, SUBCOMMAND_EXAMPLES
from xpmsync.cli.commands.overview import topics


def test_the_help_of_the_program_fits_24_rows(shell: Shell) -> None:
    """Every command in its group, no line longer than a terminal is wide, and the prompt still on the screen."""
    shown = shell("--help", variables={"COLUMNS": "80"}).out.splitlines()
    assert len(shown) < 24
    assert max(map(len, shown)) <= 80
    for group, commands in GROUPS.items():
        line = next(line for line in shown if line.startswith(f"  {group} "))
        assert line.split()[-len(commands) :] == list(commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(shell: Shell, command: str) -> None:
    """The last line of its help, and it begins with that command."""
    assert f"Example: xpmsync {command}" in shell(command, "--help").out


@pytest.mark.parametrize("command", SUBCOMMAND_EXAMPLES)
def test_commands_below_another_one_have_examples_too(shell: Shell, command: str) -> None:
    """And the command of the example is the one whose help shows it."""
    shown = shell(*command.split(), "--help").out
    assert f"Example: xpmsync {SUBCOMMAND_EXAMPLES[command]}" in shown
    assert command in SUBCOMMAND_EXAMPLES[command]


def test_no_command_below_another_one_lacks_an_example() -> None:
    """Walked as they are, not as they are listed; hidden ones are for schedulers."""
    groups = [(name, group) for name in COMMANDS if isinstance(group := load_command(name), TyperGroup)]
    below = {f"{name} {word}" for name, group in groups for word, sub in group.commands.items() if not sub.hidden}
    assert len(groups) > 5
    assert below == set(SUBCOMMAND_EXAMPLES)


def test_help_lists_commands_and_topics(shell: Shell) -> None:
    """A line for each, and how to get completion."""
    shown = shell("help").out
    assert all(f"\n  {command} " in shown for command in COMMANDS)
    assert all(f"xpmsync help {topic}" in shown for topic in topics())
    assert "--install-completion" in shown


@pytest.mark.skipif(os.name == "nt", reason="the shell that asks is bash")
def test_completion_can_be_shown(shell: Shell) -> None:
    """For the shell it is asked from, ready to be read by it."""
    asked = f"{shlex.quote(sys.executable)} -m xpmsync --show-completion; :"
    shown = subprocess.run(["bash", "-c", asked], env=shell.environ, capture_output=True, timeout=60, check=True)
    assert b"_XPMSYNC_COMPLETE=complete_bash" in shown.stdout


@pytest.mark.parametrize("topic", topics())
def test_a_topic_is_plain_text_when_it_is_piped(shell: Shell, topic: str) -> None:
    """Word for word as it was written, without codes for colours."""
    assert shell("help", topic).out == topics()[topic]


def test_help_of_a_command_is_its_help(shell: Shell) -> None:
    """Also of a command below another one."""
    assert shell("help", "sync").out == shell("sync", "--help").out
    assert shell("help", "match", "link").out == shell("match", "link", "--help").out
    unknown = shell("help", "nonsense")
    assert unknown.exit_code == 2
    assert "guards" in unknown.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("search",), "search needs TEXT: A part of the client's name."),
        (("search", "a", "--limit", "x"), "--limit must be a number, 1 or more."),
        (("search", "a", "--limit", "0"), "--limit must be a number, 1 or more."),
        (("search", "a", "--limit"), "--limit needs a value after it."),
        (("serch", "a"), "There is no command 'serch'. Did you mean search?"),
        (("--profile", "demo", "level", "zoe", "nmes"), "xpmsync: The levels are everything, names, nothing, default."),
        (("sync", "--yess"), "sync has no option --yess. Did you mean --yes?"),
        (("status", "two", "words"), "status takes fewer words: 'two words' is too many."),
        (("login", "mars"), "must be one of: xpm, ignition."),
    ],
)
def test_a_wrong_command_line_is_explained_in_plain_words(shell: Shell, words: tuple[str, ...], message: str) -> None:
    """None of Typer's own words, and the way to the command's help."""
    told = shell(*words)
    assert told.exit_code == 2
    assert message in told.err
    assert "--help" in told.err


def test_the_program_alone_shows_its_commands_and_the_next_step(shell: Shell) -> None:
    """On a screen of 24 rows; programs must name a command."""
    shown = shell(variables={"COLUMNS": "80"})
    assert shown.exit_code == 0
    assert len(shown.out.splitlines()) < 24
    assert shown.out.splitlines()[-1] == "Next: xpmsync start"
    assert shell("--profile", "demo").out.splitlines()[-1] == "Next: xpmsync --profile demo match"
    assert shell.json().exit_code == 2
