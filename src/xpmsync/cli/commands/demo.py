"""demo: the whole job on the built-in practice, with the very commands a person would type."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from xpmsync.cli.session import session_of
from xpmsync.cli.terminal.output import Report
from xpmsync.cli.terminal.sanitize import quoted
from xpmsync.cli.terminal.screen import Screen
from xpmsync.core.enums import Json


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One command of the demonstration and the sentence that introduces it."""

    says: str
    words: tuple[str, ...]


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
    match route:
        case Way.BUILTIN:
            return _STEPS
        case Way.CSV:
            return _csv_steps(folder)
        case Way.FILES:
            return _files_steps(folder)


def _introduce(screen: Screen, number: int, step: DemoStep) -> None:
    screen.heading(f"{number}. {step.says}")
    screen.verbatim(f"$ {quoted(['xpmsync', '--profile', 'demo', *step.words])}")
    screen.line()
    screen.stream.flush()


def _as_json(step: DemoStep) -> dict[str, Json]:
    import io
    import json

    from xpmsync.cli.main import run

    output = io.StringIO()
    with redirect_stdout(output):
        exit_code = run(["--profile", "demo", "--json", *step.words])
    answer: dict[str, Json] = json.loads(output.getvalue())
    return {"says": step.says, "command": list(step.words), "exit_code": exit_code, "answer": answer}


@contextmanager
def nowhere_else() -> Iterator[Path]:
    """Keep settings and state in a folder that is gone afterwards; the user's own are never looked at."""
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


_NEW: Final = "Tide Table Restaurant Ltd"
_KNOWN: Final = "Oak & Ash Garden Design"
_OTHER: Final = "Hedgerow Gin Company Limited"
_SOME: Final = ("Café Zoë Pty Ltd", "Jacaranda Physiotherapy Pty Ltd", "MacAllister Farms")

_STEPS: Final = (
    DemoStep("The first job is to find the clients that both systems have; this links nothing.", ("match",)),
    DemoStep("You link the pairs that are sure; the others are for a person to decide.", ("match", "link", "--yes")),
    DemoStep("You see what differs between linked clients; this writes nothing.", ("diff", *_SOME)),
    DemoStep("A sync writes exactly that.", ("sync", "--yes", *_SOME)),
    DemoStep(
        "Somebody edits a phone number in Ignition by hand.",
        ("simulator", "edit", "ignition", _SOME[1], "phone", "07 5550 0000"),
    ),
    DemoStep("XPM is the source of truth, so the edit would be overridden, and says so.", ("diff", _SOME[1])),
    DemoStep("The next sync overrides it.", ("sync", "--yes", _SOME[1])),
    DemoStep("A second run has nothing left to do.", ("sync", "--yes", _SOME[1])),
    DemoStep("You find a client in both systems at once.", ("search", "smith")),
    DemoStep("You import one; nothing else ever creates a client in Ignition.", ("import", _NEW, "--yes")),
    DemoStep("Ignition may have this one already, so nothing is created.", ("import", _KNOWN, "--yes")),
    DemoStep("You link the two instead.", ("import", _KNOWN, "--link-to", "1000287")),
    DemoStep("From now on Ignition is to be the source of truth.", ("config", "set", "sync.direction", "to-xpm")),
    DemoStep(
        "Somebody edits the phone number in Ignition again.",
        ("simulator", "edit", "ignition", _SOME[1], "phone", "07 5550 0000"),
    ),
    DemoStep("A changed direction is previewed first.", ("diff", _SOME[1], _OTHER)),
    DemoStep("Now the edit flows to XPM; what must never flow that way is held.", ("sync", "--yes", _SOME[1], _OTHER)),
    DemoStep("You may let only client names flow.", ("config", "set", "sync.level", "names")),
    DemoStep("Everything else is held, and says why.", ("diff", "North Star Haulage Ltd", "Llŷn Boat Hire Ltd")),
    DemoStep("The status shows how things are, and what is next.", ("status",)),
)


def _csv_steps(folder: Path) -> tuple[DemoStep, ...]:
    """The steps, with their files in that folder."""
    exports = folder / "exports"
    uploads = exports / "for-ignition"
    changes, contact, client = (
        str(uploads / f"xpmsync-demo-{name}.csv") for name in ("changes", "new-0001", "new-0002")
    )
    return (
        DemoStep("Ignition is reached by its export and import files.", ("config", "set", "ignition.route", "csv")),
        DemoStep("Exports are saved in this folder.", ("config", "set", "ignition.export_folder", str(exports))),
        DemoStep(
            "You export your clients in Ignition. (The built-in register plays Ignition.)", ("simulator", "export")
        ),
        DemoStep("You see what differs; this writes nothing.", ("diff", *_SOME)),
        DemoStep("A sync writes files for you to upload: changes, and what is new.", ("sync", "--yes", *_SOME)),
        DemoStep("An import writes a file of its own. It is created when you upload it.", ("import", _NEW, "--yes")),
        DemoStep("Asked again, nothing is written twice.", ("import", _NEW, "--yes")),
        DemoStep("The status shows what is not uploaded yet, and since when.", ("status",)),
        DemoStep("Any file can be checked against the rules of Ignition's import.", ("ignition", "check", changes)),
        DemoStep("You upload the changes under Clients -> Import.", ("simulator", "upload", changes)),
        DemoStep("You upload the new contact.", ("simulator", "upload", contact)),
        DemoStep("You upload the new client.", ("simulator", "upload", client)),
        DemoStep("You may say that you uploaded them; then an older export is refused.", ("ignition", "uploaded")),
        DemoStep("An export from before the upload is refused.", ("sync", "--yes", *_SOME)),
        DemoStep("You export again.", ("simulator", "export")),
        DemoStep("Now the sync sees what Ignition took over, and links what is new.", ("sync", "--yes", *_SOME)),
        DemoStep("The new client is linked like any other.", ("diff", _NEW)),
        DemoStep("One thing is left that only Ignition's screens can do.", ("todo",)),
    )


def _files_steps(folder: Path) -> tuple[DemoStep, ...]:
    """The job by files on both sides, with no credential on either; the files are in that folder."""
    xpm, exports = folder / "xpm-exports", folder / "ignition-exports"
    changes, client, contact = (
        str(exports / "for-ignition" / f"xpmsync-demo-{name}.csv") for name in ("changes", "new-0001", "new-0002")
    )
    pilot, update = (
        str(xpm / "for-xpm" / f"xpmsync-demo-xpm-{name}-UPDATE-tick-Update-Existing-01.csv")
        for name in ("pilot-clients", "clients")
    )
    edit = ("simulator", "edit", "ignition")
    return (
        DemoStep("XPM is reached by its exports: no app, no sign-in.", ("config", "set", "xpm.route", "files")),
        DemoStep("XPM's exports are saved in this folder.", ("config", "set", "xpm.files.folder", str(xpm))),
        DemoStep("Ignition is reached by files, too.", ("config", "set", "ignition.route", "csv")),
        DemoStep("Ignition's are saved in this one.", ("config", "set", "ignition.export_folder", str(exports))),
        DemoStep("You export clients and contacts in XPM. (The simulator plays XPM.)", ("simulator", "export-xpm")),
        DemoStep("You export your clients in Ignition.", ("simulator", "export")),
        DemoStep("Once, you confirm what the columns of the clients mean.", ("xpm", "columns", "--confirm")),
        DemoStep("You do the same for the contacts.", ("xpm", "columns", "--confirm")),
        DemoStep("You see what the files can show, and what not.", ("xpm", "files")),
        DemoStep("The first job is to link the clients that both systems have.", ("match", "link", "--yes")),
        DemoStep("You import a client, which writes a file for you to upload.", ("import", _NEW, "--yes")),
        DemoStep("You see what differs; this writes nothing.", ("diff", *_SOME)),
        DemoStep("A sync writes a file for you to upload.", ("sync", "--yes", *_SOME)),
        DemoStep("You upload the changes under Clients -> Import.", ("simulator", "upload", changes)),
        DemoStep("You upload the new client.", ("simulator", "upload", client)),
        DemoStep("You upload the new contact.", ("simulator", "upload", contact)),
        DemoStep("You say that you uploaded them.", ("ignition", "uploaded")),
        DemoStep("You export again.", ("simulator", "export")),
        DemoStep("Confirmed: Ignition shows what was uploaded.", ("sync", "--yes", *_SOME)),
        DemoStep(
            "Now the other way: Ignition is to be the source of truth.", ("config", "set", "sync.direction", "to-xpm")
        ),
        DemoStep("Somebody changes a phone number in Ignition.", (*edit, _SOME[1], "phone", "07 5550 0000")),
        DemoStep("And another one.", (*edit, _SOME[0], "phone", "03 5550 0000")),
        DemoStep("You export in Ignition.", ("simulator", "export")),
        DemoStep("XPM takes files too, but how it does is not proven here yet, so all is held.", ("diff", *_SOME[:2])),
        DemoStep("You try it with one field of one client: a pilot.", ("xpm", "pilot", _SOME[1], "phone", "--yes")),
        DemoStep("You import its file in XPM.", ("simulator", "import-xpm", pilot, "--update-existing")),
        DemoStep("You say that you did.", ("xpm", "uploaded")),
        DemoStep("You export in XPM again.", ("simulator", "export-xpm")),
        DemoStep("Proven: that value changed, and nothing else.", ("xpm", "files")),
        DemoStep("From now on a sync writes files for XPM.", ("sync", "--yes", *_SOME[:2])),
        DemoStep("You import the file in XPM.", ("simulator", "import-xpm", update, "--update-existing")),
        DemoStep("You say so.", ("xpm", "uploaded")),
        DemoStep("You export in XPM once more.", ("simulator", "export-xpm")),
        DemoStep("Confirmed: XPM shows what was imported.", ("sync", "--yes", *_SOME[:2])),
        DemoStep("The status shows how things are.", ("status",)),
    )
