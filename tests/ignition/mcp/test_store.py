"""The MCP route's store against a real server, in two spellings that share not one property's name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig, signed_in
from support.mcp_server import Dialect
from xpmsync.core.enums import ClientState
from xpmsync.errors import Rejected, RouteUnfit

SPELLINGS = [Snake, Camel]


@pytest.fixture(params=SPELLINGS, ids=["snake", "camel"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[McpRig]:
    """Set up a rig that is signed in to a server of either spelling."""
    dialect: Dialect = request.param()
    with signed_in(dialect, tmp_path) as rig:
        yield rig


@pytest.fixture
def snake(tmp_path: Path) -> Iterator[McpRig]:
    """Set up a rig that is signed in to the server with snake_case."""
    with signed_in(Snake(), tmp_path) as rig:
        yield rig


@pytest.fixture
def camel(tmp_path: Path) -> Iterator[McpRig]:
    """Set up a rig that is signed in to the server with camelCase."""
    with signed_in(Camel(), tmp_path) as rig:
        yield rig


def first_id(rig: McpRig, number: str = "1") -> str:
    """Return the id a client has in that spelling."""
    return number if isinstance(rig.served.dialect, Camel) else f"cli_{number}"


def contact_id(rig: McpRig, place: int, client: str = "1") -> str:
    """Return the id a client's contact has in that spelling."""
    held = rig.served.register.get(client)
    assert held is not None
    number = held.contacts[place].id
    return number if isinstance(rig.served.dialect, Camel) else f"con_{number}"


def test_reads_every_client_of_all_pages_and_states(rig: McpRig) -> None:
    """All pages are read, and archived clients too where the list leaves them out by itself."""
    with rig.store() as store:
        found = {client.name: client for client in store.read()}
    assert sorted(found) == [f"Client {number}" for number in range(1, 6)]
    if isinstance(rig.served.dialect, Snake):
        assert found["Client 3"].state is ClientState.ARCHIVED


def test_a_whole_record_is_read_whatever_its_shape(rig: McpRig) -> None:
    """Nested addresses, addresses in lists, lines and contacts become catalogue values."""
    with rig.store() as store:
        client = store.get(first_id(rig))
    assert client is not None
    assert client.id == first_id(rig)
    told = {name: client.values.get(name) for name in ("name", "phone", "website", "address", "city", "postcode")}
    assert told == {
        "name": "Client 1",
        "phone": "09 555 0001",
        "website": "https://client1.example.com",
        "address": "1 Quay Street\nLevel 1",
        "city": "Auckland",
        "postcode": "1010",
    }
    assert [(one.name, one.email, one.is_primary) for one in client.contacts] == [
        ("Ann 1", "ann1@example.com", True),
        ("Bob 1", "bob1@example.com", False),
    ]


def test_an_unknown_id_is_no_client(rig: McpRig) -> None:
    """Both a code and mere words say that there is none."""
    with rig.store() as store:
        assert store.get(first_id(rig, "99")) is None


def test_search_finds_by_name_and_completes_what_is_exactly_meant(rig: McpRig) -> None:
    """The server's own search is used; a client of exactly that name comes with its contacts."""
    with rig.store() as store:
        assert {client.name for client in store.search("client 2")} == {"Client 2"}
        (found,) = store.search("Client 2")
    assert [contact.email for contact in found.contacts] == ["ann2@example.com", "bob2@example.com"]


def test_only_the_given_fields_are_sent(rig: McpRig) -> None:
    """An update carries the changed values and the id, and nothing else."""
    with rig.store() as store:
        store.update(first_id(rig), "Client 1", {"phone": "09 555 0199"})
    (sent,) = rig.served.calls("update_client") or rig.served.calls("updateClient")
    assert sent in (
        {"id": "cli_1", "phone": "09 555 0199"},
        {"clientId": 1, "changes": {"phoneNumber": "09 555 0199"}},
    )
    changed = rig.served.register.get("1")
    assert changed is not None
    assert changed.values["phone"] == "09 555 0199"
    assert changed.values["website"] == "https://client1.example.com"


def test_part_of_an_address_does_not_blank_the_rest(rig: McpRig) -> None:
    """A server that replaces addresses as a whole still has street and postcode after the city changed."""
    with rig.store() as store:
        changed = store.update(first_id(rig), "Client 1", {"city": "Hamilton"})
    assert changed.values["city"] == "Hamilton"
    held = rig.served.register.get("1")
    assert held is not None
    assert {name: held.values[name] for name in ("address", "city", "postcode", "country")} == {
        "address": "1 Quay Street\nLevel 1",
        "city": "Hamilton",
        "postcode": "1010",
        "country": "NZ",
    }


def test_what_an_address_holds_beyond_our_fields_stays(snake: McpRig) -> None:
    """A line for the attention of somebody is sent along as it is."""
    dialect = snake.served.dialect
    assert isinstance(dialect, Snake)
    dialect.attention["1"] = "Front rig"
    with snake.store() as store:
        store.update("cli_1", "Client 1", {"city": "Hamilton"})
    assert dialect.attention["1"] == "Front rig"


def test_other_addresses_of_a_list_stay(camel: McpRig) -> None:
    """Where addresses are one list, the postal one is sent along when the physical one changes."""
    camel.served.register.update("1", {"postal_address": "PO Box 9", "postal_city": "Napier"})
    with camel.store() as store:
        store.update("1", "Client 1", {"city": "Hamilton"})
    held = camel.served.register.get("1")
    assert held is not None
    assert held.values["postal_address"] == "PO Box 9"
    assert held.values["postal_city"] == "Napier"


def test_more_lines_than_there_is_room_for_are_refused_for_that_record(camel: McpRig) -> None:
    """Three lines do not go into two: the record fails, nothing is dropped or run together."""
    with camel.store() as store, pytest.raises(Rejected, match="3 lines"):
        store.update("1", "Client 1", {"address": "Suite 1\nLevel 2\n3 Quay Street"})
    assert not camel.served.calls("updateClient")


def test_a_country_is_spelled_as_the_schema_wants_it(camel: McpRig) -> None:
    """Two letters where there is room for two."""
    with camel.store() as store:
        store.update("1", "Client 1", {"country": "Australia"})
    held = camel.served.register.get("1")
    assert held is not None
    assert held.values["country"] == "AU"


def test_contacts_are_added_and_changed(rig: McpRig) -> None:
    """A new contact comes back with its id, whether the answer tells it or not; so does a changed one."""
    with rig.store() as store:
        added = store.add_contact(
            first_id(rig),
            {"contact.name": "Cleo", "contact.email": "cleo@example.com", "contact.phone": "09 555 0150"},
        )
        changed = store.update_contact(first_id(rig), added.id, "Cleo", {"contact.mobile": "021 555 0100"})
    assert added.id == contact_id(rig, 2)
    assert changed.values["contact.mobile"] == "021 555 0100"
    held = rig.served.register.get("1")
    assert held is not None
    assert held.contacts[-1].values["contact.phone"] == "09 555 0150"


def test_a_required_value_goes_along_as_it_is(camel: McpRig) -> None:
    """`updateContact` wants the name; it is sent unchanged with the phone."""
    with camel.store() as store:
        store.update_contact("1", contact_id(camel, 1), "Bob 1", {"contact.phone": "09 555 0151"})
    (sent,) = camel.served.calls("updateContact")
    assert sent["contact"] == {"fullName": "Bob 1", "phoneNumber": "09 555 0151"}


def test_a_client_is_created_with_all_its_contacts(rig: McpRig) -> None:
    """However many contacts the creating tool takes, all are there in the end; the first is the primary one."""
    contacts = [
        {"contact.name": "Dee", "contact.email": "dee@example.com", "contact.primary": "Yes"},
        {"contact.name": "Eve", "contact.email": "eve@example.com"},
    ]
    values = {"name": "New Client", "phone": "09 555 0177", "address": "7 Bay Road", "city": "Nelson"}
    with rig.store() as store:
        made = store.create(values, contacts, xpm_id="x", xpm_number="10007")
    assert made.id == first_id(rig, "1000001")
    assert made.name == "New Client"
    assert [(one.name, one.is_primary) for one in made.contacts] == [("Dee", True), ("Eve", False)]
    held = rig.served.register.get("1000001")
    assert held is not None
    assert held.values["address"] == "7 Bay Road"


def test_what_a_new_client_must_say_of_itself_comes_from_the_practice(camel: McpRig) -> None:
    """`createClient` wants a country and a status: the practice's country, and active."""
    with camel.store() as store:
        store.create({"name": "New"}, [{"contact.name": "Dee", "contact.email": "dee@example.com"}])
    (sent,) = camel.served.calls("createClient")
    assert sent["status"] == "ACTIVE"
    assert sent["client"] == {"clientName": "New", "country": "NZ"}


def test_capabilities_come_from_the_schemas_and_the_records(snake: McpRig, camel: McpRig) -> None:
    """What a tool has no property for cannot be written; what no record shows cannot be read."""
    with snake.store() as store:
        store.connect()
        rich = store.capabilities
    with camel.store() as store:
        store.connect()
        poor = store.capabilities
    assert {"name", "structure", "tax_registered", "contact.salutation", "contact.primary"} <= rich.writes
    assert "group" not in rich.writes
    assert "group" in rich.reads
    assert rich.clears
    assert {"name", "phone", "address", "postal_country", "contact.mobile"} <= poor.writes
    assert not {"fax", "group", "tax_registered", "contact.salutation", "contact.primary"} & poor.writes
    assert "structure" not in poor.writes, "free text does not go into a fixed list"
    assert not {"fax", "contact.salutation"} & poor.reads
    assert not poor.clears, "null that is merely the default clears nothing for certain"
    assert (rich.calls_a_minute, rich.calls_an_hour) == (60, 600)


def test_what_was_seen_is_remembered_until_the_tools_change(camel: McpRig) -> None:
    """A run that meets no mobile still knows that there are mobiles; another schema forgets it."""
    camel.served.register.update_contact("5", contact_id(camel, 1, "5"), {"contact.mobile": "021 555 0100"})
    with camel.store() as store:
        store.get("5")
    with camel.store() as store:
        store.connect()
        assert "contact.mobile" in store.capabilities.reads
    camel.served.dialect = Snake()
    with camel.store() as store:
        store.connect()
        assert "contact.mobile" in store.capabilities.reads
        assert "fax" in store.capabilities.reads


def test_blank_values_left_out_are_no_proof(camel: McpRig) -> None:
    """A server that leaves blanks out may still take a mobile; once one did not show after a write, no more."""
    with camel.store() as store:
        store.connect()
        assert "contact.mobile" in store.capabilities.writes
    dialect = camel.served.dialect
    assert isinstance(dialect, Camel)
    dialect.hides = "mobileNumber"
    with camel.store() as store:
        store.update_contact("1", contact_id(camel, 1), "Bob 1", {"contact.mobile": "021 555 0100"})
    with camel.store() as store:
        store.connect()
        able = store.capabilities
    assert "contact.mobile" not in able.reads | able.writes, "remembered by the next run"


def test_whole_lists_cost_one_look_up_and_lean_ones_are_marked(snake: McpRig, camel: McpRig) -> None:
    """Where the list tells all, only one client is looked up; where it does not, every client says so."""
    with snake.store() as store:
        store.connect()
        assert all(client.complete for client in store.read())
    assert len(snake.served.calls("get_client")) == 1
    with camel.store() as store:
        assert not any(client.complete for client in store.read())
    assert not camel.served.calls("getClient")


def test_after_a_write_the_record_is_known_without_another_call(snake: McpRig) -> None:
    """What the server answered to the last write stands for the record, contacts included."""
    with snake.store() as store:
        store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
        store.update_contact("cli_1", contact_id(snake, 1), "Bob 1", {"contact.phone": "09 555 0151"})
        before = len(snake.served.asked)
        known = store.get("cli_1")
        assert len(snake.served.asked) == before
        asked = store.get("cli_1")
    assert known is not None
    assert known == asked
    assert len(snake.served.asked) == before + 1


def test_calls_are_counted_with_the_handshake(snake: McpRig) -> None:
    """Opening a session counts three, and every call one."""
    with snake.store() as store:
        store.get("cli_1")
        assert store.calls_made == 3 + len(["tools/list", "get_practice_info", "get_client"])


def test_a_field_without_a_place_is_never_dropped_silently(camel: McpRig) -> None:
    """Whatever a plan may hold, the store refuses what it cannot carry."""
    with camel.store() as store, pytest.raises(Rejected, match="Fax"):
        store.update("1", "Client 1", {"fax": "09 555 0188", "phone": "09 555 0199"})
    assert not camel.served.calls("updateClient")


def test_values_are_checked_before_they_are_sent(snake: McpRig) -> None:
    """A name longer than the schema allows fails with the property and the rule, never the value."""
    with snake.store() as store, pytest.raises(Rejected) as caught:
        store.update("cli_1", "Client 1", {"name": "Verylong " * 20})
    assert "name" in caught.value.reason
    assert "maxLength" in caught.value.reason
    assert "Verylong" not in str(caught.value)
    assert not snake.served.calls("update_client")


def test_a_required_property_without_a_source_is_named(tmp_path: Path) -> None:
    """Tool and property are in the error, and nothing is sent."""
    dialect = Snake(required=("partner_id",), extra={"client": {"partner_id": {"type": "string"}}})
    with signed_in(dialect, tmp_path) as rig, rig.store() as store:
        with pytest.raises(RouteUnfit) as caught:
            store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
        with pytest.raises(RouteUnfit, match="create_client"):
            store.create({"name": "New"}, [{"contact.name": "Dee", "contact.email": "dee@example.com"}])
    assert (caught.value.tool, caught.value.needs) == ("update_client", "partner_id")
    assert not rig.served.calls("update_client")


def test_a_new_contact_in_the_servers_own_spelling_is_the_one_that_was_added(tmp_path: Path) -> None:
    """Its blanks squeezed, in the answer as in the record: it was added, and is known by its id."""

    def squeezed(values: dict[str, str]) -> dict[str, str]:
        return {name: " ".join(text.split()) for name, text in values.items()}

    for takes in (squeezed, lambda values: {**squeezed(values), "contact.name": values["contact.name"].title()}):
        with signed_in(Snake(takes=takes), tmp_path) as rig:
            with rig.store() as store:
                added = store.add_contact("cli_1", {"contact.name": "cy  doe", "contact.email": "cy@example.com"})
            assert added is not None
            assert added.id == contact_id(rig, 2)
