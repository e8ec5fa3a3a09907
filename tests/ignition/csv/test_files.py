"""The files for upload: the user's own rows with the changed cells altered, and nothing else."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping

import pytest

from support.csv_rig import ANN, BOB, CsvRig, cells, table
from xpmsync.core.model import Client
from xpmsync.errors import ClientNotFound, FileRefused, Rejected
from xpmsync.ignition.csv.validate import check_file
from xpmsync.simulator.ignition.files import HEADER, Upload, portal_link

CY = {"contact.name": "Cy Oz", "contact.email": "cy@example.com"}


def client(rig: CsvRig, *contacts: Mapping[str, str], **values: str) -> Client:
    """A client of the register, with Ann as its contact unless told otherwise."""
    return rig.register.create({"name": "Harbour Dental", "city": "Colac", **values}, contacts or [ANN])


def test_only_changed_rows_and_cells(rig: CsvRig) -> None:
    """Everything else is as the export has it, to the letter; clients that do not change are left out."""
    made = client(rig, ANN, BOB, address="Level 1\nQuay Street", phone="+61 2 5550 1234")
    client(rig, CY, name="Anchor Ltd")
    export = rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    store.update_contact(made.id, made.contacts[1].id, "Bob Ray", {"contact.name": "Robert Ray"})
    (file,) = rig.finish(store).files
    assert file.path == rig.uploads / "xpmsync-changes.csv"
    assert (file.clients, file.changes, file.once) == (1, 3, False)
    before = {row["Contact Id"]: row for row in table(export)}
    after = table(file.path)
    assert len(after) == 2
    for row in after:
        old = before[row["Contact Id"]]
        changed = {name: text for name, text in row.items() if text != old[name]}
        assert changed == {"City": "Ōtaki"} | (
            {"Contact Name": "Robert Ray"} if old["Contact Name"] == "Bob Ray" else {}
        )


def test_the_header_is_the_users_own_without_the_secret(rig: CsvRig) -> None:
    """The secret column is left out: an empty cell might clear it, a copy would spread it."""
    made = client(rig)
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    (file,) = rig.finish(store).files
    content = file.path.read_bytes()
    header = next(csv.reader([content.decode().splitlines()[0]]))
    assert header == [name for name in HEADER if name != "Payment Portal Link"]
    assert portal_link(made.id).encode() not in content
    assert content.startswith(b'"Client Id","Client Reference"')
    assert b"\r" not in content
    assert check_file(file.path).problems == []
    if os.name != "nt":
        assert file.path.stat().st_mode & 0o077 == 0


def test_own_columns_and_order_are_kept(rig: CsvRig) -> None:
    """An export with another order and columns of its own comes back the same way."""
    made = client(rig)
    rows = table(rig.export())
    names = ["My Notes", *(name for name in reversed(HEADER) if name != "Fax")]
    lines = [names, *([row.get(name, "private") for name in names] for row in rows)]
    rig.save("\n".join(",".join(f'"{text}"' for text in line) for line in lines).encode())
    store = rig.store()
    assert "fax" not in store.capabilities.writes
    store.update(made.id, made.name, {"city": "Ōtaki"})
    (file,) = rig.finish(store).files
    assert list(table(file.path)[0]) == [name for name in names if name != "Payment Portal Link"]
    assert cells(table(file.path), "My Notes", "City") == [("private", "Ōtaki")]


def test_the_same_input_gives_the_same_bytes(rig: CsvRig) -> None:
    """And writes nothing anew: the file stays as it is, and keeps the moment since which it waits."""
    made = [client(rig, name=f"Client {number}") for number in range(9)]
    rig.export()
    told = []
    for order in (made, made[::-1]):
        store = rig.store()
        for one in order:
            store.update(one.id, one.name, {"city": "Ōtaki"})
        (file,) = rig.finish(store, compared={one.id for one in made}).files
        told.append((file.path.read_bytes(), file.since, file.path.stat().st_mtime_ns))
    assert told[0] == told[1]


@pytest.mark.parametrize("blank_clears", [False, True])
def test_no_cell_is_ever_blanked(rig: CsvRig, blank_clears: bool) -> None:
    """So it does not matter whether Ignition clears on a blank cell: what the file does not change stays."""
    rig.how = Upload(blank_clears=blank_clears)
    made = client(rig, ANN | {"contact.phone": "09 555 0101"}, BOB, fax="09 555 0102", website="example.com")
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    store.add_contact(made.id, CY)
    rig.finish(store)
    rig.upload()
    now = rig.register.get(made.id)
    assert now is not None
    assert now.values == {**made.values, "city": "Ōtaki"}
    assert now.contacts[:2] == made.contacts
    assert now.contacts[2].name == "Cy Oz"


def test_a_row_the_import_would_refuse_stays_out(rig: CsvRig) -> None:
    """The client's other row carries its change; the file as a whole is importable."""
    made = client(rig, ANN, BOB)
    text = rig.export().read_text(encoding="utf-8").replace("bob@example.com", "")
    rig.save(text.encode())
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    (file,) = rig.finish(store).files
    assert cells(table(file.path), "Contact Name", "City") == [("Ann Lee", "Ōtaki")]
    assert check_file(file.path).problems == []


def test_a_client_without_any_fit_row_is_an_error(rig: CsvRig) -> None:
    """The plan holds it before; the file's own rules hold even where nobody asked them."""
    made = client(rig)
    rig.save(rig.export().read_text(encoding="utf-8").replace("ann@example.com", "").encode())
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    with pytest.raises(Rejected, match=made.id):
        rig.finish(store)
    assert not rig.uploads.exists()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"city": ""}, "blank"),
        ({"city": "  "}, "blank"),
        ({"city": "=1+1"}, "formula"),
        ({"phone": "-12"}, "formula"),
        ({"website": "@example"}, "formula"),
        ({"contact.position": "Director"}, "no column"),
    ],
)
def test_what_must_not_stand_in_a_file_is_refused(rig: CsvRig, values: Mapping[str, str], why: str) -> None:
    """Blank cells, cells a spreadsheet program would run, fields the export has no column for."""
    made = client(rig)
    rig.export()
    with pytest.raises(Rejected, match=why):
        rig.store().update(made.id, made.name, values)


def test_phone_numbers_are_no_formulas(rig: CsvRig) -> None:
    """They are written as they are, plus sign and all."""
    made = client(rig)
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"phone": "+61 2 5550 1234"})
    (file,) = rig.finish(store).files
    assert cells(table(file.path), "Phone") == [("+61 2 5550 1234",)]


def test_the_primary_contact_changes_on_both_rows(rig: CsvRig) -> None:
    """A client has exactly one, in the file too."""
    made = client(rig, ANN | {"contact.primary": "Yes"}, BOB)
    rig.export()
    store = rig.store()
    store.update_contact(made.id, made.contacts[1].id, "Bob Ray", {"contact.primary": "Yes"})
    (file,) = rig.finish(store).files
    assert cells(table(file.path), "Contact Name", "Is Primary Contact") == [("Ann Lee", "No"), ("Bob Ray", "Yes")]
    rig.upload()
    now = rig.register.get(made.id)
    assert now is not None
    assert [contact.is_primary for contact in now.contacts] == [False, True]


def test_new_contacts_stand_in_a_file_of_their_own(rig: CsvRig) -> None:
    """With the client's cells beside them, no id, and the flag taken from the present primary contact."""
    made = client(rig, ANN | {"contact.primary": "Yes"})
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    store.add_contact(made.id, CY | {"contact.primary": "Yes"})
    changes, new = rig.finish(store).files
    assert (changes.once, new.once, new.path.name) == (False, True, "xpmsync-new-0001.csv")
    rows = cells(table(new.path), "Client Id", "City", "Contact Id", "Contact Name", "Is Primary Contact")
    assert rows == [
        (made.id, "Ōtaki", made.contacts[0].id, "Ann Lee", "No"),
        (made.id, "Ōtaki", "", "Cy Oz", "Yes"),
    ]
    assert cells(table(new.path), "Is Signatory", "Contact Is Recipient")[1] == ("", "")
    assert [check_file(one.path).problems for one in (changes, new)] == [[], []]
    rig.upload()
    now = rig.register.get(made.id)
    assert now is not None
    assert [(contact.name, contact.is_primary) for contact in now.contacts] == [("Ann Lee", False), ("Cy Oz", True)]


def test_a_new_client_repeats_its_cells_on_each_row(rig: CsvRig) -> None:
    """Several contacts of one new client carry the very same name, as the import wants it; the XPM Id is told."""
    rig.export()
    store = rig.store()
    made = store.create({"name": "Tide Table", "city": "Colac"}, [ANN, BOB], xpm_id="u1", xpm_number="10059")
    assert made.id == ""
    pending_uploads = rig.finish(store)
    (file,) = pending_uploads.files
    names = ("Client Id", "Client Name", "City", "Contact Id", "Contact Name", "Is Primary Contact", "XPM Id")
    assert cells(table(file.path), *names) == [
        ("", "Tide Table", "Colac", "", "Ann Lee", "Yes", "10059"),
        ("", "Tide Table", "Colac", "", "Bob Ray", "No", "10059"),
    ]
    assert [(one.xpm_id, one.name, one.path) for one in pending_uploads.clients] == [("u1", "Tide Table", file.path)]
    found = check_file(file.path)
    assert (found.problems, found.new_clients, found.new_contacts) == ([], 1, 2)
    assert rig.upload().new_clients == 1


def test_two_new_clients_of_one_name_do_not_share_a_file(rig: CsvRig) -> None:
    """Ignition would take them for one client with two contacts."""
    rig.export()
    store = rig.store()
    store.create({"name": "J Smith"}, [ANN], xpm_id="u1")
    with pytest.raises(Rejected, match="very name"):
        store.create({"name": "J Smith"}, [BOB], xpm_id="u2")


@pytest.mark.parametrize(
    ("values", "contacts"),
    [({}, [ANN]), ({"name": "A"}, []), ({"name": "A"}, [{"contact.name": "Ann"}]), ({"name": "=A"}, [ANN])],
)
def test_a_new_client_needs_what_the_import_needs(
    rig: CsvRig, values: Mapping[str, str], contacts: list[Mapping[str, str]]
) -> None:
    """A name, a contact with name and e-mail, and no formulas."""
    rig.export()
    with pytest.raises(Rejected):
        rig.store().create(values, contacts, xpm_id="u1")


def test_an_export_without_what_an_import_needs_is_for_reading_only(rig: CsvRig) -> None:
    """Every row needs three cells and two ids; a header without them cannot become a file."""
    made = client(rig)
    rows = table(rig.export())
    names = [name for name in HEADER if name != "Contact Email"]
    lines = [names, *([row[name] for name in names] for row in rows)]
    rig.save("\n".join(",".join(f'"{text}"' for text in line) for line in lines).encode())
    store = rig.store()
    assert store.capabilities.writes == frozenset()
    with pytest.raises(Rejected):
        store.update(made.id, made.name, {"city": "Ōtaki"})


def test_errors_about_one_record(rig: CsvRig) -> None:
    """An unknown client, an unknown contact, and a contact of another client."""
    made, other = client(rig), client(rig, BOB, name="Anchor Ltd")
    rig.export()
    store = rig.store()
    with pytest.raises(ClientNotFound):
        store.update("9999999", "x", {"city": "Ōtaki"})
    for contact in ("29999999", other.contacts[0].id):
        with pytest.raises(Rejected):
            store.update_contact(made.id, contact, "x", {"contact.name": "X"})


def test_our_own_file_is_no_export(rig: CsvRig) -> None:
    """Taking it for one would make every client that does not change look missing."""
    made = client(rig)
    rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    (file,) = rig.finish(store).files
    rig.save(file.path.read_bytes(), "renamed.csv")
    with pytest.raises(FileRefused, match="wrote for upload"):
        rig.store()


def test_an_export_that_changed_since_the_plan_stops_the_file(rig: CsvRig) -> None:
    """The rows would not be those the plan was made from."""
    made = client(rig)
    path = rig.export()
    store = rig.store()
    store.update(made.id, made.name, {"city": "Ōtaki"})
    path.write_text(path.read_text(encoding="utf-8").replace("Colac", "Elsewhere"), encoding="utf-8")
    with pytest.raises(FileRefused, match="changed while it was read"):
        rig.finish(store)
