"""demo: the whole job on the built-in practice, with the very commands a person would type."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from xpmsync.cli.output import Report
from xpmsync.cli.session import session_of

if TYPE_CHECKING:
    from xpmsync.cli.output import Json
    from xpmsync.cli.screen import Screen

__all__ = ["STEPS", "register"]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the demonstration and the sentence that introduces it."""

    says: str
    words: tuple[str, ...]


STEPS: Final = (Step("Somebody asks for a client. XPM and Ignition are searched together.", ("search", "whanau")),)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("demo")(demo)


def demo(context: typer.Context) -> None:
    """See the whole job on the built-in practice. Needs no account and leaves nothing behind."""
    from xpmsync.cli.main import run

    session = session_of(context, "demo")
    with _nowhere_else():
        if session.json:
            steps = [_as_json(step) for step in STEPS]
            session.report(Report({"steps": steps}, lambda _screen: None))
            return
        screen = session.screen
        for number, step in enumerate(STEPS, start=1):
            _introduce(screen, number, step)
            run(["--profile", "demo", "--no-input", *step.words])
        screen.heading("That was the whole job.")
        screen.line("Try it yourself with: xpmsync --profile demo search hill")
        screen.line("Then set up your own practice with: xpmsync init")


def _introduce(screen: Screen, number: int, step: Step) -> None:
    import shlex

    screen.heading(f"{number}. {step.says}")
    screen.line(f"$ xpmsync {shlex.join(step.words)}")
    screen.line()
    screen.stream.flush()


def _as_json(step: Step) -> dict[str, Json]:
    import io
    import json

    from xpmsync.cli.main import run

    said = io.StringIO()
    with redirect_stdout(said):
        exit_code = run(["--profile", "demo", "--json", *step.words])
    answer: dict[str, Json] = json.loads(said.getvalue())
    return {"says": step.says, "command": list(step.words), "exit_code": exit_code, "answer": answer}


@contextmanager
def _nowhere_else() -> Iterator[None]:
    """Keep settings and state in a folder that is gone afterwards; the user's own are never looked at."""
    import tempfile
    from pathlib import Path

    former = {name: text for name, text in os.environ.items() if name.startswith("XPMSYNC_")}
    with tempfile.TemporaryDirectory(prefix="xpmsync-demo-", ignore_cleanup_errors=True) as folder:
        for name in former:
            del os.environ[name]
        os.environ["XPMSYNC_CONFIG"] = str(Path(folder, "config.toml"))
        os.environ["XPMSYNC_STATE_DIR"] = str(Path(folder, "state"))
        try:
            yield
        finally:
            del os.environ["XPMSYNC_CONFIG"], os.environ["XPMSYNC_STATE_DIR"]
            os.environ.update(former)
