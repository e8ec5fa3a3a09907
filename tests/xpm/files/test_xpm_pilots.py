"""Pilots that prove nothing false, and files that are taken back when the situation has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.sync_rig import TO_XPM, Pair, contact
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.enums import Direction
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.errors import UsageError
from xpmsync.simulator.edit import edit_xpm
from xpmsync.simulator.xpm_files.export import ExportVariant
from xpmsync.usecases.clients import link as linking
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.sync.apply import Applied
from xpmsync.usecases.uploads import pending_files
from xpmsync.usecases.xpm_files import choose_pilot, pilot_candidates, proofs_now, write_pilot
from xpmsync.xpm.files.proof import ProofState, WriteKind, WriteProof

ANN = {**contact("Ann Lee", primary="Yes"), "contact.mobile": "021 555 001"}
BOB = contact("Bob Ray", email="bob@example.com")
FILLED: dict[str, Any] = {"phone": "09 555 0001", "city": "Colac"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[XpmFilesRig]:
    """A practice that writes to XPM by files."""
    with open_xpm_files(tmp_path) as rig:
        rig.sync = TO_XPM
        yield rig


def differing(rig: XpmFilesRig, name: str = "Harbour Dental", fax: str = "09 555 0111") -> Pair:
    """A client with details, whose fax is another in Ignition."""
    return rig.linked(ANN, name=name, fax="09 555 0100", **FILLED, ignition={"fax": fax})


def pilot(rig: XpmFilesRig, pair: Pair, field: str) -> Applied:
    """`xpm pilot CLIENT FIELD --yes`."""
    with rig.open() as context:
        return write_pilot(context, choose_pilot(context, pair.xpm, field, "", Silent()), Silent())


def proof(rig: XpmFilesRig, kind: WriteKind = WriteKind.CLIENT_FIELD) -> WriteProof:
    """What `xpm files` shows."""
    with open_ledger(rig.settings, rig.paths, rig.clock) as ledger:
        return proofs_now(rig.settings, rig.paths, ledger, rig.clock).proofs[kind]


def waiting(rig: XpmFilesRig) -> list[str]:
    """The names of the files that wait."""
    with rig.open() as context:
        return [file.path.name for file in context.xpm.deferred.waiting().files]


# --- proofs ---


def test_a_value_typed_by_hand_proves_nothing(rig: XpmFilesRig) -> None:
    """The hold itself advises to change it by hand; only an import that a person speaks of is judged."""
    pair = differing(rig)
    rig.export()
    pilot(rig, pair, "fax")
    edit_xpm(rig.world, pair.xpm, "fax", "09 555 0111")
    rig.export()
    assert proof(rig).state is ProofState.UNPROVEN
    assert len(waiting(rig)) == 1


def test_an_export_from_before_the_import_decides_nothing(rig: XpmFilesRig) -> None:
    """Neither proven nor refuted, however often somebody looks."""
    pair = differing(rig)
    rig.export()
    pilot(rig, pair, "fax")
    rig.export()
    rig.import_files()
    assert proof(rig).state is ProofState.UNPROVEN
    rig.export()
    assert proof(rig).state is ProofState.PROVEN


def test_another_new_contact_is_no_proof(rig: XpmFilesRig) -> None:
    """The contact that was sent must be there as it was sent."""
    pair = rig.linked(ANN, **FILLED)
    rig.register.add_contact(pair.ignition, BOB)
    rig.export()
    pilot(rig, pair, "contact")
    rig.xpm_contact(pair.xpm, contact("Cy Oz", email="cy@example.com"))
    rig.say_imported()
    rig.export()
    assert proof(rig, WriteKind.NEW_CONTACT).state is ProofState.REFUTED


def test_a_pilot_needs_both_exports(rig: XpmFilesRig) -> None:
    """Without the contacts nobody sees whether the import doubled one."""
    pair = differing(rig)
    _, contacts, _ = rig.export()
    contacts.unlink()
    with pytest.raises(UsageError, match="both exports"):
        pilot(rig, pair, "fax")


def test_a_client_with_nothing_in_it_is_no_pilot(rig: XpmFilesRig) -> None:
    """An import that clears the columns that are not in the file would look harmless on it."""
    pair = rig.linked(name="Bare Ltd", ignition={"fax": "09 555 0111"})
    rig.export()
    with pytest.raises(UsageError, match="too little in XPM"):
        pilot(rig, pair, "fax")


def test_a_pilot_is_the_only_import(rig: XpmFilesRig) -> None:
    """Beside other files nobody could say which import did what."""
    differing(rig, "Alpha")
    rig.prove(WriteKind.CLIENT_FIELD)
    pair = rig.linked(contact("Cy Oz", primary="Yes"), name="Beta", ignition={"name": "Beta Ltd"}, **FILLED)
    rig.export()
    rig.run()
    with pytest.raises(UsageError, match="must be the only import"):
        pilot(rig, pair, "name")


def test_a_pilot_of_an_unlinked_client_is_withdrawn(rig: XpmFilesRig) -> None:
    """The link was wrong; the next run takes the file back, and another pilot can be made."""
    pair, other = differing(rig), differing(rig, "Quay Dental")
    rig.export()
    pilot(rig, pair, "fax")
    rig.run()
    assert len(waiting(rig)) == 1
    with rig.open() as context:
        linking.unlink(context.ledger, pair.xpm)
        before = pending_files(rig.settings, rig.paths, context.ledger)
    rig.run()
    with rig.open() as context:
        after = pending_files(rig.settings, rig.paths, context.ledger)
    assert before is not None
    assert (len(before.outdated), after) == (1, PendingUploads())
    assert (waiting(rig), list(rig.uploads.iterdir())) == ([], [])
    assert pilot(rig, other, "fax").written == 1


def test_a_judged_pilot_waits_no_more(rig: XpmFilesRig) -> None:
    """Its file is not to be imported again, whatever the next export shows; the same pilot can be repeated."""
    pair = differing(rig)
    rig.export()
    pilot(rig, pair, "fax")
    rig.import_files(tick=False)
    rig.export()
    assert proof(rig).state is ProofState.REFUTED
    assert waiting(rig) == []
    assert pilot(rig, pair, "fax").written == 1


def test_a_proof_is_for_one_form_of_file(rig: XpmFilesRig) -> None:
    """An export that a spreadsheet program saved again, and somebody accepted, is another file to the import too."""
    differing(rig)
    rig.prove(WriteKind.CLIENT_FIELD)
    assert proof(rig).state is ProofState.PROVEN
    rig.variant = ExportVariant(separator=";")
    rig.export()
    assert proof(rig).state is ProofState.UNPROVEN
    assert "form" in proof(rig).reason


def test_letters_beyond_english_are_tried_out_too(rig: XpmFilesRig) -> None:
    """Without a byte order mark an import may read them as others; a pilot with such a client proves them."""
    rig.variant = ExportVariant(bom=False)
    plain, accented = differing(rig), differing(rig, "Māhina Ltd")
    rig.export()
    pilot(rig, plain, "fax")
    rig.import_files()
    rig.export()
    run = rig.run()
    assert ["letters beyond the English" in hold.reason for hold in run.plan.holds] == [True]
    pilot(rig, accented, "fax")
    rig.import_files()
    rig.export()
    assert rig.run().plan.holds == ()


def test_what_can_be_tried_out_is_listed(rig: XpmFilesRig) -> None:
    """Details, contacts and new contacts, with the words to type; renames are asked for by name only."""
    pair = differing(rig)
    rig.register.add_contact(pair.ignition, BOB)
    rig.edit_ignition(pair, name="Renamed Ltd")
    rig.export()
    with rig.open() as context:
        changes = pilot_candidates(context, Silent())
    assert {change.field for change in changes} == {"fax", "contact"}


# --- names ---


def test_a_name_that_an_import_may_not_find_is_held(rig: XpmFilesRig) -> None:
    """Outer blanks may be trimmed; a letter that became a question mark is a damaged name."""
    differing(rig, "Trail Ltd ")
    pair = differing(rig, "Māori Ltd")
    rig.prove(WriteKind.CLIENT_FIELD)
    (path, *_) = rig.export()
    rig.change(path, "Māori", "M?ori")
    with rig.open() as context:
        context.xpm.deferred.accept_file()
    held = {hold.client.xpm_id: hold.reason for hold in rig.run().plan.holds if hold.field == "fax"}
    assert "begins or ends with a blank" in " ".join(held.values())
    assert "question marks" in held[pair.xpm]


def test_two_clients_do_not_get_one_name(rig: XpmFilesRig) -> None:
    """Neither in one run nor in two; a change of capitals alone is no other client."""
    first = rig.linked(name="Alpha", ignition={"name": "Same Ltd"})
    second = rig.linked(name="Beta", ignition={"name": "Same Ltd"})
    third = rig.linked(name="Hill dental", ignition={"name": "Hill Dental"})
    rig.prove(WriteKind.CLIENT_NAME)
    run = rig.run()
    assert {change.client.xpm_id for change in run.plan.changes} == {first.xpm, third.xpm}
    assert rig.run(second.xpm).plan.changes == ()


def test_one_new_person_of_two_clients_is_added_once(rig: XpmFilesRig) -> None:
    """Two rows would make two contacts: the second client waits until XPM shows the first."""
    pairs = [rig.linked(contact(name, primary="Yes"), name=name, **FILLED) for name in ("Ann Lee", "Cy Oz")]
    for pair in pairs:
        rig.register.add_contact(pair.ignition, BOB)
    rig.prove(WriteKind.NEW_CONTACT)
    assert len(rig.run().plan.changes) == 1
    assert rig.run(pairs[1].xpm).plan.changes == ()


def test_contacts_of_one_name_are_held(rig: XpmFilesRig) -> None:
    """Should an import go by contacts' names, it would take the one for the other."""
    rig.linked(ANN, name="Alpha", ignition=FILLED)
    pair = Pair(rig.xpm_client(ANN, name="Beta"), "")
    mobile = {**ANN, "contact.mobile": "021 555 999"}
    pair = Pair(pair.xpm, rig.ignition_client(mobile, name="Beta"))
    rig.link(pair.xpm, pair.ignition)
    rig.prove(WriteKind.CONTACT_FIELD)
    (hold,) = [hold for hold in rig.run().plan.holds if hold.field == "contact.mobile"]
    assert "several contacts Ann Lee" in hold.reason


def test_contacts_are_not_added_by_an_export_that_was_cut(rig: XpmFilesRig) -> None:
    """Those that it lacks would be added a second time."""
    pairs = [rig.linked(contact(f"Person {name}", primary="Yes"), name=name, **FILLED) for name in "ABCDEFGHIJKL"]
    rig.prove(WriteKind.NEW_CONTACT)
    rig.run()
    rig.register.add_contact(pairs[0].ignition, BOB)
    _, contacts, _ = rig.export()
    contacts.write_bytes(b"".join(contacts.read_bytes().splitlines(keepends=True)[:4]))
    rig.date(contacts)
    (hold,) = [hold for hold in rig.run(pairs[0].xpm).plan.holds if hold.contact and hold.contact.name == "Bob Ray"]
    assert "it may be cut" in hold.reason


# --- files that wait ---


def test_what_is_not_proven_any_more_is_taken_back(rig: XpmFilesRig) -> None:
    """Another header of the export, or another direction: nothing waits to be imported after the next run."""
    first, second = differing(rig, "Alpha"), differing(rig, "Beta")
    rig.prove(WriteKind.CLIENT_FIELD)
    rig.run()
    assert len(waiting(rig)) == 1
    rig.variant = ExportVariant(separator=";")
    rig.export()
    with rig.open() as context:
        context.xpm.deferred.accept_file()
    rig.run(second.xpm)
    assert waiting(rig) == []
    rig.prove(WriteKind.CLIENT_FIELD)
    rig.run(first.xpm)
    assert len(waiting(rig)) == 1
    rig.change_sync(direction=Direction.FROM_XPM)
    rig.run(second.xpm)
    assert waiting(rig) == []


def test_a_file_that_was_hardly_imported_leaves_nothing_to_a_person(rig: XpmFilesRig) -> None:
    """The box was forgotten: nothing of several values is shown, so all of them are planned again."""
    differing(rig, "Alpha")
    differing(rig, "Beta")
    rig.prove(WriteKind.CLIENT_FIELD)
    rig.run()
    rig.import_files(tick=False)
    rig.export()
    again = rig.run()
    assert (len(again.plan.changes), again.plan.holds) == (2, ())


def test_one_value_typed_by_hand_is_no_upload(rig: XpmFilesRig) -> None:
    """A file counts as imported once a person says so; until then the rest is simply planned again."""
    first, second = differing(rig, "Alpha"), differing(rig, "Beta")
    rig.prove(WriteKind.CLIENT_FIELD)
    rig.run()
    edit_xpm(rig.world, first.xpm, "fax", "09 555 0111")
    rig.export()
    again = rig.run()
    assert [change.client.xpm_id for change in again.plan.changes] == [second.xpm]
    assert again.plan.holds == ()


def test_contacts_that_no_export_shows_are_not_missing(rig: XpmFilesRig) -> None:
    """Without the contacts export they are not compared; a file of another client's contacts stays as it is."""
    rig.linked(ANN, name="Alpha", **FILLED)
    other = differing(rig, "Beta")
    rig.prove(WriteKind.CLIENT_FIELD, WriteKind.CONTACT_FIELD)
    _, contacts, _ = rig.export()
    contacts.unlink()
    run = rig.run(other.xpm)
    assert len(run.plan.changes) == 1
    assert all("contact" not in hold.field for hold in run.plan.holds)


def test_an_address_with_a_gap_is_held(rig: XpmFilesRig) -> None:
    """Its lines are in columns that a file would shift; the run goes on with the others."""
    lines = {"address": "Level 1\n\nQuay Street"}
    pair = rig.linked(ANN, name="Alpha", xpm=lines, ignition={"address": "Level 2\nQuay Street"})
    differing(rig, "Beta")
    rig.prove(WriteKind.CLIENT_FIELD)
    run = rig.run()
    assert [change.field for change in run.plan.changes] == ["fax"]
    assert [hold.client.xpm_id for hold in run.plan.holds if "blank line in XPM" in hold.reason] == [pair.xpm]
