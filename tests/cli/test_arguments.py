"""Words on the command line that no command can use: a sentence and exit code 2, never a crash."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from commands import Live, Shell


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
@pytest.mark.parametrize(
    "words",
    [
        ("search", "\udcff"),
        ("diff", "Harbour\udc80"),
        ("practice", "edit", "ignition", "A", "phone", "\udcff"),
        ("--config", "/tmp/\udcff.toml", "status"),  # noqa: S108 - a name that is refused, never opened
    ],
)
def test_bytes_that_are_no_text(shell: Shell, words: tuple[str, ...]) -> None:
    """A terminal in another encoding; the answer is the same for programs."""
    told = shell("--profile", "demo", *words)
    assert told.exit_code == 2
    assert "no text" in told.err
    assert shell.json("--profile", "demo", *words).codes == ["usage"]


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
        (("practice", "serve", "--port", "x"), "practice serve"),
        (("config", "get"), "config get"),
        (("snyc",), ""),
        (("--nope",), ""),
    ],
)
def test_the_help_that_is_named_is_the_commands_own(shell: Shell, words: tuple[str, ...], help_of: str) -> None:
    """And the answer for programs names the command too."""
    assert f"xpmsync {help_of} --help".replace("  ", " ") in shell(*words).err
    assert shell.json(*words).answer["command"] == help_of


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
