"""XPM's exports keep what every store promises of reading, in each of the forms that the help pages allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.store_contract import ReadingContract, Rig
from support.xpm_files_rig import date_file
from xpmsync.core.catalogue import field
from xpmsync.core.ports.facts import Notes
from xpmsync.local.settings.settings import Settings, XpmFilesSettings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import ExportVariant, Region, export_xpm
from xpmsync.usecases.xpm_files import confirm_columns
from xpmsync.xpm.files.store import FilesContext, XpmFilesStore

VARIANTS = {
    "nz": ExportVariant(),
    "au, one address cell": ExportVariant(Region.AU, numbered_address=False),
    "uk, contacts in clients": ExportVariant(Region.UK, contacts_in_clients=True),
    "tabs, no mark": ExportVariant(separator="\t", bom=False, crlf=False),
}


@pytest.fixture(params=list(VARIANTS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A practice that exports anew whenever it is looked at."""
    clock = FakeClock()
    folder = tmp_path / "xpm"
    settings = Settings("default", tmp_path / "config.toml", xpm_files=XpmFilesSettings(folder=str(folder)))
    paths = ProfilePaths(tmp_path / "state").ready()
    facts = Notes()
    with World(clock=clock) as world:

        def create(values: Mapping[str, str], contacts: Sequence[Mapping[str, str]]) -> str:
            client = world.add_client({field(name).xpm_read: text for name, text in values.items()})
            for contact in contacts:
                world.add_contact(client, {field(name).xpm_read: text for name, text in contact.items()})
            return client

        def export() -> XpmFilesStore:
            clock.sleep(60)
            for former in folder.glob("*.csv"):
                former.unlink()
            for path in export_xpm(world, folder, clock.now(), VARIANTS[request.param]).paths:
                date_file(path, clock.now().timestamp())
                confirm_columns(path, facts)
            links = {client.uuid: client.name for client in world.clients()}
            return XpmFilesStore(FilesContext(settings, paths, clock, facts, links), folder)

        world.add_client({"Name": "Zebra Ltd"})
        yield Rig(
            store=export(),
            create=create,
            archive=lambda client_id: world.set_state(client_id, archived=True),
            unknown="00000000-0000-4000-8000-000000000000",
            reopen=export,
        )


class TestXpmFiles(ReadingContract):
    """The reading part of the suite: the route writes nothing."""
