"""demo: the whole job on the built-in practice, with the very commands a person would type."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xpmsync.cli.demo_steps import STEPS, DemoStep, nowhere_else
from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import quoted

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import Json
    from xpmsync.cli.terminal.screen import Screen

__all__ = ["demo"]


class Way(StrEnum):
    """The routes that the demonstration can show."""

    BUILTIN = "builtin"
    CSV = "csv"
    FILES = "files"


def demo(
    ctx: typer.Context,
    route: Annotated[
        Way, typer.Option("--route", help="builtin, Ignition by csv, or both systems by files.")
    ] = Way.BUILTIN,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for Enter between the steps.")] = False,
) -> None:
    """See the whole job with made-up clients. Needs no account and leaves nothing behind."""
    from xpmsync.cli.main import run

    session = session_of(ctx, "demo")
    with nowhere_else() as folder:
        steps = _steps(route, folder)
        if session.json:
            answers = [_as_json(step) for step in steps]
            session.report(Report({"steps": answers}, lambda _screen: None))
            return
        screen = session.screen
        for number, step in enumerate(steps, start=1):
            _introduce(screen, number, step)
            run(["--profile", "demo", "--no-input", *step.words], screen)
            sys.stdout.flush()
            if session.may_ask and not no_pause and number < len(steps):
                screen.line()
                typer.prompt("Enter shows the next step, Ctrl-C ends", default="", show_default=False)
        screen.heading("That was the whole job.")
        screen.line("Try it yourself:      xpmsync --profile demo start")
        screen.line("Your own practice:    xpmsync start")


def _steps(route: Way, folder: Path) -> tuple[DemoStep, ...]:
    if route is Way.BUILTIN:
        return STEPS
    from xpmsync.cli import demo_steps

    return demo_steps.files_steps(folder) if route is Way.FILES else demo_steps.steps(folder)


def _introduce(screen: Screen, number: int, step: DemoStep) -> None:
    screen.heading(f"{number}. {step.says}")
    screen.verbatim(f"$ {quoted(['xpmsync', '--profile', 'demo', *step.words])}")
    screen.line()
    screen.stream.flush()


def _as_json(step: DemoStep) -> dict[str, Json]:
    import io
    import json

    from xpmsync.cli.main import run

    said = io.StringIO()
    with redirect_stdout(said):
        exit_code = run(["--profile", "demo", "--json", *step.words])
    answer: dict[str, Json] = json.loads(said.getvalue())
    return {"says": step.says, "command": list(step.words), "exit_code": exit_code, "answer": answer}
