"""XPM's import screen: each stated rule, and each one that the help pages leave open under both readings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from support.clock import FakeClock
from xpmsync.errors import FileRefused, Rejected
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.simulator.world.records import StaffMember, WorldClient
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import ExportVariant, Region, export_clients, export_contacts
from xpmsync.simulator.xpm_files.importing import MOST_ROWS, import_file
from xpmsync.simulator.xpm_files.rules import ContactNameRule, ImportOutcome, ImportRules, KeyRule, every_rules

VARIANTS = tuple(
    ExportVariant(region, numbered, inside, separator, bom=bom, crlf=bom)
    for region, numbered, inside, separator, bom in (
        (Region.NZ, True, False, ",", True),
        (Region.AU, False, False, "\t", False),
        (Region.UK, True, True, ";", False),
    )
)


class Office:
    """A practice of its own, and its import screen; `rules` as they are set."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.rules = ImportRules()
        self.hill = world.add_client({"Name": "Hill Dental", "Phone": "09 555 0001", "Fax": "09 555 0002"})
        self.ann = world.add_contact(self.hill, {"Name": "Ann Hill", "Email": "ann@example.com"}, primary=True)

    def put(self, *rows: dict[str, str], tick: bool = True) -> ImportOutcome:
        """Import those rows."""
        path = self.folder / "rows.csv"
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return import_file(self.world, path, rules=self.rules, update_existing=tick)

    def take(self, content: bytes, *, tick: bool = True) -> ImportOutcome:
        """Import a file of that content."""
        path = self.folder / "content.csv"
        path.write_bytes(content)
        return import_file(self.world, path, rules=self.rules, update_existing=tick)

    def client(self, uuid: str) -> WorldClient:
        """A client as it is now."""
        client = self.world.client(uuid)
        assert client is not None
        return client

    def people(self, uuid: str) -> list[str]:
        """The names of a client's contacts."""
        return [member.contact.name for member in self.client(uuid).members if not member.contact.deleted]


@pytest.fixture
def office(clock: FakeClock, tmp_path: Path) -> Iterator[Office]:
    """One client with one contact."""
    with World(clock=clock) as world:
        yield Office(world, tmp_path)


def snapshot(world: World) -> tuple[object, ...]:
    """Everything in a practice, times of change included."""
    return tuple(world.clients()), world.groups(), world.staff()


def only(outcome: ImportOutcome) -> str:
    """The reason of the one row that was not imported."""
    (problem,) = outcome.errors
    return problem.reason


# --- what every reading has in common ---


def test_only_the_columns_of_the_file_change(office: Office) -> None:
    """A column that is not in the file leaves its value alone."""
    outcome = office.put({"UUID": office.hill, "Name": "Hill Dental", "Phone": "09 555 0009"})
    assert (outcome.kind, outcome.rows, outcome.updated, outcome.errors) == ("clients", 1, 1, ())
    assert office.client(office.hill).fields == {
        "Name": "Hill Dental",
        "Phone": "09 555 0009",
        "Fax": "09 555 0002",
    }


@pytest.mark.parametrize("rules", [ImportRules(key=key) for key in KeyRule], ids=lambda rules: rules.key)
def test_without_the_tick_what_exists_is_left_alone(office: Office, rules: ImportRules) -> None:
    """Clients by name or UUID and contacts by id; new ones are created all the same."""
    office.rules = rules
    before = office.client(office.hill)
    row = {"UUID": office.hill, "Name": "Hill Dental", "Phone": "1", "ContactName": "Bo Hill"}
    outcome = office.put(row, {"Name": "New Ltd", "Phone": "2"}, tick=False)
    assert (outcome.skipped, outcome.created, outcome.updated) == (1, 1, 0)
    assert office.put({"UUID": office.hill, "Name": "Another name"}, tick=False).skipped == 1
    assert office.put({"UUID": "unknown", "Name": "Hill Dental"}, tick=False).skipped == 1
    contact = {"ContactUUID": office.ann, "ClientUUID": office.hill, "ContactName": "Anne"}
    assert office.put(contact, tick=False).skipped == 1
    assert office.client(office.hill) == before
    assert [client.name for client in office.world.clients()] == ["Hill Dental", "New Ltd"]


def test_a_name_of_two_clients_cannot_be_updated(office: Office) -> None:
    """Neither of them, however the row is matched."""
    office.world.add_client({"Name": "Hill Dental"})
    for key in KeyRule:
        office.rules = ImportRules(key=key)
        reason = only(office.put({"UUID": office.hill, "Name": "Hill Dental", "Phone": "1"}))
        assert "several clients have this Name" in reason
    assert office.client(office.hill).fields["Phone"] == "09 555 0001"


def test_a_deleted_client_is_none(office: Office) -> None:
    """Its name is free, and its UUID belongs to nobody."""
    office.world.set_state(office.hill, deleted=True)
    outcome = office.put({"UUID": office.hill, "Name": "Hill Dental"})
    assert outcome.created == 1
    assert office.client(office.hill).deleted


def test_an_unknown_group_is_created(office: Office) -> None:
    """A known one is used."""
    office.put({"Name": "Hill Dental", "Group": "Hill Family"})
    office.put({"Name": "New Ltd", "Group": "Hill Family; Other"})
    assert [group.name for group in office.world.groups()] == ["Hill Family", "Other"]
    assert [group.name for group in office.client(office.hill).groups] == ["Hill Family"]


@pytest.mark.parametrize("column", ["JobManager", "AccountManager", "BusinessStructure"])
def test_managers_and_structures_must_exist(office: Office, column: str) -> None:
    """An unknown name fails the row, and nothing of the row is imported."""
    office.world.add_staff(StaffMember("s1", "Tom Okafor", "tom@example.com"))
    office.world.add_client({"Name": "Other Ltd", "BusinessStructure": "Company"})
    known = {"BusinessStructure": "Company"}.get(column, "Tom Okafor")
    assert office.put({"Name": "Hill Dental", column: known}).errors == ()
    client = office.client(office.hill)
    names = {ref.name for ref in (client.job_manager, client.account_manager) if ref}
    assert known in names | {client.fields.get("BusinessStructure")}
    before = snapshot(office.world)
    reason = only(office.put({"Name": "Hill Dental", "Phone": "1", column: "Nobody"}))
    assert reason == f"{column} does not exist in this practice"
    assert snapshot(office.world) == before


@pytest.mark.parametrize("letter", ["\n", "\r", "\t", "\x0b", "\x00", "\u2028"])
def test_line_breaks_and_control_characters_fail_the_row(office: Office, letter: str) -> None:
    """The other rows of the file are imported."""
    outcome = office.put({"Name": f"New{letter}Ltd", "Phone": ""}, {"Name": "Good Ltd", "Phone": ""})
    assert outcome.created == 1
    assert "cannot be printed" in only(outcome)
    assert outcome.errors[0].line == 2


def test_an_address_changes_by_its_lines(office: Office) -> None:
    """A numbered column is one line; the last one is the rest."""
    office.world.update_client(office.hill, {"Address": "Level 1\nHill House\n1 High St\nGround\nRear"})
    office.put({"Name": "Hill Dental", "Address2": "Dale House", "Address4": "Front"})
    assert office.client(office.hill).fields["Address"] == "Level 1\nDale House\n1 High St\nFront"
    office.put({"Name": "New Ltd", "Address3": "1 High St"})
    assert office.world.named("New Ltd")[0].fields["Address"] == "\n\n1 High St"


@pytest.mark.parametrize("region", list(Region))
def test_the_headers_of_every_country_are_known(office: Office, region: Region) -> None:
    """Each country's spelling of an address is taken for the same value."""
    town = {Region.NZ: "City", Region.AU: "Suburb", Region.UK: "Town"}[region]
    area = {Region.NZ: "Region", Region.AU: "State", Region.UK: "County"}[region]
    office.rules = ImportRules(extra_fails=True)
    office.put({"Name": "Hill Dental", town: "Nelson", f"Postal{area}": "Tasman"})
    fields = office.client(office.hill).fields
    assert (fields["City"], fields["PostalRegion"]) == ("Nelson", "Tasman")


def test_contacts_are_created_and_updated_by_their_file(office: Office) -> None:
    """A filled `ContactUUID` updates, a blank one creates; position and the primary flag are those at that client."""
    outcome = office.put(
        {"ContactUUID": office.ann.upper(), "ClientUUID": office.hill, "ContactName": "Anne Hill", "Primary": "No"},
        {"ContactUUID": "", "ClientUUID": office.hill, "ContactName": "Bo Hill", "Primary": "yes"},
    )
    assert (outcome.kind, outcome.updated, outcome.created, outcome.errors) == ("contacts", 1, 1, ())
    members = office.client(office.hill).members
    assert [(member.contact.name, member.primary) for member in members] == [("Anne Hill", False), ("Bo Hill", True)]
    assert members[0].contact.fields == {"Name": "Anne Hill", "Email": "ann@example.com"}


def test_a_new_contact_twice_is_two_contacts(office: Office) -> None:
    """Nothing recognises that it is the same person, in one file or in two."""
    row = {"ContactUUID": "", "ClientUUID": office.hill, "ContactName": "Bo Hill", "Email": "bo@example.com"}
    office.put(row, row)
    office.put(row)
    assert office.people(office.hill) == ["Ann Hill", "Bo Hill", "Bo Hill", "Bo Hill"]


def test_a_shared_contact_changes_everywhere_but_for_its_place(office: Office) -> None:
    """Its texts are one, its position is each client's."""
    other = office.world.add_client({"Name": "Other Ltd"})
    office.world.share_contact(other, office.ann, position="Owner")
    row = {"ContactUUID": office.ann, "ClientUUID": office.hill, "Mobile": "021 555 0001", "Position": "Director"}
    office.put(row)
    at_hill, at_other = office.client(office.hill).members[0], office.client(other).members[0]
    assert at_hill.contact.fields["Mobile"] == at_other.contact.fields["Mobile"] == "021 555 0001"
    assert (at_hill.position, at_other.position) == ("Director", "Owner")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"ContactUUID": "no-such-contact", "ClientUUID": "HILL"}, "no contact has this ContactUUID"),
        ({"ContactUUID": "ANN", "ClientUUID": "no-such-client"}, "no client has this ClientUUID"),
        ({"ContactUUID": "ANN", "ClientUUID": "OTHER"}, "not one of this client"),
        ({"ContactUUID": "ANN", "ClientUUID": "PAST"}, "no client has this ClientUUID"),
        ({"ContactUUID": "ANN", "ClientUUID": "", "Position": "Owner"}, "need a ClientUUID"),
        ({"ContactUUID": "ANN", "ClientUUID": "", "Primary": "Yes"}, "need a ClientUUID"),
        ({"ContactUUID": "", "ClientUUID": "", "ContactName": "Bo"}, "needs a ClientUUID"),
        ({"ContactUUID": "", "ClientUUID": "HILL", "ContactName": " "}, "ContactName is required"),
        ({"ContactUUID": "ANN", "ClientUUID": "HILL", "Primary": "perhaps"}, "Primary is Yes or No"),
        ({"ContactUUID": "ANN", "ClientUUID": "HILL", "Phone": "1" * 51}, "maximum length of 50"),
        ({"UUID": "HILL", "Name": " ", "Phone": "1"}, "Name is required"),
        ({"UUID": "HILL", "Name": "Hill Dental", "Phone": "1" * 51}, "maximum length of 50"),
        ({"UUID": "HILL", "Name": "Hill Dental", "ContactName": "x" * 256}, "maximum length of 255"),
        ({"ContactUUID": "GONE", "ClientUUID": "", "Phone": "1"}, "no contact has this ContactUUID"),
    ],
)
def test_a_row_that_cannot_be_taken_changes_nothing(office: Office, row: dict[str, str], reason: str) -> None:
    """It is listed with its line and the reason."""
    other = office.world.add_client({"Name": "Other Ltd"})
    gone = office.world.add_contact(other, {"Name": "Gone"}, deleted=True)
    past = office.world.add_client({"Name": "Past Ltd"}, deleted=True)
    ids = {"HILL": office.hill, "ANN": office.ann, "OTHER": other, "GONE": gone, "PAST": past}
    before = snapshot(office.world)
    assert reason in only(office.put({name: ids.get(text, text) for name, text in row.items()}))
    assert snapshot(office.world) == before


def test_a_contact_keeps_its_name(office: Office) -> None:
    """A blank `ContactName` clears nothing under any rules."""
    row = {"ContactUUID": office.ann, "ClientUUID": office.hill, "ContactName": ""}
    assert only(office.put(row)) == "ContactName is required"
    office.rules = ImportRules(blank_clears=False)
    assert office.put(row).errors == ()
    assert office.people(office.hill) == ["Ann Hill"]


def test_what_xpm_does_to_written_values_it_does_to_imported_ones(office: Office) -> None:
    """The simulator's quirks hold for files, too."""
    office.world.quirks = Quirks(respells=("name", "city"), ignores=("phone", "contact.position"))
    office.put({"UUID": office.hill, "Name": "Hill Dental", "Phone": "1", "City": "Nelson"})
    office.put({"ContactUUID": office.ann, "ClientUUID": office.hill, "Position": "Owner"})
    client = office.client(office.hill)
    assert (client.fields["Phone"], client.fields["City"], client.members[0].position) == (
        "09 555 0001",
        "NELSON",
        "",
    )


# --- the file ---


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_form_of_a_file_is_read(office: Office, separator: str, line_end: str, encoding: str) -> None:
    """Comma or tab, either line end, with or without a byte order mark, and Windows text."""
    lines = [["UUID", "Name", "WebSite"], [office.hill, "Hill Dental", "é.example.com"], ["", "", ""]]
    content = line_end.join(separator.join(line) for line in lines).encode(encoding)
    assert office.take(content).rows == 1
    assert office.client(office.hill).fields["Website"] == "é.example.com"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its first line has neither"),
        (b"name,phone\nHill Dental,1\n", "its first line has neither"),
        (b"[Client] Client,Status\nHill Dental,\n", "its first line has neither"),
        (b"Name,Phone,Phone\nHill Dental,1,2\n", "a column is there twice"),
        (b"Name,Phone\nHill Dental,1\nOther Ltd\n", "line 3 has another number of cells"),
        (b'Name,Phone\nHill Dental,"1\n', "line 2 is no CSV"),
        (b"Name,Phone\nHill Dental,\x81\n", "it is no text"),
        (b"Name\n" + b"New Ltd\n" * (MOST_ROWS + 1), "at most 500"),
    ],
)
def test_a_file_that_is_refused_changes_nothing(office: Office, content: bytes, reason: str) -> None:
    """No header of the two files, broken, or more than 500 rows."""
    before = snapshot(office.world)
    with pytest.raises(Rejected, match="Nothing was imported") as refusal:
        office.take(content)
    assert reason in refusal.value.reason
    assert snapshot(office.world) == before


def test_500_rows_are_imported(office: Office) -> None:
    """The limit itself is allowed."""
    rows = "".join(f"Client {number}\n" for number in range(MOST_ROWS))
    assert office.take(f"Name\n{rows}".encode()).created == MOST_ROWS


def test_a_file_that_is_not_there_is_named(office: Office) -> None:
    """With its path."""
    with pytest.raises(FileRefused, match=r"missing\.csv"):
        import_file(office.world, office.folder / "missing.csv", rules=office.rules, update_existing=True)


# --- what the help pages leave open ---


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (KeyRule.UUID, ["Dale Dental"]),
        (KeyRule.NAME, ["Hill Dental", "Dale Dental"]),
        (KeyRule.BOTH, ["Hill Dental"]),
    ],
)
def test_a_changed_name_renames_creates_or_fails(office: Office, key: KeyRule, names: list[str]) -> None:
    """By what a row is matched."""
    office.rules = ImportRules(key=key)
    outcome = office.put({"UUID": office.hill, "Name": "Dale Dental"})
    assert [client.name for client in office.world.clients()] == names
    assert bool(outcome.errors) == (key is KeyRule.BOTH)


@pytest.mark.parametrize(
    ("key", "created", "errors"), [(KeyRule.UUID, 1, 0), (KeyRule.NAME, 0, 0), (KeyRule.BOTH, 0, 1)]
)
def test_an_unknown_uuid_creates_or_fails(office: Office, key: KeyRule, created: int, errors: int) -> None:
    """Where the name alone is the key, the UUID does not matter."""
    office.rules = ImportRules(key=key)
    outcome = office.put({"UUID": "00000000-0000-4000-8000-000000000000", "Name": "Hill Dental", "Phone": "1"})
    assert (outcome.created, len(outcome.errors)) == (created, errors)
    texts = [client.fields for client in office.world.clients()]
    assert [fields.keys() & {"UUID", "client.Colour"} for fields in texts] == [set()] * len(texts)


@pytest.mark.parametrize("key", list(KeyRule))
def test_the_uuid_and_name_of_one_client_update_it(office: Office, key: KeyRule) -> None:
    """In any case of letters; under every reading."""
    office.rules = ImportRules(key=key)
    outcome = office.put({"UUID": office.hill.upper(), "Name": "Hill Dental", "Phone": "1"})
    assert (outcome.updated, outcome.errors) == (1, ())
    assert office.client(office.hill).fields["Phone"] == "1"


@pytest.mark.parametrize("key", list(KeyRule))
def test_a_row_without_uuid_goes_by_its_name(office: Office, key: KeyRule) -> None:
    """Under every reading; a name that is new is a new client."""
    office.rules = ImportRules(key=key)
    outcome = office.put({"Name": "Hill Dental", "Phone": "1"}, {"Name": "hill dental", "Phone": "2"})
    assert (outcome.updated, outcome.created) == (1, 1)
    assert office.client(office.hill).fields["Phone"] == "1"


@pytest.mark.parametrize(("clears", "remaining"), [(True, None), (False, "09 555 0002")])
def test_a_blank_cell_clears_or_is_ignored(office: Office, clears: bool, remaining: str | None) -> None:
    """For clients and for contacts."""
    office.rules = ImportRules(blank_clears=clears)
    office.put({"UUID": office.hill, "Name": "Hill Dental", "Fax": "", "Phone": "1"})
    office.put({"ContactUUID": office.ann, "ClientUUID": office.hill, "Email": "", "Primary": ""})
    client = office.client(office.hill)
    assert (client.fields.get("Fax"), client.fields["Phone"]) == (remaining, "1")
    assert bool(client.members[0].contact.fields.get("Email")) == client.members[0].primary == (not clears)


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        (ContactNameRule.DOUBLES, ["Ann Hill", "Ann Hill", "Bo Hill"]),
        (ContactNameRule.MATCHES, ["Ann Hill", "Bo Hill"]),
        (ContactNameRule.IGNORED, ["Ann Hill"]),
    ],
)
def test_a_contact_name_in_the_clients_file(office: Office, rule: ContactNameRule, people: list[str]) -> None:
    """Makes a second contact, makes one of a new name only, or does nothing."""
    office.rules = ImportRules(contact_name=rule)
    row = {"UUID": office.hill, "Name": "Hill Dental"}
    outcome = office.put(row | {"ContactName": "Ann Hill"}, row | {"ContactName": "Bo Hill"})
    assert office.people(office.hill) == people
    assert outcome.doubled == len(people) - 1


@pytest.mark.parametrize("key", list(KeyRule))
@pytest.mark.parametrize(("blocks", "phone"), [(True, "09 555 0001"), (False, "1")])
def test_an_archived_namesake_blocks_or_does_not(office: Office, blocks: bool, phone: str, key: KeyRule) -> None:
    """Whether a name counts as that of two clients; the archived one is never written."""
    archived = office.world.add_client({"Name": "Hill Dental"}, archived=True)
    office.rules = ImportRules(key, archived_blocks=blocks)
    outcome = office.put({"UUID": office.hill, "Name": "Hill Dental", "Phone": "1"})
    assert bool(outcome.errors) == blocks
    assert office.client(office.hill).fields["Phone"] == phone
    assert "Phone" not in office.client(archived).fields


@pytest.mark.parametrize("blocks", [True, False])
def test_an_archived_client_alone_is_updated_by_its_name(office: Office, blocks: bool) -> None:
    """A file cannot restore it, and no second client appears."""
    archived = office.world.add_client({"Name": "Past Ltd"}, archived=True)
    office.rules = ImportRules(KeyRule.NAME, archived_blocks=blocks)
    assert office.put({"Name": "Past Ltd", "Phone": "1"}).updated == 1
    assert (office.client(archived).archived, office.client(archived).fields["Phone"]) == (True, "1")


@pytest.mark.parametrize("fails", [True, False])
def test_an_unknown_column_fails_the_file_or_is_ignored(office: Office, fails: bool) -> None:
    """For both files; a custom field is no unknown column."""
    office.rules = ImportRules(extra_fails=fails)
    client = {"UUID": office.hill, "Name": "Hill Dental", "Phone": "1"}
    contact = {"ContactUUID": office.ann, "ClientUUID": office.hill, "Mobile": "021 555 0001"}
    for row in (client, contact):
        if fails:
            with pytest.raises(Rejected, match="the columns phone are unknown"):
                office.put(row | {"phone": "3"})
        else:
            assert office.put(row | {"phone": "3"}).updated == 1
        assert office.put(row).errors == ()
    assert office.put(client | {"client.Colour": "red"}).errors == ()
    if fails:
        with pytest.raises(Rejected, match=r"client\.Colour"):
            office.put(contact | {"client.Colour": "red"})


def test_every_combination_of_readings_is_there_once() -> None:
    """Three keys, three ways with contact names, and three switches."""
    combinations = list(every_rules())
    assert len(combinations) == len(set(combinations)) == 3 * 3 * 2**3
    assert ImportRules() in combinations


# --- an unchanged export ---

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=12)
FIELDS = st.fixed_dictionaries(
    {"Name": st.sampled_from(["Hill", "Dale ", " Hill", "Ｈill", "Dale"])},
    optional={
        "Address": st.lists(TEXT, max_size=6).map("\n".join),
        "PostalCity": TEXT,
        "BusinessStructure": TEXT,
        "DateOfBirth": TEXT,
        "Website": TEXT,
    },
)
PERSON = st.fixed_dictionaries({"Name": st.sampled_from(["Ann", "Bo"])}, optional={"Email": TEXT, "Phone": TEXT})
CLIENT = st.tuples(FIELDS, st.lists(st.tuples(PERSON, st.booleans(), TEXT), max_size=2), st.lists(TEXT, max_size=2))


Made = tuple[dict[str, str], list[tuple[dict[str, str], bool, str]], list[str]]


@settings(max_examples=60)
@given(st.lists(CLIENT, min_size=1, max_size=4), st.data())
def test_an_unchanged_export_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    clients: list[Made],
    data: st.DataObject,
) -> None:
    """Imported with the box ticked, under any rules and in any form, but for what `ContactName` is said to do."""
    path = tmp_path_factory.mktemp("export") / "export.csv"
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    with World(clock=clock) as world:
        world.add_staff(StaffMember("s1", "Tom Okafor", "tom@example.com"))
        world.add_staff(StaffMember("s2", "Tom Okafor", "other@example.com"))
        for fields, people, groups in clients:
            uuid = world.add_client(fields, archived=data.draw(st.booleans()))
            world.set_managers(uuid, job_manager="s2")
            for person, primary, position in people:
                world.add_contact(uuid, person, primary=primary, position=position)
            world.set_groups(uuid, list(dict.fromkeys(groups)))
        before = snapshot(world)
        clock.sleep(60)
        active = [client for client in world.clients() if not client.archived]
        variant = data.draw(st.sampled_from(VARIANTS))
        rules = data.draw(st.sampled_from(list(every_rules())))
        if rules.contact_name is not ContactNameRule.IGNORED:
            variant = replace(variant, contacts_in_clients=False)
        for text in (export_clients(active, variant), export_contacts(active, variant)):
            path.write_text(text, encoding="utf-8", newline="")
            outcome = import_file(world, path, rules=rules, update_existing=True)
            assert outcome.created == 0
            assert outcome.updated + len(outcome.errors) == outcome.rows
        assert snapshot(world) == before


def test_an_unchanged_export_with_contact_names_only_doubles(world: World, tmp_path: Path) -> None:
    """What is there stays under every rule; each contact name of an imported row adds a contact, or none does."""
    path = tmp_path / "clients.csv"
    before = [client for client in world.clients() if not (client.archived or client.deleted)][:12]
    text = export_clients(before, ExportVariant(contacts_in_clients=True))
    path.write_text(text, encoding="utf-8", newline="")
    rows = list(csv.reader(io.StringIO(text)))
    for rules in every_rules():
        with world.transaction() as connection:
            connection.execute("SAVEPOINT attempt")
            outcome = import_file(world, path, rules=rules, update_existing=True)
            after = [world.client(client.uuid) for client in before]
            connection.execute("ROLLBACK TO attempt")
        refused = {problem.line for problem in outcome.errors}
        named = sum(1 for line, row in enumerate(rows[1:], start=2) if row[-1] and line not in refused)
        assert named > 0
        assert outcome.doubled == (named if rules.contact_name is ContactNameRule.DOUBLES else 0)
        for old, new in zip(before, after, strict=True):
            assert new is not None
            assert replace(new, members=new.members[: len(old.members)]) == old
