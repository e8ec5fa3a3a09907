"""A command at a real pseudo-terminal, answered as a person would, and the screen that a person sees."""

from __future__ import annotations

import sys

import pexpect
import pyte

from support.cli_runner import Shell

__all__ = ["Terminal"]


class Terminal:
    """A command at a terminal of that many columns, answered as a person would."""

    def __init__(
        self, shell: Shell, *words: str, columns: int = 100, lines: int = 60, variables: dict[str, str] | None = None
    ) -> None:
        environ = {**shell.environ, "TERM": "xterm-256color", **(variables or {})}
        self.columns = columns
        self.running = pexpect.spawn(
            sys.executable,
            ["-m", "xpmsync", *words],
            env=environ,
            dimensions=(lines, columns),
            encoding="utf-8",
            timeout=30,
        )
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
        status = self.running.exitstatus
        assert isinstance(status, int)
        return status

    @property
    def rows(self) -> list[str]:
        """What a person sees: the screen's rows, without blanks at their end."""
        screen = pyte.Screen(self.columns, 200)
        pyte.Stream(screen).feed(self.shown)
        return [row.rstrip() for row in screen.display]
