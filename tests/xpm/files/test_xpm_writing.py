"""Writing to XPM by update files: proven by a pilot first, confirmed by the next export, harmless by every reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from support.sync_rig import TO_XPM, Pair, contact
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.catalogue import field
from xpmsync.core.enums import System
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.errors import ExportTooOld, UsageError
from xpmsync.simulator.xpm_files.export import ExportVariant, Region
from xpmsync.simulator.xpm_files.rules import ImportRules, KeyRule, every_rules
from xpmsync.usecases.clients import link as linking
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.undo import plan_undo
from xpmsync.usecases.uploads import discard
from xpmsync.usecases.xpm_files import choose_pilot, proofs_now, write_pilot
from xpmsync.xpm.files.proof import ProofState, WriteKind


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[XpmFilesRig]:
    """A practice that writes to XPM by files."""
    with open_xpm_files(tmp_path) as rig:
        rig.sync = TO_XPM
        yield rig


FILLED: dict[str, Any] = {"phone": "09 555 0001", "city": "Colac"}
"""Details that a client needs for a pilot: what an import clears must show."""


def pilot(rig: XpmFilesRig, pair: Pair, name: str) -> Applied:
    """`xpm pilot CLIENT FIELD --yes`."""
    with rig.open() as context:
        return write_pilot(context, choose_pilot(context, pair.xpm, name, "", Silent()), Silent())


def state_of(rig: XpmFilesRig, kind: WriteKind) -> ProofState:
    """What `xpm files` shows as proven."""
    with open_ledger(rig.settings, rig.paths, rig.clock) as ledger:
        return proofs_now(rig.settings, rig.paths, ledger, rig.clock).proofs[kind].state


def test_nothing_is_written_before_a_pilot_proves_it(rig: XpmFilesRig) -> None:
    """A pilot, its import, a new export: proven; then a sync writes the others, and the next export confirms them."""
    first = rig.linked(fax="09 555 0100", **FILLED, ignition={"fax": "09 555 0111"})
    second = rig.linked(name="Canary Cafe", xpm={"fax": "09 555 0200"}, ignition={"fax": "09 555 0222"})
    rig.export()
    held = rig.run()
    assert held.written == 0
    assert {hold.code for hold in held.plan.holds} == {HoldCode.ROUTE_CANNOT}
    assert "not proven" in held.plan.holds[0].reason

    pilot(rig, first, "fax")
    (path,) = rig.uploads.glob("*.csv")
    assert path.name == "xpmsync-xpm-pilot-clients-UPDATE-tick-Update-Existing-01.csv"
    assert path.read_bytes() == f"\ufeffUUID,Name,Fax\r\n{first.xpm},Harbour Dental,09 555 0111\r\n".encode()
    rig.import_files()
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.UNPROVEN
    rig.export()
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.PROVEN

    written = rig.run()
    assert [change.client.xpm_id for change in written.plan.changes] == [second.xpm]
    rig.import_files()
    rig.export()
    after = rig.run()
    assert (after.plan.changes, after.plan.holds, after.pending_uploads.files) == ((), (), ())
    assert rig.in_xpm(second).values["fax"] == "09 555 0222"


@pytest.fixture
def proven(rig: XpmFilesRig) -> XpmFilesRig:
    """The same practice, where a pilot has proven everything but renaming, as far as the ledger knows."""
    rig.linked(name="Known Ltd")
    rig.prove(WriteKind.CLIENT_FIELD, WriteKind.CONTACT_FIELD, WriteKind.NEW_CONTACT)
    return rig


def written_files(rig: XpmFilesRig) -> dict[str, list[str]]:
    """The files for XPM and their lines."""
    return {
        path.name.removeprefix("xpmsync-xpm-"): path.read_text(encoding="utf-8-sig").splitlines()
        for path in sorted(rig.uploads.glob("*.csv"))
    }


def reasons(run: Applied) -> dict[str, str]:
    """Why each field is held."""
    return {hold.field: hold.reason for hold in run.plan.holds}


# --- pilots ---


@pytest.mark.parametrize("name", ["contact.mobile", "contact"])
def test_each_kind_of_write_is_proven_by_itself(rig: XpmFilesRig, name: str) -> None:
    """A pilot for a contact's detail, or for a new contact, proves that kind and no other."""
    ann, bob = contact("Ann Lee", primary="Yes"), contact("Bob Ray", email="bob@example.com")
    new = {"contact.mobile": "021 555 010"} if name != "contact" else {}
    xpm = rig.xpm_client(ann, name="Harbour Dental")
    people = [{**ann, **new}, bob] if name == "contact" else [{**ann, **new}]
    pair = Pair(xpm, rig.ignition_client(*people, name="Harbour Dental"))
    rig.link(pair.xpm, pair.ignition)
    rig.export()
    pilot(rig, pair, name)
    rig.import_files()
    rig.export()
    kind = WriteKind.NEW_CONTACT if name == "contact" else WriteKind.CONTACT_FIELD
    assert {each for each in WriteKind if state_of(rig, each) is ProofState.PROVEN} == {kind}
    assert len(rig.in_xpm(pair).contacts) == len(people)
    assert rig.run().plan.changes == ()


def test_a_pilot_that_xpm_did_not_take_refutes(rig: XpmFilesRig) -> None:
    """The box was not ticked, or the import goes by other rules: such writes stay held, with what the pilot showed."""
    pair = rig.linked(fax="09 555 0100", **FILLED, ignition={"fax": "09 555 0111"})
    rig.export()
    pilot(rig, pair, "fax")
    rig.import_files(tick=False)
    rig.export()
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.REFUTED
    assert "A pilot showed" in reasons(rig.run())["fax"]
    rig.export()
    pilot(rig, pair, "fax")
    rig.import_files()
    rig.export()
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.PROVEN


def test_a_pilot_beside_other_changes_proves_nothing(rig: XpmFilesRig) -> None:
    """Somebody added a client meanwhile: nobody can say what the import did, so the pilot is repeated."""
    pair = rig.linked(fax="09 555 0100", **FILLED, ignition={"fax": "09 555 0111"})
    rig.export()
    pilot(rig, pair, "fax")
    rig.import_files()
    rig.xpm_client(name="Newcomer Ltd")
    rig.export()
    with rig.open() as context:
        context.xpm.deferred.begin()
        notices = " ".join(context.xpm.deferred.notices())
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.UNPROVEN
    assert "1 client is more in the export" in notices
    assert "repeat the pilot" in notices


def test_a_proof_is_for_one_header(rig: XpmFilesRig) -> None:
    """Another header may be another import: what was proven is unproven again."""
    rig.linked(fax="09 555 0100")
    rig.prove(WriteKind.CLIENT_FIELD)
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.PROVEN
    rig.variant = ExportVariant(region=Region.UK)
    rig.export()
    assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.UNPROVEN


def test_a_discarded_pilot_waits_no_more(rig: XpmFilesRig) -> None:
    """One pilot at a time; a discarded one makes room for the next."""
    pair = rig.linked(fax="09 555 0100", **FILLED, ignition={"fax": "09 555 0111"})
    rig.export()
    pilot(rig, pair, "fax")
    with pytest.raises(UsageError, match="A pilot waits already: fax of Harbour Dental"):
        pilot(rig, pair, "fax")
    with open_ledger(rig.settings, rig.paths, rig.clock) as ledger:
        discard(rig.settings, rig.paths, ledger, None, rig.clock, system=System.XPM)
    assert pilot(rig, pair, "fax").written == 1


@pytest.mark.parametrize("key", KeyRule)
def test_renaming_needs_a_pilot_of_its_own(rig: XpmFilesRig, key: KeyRule) -> None:
    """Where the import goes by UUIDs it is proven, and names flow; where it makes a second client, never again."""
    pair = rig.linked(name="Old Name Ltd", **FILLED, ignition={"name": "New Name Ltd"})
    rig.prove(WriteKind.CLIENT_FIELD)
    assert "second client" in reasons(rig.run())["name"]
    pilot(rig, pair, "name")
    rig.import_files(ImportRules(key=key))
    rig.export()
    state = state_of(rig, WriteKind.CLIENT_NAME)
    assert state is (ProofState.PROVEN if key is KeyRule.UUID else ProofState.REFUTED)
    assert len(list(rig.world.clients())) == (2 if key is KeyRule.NAME else 1)
    rig.edit_ignition(pair, name="Third Name Ltd")
    assert rig.run().written == (key is KeyRule.UUID)


# --- what is never in a file ---


def test_what_an_import_might_harm_is_held_and_says_what_to_do(proven: XpmFilesRig) -> None:
    """Lines that would be lost, breaks, numbers with *, formulas, a contact's name, the flag, a blank."""
    ours = {"address": "Level 1\nQuay Street", "fax": "09 555 0100", "postal_city": "Colac"}
    theirs = {
        "address": "Quay Street",
        "city": "Otaki\tBeach",
        "phone": "*61 555 0100",
        "region": "=cmd()",
        "fax": "",
        "postal_city": "Colac",
    }
    ann, eva = (
        contact("Ann Ray", email="ray@example.com", primary="Yes"),
        contact("Anne Ray", email="ray@example.com", primary="Yes"),
    )
    xpm = proven.xpm_client(ann, name="Canary Cafe", **ours)
    pair = Pair(xpm, proven.ignition_client(eva, name="Canary Cafe", **theirs))
    proven.link(pair.xpm, pair.ignition)
    proven.export()
    held = proven.run()
    assert (held.written, held.plan.changes) == (0, ())
    why = reasons(held)
    assert "fewer lines" in why["address"]
    assert "control character" in why["city"]
    assert "number with *" in why["phone"]
    assert "formula" in why["region"]
    assert "never held a value" in why["fax"] or "Cleared" in why["fax"] or "keeps its" in why["fax"]
    assert "contact's name is never changed" in why["contact.name"]
    assert all("in XPM" in why[name] for name in ("address", "city", "phone", "region", "contact.name"))


def test_a_namesake_keeps_a_client_out_of_every_file(proven: XpmFilesRig) -> None:
    """Whether the other one is active or archived: an import by names might take the one for the other."""
    pairs = [
        proven.linked(name=name, fax="09 555 0100", ignition={"fax": "09 555 0111"})
        for name in ("Twin Peaks Ltd", "Gone Ltd", "Alone Ltd")
    ]
    proven.xpm_client(name="TWIN  PEAKS Ltd")
    proven.xpm_client(name="Gone Ltd", state="archived")
    proven.export()
    run = proven.run()
    assert [change.client.xpm_id for change in run.plan.changes] == [pairs[2].xpm]
    assert all("archived ones count" in hold.reason for hold in run.plan.holds)


def test_a_contact_that_xpm_knows_is_not_added_again(proven: XpmFilesRig) -> None:
    """One person of two clients: an import might change or double the contact, so a person links it in XPM."""
    bob = contact("Bob Ray", email="bob@example.com")
    proven.linked(bob, name="Canary Cafe")
    pair = proven.linked(name="Harbour Dental")
    proven.register.add_contact(pair.ignition, bob)
    proven.export()
    assert "XPM has a contact Bob Ray already" in reasons(proven.run())["contact"]


# --- the files ---


def test_rows_with_the_same_columns_share_a_file(proven: XpmFilesRig) -> None:
    """Each row has the id, the exact name and what changes; no cell is blank, none carried over."""
    proven.linked(name="Ånd & Co", phone="09 555 0100", ignition={"name": "Ånd & Co", "phone": "09 555 0111"})
    proven.linked(name="Beta", xpm={"address": "1 Quay St"}, ignition={"address": "1 Quay St\nLevel 2"})
    proven.linked(name="Gamma", phone="09 555 0300", ignition={"phone": "09 555 0333"})
    proven.export()
    proven.run()
    files = written_files(proven)
    assert [lines[0] for lines in files.values()] == ["UUID,Name,Address1,Address2", "UUID,Name,Phone"]
    assert [line.split(",", 1)[1] for line in files["clients-UPDATE-tick-Update-Existing-02.csv"][1:]] in (
        ["Ånd & Co,09 555 0111", "Gamma,09 555 0333"],
        ["Gamma,09 555 0333", "Ånd & Co,09 555 0111"],
    )
    before = {path: path.read_bytes() for path in proven.uploads.glob("*.csv")}
    proven.export()
    proven.run()
    assert {path: path.read_bytes() for path in proven.uploads.glob("*.csv")} == before


def test_a_file_has_at_most_500_rows(proven: XpmFilesRig) -> None:
    """XPM's import takes no more."""
    clients = [proven.xpm_client(name=f"Client {number}") for number in range(501)]
    proven.export()
    with proven.open() as context:
        for number, client in enumerate(clients):
            context.xpm.update(client, f"Client {number}", {"fax": f"09 555 {number:04}"})
        context.xpm.deferred.finish(linked={}, compared=())
    assert [len(lines) - 1 for lines in written_files(proven).values()] == [500, 1]
    assert [outcome.errors for outcome in proven.import_files()] == [(), ()]


def test_files_have_the_form_of_the_practices_own_exports(rig: XpmFilesRig) -> None:
    """Tabs, line ends and byte order mark as in the export."""
    rig.variant = ExportVariant(separator="\t", bom=False, crlf=False)
    pair = rig.linked(ignition={"fax": "09 555 0111"})
    rig.prove(WriteKind.CLIENT_FIELD)
    rig.run()
    (path,) = rig.uploads.glob("*.csv")
    assert path.read_bytes() == f"UUID\tName\tFax\n{pair.xpm}\tHarbour Dental\t09 555 0111\n".encode()


def test_the_step_names_the_kind_of_file_whatever_the_profile_is_called(proven: XpmFilesRig) -> None:
    """A profile's name is part of the file's name, and says nothing of what is in it."""
    proven.settings = replace(proven.settings, profile="contacts-b")
    proven.linked(name="Alpha", ignition={"fax": "09 555 0111"})
    proven.export()
    assert "choose Generic - Client, tick" in proven.run().pending_uploads.steps[0]


# --- what waits ---


def test_changes_of_clients_that_were_not_compared_stay_in_their_file(proven: XpmFilesRig) -> None:
    """A run for one client replaces its changes only; values that are no longer due leave their file."""
    first = proven.linked(name="Alpha", ignition={"fax": "09 555 0111"})
    second = proven.linked(name="Beta", ignition={"fax": "09 555 0222"})
    proven.export()
    proven.run()
    proven.edit_ignition(second, fax="09 555 0999")
    proven.run(second.xpm)
    (lines,) = written_files(proven).values()
    assert sorted(line.rpartition(",")[2] for line in lines[1:]) == ["09 555 0111", "09 555 0999"]
    proven.edit_ignition(first, fax="")
    proven.run()
    (lines,) = written_files(proven).values()
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["09 555 0999"]


def test_an_address_that_waits_stays_whole(proven: XpmFilesRig) -> None:
    """Both of its lines, though one of them is as it was, when a run for another client writes the file again."""
    lines = {"address": "Level 1\nQuay Street"}
    proven.linked(name="Alpha", xpm=lines, ignition={"address": "Level 2\nQuay Street"})
    other = proven.linked(name="Beta", xpm=lines, ignition={"address": "Level 3\nQuay Street"})
    proven.export()
    proven.run()
    before = written_files(proven)
    proven.run(other.xpm)
    assert written_files(proven) == before
    assert all(line.endswith("Quay Street") for lines in before.values() for line in lines[1:])


def test_a_new_contact_is_in_one_file_only(proven: XpmFilesRig) -> None:
    """However often a sync runs before its upload is seen; afterwards it is paired and not added again."""
    pair = proven.linked(contact("Ann Lee", primary="Yes"), name="Alpha")
    proven.register.add_contact(pair.ignition, contact("Bob Ray", email="bob@example.com"))
    proven.export()
    proven.run()
    proven.run()
    files = written_files(proven)
    assert list(files) == ["contacts-NEW-upload-once-0001.csv"]
    assert files["contacts-NEW-upload-once-0001.csv"] == [
        "ContactUUID,ClientUUID,ContactName,Email",
        f",{pair.xpm},Bob Ray,bob@example.com",
    ]
    proven.import_files()
    proven.export()
    after = proven.run()
    assert (after.plan.changes, after.pending_uploads.files) == ((), ())
    assert [each.name for each in proven.in_xpm(pair).contacts] == ["Ann Lee", "Bob Ray"]


def test_a_new_contact_of_a_client_that_is_unlinked_leaves_its_file(proven: XpmFilesRig) -> None:
    """The link was wrong: only the other client gets its contact, and without that one there is no file."""
    pairs = [proven.linked(contact("Ann Lee", primary="Yes"), name=name) for name in ("Alpha", "Beta")]
    for pair, name in zip(pairs, ("Bob Ray", "Cy Oz"), strict=True):
        proven.register.add_contact(pair.ignition, contact(name))
    proven.export()
    proven.run()
    before = written_files(proven)
    proven.run(pairs[0].xpm)
    assert written_files(proven) == before
    for pair, left in zip(pairs, (1, 0), strict=True):
        with proven.open() as context:
            linking.unlink(context.ledger, pair.xpm)
        proven.run()
        files = written_files(proven)
        assert [len(lines) - 1 for lines in files.values()] == [left] * left
        assert pair.xpm not in str(files)


def test_a_lost_ledger_adds_no_contact_twice(proven: XpmFilesRig) -> None:
    """A file of new contacts that nothing is noted of holds all new contacts until a person decides."""
    pair = proven.linked(contact("Ann Lee", primary="Yes"), name="Alpha")
    proven.register.add_contact(pair.ignition, contact("Bob Ray", email="bob@example.com"))
    proven.export()
    proven.run()
    with open_ledger(proven.settings, proven.paths, proven.clock) as ledger:
        ledger.note("xpm.files.waiting", '{"format":1,"files":[],"known_upload":"","last":0}')
        link = ledger.link_of(pair.xpm)
        assert link is not None
        ledger.clear_pending(link)
    held = proven.run()
    assert held.plan.changes == ()
    assert "nothing is noted of it" in reasons(held)["contact"]


def test_an_export_from_before_the_upload_is_refused(proven: XpmFilesRig) -> None:
    """It shows none of the uploaded values, and a plan from it would write them again."""
    proven.linked(name="Alpha", ignition={"fax": "09 555 0111"})
    proven.export()
    proven.run()
    proven.import_files()
    with pytest.raises(ExportTooOld):
        proven.run()


def test_a_value_that_xpm_did_not_take_is_not_written_for_ever(proven: XpmFilesRig) -> None:
    """The next export is the answer: what it does not show of an upload is left to a person."""
    proven.linked(name="Alpha", ignition={"fax": "09 555 0111"})
    proven.export()
    assert len(proven.run().plan.changes) == 1
    proven.import_files(tick=False)
    proven.export()
    held = proven.run()
    assert [hold.code for hold in held.plan.holds] == [HoldCode.TARGET_KEEPS]


def test_undo_writes_a_file_too(proven: XpmFilesRig) -> None:
    """What a run replaced comes back the way it went."""
    pair = proven.linked(name="Alpha", fax="09 555 0100", ignition={"fax": "09 555 0111"})
    proven.export()
    run = proven.run()
    proven.import_files()
    proven.export()
    with proven.open() as context:
        turned, found = plan_undo(context, run.run, [], Silent())
        apply(turned, found, Silent(), command="undo", undoes=run.run)
    proven.import_files()
    proven.export()
    assert proven.in_xpm(pair).values["fax"] == "09 555 0100"


# --- harmless by every reading ---


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.dictionaries(
            st.sampled_from(["phone", "fax", "address", "city", "postcode", "postal_address", "country"]),
            st.text(st.sampled_from("Ōa1 *+=-@,;\"'\t\n\r\x0b\u2028<&"), max_size=12),
            max_size=4,
        ),
        min_size=6,
        max_size=6,
    ),
    rules=st.sampled_from(list(every_rules())),
)
def test_no_value_of_ignition_can_do_harm_in_a_file(
    tmp_path_factory: pytest.TempPathFactory, edits: list[dict[str, str]], rules: ImportRules
) -> None:
    """Whatever somebody typed there: XPM takes every row, blanks nothing, and shows the value or what it had."""
    with open_xpm_files(tmp_path_factory.mktemp("values")) as rig:
        rig.sync = TO_XPM
        ours = {"phone": "09 555 0100", "address": "Level 1\nQuay Street", "city": "Colac"}
        for number, edit in enumerate(edits):
            rig.linked(name=f"Client {number}", xpm=ours, ignition={**ours, **edit})
        rig.prove(WriteKind.CLIENT_FIELD)
        before = {client.uuid: client.fields for client in rig.world.clients()}
        planned = rig.run().plan.changes
        assert all(not outcome.errors for outcome in rig.import_files(rules))
        for client in rig.world.clients():
            old, new = before[client.uuid], client.fields
            assert all(new.get(name) for name, text in old.items() if text)
            fields = {field(change.field).xpm_write for change in planned if change.client.xpm_id == client.uuid}
            assert {name for name in new if new[name] != old.get(name, "")} <= fields
        rig.export()
        assert rig.run().plan.changes == ()


def test_what_is_written_harms_nobody_whatever_the_import_goes_by(tmp_path: Path, import_rules: ImportRules) -> None:
    """Pilots, then a sync, under each reading of the help pages: only planned values change, and no client appears."""
    with open_xpm_files(tmp_path) as rig:
        rig.sync = TO_XPM
        bob = contact("Bob Ray", email="bob@example.com")
        pairs = [
            rig.linked(
                contact("Ann Lee", primary="Yes"),
                name=name,
                fax="09 555 0100",
                address="Level 1\nQuay Street",
                ignition={"fax": "09 555 0111", "city": "Ōtaki", "address": "Level 2\nQuay Street"},
            )
            for name in ("Alpha, Beta & Co", "Gamma", "Gamma Trust", "Omega")
        ]
        rig.xpm_client(name="Omega", state="archived")
        rig.linked(name="Renamed", ignition={"name": "Renamed Ltd"})
        rig.register.add_contact(pairs[1].ignition, bob)
        wanted = {"Fax": "09 555 0111", "City": "Ōtaki", "Address": "Level 2\nQuay Street"}
        before = {client.uuid: client for client in rig.world.clients()}
        rig.export()
        for name in ("fax", "contact"):
            pilot(rig, pairs[1], name)
            rig.import_files(import_rules)
            rig.export()
        for _ in range(2):
            rig.run()
            rig.import_files(import_rules)
            rig.export()
        after = {client.uuid: client for client in rig.world.clients()}
        assert after.keys() == before.keys()
        for uuid, client in after.items():
            old = before[uuid].fields
            changed = {name: text for name, text in client.fields.items() if old.get(name, "") != text}
            assert changed.items() <= wanted.items()
            assert all(client.fields.get(name) for name, text in old.items() if text)
            people = [member.contact.name for member in client.members]
            assert people in (["Ann Lee"], ["Ann Lee", "Bob Ray"], [])
        assert state_of(rig, WriteKind.CLIENT_FIELD) is ProofState.PROVEN
        assert after[pairs[0].xpm].fields["Fax"] == "09 555 0111"
        assert after[pairs[3].xpm].fields["Fax"] == "09 555 0100"
