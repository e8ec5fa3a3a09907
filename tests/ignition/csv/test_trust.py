"""Files that cannot be trusted: saved again by a spreadsheet program, older than they look, filtered, forgotten."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.csv_rig import cells, table
from support.ignition_files_rig import ANN, BOB, CY, IgnitionFilesRig, open_ignition_files
from support.sync_rig import TO_XPM
from xpmsync.core.enums import System
from xpmsync.core.plan.guards import Guard
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import holds_for_a_person
from xpmsync.csv_files.pending import Pending, pack
from xpmsync.errors import FileRefused, GuardTripped, ImportRefused, NewFormat, Rejected
from xpmsync.ignition.csv.store import CsvStore
from xpmsync.local.ledger.summary import PENDING_UPLOADS
from xpmsync.simulator.ignition.files import Upload, export_text
from xpmsync.usecases import uploads
from xpmsync.usecases.clients import link as linking
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.sync.guard import guard
from xpmsync.usecases.sync.preview import preview
from xpmsync.usecases.sync.undo import plan_undo

NAME = "T\u016b\u012b Ridge Vineyard Ltd"


@pytest.fixture
def files(tmp_path: Path) -> Iterator[IgnitionFilesRig]:
    """An empty practice whose Ignition is reached by files."""
    with open_ignition_files(tmp_path) as opened:
        yield opened


def rows_of(files: IgnitionFilesRig) -> list[list[str]]:
    """The register's export, as rows."""
    return list(csv.reader(io.StringIO(export_text(files.register.clients()), newline="")))


def resaved(
    files: IgnitionFilesRig, change: Callable[[str], str] = lambda text: text, encoding: str = "utf-8-sig"
) -> Path:
    """The export as a spreadsheet program saves it: quotes where needed, CRLF, and `change` in every cell."""
    text = io.StringIO()
    csv.writer(text).writerows([[change(cell) for cell in row] for row in rows_of(files)])
    return files.save(text.getvalue().encode(encoding, "replace"))


def without_zeros(text: str) -> str:
    """What a spreadsheet program does to digits."""
    return text.lstrip("0") if text.isdecimal() else text


def say_uploaded(files: IgnitionFilesRig) -> None:
    """`ignition uploaded`, a minute later."""
    files.clock.sleep(60)
    with files.open() as context:
        uploads.mark_uploaded(context.settings, context.paths, context.ledger, None, files.clock)


def csv_store(context: SyncContext) -> CsvStore:
    """Ignition's store as what it is."""
    assert isinstance(context.ignition, CsvStore)
    return context.ignition


def to_xpm(files: IgnitionFilesRig) -> None:
    """Make Ignition the source."""
    files.sync = replace(TO_XPM)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("6.42112E+12", "scientific notation"), ("'0335550107", "apostrophe")],
)
def test_a_damaged_source_is_refused_with_mark_and_line(files: IgnitionFilesRig, cell: str, problem: str) -> None:
    """Nothing of it reaches XPM, and the sentence says what to do."""
    to_xpm(files)
    pair = files.linked(ANN, city="Colac")
    files.linked(BOB, name="Anchor Ltd", phone="0335550107")
    files.export()
    resaved(files, lambda text: cell if text == "0335550107" else text)
    with pytest.raises(FileRefused, match=problem) as refused:
        files.run()
    assert tuple(refused.value.lines) == (3,)
    assert "without opening it" in refused.value.problem
    assert "Phone" in refused.value.problem
    assert files.in_xpm(pair).values["city"] == "Colac"


def test_macintosh_text_is_a_mark(files: IgnitionFilesRig) -> None:
    """Its accents would arrive as other letters."""
    to_xpm(files)
    files.linked(ANN, name="Renée Ltd")
    files.save(export_text(files.register.clients()).encode("mac_roman"))
    with pytest.raises(FileRefused, match="Macintosh"):
        files.run()


def test_a_first_export_with_lost_letters_is_refused(files: IgnitionFilesRig) -> None:
    """Nothing is known of its form yet; XPM's own values show the damage."""
    to_xpm(files)
    pair = files.linked(ANN, name=NAME)
    resaved(files, encoding="ascii")
    with pytest.raises(FileRefused, match="question marks") as refused:
        files.run()
    assert tuple(refused.value.lines) == (2,)
    assert files.in_xpm(pair).name == NAME


def test_lost_zeros_never_reach_xpm(files: IgnitionFilesRig) -> None:
    """In a file whose form a person accepted, each such value is held."""
    to_xpm(files)
    pair = files.linked(ANN, postcode="0793")
    resaved(files, without_zeros)
    with pytest.raises(FileRefused, match="leading zeros"):
        files.run()
    with files.open() as context:
        csv_store(context).accept_file()
    holds = [(hold.field, hold.code) for hold in files.run().plan.holds]
    assert ("postcode", HoldCode.DAMAGED) in holds
    assert files.in_xpm(pair).values["postcode"] == "0793"


def test_lost_zeros_are_named_without_a_linked_client(files: IgnitionFilesRig) -> None:
    """Nothing of XPM's is there to compare with; the columns of the last good export are."""
    to_xpm(files)
    files.linked(ANN)
    for number in range(3):
        files.ignition_client(BOB, name=f"Firm {number}", postcode=f"079{number}", phone=f"+6465550{number}")
    files.export("may.csv")
    files.run()
    resaved(files, lambda text: without_zeros(text.removeprefix("+")))
    with pytest.raises(NewFormat, match=r"no number in Phone, Post Code begins with 0 or \+, as in may\.csv"):
        files.run()
    resaved(files)
    with pytest.raises(NewFormat) as refused:
        files.run()
    assert "begins with" not in str(refused.value)
    (files.exports / "may.csv").unlink()
    resaved(files, without_zeros)
    with pytest.raises(NewFormat):
        files.run()


def test_a_new_form_alone_can_be_accepted(files: IgnitionFilesRig) -> None:
    """A changed product locks nobody out: it is refused as a source, and accepted once for all."""
    to_xpm(files)
    pair = files.linked(ANN, xpm={"city": "Colac"}, ignition={"city": "Nelson"})
    files.export()
    files.run()
    files.register.update(pair.ignition, {"city": "Picton"})
    resaved(files)
    with pytest.raises(NewFormat, match="cells quoted only where needed"):
        files.run()
    with files.open() as context:
        csv_store(context).accept_file()
    files.run()
    assert files.in_xpm(pair).values["city"] == "Picton"
    files.register.update(pair.ignition, {"city": "Colac"})
    resaved(files)
    files.run()
    assert files.in_xpm(pair).values["city"] == "Colac"


def test_a_damaged_target_carries_no_cell(files: IgnitionFilesRig) -> None:
    """Rows are completed from the last good export; only what xpmsync changes differs from it."""
    pair = files.linked(ANN, name=NAME, xpm={"city": "Nelson"}, ignition={"postcode": "0793"})
    files.export("good.csv")
    files.run()
    resaved(files, lambda text: without_zeros(text).encode("ascii", "replace").decode())
    files.edit_xpm(pair, city="Picton")
    (file,) = files.run().pending_uploads.files
    assert cells(table(file.path), "Client Name", "City", "Post Code") == [(NAME, "Picton", "0793")]


def test_without_a_good_export_a_damaged_target_is_held(files: IgnitionFilesRig) -> None:
    """Nothing could complete its rows."""
    files.linked(ANN, xpm={"city": "Nelson"}, ignition={"phone": "0064335550109"})
    resaved(files, lambda text: "6.43356E+10" if text == "0064335550109" else text)
    applied = files.run()
    assert {hold.code for hold in applied.plan.holds} == {HoldCode.BAD_EXPORT}
    assert applied.pending_uploads.files == ()


def test_a_replaced_export_is_refused_whatever_its_date(files: IgnitionFilesRig) -> None:
    """Both exports are named; the newest content can be planned on again and again."""
    pair = files.linked(ANN, xpm={"city": "Nelson"})
    old = files.export().read_bytes()
    files.run()
    files.register.update(pair.ignition, {"fax": "1"})
    files.export("later.csv")
    files.run()
    files.run()
    files.save(old, "copied.csv")
    with pytest.raises(FileRefused, match=r"the same as clients\.csv .* followed by later\.csv"):
        files.run()


def test_a_person_can_accept_a_replaced_export(files: IgnitionFilesRig) -> None:
    """Ignition may really be as it was then: nobody is locked out."""
    pair = files.linked(ANN, xpm={"city": "Nelson"})
    old = files.export().read_bytes()
    files.run()
    files.register.update(pair.ignition, {"fax": "1"})
    files.export()
    files.run()
    files.save(old)
    with files.open() as context:
        csv_store(context).accept_file()
    assert [change.field for change in files.run().plan.changes] == ["city"]


def test_a_target_of_a_new_form_is_used_once_accepted(files: IgnitionFilesRig) -> None:
    """Until then nothing is written from it; afterwards everything is, also by later runs."""
    files.linked(ANN, name="Café Zoé", xpm={"city": "Nelson"})
    resaved(files, encoding="cp1252")
    assert files.run().pending_uploads.files == ()
    with files.open() as context:
        store = csv_store(context)
        assert "not UTF-8" in store.doubt
        store.accept_file()
        assert store.doubt == ""
    assert len(files.run().pending_uploads.files) == 1


def test_nothing_is_written_from_an_export_that_is_not_good(files: IgnitionFilesRig) -> None:
    """Not by a sync, an import or an undo; each says that it is the export, and the run waits for a person."""
    pair = files.linked(ANN, name="Café Zoé", xpm={"city": "Nelson"}, ignition={"city": "Colac"})
    files.export()
    run = files.run().run
    files.round_trip()
    files.run()
    files.edit_xpm(pair, fax="09 555 0102")
    new = files.xpm_client(BOB, name="Bay Ltd")
    resaved(files, encoding="cp1252")
    with files.open() as context:
        _, undone = plan_undo(context, run, (), Silent())
    with pytest.raises(ImportRefused) as refused:
        files.bring_in(new)
    applied = files.run(full=True)
    assert (undone.plan.changes, applied.plan.changes, applied.pending_uploads.files) == ((), (), ())
    holds = [*undone.plan.holds, *applied.plan.holds]
    assert {(hold.field, hold.code) for hold in holds} == {
        ("city", HoldCode.BAD_EXPORT),
        ("fax", HoldCode.BAD_EXPORT),
    }
    assert {hold.reason for hold in holds} == {refused.value.detail}
    assert "another program may have saved it" in refused.value.detail
    assert holds_for_a_person(applied.plan.holds) == {"bad-export": 1}
    assert files.in_ignition(pair).name == "Café Zoé"


def test_an_export_from_before_a_confirmed_upload_is_older(files: IgnitionFilesRig) -> None:
    """It was never planned on and has a new date, but it shows nothing of what was confirmed."""
    pair = files.linked(ANN, xpm={"city": "Nelson", "fax": "09 555 0102"})
    files.register.update(pair.ignition, {"city": "Colac", "fax": "09 555 0199"})
    files.export()
    files.run()
    files.register.update(pair.ignition, {"website": "www.example.com"})
    between = export_text(files.register.clients()).encode()
    files.round_trip()
    files.run()
    files.save(between, "between.csv")
    with pytest.raises(FileRefused, match="older"):
        files.run()


def test_a_newer_content_with_an_older_time_is_reported(files: IgnitionFilesRig) -> None:
    """A download may have any time; the person sees which is meant."""
    files.linked(ANN)
    files.export()
    files.run()
    files.linked(BOB, name="Anchor Ltd")
    path = files.export()
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert any("older time" in notice for notice in files.preview().notices)


@pytest.mark.parametrize("damage", ["{}.0", "'{}", "7,{}"])
@pytest.mark.parametrize("column", ["Client Id", "Contact Id"])
def test_ids_must_be_ids(files: IgnitionFilesRig, damage: str, column: str) -> None:
    """As a source and as a target, with the line."""
    files.linked(ANN)
    rows = rows_of(files)
    rows[1][rows[0].index(column)] = damage.format(rows[1][rows[0].index(column)])
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    files.save(text.getvalue().encode())
    with pytest.raises(FileRefused, match=column) as refused:
        files.run()
    assert tuple(refused.value.lines) == (2,)


def test_a_damaged_link_is_found_and_repaired(files: IgnitionFilesRig) -> None:
    """The notice names the id; linking the two again keeps what was agreed."""
    pair = files.linked(ANN, xpm={"city": "Nelson"})
    files.export()
    with files.open() as context:
        (link,) = context.ledger.links()
        context.ledger.correct_ignition_id(link, f"{pair.ignition}.0")
    assert any(f"{pair.ignition}.0" in notice for notice in files.preview().notices)
    with files.open() as context:
        assert linking.link(context, pair.xpm, pair.ignition).link.ignition_id == pair.ignition
    assert [change.field for change in files.preview().plan.changes] == ["city"]


def test_a_filtered_target_trips_a_guard(files: IgnitionFilesRig) -> None:
    """Two of three linked clients are missing; a person can let it pass knowingly."""
    pairs = [files.linked(one, name=f"Client {number}") for number, one in enumerate((ANN, BOB, CY))]
    files.edit_xpm(pairs[0], city="Nelson")
    keep = {pairs[0].ignition, ""}
    files.save(export_text(client for client in files.register.clients() if client.id in keep).encode())
    with files.open() as context:
        found = preview(context, Silent())
        with pytest.raises(GuardTripped) as tripped:
            guard(context, found, attended=False, allowed={})
        assert [each.guard for each in tripped.value.tripped] == [Guard.TARGET]
        guard(context, found, attended=False, allowed={Guard.TARGET: 0})


def test_nothing_is_created_from_a_filtered_export(files: IgnitionFilesRig) -> None:
    """The client may be among those that were filtered out."""
    for number, one in enumerate((ANN, BOB)):
        files.linked(one, name=f"Client {number}")
    files.save(export_text(()).encode())
    with pytest.raises(ImportRefused) as refused:
        files.bring_in(files.xpm_client(CY, name="Dale Ltd"))
    assert refused.value.reason == "filtered"
    assert files.waiting == []


def test_a_client_in_two_files_is_merged(files: IgnitionFilesRig) -> None:
    """What the later file says again is not missing from the earlier one."""
    pair = files.linked(ANN, xpm={"city": "Nelson"})
    files.export()
    files.run()
    say_uploaded(files)
    files.export()
    files.edit_xpm(pair, city="Picton")
    files.run()
    files.upload()
    files.export()
    found = files.preview()
    assert [notice for notice in found.notices if "does not show" in notice] == []


def test_what_is_not_shown_names_the_client(files: IgnitionFilesRig) -> None:
    """A person knows whom to look for."""
    files.linked(ANN, name="Harbour Dental", xpm={"city": "Nelson"})
    files.export()
    files.run()
    say_uploaded(files)
    files.export()
    (notice,) = (notice for notice in files.preview().notices if "does not show" in notice)
    assert "City (1) of Harbour Dental" in notice


def test_invisible_characters_never_decide(files: IgnitionFilesRig) -> None:
    """Ignition may drop or add them; the new client is recognised all the same."""
    client = files.xpm_client(ANN, name="Tide\u00a0Table\u200b")
    files.export()
    files.bring_in(client)
    files.upload()
    (made,) = files.register.clients()
    files.register.update(made.id, {"name": "Tide Table"})
    files.export()
    with files.open() as context:
        assert [each.ignition_id for each in context.ignition.confirmed()] == [made.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [{"name": "Tide Table Limited"}, {"name": "TIDE-TABLE"}])
def test_a_new_client_that_only_resembles_is_offered(files: IgnitionFilesRig, change: dict[str, str]) -> None:
    """It is not linked by itself, and its file is not to be uploaded again."""
    files.how = Upload(ignored_columns=("XPM Id",))
    client = files.xpm_client(ANN, name="Tide Table Ltd")
    files.export()
    files.bring_in(client)
    files.upload()
    (made,) = files.register.clients()
    files.register.update(made.id, change)
    files.register.update_contact(made.id, made.contacts[0].id, {"contact.email": "other@example.com"})
    files.export()
    with files.open() as context:
        assert not csv_store(context).confirmed()
        notices = csv_store(context).notices()
        waiting = csv_store(context).waiting()
    assert any(made.id in notice and "is it" in notice for notice in notices)
    assert not any("Import" in step for step in waiting.steps)


def test_an_older_ledger_never_doubles_a_client(files: IgnitionFilesRig) -> None:
    """The file that waits in the folder is known by its content."""
    client = files.xpm_client(ANN, name="Tide Table Ltd")
    files.export()
    with files.open() as context:
        before = context.ledger.fact(PENDING_UPLOADS[System.IGNITION])
    files.bring_in(client)
    with files.open() as context:
        context.ledger.note(PENDING_UPLOADS[System.IGNITION], before or pack(Pending()))
    with pytest.raises(Rejected, match="creates a new client"):
        files.bring_in(client)
    assert len(files.waiting) == 1


def test_a_lost_ledger_never_doubles_a_contact(files: IgnitionFilesRig) -> None:
    """A contact without an id, likewise."""
    pair = files.linked(ANN)
    files.xpm_contact(pair.xpm, BOB)
    files.export()
    files.run()
    files.paths.ledger.unlink()
    files.link(pair.xpm, pair.ignition)
    applied = files.run()
    assert [failure.error.code for failure in applied.failures] == ["rejected"]
    assert len(files.waiting) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"sep=,\r\n", "sep="),
        (b"PK\x03\x04rest", "xlsx"),
        (b"<?xml version='1.0'?><Record/>", "XML"),
        (b"Client Id;Client Name\n", "semicolons"),
        (b"Client Id\tClient Name\n", "tabs"),
    ],
)
def test_other_kinds_of_files_are_named(files: IgnitionFilesRig, content: bytes, problem: str) -> None:
    """In words, so that a person knows what to download instead."""
    files.save(content)
    with pytest.raises(FileRefused, match=problem), files.open():
        pass


def test_a_formula_that_stays_holds_nobody(files: IgnitionFilesRig) -> None:
    """The client's name begins with a sign in the user's own export; another cell is written beside it."""
    files.linked(ANN, name="@Home Care Ltd", xpm={"city": "Nelson"})
    (file,) = files.run().pending_uploads.files
    assert cells(table(file.path), "Client Name", "City") == [("@Home Care Ltd", "Nelson")]
