"""XPM as a store: reading, looking up, searching and writing over the real wire format."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.http_rig import HttpRig, open_http_rig
from xpmsync.core.catalogue import FIELDS
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client
from xpmsync.errors import Rejected, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.simulator.people.seed import client_id, seed_world
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.xpm.api.store import OVERLAP

ANN = "aaaaaaaa-0000-4000-8000-000000000001"
BOB = "bbbbbbbb-0000-4000-8000-000000000002"
NOBODY = "00000000-0000-4000-8000-000000000000"


def add(rig: HttpRig, uuid: str, **elements: str) -> str:
    """A client of the practice, by XPM's element names."""
    return rig.world.add_client(elements, uuid=uuid)


@pytest.fixture
def ann(rig: HttpRig) -> str:
    """A client with a contact."""
    add(rig, ANN, Name="Ann Lee", Phone="09 555 0101", Email="ann@example.com")
    rig.world.add_contact(ANN, {"Name": "Ann Lee", "Email": "ann@example.com"}, uuid=BOB, primary=True)
    return ANN


def stored(rig: HttpRig, uuid: str = ANN) -> dict[str, str]:
    """What XPM holds of a client, by element name."""
    client = rig.world.client(uuid)
    assert client is not None
    return dict(client.fields)


# --- reading -----------------------------------------------------------------------------


def test_one_call_reads_everything(rig: HttpRig) -> None:
    """All sixty made-up clients, archived and deleted ones, their contacts and groups, in one call."""
    seed_world(rig.world)
    found = {client.id: client for client in rig.store().read()}
    assert len(found) == 60
    assert [(seen.call, dict(seen.query)) for seen in rig.server.requests] == [
        ("client.api/list", {"detailed": "true"})
    ]
    assert found[client_id("old-mill")].state is ClientState.ARCHIVED
    assert found[client_id("bluegum-twice")].state is ClientState.DELETED
    super_fund = found[client_id("whitmore-super")]
    assert super_fund.values["group"] == "Super Funds\nWhitmore Family"
    assert [contact.name for contact in super_fund.contacts] == ["Helen Whitmore"]
    assert found[client_id("llyn")].name == "Llŷn Boat Hire Ltd"


def test_reading_changes_only_asks_with_an_overlap(rig: HttpRig, ann: str) -> None:
    """A quarter of an hour earlier, in UTC and without a zone, because clocks differ and commits come late."""
    rig.clock.sleep(3600)
    since = rig.clock.now()
    store = rig.store()
    assert list(store.read(since=since)) == []
    rig.clock.sleep(60)
    add(rig, NOBODY, Name="New")
    assert [client.name for client in store.read(since=since.astimezone(UTC) + timedelta(minutes=10))] == ["New"]
    asked = [seen.query["modifiedsince"] for seen in rig.server.requests]
    assert asked[0] == (since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")


def test_as_of_is_the_servers_time(rig: HttpRig, ann: str) -> None:
    """The cursor for the next reading comes from the clock that stamps the changes."""
    store = rig.store()
    assert store.as_of is None
    list(store.read())
    assert store.as_of == rig.clock.now().replace(microsecond=0)


def test_a_reading_that_breaks_off_raises(rig: HttpRig) -> None:
    """The clients so far were given out, but the end never comes: nobody can take a part for the whole."""
    seed_world(rig.world)
    rig.fault(Fault("cut-body"))
    with pytest.raises((Unreachable, UnusableAnswer)):
        list(rig.store().read())


SPOILED = ["cut-body", "malformed-xml", "doctype", "html", "json", "nested", "oversized-gzip", "error-status"]


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_answer_is_never_a_reading(rig: HttpRig, ann: str, kind: str) -> None:
    """Not a list, not a search, not a look-up; each says what was wrong with it, with the call's name."""
    store = rig.store()
    for call, read in (
        ("client.api/list", lambda: list(store.read())),
        ("client.api/search", lambda: list(store.search("ann"))),
        (f"client.api/get/{ANN}", lambda: store.get(ANN)),
    ):
        rig.fault(Fault(kind, message="no such thing"))
        with pytest.raises(XpmsyncError) as problem:
            read()
        told = problem.value
        assert isinstance(told, UnusableAnswer | Rejected | Unreachable)
        if isinstance(told, Unreachable):
            assert told.url.endswith(call)
        else:
            assert told.call.endswith(call)
            assert told.correlation_id


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("html", "a web page (HTML)"),
        ("json", "JSON instead of XML"),
        ("doctype", "a DOCTYPE"),
        ("nested", "nested more than 50 deep"),
        ("malformed-xml", "not well-formed"),
        ("oversized-gzip", "larger than 2 MB"),
    ],
)
def test_what_was_wrong_is_said(rig: HttpRig, ann: str, kind: str, says: str) -> None:
    """A person can tell a proxy's page from a broken answer."""
    rig.fault(Fault(kind))
    with pytest.raises(UnusableAnswer) as unusable:
        list(rig.store().read())
    assert says in unusable.value.reason


def test_an_answer_with_status_error_is_xpms_own_refusal(rig: HttpRig, ann: str) -> None:
    """HTTP 200 is not success: its words and the correlation id are passed on."""
    rig.fault(Fault("error-status", message="The date is wrong"))
    with pytest.raises(Rejected) as rejected:
        list(rig.store().read())
    assert rejected.value.reason == "The date is wrong"
    assert rejected.value.correlation_id


def test_a_body_that_stops_coming_is_given_up(tmp_path: Path) -> None:
    """The wait between two pieces has an end."""
    with open_http_rig(tmp_path, read_seconds=0.2) as rig:
        add(rig, ANN, Name="Ann Lee")
        release = threading.Event()
        rig.fault(Fault("slow-body", release=release))
        with pytest.raises(Unreachable) as gone:
            rig.store().get(ANN)
        release.set()
    assert gone.value.reason == "no answer in time"


# --- looking up and searching --------------------------------------------------------------


def test_get_has_the_number_of_xpms_web_address(rig: HttpRig, ann: str) -> None:
    """The number people see in XPM, and that Ignition's exports carry."""
    client = rig.store().get(ANN)
    assert client is not None
    assert (client.id, client.name, client.number) == (ANN, "Ann Lee", "10001")
    assert client.contacts[0].id == BOB


def test_ids_are_the_same_in_capitals(rig: HttpRig, ann: str) -> None:
    """XPM writes them both ways."""
    found = rig.store().get(ANN.upper())
    assert found is not None
    assert found.id == ANN


def test_an_unknown_uuid_is_none(rig: HttpRig) -> None:
    """XPM answers 200 with an error; that is no error for somebody who asked whether it exists."""
    assert rig.store().get(NOBODY) is None
    assert rig.seen == [f"GET client.api/get/{NOBODY}"]


@pytest.mark.parametrize("wanted", ["", "Ann Lee", "1000001", "../list", f"{ANN}/x", f"{ANN}?x=1", " "])
def test_what_is_no_uuid_costs_no_call(rig: HttpRig, wanted: str) -> None:
    """Nor can it become part of an address."""
    assert rig.store().get(wanted) is None
    assert rig.seen == []


def test_another_refusal_of_get_is_an_error(rig: HttpRig, ann: str) -> None:
    """Only an invalid identifier means that there is no such client."""
    rig.fault(Fault("error-status", message="Try again later"))
    with pytest.raises(Rejected):
        rig.store().get(ANN)


def test_search_is_xpms_own(rig: HttpRig, ann: str) -> None:
    """Any case, part of a name or e-mail; nothing found is an empty list."""
    store = rig.store()
    assert [client.id for client in store.search("ANN@")] == [ANN]
    assert list(store.search("nobody")) == []
    assert rig.server.requests[0].query == {"query": "ANN@", "detailed": "true"}


# --- writing -------------------------------------------------------------------------------


def test_an_update_changes_the_given_fields_only(rig: HttpRig, ann: str) -> None:
    """One call, and the record as XPM holds it now comes back."""
    store = rig.store()
    now = store.update(ANN, "Ann Lee", {"city": "Tāmaki", "phone": ""})
    assert stored(rig) == {"Name": "Ann Lee", "Email": "ann@example.com", "City": "Tāmaki"}
    assert now is not None
    assert now.values == {"name": "Ann Lee", "city": "Tāmaki"}
    assert rig.seen == ["PUT client.api/update"]


def test_an_update_keeps_the_name_it_is_told(rig: HttpRig, ann: str) -> None:
    """The name beside a change is there because XPM insists; it is the present one."""
    rig.store().update(ANN, "Ann Lee", {"city": "Colac"})
    assert stored(rig)["Name"] == "Ann Lee"


def test_contacts_are_calls_of_their_own(rig: HttpRig, ann: str) -> None:
    """Each names its client, because a contact can belong to several."""
    store = rig.store()
    made = store.add_contact(ANN, {"contact.name": "Cy Oz", "contact.position": "Clerk", "contact.primary": "Yes"})
    assert made is not None
    assert (made.name, made.is_primary, made.values["contact.position"]) == ("Cy Oz", True, "Clerk")
    now = store.update_contact(ANN, BOB, "Ann Lee", {"contact.email": "a@example.net"})
    assert now is not None
    assert (now.id, now.email) == (BOB, "a@example.net")
    assert rig.seen == ["POST client.api/contact", f"PUT client.api/contact/{BOB}"]
    assert all(dict(seen.query) == {"clientUuid": ANN} for seen in rig.server.requests)
    client = store.get(ANN)
    assert client is not None
    assert {contact.name: contact.is_primary for contact in client.contacts} == {"Ann Lee": False, "Cy Oz": True}


def test_a_bare_ok_to_a_contact_write_says_nothing_of_what_took(rig: HttpRig, ann: str) -> None:
    """The write was made; what XPM shows now must be looked up."""
    rig.world.quirks = Quirks(bare_ok=True)
    store = rig.store()
    assert store.add_contact(ANN, {"contact.name": "Cy Oz"}) is None
    assert store.update_contact(ANN, BOB, "Ann Lee", {"contact.email": "a@example.net"}) is None
    client = store.get(ANN)
    assert client is not None
    assert {(contact.name, contact.email) for contact in client.contacts} == {
        ("Cy Oz", ""),
        ("Ann Lee", "a@example.net"),
    }


def test_a_contacts_place_is_written_whether_the_server_reads_query_or_body(rig: HttpRig, ann: str) -> None:
    """A server that reads the client from the body alone would lose position and primary flag in silence."""
    for ignores in (True, False):
        rig.world.quirks = Quirks(ignores_query_client=ignores)
        position = f"Clerk {ignores}"
        values = {"contact.position": position, "contact.primary": "Yes"}
        now = rig.store().update_contact(ANN, BOB, "Ann Lee", values)
        assert now is not None
        assert (now.values["contact.position"], now.is_primary) == (position, True)


def test_an_unknown_client_may_be_a_404(rig: HttpRig, ann: str) -> None:
    """Another way of saying that there is none."""
    rig.world.quirks = Quirks(unknown_is_404=True)
    assert rig.store().get(NOBODY) is None
    assert rig.store().get(ANN) is not None


def test_xpms_refusal_of_a_write_is_passed_on(rig: HttpRig, ann: str) -> None:
    """In XPM's own words, and nothing was written."""
    with pytest.raises(Rejected) as rejected:
        rig.store().update(ANN, "Ann Lee", {"phone": "1" * 60})
    assert "Phone" in rejected.value.reason
    with pytest.raises(Rejected, match="Invalid client identifier"):
        rig.store().update(NOBODY, "Nobody", {"phone": "1"})
    assert stored(rig)["Phone"] == "09 555 0101"


@pytest.mark.parametrize("kind", ["cut-body", "malformed-xml", "html", "lost-after"])
def test_a_write_whose_answer_is_spoiled_was_made_once(rig: HttpRig, ann: str, kind: str) -> None:
    """The error says that it may have arrived; it is not sent again."""
    rig.fault(Fault(kind, method="PUT"))
    with pytest.raises((Unreachable, UnusableAnswer)) as problem:
        rig.store().update(ANN, "Ann Lee", {"phone": "1"})
    assert stored(rig)["Phone"] == "1"
    assert rig.seen == ["PUT client.api/update"]
    told = problem.value
    assert isinstance(told, Unreachable | UnusableAnswer)
    assert told.sent if isinstance(told, Unreachable) else told.status == 200


def test_a_record_without_uuid_makes_an_answer_unusable(rig: HttpRig) -> None:
    """Neither a client nor a contact without identity can be compared with anything."""
    rig.world.add_client({"Name": "A"}, uuid=ANN)
    rig.world.add_contact(ANN, {"Name": "Nameless"}, uuid=" ")
    with pytest.raises(UnusableAnswer, match="a contact without UUID"):
        list(rig.store().read())


def test_what_xpm_can_do(rig: HttpRig) -> None:
    """It reads all, writes all but what only flows from XPM, clears, and needs no e-mail for a contact."""
    able = rig.store().capabilities
    assert able.reads == {row.name for row in FIELDS}
    assert able.reads - able.writes == {"website", "tax_registered", "structure", "group"}
    assert (able.clears, able.contact_needs_email, able.immediate) == (True, False, True)
    assert (able.calls_a_minute, able.calls_a_day) == (60, 5000)


def test_records_arrive_as_they_are_kept(rig: HttpRig, ann: str) -> None:
    """What the practice holds and what is read are the same client."""
    (client,) = rig.store().read()
    assert isinstance(client, Client)
    assert client.values == {"name": "Ann Lee", "phone": "09 555 0101"}
    assert client.email == "ann@example.com"
    assert client.contacts[0].values == {
        "contact.name": "Ann Lee", "contact.email": "ann@example.com", "contact.primary": "Yes",
    }  # fmt: skip


def test_the_clock_of_these_tests_stands_still(rig: HttpRig) -> None:
    """So that no test waits, and none depends on today's date."""
    assert rig.clock.now() == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
