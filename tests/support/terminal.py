"""A command at a real pseudo-terminal, answered as a person would, and the screen that a person sees."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import time
from typing import Final

import pexpect
import pyte
from pexpect.fdpexpect import fdspawn

from support.cli_runner import Shell
from support.forked_process import ForkedProcess, run_command_line

_LONGEST: Final = 30
_KEY_SECONDS: Final = 0.05


class _Keyboard(fdspawn):  # type: ignore[type-arg]  # generic in its type information only
    """What is typed and shown at a terminal; as slow as pexpect's own, which waits for the question to listen."""

    def send(self, s: str | bytes) -> int:
        """Type that."""
        time.sleep(_KEY_SECONDS)
        return super().send(s)


class Terminal:
    """A command at a terminal of that many columns, answered as a person would."""

    def __init__(
        self, shell: Shell, *words: str, columns: int = 100, lines: int = 60, variables: dict[str, str] | None = None
    ) -> None:
        environ = {**shell.environ, "TERM": "xterm-256color", **(variables or {})}
        self.columns = columns
        ours, its = os.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = ForkedProcess(run_command_line, *words, environ=environ, streams=(its, its, its), terminal=True)
        os.close(its)
        self.running = _Keyboard(ours, encoding="utf-8", timeout=_LONGEST)
        self.shown = ""

    def answer(self, question: str, words: str) -> None:
        """Wait for a question and answer it."""
        self.wait_for(question)
        self.running.sendline(words)

    def wait_for(self, text: str) -> None:
        """Wait until that is shown."""
        self.running.expect_exact(text)
        self.shown += f"{self.running.before}{self.running.after}"

    def interrupt(self) -> None:
        """Press Ctrl-C, as late after the question as any answer: readline can miss a signal just before it waits."""
        self.running.send("\x03")

    def end(self) -> int:
        """Wait for the end; returns the exit code."""
        self.running.expect(pexpect.EOF)
        self.shown += f"{self.running.before}"
        self.running.close()
        code = self._process.wait(_LONGEST)
        assert code is not None
        return code

    @property
    def rows(self) -> list[str]:
        """What a person sees: the screen's rows, without blanks at their end."""
        screen = pyte.Screen(self.columns, 200)
        pyte.Stream(screen).feed(self.shown)
        return [row.rstrip() for row in screen.display]
