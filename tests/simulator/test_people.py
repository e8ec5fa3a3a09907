"""The made-up people have the awkward cases in them, and generated practices are always the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from support.generate_register import generate_register
from xpmsync.core.diff.diff import diff_client
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import ClientState, Direction, Level
from xpmsync.core.model import Agreed, Client, ClientRef
from xpmsync.core.ports.store import Capabilities
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate, generated
from xpmsync.simulator.people.model import CLIENTS, abn, acn, nzbn
from xpmsync.simulator.people.seed import (
    SEEDED_LINKS,
    SEEDED_PAIRS,
    client_id,
    ignition_id,
    respell_country,
    respell_phone,
    seed_register,
    seed_world,
)
from xpmsync.simulator.world import xml
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.xml_reader import Envelope, read_clients


def read(world: World) -> dict[str, Client]:
    """XPM's side as xpmsync reads it."""
    pieces = ["<Clients>", *map(xml.detailed_client, world.clients()), "</Clients>"]
    return {client.id: client for client in read_clients([xml.response("List", *pieces)], Envelope())}


@pytest.fixture
def register() -> Iterator[Register]:
    """The seeded register."""
    with Register() as register:
        seed_register(register)
        yield register


def test_the_awkward_cases_are_there(world: World) -> None:
    """What the issue lists occurs in the sixty clients."""
    clients = read(world)
    names = Counter(client.name for client in clients.values() if client.state is not ClientState.DELETED)
    assert len(clients) == 60
    assert names["John Smith"] == 2
    emails = Counter(contact.email for client in clients.values() for contact in client.contacts)
    assert emails["thesmiths@example.com"] == 2
    assert any(not client.contacts for client in clients.values())
    assert any(client.contacts and not any(c.is_primary for c in client.contacts) for client in clients.values())
    assert any("@" in contact.name for client in clients.values() for contact in client.contacts)
    assert any("\n" in client.values.get("address", "") for client in clients.values())
    assert any(client.prospect for client in clients.values())
    assert {client.state for client in clients.values()} == set(ClientState)
    assert {client.values.get("country") for client in clients.values()} >= {
        "Australia",
        "New Zealand",
        "United Kingdom",
    }
    family = [client for client in clients.values() if client.values.get("group", "").startswith("Whitmore")]
    assert {client.values["structure"] for client in family} >= {"Trust", "Company", "Individual"}


def test_made_up_addresses_are_reserved_ones() -> None:
    """Every e-mail ends in an example domain."""
    people = [person for made in CLIENTS for person in made.contacts if person.email]
    assert all(person.email.endswith(("example.com", "example.net")) for person in people)


def test_twins_are_named_and_linked_ones_among_them(world: World, register: Register) -> None:
    """Both ids of every pair exist; the linked pairs are some of all pairs."""
    clients = {client.id for client in register.clients()}
    assert all(world.client(xpm) and ignition in clients for xpm, ignition in SEEDED_PAIRS)
    assert set(SEEDED_LINKS) < set(SEEDED_PAIRS)
    assert len(SEEDED_LINKS) == 36
    assert clients > {ignition for _, ignition in SEEDED_PAIRS}


def test_the_first_diff_shows_a_few_of_everything(world: World, register: Register) -> None:
    """Different spelling is equal; what differs is a handful of changes and holds of several kinds."""
    store, clients = BuiltinStore(register), read(world)
    rules = Rules(Direction.FROM_XPM, Level.EVERYTHING, Capabilities(), store.capabilities)
    diffs = [
        diff_client(ClientRef(xpm, ignition, ""), clients[xpm], register.get(ignition), Agreed(), rules)
        for xpm, ignition in SEEDED_LINKS
    ]
    changed = Counter(change.field for diff in diffs for change in diff.changes)
    held = Counter(hold.code.value for diff in diffs for hold in diff.holds)
    assert changed.keys() >= {"name", "phone", "address", "city", "website", "contact", "contact.email"}
    assert held.keys() >= {"blank-source", "contact-only-in-target", "route-cannot", "archived"}
    assert 10 < changed.total() < 40
    assert held.total() < 15


def test_seeding_is_the_same_everywhere(world: World, register: Register) -> None:
    """Ids, numbers and times do not depend on machine or moment."""
    with World() as again, Register() as other:
        seed_world(again)
        seed_register(other)
        assert list(map(xml.detailed_client, again.clients())) == list(map(xml.detailed_client, world.clients()))
        assert list(other.clients()) == list(register.clients())
    assert client_id("cafe-zoe") == "30a2dac4-387b-5e94-9739-2bb504dd6cfa"
    assert ignition_id("cafe-zoe") == "1000122"


def test_register_numbers_verify() -> None:
    """Made-up ABNs, ACNs and NZBNs have right check digits, whatever the number."""
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    for number in range(0, 5000, 37):
        digits = [int(digit) for digit in abn(number).replace(" ", "")]
        digits[0] -= 1
        assert sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 89 == 0
        assert abn(number).endswith(acn(number))
        gs1 = [int(digit) for digit in nzbn(number)]
        assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(gs1)) % 10 == 0


def test_spellings() -> None:
    """Layouts of one number and names of one country; what is unknown stays as it is."""
    layouts = [respell_phone("(02) 5550 0101", "Australia", style) for style in range(4)]
    assert layouts == ["(02) 5550 0101", "+61 2 5550 0101", "0255500101", "02-5550-0101"]
    assert respell_phone("+61 2 5550 0101", "Australia", 2) == "+61 2 5550 0101"
    assert respell_country("New Zealand", 1) == "NZ"
    assert respell_country("Atlantis", 1) == "Atlantis"


def test_generated_clients_are_the_same_for_a_seed() -> None:
    """One seed, one practice; more clients only add to it."""
    few, many = list(generated(50, 7)), list(generated(80, 7))
    assert few == many[:50]
    assert few != list(generated(50, 8))


def test_generated_xml_has_the_size_of_real_answers() -> None:
    """About 3.3 KB for a detailed client, with names that need more than ASCII."""
    sizes = [len(xml.detailed_client(client).encode()) for client in generated(800)]
    assert 3_100 < sum(sizes) / len(sizes) < 3_500
    names = "".join(client.name for client in generated(800))
    assert any(letter in names for letter in "āēīōū")


def test_generated_structures_are_mixed() -> None:
    """People, companies, trusts, partnerships, funds and sole traders; some archived, deleted, prospects."""
    clients = list(generated(800))
    assert len({client.fields["BusinessStructure"] for client in clients}) == 6
    assert any(client.archived for client in clients)
    assert any(client.deleted for client in clients)
    shared = Counter(member.contact.uuid for client in clients for member in client.members)
    assert max(shared.values()) > 1


def test_stored_clients_equal_their_kept_xml(world: World) -> None:
    """What `generate` keeps ready is what rendering from the tables gives, and an edit drops it."""
    with World(clock=world.clock) as made:
        generate(made, clients=300)
        kept = [client for batch in made.rendered(xml.render_client) for client in batch]
        assert kept == [xml.render_client(client) for client in made.clients()]
        related = next(client for client in made.clients() if client.relationships and client.members)
        made.update_client(related.relationships[0].related.uuid, {"Name": "Renamed & Co"})
        made.update_contact(related.members[0].contact.uuid, {"Name": "Somebody Else"})
        kept = [client for batch in made.rendered(xml.render_client) for client in batch]
        assert kept == [xml.render_client(client) for client in made.clients()]
        assert b"Renamed &amp; Co" in b"".join(kept[related.number - 20_001])


def test_a_generated_register_differs_where_it_should(world: World) -> None:
    """Exactly the chosen clients differ, in one field each; all others are equal field by field."""
    with World(clock=world.clock) as made, Register() as register:
        generate(made, clients=300, seed=3)
        result = generate_register(register, clients=300, seed=3, differing=0.1)
        store, clients = BuiltinStore(register), read(made)
        rules = Rules(Direction.FROM_XPM, Level.EVERYTHING, Capabilities(), store.capabilities)
        changed = {
            xpm: [change.field for change in diff.changes]
            for xpm, ignition in result.links
            if not (
                diff := diff_client(ClientRef(xpm, ignition, ""), clients[xpm], register.get(ignition), Agreed(), rules)
            ).is_equal
        }
    assert changed.keys() == set(result.differing)
    assert {field for (field,) in changed.values()} == {
        "address",
        "city",
        "name",
        "contact.email",
        "contact.salutation",
    }
