"""A whole practice whose Ignition is reached by files: XPM over HTTP, a ledger, exports and uploads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from support.sync_rig import SyncRig, contact, open_rig
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.ignition.csv.validate import check_file
from xpmsync.local.settings.settings import IgnitionSettings, Route
from xpmsync.simulator.ignition.files import Upload, export_text, upload
from xpmsync.usecases import uploads
from xpmsync.usecases.clients import import_client
from xpmsync.usecases.context.context import Silent, SyncContext

ANN, BOB, CY = contact("Ann Lee"), contact("Bob Ray"), contact("Cy Oz")


@dataclass
class Files(SyncRig):
    """The rig with Ignition reached by files; `how` is what Ignition does that nobody has written down."""

    how: Upload = field(default_factory=Upload)

    @property
    def exports(self) -> Path:
        """Where exports are saved."""
        return self.paths.folder / "exports"

    @contextmanager
    def open(self) -> Iterator[SyncContext]:
        """The practice as a command opens it, with an export to read."""
        if not self.exports.exists():
            self.export()
        with super().open() as context:
            yield context

    def export(self, name: str = "clients.csv") -> Path:
        """Export the register a minute later."""
        return self.save(export_text(self.register.clients()).encode(), name)

    def save(self, content: bytes, name: str = "clients.csv") -> Path:
        """Save a file as an export of a minute later."""
        self.clock.sleep(60)
        self.exports.mkdir(exist_ok=True)
        path = self.exports / name
        path.write_bytes(content)
        moment = self.clock.now().timestamp()
        os.utime(path, (moment, moment))
        return path

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

    def told_waiting(self) -> PendingUploads:
        """What `status` says."""
        with self.open() as context:
            told = uploads.pending_files(context.settings, context.paths, context.ledger, self.clock)
        assert told is not None
        return told


@contextmanager
def opened_files(folder: Path) -> Iterator[Files]:
    """An empty practice whose Ignition is reached by files."""
    with open_rig(folder) as rig:
        files = Files(**{attribute.name: getattr(rig, attribute.name) for attribute in fields(rig)})
        ignition = IgnitionSettings(route=Route.CSV, export_folder=str(files.exports))
        files.settings = replace(files.settings, ignition=ignition)
        yield files
