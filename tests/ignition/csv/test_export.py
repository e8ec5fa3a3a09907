"""Reading an export: what a person's file may look like, and what is refused with its lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from support.csv_rig import ANN, BOB, CsvRig
from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client
from xpmsync.csv_files.reading import open_csv
from xpmsync.errors import ExportMissing, FileRefused, SettingsError
from xpmsync.ignition.csv.export import EXPORT_COLUMNS
from xpmsync.ignition.csv.store import open_store
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
from xpmsync.simulator.ignition.files import HEADER, export_text, portal_link

HEAD = ("Client Id", "Client Name", "Contact Id", "Contact Name", "Contact Email", "Address", "Phone")
ONE = ("1000001", "Harbour Dental", "20000001", "Ann Lee", "ann@example.com", "1 Quay Street", "09 555 0101")
TWO = ("1000002", "Anchor Ltd", "20000002", "Bob Ray", "bob@example.com", "", "")


def text(*rows: Sequence[str], head: Sequence[str] = HEAD, end: str = "\n") -> str:
    """A CSV file."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([head, *rows])
    return file.getvalue()


def read(rig: CsvRig, content: str | bytes) -> list[Client]:
    """The clients in an export of that content."""
    rig.save(content if isinstance(content, bytes) else content.encode())
    with rig.opened() as store:
        return list(store.read())


def refusal(rig: CsvRig, content: str | bytes) -> FileRefused:
    """How a file is refused."""
    with pytest.raises(FileRefused) as refused:
        read(rig, content)
    return refused.value


def test_the_columns_are_ignitions_own(rig: CsvRig) -> None:
    """Ours and the register's, which are written down apart, are the same fifty."""
    assert EXPORT_COLUMNS == HEADER
    assert len(HEADER) == 50


def test_a_whole_export_is_read_as_the_register_holds_it(rig: CsvRig) -> None:
    """Values, contacts, state, reference, XPM Id, company number: nothing is lost on the way."""
    made = rig.register.create(
        {"name": "Tāmaki & Sons", "address": "Level 1\nQuay Street", "group": "Marlowe", "tax_registered": "Yes"},
        [ANN | {"contact.mobile": "+64 21 555 010"}, BOB],
        xpm_number="10001",
        partner="Priya Raman",
        manager="Tom Fitch",
        identifiers={"company_number": "9429 99"},
    )
    archived = rig.register.archive(rig.register.create({"name": "Old Ltd"}, [ANN]).id)
    rig.export()
    with rig.opened() as store:
        first, second = store.read()
        assert store.get(made.id) == first
        assert store.get(" CLI-1001 ") == first
        assert [client.id for client in store.search("OLD")] == [archived.id]
    assert first.system is System.IGNITION
    assert (first.values, first.contacts) == (made.values, made.contacts)
    assert (first.number, first.xpm_number, first.identifiers) == (made.number, "10001", made.identifiers)
    assert (first.partner, first.manager) == ("priya.raman@practice.example.com", "tom.fitch@practice.example.com")
    assert second.state is ClientState.ARCHIVED


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(rig: CsvRig, end: str, mark: bytes) -> None:
    """LF or CRLF between rows, with and without the mark; line breaks inside cells stay."""
    row = (*ONE[:5], "Level 1\nQuay Street", "")
    (client,) = read(rig, mark + text(row, end=end).encode())
    assert client.id == "1000001"
    assert client.values == {"name": "Harbour Dental", "address": "Level 1\nQuay Street"}


def test_columns_are_found_by_name(rig: CsvRig) -> None:
    """In any order and spelling of capitals, with unknown ones between; missing ones are named and not compared."""
    head = ("Colour", "contact EMAIL", "Contact Name", "Contact Id", " Client  Name ", "CLIENT ID")
    rig.save(text(("red", "ann@example.com", "Ann Lee", "20000001", "Harbour Dental", "1000001"), head=head).encode())
    with rig.opened() as store:
        (client,) = store.read()
        assert (client.id, client.name, client.contacts[0].email) == ("1000001", "Harbour Dental", "ann@example.com")
        assert store.capabilities.reads == {"name", "contact.name", "contact.email"}
        assert store.capabilities.writes == store.capabilities.reads
        (missing,) = (told for told in store.notices() if "no column" in told)
    assert "Phone, Fax" in missing
    assert "Client Id" not in missing


def test_without_contact_ids_contacts_are_not_carried(rig: CsvRig) -> None:
    """They could not be told apart, and an import needs the ids; the client's own fields are still compared."""
    rig.save(text(("1000001", "Harbour Dental", "Ann"), head=("Client Id", "Client Name", "Contact Name")).encode())
    with rig.opened() as store:
        assert store.capabilities.reads == {"name"}
        assert store.capabilities.writes == frozenset()
        assert [client.contacts for client in store.read()] == [()]


def test_windows_text_is_read_with_a_warning(rig: CsvRig) -> None:
    """A program that saved the file in its own code page is a nuisance, not the end."""
    rig.save(text(("1000001", "Café Zoë", *ONE[2:])).encode("cp1252"))
    with rig.opened() as store:
        assert [client.name for client in store.read()] == ["Café Zoë"]
        assert any("not UTF-8" in told for told in store.notices())


def test_rows_of_one_client_may_stand_apart(rig: CsvRig) -> None:
    """A person sorted the file: its contacts are still all there, clients in the order of their first rows."""
    more = ("1000001", "Harbour Dental", "20000003", "Cy Oz", "cy@example.com", *ONE[5:])
    first, second = read(rig, text(ONE, TWO, more))
    assert [contact.name for contact in first.contacts] == ["Ann Lee", "Cy Oz"]
    assert second.name == "Anchor Ltd"


def test_blank_rows_and_clients_without_contact(rig: CsvRig) -> None:
    """A line of commas at the end says nothing; a client without a contact is a client."""
    none = ("1000003", "Lonely Ltd", "", "", "", "", "")
    first, second = read(rig, text(ONE, none) + ",,,,,,\n\n")
    assert (first.name, second.name, second.contacts) == ("Harbour Dental", "Lonely Ltd", ())


def test_the_secret_column_goes_no_further_than_the_file(rig: CsvRig) -> None:
    """Neither a record nor what is said of the export holds a token."""
    made = rig.register.create({"name": "Harbour Dental"}, [ANN])
    path = rig.export()
    assert portal_link(made.id) in path.read_text(encoding="utf-8")
    with rig.opened() as store:
        assert "secret-" not in repr(list(store.read()))
        assert "secret-" not in repr(store.notices())
        assert "secret-" not in repr(vars(store))


BROKEN: Final[Mapping[str, tuple[str | bytes, str, tuple[int, ...]]]] = {
    "empty": (b"", "empty", ()),
    "no header": (text(TWO, head=ONE), "no header row", (1,)),
    "blank header": ("\n" + text(ONE), "no header row", (1,)),
    "another file": (text(("1",), head=("Invoice",)), "no column Client Id", (1,)),
    "semicolons": (text(ONE).replace('","', '";"'), "not separated by commas", (1,)),
    "a column twice": (text(ONE, head=(*HEAD[:6], "address")), "Address twice", (1,)),
    "no id": (text(ONE, ("", *TWO[1:])), "no Client Id", (3,)),
    "short row": (text(ONE, TWO[:5]), "5 cells where the header has 7", (3,)),
    "cut off": (text(ONE, TWO)[:-20], "not saved whole", (3,)),
    "text after a quote": ('"Client Id","Client Name"\n"1"x,"y"\n', "no CSV", (2,)),
    "two clients": (text(ONE, TWO, ("1000001", "Other Ltd", "20000009", *TWO[3:])), "two clients", (2, 4)),
    "contradiction": (
        text(ONE, ("1000001", "Harbour Dental", "20000009", "Cy", "cy@example.com", "2 Quay Street", ONE[6])),
        "contradict each other in Address",
        (2, 3),
    ),
    "two contacts": (text(ONE, ("1000002", "Anchor Ltd", "20000001", *TWO[3:])), "one Contact Id", (2, 3)),
    "contact without id": (text(ONE, (*TWO[:2], "", *TWO[3:])), "no Contact Id", (3,)),
    "no text": (text(ONE).encode() + b'"\x81\x8d"\n', "neither UTF-8 nor", (3,)),
    "utf-16": (text(ONE).encode("utf-16"), "UTF-16", ()),
}


@pytest.mark.parametrize("case", list(BROKEN))
def test_a_broken_file_is_refused_with_its_lines(rig: CsvRig, case: str) -> None:
    """Before the first client is given out, and naming the line a person finds in an editor."""
    content, problem, lines = BROKEN[case]
    refused = refusal(rig, content)
    assert problem in refused.problem
    assert tuple(refused.lines) == lines
    assert refused.path.name == "clients.csv"


def test_lines_are_counted_as_an_editor_does(rig: CsvRig) -> None:
    """A line break inside a cell is a line of its own."""
    row = (*ONE[:5], "Level 1\nFloor 2\nQuay Street", "")
    assert refusal(rig, text(row, ("", *TWO[1:]))).lines == (5,)


def test_nothing_is_given_out_of_a_file_that_is_cut_off(rig: CsvRig) -> None:
    """The iterator raises at its first step, not after half of the clients."""
    many = [(str(1_000_000 + n), f"Client {n}", str(20_000_000 + n), "A", "a@example.com", "", "") for n in range(50)]
    rig.save(text(*many)[:-30].encode())
    with rig.opened() as store, pytest.raises(FileRefused):
        next(store.read())


def test_a_file_that_changes_while_it_is_read_is_refused(rig: CsvRig) -> None:
    """Half of the old and half of the new one would be neither."""
    path = rig.save(text(ONE, TWO).encode())
    reading = open_csv(path).rows()
    next(reading)
    path.write_text(text(ONE), encoding="utf-8")
    with pytest.raises(FileRefused, match="changed while it was read"):
        list(reading)


def test_the_newest_export_is_read(rig: CsvRig) -> None:
    """By the files' own times, whatever their names; our own files and other kinds are none."""
    rig.save(text(ONE).encode(), "z-old.csv")
    newest = rig.save(text(TWO).encode(), "a-new.CSV")
    for name in ("xpmsync-changes.csv", ".hidden.csv", "~$open.csv", "list.xlsx"):
        rig.save(text(ONE).encode(), name)
    with rig.opened() as store:
        assert [client.name for client in store.read()] == ["Anchor Ltd"]
        assert newest.name in store.notices()[0]


def test_one_export_may_be_named(rig: CsvRig) -> None:
    """As with `--export FILE`: that one is read, and files go where they always go."""
    old = rig.save(text(ONE).encode(), "old.csv")
    rig.save(text(TWO).encode(), "new.csv")
    settings = rig.around.settings.reading_export(old)
    with open_store(RouteContext(settings, rig.around.paths, rig.clock)) as store:
        assert [client.name for client in store.read()] == ["Harbour Dental"]
        store.update("1000001", "Harbour Dental", {"phone": "09 555 0199"})
        (file,) = store.finish(linked={}, compared=()).files
    assert file.path.parent == rig.uploads


@pytest.mark.parametrize("made", [False, True])
def test_no_export_says_where_it_was_looked_for(rig: CsvRig, made: bool) -> None:
    """A folder that is not there, or holds no CSV file."""
    if made:
        rig.exports.mkdir()
    with pytest.raises(ExportMissing) as missing, rig.opened():
        pass
    assert missing.value.folder == rig.exports


def test_without_a_folder_the_setting_is_named(tmp_path: Path, rig: CsvRig) -> None:
    """The route cannot guess where exports are."""
    settings = Settings("default", tmp_path / "config.toml", ignition=IgnitionSettings(route=Route.CSV))
    with pytest.raises(SettingsError) as refused, open_store(RouteContext(settings, rig.around.paths, rig.clock)):
        pass
    assert refused.value.key == "ignition.export_folder"


def test_the_age_is_told(rig: CsvRig) -> None:
    """So that nobody plans on last month's file without knowing."""
    rig.save(export_text([]).encode())
    for hours, told in ((0, "less than a minute old"), (1, "1 hour old"), (50, "2 days old")):
        rig.clock.sleep(hours * 3600)
        with rig.opened() as store:
            assert told in store.notices()[0]
