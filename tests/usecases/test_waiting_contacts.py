"""A new contact waits in a file for upload, and things change before anybody uploads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.ignition_files_rig import BOB, CY, IgnitionFilesRig, open_ignition_files
from support.sync_rig import TO_XPM, Pair
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.enums import Level
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.ignition.files import Upload
from xpmsync.usecases.clients import link as linking

NEW = "xpmsync-new-0001.csv"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[IgnitionFilesRig]:
    """A practice whose Ignition is reached by files."""
    with open_ignition_files(tmp_path) as rig:
        yield rig


@pytest.fixture
def client(rig: IgnitionFilesRig) -> Pair:
    """A linked client with a changed phone and a new contact in XPM, both in files."""
    client = rig.linked(phone="02 5550 0001", fax="02 5550 0009", xpm={"phone": "02 5550 0002"})
    rig.xpm_contact(client.xpm, BOB)
    rig.export()
    rig.run()
    assert [path.name for path in rig.waiting] == ["xpmsync-changes.csv", NEW]
    return client


def turn(rig: IgnitionFilesRig, _client: Pair) -> None:
    """Ignition is the source from now on."""
    rig.sync = TO_XPM


def names_only(rig: IgnitionFilesRig, _client: Pair) -> None:
    """Only names flow."""
    rig.change_sync(level=Level.NAMES)


def nothing_for_it(rig: IgnitionFilesRig, client: Pair) -> None:
    """Nothing flows for this client."""
    with rig.open() as context:
        linking.set_level(context.ledger, client.xpm, Level.NOTHING)


def left_alone(rig: IgnitionFilesRig, client: Pair) -> None:
    """A person wants the client left alone."""
    with rig.open() as context:
        linking.add_exception(context.ledger, client.xpm, "", "as agreed", context.now())


def filtered(rig: IgnitionFilesRig, client: Pair) -> None:
    """The filters leave the client out."""
    rig.settings = replace(rig.settings, sync_filter=replace(rig.settings.sync_filter, exclude=(client.xpm,)))


def archived(rig: IgnitionFilesRig, client: Pair) -> None:
    """The client is archived in XPM."""
    rig.world.set_state(client.xpm, archived=True)


@pytest.mark.parametrize("change", [turn, names_only, nothing_for_it, left_alone, filtered, archived])
def test_what_flows_no_more_is_not_asked_for(
    rig: IgnitionFilesRig, client: Pair, change: Callable[[IgnitionFilesRig, Pair], None]
) -> None:
    """After the next run no file asks for an upload of the contact, whose row would write the client's phone too."""
    change(rig, client)
    rig.an_hour_later()

    rig.run()

    assert rig.waiting == []
    assert (rig.pending().files, rig.pending().steps) == ((), ())


def test_the_new_source_keeps_its_value(rig: IgnitionFilesRig, client: Pair) -> None:
    """The direction is turned while files wait: whoever uploads what the steps name overwrites nothing in Ignition."""
    rig.sync = TO_XPM
    rig.run()

    rig.round_trip()
    rig.run()

    assert rig.in_ignition(client).values["phone"] == rig.in_xpm(client).values["phone"] == "02 5550 0001"


def test_what_flows_again_is_written_again(rig: IgnitionFilesRig, client: Pair) -> None:
    """No hold says that the contact waits in a file that is gone; it is added once."""
    rig.change_sync(level=Level.NAMES)
    held = rig.run()
    assert ("contact", HoldCode.LEVEL) in {(hold.field, hold.code) for hold in held.plan.holds}

    rig.change_sync(level=Level.EVERYTHING)
    rig.run()
    assert [path.name for path in rig.waiting] == ["xpmsync-changes.csv", "xpmsync-new-0002.csv"]
    rig.round_trip()
    rig.run()
    rig.export()

    assert [person.name for person in rig.in_ignition(client).contacts] == ["Ann Lee", "Bob Ray"]
    assert rig.run().plan.changes == ()


@pytest.mark.parametrize("blank_clears", [True, False])
def test_a_late_upload_brings_no_old_value_back(rig: IgnitionFilesRig, client: Pair, blank_clears: bool) -> None:
    """Edits of both sides since the file was written are in its rows once a run has seen them."""
    rig.how = Upload(blank_clears=blank_clears)
    rig.edit_xpm(client, phone="02 5550 0003")
    rig.edit_ignition(client, website="harbour.example.com")
    rig.export()
    rig.run()

    rig.round_trip()  # the changes first, then the new contact, as the steps say

    values = rig.in_ignition(client).values
    assert (values["phone"], values["website"]) == ("02 5550 0003", "harbour.example.com")
    assert len(rig.in_ignition(client).contacts) == 2
    rig.run()
    assert rig.pending().files == ()


def test_the_former_primary_contacts_row_is_of_now(rig: IgnitionFilesRig) -> None:
    """It is in the file to give its flag to the new one; its details are not put back."""
    rig.how = Upload(blank_clears=True)
    client = rig.linked()
    rig.xpm_contact(client.xpm, {**BOB, "contact.primary": "Yes"})
    rig.export()
    rig.run()
    rig.edit_ignition(client, contact__mobile="021 555 0101")
    rig.export()
    rig.run(full=True)

    rig.round_trip()

    people = {person.name: person for person in rig.in_ignition(client).contacts}
    assert people["Ann Lee"].values["contact.mobile"] == "021 555 0101"
    assert (people["Ann Lee"].is_primary, people["Bob Ray"].is_primary) == (False, True)


def test_a_file_of_two_clients_keeps_the_one_that_flows(rig: IgnitionFilesRig) -> None:
    """Only the row of the client that was excepted leaves it."""
    first, second = rig.linked(), rig.linked(name="Canary Cafe")
    rig.xpm_contact(first.xpm, BOB)
    rig.xpm_contact(second.xpm, CY)
    rig.export()
    rig.run()
    left_alone(rig, first)

    rig.run()

    (path,) = rig.waiting
    assert "Cy Oz" in path.read_text(encoding="utf-8")
    assert "Bob Ray" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("sync", [SyncSettings(), replace(TO_XPM, level=Level.NAMES)])
def test_a_file_for_xpm_goes_the_same_way(tmp_path: Path, sync: SyncSettings) -> None:
    """XPM reached by files: turned round, or at level names, no contact is to be added any more."""
    with open_xpm_files(tmp_path) as rig:
        rig.sync = TO_XPM
        client = rig.linked()
        rig.register.add_contact(client.ignition, BOB)
        rig.prove()
        rig.run()
        assert len(_files_for_xpm(rig)) == 1
        rig.run()
        assert len(_files_for_xpm(rig)) == 1

        rig.sync = sync
        rig.run()

        assert _files_for_xpm(rig) == []
        rig.sync = TO_XPM
        rig.run()
        assert len(_files_for_xpm(rig)) == 1


def _files_for_xpm(rig: XpmFilesRig) -> list[Path]:
    return sorted(rig.uploads.glob("*.csv"))
