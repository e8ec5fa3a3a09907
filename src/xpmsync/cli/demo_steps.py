"""The steps of the demonstration, one list a route, and the folder they run in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["STEPS", "DemoStep", "files_steps", "nowhere_else", "steps"]


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One command of the demonstration and the sentence that introduces it."""

    says: str
    words: tuple[str, ...]


_NEW = "Tide Table Restaurant Ltd"


_KNOWN = "MacDonald, Fraser"


_OTHER = "Hedgerow Gin Company Limited"


_SOME = ("Café Zoë Pty Ltd", "Jacaranda Physiotherapy Pty Ltd", "MacAllister Farms")


STEPS: Final = (
    DemoStep("Find a client: XPM and Ignition are searched together.", ("search", "smith")),
    DemoStep("Import one. Nothing else ever creates a client in Ignition.", ("import", _NEW, "--yes")),
    DemoStep("Ignition has this one already, under another spelling: nothing is created.", ("import", _KNOWN, "--yes")),
    DemoStep("So the two are linked instead.", ("import", _KNOWN, "--link-to", "1000200")),
    DemoStep("See what differs between linked clients. This writes nothing.", ("diff", *_SOME)),
    DemoStep("Write exactly that.", ("sync", "--yes", *_SOME)),
    DemoStep(
        "Somebody edits a phone number in Ignition by hand.",
        ("simulator", "edit", "ignition", _SOME[1], "phone", "07 5550 0000"),
    ),
    DemoStep("XPM is the source of truth, so the edit would be overridden, and says so.", ("diff", _SOME[1])),
    DemoStep("And it is.", ("sync", "--yes", _SOME[1])),
    DemoStep("A second run has nothing left to do.", ("sync", "--yes", _SOME[1])),
    DemoStep("A change of mind: Ignition is the source of truth.", ("config", "set", "sync.direction", "to-xpm")),
    DemoStep("The same edit again", ("simulator", "edit", "ignition", _SOME[1], "phone", "07 5550 0000")),
    DemoStep("is to flow to XPM. A changed direction is previewed first.", ("diff", _SOME[1], _OTHER)),
    DemoStep("Now it flows. What must never flow that way is held.", ("sync", "--yes", _SOME[1], _OTHER)),
    DemoStep("Or let only client names flow.", ("config", "set", "sync.level", "names")),
    DemoStep("Everything else is held, and says why.", ("diff", "North Star Haulage Ltd", "Llŷn Boat Hire Ltd")),
    DemoStep("The status of the practice.", ("status",)),
)


def files_steps(folder: Path) -> tuple[DemoStep, ...]:
    """The job by files on both sides, with no credential on either; the files are in that folder."""
    xpm, exports = folder / "xpm-exports", folder / "ignition-exports"
    changes, client, contact = (
        str(exports / "for-ignition" / f"xpmsync-demo-{name}.csv") for name in ("changes", "new-0001", "new-0002")
    )
    return (
        DemoStep("XPM is reached by its exports: no app, no sign-in.", ("config", "set", "xpm.route", "files")),
        DemoStep("They are saved in this folder.", ("config", "set", "xpm.files.folder", str(xpm))),
        DemoStep("Ignition is reached by files, too.", ("config", "set", "ignition.route", "csv")),
        DemoStep("Its exports are saved here.", ("config", "set", "ignition.export_folder", str(exports))),
        DemoStep("You export clients and contacts in XPM. (The simulator plays XPM.)", ("simulator", "export-xpm")),
        DemoStep("And your clients in Ignition.", ("simulator", "export")),
        DemoStep("Once, you look at what XPM's columns mean, and confirm it,", ("xpm", "columns", "--confirm")),
        DemoStep("for both exports.", ("xpm", "columns", "--confirm")),
        DemoStep("What the files can show, and what not.", ("xpm", "files")),
        DemoStep("Clients that both have are found.", ("match", "link", "--yes")),
        DemoStep("A client is imported: a file to upload.", ("import", _NEW, "--yes")),
        DemoStep("See what differs. This writes nothing.", ("diff", *_SOME)),
        DemoStep("A sync writes a file for you to upload.", ("sync", "--yes", *_SOME)),
        DemoStep("You upload the changes under Clients -> Import,", ("simulator", "upload", changes)),
        DemoStep("the new client,", ("simulator", "upload", client)),
        DemoStep("and a new contact;", ("simulator", "upload", contact)),
        DemoStep("you say so,", ("ignition", "uploaded")),
        DemoStep("and export again.", ("simulator", "export")),
        DemoStep("Confirmed: Ignition shows what was uploaded.", ("sync", "--yes", *_SOME)),
        DemoStep("The status of the practice.", ("status",)),
    )


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


def steps(folder: Path) -> tuple[DemoStep, ...]:
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
        DemoStep("See what differs. This writes nothing.", ("diff", *_SOME)),
        DemoStep("A sync writes files for you to upload: changes, and what is new.", ("sync", "--yes", *_SOME)),
        DemoStep("An import writes a file of its own. It is created when you upload it.", ("import", _NEW, "--yes")),
        DemoStep("Asked again, nothing is written twice.", ("import", _NEW, "--yes")),
        DemoStep("What waits to be uploaded, and since when.", ("status",)),
        DemoStep("Any file can be checked against the rules of Ignition's import.", ("ignition", "check", changes)),
        DemoStep("You upload the changes under Clients -> Import,", ("simulator", "upload", changes)),
        DemoStep("the new contact,", ("simulator", "upload", contact)),
        DemoStep("and the new client.", ("simulator", "upload", client)),
        DemoStep("You may say so; then no older export is planned on.", ("ignition", "uploaded")),
        DemoStep("Such as this one.", ("sync", "--yes", *_SOME)),
        DemoStep("You export again.", ("simulator", "export")),
        DemoStep("Now the sync sees what Ignition took over, and links what is new.", ("sync", "--yes", *_SOME)),
        DemoStep("The new client is linked like any other.", ("diff", _NEW)),
        DemoStep("One thing only Ignition's screens can do.", ("todo",)),
    )
