"""One answer, two forms: a command returns a `Report`, and this prints it for a person or as JSON.

The envelope is `{"xpmsync": 1, "command", "status", "exit_code", "data", "errors"}`;
its JSON Schema is `schema.json` beside this file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from xpmsync.core.jsonable import Json

if TYPE_CHECKING:
    from xpmsync.cli.terminal.screen import Screen

__all__ = [
    "CURRENT_COMMAND",
    "ENVELOPE_VERSION",
    "CommandLine",
    "CurrentCommand",
    "ErrorNote",
    "ExitCode",
    "Json",
    "Report",
    "Words",
    "print_json",
]

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


@dataclass(frozen=True, slots=True)
class ErrorNote:
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
