"""XPM's exports in every form that the help pages leave open are read as the same clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.files_rig import date_file
from xpmsync.core.model import Client
from xpmsync.core.ports.store import Notes
from xpmsync.local.settings.sections import XpmFilesSettings
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.people.seed import seed_world
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import ExportVariant, Region, export_xpm
from xpmsync.usecases.xpm_files import confirm_columns
from xpmsync.xpm.files.store import FilesContext, XpmFilesStore

VARIANTS = [
    ExportVariant(region, numbered, inside, separator, bom=bom, crlf=crlf)
    for (region, numbered, inside), (separator, bom, crlf) in product(
        product(Region, (True, False), (True, False)),
        [(",", True, True), ("\t", False, False), (";", False, True)],
    )
]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The made-up practice; nobody writes to it here."""
    with World() as world:
        seed_world(world)
        yield world


def read(world: World, folder: Path, variant: ExportVariant) -> tuple[Client, ...]:
    """What the files route reads of an export in that form, its columns confirmed; line ends in cells aside."""
    clock, facts = FakeClock(), Notes()
    for path in export_xpm(world, folder / "xpm", clock.now(), variant).paths:
        date_file(path, clock.now())
        confirm_columns(path, facts)
    settings = Settings("default", folder / "config.toml", xpm_files=XpmFilesSettings(folder=str(folder / "xpm")))
    links = {client.uuid: client.name for client in world.clients()}
    paths = ProfilePaths(folder / "state").ready()
    store = XpmFilesStore(FilesContext(settings, paths, clock, facts, links), folder / "xpm")
    store.connect()
    return tuple(
        replace(client, values={name: "\n".join(text.splitlines()) for name, text in client.values.items()})
        for client in store.read()
    )


@pytest.mark.parametrize(
    "variant",
    VARIANTS,
    ids=lambda variant: (
        f"{variant.region} {variant.numbered_address} {variant.contacts_in_clients} {variant.separator!r}"
    ),
)
def test_every_form_is_read_as_the_same_clients(world: World, tmp_path: Path, variant: ExportVariant) -> None:
    """Spellings by country, addresses in one cell or several, contacts within the clients file, separators."""
    clients = read(world, tmp_path / "this", variant)
    assert len(clients) > 40
    assert clients == read(world, tmp_path / "plain", ExportVariant())
