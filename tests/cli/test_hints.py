"""Hints are there to be copied: they name the run in hand, whole and on one line, and do what they say."""

from __future__ import annotations

import shlex
import subprocess
import sys

from support.cli_runner import Shell
from xpmsync import errors
from xpmsync.cli.errors.explain import EXPLAINED

DEMO = ("--profile", "demo")


def hint_of(shell: Shell, *words: str) -> str:
    """The hint of the one error that a command ends with."""
    notes = shell.json(*DEMO, *words).answer["errors"]
    assert isinstance(notes, list)
    return str(notes[-1]["hint"])


def test_a_stopped_undo_names_the_undo_and_what_was_allowed_already(shell: Shell) -> None:
    """Copied, the command goes ahead; a sync would do the opposite."""
    shell(*DEMO, "--quiet", "sync", "--yes")
    shell(*DEMO, "config", "set", "guards.names", "0")
    shell(*DEMO, "config", "set", "guards.changes", "3")
    first = hint_of(shell, "undo", "1", "--yes", "--allow", "changes=99")
    assert "undo 1 --allow changes=99 --allow names=" in first
    copied = shlex.split(first.partition("xpmsync ")[2])
    assert shell(*copied, "--yes").exit_code == 0


def test_a_stopped_sync_of_some_clients_stays_one_of_some(shell: Shell) -> None:
    """The command that goes ahead does not widen the run."""
    shell(*DEMO, "config", "set", "guards.names", "0")
    assert "sync 1000122 --allow names=1" in hint_of(shell, "sync", "1000122", "--yes")


def test_a_command_is_never_broken_into_two_lines(shell: Shell) -> None:
    """However narrow the screen, what is to be copied stands on one line."""
    shell.variables["COLUMNS"] = "60"
    client = "30a2dac4-387b-5e94-9739-2bb504dd6cfa"
    told = shell(*DEMO, "diff", client)
    assert any(line.endswith(f"xpmsync --profile demo sync {client}") for line in told.out.splitlines())


def test_a_reader_that_leaves_early_does_not_change_how_it_ended(shell: Shell) -> None:
    """Changes are waiting, whether or not anybody reads which."""
    command = [sys.executable, "-m", "xpmsync", *DEMO, "diff", "--exit-code"]
    with subprocess.Popen(
        command, env=shell.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
    assert running.returncode == 3


def test_every_error_has_words() -> None:
    """Each class of the tree is in the table of words, so that none ends as something unexpected."""
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    kinds = {kind for kind in classes if issubclass(kind, errors.XpmsyncError)} - {errors.XpmsyncError}
    assert len(kinds) > 25
    assert kinds - EXPLAINED.keys() == set()
