"""A person at Ignition with files: exports the register, opens the route, uploads what it wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.clock import FakeClock
from support.files_rig import date_file, save_export
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.core.ports.store import Notes
from xpmsync.ignition.csv.store import CsvStore, open_store
from xpmsync.ignition.csv.upload import pending_store
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.files import Upload, Uploaded, export_text, upload
from xpmsync.simulator.ignition.register import Register

ANN = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
BOB = {"contact.name": "Bob Ray", "contact.email": "bob@example.com"}


@dataclass
class CsvRig:
    """A register, a folder of exports, and a clock that moves a minute with every export."""

    folder: Path
    register: Register
    clock: FakeClock = field(default_factory=FakeClock)
    facts: Notes = field(default_factory=Notes)
    how: Upload = field(default_factory=Upload)

    @property
    def exports(self) -> Path:
        """Where exports are saved."""
        return self.folder / "exports"

    @property
    def uploads(self) -> Path:
        """Where files for upload are written."""
        return self.exports / "for-ignition"

    @property
    def around(self) -> RouteContext:
        """The route's surroundings."""
        ignition = IgnitionSettings(route=Route.CSV, export_folder=str(self.exports))
        settings = Settings("default", self.folder / "config.toml", ignition=ignition)
        return RouteContext(settings, ProfilePaths(self.folder / "state").ready(), self.clock, facts=self.facts)

    def export(self, name: str = "clients.csv") -> Path:
        """Export the register a minute later."""
        return self.save(export_text(self.register.clients()).encode(), name)

    def save(self, content: bytes, name: str = "clients.csv") -> Path:
        """Save a file as an export of a minute later."""
        return save_export(self.exports, name, content, self.clock)

    def date(self, path: Path) -> None:
        """Give a file the present moment as its own time."""
        date_file(path, self.clock.now())

    @contextmanager
    def opened(self) -> Iterator[CsvStore]:
        """The route on the newest export."""
        with open_store(self.around) as store:
            yield store

    def store(self) -> CsvStore:
        """The same, for a test that keeps it; the route holds nothing open."""
        with self.opened() as store:
            return store

    def finish(
        self,
        store: CsvStore,
        *,
        linked: Mapping[str, str] | None = None,
        compared: Collection[str] = (),
        unlinked: Collection[str] = (),
    ) -> PendingUploads:
        """End a run a minute later."""
        self.clock.sleep(60)
        return store.finish(linked=linked or {}, compared=compared, unlinked=unlinked)

    def upload(self, *paths: Path) -> Uploaded:
        """Upload those files, or all that are there; the last answer."""
        done = Uploaded(0, 0, 0)
        for path in paths or sorted(self.uploads.glob("*.csv")):
            done = upload(self.register, path.read_bytes(), self.how)
        return done

    def uploaded(self, path: Path | None = None) -> PendingUploads:
        """Say so."""
        self.clock.sleep(60)
        return pending_store(self.around).mark_uploaded(path, self.clock.now())


@contextmanager
def open_csv_rig(folder: Path) -> Iterator[CsvRig]:
    """An empty register."""
    with Register() as register:
        yield CsvRig(folder, register)


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows by column."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))


def cells(rows: Sequence[Mapping[str, str]], *names: str) -> list[tuple[str, ...]]:
    """Some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]
