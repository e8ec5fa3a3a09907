"""The mapping alone: shapes of schemas and records that no test server speaks, learned, filled and read."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from xpmsync.core.enums import ClientState
from xpmsync.errors import Rejected, RouteUnfit, UnusableAnswer
from xpmsync.ignition.mcp.arguments import Arguments, fill, finish, unfit
from xpmsync.ignition.mcp.field_map import Toolbox, client_values, contact_values, people
from xpmsync.ignition.mcp.records import fields_of, read_client
from xpmsync.ignition.mcp.responses import ToolResult, record_of, records_of
from xpmsync.ignition.mcp.schema import JsonObject, Tool, fold, read_tool

TEXT: JsonObject = {"type": "string"}
ADDRESS = {"address": "7 Bay Road\nLevel 2", "city": "Nelson", "region": "Tasman", "postcode": "7010"}


def tool(properties: JsonObject, *required: str, name: str = "update_client", **rest: object) -> Tool:
    """A tool with those properties."""
    return read_tool(name, {"type": "object", "properties": properties, "required": list(required), **rest}, None)


def filled(shape: Tool, values: Mapping[str, str]) -> Arguments:
    """The arguments that values become."""
    sent: Arguments = {}
    assert fill(sent, client_values(shape.input), values) == {}
    return sent


@pytest.mark.parametrize(
    ("properties", "sent"),
    [
        (
            dict.fromkeys(("address", "city", "region", "postal_code"), TEXT),
            {"address": "7 Bay Road\nLevel 2", "city": "Nelson", "region": "Tasman", "postal_code": "7010"},
        ),
        (
            dict.fromkeys(("addressLine1", "addressLine2", "city", "region", "zip"), TEXT),
            {
                "addressLine1": "7 Bay Road",
                "addressLine2": "Level 2",
                "city": "Nelson",
                "region": "Tasman",
                "zip": "7010",
            },
        ),
        (
            dict.fromkeys(("physical_street", "physical_city", "physical_state", "physical_postcode"), TEXT),
            {
                "physical_street": "7 Bay Road\nLevel 2",
                "physical_city": "Nelson",
                "physical_state": "Tasman",
                "physical_postcode": "7010",
            },
        ),
        (
            {
                "physicalAddress": {
                    "type": "object",
                    "properties": {
                        "lines": {"type": "array", "items": TEXT},
                        "town": TEXT,
                        "province": TEXT,
                        "postCode": TEXT,
                    },
                }
            },
            {
                "physicalAddress": {
                    "lines": ["7 Bay Road", "Level 2"],
                    "town": "Nelson",
                    "province": "Tasman",
                    "postCode": "7010",
                }
            },
        ),
        (
            {
                "attributes": {
                    "type": "object",
                    "properties": {"street": TEXT, "suburb": TEXT, "region": TEXT, "postcode": TEXT},
                }
            },
            {
                "attributes": {
                    "street": "7 Bay Road\nLevel 2",
                    "suburb": "Nelson",
                    "region": "Tasman",
                    "postcode": "7010",
                }
            },
        ),
    ],
    ids=["flat", "lines", "prefixed", "nested", "wrapped"],
)
def test_an_address_goes_into_any_shape_and_comes_out_again(properties: JsonObject, sent: JsonObject) -> None:
    """What was sent in a shape reads as the same values from a record of that shape."""
    shape = tool(properties)
    arguments = filled(shape, ADDRESS)
    assert arguments == sent
    told = arguments.get("attributes", arguments)
    assert isinstance(told, dict)
    record = read_client({"id": "cli_1", "name": "A", **told})
    assert record is not None
    assert {name: record.client.values.get(name) for name in ADDRESS} == ADDRESS


def test_a_lone_address_text_is_left_alone() -> None:
    """One text for the whole address: nobody knows its order, so the route does not carry it."""
    assert "address" not in client_values(tool({"name": TEXT, "address": TEXT}).input)


def test_the_state_of_a_client_is_no_region() -> None:
    """`state` beside the client's own values says lead, active or archived."""
    shape = tool({"name": TEXT, "state": {"type": "string", "enum": ["lead", "active"]}, "street": TEXT, "city": TEXT})
    assert set(client_values(shape.input)) == {"name", "address", "city"}
    record = read_client({"id": "1", "name": "A", "state": "archived", "city": "Nelson"})
    assert record is not None
    assert record.client.state is ClientState.ARCHIVED
    assert "region" not in record.carried


def test_references_and_alternatives_are_followed() -> None:
    """`$ref`, `anyOf` with null, `allOf`: what pydantic and zod make of optional objects."""
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "postalAddress": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": None},
            "phone": {"allOf": [{"type": "string"}, {"maxLength": 20}]},
        },
        "$defs": {"Address": {"type": "object", "properties": {"street": TEXT, "self": {"$ref": "#/$defs/Address"}}}},
    }
    learned = read_tool("update_client", schema, None)
    assert set(client_values(learned.input)) == {"postal_address", "phone"}
    phone = learned.input.named("phone")
    assert phone is not None
    assert phone.max_length == 20


def test_a_reference_to_elsewhere_is_never_fetched() -> None:
    """A schema may not make this program call anybody."""
    learned = read_tool("t", {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}}, None)
    with pytest.raises(UnusableAnswer):
        unfit({"a": "x"}, learned)


@pytest.mark.parametrize(
    ("schema", "clears"),
    [
        ({"type": "string"}, False),
        ({"type": ["string", "null"]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, False),
        ({"type": "string", "nullable": True}, True),
        ({"type": "string", "description": "Phone. Send an empty string to clear it."}, True),
        ({"type": "string", "description": "An empty list of phones means nothing."}, False),
        ({"type": "string", "minLength": 1, "description": "Empty clears."}, False),
    ],
)
def test_clearing_needs_a_plain_word(schema: JsonObject, clears: bool) -> None:
    """Null as a mere default means "not given"; what is not said plainly is no."""
    prop = tool({"phone": schema}).input.named("phone")
    assert prop is not None
    assert prop.clearable is clears


def test_one_field_that_cannot_be_cleared_makes_it_no_for_all() -> None:
    """Capabilities know one answer for the whole route."""
    nullable: JsonObject = {"type": ["string", "null"]}
    yes = Toolbox([tool({"name": TEXT, "phone": nullable})])
    no = Toolbox([tool({"name": TEXT, "phone": nullable, "fax": TEXT})])
    everything = frozenset({"name", "phone", "fax"})
    assert yes.capabilities(everything).clears
    assert not no.capabilities(everything).clears
    assert no.capabilities(frozenset({"name"})).writes == {"name"}, "what cannot be read is not written"


def test_flags_choices_and_countries_are_put_in_the_schemas_own_words() -> None:
    """A flag as a boolean or as one of two words, a country as one of a list."""
    shape = tool(
        {
            "gstRegistered": {"type": "boolean"},
            "city": TEXT,
            "country": {"type": "string", "enum": ["AU", "NZ", "GB"]},
            "postalCity": TEXT,
            "postalCountry": {"type": "string", "enum": ["Australia", "New Zealand"]},
        }
    )
    values = {"tax_registered": "yes", "country": "United Kingdom", "postal_country": "NZ"}
    assert filled(shape, values) == {"gstRegistered": True, "country": "GB", "postalCountry": "New Zealand"}
    assert filled(tool({"isGstRegistered": {"type": "string", "enum": ["Yes", "No"]}}), {"tax_registered": "true"}) == {
        "isGstRegistered": "Yes"
    }


def test_a_value_that_is_none_of_the_choices_fails_with_property_and_rule() -> None:
    """That record's failure, without the value in the error."""
    shape = tool({"city": TEXT, "country": {"type": "string", "enum": ["AU", "NZ"]}})
    with pytest.raises(Rejected) as caught:
        finish(filled(shape, {"country": "Atlantis"}), shape, lambda _prop, _path: None)
    assert "country" in caught.value.reason
    assert "enum" in caught.value.reason
    assert "Atlantis" not in caught.value.reason


def test_required_properties_need_a_source_or_a_constant() -> None:
    """A constant fills itself in; what nobody knows is named with its path, described or not."""
    constant = tool({"name": TEXT, "kind": {"const": "client"}}, "name", "kind")
    assert finish(filled(constant, {"name": "A"}), constant, lambda _prop, _path: None) == {
        "name": "A",
        "kind": "client",
    }
    for shape in (tool({"name": TEXT, "partner": TEXT}, "partner"), tool({"name": TEXT}, "partner")):
        with pytest.raises(RouteUnfit) as caught:
            finish(filled(shape, {"name": "A"}), shape, lambda _prop, _path: None)
        assert (caught.value.tool, caught.value.needs) == ("update_client", "partner")
    nested = tool(
        {"client": {"type": "object", "properties": {"name": TEXT, "partner": TEXT}, "required": ["partner"]}}
    )
    with pytest.raises(RouteUnfit) as caught:
        finish(filled(nested, {"name": "A"}), nested, lambda _prop, _path: None)
    assert caught.value.needs == "client.partner"


@pytest.mark.parametrize(
    ("properties", "path", "many"),
    [
        (
            {"contacts": {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}}}},
            ("contacts",),
            True,
        ),
        ({"primary_contact": {"type": "object", "properties": {"name": TEXT}}}, ("primary_contact",), False),
        ({"contactName": TEXT, "contactEmail": TEXT}, (), False),
        (
            {"client": {"type": "object", "properties": {"contact": {"type": "object", "properties": {"name": TEXT}}}}},
            ("client", "contact"),
            False,
        ),
    ],
)
def test_contacts_of_a_new_client_in_any_shape(properties: JsonObject, path: tuple[str, ...], many: bool) -> None:
    """A list, one object, or values beside the client's own."""
    how = people(tool({"name": TEXT, **properties}).input)
    assert how is not None
    assert (how.path, how.many) == (path, many)
    assert "contact.name" in how.values


def test_a_tool_without_room_for_contacts() -> None:
    """They follow by `add_contact`."""
    assert people(tool({"name": TEXT, "phone": TEXT}).input) is None


def test_a_contact_tools_wrapper_is_seen_through() -> None:
    """Ids outside, values within."""
    shape = tool(
        {"contact_id": TEXT, "contact": {"type": "object", "properties": {"email": TEXT, "mobilePhone": TEXT}}}
    )
    assert set(contact_values(shape.input)) == {"contact.email", "contact.mobile"}


@pytest.mark.parametrize(
    "raw",
    [
        {"contacts": [{"id": "1", "name": "Ann", "isPrimary": True}, {"id": "2", "name": "Bob", "isPrimary": False}]},
        {"contacts": [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}], "primary_contact_id": "1"},
        {"contacts": [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}], "primaryContact": {"id": "1"}},
        {"contacts": [{"id": "2", "name": "Bob"}], "primaryContact": {"id": "1", "name": "Ann"}},
    ],
)
def test_the_primary_contact_however_it_is_told(raw: JsonObject) -> None:
    """By a flag, by an id, or as an object of its own."""
    record = read_client({"id": "cli_1", "name": "A", **raw})
    assert record is not None
    assert [(one.id, one.name, one.is_primary) for one in record.client.contacts] == [
        ("1", "Ann", True),
        ("2", "Bob", False),
    ]


def test_what_else_a_record_tells() -> None:
    """Reference, people, register numbers and XPM's id help to tell clients apart; tax numbers are not taken."""
    record = read_client(
        {
            "id": "cli_1",
            "reference": "CLI-1001",
            "name": "A",
            "state": "lead",
            "partner": {"name": "Pia", "email": "pia@example.com"},
            "manager": "mia@example.com",
            "group": {"id": "g", "name": "Harbour"},
            "xpm_id": 10001,
            "company_number": "1234567",
            "tax_number": "999999999",
        }
    )
    assert record is not None
    client = record.client
    assert (client.number, client.partner, client.manager) == ("CLI-1001", "Pia", "mia@example.com")
    assert (client.xpm_number, client.prospect, client.values["group"]) == ("10001", True, "Harbour")
    assert dict(client.identifiers) == {"company_number": "1234567"}
    assert "999999999" not in repr(client)


def test_a_described_answer_tells_the_fields() -> None:
    """An output schema is as good as a record that has everything."""
    shape = read_tool(
        "get_client",
        {"type": "object"},
        {
            "type": "object",
            "properties": {
                "client": {
                    "type": "object",
                    "properties": {
                        "id": TEXT,
                        "name": TEXT,
                        "fax": TEXT,
                        "postal_address": {"type": "object", "properties": {"city": TEXT}},
                        "contacts": {"type": "array", "items": {"type": "object", "properties": {"email": TEXT}}},
                    },
                }
            },
        },
    )
    assert shape.output is not None
    assert fields_of(shape.output) == {"name", "fax", "postal_city", "contact.email", "contacts"}


def test_payloads_are_found_in_whatever_wraps_them() -> None:
    """Structured, as text, within a framework's `result`, within `data`."""
    one = '{"data": {"client": {"id": "1", "name": "A"}}}'
    for answer in (ToolResult(None, (one,), False), ToolResult({"result": one}, (), False)):
        assert record_of(answer.payload, "client") == {"id": "1", "name": "A"}
    assert record_of({"client": {"id": "1"}, "contact": {"id": "9"}}, "contact") == {"id": "9"}
    assert records_of({"data": {"clients": [{"id": 1}], "total": 1}}) == [{"id": 1}]
    assert records_of([{"id": 1}, "odd"]) == [{"id": 1}, {}]
    assert records_of({"message": "none"}) is None
    assert ToolResult(None, ("Sorry, that did not work",), True).reason == "Sorry, that did not work"
    assert ToolResult({"error": {"code": "NOT_FOUND", "message": "Gone"}}, (), True).code == "notfound"


def test_names_are_compared_without_case_and_separators() -> None:
    """One word for `postCode`, `post_code`, `Post Code`."""
    assert {fold(name) for name in ("postCode", "post_code", "Post Code", "POST-CODE")} == {"postcode"}
