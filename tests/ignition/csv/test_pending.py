"""What waits for upload: nothing is created twice, whatever a person uploads, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.csv_rig import ANN, BOB, CsvRig, cells, table
from xpmsync.core.enums import System
from xpmsync.core.model import Client
from xpmsync.core.ports.deferred import PendingUploads
from xpmsync.csv_files.pending import Pending
from xpmsync.csv_files.uploads import Outbox
from xpmsync.errors import ExportTooOld, Rejected, StateUnusable, UsageError
from xpmsync.ignition.csv.store import CsvStore
from xpmsync.ignition.csv.upload import pending_store
from xpmsync.local.ledger.summary import PENDING_UPLOADS
from xpmsync.local.settings.settings import DEFAULT_PROFILE
from xpmsync.simulator.ignition.files import Upload

CY = {"contact.name": "Cy Oz", "contact.email": "cy@example.com"}
TIDE = {"name": "Tide Table", "city": "Colac"}


def sync(rig: CsvRig, made: Client, city: str = "Ōtaki", *contacts: Mapping[str, str]) -> PendingUploads:
    """One run of a plan that changes a client's city and adds contacts."""
    store = rig.store()
    store.update(made.id, made.name, {"city": city})
    for contact in contacts:
        store.add_contact(made.id, contact)
    return rig.finish(store, linked={"x1": made.id}, compared={made.id})


def create(
    rig: CsvRig, xpm_id: str = "u1", *, contacts: Sequence[Mapping[str, str]] = (ANN,), number: str = ""
) -> Path:
    """One import; returns the file."""
    store = rig.store()
    store.create(TIDE, contacts, xpm_id=xpm_id, xpm_number=number)
    linked = {f"x{client.id}": client.id for client in store.read()}
    return next(one.path for one in rig.finish(store, linked=linked).clients if one.xpm_id == xpm_id)


def confirmed(rig: CsvRig) -> list[tuple[str, str, str]]:
    """What the newest export shows of new clients."""
    return [(one.xpm_id, one.ignition_id, one.name) for one in rig.store().confirmed()]


def files(rig: CsvRig) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in rig.uploads.iterdir())


def waiting(rig: CsvRig) -> PendingUploads:
    """What `status` shows as pending."""
    store = pending_store(rig.around)
    return store.summary(store.load())


@pytest.fixture
def made(rig: CsvRig) -> Client:
    """A client that Ignition has, exported."""
    made = rig.register.create({"name": "Harbour Dental", "city": "Colac"}, [ANN, BOB])
    rig.export()
    return made


def test_a_second_run_replaces_the_unsent_changes(rig: CsvRig, made: Client) -> None:
    """One file of that name, with what is to change now; it waits since the first of them."""
    (first,) = sync(rig, made).files
    (second,) = sync(rig, made, "Nelson").files
    assert (second.path, second.since) == (first.path, first.since)
    assert files(rig) == ["xpmsync-changes.csv"]
    assert {city for (city,) in cells(table(second.path), "City")} == {"Nelson"}


def test_changes_that_are_no_longer_due_take_their_file_along(rig: CsvRig, made: Client) -> None:
    """A run that finds nothing to change leaves nothing to upload."""
    sync(rig, made)
    pending_uploads = rig.finish(rig.store(), linked={"x1": made.id}, compared={made.id})
    assert pending_uploads == PendingUploads()
    assert files(rig) == []


def test_a_run_for_some_clients_keeps_the_others_changes(rig: CsvRig, made: Client) -> None:
    """Their changed cells move to the new file, also onto a newer export; unlinked clients' go."""
    other = rig.register.create({"name": "Anchor Ltd", "city": "Colac", "fax": "1"}, [CY])
    rig.export()
    sync(rig, other)
    rig.register.update(other.id, {"fax": "2"})
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Nelson"})
    (file,) = rig.finish(store, linked={"x1": made.id, "x2": other.id}, compared={made.id}).files
    assert cells(table(file.path), "Client Name", "City", "Fax") == [
        ("Harbour Dental", "Nelson", ""),
        ("Harbour Dental", "Nelson", ""),
        ("Anchor Ltd", "Ōtaki", "2"),
    ]
    store = rig.store()
    (file,) = rig.finish(store, linked={"x2": other.id}, compared=()).files
    assert cells(table(file.path), "Client Name") == [("Anchor Ltd",)]


def test_an_import_leaves_the_changes_alone(rig: CsvRig, made: Client) -> None:
    """It only adds a file of its own."""
    (changes,) = sync(rig, made).files
    store = rig.store()
    store.create(TIDE, [CY], xpm_id="u1")
    pending_uploads = rig.finish(store, linked={"x1": made.id})
    assert pending_uploads.files[0] == changes
    assert files(rig) == ["xpmsync-changes.csv", "xpmsync-new-0001.csv"]


def test_a_new_client_is_written_once(rig: CsvRig, made: Client) -> None:
    """It is in one file, which no later run touches; asking again is refused."""
    path = create(rig)
    before = path.read_bytes()
    with pytest.raises(Rejected, match="before"):
        rig.store().create(TIDE, [ANN], xpm_id="u1")
    sync(rig, made)
    create(rig, "u2", contacts=[CY])
    assert path.read_bytes() == before
    assert files(rig) == ["xpmsync-changes.csv", "xpmsync-new-0001.csv", "xpmsync-new-0002.csv"]
    names = [row["Contact Name"] for name in files(rig)[1:] for row in table(rig.uploads / name)]
    assert names == ["Ann Lee", "Cy Oz"]


def test_two_processes_create_one_client(rig: CsvRig) -> None:
    """Both looked before either wrote; the second one's file is not written."""
    rig.export()
    first, second = rig.store(), rig.store()
    for store in (first, second):
        store.create(TIDE, [ANN], xpm_id="u1")
    rig.finish(first)
    with pytest.raises(Rejected, match="before"):
        rig.finish(second)
    assert files(rig) == ["xpmsync-new-0001.csv"]


def test_a_new_contact_is_written_once(rig: CsvRig, made: Client) -> None:
    """The same plan again puts it into no second file; uploading all generations adds it once."""
    sync(rig, made, "Ōtaki", CY)
    old = {path.name: path.read_bytes() for path in rig.uploads.iterdir()}
    sync(rig, made, "Nelson", CY)
    assert files(rig) == ["xpmsync-changes.csv", "xpmsync-new-0001.csv"]
    (rig.uploads / "old-changes.csv").write_bytes(old["xpmsync-changes.csv"])
    rig.upload()
    now = rig.register.get(made.id)
    assert now is not None
    assert [contact.name for contact in now.contacts] == ["Ann Lee", "Bob Ray", "Cy Oz"]


@pytest.mark.parametrize("ignored", [(), ("XPM Id",)])
def test_an_export_shows_what_was_created(rig: CsvRig, ignored: Sequence[str]) -> None:
    """With the id it has now, whether or not Ignition keeps the XPM Id; then it waits no more."""
    rig.how = Upload(ignored_columns=ignored)
    rig.export()
    create(rig, number="10059")
    assert confirmed(rig) == []
    rig.upload()
    assert confirmed(rig) == []
    rig.export()
    ((xpm_id, ignition_id, name),) = confirmed(rig)
    assert (xpm_id, name) == ("u1", "Tide Table")
    assert [client.name for client in rig.register.clients() if client.id == ignition_id] == ["Tide Table"]
    pending_uploads = rig.finish(rig.store(), linked={"u1": ignition_id}, compared={ignition_id})
    assert pending_uploads == PendingUploads()
    assert files(rig) == []


def test_an_older_export_shows_nothing(rig: CsvRig) -> None:
    """What was in Ignition before the file was written cannot come from it."""
    rig.register.create(TIDE, [ANN])
    rig.export()
    create(rig)
    assert confirmed(rig) == []


def test_a_twin_that_was_there_before_is_not_taken_for_it(rig: CsvRig) -> None:
    """A person created another one knowingly; only a client that is new since can be it."""
    twin = rig.register.create(TIDE, [ANN])
    rig.export()
    create(rig)
    rig.export()
    assert confirmed(rig) == []
    rig.upload()
    rig.export()
    ((_, ignition_id, _),) = confirmed(rig)
    assert ignition_id != twin.id


def test_a_renamed_client_is_known_by_its_number(rig: CsvRig) -> None:
    """Somebody corrected its name in Ignition before the next export."""
    rig.export()
    create(rig, number="10059")
    rig.upload()
    (new,) = rig.register.clients()
    rig.register.update(new.id, {"name": "Tide Table Restaurant"})
    rig.export()
    assert confirmed(rig) == [("u1", new.id, "Tide Table")]


def test_a_file_uploaded_twice_is_told(rig: CsvRig) -> None:
    """Neither of the two is taken for the client by itself; the sentence names both."""
    rig.export()
    create(rig)
    rig.upload()
    rig.upload()
    rig.export()
    store = rig.store()
    assert store.confirmed() == ()
    ids = [client.id for client in rig.register.clients()]
    (told,) = (show_notices for show_notices in store.notices() if "twice" in show_notices)
    assert all(one in told for one in ids)
    assert [one.xpm_id for one in store.waiting().clients] == ["u1"]


def test_two_new_clients_alike_are_told_apart_by_number_only(rig: CsvRig) -> None:
    """Same name, same e-mail: with XPM's number they find their places, without it a person does."""
    rig.export()
    create(rig, "u1", number="10001")
    create(rig, "u2", number="10002")
    rig.upload()
    rig.export()
    assert {(xpm_id, ignition_id) for xpm_id, ignition_id, _ in confirmed(rig)} == {
        (f"u{client.xpm_number[-1]}", client.id) for client in rig.register.clients()
    }


def test_two_new_clients_alike_without_numbers_wait_for_a_person(rig: CsvRig) -> None:
    """Guessing would be a wrong link in half of the cases."""
    rig.export()
    create(rig, "u1")
    create(rig, "u2")
    rig.upload()
    rig.export()
    assert confirmed(rig) == []
    one, two = (client.id for client in rig.register.clients())
    pending_uploads = rig.finish(rig.store(), linked={"u1": one, "u2": two})
    assert pending_uploads == PendingUploads()


def test_a_new_client_that_was_linked_by_hand_leaves_its_file(rig: CsvRig, made: Client) -> None:
    """A person finds one of two in Ignition and links it: uploading the file then creates the other one only."""
    store = rig.store()
    for number, name in enumerate(("Tide Table", "Anchor Ltd", "Bay Ltd")):
        store.create({"name": name, "city": "Colac"}, [ANN, BOB][: number + 1], xpm_id=f"u{number}", xpm_number="")
    (file,) = rig.finish(store).files
    (rest,) = rig.finish(rig.store(), linked={"u0": made.id}).files
    assert (rest.path, [row["Client Name"] for row in table(rest.path)]) == (
        file.path,
        ["Anchor Ltd"] * 2 + ["Bay Ltd"] * 2,
    )
    assert waiting(rig).files == (rest,)
    assert "Only once: it creates Anchor Ltd, Bay Ltd;" in waiting(rig).steps[0]
    rig.upload()
    assert sorted(client.name for client in rig.register.clients()) == ["Anchor Ltd", "Bay Ltd", "Harbour Dental"]


def test_a_new_contact_of_a_client_that_is_unlinked_leaves_its_file(rig: CsvRig, made: Client) -> None:
    """The link was wrong; the contact of the other client stays, and a file that was uploaded is left alone."""
    other = rig.register.create({"name": "Anchor Ltd", "city": "Colac"}, [ANN])
    rig.export()
    store = rig.store()
    for client in (made, other):
        store.add_contact(client.id, CY)
    linked = {"x1": made.id, "x2": other.id}
    (file,) = rig.finish(store, linked=linked).files
    before = file.path.read_bytes()
    assert rig.finish(rig.store(), linked=linked).files == (file,)
    assert file.path.read_bytes() == before
    rig.finish(rig.store(), linked={})
    assert file.path.read_bytes() == before, "a lost ledger knows no links, and nobody unlinked a client"
    rig.finish(rig.store(), linked={"x2": other.id}, unlinked=["x1", made.id])
    assert cells(table(file.path), "Client Id") == [(other.id,)]
    rig.uploaded()
    rig.finish(rig.store(), unlinked=["x1", made.id, "x2", other.id])
    assert [path.name for path in rig.uploads.iterdir()] == ["xpmsync-new-0001.csv.uploaded"]
    assert [each.clients for each in waiting(rig).files] == [1]


def test_an_export_older_than_the_upload_is_refused(rig: CsvRig, made: Client) -> None:
    """A plan made from it would undo what was uploaded; both times are named, and search still works."""
    sync(rig, made)
    rig.store().begin()
    rig.upload()
    rig.uploaded()
    store = rig.store()
    with pytest.raises(ExportTooOld) as refused:
        store.begin()
    assert refused.value.exported < refused.value.uploaded
    assert len(list(store.search("harbour"))) == 1
    rig.export()
    rig.store().begin()


def test_an_upload_noted_by_a_clock_that_was_ahead_locks_nobody_out(rig: CsvRig, made: Client) -> None:
    """It counts as made when that is seen: the export before is refused, with the reason, the next one is taken."""
    sync(rig, made)
    rig.upload()
    true = rig.clock.now()
    rig.clock.forward(days=30)
    rig.uploaded()
    rig.clock.moment = true
    waiting_before = files(rig)
    with pytest.raises(ExportTooOld) as refused:
        rig.store().begin()
    assert (refused.value.clock_ahead, refused.value.uploaded) == (True, true)
    assert files(rig) == waiting_before
    assert waiting(rig).files[0].uploaded == true
    rig.export()
    store = rig.store()
    store.begin()
    assert store.waiting().files == ()


def test_a_file_written_by_a_clock_that_was_ahead_is_seen_as_uploaded(rig: CsvRig, made: Client) -> None:
    """The clock is right again before the next export, which shows the change; the correction is reported."""
    true = rig.clock.now()
    rig.clock.forward(days=30)
    sync(rig, made)
    rig.clock.moment = true
    rig.upload()
    rig.export()
    store = rig.store()
    store.begin()
    assert any("clock was ahead" in notice for notice in store.notices())
    rig.export()
    store = rig.store()
    store.begin()
    assert store.waiting().files == ()
    assert not any("clock was ahead" in notice for notice in store.notices())


def test_an_export_dated_in_the_future_gives_way_to_a_later_one(rig: CsvRig, made: Client) -> None:
    """It was saved while the clock was ahead; alone it is used, with a word about its date."""
    true = rig.clock.now()
    rig.clock.forward(days=30)
    rig.export("ahead.csv")
    rig.clock.moment = true
    rig.exports.joinpath("clients.csv").unlink()
    assert any("dated in the future" in notice for notice in rig.store().notices())
    rig.register.update(made.id, {"city": "Ararat"})
    rig.export("later.csv")
    store = rig.store()
    assert [client.values["city"] for client in store.read()] == ["Ararat"]
    assert not any("dated in the future" in notice for notice in store.notices())


def test_a_clock_that_is_behind_corrects_nothing(rig: CsvRig, made: Client) -> None:
    """The moment of the upload was right, so an export from before it is refused as before."""
    sync(rig, made)
    rig.upload()
    rig.uploaded()
    noted = waiting(rig)
    rig.clock.forward(days=-3000)
    with pytest.raises(ExportTooOld) as refused:
        rig.store().begin()
    assert not refused.value.clock_ahead
    assert waiting(rig) == noted


def test_going_back_to_an_older_export_is_refused(rig: CsvRig, made: Client) -> None:
    """Nobody said anything of an upload, but a later export had shown it."""
    old = (rig.exports / "clients.csv").read_bytes()
    sync(rig, made)
    rig.upload()
    new = rig.export("new.csv")
    rig.finish(rig.store(), linked={"x1": made.id}, compared={made.id})
    rig.clock.moment, later = new_time(new, -30), rig.clock.moment
    rig.exports.joinpath("between.csv").write_bytes(old)
    rig.date(rig.exports / "between.csv")
    new.unlink()
    rig.clock.moment = later
    with pytest.raises(ExportTooOld):
        rig.store().begin()


def new_time(path: Path, seconds: float) -> datetime:
    """A file's time, moved."""
    return datetime.fromtimestamp(path.stat().st_mtime + seconds, UTC)


def test_what_the_export_shows_waits_no_more(rig: CsvRig, made: Client) -> None:
    """An upload nobody spoke of is seen all the same."""
    sync(rig, made, "Ōtaki", CY)
    rig.upload()
    rig.export()
    store = rig.store()
    assert store.waiting() == PendingUploads()
    assert len(store.notices()) == 1


def test_what_ignition_did_not_take_is_named(rig: CsvRig, made: Client) -> None:
    """A column that its import ignores: the run says so instead of wondering for ever."""
    rig.how = Upload(ignored_columns=["Client Group Name"])
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki", "group": "Marlowe"})
    rig.finish(store, linked={"x1": made.id}, compared={made.id})
    rig.upload()
    rig.export()
    (told,) = (show_notices for show_notices in rig.store().notices() if "does not show" in show_notices)
    assert "Client Group Name (2)" in told
    assert "City" not in told


def test_an_upload_that_failed_is_named(rig: CsvRig) -> None:
    """A person said it was uploaded, and a later export knows nothing of it."""
    rig.export()
    create(rig)
    rig.uploaded()
    rig.export()
    store = rig.store()
    assert any("the new client Tide Table" in show_notices for show_notices in store.notices())
    assert [one.xpm_id for one in store.waiting().clients] == ["u1"]


def test_saying_uploaded_renames_the_files(rig: CsvRig, made: Client) -> None:
    """So that nobody uploads them once more; they go when an export shows them."""
    sync(rig, made, "Ōtaki", CY)
    rig.upload()
    pending_uploads = rig.uploaded()
    assert files(rig) == ["xpmsync-changes.csv.uploaded", "xpmsync-new-0001.csv.uploaded"]
    assert all(file.uploaded for file in pending_uploads.files)
    assert not any("Clients -> Import" in step for step in pending_uploads.steps)
    with pytest.raises(UsageError):
        rig.uploaded()
    rig.export()
    rig.finish(rig.store(), linked={"x1": made.id}, compared={made.id})
    assert files(rig) == []


def test_one_file_of_several_is_uploaded(rig: CsvRig, made: Client) -> None:
    """By its path or its bare name; another name is refused."""
    sync(rig, made, "Ōtaki", CY)
    with pytest.raises(UsageError):
        rig.uploaded(Path("other.csv"))
    pending_uploads = rig.uploaded(Path("xpmsync-new-0001.csv"))
    assert [bool(file.uploaded) for file in pending_uploads.files] == [False, True]


def test_a_discarded_client_can_be_created_again(rig: CsvRig, made: Client) -> None:
    """The file is gone; what was in it is told, so that links forget it too."""
    path = create(rig)
    sync(rig, made, "Ōtaki", CY)
    gone = pending_store(rig.around).discard(path)
    assert gone.paths == (path,)
    assert (set(gone.new_clients), set(gone.client_ids)) == ({"u1"}, set())
    assert not path.exists()
    gone = pending_store(rig.around).discard(None)
    assert (set(gone.new_clients), set(gone.client_ids)) == (set(), {made.id})
    assert files(rig) == []
    with pytest.raises(UsageError):
        pending_store(rig.around).discard(None)
    assert create(rig).name == "xpmsync-new-0003.csv"


def test_a_file_that_a_person_altered_is_not_removed(rig: CsvRig) -> None:
    """It is theirs now, under a name that nobody uploads; the steps say that it is not as it was written."""
    rig.export()
    path = create(rig)
    path.write_text("mine", encoding="utf-8")
    assert "not there any more as it was written" in waiting(rig).steps[0]
    pending_store(rig.around).discard(None)
    assert not path.exists()
    assert path.with_name(f"{path.name}.altered").read_text(encoding="utf-8") == "mine"


def test_a_profile_whose_name_begins_like_a_file_has_files_of_its_own(rig: CsvRig) -> None:
    """`new-zealand` in the same folder: its files are none of the default profile's, and none of them is unknown."""
    folder = rig.exports / "for-ignition"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("new-zealand-changes.csv", "new-zealand-new-0001.csv", "new-zealand-new-0001.csv.uploaded"):
        (folder / f"xpmsync-{name}").write_text("Client Name\n", encoding="utf-8")
    default, other = Outbox(folder, DEFAULT_PROFILE), Outbox(folder, "new-zealand")
    assert (default.files, default.unknown(Pending())) == ((), [])
    assert [path.name for path in other.files] == [
        "xpmsync-new-zealand-changes.csv",
        "xpmsync-new-zealand-new-0001.csv",
    ]
    assert len(other.unknown(Pending())) == 2


def test_a_file_that_a_person_altered_is_kept_beside_its_successor(rig: CsvRig, made: Client) -> None:
    """The next run writes the same name again."""
    sync(rig, made, "Nelson")
    path = rig.uploads / "xpmsync-changes.csv"
    path.write_text("mine", encoding="utf-8")
    sync(rig, made, "Ararat")
    assert "Ararat" in path.read_text(encoding="utf-8")
    assert path.with_name(f"{path.name}.altered").read_text(encoding="utf-8") == "mine"


def test_the_steps_use_ignitions_own_words(rig: CsvRig, made: Client) -> None:
    """With the path of each file, the changes first, and a warning where it matters."""
    create(rig)
    steps = sync(rig, made).steps
    assert steps[0] == f"In Ignition, open Clients -> Import and upload {rig.uploads / 'xpmsync-changes.csv'}."
    assert "Only once: it creates Tide Table" in steps[1]
    assert str(rig.exports) in steps[2]


@pytest.mark.parametrize("kind", ["new", "changes"])
def test_a_run_killed_before_the_file_had_its_name(
    rig: CsvRig, made: Client, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was noted is finished by the next run: nothing is lost, and nothing written twice."""
    monkeypatch.setattr("xpmsync.csv_files.uploads.move_into_place", _killed)
    with pytest.raises(KeyboardInterrupt):
        create(rig) if kind == "new" else sync(rig, made)
    monkeypatch.undo()
    assert [name for name in files(rig) if name.endswith(".csv")] == []
    if kind == "new":
        with pytest.raises(Rejected, match="before"):
            rig.store().create(TIDE, [ANN], xpm_id="u1")
    rig.finish(rig.store(), linked={"x1": made.id})
    (name,) = files(rig)
    assert name.endswith(".csv")
    assert len(table(rig.uploads / name)) == (1 if kind == "new" else 2)


def _killed(*_arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fact", ['{"format": 2}', "no json", "[]", '{"format": 1, "files": [{}]}'])
def test_a_note_of_a_newer_version_is_not_misread(rig: CsvRig, fact: str) -> None:
    """Forgetting what waits could create it twice, so the run stops."""
    rig.export()
    rig.facts.note(PENDING_UPLOADS[System.IGNITION], fact)
    with pytest.raises(StateUnusable):
        rig.store()


def test_no_value_is_kept_but_names(rig: CsvRig, made: Client) -> None:
    """What waits is remembered by ids, fingerprints, and the names of new clients."""
    create(rig, contacts=[CY])
    sync(rig, made, "Ōtaki", BOB | {"contact.email": "other@example.com"})
    fact = rig.facts.fact(PENDING_UPLOADS[System.IGNITION]) or ""
    assert "Tide Table" in fact
    for text in ("Ōtaki", "Colac", "example.com", "Cy Oz"):
        assert text not in fact


def test_the_route_hands_over(rig: CsvRig) -> None:
    """Nothing takes effect at once, and nothing can be cleared."""
    rig.export()
    store: CsvStore = rig.store()
    assert (store.capabilities.immediate, store.capabilities.clears, store.capabilities.by_rows) == (False, False, True)
