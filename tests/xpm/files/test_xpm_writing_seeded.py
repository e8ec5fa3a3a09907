"""The whole made-up practice written to XPM by files, by each reading of XPM's import and in three forms.

Its people were made to be troublesome: namesakes, archived ones, shared contacts, odd letters, long addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.sync_rig import TO_XPM
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.model import Link
from xpmsync.errors import UsageError
from xpmsync.simulator.people.seed import SEEDED_PAIRS, seed_register, seed_world
from xpmsync.simulator.world.records import WorldClient
from xpmsync.simulator.xpm_files.export import ExportVariant, Region
from xpmsync.simulator.xpm_files.rules import ContactNameRule, ImportRules, KeyRule
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.xpm_files import choose_pilot, proofs_now, write_pilot
from xpmsync.xpm.files.proof import ProofState, WriteKind

NZ = ExportVariant()
UK = ExportVariant(Region.UK, numbered_address=False)
AU = ExportVariant(Region.AU, contacts_in_clients=True, separator="\t", bom=False, crlf=False)
SOME = (
    (NZ, ImportRules(KeyRule.UUID)),
    (UK, ImportRules(KeyRule.BOTH, blank_clears=False, contact_name=ContactNameRule.IGNORED, extra_fails=True)),
    (AU, ImportRules(KeyRule.NAME, contact_name=ContactNameRule.MATCHES, archived_blocks=False, extra_fails=True)),
)
PILOTS = ("phone", "contact.email", "contact")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[XpmFilesRig]:
    """The made-up practice, all its pairs linked, writing to XPM by files."""
    with open_xpm_files(tmp_path) as rig:
        rig.sync = TO_XPM
        seed_world(rig.world)
        seed_register(rig.register)
        yield rig


def link_all(rig: XpmFilesRig) -> None:
    """Link every pair that is the same client."""
    with rig.open() as context:
        for xpm, ignition in SEEDED_PAIRS:
            client = rig.world.client(xpm)
            context.ledger.add_link(Link(xpm, ignition, client.name if client else "", context.now()))


def pilot(rig: XpmFilesRig, field: str) -> None:
    """Try that kind of write with the first client where it can be tried."""
    for xpm, _ in SEEDED_PAIRS:
        try:
            with rig.open() as context:
                write_pilot(context, choose_pilot(context, xpm, field, "", Silent()), Silent())
        except UsageError:
            continue
        return
    raise AssertionError(field)


def values_of(client: WorldClient) -> Mapping[object, object]:
    """Everything that a client has, each by itself."""
    values: dict[object, object] = {name: text for name, text in client.fields.items()}  # noqa: C416 - other types
    values |= {"state": (client.archived, client.deleted), "groups": client.groups}
    values |= {"managers": (client.account_manager, client.job_manager), "ties": client.relationships}
    for member in client.members:
        contact = member.contact
        values |= {(contact.uuid, name): text for name, text in contact.fields.items()}
        values[contact.uuid] = (contact.deleted, member.primary, member.position)
    return values


def harm(before: Mapping[str, WorldClient], after: Mapping[str, WorldClient]) -> list[str]:
    """What no file may do: a client more or fewer, a changed name or group, a lost value, a doubled contact."""
    wrong = [after[uuid].name for uuid in after.keys() - before.keys()]
    for uuid, client in before.items():
        old, new = values_of(client), values_of(after[uuid])
        wrong += [f"{client.name}: {name}" for name in old.keys() - new.keys()]
        fixed = ("Name", "state", "groups", "managers", "ties", "BusinessStructure", "TaxNumber", "IsProspect")
        wrong += [f"{client.name}: {name}" for name in fixed if old.get(name) != new.get(name)]
        people = [member.contact.name for member in after[uuid].members]
        doubled = len(people) - len(set(people)) > len(client.members) - len({m.contact.name for m in client.members})
        wrong += [f"{client.name}: {people}"] * doubled
    return wrong


def everybody(rig: XpmFilesRig) -> dict[str, WorldClient]:
    """All clients of XPM by id."""
    return {client.uuid: client for client in rig.world.clients()}


@pytest.mark.parametrize(("variant", "rules"), SOME, ids=["nz", "uk-both", "au-names"])
def test_a_whole_practice_is_written_without_harm(rig: XpmFilesRig, variant: ExportVariant, rules: ImportRules) -> None:
    """Each kind of write is proven by a pilot, everything is written, and the next export confirms all of it."""
    rig.variant = variant
    link_all(rig)
    rig.export()
    before = everybody(rig)
    for field in PILOTS:
        pilot(rig, field)
        rig.import_files(rules)
        rig.export()
    with open_ledger(rig.settings, rig.paths, rig.clock) as ledger:
        proofs = proofs_now(rig.settings, rig.paths, ledger, rig.clock).proofs
    assert {kind for kind, proof in proofs.items() if proof.state is ProofState.PROVEN} == {
        WriteKind.CLIENT_FIELD,
        WriteKind.CONTACT_FIELD,
        WriteKind.NEW_CONTACT,
    }
    assert len(rig.run().plan.changes) > 5
    assert [outcome.errors for outcome in rig.import_files(rules) if outcome.errors] == []
    assert harm(before, everybody(rig)) == []
    rig.export()
    after = rig.run()
    assert (after.plan.changes, after.pending_uploads.files) == ((), ())


def test_a_forgotten_tick_changes_no_client(rig: XpmFilesRig) -> None:
    """The pilots are refuted by the next export, and nothing but a new contact is written from then on."""
    link_all(rig)
    rig.export()
    before = everybody(rig)
    for field in PILOTS[:2]:
        pilot(rig, field)
        rig.import_files(tick=False)
        rig.export()
    assert everybody(rig) == before
    assert rig.run().plan.changes == ()
