"""One answer, two forms: a command returns a `Report`, and this prints it for a person or as JSON.

The streams it is printed to cannot stop a command: what cannot be written is discarded, and remembered.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO, cast

from xpmsync.core.enums import Json

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen

ENVELOPE_VERSION: Final = 1


class ExitCode(IntEnum):
    """What a command's end means (design, section 6)."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    CHANGES_WAITING = 3
    SIGN_IN_NEEDED = 4
    PARTLY_DONE = 5
    GUARDED = 6
    ANOTHER_RUN = 7
    CALL_LIMIT = 8
    UNUSABLE_ANSWER = 9
    INTERRUPTED = 130

    @property
    def status(self) -> str:
        """The word for it in JSON answers."""
        return self.name.lower().replace("_", "-")


class CurrentCommand(str):
    """Among the words given to `command_line`: the current run as it was typed, or `sync` outside of a run."""

    __slots__ = ()


CURRENT_COMMAND: Final = CurrentCommand("sync")


class ErrorNote(NamedTuple):
    """One thing that went wrong: a machine code, what happened, and what to do next."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A command's answer: `data` for programs, `show` for people, errors for both."""

    data: Mapping[str, Json]
    show: Callable[[Screen], None]
    exit_code: ExitCode = ExitCode.DONE
    errors: tuple[ErrorNote, ...] = ()
    summary: str = ""
    """The answer in one line, all that `-q` prints."""


def print_json(command: str, exit_code: ExitCode, data: Mapping[str, Json], errors: Sequence[ErrorNote]) -> None:
    """Print the envelope on stdout, and nothing else."""
    envelope: dict[str, Json] = {
        "xpmsync": ENVELOPE_VERSION,
        "command": command,
        "status": exit_code.status,
        "exit_code": int(exit_code),
        "data": data,
        "errors": [{"code": note.code, "message": note.message, "hint": note.hint} for note in errors],
    }
    json.dump(envelope, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


CommandLine = Callable[..., str]
"""Makes the command line for the same practice out of a command's words."""


Words = tuple[str, str, ExitCode]
"""What happened, what to do next, and the exit code."""


class SafeStream:
    """A text stream whose writes never fail; `problem` is why its output was lost (a full disk, a closed console).

    A reader that has enough (`head`) is no loss.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._discarding = False
        self.problem: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or discard it."""
        self._attempt(lambda: self._stream.write(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts, or discard them."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush what was written, or discard it."""
        self._attempt(self._stream.flush)

    def _attempt(self, action: Callable[[], object]) -> None:
        if self._discarding:
            return
        try:
            action()
        except BrokenPipeError:
            self._discard()
        except OSError as problem:
            self.problem = problem
            self._discard()
        except ValueError:  # the stream was closed
            self._discarding = True

    def _discard(self) -> None:
        """Discard also what is flushed when the program ends, which would change its exit code."""
        self._discarding = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def safe_streams() -> Iterator[tuple[SafeStream, SafeStream]]:
    """Use stdout and stderr in UTF-8, and never fail to write to them, until the command has ended.

    Windows pipes default to an old code page, in which a Māori name would end the
    program. Without any stream (pythonw, a service) output is discarded.
    """
    if sys.stdout is None or sys.stderr is None:
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the program runs
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace" if stream is not sys.stdin else "replace")
    former = (sys.stdout, sys.stderr)
    out, err = SafeStream(sys.stdout), SafeStream(sys.stderr)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        yield out, err
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = former
