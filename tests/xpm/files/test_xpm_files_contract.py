"""XPM's exports and its import keep what every store promises, in each of the forms that the help pages allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.files_rig import date_file
from support.store_contract import Rig, StoreContract
from xpmsync.core.catalogue import field
from xpmsync.core.ports.store import Notes
from xpmsync.local.settings.sections import XpmFilesSettings
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import ExportVariant, Region, export_xpm
from xpmsync.simulator.xpm_files.importing import import_file
from xpmsync.simulator.xpm_files.rules import ImportRules
from xpmsync.usecases.xpm_files import confirm_columns
from xpmsync.xpm.files.proof import Proofs, ProofState, WriteKind, WriteProof, save
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
                date_file(path, clock.now())
                confirm_columns(path, facts)
            links = {client.uuid: client.name for client in world.clients()}
            return XpmFilesStore(FilesContext(settings, paths, clock, facts, links), folder)

        def settle() -> None:
            mine.store.deferred.finish(linked={}, compared=())
            for path in sorted((folder / "for-xpm").glob("*.csv")):
                assert not import_file(world, path, rules=ImportRules(), update_existing="NEW" not in path.name).errors
                path.unlink()

        world.add_client({"Name": "Zebra Ltd"})
        store = export()
        proven = {
            kind: WriteProof(ProofState.PROVEN, header=store.table(kind.table).fingerprint, letters=True)
            for kind in WriteKind
        }
        save(facts, Proofs(proven))
        mine = Rig(
            store=export(),
            create=create,
            archive=lambda client_id: world.set_state(client_id, archived=True),
            unknown="00000000-0000-4000-8000-000000000000",
            settle=settle,
            reopen=export,
        )
        yield mine


class TestXpmFiles(StoreContract):
    """The whole suite, once a pilot has proven every kind of write."""
