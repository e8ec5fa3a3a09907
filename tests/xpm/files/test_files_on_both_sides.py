"""A practice with files on both sides: planned by rows, as its records would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.generate_register import generate_register
from xpmsync.core.enums import Direction
from xpmsync.core.model import Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.sections import XpmFilesSettings, XpmRoute, XpmSettings
from xpmsync.local.settings.settings import FilterSettings, IgnitionSettings, Route, Settings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.files import save_export
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import export_xpm
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_context
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.usecases.xpm_files import confirm_columns

CLIENTS = 120
NOBODY = FilterSettings(exclude=("nobody of that name",))
"""A filter looks at records, so that no rows are compared."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A made-up practice: both systems exported, all clients linked, a third of them different."""
    paths = ProfilePaths(tmp_path).ready()
    xpm, ignition = tmp_path / "xpm", tmp_path / "exports"
    with World() as world, Register() as register, Ledger(paths.ledger) as ledger:
        generate(world, clients=CLIENTS, second_contacts=0.6)
        pairs = generate_register(register, clients=CLIENTS, second_contacts=0.6, differing=0.3).links
        save_export(register, ignition / "clients.csv")
        for path in export_xpm(world, xpm, datetime.now(UTC)).paths:
            confirm_columns(path, ledger)
        for xpm_id, ignition_id in pairs:
            ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
    return Settings(
        "default",
        tmp_path / "none.toml",
        xpm=XpmSettings(route=XpmRoute.FILES),
        xpm_files=XpmFilesSettings(folder=str(xpm)),
        ignition=IgnitionSettings(route=Route.CSV, export_folder=str(ignition)),
    )


def planned(settings: Settings, folder: Path, *, write: bool = False) -> tuple[Preview, list[object]]:
    """A preview, and each client's outcome with Ignition's record."""
    with open_context(settings, ProfilePaths(folder), {}, attended=False, progress=Silent()) as context:
        found = preview(context, Silent())
        outcomes = sorted(
            ((each.diff, each.ignition) for each in found.compared), key=lambda pair: pair[0].client.xpm_id
        )
        if write:
            apply(context, found, Silent())
        return found, list(outcomes)


def test_rows_give_the_plan_that_records_give(settings: Settings, tmp_path: Path) -> None:
    """Changes, holds, pairs of contacts, shared contacts and Ignition's records, in a first run and in a later one."""
    by_records = replace(settings, sync_filter=NOBODY)
    for write in (True, False):
        expected, records = planned(by_records, tmp_path)
        found, rows = planned(settings, tmp_path, write=write)
        assert (found.plan, rows) == (expected.plan, records)
        assert found.plan.changes
        assert found.plan.equal > CLIENTS / 3
        assert (found.shared_contacts, found.fingerprints) == (expected.shared_contacts, expected.fingerprints)


def test_rows_give_the_plan_to_xpm_too(settings: Settings, tmp_path: Path) -> None:
    """Ignition is the source of truth then, and decides what is compared and who shares a contact."""
    to_xpm = replace(settings, sync=replace(settings.sync, direction=Direction.TO_XPM))
    expected, records = planned(replace(to_xpm, sync_filter=NOBODY), tmp_path)
    found, rows = planned(to_xpm, tmp_path)
    assert (found.plan, rows) == (expected.plan, records)
    assert found.plan.holds
    assert (found.shared_contacts, found.source_clients) == (expected.shared_contacts, expected.source_clients)
