"""Playing the other side's user, in XPM and in Ignition."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.clock import FakeClock
from xpmsync.core.enums import ClientState, System
from xpmsync.errors import ClientNotFound, Rejected, SeveralClients, UsageError
from xpmsync.simulator.edit import Edited, edit_ignition, edit_xpm, editable_fields
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import client_id, ignition_id, seed_register
from xpmsync.simulator.world.records import WorldClient
from xpmsync.simulator.world.world import World

CAFE = "Café Zoë Pty Ltd"


@pytest.fixture
def register() -> Iterator[Register]:
    """The seeded register."""
    with Register() as register:
        seed_register(register)
        yield register


def of(world: World, name: str) -> WorldClient:
    """The one client of that name."""
    (client,) = world.named(name)
    return client


def test_a_client_field_is_edited_by_name_or_id_and_moves_modified(world: World, clock: FakeClock) -> None:
    """The result names system, client, field, old and new."""
    before = of(world, CAFE).modified
    clock.forward(minutes=1)
    done = edit_xpm(world, CAFE, "phone", "(03) 7010 0100")
    assert done == Edited(System.XPM, client_id("cafe-zoe"), CAFE, "phone", "(03) 7010 0134", "(03) 7010 0100")
    assert edit_xpm(world, client_id("cafe-zoe").upper(), "website", "x.example.com").new == "x.example.com"
    assert of(world, CAFE).fields["Website"] == "x.example.com"
    assert of(world, CAFE).modified > before


def test_contact_and_group_edits_do_not_move_modified(world: World, clock: FakeClock) -> None:
    """As in the real system."""
    before = of(world, CAFE).modified
    clock.forward(minutes=1)
    edit_xpm(world, CAFE, "contact.email", "zoe@example.com")
    edit_xpm(world, CAFE, "contact.position", "Chair")
    edit_xpm(world, CAFE, "contact.primary", "no")
    edit_xpm(world, CAFE, "group", "Cafés\nHospitality")
    edit_xpm(world, CAFE, "add-contact", "Rémi Laurent <remi@example.com>")
    after = of(world, CAFE)
    assert after.modified == before
    assert [group.name for group in after.groups] == ["Cafés", "Hospitality"]
    zoe, remi = after.members
    assert (zoe.contact.fields["Email"], zoe.position, zoe.primary) == ("zoe@example.com", "Chair", False)
    assert (remi.contact.name, remi.contact.fields["Email"]) == ("Rémi Laurent", "remi@example.com")


def test_one_contact_among_several_is_named_after_an_at_sign(world: World) -> None:
    """By name, e-mail or id; without it the primary one is meant, and a client without one says so."""
    done = edit_xpm(world, "Bluegum Building Services", "contact.mobile@Ania Kowalski", "0491 570 006")
    assert done.field == "contact.mobile@Ania Kowalski"
    edit_xpm(world, "Bluegum Building Services", "contact.mobile@PETE@bluegum.example.com", "0491 570 007")
    with pytest.raises(UsageError) as usage:
        edit_xpm(world, "Bluegum Building Services", "contact.mobile", "0491 570 008")
    assert "Pete Kowalski, Ania Kowalski" in usage.value.hint
    pete, ania = of(world, "Bluegum Building Services").members
    assert (pete.contact.fields["Mobile"], ania.contact.fields["Mobile"]) == ("0491 570 007", "0491 570 006")


def test_archiving_deleting_and_contacts_in_xpm(world: World) -> None:
    """What only a person does."""
    assert edit_xpm(world, CAFE, "archived", "yes").old == "No"
    assert of(world, CAFE).archived
    assert edit_xpm(world, CAFE, "delete-contact", "Zoë Laurent").old == "Zoë Laurent"
    assert of(world, CAFE).members == ()
    edit_xpm(world, CAFE, "deleted", "Yes")
    assert world.named(CAFE) == ()


def test_every_kind_of_edit_in_ignition(register: Register) -> None:
    """Client and contact fields, contacts, archiving and deleting, by id, reference or name."""
    wanted = ignition_id("nguyen")
    edit_ignition(register, wanted, "phone", "")
    done = edit_ignition(register, "Nguyễn & Daughters Pty Ltd", "contact.mobile@Mai Nguyen", "0491 570 000")
    assert done.field == "contact.mobile@Mai Nguyen"
    edit_ignition(register, "cli-1125", "add-contact", "New Person <new@example.com>")
    edit_ignition(register, wanted, "delete-contact", "Accounts")
    edit_ignition(register, wanted, "archived", "yes")
    client = register.get(wanted)
    assert client is not None
    assert client.number == "CLI-1125"
    assert "phone" not in client.values
    assert [contact.name for contact in client.contacts] == ["Nguyễn Thị Linh", "Mai Nguyen", "New Person"]
    assert client.state is ClientState.ARCHIVED
    assert edit_ignition(register, wanted, "archived", "no").old == "Yes"
    edit_ignition(register, wanted, "deleted", "yes")
    assert register.get(wanted) is None


def test_ignitions_rules_hold_for_people_too(register: Register) -> None:
    """A contact without e-mail is refused; a deleted client does not come back."""
    with pytest.raises(Rejected):
        edit_ignition(register, ignition_id("nguyen"), "add-contact", "Nobody")
    with pytest.raises(UsageError):
        edit_ignition(register, ignition_id("nguyen"), "deleted", "no")


def test_an_unknown_field_names_the_near_match_and_all_fields(world: World, register: Register) -> None:
    """The position of a contact exists in XPM only."""
    with pytest.raises(UsageError) as usage:
        edit_xpm(world, CAFE, "postal_adress", "x")
    assert usage.value.hint.startswith("Did you mean postal_address? Fields: name, phone,")
    with pytest.raises(UsageError):
        edit_ignition(register, ignition_id("nguyen"), "contact.position", "x")
    assert set(editable_fields(System.XPM)) - set(editable_fields(System.IGNITION)) == {"contact.position"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 300),
        ("phone", "1" * 60),
        ("tax_registered", "perhaps"),
        ("archived", "1"),
        ("contact.name", ""),
        ("contact.phone@Nobody", "1"),
        ("phone@Zoë Laurent", "1"),
        ("add-contact", "<x@example.com>"),
        ("delete-contact", "Nobody"),
    ],
)
def test_values_that_xpms_screens_would_not_take(world: World, field: str, value: str) -> None:
    """Each is a usage error and changes nothing."""
    before = of(world, CAFE)
    with pytest.raises(UsageError):
        edit_xpm(world, CAFE, field, value)
    assert of(world, CAFE) == before


def test_clients_that_do_not_exist_or_exist_twice(world: World, register: Register) -> None:
    """A name used twice lists the ids to choose from."""
    with pytest.raises(SeveralClients) as several:
        edit_xpm(world, "John Smith", "phone", "1")
    assert several.value.ids == [client_id("smith-parramatta"), client_id("smith-fremantle")]
    with pytest.raises(SeveralClients):
        edit_ignition(register, "John Smith", "phone", "1")
    with pytest.raises(ClientNotFound):
        edit_xpm(world, "Nobody Ltd", "phone", "1")
    with pytest.raises(ClientNotFound):
        edit_ignition(register, "Nobody Ltd", "phone", "1")
