"""Writing to the built-in practice's XPM: partial updates, names that differ, refusals in XPM's words."""

from __future__ import annotations

import pytest

from support.simulator_http import Served
from xpmsync.simulator.people.seed import client_id
from xpmsync.simulator.world.records import WorldClient

ZOE = client_id("cafe-zoe")


def zoe(served: Served) -> WorldClient:
    """Café Zoë as stored."""
    client = served.world.client(ZOE)
    assert client is not None
    return client


def update(served: Served, inner: str, uuid: str = ZOE) -> str:
    """Send an update of a client and return the error, if any."""
    body = f"<Client><UUID>{uuid}</UUID>{inner}</Client>"
    return served.xml("client.api/update", "PUT", body).findtext("ErrorDescription") or ""


def test_update_changes_only_what_is_sent_and_answers_the_client(served: Served) -> None:
    """An update is partial; the answer is the detailed client as it now stands."""
    before = zoe(served)
    served.clock.forward(minutes=1)
    body = f"<Client><UUID>{ZOE.upper()}</UUID><Name>{before.name}</Name><Phone>(03) 7010 0199</Phone></Client>"
    answer = served.xml("client.api/update", "PUT", body)
    assert answer.findtext("Client/Phone") == "(03) 7010 0199"
    assert zoe(served).fields == {**before.fields, "Phone": "(03) 7010 0199"}
    assert zoe(served).modified > before.modified


def test_an_empty_element_clears(served: Served) -> None:
    """The reading chosen of what is unknown: an empty element takes the value away."""
    assert update(served, "<Name>Café Zoë Pty Ltd</Name><Phone></Phone><City/>") == ""
    assert "Phone" not in zoe(served).fields
    assert "City" not in zoe(served).fields


def test_website_is_written_under_another_name_and_unknown_names_are_ignored(served: Served) -> None:
    """`WebSite` writes; `Website`, flags, type and bank fields do not."""
    before = zoe(served)
    ignored = "<Website>x</Website><IsArchived>Yes</IsArchived><Type>x</Type><BankAccountNumber>1</BankAccountNumber>"
    assert update(served, f"<Name>{before.name}</Name>{ignored}<Contacts><Contact/></Contacts>") == ""
    assert zoe(served).fields == before.fields
    assert not zoe(served).archived
    assert update(served, f"<Name>{before.name}</Name><WebSite>www.new.example.com</WebSite>") == ""
    assert zoe(served).fields["Website"] == "www.new.example.com"


def test_managers_are_written_by_uuid(served: Served) -> None:
    """`AccountManagerUUID` sets the partner, a stranger's UUID is refused."""
    callum = next(member for member in served.world.staff() if member.name == "Callum Reid")
    name = "<Name>Café Zoë Pty Ltd</Name>"
    assert update(served, f"{name}<AccountManagerUUID>{callum.uuid}</AccountManagerUUID>") == ""
    partner = zoe(served).account_manager
    assert partner is not None
    assert partner.name == "Callum Reid"
    assert update(served, f"{name}<JobManagerUUID>{ZOE}</JobManagerUUID>") == "Invalid staff identifier"


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("", "The client name is required"),
        ("<Name></Name>", "The client name is required"),
        (f"<Name>{'n' * 256}</Name>", "The field Name must be a string with a maximum length of 255."),
        (f"<Name>x</Name><Phone>{'1' * 60}</Phone>", "The field Phone must be a string with a maximum length of 50."),
    ],
)
def test_what_xpm_refuses_is_an_error_envelope_and_changes_nothing(served: Served, inner: str, reason: str) -> None:
    """Refusals come with HTTP 200 and leave the record alone."""
    before = zoe(served)
    assert update(served, inner) == reason
    assert zoe(served) == before


def test_updates_of_unknown_or_deleted_clients_are_refused(served: Served) -> None:
    """Neither exists for a writer."""
    assert update(served, "<Name>x</Name>", "nobody") == "Invalid client identifier"
    assert update(served, "<Name>x</Name>", client_id("bluegum-twice")) == "Invalid client identifier"


def test_a_body_that_is_no_client_is_a_500_with_the_envelope(served: Served) -> None:
    """Broken XML and other records are told apart from ordinary refusals."""
    for body in ("<Client>", "<Job/>"):
        response = served.http.put("client.api/update", content=body)
        assert response.status_code == 500
        assert "<Status>ERROR</Status>" in response.text


def test_renaming_shows_in_relationships_of_others(served: Served) -> None:
    """Names inside other clients' answers are always the present ones."""
    uuid = client_id("whitmore-holdings")
    update(served, "<Name>Whitmore Group Pty Ltd</Name>", uuid)
    trust = served.clients()[client_id("whitmore-trust")]
    assert "Whitmore Group Pty Ltd" in [name.text for name in trust.iterfind("Relationships//RelatedClient/Name")]


def test_add_creates_a_client_with_contacts(served: Served) -> None:
    """`add` answers the new client; it is listed as modified now."""
    body = (
        "<Client><Name>New &amp; Co</Name><Contacts><Contact><Name>Ann New</Name><Email>ann@example.com</Email>"
        "<IsPrimary>Yes</IsPrimary></Contact><Contact><Name>Bob New</Name></Contact></Contacts></Client>"
    )
    answer = served.xml("client.api/add", "POST", body)
    uuid = answer.findtext("Client/UUID", "").lower()
    client = served.world.client(uuid)
    assert client is not None
    assert client.name == "New & Co"
    assert [(member.contact.name, member.primary) for member in client.members] == [
        ("Ann New", True),
        ("Bob New", False),
    ]
    assert uuid in served.clients(f"?modifiedsince={served.clock.moment:%Y-%m-%dT%H:%M:%S}")


def test_add_needs_names(served: Served) -> None:
    """A client without a name, or a contact without one, is refused and nothing is stored."""
    before = served.world.count()
    for body in ("<Client/>", "<Client><Name>x</Name><Contacts><Contact/></Contacts></Client>"):
        assert served.xml("client.api/add", "POST", body).findtext("Status") == "ERROR"
    assert served.world.count() == before


def test_add_has_no_protection_against_repeats(served: Served) -> None:
    """The same body twice makes two clients, as it would in XPM."""
    for _ in range(2):
        served.xml("client.api/add", "POST", "<Client><Name>Twice Ltd</Name></Client>")
    assert len(served.world.named("Twice Ltd")) == 2


def test_one_primary_contact_at_a_time(served: Served) -> None:
    """Making a contact primary unsets the client's others, and no other client's."""
    trust, holdings = client_id("whitmore-trust"), client_id("whitmore-super")
    grahame = next(
        member.contact.uuid
        for member in served.world.named("Whitmore Family Trust")[0].members
        if member.contact.name == "Grahame Whitmore"
    )
    answer = served.xml(
        f"client.api/contact/{grahame}?clientUuid={trust}",
        "PUT",
        "<Contact><IsPrimary>Yes</IsPrimary><Position>Appointor</Position></Contact>",
    )
    assert answer.findtext("Contact/Position") == "Appointor"
    client, other = served.world.client(trust), served.world.client(holdings)
    assert client is not None
    assert other is not None
    assert [member.contact.name for member in client.members if member.primary] == ["Grahame Whitmore"]
    assert [member.contact.name for member in other.members if member.primary] == ["Helen Whitmore"]


def test_a_shared_contact_changes_for_all_its_clients(served: Served) -> None:
    """A contact of two clients is one record; its time-stamped clients do not move."""
    lee = served.world.named("Corner Store Trading Co")[0].members[0].contact.uuid
    served.xml(
        f"client.api/contact/{lee}?clientUuid={client_id('corner-store')}",
        "PUT",
        "<Contact><Phone>(02) 5550 0198</Phone></Contact>",
    )
    clients = served.clients()
    assert {clients[client_id(key)].findtext("Contacts/Contact/Phone") for key in ("corner-store", "harvest-moon")} == {
        "(02) 5550 0198"
    }


def test_contacts_are_added_to_a_client(served: Served) -> None:
    """`POST contact` needs a client and a name."""
    body = "<Contact><Client><UUID>{}</UUID></Client>{}</Contact>"
    good = body.format(ZOE, "<Name>Remi Laurent</Name><Email>remi@example.com</Email>")
    answer = served.xml("client.api/contact", "POST", good)
    assert answer.findtext("Contact/IsPrimary", "").lower() == "no"
    assert [member.contact.name for member in zoe(served).members] == ["Zoë Laurent", "Remi Laurent"]
    nameless = served.xml("client.api/contact", "POST", body.format(ZOE, ""))
    assert nameless.findtext("ErrorDescription") == "The contact name is required"
    homeless = served.xml("client.api/contact", "POST", body.format("none", "<Name>x</Name>"))
    assert homeless.findtext("ErrorDescription") == "Invalid client identifier"


def test_deleting_takes_a_contact_off_one_client_only(served: Served) -> None:
    """With `clientUuid` the contact stays with its other clients; without it, it is gone."""
    lee = served.world.named("Corner Store Trading Co")[0].members[0].contact.uuid
    served.xml(f"client.api/contact/{lee}?clientUuid={client_id('corner-store')}", "DELETE")
    assert served.world.named("Corner Store Trading Co")[0].members == ()
    assert len(served.world.named("Harvest Moon Orchards Pty Ltd")[0].members) == 1
    served.xml(f"client.api/contact/{lee}", "DELETE")
    assert served.xml(f"client.api/contact/{lee}").findtext("Status") == "ERROR"
    listed = served.clients()[client_id("harvest-moon")].find("Contacts/Contact")
    assert listed is not None
    assert listed.findtext("IsDeleted", "").lower() == "yes"
