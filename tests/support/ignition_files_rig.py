"""A whole practice whose Ignition is reached by files: XPM over HTTP, a ledger, exports and uploads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.files_rig import FilesRig, save_export
from support.sync_rig import contact, open_rig_of
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.ignition.csv.validate import check_file
from xpmsync.local.settings.settings import IgnitionSettings, Route
from xpmsync.simulator.ignition.files import Upload, export_text, upload
from xpmsync.usecases import uploads
from xpmsync.usecases.clients import import_client
from xpmsync.usecases.context.context import Silent

ANN, BOB, CY = contact("Ann Lee"), contact("Bob Ray"), contact("Cy Oz")


@dataclass
class IgnitionFilesRig(FilesRig):
    """The rig with Ignition reached by files; `how` is what Ignition does that nobody has written down."""

    how: Upload = field(default_factory=Upload)

    @property
    def exports(self) -> Path:
        """Where exports are saved."""
        return self.paths.folder / "exports"

    def export(self, name: str = "clients.csv") -> Path:
        """Export the register a minute later."""
        return self.save(export_text(self.register.clients()).encode(), name)

    def save(self, content: bytes, name: str = "clients.csv") -> Path:
        """Save a file as an export of a minute later."""
        return save_export(self.exports, name, content, self.clock)

    @property
    def waiting(self) -> Sequence[Path]:
        """The files to upload."""
        return sorted((self.exports / "for-ignition").glob("*.csv"))

    def upload(self) -> None:
        """Upload them all, keeping them where they are."""
        for path in self.waiting:
            assert check_file(path).problems == []
            upload(self.register, path.read_bytes(), self.how)

    def round_trip(self) -> None:
        """Upload, then export again."""
        self.upload()
        self.export()

    def bring_in(self, client: str) -> import_client.Imported:
        """`import CLIENT --yes`."""
        self.clock.sleep(60)
        with self.open() as context:
            return import_client.create(context, import_client.propose(context, client, Silent()))

    def pending(self) -> PendingUploads:
        """What waits for an upload, as `status` says."""
        with self.open() as context:
            pending = uploads.pending_files(context.settings, context.paths, context.ledger, self.clock)
        assert pending is not None
        return pending


@contextmanager
def open_ignition_files(folder: Path) -> Iterator[IgnitionFilesRig]:
    """An empty practice whose Ignition is reached by files."""
    with open_rig_of(IgnitionFilesRig, folder) as rig:
        ignition = IgnitionSettings(route=Route.CSV, export_folder=str(rig.exports))
        rig.settings = replace(rig.settings, ignition=ignition)
        yield rig
