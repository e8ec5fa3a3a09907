"""Output streams that cannot stop a command: what cannot be written is discarded, and remembered."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["SafeStream", "safe_streams"]


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
