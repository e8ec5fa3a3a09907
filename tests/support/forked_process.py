"""Real processes that have xpmsync imported when they begin, forked from a server that imported it once.

To start Python and import the command line takes 0.4 s of processor time, and with the MCP SDK 1 s: most of what a
process would do that is to be killed, or to be at a terminal. `multiprocessing` runs the server and forks from it.
The process is one like any other, with its own streams, variables, terminal and signals; a test of the start
itself begins `python -m xpmsync`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_PRELOADED: Final = (
    "anyio._backends._asyncio",
    "certifi",
    "encodings.idna",
    "filelock",
    "httpcore",
    "httpcore2",
    "mcp",
    "rich.console",
    "truststore",
    "xpmsync.cli.commands.sync",
    "xpmsync.cli.main",
    "xpmsync.cli.run_outcome",
    "xpmsync.cli.terminal.progress",
    "xpmsync.ignition.builtin",
    "xpmsync.ignition.csv.store",
    "xpmsync.ignition.mcp.store",
    "xpmsync.ignition.mcp.transport",
    "xpmsync.usecases.context.open",
    "xpmsync.usecases.unattended.notify",
    "xpmsync.xpm.api.store",
)
"""Nothing that reads variables as it is imported, as keyring does; what is not installed is passed over."""

Result = TypeVar("Result")


@cache
def _server() -> ForkServerContext | SpawnContext:
    if os.name == "nt":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


class ForkedProcess:
    """A process that runs a function of a module and ends with the exit code it returns.

    `streams` are open files for standard input, output and errors; with `terminal` the first of them is the
    terminal that the process belongs to, which sends it Ctrl-C.
    """

    def __init__(
        self,
        function: Callable[..., int],
        *arguments: object,
        environ: Mapping[str, str],
        streams: tuple[int, int, int],
        terminal: bool = False,
    ) -> None:
        given = tuple(_OpenFile(stream) for stream in streams)
        # A daemon: it ends with the tests, should one fail before its process is through.
        self._process = _server().Process(
            target=_begin, args=(function, arguments, dict(environ), given, terminal), daemon=True
        )
        self._process.start()

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end, for so long at most; returns its exit code, negative after a signal, None if it runs on."""
        self._process.join(seconds)
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> int:
        """Send SIGKILL, and wait for the end."""
        self._process.kill()
        code = self.wait()
        assert code is not None
        return code


def run_command_line(*words: str) -> int:
    """Run `xpmsync` with these words, as `python -m xpmsync` does."""
    from xpmsync.cli.entry import main

    sys.argv = ["xpmsync", *words]
    main()
    return 0


def run_at_once(
    function: Callable[..., Result], calls: Sequence[tuple[Mapping[str, str], tuple[object, ...]]]
) -> list[Result]:
    """Call a function in as many processes, all at the same moment; each has its variables and its arguments."""
    running = []
    for environ, arguments in calls:
        ours, its = _server().Pipe()
        process = _server().Process(target=_call_when_asked, args=(function, arguments, environ, its), daemon=True)
        process.start()
        its.close()
        running.append((process, ours))
    for _, connection in running:
        assert connection.recv() == "ready"
    for _, connection in running:
        connection.send("go")
    results = [connection.recv() for _, connection in running]
    for process, connection in running:
        connection.close()
        process.join()
    return results


def _call_when_asked(
    function: Callable[..., object],
    arguments: tuple[object, ...],
    environ: Mapping[str, str],
    connection: Connection,
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    connection.send("ready")
    connection.recv()
    connection.send(function(*arguments))


class _OpenFile:
    """An open file on its way to another process, where it is a number again."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[object]]:
        from multiprocessing.reduction import DupFd  # not there on Windows

        return _received, (DupFd(self._number),)


def _received(duplicate: Any) -> int:
    number: int = duplicate.detach()
    return number


def _begin(
    function: Callable[..., int],
    arguments: tuple[object, ...],
    environ: Mapping[str, str],
    streams: tuple[int, int, int],
    terminal: bool,
) -> None:
    """Take the streams, the terminal and the variables, and run the function."""
    for place, number in enumerate(streams):
        os.dup2(number, place)
        os.close(number)
    if terminal:
        import fcntl  # neither is there on Windows
        import termios

        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
    sys.exit(function(*arguments))


def _text(stream: int, mode: str) -> TextIO:
    """One of the standard streams, as Python opens them."""
    line_by_line = stream == 2 or os.isatty(stream)
    errors = "backslashreplace" if stream == 2 else "strict"
    opened = open(  # noqa: SIM115 - open to the end of the process
        stream, mode, encoding="utf-8", closefd=False, buffering=1 if line_by_line else -1, errors=errors
    )
    return cast(TextIO, opened)
