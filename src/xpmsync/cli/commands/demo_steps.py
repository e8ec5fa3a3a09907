"""The demonstration's round trip over files: export, plan, file for upload, upload, export again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xpmsync.cli.commands.demo import Step

__all__ = ["steps"]

_NEW: Final = "Tide Table Restaurant Ltd"
_SOME: Final = ("Café Zoë Pty Ltd", "Jacaranda Physiotherapy Pty Ltd", "MacAllister Farms")


def steps(folder: Path) -> tuple[Step, ...]:
    """The steps, with their files in that folder."""
    exports = folder / "exports"
    uploads = exports / "for-ignition"
    changes, contact, client = (
        str(uploads / f"xpmsync-demo-{name}.csv") for name in ("changes", "new-0001", "new-0002")
    )
    return (
        Step("Ignition is reached by its export and import files.", ("config", "set", "ignition.route", "csv")),
        Step("Exports are saved in this folder.", ("config", "set", "ignition.export_folder", str(exports))),
        Step("You export your clients in Ignition. (The built-in register plays Ignition.)", ("practice", "export")),
        Step("See what differs. This writes nothing.", ("diff", *_SOME)),
        Step("A sync writes files for you to upload: changes, and what is new.", ("sync", "--yes", *_SOME)),
        Step("An import writes a file of its own. It is created when you upload it.", ("import", _NEW, "--yes")),
        Step("Asked again, nothing is written twice.", ("import", _NEW, "--yes")),
        Step("What waits to be uploaded, and since when.", ("status",)),
        Step("Any file can be checked against the rules of Ignition's import.", ("ignition", "check", changes)),
        Step("You upload the changes under Clients -> Import,", ("practice", "upload", changes)),
        Step("the new contact,", ("practice", "upload", contact)),
        Step("and the new client.", ("practice", "upload", client)),
        Step("You may say so; then no older export is planned on.", ("ignition", "uploaded")),
        Step("Such as this one.", ("sync", "--yes", *_SOME)),
        Step("You export again.", ("practice", "export")),
        Step("Now the sync sees what Ignition took over, and links what is new.", ("sync", "--yes", *_SOME)),
        Step("The new client is linked like any other.", ("diff", _NEW)),
        Step("One thing only Ignition's screens can do.", ("links", "--todo")),
    )
