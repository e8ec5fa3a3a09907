"""What a tool's schema refuses is a hold of that field before anything is written; the rest is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig, signed_in
from support.mcp_server import Dialect, Fault, JsonDict
from xpmsync.core.diff.diff import diff_client
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Agreed, ClientRef, Contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ClientDiff
from xpmsync.errors import Rejected
from xpmsync.ignition.mcp.store import McpStore
from xpmsync.xpm.api.store import XPM_CAPABILITIES


@contextmanager
def opened(dialect: Dialect, folder: Path) -> Iterator[tuple[McpRig, McpStore]]:
    """Serve five clients, sign in and connect."""
    with signed_in(dialect, folder) as rig, rig.store() as store:
        store.connect()
        yield rig, store


def compare(store: McpStore, client_id: str, *added: Contact, **values: str) -> ClientDiff:
    """Compare Ignition's record with one of XPM's that has these values and contacts beside its own."""
    target = store.get(client_id)
    assert target is not None
    source = replace(target, system=System.XPM, id="x1", values={**target.values, **values})
    source = replace(source, contacts=(*(replace(each, id=f"x{each.id}") for each in target.contacts), *added))
    rules = Rules(Direction.FROM_XPM, Level.EVERYTHING, XPM_CAPABILITIES, store.capabilities)
    return diff_client(ClientRef("x1", target.id, source.name), source, target, Agreed(), rules)


def held(diff: ClientDiff) -> dict[str, str]:
    """The fields that the route cannot carry, with the reasons."""
    return {hold.field: hold.reason for hold in diff.holds if hold.code is HoldCode.ROUTE_CANNOT}


def changed(diff: ClientDiff) -> set[str]:
    """The fields that would be written."""
    return {change.field for change in diff.changes}


LIMITED: JsonDict = {
    "website": {"anyOf": [{"type": "string", "maxLength": 12}, {"type": "null"}]},
    "business_structure": {"type": ["string", "null"], "enum": ["Company", "Trust", None]},
}


def test_a_value_that_is_too_long_is_held_with_the_figures(tmp_path: Path) -> None:
    """At the top, within alternatives; what fits is written."""
    with opened(Snake(extra={"client": LIMITED}), tmp_path) as (_, store):
        diff = compare(store, "cli_1", name="N" * 81, website="https://long.example.com", phone="09 555 0111")
    assert held(diff) == {
        "name": "Client name may have 80 characters on this route; this one has 81.",
        "website": "Website may have 12 characters on this route; this one has 24.",
    }
    assert changed(diff) == {"phone"}


def test_a_value_that_is_no_choice_is_held_with_the_choices(tmp_path: Path) -> None:
    """A choice in another spelling is sent in the tool's own."""
    choices: JsonDict = {"gst_registered": {"enum": [True]}, "fax": {"type": "string", "enum": ["09 555 0200"]}}
    with opened(Snake(extra={"client": {**LIMITED, **choices}}), tmp_path) as (_, store):
        diff = compare(store, "cli_1", fax="09 555 0201", city="Nelson")
        assert held(diff) == {"fax": "Fax may only be one of 09 555 0200 on this route."}
        assert changed(diff) == {"city"}
        assert held(compare(store, "cli_1", fax="095550200")) == {}


def test_an_address_of_too_many_lines_is_held(tmp_path: Path) -> None:
    """Two lines have a place there; the other parts of the address go through."""
    with opened(Camel(), tmp_path) as (rig, store):
        diff = compare(store, "1", address="1 Quay Street\nLevel 1\nSuite 9", city="Nelson")
        assert held(diff) == {"address": "Address has 3 lines, there is room for 2."}
        assert changed(diff) == {"city"}
        store.update("1", "Client 1", {change.field: change.new for change in diff.changes})
        client = rig.served.register.get("1")
    assert client is not None
    assert (client.values["city"], client.values["address"]) == ("Nelson", "1 Quay Street\nLevel 1")


def test_a_country_without_a_short_code_is_held(tmp_path: Path) -> None:
    """A known one is sent as its code."""
    with opened(Camel(), tmp_path) as (_, store):
        assert held(compare(store, "1", country="Freedonia")).keys() == {"country"}
        assert held(compare(store, "1", country="Australia")) == {}


def test_a_required_property_without_a_source_holds_what_its_tool_would_write(tmp_path: Path) -> None:
    """The client's own fields are held with the property's name; its contacts are written."""
    needs: JsonDict = {"industry_code": {"type": "string"}}
    with opened(Snake(extra={"client": needs}, required=("industry_code",)), tmp_path) as (_, store):
        diff = compare(
            store,
            "cli_1",
            Contact("x9", {"contact.name": "Cy", "contact.email": "cy@example.com"}),
            phone="09 555 0111",
        )
    assert held(diff).keys() == {"phone"}
    assert "industry_code" in held(diff)["phone"]
    assert changed(diff) == {"contact"}


def test_a_required_field_that_is_blank_in_the_record_holds_the_change(tmp_path: Path) -> None:
    """Where the record has it, it is sent along as it is."""
    with opened(Snake(required=("fax",)), tmp_path) as (rig, store):
        assert "Fax" in held(compare(store, "cli_1", phone="09 555 0111"))["phone"]
        rig.served.register.update("2", {"fax": "09 555 0300"})
        assert changed(compare(store, "cli_2", phone="09 555 0111")) == {"phone"}


def test_a_detail_of_a_new_contact_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    """The contact is added without it; one whose name does not fit is not."""
    limits: JsonDict = {"mobile": {"type": "string", "maxLength": 12}, "name": {"type": "string", "maxLength": 20}}
    new = {"contact.name": "Cy", "contact.email": "cy@example.com", "contact.mobile": "021 555 0111 ext 9"}
    with opened(Snake(extra={"contact": limits}), tmp_path) as (_, store):
        diff = compare(store, "cli_1", Contact("x9", new))
        assert [sorted(change.values) for change in diff.changes] == [["contact.email", "contact.name"]]
        assert held(diff).keys() == {"contact.mobile"}
        long = compare(store, "cli_1", Contact("x9", {**new, "contact.name": "Cy the Very Long Indeed"}))
        assert changed(long) == set()


def test_a_creation_that_the_tool_cannot_take_is_known_before(tmp_path: Path) -> None:
    """What it requires and nobody knows; an ordinary one goes through."""
    contact = {"contact.name": "Cy", "contact.email": "cy@example.com"}
    with opened(Snake(required=("partner_id",)), tmp_path) as (rig, store):
        check = store.capabilities.check
        assert check is not None
        assert "partner_id" in check.create({"name": "New Ltd"}, [contact])
        assert rig.served.calls("create_client") == []
    with opened(Snake(), tmp_path / "other") as (_, store):
        check = store.capabilities.check
        assert check is not None
        assert check.create({"name": "New Ltd"}, [contact]) == ""


def test_checking_makes_no_call(tmp_path: Path) -> None:
    """A plan is made of what is known."""
    with opened(Snake(page=50), tmp_path) as (rig, store):
        target = store.get("cli_1")
        assert target is not None
        rig.served.asked.clear()
        check = store.capabilities.check
        assert check is not None
        assert check.update(target, {"city": "Nelson"}) == ""
        assert rig.served.asked == []


def test_what_only_the_server_refuses_says_who_refused_it(tmp_path: Path) -> None:
    """The schema has nothing against it; the error carries the server's own words and is that record's."""
    with opened(Snake(), tmp_path) as (rig, store):
        rig.served.faults.append(
            Fault("update_client", error={"error": {"code": "INVALID", "message": "No such town"}})
        )
        with pytest.raises(Rejected, match="No such town") as caught:
            store.update("cli_1", "Client 1", {"city": "Nowhere"})
    assert caught.value.system is System.IGNITION
    assert caught.value.call == "update_client"
