"""Reading the built-in practice's XPM over HTTP: shapes, omissions, paging, times."""

from __future__ import annotations

import re

import pytest

from support.simulator_http import Served, parse
from xpmsync.simulator.people.seed import client_id
from xpmsync.simulator.server.server import DEMO_TENANT
from xpmsync.simulator.world.xml import escape

GET_SHAPE = {
    "UUID", "Name", "Title", "Gender", "FirstName", "LastName", "OtherName", "Email", "DateOfBirth",
    "Address", "City", "Region", "PostCode", "Country", "PostalAddress", "PostalCity", "PostalRegion",
    "PostalPostCode", "PostalCountry", "Phone", "Fax", "Website", "ReferralSource", "ExportCode",
    "IsArchived", "IsDeleted", "AccountManager", "JobManager", "BillingClient", "Type", "TaxNumber",
    "CompanyNumber", "BusinessNumber", "BusinessStructure", "BalanceMonth", "PrepareGST",
    "GSTRegistered", "GSTPeriod", "GSTBasis", "ProvisionalTaxBasis", "ProvisionalTaxRatio",
    "SignedTaxAuthority", "TaxAgent", "AgencyStatus", "ReturnType", "PrepareActivityStatement",
    "PrepareTaxReturn", "Contacts", "Notes", "Groups", "Relationships",
}  # fmt: skip
"""The elements of a detailed client in XPM's documentation."""


def test_answers_are_one_line_with_root_attribute_and_uuid_last(served: Served) -> None:
    """Answers look as recorded: text/xml, compact, `api-method` on the root, UUID the last child."""
    response = served.http.get("client.api/list?detailed=true")
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert response.text.startswith('<Response api-method="List"><Status>OK</Status><Clients><Client>')
    clients = parse(response.content).findall("Clients/Client")
    assert {client[-1].tag for client in clients} == {"UUID"}
    assert not re.search(r">\s+<", response.text)


def test_blanks_come_in_three_spellings(served: Served) -> None:
    """`<X/>`, `<X></X>` and a missing element all occur for one and the same field."""
    text = served.http.get("client.api/list").text
    assert "<Fax/>" in text
    assert "<Fax></Fax>" in text
    assert any(client.find("Fax") is None for client in served.clients().values())


def test_detailed_has_every_documented_element_and_nothing_nameless(served: Served) -> None:
    """Over all clients, detailed answers have each element of the documented `get`."""
    found = {child.tag for client in served.clients().values() for child in client}
    assert found >= GET_SHAPE


def test_plain_list_has_contacts_and_tax_but_no_notes_groups_relationships(served: Served) -> None:
    """Without `detailed=true` the last three blocks are missing, nothing else."""
    trust = served.clients("")[client_id("whitmore-trust")]
    assert trust.findtext("TaxNumber") == "******101"
    assert trust.find("Contacts/Contact") is not None
    assert [trust.find(block) for block in ("Notes", "Groups", "Relationships")] == [None] * 3
    detailed = served.clients()[client_id("whitmore-trust")]
    assert detailed.findtext("Groups/Group/Name") == "Whitmore Family"
    assert detailed.findtext("Notes/Note/Text")
    assert detailed.findtext("Relationships/Relationship/RelatedClient/Name") == "Whitmore Holdings Pty Ltd"


def test_list_includes_archived_and_deleted(served: Served) -> None:
    """Clients gone from the screens are still listed, flagged."""
    clients = served.clients()
    assert clients[client_id("old-mill")].findtext("IsArchived", "").lower() == "yes"
    assert clients[client_id("bluegum-twice")].findtext("IsDeleted", "").lower() == "yes"


def test_list_ignores_paging_and_unknown_parameters(served: Served) -> None:
    """`page` and `pagesize` on `list` change nothing."""
    assert len(served.clients("?page=2&pagesize=5&detailed=true")) == served.world.count()


def test_awkward_texts_survive(served: Served) -> None:
    """Macrons, ampersands, markup and carriage returns arrive as they were stored."""
    clients = served.clients()
    assert clients[client_id("runanga")].findtext("Name") == "Te Rūnanga o Ngā Puke Charitable Trust"
    assert clients[client_id("paint-panel")].findtext("Name") == "Paint [/b] & Panel <Pty> Ltd"
    assert "\r\n" in clients[client_id("level-32")].findtext("Address", "")


def test_characters_that_xml_forbids_are_dropped() -> None:
    """A control character in the data cannot make an answer unreadable."""
    assert escape("a\x00b\x1b[31m\ud800 & <c>") == "ab[31m &amp; &lt;c&gt;"


def test_paged_list_gives_active_base_records_and_absolute_next_links(served: Served) -> None:
    """Following Next visits every active client once, without contacts, groups or tax block."""
    seen: list[str] = []
    address = f"{served.server.api_url}client.api/paged-list?pageSize=7"
    while address:
        page = served.xml(address)
        clients = page.findall("Clients/Client")
        assert all(client.find("Contacts") is None and client.find("TaxNumber") is None for client in clients)
        assert page.findtext("Pagination/Links/First", "").startswith("http://127.0.0.1:")
        seen += [(client.findtext("UUID") or "").lower() for client in clients]
        address = page.findtext("Pagination/Links/Next") or ""
    active = [client.uuid for client in served.world.clients() if not client.archived and not client.deleted]
    assert seen == active


@pytest.mark.parametrize("size", ["0", "501", "many"])
def test_page_size_out_of_range_is_refused(served: Served, size: str) -> None:
    """Page sizes go from 1 to 500."""
    assert served.xml(f"client.api/paged-list?pageSize={size}").findtext("Status") == "ERROR"


def test_search_finds_part_of_a_name_in_any_case(served: Served) -> None:
    """Search is a substring search over active and archived clients, not over deleted ones."""
    names = [name.text for name in served.xml("client.api/search?query=BLUEGUM").iterfind("Clients/Client/Name")]
    assert names == ["Bluegum Building Services"]
    found = served.xml("client.api/search?query=old%20mill&detailed=true").find("Clients/Client")
    assert found is not None
    assert found.find("Groups") is not None


def test_two_clients_of_one_name_are_both_found(served: Served) -> None:
    """Names are no keys."""
    found = served.xml("client.api/search?query=John%20Smith").findall("Clients/Client")
    assert {client.findtext("City") for client in found} == {"Parramatta", "Fremantle"}


def test_get_takes_either_case_and_gives_the_web_address(served: Served) -> None:
    """`get` answers one detailed client with its `WebUrl` beside it."""
    root = served.xml(f"client.api/get/{client_id('cafe-zoe').upper()}")
    assert re.fullmatch(r"https://practicemanager\.xero\.com/Client/\d+/Detail", root.findtext("WebUrl", ""))
    assert root.findtext("Client/Name") == "Café Zoë Pty Ltd"


def test_unknown_identifier_is_an_error_envelope_with_http_200(served: Served) -> None:
    """HTTP 200 is no success."""
    response = served.http.get("client.api/get/00000000-0000-0000-0000-000000000000")
    root = parse(response.content)
    assert response.status_code == 200
    assert root.findtext("Status") == "ERROR"
    assert root.findtext("ErrorDescription") == "Invalid client identifier"


def test_modifiedsince_sees_client_edits_but_not_contact_or_group_edits(served: Served) -> None:
    """As reported of the real system: only edits of the client itself move its time."""
    served.clock.forward(hours=1)
    since = f"?modifiedsince={served.clock.moment:%Y-%m-%dT%H:%M:%S}"
    assert served.clients(since) == {}
    helen = next(m for m in served.world.named("Whitmore Family Trust")[0].members)
    served.world.update_contact(helen.contact.uuid, {"Phone": "(02) 5550 0199"})
    served.world.set_groups(client_id("cafe-zoe"), ["Cafés"])
    assert served.clients(since) == {}
    served.world.update_client(client_id("nguyen"), {"Phone": "(08) 5550 0146"})
    served.world.set_state(client_id("tui-cafe"), archived=True)
    assert set(served.clients(since)) == {client_id("nguyen"), client_id("tui-cafe")}
    served.clock.forward(seconds=1)
    assert served.clients(f"?modifiedsince={served.clock.moment:%Y-%m-%dT%H:%M:%S}") == {}


def test_modifiedsince_that_is_no_time_is_refused(served: Served) -> None:
    """Only `yyyy-MM-ddTHH:mm:ss` is understood."""
    assert served.xml("client.api/list?modifiedsince=yesterday").findtext("Status") == "ERROR"


def test_contacts_are_listed_without_their_clients(served: Served) -> None:
    """The contact pages have each living contact once, without position or primary flag."""
    root = served.xml("client.api/contacts?pageSize=500")
    contacts = root.findall("Contacts/Contact")
    names = [contact.findtext("Name") for contact in contacts]
    assert names.count("Helen Whitmore") == 1
    assert "Bill Hill" not in names
    assert all(contact.find("IsPrimary") is None for contact in contacts)


def test_a_contact_tells_its_place_only_for_a_named_client(served: Served) -> None:
    """`clientUuid` decides whether `IsPrimary` and `Position` are there."""
    lee = served.world.named("Corner Store Trading Co")[0].members[0].contact.uuid
    alone = served.xml(f"client.api/contact/{lee}").find("Contact")
    at_client = served.xml(f"client.api/contact/{lee}?clientUuid={client_id('corner-store')}").find("Contact")
    assert alone is not None
    assert at_client is not None
    assert alone.find("IsPrimary") is None
    assert at_client.findtext("IsPrimary", "").lower() == "yes"
    elsewhere = served.xml(f"client.api/contact/{lee}?clientUuid={client_id('nguyen')}")
    assert elsewhere.findtext("ErrorDescription") == "Invalid contact identifier"


def test_groups_and_staff_are_listed(served: Served) -> None:
    """Group members come with `get` only; staff have names and e-mails."""
    groups = served.xml("clientgroup.api/list")
    first = groups.find("Groups/Group")
    assert first is not None
    assert first.find("Clients") is None
    members = served.xml(f"clientgroup.api/get/{first.findtext('UUID')}").iterfind("Group/Clients/Client/Name")
    assert "Whitmore Family Trust" in [name.text for name in members]
    staff = served.xml("staff.api/list")
    assert "Mere Tāwhiri" in [name.text for name in staff.iterfind("StaffList/Staff/Name")]


def test_every_api_answer_carries_limits_and_correlation_id(served: Served) -> None:
    """Good and bad answers alike have the four headers and a date."""
    for call in ("client.api/list", "client.api/get/none", "no.such/call"):
        headers = served.http.get(call).headers
        assert {"x-minlimit-remaining", "x-daylimit-remaining", "x-appminlimit-remaining"} <= headers.keys()
        assert len(headers["xero-correlation-id"]) == 36
        assert "date" in headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"xero-tenant-id": "11111111-2222-3333-4444-555555555555"}, 403),
    ],
)
def test_strangers_are_refused_in_json(served: Served, headers: dict[str, str], status: int) -> None:
    """The gateway in front answers JSON whatever was asked."""
    response = served.http.get("client.api/list", headers=headers)
    assert response.status_code == status
    assert response.json()["Detail"] == "AuthenticationUnsuccessful"
    assert DEMO_TENANT.tenant_id not in response.text


def test_requests_are_logged_without_their_token(served: Served) -> None:
    """Tests count reads and writes by the log; the access token is never in it."""
    served.clients()
    served.xml("client.api/update", "PUT", "<Client><UUID>x</UUID><Name>y</Name></Client>")
    assert [seen.call for seen in served.server.requests.reads()] == ["client.api/list"]
    (write,) = served.server.requests.writes("client.api/update")
    assert write.body.startswith("<Client>")
    assert write.at == served.clock.moment
    assert "authorization" not in write.headers
    served.server.requests.clear()
    assert len(served.server.requests) == 0
