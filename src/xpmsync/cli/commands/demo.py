"""demo: the whole job on the built-in practice, with the very commands a person would type."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report

if TYPE_CHECKING:
    from xpmsync.cli.terminal.output import Json
    from xpmsync.cli.terminal.screen import Screen

__all__ = ["STEPS", "Step", "nowhere_else", "register"]


class Way(StrEnum):
    """The routes that the demonstration can show."""

    BUILTIN = "builtin"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the demonstration and the sentence that introduces it."""

    says: str
    words: tuple[str, ...]


_NEW = "Tide Table Restaurant Ltd"
_KNOWN = "MacDonald, Fraser"
_OTHER = "Hedgerow Gin Company Limited"
_SOME = ("Café Zoë Pty Ltd", "Jacaranda Physiotherapy Pty Ltd", "MacAllister Farms")

STEPS: Final = (
    Step("Find a client: XPM and Ignition are searched together.", ("search", "smith")),
    Step("Import one. Nothing else ever creates a client in Ignition.", ("import", _NEW, "--yes")),
    Step("Ignition has this one already, under another spelling: nothing is created.", ("import", _KNOWN, "--yes")),
    Step("So the two are linked instead.", ("import", _KNOWN, "--link-to", "1000200")),
    Step("See what differs between linked clients. This writes nothing.", ("diff", *_SOME)),
    Step("Write exactly that.", ("sync", "--yes", *_SOME)),
    Step(
        "Somebody edits a phone number in Ignition by hand.",
        ("practice", "edit", "ignition", _SOME[1], "phone", "07 5550 0000"),
    ),
    Step("XPM is believed, so the edit would be overridden, and says so.", ("diff", _SOME[1])),
    Step("And it is.", ("sync", "--yes", _SOME[1])),
    Step("A second run has nothing left to do.", ("sync", "--yes", _SOME[1])),
    Step("A change of mind: from now on Ignition is believed.", ("config", "set", "sync.direction", "to-xpm")),
    Step("The same edit again", ("practice", "edit", "ignition", _SOME[1], "phone", "07 5550 0000")),
    Step("is to flow to XPM. A changed direction wants a look first.", ("diff", _SOME[1], _OTHER)),
    Step("Now it flows. What must never flow that way is held.", ("sync", "--yes", _SOME[1], _OTHER)),
    Step("Or let only client names flow.", ("config", "set", "sync.level", "names")),
    Step("Everything else is held, and says why.", ("diff", "North Star Haulage Ltd", "Llŷn Boat Hire Ltd")),
    Step("Where the practice stands.", ("status",)),
)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    route: Annotated[Way, typer.Option("--route", help="How Ignition is reached in it.")] = Way.BUILTIN,
) -> None:
    """See the whole job on the built-in practice. Needs no account and leaves nothing behind."""
    from xpmsync.cli.main import run

    session = session_of(context, "demo")
    with nowhere_else() as folder:
        steps = _steps(route, folder)
        if session.json:
            answers = [_as_json(step) for step in steps]
            session.report(Report({"steps": answers}, lambda _screen: None))
            return
        screen = session.screen
        for number, step in enumerate(steps, start=1):
            _introduce(screen, number, step)
            run(["--profile", "demo", "--no-input", *step.words])
            sys.stdout.flush()
        screen.heading("That was the whole job.")
        screen.line("Try it yourself:      xpmsync --profile demo search whitmore")
        screen.line("Your own practice:    xpmsync init")


def _steps(route: Way, folder: Path) -> tuple[Step, ...]:
    if route is Way.BUILTIN:
        return STEPS
    from xpmsync.cli.commands import demo_steps

    return demo_steps.steps(folder)


def _introduce(screen: Screen, number: int, step: Step) -> None:
    import shlex

    screen.heading(f"{number}. {step.says}")
    screen.verbatim(f"$ xpmsync --profile demo {shlex.join(step.words)}")
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
def nowhere_else() -> Iterator[Path]:
    """Keep settings and state in a folder that is gone afterwards; the user's own are never looked at."""
    import tempfile

    former = {name: text for name, text in os.environ.items() if name.startswith("XPMSYNC_")}
    with tempfile.TemporaryDirectory(prefix="xpmsync-demo-", ignore_cleanup_errors=True) as folder:
        for name in former:
            del os.environ[name]
        os.environ["XPMSYNC_CONFIG"] = str(Path(folder, "config.toml"))
        os.environ["XPMSYNC_STATE_DIR"] = str(Path(folder, "state"))
        try:
            yield Path(folder)
        finally:
            del os.environ["XPMSYNC_CONFIG"], os.environ["XPMSYNC_STATE_DIR"]
            os.environ.update(former)
