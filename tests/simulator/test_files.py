"""The register's export and import: Ignition's own columns and rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from xpmsync.errors import Rejected
from xpmsync.simulator.ignition.files import HEADER, Upload, Uploaded, export_text, portal_link, save_export, upload
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import seed_register

ANN = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
BOB = {"contact.name": "Bob Ray", "contact.email": "bob@example.com"}


@pytest.fixture
def register() -> Iterator[Register]:
    """An empty register."""
    with Register() as register:
        yield register


def rows(register: Register) -> list[dict[str, str]]:
    """The register's export, row by row."""
    return list(csv.DictReader(io.StringIO(export_text(register.clients()), newline=""), strict=True))


def put(register: Register, *told: dict[str, str], how: Upload | None = None) -> Uploaded:
    """Upload those rows."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in told for name in row))
    writer = csv.DictWriter(text, names, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return upload(register, text.getvalue().encode(), how)


def new(name: str = "Tide Table", person: str = "Ann Lee", **cells: str) -> dict[str, str]:
    """The row of a new client."""
    return {"Client Name": name, "Contact Name": person, "Contact Email": "ann@example.com", **cells}


def test_the_export_is_laid_out_as_ignitions(register: Register) -> None:
    """Fifty columns, every field quoted, LF, line breaks inside cells; client cells repeat for each contact."""
    made = register.create({"name": "Harbour Dental", "address": "Level 1\nQuay Street"}, [ANN, BOB])
    text = export_text(register.clients())
    assert text.startswith('"Client Id","Client Reference","External Client ID"')
    assert "\r" not in text
    first, second = rows(register)
    assert tuple(first) == HEADER
    assert first["Address"] == "Level 1\nQuay Street"
    assert {name: first[name] == second[name] for name in ("Client Id", "Client Name", "Address")} == dict.fromkeys(
        ("Client Id", "Client Name", "Address"), True
    )
    assert [row["Is Primary Contact"] for row in (first, second)] == ["Yes", "No"]
    assert first["Payment Portal Link"] == portal_link(made.id)


def test_an_unchanged_export_changes_nothing(register: Register) -> None:
    """Uploading it as it came: every record is as before."""
    seed_register(register)
    before = list(register.clients())
    done = upload(register, export_text(before).encode())
    assert (done.new_clients, done.new_contacts) == (0, 0)
    assert list(register.clients()) == before


def test_ids_decide_between_update_and_creation(register: Register) -> None:
    """Filled ones update, empty ones create: a client, or a contact of a client."""
    made = register.create({"name": "Harbour Dental"}, [ANN])
    (row,) = rows(register)
    done = put(register, row | {"City": "Nelson"}, row | {"City": "Nelson", "Contact Id": "", "Contact Name": "Cy"})
    assert (done.updated, done.new_clients, done.new_contacts) == (2, 0, 1)
    now = register.get(made.id)
    assert now is not None
    assert now.values["city"] == "Nelson"
    assert [contact.name for contact in now.contacts] == ["Ann Lee", "Cy"]


def test_rows_of_one_new_name_are_one_client(register: Register) -> None:
    """The very same name; another letter makes another client."""
    done = put(register, new(), new(person="Bob Ray"), new(name="Tide table"))
    assert (done.new_clients, done.new_contacts) == (2, 3)


def test_a_file_without_ids_doubles_when_uploaded_twice(register: Register) -> None:
    """As in Ignition: that is what xpmsync must never let happen."""
    for _ in range(2):
        put(register, new())
    assert len(register.named("Tide Table")) == 2


@pytest.mark.parametrize(
    "bad",
    [
        new(name=""),
        new(person=" "),
        new() | {"Contact Email": ""},
        new() | {"Client Id": "1999999"},
        new() | {"Client Id": "1000001", "Contact Id": "20999999"},
    ],
)
def test_one_bad_row_fails_the_whole_file(register: Register, bad: dict[str, str]) -> None:
    """Nothing of it is imported, and the message names the row or the id."""
    register.create({"name": "Harbour Dental"}, [ANN])
    before = list(register.clients())
    with pytest.raises(Rejected, match=r"row \d|there is no client|has no contact"):
        put(register, new(name="Good Ltd"), bad)
    assert list(register.clients()) == before


@pytest.mark.parametrize("content", [b"", b'"Client Name","Contact Name"\n', b'"Client', b"\xff\xfe"])
def test_what_is_no_file_of_clients_is_refused(register: Register, content: bytes) -> None:
    """Empty, without a needed column, cut off, not UTF-8."""
    with pytest.raises(Rejected):
        upload(register, content)


@pytest.mark.parametrize(("clears", "left"), [(False, "Colac"), (True, "")])
def test_a_blank_cell_may_or_may_not_clear(register: Register, clears: bool, left: str) -> None:
    """Nobody has written it down, so both can be rehearsed."""
    made = register.create({"name": "Harbour Dental", "city": "Colac"}, [ANN])
    (row,) = rows(register)
    put(register, row | {"City": ""}, how=Upload(blank_clears=clears))
    now = register.get(made.id)
    assert now is not None
    assert now.values.get("city", "") == left


def test_columns_may_be_ignored(register: Register) -> None:
    """Likewise."""
    put(register, new() | {"XPM Id": "10001", "City": "Colac"}, how=Upload(ignored_columns=["XPM Id", "City"]))
    (made,) = register.clients()
    assert (made.xpm_number, made.values.get("city")) == ("", None)


def test_an_export_is_saved_for_its_owner_alone(register: Register, tmp_path: Path) -> None:
    """As a file that would arrive by e-mail."""
    register.create({"name": "Harbour Dental"}, [ANN])
    path = tmp_path / "exports" / "clients.csv"
    assert save_export(register, path) == 1
    assert path.read_text(encoding="utf-8") == export_text(register.clients())
