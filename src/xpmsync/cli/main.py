"""The entry point: UTF-8 streams, global options in any position, errors as messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from xpmsync.cli.app import root_command
from xpmsync.cli.session import Session
from xpmsync.cli.terminal.output import ErrorNote, ExitCode, print_json, safe_streams
from xpmsync.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from xpmsync.errors import SeveralClients

_FLAGS: Final = frozenset({"--force", "--json", "--no-input", "-q", "--quiet", "-v", "-vv", "--verbose"})
_WITH_VALUE: Final = frozenset({"--profile", "--config", "--export"})
_MOST_LETTERS: Final = 4096
"""In one argument: as long as a path may be, and far longer than a name or a note; no web address holds much more."""


def run(arguments: Sequence[str], screen: Screen | None = None) -> int:
    """Run one command line, on `screen` instead of stdout where it is given, and return its exit code."""
    with safe_streams() as (out, _):
        session = Session(screen=screen or Screen())
        exit_code = _run(session, _global_options_first(arguments))
        out.flush()
        if session.run is not None:
            from xpmsync.cli.run import record_outcome

            record_outcome(session, exit_code)
        elif out.problem is not None and exit_code == ExitCode.DONE:
            from xpmsync.errors import reason_of

            message = f"The output could not be written: {reason_of(out.problem)}."
            return _fail(session, ErrorNote("output", message), ExitCode.UNEXPECTED)
    return exit_code


def _run(session: Session, words: list[str]) -> int:
    if any("\ud800" <= sign <= "\udfff" for word in words for sign in word):
        # Bytes in another encoding than the system's: neither JSON nor XML can contain them.
        session.json = "--json" in words
        note = ErrorNote("usage", "An argument is not valid UTF-8.", "Type it again.")
        return _fail(session, note, ExitCode.USAGE)
    if longest := max((len(word) for word in words if len(word) > _MOST_LETTERS), default=0):
        session.json = "--json" in words
        note = ErrorNote("usage", f"An argument has {longest:,} letters; {_MOST_LETTERS:,} are allowed.", "Shorten it.")
        return _fail(session, note, ExitCode.USAGE)
    try:
        outcome = root_command().main(args=words, prog_name="xpmsync", standalone_mode=False, obj=session)
        return outcome if isinstance(outcome, int) else 0
    except KeyboardInterrupt:
        return _interrupted(session)
    except typer.Abort as problem:
        if problem.__cause__ is None and sys.stderr.isatty():
            # At a question, on whose line the cursor still is.
            sys.stderr.write("\n")
        return _interrupted(session)
    except typer.TyperException as problem:
        session.command = session.command or _command_of(problem)
        session.json = session.json or "--json" in words
        return _misused(session, problem)
    except Exception as problem:
        # Loaded only now: `--help` and quick answers do without.
        from xpmsync.cli.errors.explain import explain
        from xpmsync.errors import SeveralClients, StateUnusable, XpmsyncError, reason_of

        if isinstance(problem, SeveralClients) and session.may_ask:
            return _choose(session, words, problem)
        if session.run is not None:
            session.run.ended_by(problem)
        if isinstance(problem, OSError) and problem.filename:
            # A file that nothing below has an error of its own for.
            unusable = StateUnusable(Path(str(problem.filename)), reason_of(problem))
            unusable.__cause__ = problem
            problem = unusable
        if isinstance(problem, XpmsyncError):
            note, exit_code = explain(problem, session.command_line, vars(session).get("settings"))
        else:
            # The last resort: a bug. Local variables may hold client data, so not even -vv shows them.
            what = f"Something unexpected happened ({type(problem).__name__})."
            note, exit_code = ErrorNote("unexpected", what, "Run it again with -vv to see where."), ExitCode.UNEXPECTED
        _trace(session)
        return _fail(session, note, exit_code)


def _choose(session: Session, words: list[str], problem: SeveralClients) -> int:
    """Let a person choose the client and run the command again; without a choice the error lists the clients."""
    from xpmsync.cli.errors.explain import explain
    from xpmsync.cli.question import choose_client

    try:
        chosen = choose_client(session, words, problem)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n")
        return _interrupted(session)
    if chosen is None:
        return _fail(session, *explain(problem, session.command_line))
    session.run = None
    return _run(session, chosen)


def _interrupted(session: Session) -> int:
    """Report Ctrl-C, with what the command had done until then."""
    note = ErrorNote("interrupted", f"Interrupted. {session.done_so_far()}")
    return _fail(session, note, ExitCode.INTERRUPTED)


def _misused(session: Session, problem: typer.TyperException) -> int:
    """Report a wrong command line; a group without its command shows its help."""
    from typer._click.exceptions import NoArgsIsHelpError, NoSuchOption

    from xpmsync.cli.errors.machine import usage_message

    hint = " ".join(["See: xpmsync", *session.command.split(), "--help"])
    if isinstance(problem, NoArgsIsHelpError):
        if not session.json:
            sys.stdout.write(f"{problem.format_message()}\n")
            return int(ExitCode.DONE)
        message = "No command was given."
    else:
        message = usage_message(problem)
    if isinstance(problem, NoSuchOption):
        from xpmsync.cli.errors.next_steps import instead_of_option

        hint = instead_of_option(problem.option_name, session.command_line) or hint
    return _fail(session, ErrorNote("usage", message, hint), ExitCode.USAGE)


def _command_of(problem: typer.TyperException) -> str:
    """The command whose options or arguments were wrong, empty for the global ones."""
    context: object = getattr(problem, "ctx", None)
    path: object = getattr(context, "command_path", "")
    return str(path).partition(" ")[2]


def _fail(session: Session, note: ErrorNote, exit_code: ExitCode) -> int:
    session.problem = note.code
    if session.json:
        print_json(session.command, exit_code, {}, [note])
    else:
        session.error(note.message, note.hint)
    return int(exit_code)


def _trace(session: Session) -> None:
    """With -vv, show where it happened: files and lines, never values."""
    if session.verbosity < 2:
        return
    import traceback

    kind, _, trace = sys.exc_info()
    for frame in traceback.extract_tb(trace):
        sys.stderr.write(f"  {frame.filename}:{frame.lineno} in {frame.name}\n")
    sys.stderr.write(f"  {kind.__name__ if kind else ''}\n")


def _global_options_first(arguments: Sequence[str]) -> list[str]:
    """Let `xpmsync sync --json` mean `xpmsync --json sync`; what follows `--` is left alone."""
    first: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for word in remaining:
        if word == "--":
            rest += [word, *remaining]
        elif word in _FLAGS or (word.partition("=")[0] in _WITH_VALUE and "=" in word):
            first.append(word)
        elif word in _WITH_VALUE:
            first += [word, *([value] if (value := next(remaining, None)) is not None else [])]
        else:
            rest.append(word)
    return first + rest
