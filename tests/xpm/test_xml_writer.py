"""XML out: exactly what changed, under the names XPM writes by, and nothing outside the catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, FIELDS
from xpmsync.simulator.world.xml import CLIENT_WRITES, CONTACT_FIELDS as CONTACT_ELEMENTS
from xpmsync.xpm.api.store import client_update, contact_update, new_contact
from xpmsync.xpm.api.xml_reader import Envelope, read_clients

DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"
WRITABLE = [row for row in FIELDS if row.xpm_write]
NEVER = [row.name for row in FIELDS if not row.xpm_write]


def test_a_client_update_is_uuid_name_and_what_changed() -> None:
    """Name is always there, because XPM insists on it; no other field is."""
    body = client_update("c1", "Harbour & Co", {"phone": "09 555 0101", "postal_city": "Tāmaki"})
    assert body.decode() == (
        f"{DECLARATION}<Client><UUID>c1</UUID><Name>Harbour &amp; Co</Name>"
        "<Phone>09 555 0101</Phone><PostalCity>Tāmaki</PostalCity></Client>"
    )


def test_a_new_name_is_sent_once() -> None:
    """In the place of the present one."""
    body = client_update("c1", "Harbour", {"name": "Harbour Dental", "fax": ""})
    assert body.decode() == f"{DECLARATION}<Client><UUID>c1</UUID><Name>Harbour Dental</Name><Fax /></Client>"


def test_a_new_contact_names_its_client() -> None:
    """And nothing of the client but its UUID."""
    body = new_contact("c1", {"contact.name": "Ann Lee", "contact.email": "ann@example.com", "contact.primary": "Yes"})
    assert body.decode() == (
        f"{DECLARATION}<Contact><Client><UUID>c1</UUID></Client><Name>Ann Lee</Name><Email>ann@example.com</Email>"
        "<IsPrimary>Yes</IsPrimary></Contact>"
    )


def test_a_contact_update_is_name_and_what_changed() -> None:
    """Beside the client: position and primary flag belong to the contact's place there."""
    body = contact_update("c1", "Ann Lee", {"contact.mobile": "0491 570 006"})
    assert body.decode() == (
        f"{DECLARATION}<Contact><Client><UUID>c1</UUID></Client><Name>Ann Lee</Name>"
        "<Mobile>0491 570 006</Mobile></Contact>"
    )
    assert b"<Name>Ann Li</Name>" in contact_update("c1", "Ann Lee", {"contact.name": "Ann Li"})


@pytest.mark.parametrize("name", [*NEVER, "tax_number", "notes", "bank_account", "UUID", "xpm_number", "archived"])
def test_nothing_outside_the_catalogue_can_be_written(name: str) -> None:
    """Website, tax registration, structure and group never leave for XPM; the rest has no name here at all."""
    with pytest.raises((ValueError, KeyError)):
        client_update("c1", "A", {name: "x"})
    with pytest.raises((ValueError, KeyError)):
        new_contact("c1", {name: "x"})
    with pytest.raises((ValueError, KeyError)):
        contact_update("c1", "A", {name: "x"})


def test_fields_that_never_flow_to_xpm() -> None:
    """The list the test above is about."""
    assert NEVER == ["website", "tax_registered", "structure", "group"]


def test_only_names_that_xpm_takes_are_used() -> None:
    """Read and write names differ; the practice's server knows the writable ones and ignores all others."""
    clients = {row.xpm_write for row in CLIENT_FIELDS if row.xpm_write}
    contacts = {row.xpm_write for row in CONTACT_FIELDS if row.xpm_write}
    assert clients <= set(CLIENT_WRITES)
    assert contacts <= {*CONTACT_ELEMENTS, "Position", "IsPrimary"}


@given(
    st.sampled_from(WRITABLE), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)
)
def test_what_is_written_can_be_read_again(row: object, text: str) -> None:
    """Markup, quotes and any letter arrive as they were sent."""
    field = next(one for one in WRITABLE if one is row)
    if field.of_contact:
        body = contact_update("c1", "A", {field.name: text})
        inside = f"<Response><Status>OK</Status>{body.decode().removeprefix(DECLARATION)}</Response>"
        envelope = Envelope()
        assert not list(read_clients([inside.encode()], envelope))
        values = envelope.contacts[0].values
    else:
        body = client_update("c1", "A", {field.name: text})
        inside = f"<Response><Status>OK</Status>{body.decode().removeprefix(DECLARATION)}</Response>"
        (client,) = read_clients([inside.encode()], Envelope())
        values = client.values
    default = "A" if field.name in ("name", "contact.name") and not text else ""
    assert values.get(field.name, "") == (text.strip() or default)
