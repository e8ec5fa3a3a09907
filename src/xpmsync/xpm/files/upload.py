"""What a person does with the files for XPM, in XPM's own menu words; and noting what was done.

Opens no export, so that `status` can ask for what waits in a moment.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.pending import WrittenFile
from xpmsync.csv_files.uploads import Outbox, PendingStore
from xpmsync.errors import SettingsError
from xpmsync.local.settings.settings import XPM_FOLDER, Settings
from xpmsync.local.system.paths import ProfilePaths

_FOLDER: Final = "for-xpm"
_IMPORT: Final = "Business > Settings > Connections > Import"


def outbox_of(settings: Settings) -> Outbox:
    """Where the profile's files for XPM are written: beside its exports; raises `SettingsError`."""
    return Outbox(export_folder(settings) / _FOLDER, settings.profile, "xpm-", "contacts-NEW-upload-once-")


def export_folder(settings: Settings) -> Path:
    """Where XPM's exports are saved; raises `SettingsError`."""
    folder = settings.folder(XPM_FOLDER)
    if folder is None:
        raise SettingsError("must name the folder where you save XPM's exports", settings.path, XPM_FOLDER)
    return folder.absolute()


def pending_store(settings: Settings, paths: ProfilePaths, facts: Facts) -> PendingStore:
    """The profile's uploads to XPM."""
    folder = export_folder(settings)

    def export_steps(files: Sequence[WrittenFile]) -> tuple[str, ...]:
        first = f"When that is done: {settings.command_line('xpm', 'uploaded')}"
        again = " again" if any(not file.uploaded for file in files) else ""
        last = (
            f"See whether it is proven: {settings.command_line('xpm', 'files')}"
            if any(file.pilot for file in files)
            else "Run the sync again: it sees what XPM took over."
        )
        exports = f"Export Generic - Clients and Generic - Contacts in XPM{again}, and save both in {folder}."
        return (first, exports, last) if again else (exports, last)

    return PendingStore(System.XPM, facts, paths, "xpm-uploads.lock", _upload_step, export_steps)


def _upload_step(file: WrittenFile) -> str:
    kind = "Generic - Contact" if file.of_contacts else "Generic - Client"
    step = f"In XPM, open {_IMPORT}, choose {kind}"
    if file.once:
        new = "1 new contact" if len(file.contacts) == 1 else f"{len(file.contacts)} new contacts"
        listed = ", ".join(dict.fromkeys(file.names.values()))
        return (
            f"{step}, leave Update Existing? unticked, and import {file.path}. Only once: it adds {new} ({listed});"
            " imported twice, it would add that twice."
        )
    return f"{step}, tick Update Existing?, and import {file.path}."
