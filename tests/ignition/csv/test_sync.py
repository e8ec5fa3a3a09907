"""Route csv through whole runs: XPM over HTTP, a ledger, exports, uploads, and exports again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.csv_rig import cells, table
from support.ignition_files_rig import ANN, BOB, CY, IgnitionFilesRig, open_ignition_files
from support.sync_rig import TO_XPM, Pair, changes_of, contact
from xpmsync.core.enums import Direction, OnEdited
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Plan, Why
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.errors import ExportTooOld, ImportRefused, JournalStopped, StateUnusable
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.simulator.edit import edit_ignition
from xpmsync.simulator.ignition.files import Upload
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.usecases import uploads
from xpmsync.usecases.clients import import_client, link as linking
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.preview import preview
from xpmsync.usecases.sync.recover import recover
from xpmsync.usecases.sync.undo import plan_undo


@pytest.fixture
def files(tmp_path: Path) -> Iterator[IgnitionFilesRig]:
    """An empty practice whose Ignition is reached by files."""
    with open_ignition_files(tmp_path) as opened:
        yield opened


def codes(plan: Plan) -> list[tuple[str, HoldCode]]:
    """A plan's holds in short."""
    return [(hold.field, hold.code) for hold in plan.holds]


@pytest.mark.parametrize("blank_clears", [False, True])
def test_a_round_trip_brings_both_sides_in_step(files: IgnitionFilesRig, blank_clears: bool) -> None:
    """Export, sync, upload, export, sync: what differed is equal, and a further run finds nothing."""
    files.how = Upload(blank_clears=blank_clears)
    pair = files.linked(ANN, BOB, xpm={"city": "Nelson", "phone": "+64 9 555 0101"}, city="Colac", fax="09 555 0102")
    other = files.linked(CY, name="Anchor Ltd")
    files.export()
    applied = files.run()
    assert (applied.outcome, applied.written) == (RunOutcome.DONE, 2)
    (file,) = applied.pending_uploads.files
    assert cells(table(file.path), "Client Id", "City") == [(pair.ignition, "Nelson")] * 2
    assert files.in_ignition(pair).values["city"] == "Colac"
    files.round_trip()
    assert files.in_ignition(pair).values["city"] == "Nelson"
    assert files.in_ignition(pair).values["fax"] == "09 555 0102"
    assert files.in_ignition(other).name == "Anchor Ltd"
    after = files.run()
    assert (changes_of(after.plan), codes(after.plan), after.pending_uploads) == ([], [], PendingUploads())
    assert files.waiting == []
    files.forget_calls()
    assert changes_of(files.run().plan) == []
    assert files.calls == ["GET list"]


def test_until_the_upload_every_run_says_the_same(files: IgnitionFilesRig) -> None:
    """Nothing is agreed before an export shows it, and nothing gets lost: the same file, byte for byte."""
    pairs = [files.linked(contact(f"Ann {n}"), name=f"Client {n}", xpm={"city": "Nelson"}) for n in range(3)]
    files.export()
    (file,) = files.run().pending_uploads.files
    before = file.path.read_bytes()
    files.an_hour_later()
    again = files.run()
    assert again.written == 3
    assert file.path.read_bytes() == before
    assert again.pending_uploads.files[0].since == file.since
    files.edit_xpm(pairs[0], city="Whanganui")
    files.run()
    assert [city for (city,) in cells(table(file.path), "City")] == ["Whanganui", "Nelson", "Nelson"]


def test_more_changes_than_single_look_ups_are_all_said_again(files: IgnitionFilesRig) -> None:
    """Above that number the run reads everything instead of forgetting some."""
    for number in range(25):
        files.linked(contact(f"Ann {number}"), name=f"Client {number:02}", xpm={"city": "Nelson"})
    files.export()
    assert files.run().written == 25
    files.an_hour_later()
    assert files.run().written == 25


@pytest.mark.parametrize("on_edited", list(OnEdited))
def test_our_own_upload_is_nobodys_edit(files: IgnitionFilesRig, on_edited: OnEdited) -> None:
    """XPM changed again before the upload was exported: the value there is ours, not a person's."""
    files.sync = replace(files.sync, on_edited=on_edited)
    pair = files.linked(ANN, city="Colac")
    files.export()
    files.run()
    files.edit_xpm(pair, city="Nelson")
    files.run()
    files.upload()
    files.edit_xpm(pair, city="Whanganui")
    files.export()
    (change,) = files.preview().plan.changes
    assert (change.old, change.new, change.why) == ("Nelson", "Whanganui", Why.SOURCE_CHANGED)
    edit_ignition(files.register, pair.ignition, "city", "Elsewhere")
    files.export()
    plan = files.preview().plan
    if on_edited is OnEdited.HOLD:
        assert codes(plan) == [("city", HoldCode.EDITED)]
    else:
        assert [change.why for change in plan.changes] == [Why.TARGET_EDITED]


def test_a_new_contact_is_handed_over_once(files: IgnitionFilesRig) -> None:
    """It is held as waiting until an export shows it, then paired and kept in step."""
    pair = files.linked(ANN)
    files.xpm_contact(pair.xpm, CY)
    files.export()
    first = files.run(full=True)
    assert [change.field for change in first.plan.changes] == ["contact"]
    second = files.run(full=True)
    assert codes(second.plan) == [("contact", HoldCode.WAITING)]
    assert [path.name for path in files.waiting] == ["xpmsync-new-0001.csv"]
    files.round_trip()
    third = files.run(full=True)
    assert (changes_of(third.plan), codes(third.plan), files.waiting) == ([], [], [])
    assert len(files.in_ignition(pair).contacts) == 2
    with files.open() as context:
        pairs = context.ledger.agreed(pair.xpm).contacts
    assert sorted(pairs.values()) == sorted(one.id for one in files.in_ignition(pair).contacts)


def test_an_import_is_linked_when_the_export_shows_it(files: IgnitionFilesRig) -> None:
    """Until then it is neither linked nor created again; afterwards it is a client like any other."""
    client = files.xpm_client(ANN, BOB, city="Colac")
    files.export()
    imported = files.bring_in(client)
    assert (imported.link, imported.created) == (None, True)
    (path,) = files.waiting
    with files.open() as context:
        again = import_client.propose(context, client, Silent())
        assert again.waiting is not None
        assert (again.waiting.path, again.plan.changes) == (path, ())
        assert context.ledger.links() == []
        (todo,) = context.ledger.todo.all()
    assert (todo.xpm_id, todo.xpm_number.isdecimal()) == (client, True)
    assert [one.xpm_id for one in files.pending().clients] == [client]
    files.upload()
    files.run()
    assert [one.xpm_id for one in files.pending().clients] == [client]
    files.export()
    found = files.preview()
    assert [link.xpm_id for link in found.confirmed] == [client]
    with files.open() as context:
        assert context.ledger.links() == []
    applied = files.run()
    assert (changes_of(applied.plan), applied.plan.counts["clients"]) == ([], 1)
    assert files.pending() == PendingUploads()
    with files.open() as context:
        (link,) = context.ledger.links()
        assert len(context.ledger.todo.all()) == 1
        assert linking.mark_done(context.ledger, todo.xpm_number) == todo
        assert context.ledger.todo.all() == []
    assert [one.id for one in files.register.clients()] == [link.ignition_id]
    files.edit_xpm(Pair(client, link.ignition_id), city="Nelson")
    assert changes_of(files.preview().plan) == [("city", "Colac", "Nelson")]


def test_an_import_again_after_the_upload_links_instead(files: IgnitionFilesRig) -> None:
    """The very next command sees what the export shows."""
    client = files.xpm_client(ANN)
    files.bring_in(client)
    files.round_trip()
    with files.open() as context:
        assert import_client.propose(context, client, Silent()).link is not None
        assert len(context.ledger.links()) == 1


def test_a_link_by_hand_ends_the_wait(files: IgnitionFilesRig) -> None:
    """A person knows better than the export's names."""
    client = files.xpm_client(ANN)
    files.bring_in(client)
    other = files.ignition_client(BOB, name="Harbour Dental Practice")
    files.export()
    with files.open() as context:
        linking.link(context, client, other)
    files.run()
    assert files.pending().clients == ()
    assert [path.name for path in files.waiting] == ["xpmsync-changes.csv", "xpmsync-new-0002.csv"]


def test_a_discarded_file_is_planned_again(files: IgnitionFilesRig) -> None:
    """Its contact is no longer held, its client can be imported again, its to-do is gone."""
    pair = files.linked(ANN, name="Anchor Ltd")
    files.xpm_contact(pair.xpm, CY)
    client = files.xpm_client(BOB)
    files.export()
    files.run(full=True)
    files.bring_in(client)
    with files.open() as context:
        uploads.discard(context.settings, context.paths, context.ledger, None, files.clock)
        assert context.ledger.todo.all() == []
    with files.open() as context:
        assert import_client.propose(context, client, Silent()).waiting is None
    assert [change.field for change in files.preview(full=True).plan.changes] == ["contact"]


def test_a_stale_export_stops_diff_and_sync(files: IgnitionFilesRig) -> None:
    """Neither shows nor writes a plan that would undo the upload, a kept one neither."""
    files.linked(ANN, xpm={"city": "Nelson"})
    before = files.preview()
    files.run()
    files.upload()
    files.clock.sleep(60)
    with files.open() as context:
        uploads.mark_uploaded(context.settings, context.paths, context.ledger, None, files.clock)
    for run in (files.preview, files.run):
        with pytest.raises(ExportTooOld):
            run()
    with files.open() as context, pytest.raises(ExportTooOld):
        apply(context, before, Silent())
    files.export()
    assert changes_of(files.run().plan) == []


def test_rows_the_file_cannot_carry_are_held(files: IgnitionFilesRig) -> None:
    """With the reason, and nothing else is kept from being written."""
    fine = files.linked(ANN, name="Anchor Ltd", xpm={"city": "Nelson"})
    files.linked(ANN, BOB, name="Bay Ltd", xpm={"city": "=1+1", "region": "Tasman"})
    files.linked(BOB, name="Cove Ltd", ignition={"website": "-old"}, xpm={"website": "-new", "city": "Nelson"})
    files.link(files.xpm_client(BOB, name="Dale Ltd", city="Nelson"), files.ignition_client(CY, name="Dale Ltd"))
    path = files.export()
    path.write_text(path.read_text(encoding="utf-8").replace("cy@example.com", ""), encoding="utf-8")
    applied = files.run()
    held = {(hold.client.name, hold.field): hold.code for hold in applied.plan.holds}
    assert held[("Bay Ltd", "city")] is HoldCode.FORMULA
    assert held[("Cove Ltd", "website")] is HoldCode.FORMULA
    assert held[("Dale Ltd", "city")] is HoldCode.NEEDS_EMAIL
    file, new = applied.pending_uploads.files
    assert set(cells(table(file.path), "Client Name", "City", "Region")) == {
        ("Cove Ltd", "Nelson", ""),
        ("Anchor Ltd", "Nelson", ""),
        ("Bay Ltd", "", "Tasman"),
    }
    assert fine.ignition in {row["Client Id"] for row in table(file.path)}
    assert cells(table(new.path), "Client Name", "City", "Contact Name") == [("Dale Ltd", "", "Bob Ray")]


def test_a_contacts_missing_email_can_be_what_is_synced(files: IgnitionFilesRig) -> None:
    """The row is judged as it will be: with XPM's e-mail it is fit, for the client's own cells too."""
    files.linked(CY, xpm={"city": "Nelson"})
    path = files.export()
    path.write_text(path.read_text(encoding="utf-8").replace("cy@example.com", ""), encoding="utf-8")
    applied = files.run()
    (file,) = applied.pending_uploads.files
    assert cells(table(file.path), "Contact Email", "City") == [("cy@example.com", "Nelson")]


def test_nothing_is_cleared(files: IgnitionFilesRig) -> None:
    """A value emptied in XPM stays in Ignition, with the reason."""
    files.sync = replace(files.sync, clear_blanks=True)
    pair = files.linked(ANN, city="Colac")
    files.run()
    files.edit_xpm(pair, city="")
    assert codes(files.preview().plan) == [("city", HoldCode.ROUTE_CANNOT)]


def test_the_export_as_the_source(files: IgnitionFilesRig) -> None:
    """To XPM, what the newest export says is written at once; changes that waited the other way are dropped."""
    pair = files.linked(ANN | {"contact.primary": "Yes"}, city="Colac", xpm={"city": "Nelson"})
    files.run()
    assert len(files.waiting) == 1
    files.sync = TO_XPM
    applied = files.run()
    assert (changes_of(applied.plan), files.waiting) == ([("city", "Nelson", "Colac")], [])
    assert files.in_xpm(pair).values["city"] == "Colac"
    assert changes_of(files.run().plan) == []


def test_an_xpm_id_links_an_import(files: IgnitionFilesRig) -> None:
    """Ignition's export says which XPM client it is: linked, whatever its name; nothing is created."""
    client = files.xpm_client(ANN)
    with files.open() as context:
        record = context.xpm.get(client)
    assert record is not None
    there = files.register.create({"name": "Another Name"}, [BOB], xpm_number=record.number).id
    files.export()
    with files.open() as context:
        proposal = import_client.propose(context, client, Silent())
        assert proposal.known is not None
        assert proposal.known.client.id == there


def test_an_xpm_id_that_contradicts_a_link_is_held(files: IgnitionFilesRig) -> None:
    """Two records, one number: a wrong link would write one client's details over another's."""
    wrong = files.linked(ANN, name="Anchor Ltd", xpm={"city": "Nelson"})
    right = files.xpm_client(BOB)
    with files.open() as context:
        record = context.xpm.get(right)
    assert record is not None
    there = files.register.get(wrong.ignition)
    assert there is not None
    files.register.delete(wrong.ignition)
    files.register.create(there.values, [ANN], client_id=there.id, xpm_number=record.number)
    twin = files.ignition_client(BOB, name="Twin Ltd")
    files.export()
    with files.open() as context:
        linking.link(context, right, twin)
    plan = files.preview(full=True).plan
    (hold,) = [hold for hold in plan.holds if hold.code is HoldCode.CONTRADICTION]
    assert (hold.client.xpm_id, record.number in hold.reason) == (wrong.xpm, True)
    assert [change for change in plan.changes if change.client.xpm_id == wrong.xpm] == []


def test_a_single_look_up_finds_the_contradiction(files: IgnitionFilesRig) -> None:
    """XPM tells its number there, and it is remembered for runs that only list."""
    pair = files.linked(ANN)
    there = files.register.get(pair.ignition)
    assert there is not None
    files.register.delete(pair.ignition)
    files.register.create(there.values, [ANN], client_id=there.id, xpm_number="99999")
    files.export()
    assert codes(files.preview(full=True).plan) == []
    assert codes(files.run("Harbour Dental").plan) == [("client", HoldCode.CONTRADICTION)]
    assert codes(files.preview(full=True).plan) == [("client", HoldCode.CONTRADICTION)]


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("command", ["sync", "import"])
@pytest.mark.parametrize(
    "where",
    [
        "xpmsync.csv_files.uploads.write_private",
        "xpmsync.csv_files.uploads.UploadNote.keep",
        "xpmsync.csv_files.uploads.move_into_place",
        "xpmsync.local.ledger.journal.Journal.close",
    ],
)
def test_killed_on_the_way(files: IgnitionFilesRig, command: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the file, before and after it is noted, before the journal knows: in the end all is there, and once."""
    pair = files.linked(ANN, name="Anchor Ltd", xpm={"city": "Nelson"})
    files.xpm_contact(pair.xpm, CY)
    client = files.xpm_client(BOB, name="Bay Ltd")
    files.export()

    def killed(*_arguments: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setattr(where, killed)
    with pytest.raises(Killed):
        files.run(full=True) if command == "sync" else files.bring_in(client)
    monkeypatch.undo()
    for _ in range(2):
        with files.open() as context:
            recover(context, Silent())
        files.run(full=True)
        with files.open() as context:
            proposal = import_client.propose(context, client, Silent())
            if proposal.plan.changes:
                import_client.create(context, proposal)
        files.upload()
        with files.open() as context:
            uploads.mark_uploaded(context.settings, context.paths, context.ledger, None, files.clock)
        files.export()
        files.run(full=True)
        if not files.preview(full=True).plan.changes:
            break
    assert files.in_ignition(pair).values["city"] == "Nelson"
    assert [contact.name for contact in files.in_ignition(pair).contacts] == ["Ann Lee", "Cy Oz"]
    assert [one.name for one in files.register.clients()] == ["Anchor Ltd", "Bay Ltd"]
    assert (files.pending(), files.waiting) == (PendingUploads(), [])
    with files.open() as context:
        assert context.ledger.journal.open_writes() == 0
        assert len(context.ledger.links()) == 2


def test_a_folder_that_cannot_be_written_stops_the_run(files: IgnitionFilesRig) -> None:
    """Nothing is claimed: every write is closed as failed, and the next run plans it again."""
    files.linked(ANN, xpm={"city": "Nelson"})
    files.export()
    (files.exports / "for-ignition").write_text("a file in its place", encoding="utf-8")
    applied = files.run()
    assert (applied.outcome, applied.written, applied.not_tried) == (RunOutcome.STOPPED, 0, 1)
    assert isinstance(applied.stopped, StateUnusable)
    with files.open() as context:
        assert {write.state for write in context.ledger.journal.writes(applied.run)} == {WriteState.FAILED}
    (files.exports / "for-ignition").unlink()
    assert files.run().written == 1


class FullDisk:
    """A ledger that finds no room for what a written file carries."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    def remember(self, *_arguments: object, **_named: object) -> None:
        """Fails as SQLite does."""
        raise StateUnusable(Path("ledger.sqlite"), "database or disk is full")


def test_a_file_that_is_there_counts_though_the_ledger_cannot_note_it(files: IgnitionFilesRig) -> None:
    """The run stops and says what it wrote; the next one puts the same into the file, which is uploaded once."""
    pair = files.linked(ANN, xpm={"city": "Nelson"})
    files.export()
    with files.open() as context:
        planned = preview(context, Silent(), full=True)
        full = replace(context, ledger=FullDisk(context.ledger))  # type: ignore[arg-type]
        applied = apply(full, planned, Silent())
    assert isinstance(applied.stopped, JournalStopped)
    assert (applied.written, applied.stopped.written, len(applied.pending_uploads.files)) == (1, 1, 1)
    assert files.run().written == 1
    files.round_trip()
    assert files.in_ignition(pair).values["city"] == "Nelson"
    assert files.run().plan.changes == ()


def test_an_import_that_cannot_be_written_is_as_if_never_asked(files: IgnitionFilesRig) -> None:
    """Neither a link nor a to-do nor something that waits."""
    client = files.xpm_client(ANN)
    files.export()
    (files.exports / "for-ignition").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(StateUnusable):
        files.bring_in(client)
    assert files.pending() == PendingUploads()
    with files.open() as context:
        assert context.ledger.todo.all() == []


@pytest.mark.parametrize(
    ("name", "person", "reason"),
    [("=Harbour", ANN, "name-unfit"), ("Harbour", contact("-Ann"), "needs-email"), ("Harbour", {}, "needs-email")],
)
def test_an_import_whose_names_cannot_stand_in_a_file(
    files: IgnitionFilesRig, name: str, person: dict[str, str], reason: str
) -> None:
    """A client needs its name and a contact with name and e-mail; without them nothing is created."""
    client = files.xpm_client(*([person] if person else []), name=name)
    files.export()
    with pytest.raises(ImportRefused) as refused:
        files.bring_in(client)
    assert (refused.value.reason, files.waiting) == (reason, [])


def test_a_run_for_one_client_keeps_the_others_file(files: IgnitionFilesRig) -> None:
    """Only the named client is looked at; the other's change still waits in the new file."""
    files.linked(ANN, name="Anchor Ltd", xpm={"city": "Nelson"})
    files.linked(BOB, name="Bay Ltd", xpm={"city": "Nelson"})
    files.export()
    files.run()
    applied = files.run("Bay Ltd")
    (file,) = applied.pending_uploads.files
    assert (applied.written, [name for (name,) in cells(table(file.path), "Client Name")]) == (
        1,
        ["Anchor Ltd", "Bay Ltd"],
    )


def test_the_secret_is_nowhere_in_the_state(files: IgnitionFilesRig) -> None:
    """Neither ledger nor files nor facts hold a token of the payment portal."""
    files.linked(ANN, xpm={"city": "Nelson"})
    files.run()
    files.round_trip()
    files.run()
    for path in files.paths.folder.rglob("*"):
        if path.is_file() and path.parent != files.exports:
            assert b"portal/secret-" not in path.read_bytes()


def test_undoing_what_was_handed_over(files: IgnitionFilesRig) -> None:
    """Before the upload there is nothing to take back but the file; after it the undo is a file of its own."""
    pair = files.linked(ANN, xpm={"city": "Nelson"}, ignition={"city": "Colac"})
    files.export()
    run = files.run().run
    with files.open() as context:
        (write,) = context.ledger.journal.writes(run)
        assert write.is_pending_upload
        turned, found = plan_undo(context, run, (), Silent())
        assert (changes_of(found.plan), codes(found.plan)) == ([], [("city", HoldCode.CANNOT_UNDO)])
        assert "xpmsync ignition discard" in found.plan.holds[0].reason
    files.change_sync(direction=Direction.TO_XPM)
    files.run()
    with files.open() as context:
        _, found = plan_undo(context, run, (), Silent())
        assert codes(found.plan) == [("city", HoldCode.CANNOT_UNDO)]
        assert "no file has it any more; there is nothing to undo" in found.plan.holds[0].reason
    files.change_sync(direction=Direction.FROM_XPM)
    files.edit_xpm(pair, city="Nelson")
    run = files.run().run
    files.round_trip()
    with files.open() as context:
        turned, found = plan_undo(context, run, (), Silent())
        assert changes_of(found.plan) == [("city", "Nelson", "Colac")]
        apply(turned, found, Silent(), command="undo", undoes=run)
    files.round_trip()
    assert files.in_ignition(pair).values["city"] == "Colac"


def test_undoing_what_is_created_by_a_file(files: IgnitionFilesRig) -> None:
    """Before the upload the file is all there is; afterwards the records are a person's to remove."""
    pair = files.linked(ANN)
    files.xpm_contact(pair.xpm, BOB)
    files.export()
    added = files.run().run
    files.bring_in(files.xpm_client(CY, name="Bay Ltd"))
    created = added + 1
    for uploaded in (False, True):
        with files.open() as context:
            reasons = {
                hold.field: hold.reason
                for run in (added, created)
                for hold in plan_undo(context, run, (), Silent())[1].plan.holds
            }
        assert reasons.keys() == {"contact", "client"}
        assert all(("xpmsync ignition discard" in reason) != uploaded for reason in reasons.values()), reasons
        files.round_trip()
        files.run()


# --- what the next export shows --------------------------------------------------------------------


def test_ignitions_own_spelling_of_an_upload_is_agreed(files: IgnitionFilesRig) -> None:
    """The next export is the answer: equal from then on, nobody's edit, and no file again."""
    files.change_sync(on_edited=OnEdited.HOLD)
    pair = files.linked(ANN, xpm={"postcode": "sw1a 1aa", "city": "Nelson"}, postcode="3000", city="Colac")
    files.register.quirks = Quirks(respells=("postcode",))
    files.export()
    files.run()
    files.round_trip()
    assert files.in_ignition(pair).values["postcode"] == "SW1A 1AA"
    for full in (False, True):
        after = files.run(full=full)
        assert (changes_of(after.plan), codes(after.plan), after.pending_uploads.files) == ([], [], ())
    files.edit_xpm(pair, postcode="nw1 2bb")
    (change,) = files.run().plan.changes
    assert (change.new, change.overrides_edit) == ("nw1 2bb", False)


@pytest.mark.parametrize("quirks", [Quirks(cuts={"city": 4}), Quirks(ignores=("city",))], ids=["cut", "ignored"])
def test_what_an_upload_did_not_bring_is_held(files: IgnitionFilesRig, quirks: Quirks) -> None:
    """An export after the upload shows the old value, or a part of the new one: no file says it again."""
    files.change_sync(on_edited=OnEdited.HOLD)
    pair = files.linked(ANN, xpm={"city": "Whanganui", "phone": "09 555 0102"}, city="Colac", phone="09 555 0101")
    files.register.quirks = quirks
    files.export()
    files.run()
    files.round_trip()
    for full in (False, True):
        after = files.run(full=full)
        assert (changes_of(after.plan), codes(after.plan)) == ([], [("city", HoldCode.TARGET_KEEPS)])
    files.register.quirks = Quirks()
    files.edit_xpm(pair, city="Nelson")
    assert [change.overrides_edit for change in files.run().plan.changes] == [False]
    files.round_trip()
    assert (changes_of(files.run().plan), files.in_ignition(pair).values["city"]) == ([], "Nelson")
