"""What a person does with the files, in Ignition's own menu words; and noting what was done.

Opens no export, so that `status` can ask for what waits in a moment.
"""

from collections.abc import Sequence

from xpmsync.core.enums import System
from xpmsync.csv_files.pending import WrittenFile
from xpmsync.csv_files.uploads import PendingStore
from xpmsync.ignition.routes import RouteContext


def pending_store(context: RouteContext) -> PendingStore:
    """The profile's uploads to Ignition."""
    exports = (context.settings.folder("ignition.export_folder") or context.paths.folder).absolute()
    folder = exports.parent if exports.is_file() else exports

    def export_steps(files: Sequence[WrittenFile]) -> tuple[str, ...]:
        again = "" if all(file.uploaded for file in files) else " again"
        return (
            f"Export your clients in Ignition{again}, and save the file that arrives by e-mail in {folder}.",
            "Run the sync again: it sees what was taken over, and links what is new.",
        )

    return PendingStore(System.IGNITION, context.facts, context.paths, "handover.lock", _upload_step, export_steps)


def _upload_step(file: WrittenFile) -> str:
    step = f"In Ignition, open Clients -> Import and upload {file.path}."
    if not file.once:
        return step
    names = [client.name for client in file.clients]
    if file.contacts:
        names.append("1 new contact" if len(file.contacts) == 1 else f"{len(file.contacts)} new contacts")
    return f"{step} Only once: it creates {', '.join(names)}; uploaded twice, it would create that twice."
