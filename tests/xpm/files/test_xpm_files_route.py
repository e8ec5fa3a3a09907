"""Route files of XPM: what its exports carry, when they are refused, and whole runs on them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from support.files_rig import date_file
from support.sync_rig import changes_of, contact
from support.xpm_files_rig import XpmFilesRig, open_xpm_files
from xpmsync.core.enums import ClientState, Direction, System
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.read_strategy import FullBecause
from xpmsync.core.ports.store import Notes
from xpmsync.csv_files.reading import open_csv
from xpmsync.errors import (
    ColumnsUnconfirmed,
    ExportMissing,
    FileRefused,
    NewFormat,
)
from xpmsync.local.settings.sections import XpmFilesSettings, XpmRoute
from xpmsync.local.settings.settings import needed_keys
from xpmsync.simulator.xpm_files.export import ExportVariant, Region
from xpmsync.usecases.clients import import_client
from xpmsync.usecases.clients.link import LinkRun
from xpmsync.usecases.clients.match import find_matches, link_pairs
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.sync.guard import guard
from xpmsync.usecases.sync.preview import preview
from xpmsync.usecases.xpm_files import duplicate_contacts, files_state, show_columns
from xpmsync.xpm.files.columns import Kind, Shape, is_denied, propose, recognise, shape_of, shapes

ANN, BOB = contact("Ann Lee"), contact("Bob Ray")
SAMPLES = Path(__file__).with_name("samples")
SECRETS = {"TaxNumber": "123-456-789", "DateOfBirth": "1970-02-03", "BankAccountNumber": "01-0001-0000001-00"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[XpmFilesRig]:
    """A practice whose XPM is reached by files."""
    with open_xpm_files(tmp_path) as opened:
        yield opened


def test_a_whole_run_needs_no_call(rig: XpmFilesRig) -> None:
    """What differs is written, a second run finds nothing, and XPM's API is never asked."""
    pair = rig.linked(ANN, xpm={"city": "Nelson", "address": "Level 1\n2 Quay Street"})
    rig.forget_calls()
    applied = rig.run()
    assert sorted(changes_of(applied.plan)) == [
        ("address", "", "Level 1\n2 Quay Street"),
        ("city", "", "Nelson"),
    ]
    assert rig.in_ignition(pair).values["address"] == "Level 1\n2 Quay Street"
    assert changes_of(rig.run().plan) == []
    assert rig.calls == []


def test_a_new_export_brings_an_edit(rig: XpmFilesRig) -> None:
    """Also of a contact, and of a new one."""
    pair = rig.linked(ANN)
    rig.run()
    rig.edit_xpm(pair, phone="09 555 0101")
    rig.xpm_contact(pair.xpm, BOB)
    rig.export()
    rig.run()
    client = rig.in_ignition(pair)
    assert client.values["phone"] == "09 555 0101"
    assert sorted(person.name for person in client.contacts) == ["Ann Lee", "Bob Ray"]


def test_what_no_file_carries_is_not_compared(rig: XpmFilesRig) -> None:
    """Without a contacts export contacts are left alone; tax registration is in no export."""
    pair = rig.linked(ANN, xpm={"tax_registered": "Yes"}, ignition={"tax_registered": "No"})
    rig.edit_ignition(pair, contact__phone="09 555 0101")
    _, contacts, _ = rig.export()
    contacts.unlink()
    found = rig.preview()
    assert changes_of(found.plan) == []
    assert any("contacts are not compared" in notice for notice in found.notices)
    assert any("do not carry Tax registered;" in notice for notice in found.notices)


def test_secret_columns_never_enter_a_record(rig: XpmFilesRig) -> None:
    """Tax numbers, birth dates and bank accounts are cut off while a line is split."""
    client = rig.world.add_client({"Name": "Harbour Dental", **SECRETS})
    with rig.open() as context:
        found = context.xpm.get(client)
        shown = repr(found) + repr(vars(context.xpm))
    assert found is not None
    assert not any(text in shown for text in SECRETS.values())
    (path,) = rig.exports.glob("*Client - EXPORT.csv")
    assert all(text in path.read_text(encoding="utf-8-sig") for text in SECRETS.values())


@pytest.mark.parametrize(
    "column",
    ["TaxNumber", "Tax File Number", "TFN", "IRD Number", "UTR", "NI Number", "NINO", "DateofBirth", "Date of Birth",
     "Bank Account", "BSB", "AccountNumber", "Password", "Notes", "[Client] Notes", "client.Driver Licence"],
)  # fmt: skip
def test_the_deny_list_is_above_every_mapping(column: str) -> None:
    """Whatever a person would confirm."""
    assert is_denied(column)


@pytest.mark.parametrize("column", ["Name", "Phone", "Unit", "Region", "JobManager", "AccountManager", "GstBasis"])
def test_ordinary_columns_are_not_denied(column: str) -> None:
    """The list names no part of an ordinary name."""
    assert not is_denied(column)


def test_files_are_recognised_by_header_only(rig: XpmFilesRig) -> None:
    """The name of a file says nothing; other files in the folder are left alone."""
    rig.linked(ANN)
    clients, contacts, report = rig.export()
    clients.rename(rig.exports / "b.csv")
    contacts.rename(rig.exports / "a.csv")
    (rig.exports / "c.csv").write_text("Invoice,Total\n1,2\n", encoding="utf-8")
    assert report.exists()
    with rig.open() as context:
        assert len(list(context.xpm.read())) == 1


def test_a_folder_without_clients_is_refused(rig: XpmFilesRig) -> None:
    """The export that is missing is named."""
    clients, *_ = rig.export()
    clients.unlink()
    with pytest.raises(ExportMissing, match="Generic - Clients") as missing, rig.open():
        pass
    assert missing.value.system is System.XPM
    for path in rig.exports.iterdir():
        path.unlink()
    with pytest.raises(ExportMissing, match="no CSV file") as missing, rig.open():
        pass
    assert missing.value.system is System.XPM


def test_an_xml_report_is_named_in_words(rig: XpmFilesRig) -> None:
    """The same report exists as XML."""
    clients, *_ = rig.export()
    clients.write_text("<Record><Client-Client>A</Client-Client></Record>", encoding="utf-8")
    with pytest.raises(FileRefused, match="XML"), rig.open():
        pass


def test_exports_too_far_apart_are_refused(rig: XpmFilesRig) -> None:
    """With both times; the setting says how far."""
    rig.linked(ANN)
    clients, contacts, _ = rig.export()
    date_file(contacts, rig.clock.now() - timedelta(hours=5))
    with pytest.raises(FileRefused, match="more than 4 hours later") as refused, rig.open():
        pass
    assert clients.name in refused.value.problem
    rig.settings = replace(rig.settings, xpm_files=XpmFilesSettings(str(rig.exports), max_hours_apart=6))
    with rig.open():
        pass


def test_columns_are_confirmed_once(rig: XpmFilesRig) -> None:
    """An unknown header stops; once confirmed it is read, and a changed one stops with its difference."""
    rig.linked(ANN)
    clients, contacts, _ = rig.export(confirm=False)
    with open_ledger(rig.settings, rig.paths) as ledger:
        ledger.note("xpm.columns.clients", '{"format": 1, "header": ["UUID", "Name", "Fax"]}')
    with pytest.raises(ColumnsUnconfirmed) as stopped, rig.open():
        pass
    assert "new: FirstName" in stopped.value.problem
    rig.confirm(clients)
    rig.confirm(contacts)
    with rig.open():
        pass


def test_an_unconfirmed_header_names_the_columns(rig: XpmFilesRig) -> None:
    """Only those that Xero's help does not document."""
    paths = rig.export(confirm=False)
    shown = show_columns(paths[0], Notes(), rig.paths.ledger)
    assert "Phone" in shown.unconfirmed
    assert "Name" not in shown.unconfirmed.split(": ")[1].split(", ")


def test_samples_are_masked(rig: XpmFilesRig) -> None:
    """A person recognises the kind of text, not the client; what is cut off has no sample."""
    rig.world.add_client({"Name": "Harbour Dental", "Phone": "09 555 0101", **SECRETS})
    clients, *_ = rig.export()
    shown = show_columns(clients, Notes(), rig.paths.ledger)
    samples = {column.name: sample for column, sample in zip(shown.proposals, shown.samples, strict=True)}
    assert samples["Name"] == "Haxxxxx xxxxxx"
    assert samples["Phone"] == "09 999 9999"
    assert samples["TaxNumber"] == ""


@pytest.mark.parametrize("region", list(Region))
def test_spellings_of_every_country_are_known(rig: XpmFilesRig, region: Region) -> None:
    """City is suburb or town, region is state or county, postal ones likewise."""
    rig.variant = ExportVariant(region)
    client = rig.world.add_client({"Name": "A Ltd", "City": "Colac", "Region": "VIC", "PostalCity": "Otway"})
    with rig.open() as context:
        found = context.xpm.get(client)
    assert found is not None
    assert (found.values["city"], found.values["region"]) == ("Colac", "VIC")
    assert found.values.get("postal_city", "Otway") == "Otway"


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_every_shape_has_a_sample(shape: Shape) -> None:
    """Adding a shape is a data file and a made-up sample of that name, which is recognised as it."""
    file = open_csv(SAMPLES / f"{shape.name}.csv")
    assert shape_of(file) is shape
    meanings = {column.meaning for column in propose(file, shape)}
    assert meanings - {""} <= set(shape.columns.values())
    assert not any(is_denied(column.name) for column in propose(file, shape) if column.meaning)
    assert len(list(file.rows())) == 1


def test_other_files_have_no_shape() -> None:
    """Ignition's export, for one; only exports are complete, and there is a shape of each kind."""
    assert recognise(["Client Id", "Client Name"]) is None
    assert {shape.kind for shape in shapes()} == set(Kind)
    assert {shape.kind for shape in shapes() if shape.complete} == {Kind.CLIENTS, Kind.CONTACTS}


def test_another_practice_stops(rig: XpmFilesRig) -> None:
    """Most of the known ids are missing: these are another practice's files."""
    for number in range(5):
        rig.linked(ANN, name=f"Client {number}")
    rig.export()
    rig.run()
    for client in list(rig.world.clients()):
        rig.world.set_state(client.uuid, archived=True)
        rig.world.add_client({"Name": f"Other {client.name}"})
    rig.export()
    with pytest.raises(FileRefused, match="only 0 of 5"):
        rig.preview()


def test_a_practice_is_remembered_without_links(rig: XpmFilesRig) -> None:
    """From the first reading on."""
    for number in range(5):
        rig.world.add_client({"Name": f"Client {number}"})
    with rig.open() as context:
        context.connect()
    for client in list(rig.world.clients()):
        rig.world.set_state(client.uuid, deleted=True)
    rig.world.add_client({"Name": "Stranger"})
    rig.export()
    with rig.open() as context, pytest.raises(FileRefused, match="profile of its own"):
        context.connect()


def test_a_practice_may_change_its_clients_over_the_years(rig: XpmFilesRig) -> None:
    """What is known of it is renewed with every run: nobody is locked out by clients that were archived long ago."""
    clients = [rig.linked(ANN, name=f"Client {number}") for number in range(6)]
    rig.export()
    rig.run()
    for pair in clients[:2]:
        rig.world.set_state(pair.xpm, archived=True)
        for number in range(4):
            rig.world.add_client({"Name": f"New {pair.xpm} {number}"})
    rig.export()
    rig.run()
    for pair in clients[2:4]:
        rig.world.set_state(pair.xpm, archived=True)
    rig.export()
    assert {hold.code for hold in rig.run().plan.holds} == {HoldCode.ARCHIVED}


@pytest.mark.parametrize("text", ["7000001", "", "709c4119-5b8d"])
def test_ids_must_be_ids(rig: XpmFilesRig, text: str) -> None:
    """With the line."""
    pair = rig.linked(ANN)
    clients, *_ = rig.export()
    rig.change(clients, pair.xpm, text)
    with pytest.raises(FileRefused, match="no id") as refused:
        rig.preview()
    assert tuple(refused.value.lines) == (2,)


def test_a_missing_client_is_gone_or_archived(rig: XpmFilesRig) -> None:
    """A hold; with a report it is known which."""
    pair, _ = rig.linked(ANN), rig.linked(BOB, name="Anchor Ltd")
    rig.world.set_state(pair.xpm, archived=True)
    rig.export(report=False)
    (hold,) = rig.preview().plan.holds
    assert (hold.code, "gone or archived" in hold.reason) == (HoldCode.MISSING, True)
    rig.export()
    (hold,) = rig.preview().plan.holds
    assert hold.code is HoldCode.ARCHIVED
    with rig.open() as context:
        client = context.xpm.get(pair.xpm)
    assert client is not None
    assert client.state is ClientState.ARCHIVED


def test_a_client_that_goes_missing_is_held_at_once(rig: XpmFilesRig) -> None:
    """An export is read whole in every run, not only in the weekly one: only so it is seen who is missing."""
    pair, _ = rig.linked(ANN), rig.linked(BOB, name="Anchor Ltd")
    rig.run()
    rig.world.set_state(pair.xpm, archived=True)
    rig.export(report=False)
    found = rig.preview()
    assert (found.reading.full, found.source_clients) == (FullBecause.FILE, 1)
    assert [(hold.client.xpm_id, hold.code) for hold in found.plan.holds] == [(pair.xpm, HoldCode.MISSING)]


def test_a_new_id_of_the_same_name_is_offered(rig: XpmFilesRig) -> None:
    """A merge in XPM gives a client a new id; nothing is linked by itself."""
    pair = rig.linked(ANN, name="Harbour Dental")
    rig.run()
    rig.world.set_state(pair.xpm, deleted=True)
    new = rig.world.add_client({"Name": "Harbour Dental"})
    rig.export()
    assert any(new in notice and pair.xpm in notice for notice in rig.preview().notices)


def test_a_damaged_export_is_refused(rig: XpmFilesRig) -> None:
    """The machinery is the same as for Ignition's files."""
    rig.linked(ANN, phone="0335550107")
    clients, *_ = rig.export()
    rig.change(clients, "0335550107", "3.3555E+8")
    with pytest.raises(FileRefused, match="scientific"):
        rig.preview()


def test_a_new_form_is_asked_about(rig: XpmFilesRig) -> None:
    """Semicolons instead of commas: another program may have saved it."""
    rig.linked(ANN)
    rig.run()
    rig.variant = ExportVariant(separator=";")
    rig.export()
    with pytest.raises(NewFormat, match="semicolons"):
        rig.preview()


def test_import_and_switching_keep_the_links(rig: XpmFilesRig) -> None:
    """What was linked by files is linked by the API: the ids are the same, and nothing trips but a preview."""
    client = rig.xpm_client(ANN, name="Tide Table Ltd", city="Nelson")
    rig.export()
    with rig.open() as context:
        made = import_client.create(context, import_client.propose(context, "Tide Table Ltd", Silent()))
    assert made.link is not None
    assert made.link.xpm_id == client
    rig.settings = replace(rig.settings, xpm=replace(rig.settings.xpm, route=XpmRoute.API))
    with rig.open() as context:
        found = preview(context, Silent(), full=True)
        assert changes_of(found.plan) == []
        guard(context, found, attended=False, allowed={})
    rig.run()
    rig.settings = replace(rig.settings, xpm=replace(rig.settings.xpm, route=XpmRoute.FILES, tenant_id=""))
    rig.export()
    with rig.open() as context:
        guard(context, preview(context, Silent()), attended=False, allowed={})


def test_duplicate_contacts_are_listed(rig: XpmFilesRig) -> None:
    """One person with two contact ids; a contact shared by two clients is one."""
    one, other = rig.world.add_client({"Name": "A Ltd"}), rig.world.add_client({"Name": "B Ltd"})
    first = rig.xpm_contact(one, ANN)
    second = rig.xpm_contact(other, ANN)
    shared = rig.xpm_contact(one, BOB)
    rig.world.share_contact(other, shared)
    rig.export()
    with open_ledger(rig.settings, rig.paths) as ledger:
        (duplicate,) = duplicate_contacts(rig.settings, rig.paths, ledger)
    assert set(duplicate.contact_ids) == {first, second}
    assert set(duplicate.client_ids) == {one, other}


def test_files_say_what_they_carry(rig: XpmFilesRig) -> None:
    """Fields, what is not carried, and whether archived clients are marked."""
    rig.linked(ANN)
    rig.export(report=False)
    with open_ledger(rig.settings, rig.paths) as ledger:
        state = files_state(rig.settings, rig.paths, ledger)
    assert [file.title for file in state.files] == ["Generic - Clients", "Generic - Contacts"]
    assert {"name", "address", "contact.email"} <= set(state.fields)
    assert set(state.not_carried) == {"tax_registered"}
    assert state.archived is False


REPORT = "[Client] Client,[Client] Status,[Client] Phone,[Client] Email,[Client] Post Code,[Contact] Phone\n"


def export_without_phones(rig: XpmFilesRig, *rows: str) -> None:
    """Exports whose clients file has neither phone nor e-mail, and a report with both."""
    clients, _, report = rig.export()
    with clients.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    with clients.open("w", encoding="utf-8", newline="") as file:
        names = [name for name in table[0] if name not in ("Phone", "Email")]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(table)
    report.write_text(REPORT + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    for path in (clients, report):
        rig.date(path)
        rig.confirm(path)


def test_a_report_is_evidence_for_matching_only(rig: XpmFilesRig) -> None:
    """Its phone makes a pair sure; it is in no record's values, no plan, and nothing that an import writes."""
    rig.change_sync(direction=Direction.FROM_XPM)
    xpm_id = rig.xpm_client(BOB, name="Harbour Dental Ltd")
    ignition_id = rig.ignition_client(name="Harbour Dental Ltd", phone="06 555 0101", fax="06 555 0102")
    row = "Harbour Dental Ltd,,06 555 0101,ann@example.com,9999,09 555 0199"
    export_without_phones(rig, row.replace("06 555 0101", "").replace("ann@example.com", ""))
    with rig.open() as context:
        assert find_matches(context, Silent()).matching.sure == ()
    export_without_phones(rig, row)
    with rig.open() as context:
        assert context.xpm.capabilities.reads.isdisjoint({"phone", "email"})
        client = context.xpm.get(xpm_id)
        assert client is not None
        assert "phone" not in client.values
        assert (client.evidence, client.email) == ({"phone": "06 555 0101", "email": "ann@example.com"}, "")
        found = find_matches(context, Silent())
        (verdict,) = found.matching.sure
        assert (verdict.xpm_id, verdict.ignition_id) == (xpm_id, ignition_id)
        proposal = import_client.propose(context, xpm_id, Silent())
        assert [candidate.client.id for candidate in proposal.candidates] == [ignition_id]
        (change,) = proposal.plan.changes
        assert "0101" not in str(change)
        link_pairs(context, found, [(xpm_id, ignition_id)], LinkRun(context, "match link"))
        plan = preview(context, Silent()).plan
    assert {"phone", "email"}.isdisjoint(
        [*(change.field for change in plan.changes), *(hold.field for hold in plan.holds)]
    )


@pytest.mark.parametrize(
    "rows",
    [
        ("Harbour Dental,,06 555 0101,,,", "Harbour Dental,,06 555 0202,,,"),
        ("Harbour Dental,Archived,06 555 0101,,,",),
        ("Harbour Dental,,,,4110,",),
        ("Anchor Ltd,,06 555 0101,,,",),
    ],
    ids=["two of the name", "archived", "carried by the export", "two in the export"],
)
def test_a_report_joins_unique_names_only(rig: XpmFilesRig, rows: Sequence[str]) -> None:
    """What may be another client's is no evidence, and a blank cell of the export is not filled."""
    ids = [rig.world.add_client({"Name": name}) for name in ("Harbour Dental", "Anchor Ltd", "Anchor Ltd")]
    export_without_phones(rig, *rows)
    with rig.open() as context:
        assert [client.evidence for client in map(context.xpm.get, ids) if client is not None] == [{}, {}, {}]


def test_columns_of_one_name_are_no_evidence(rig: XpmFilesRig) -> None:
    """Where a report's brackets are missing, a second column of a name may be the contact's; nobody is asked."""
    rig.world.add_client({"Name": "Harbour Dental"})
    *_, report = rig.export(confirm=False)
    report.write_text("Client,Status,Email,Contact,Email,Phone\nA,,a@example.com,B,b@example.com,1\n", encoding="utf-8")
    file = open_csv(report, ",")
    proposals = propose(file, shape_of(file))
    assert [each.meaning for each in proposals] == ["name", "status", "", "", "", "phone"]
    assert not any(each.needs_confirmation for each in proposals)


def test_files_list_the_evidence_of_a_report(rig: XpmFilesRig) -> None:
    """Beside what the exports carry, of which it is no part."""
    rig.linked(ANN)
    export_without_phones(rig, "Harbour Dental,,06 555 0101,,4110,")
    with open_ledger(rig.settings, rig.paths) as ledger:
        state = files_state(rig.settings, rig.paths, ledger)
    assert state.files[-1].evidence == ("phone", "email")
    assert {"phone", "tax_registered"} <= set(state.not_carried)


def test_no_app_is_needed(rig: XpmFilesRig) -> None:
    """The folder is, and nothing else."""
    xpm = replace(rig.settings.xpm, client_id="", tenant_id="")
    rig.settings = replace(rig.settings, xpm=xpm)
    assert needed_keys(rig.settings) == ()
    assert needed_keys(replace(rig.settings, xpm_files=XpmFilesSettings())) == ("xpm.files.folder",)
    with rig.open():
        pass
