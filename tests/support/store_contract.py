"""What every store promises, whatever is behind it: one suite for XPM and each route to Ignition.

A test module for a store gives a fixture `rig` and subclasses `StoreContract`;
`ignition/test_contract.py` shows how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from xpmsync.core.catalogue import CLIENT_FIELDS, CONTACT_FIELDS, Field, FieldKind
from xpmsync.core.enums import ClientState
from xpmsync.core.model import Client, Contact
from xpmsync.core.ports.store import Capabilities, Store
from xpmsync.core.text import same
from xpmsync.errors import ClientNotFound, Rejected, XpmsyncError

NAME: Final = "Tāmaki & Sons <Ltd>"
ANN: Final[Mapping[str, str]] = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
BOB: Final[Mapping[str, str]] = {"contact.name": "Bob Ray", "contact.email": "bob@example.com"}
SAMPLES: Final = {
    FieldKind.TEXT: ("Ōtaki", "Colac"),
    FieldKind.LINES: ("Level 1\nQuay Street", "PO Box 9"),
    FieldKind.EMAIL: ("cy@example.com", "dee@example.com"),
    FieldKind.PHONE: ("09 555 0101", "02 5550 1234"),
    FieldKind.FLAG: ("Yes", "No"),
    FieldKind.COUNTRY: ("Australia", "New Zealand"),
    FieldKind.CHOICE: ("Marlowe", "Rangi"),
}


@dataclass
class Rig:
    """A store with one hand behind it.

    `create` puts a client into the system and returns its id, `archive` archives
    one; a store that cannot is helped by the back door. `settle` lets take effect
    what a person must do first (an upload), `reopen` gives the store as the next
    run sees it. `unknown` is a well-formed id that the system does not have.
    """

    store: Store
    create: Callable[[Mapping[str, str], Sequence[Mapping[str, str]]], str]
    archive: Callable[[str], object]
    unknown: str
    settle: Callable[[], None] = lambda: None
    reopen: Callable[[], Store] | None = None

    @property
    def able(self) -> Capabilities:
        """What the store can do, once it is connected."""
        self.store.connect()
        return self.store.capabilities

    def now(self, client_id: str) -> Client:
        """The client as the next run finds it."""
        self.settle()
        self.store = self.reopen() if self.reopen else self.store
        client = self.store.get(client_id)
        assert client is not None
        return client

    def takes(self, client_id: str, name: str, text: str, contact_id: str = "") -> bool:
        """Whether the store says that this value of a client, or of its contact, can be written."""
        client, check = self.store.get(client_id), self.able.check
        assert client is not None
        return name in self.able.writes and (check is None or not check.update(client, {name: text}, contact_id))

    def client(self, *contacts: Mapping[str, str], **values: str) -> str:
        """A client with Ann as its contact, unless told otherwise."""
        made = self.create({"name": NAME, **values}, contacts or (ANN,))
        self.now(made)
        return made


def _text(client: Client, name: str) -> str:
    return client.values.get(name, "")


def _contact(client: Client, name: str) -> Contact:
    (found,) = (contact for contact in client.contacts if contact.name == name)
    return found


class ReadingContract:
    """What every store promises of reading, also one that cannot write; every test asks for `rig`."""

    def test_it_reads_what_it_holds(self, rig: Rig) -> None:
        """All clients, each once, with their contacts; looking one up gives the same record."""
        one = rig.client(city="Colac", address="Level 1\nQuay Street")
        other = rig.client(BOB, name="Anchor Ltd")
        rig.now(one)
        read = {client.id: client for client in rig.store.read()}
        assert set(read) >= {one, other}
        assert len(list(rig.store.read())) == len(read)
        client = read[one]
        assert (client.system, client.name, _text(client, "city")) == (rig.store.system, NAME, "Colac")
        assert _text(client, "address") == "Level 1\nQuay Street"
        assert [(contact.name, contact.email) for contact in client.contacts] == [("Ann Lee", "ann@example.com")]
        looked_up = rig.now(one)
        assert looked_up.values == client.values
        assert looked_up.contacts == client.contacts

    def test_archived_clients_are_read_and_say_so(self, rig: Rig) -> None:
        """A store hides nobody; the rules decide what archived means."""
        one = rig.client()
        rig.archive(one)
        assert rig.now(one).state is ClientState.ARCHIVED
        assert {client.id: client.state for client in rig.store.read()}[one] is ClientState.ARCHIVED

    @pytest.mark.parametrize("wanted", ["unknown", "", "Nobody Ltd", "../1", "%00", "'; --"])
    def test_an_id_that_is_none_is_nobody(self, rig: Rig, wanted: str) -> None:
        """None, not an error: people type names where ids are asked for."""
        assert rig.store.get(rig.unknown if wanted == "unknown" else wanted) is None

    def test_search_finds_a_part_of_the_name(self, rig: Rig) -> None:
        """In any case of letters; who does not fit is not found."""
        one = rig.client(name="Harbour Dental Ltd")
        rig.client(BOB, name="Anchor Ltd")
        assert [client.id for client in rig.store.search("bour DENT")] == [one]
        assert list(rig.store.search("nobody at all")) == []

    def test_blank_values_are_missing(self, rig: Rig) -> None:
        """No value is an empty text: a missing key means blank."""
        one = rig.client()
        client = rig.now(one)
        assert all(client.values.values())
        assert all(text for contact in client.contacts for text in contact.values.values())

    def test_it_reads_no_more_than_it_says(self, rig: Rig) -> None:
        """Every value it yields has its name in `reads`."""
        one = rig.client()
        client = rig.now(one)
        assert client.values.keys() <= rig.able.reads
        assert {name for contact in client.contacts for name in contact.values} <= rig.able.reads


class StoreContract(ReadingContract):
    """The whole suite, for stores that are written to."""

    # --- clients ---

    def test_an_update_touches_the_given_fields_only(self, rig: Rig) -> None:
        """Everything else stays as it is, contacts and other clients included."""
        one, other = rig.client(city="Colac", phone="09 555 0101"), rig.client(BOB, name="Anchor Ltd", city="Colac")
        before, bystander = rig.now(one), rig.now(other)
        rig.store.update(one, NAME, {"city": "Ōtaki"})
        after = rig.now(one)
        assert after.values == {**before.values, "city": "Ōtaki"}
        assert after.contacts == before.contacts
        assert rig.now(other).values == bystander.values

    def test_an_update_returns_the_record_as_it_is_now(self, rig: Rig) -> None:
        """So that what was agreed can be remembered without asking again."""
        if not rig.able.immediate:
            pytest.skip("its writes take effect later")
        one = rig.client(city="Colac")
        told = rig.store.update(one, NAME, {"name": "Renamed Ltd", "city": "Ōtaki"})
        assert told is None or (told.id, told.values) == (one, rig.now(one).values)

    def test_a_field_can_be_cleared_if_it_says_so(self, rig: Rig) -> None:
        """An empty text takes the value away."""
        if not rig.able.clears:
            pytest.skip("it says that it cannot clear")
        one = rig.client(city="Colac", phone="09 555 0101")
        rig.store.update(one, NAME, {"city": ""})
        assert _text(rig.now(one), "city") == ""
        assert _text(rig.now(one), "phone") == "09 555 0101"

    def test_every_field_it_says_it_writes_arrives(self, rig: Rig) -> None:
        """Capabilities are honest: what is in `writes` can be written, and read again the same."""
        one = rig.client()
        for round_ in (0, 1):
            name = _text(rig.now(one), "name")
            rows = [row for row in CLIENT_FIELDS if rig.takes(one, row.name, _sample(row, round_))]
            wanted = {row.name: _sample(row, round_) for row in rows}
            assert {"name", "phone", "city"} <= wanted.keys()
            rig.store.update(one, name, wanted)
            now = rig.now(one)
            assert [row.name for row in rows if not same(row.kind, wanted[row.name], _text(now, row.name))] == []

    def test_what_it_does_not_write_it_refuses(self, rig: Rig) -> None:
        """Nothing is dropped in silence: a field outside `writes` is an error, here and in contacts."""
        one = rig.client()
        able = rig.able
        contact = _contact(rig.now(one), "Ann Lee")
        for row in CLIENT_FIELDS:
            if row.name not in able.writes:
                with pytest.raises((Rejected, ValueError, KeyError)):
                    rig.store.update(one, NAME, {row.name: _sample(row, 0)})
        for row in CONTACT_FIELDS:
            if row.name not in able.writes:
                with pytest.raises((Rejected, ValueError, KeyError)):
                    rig.store.update_contact(one, contact.id, "Ann Lee", {row.name: _sample(row, 0)})

    def test_it_can_read_whatever_it_can_write(self, rig: Rig) -> None:
        """Otherwise nobody could tell what a write replaced."""
        able = rig.able
        assert able.writes <= able.reads
        assert {"name", "contact.name", "contact.email"} <= able.writes

    def test_a_client_keeps_a_name(self, rig: Rig) -> None:
        """A blank one is refused, and nothing of that update is written."""
        one = rig.client(city="Colac")
        with pytest.raises(XpmsyncError):
            rig.store.update(one, "", {"name": "", "city": "Ōtaki"})
        assert (_text(rig.now(one), "name"), _text(rig.now(one), "city")) == (NAME, "Colac")

    def test_nobody_can_be_changed(self, rig: Rig) -> None:
        """A client that is not there is an error about one record."""
        rig.client()
        with pytest.raises((ClientNotFound, Rejected)):
            rig.store.update(rig.unknown, NAME, {"city": "Colac"})
        with pytest.raises((ClientNotFound, Rejected)):
            rig.store.add_contact(rig.unknown, BOB)

    # --- contacts ---

    def test_a_contact_is_added_to_the_others(self, rig: Rig) -> None:
        """With all it is given; the ones there already stay as they are."""
        one = rig.client()
        before = _contact(rig.now(one), "Ann Lee")
        told = rig.store.add_contact(one, {**BOB, "contact.phone": "09 555 0101"})
        after = rig.now(one)
        assert _contact(after, "Ann Lee") == before
        bob = _contact(after, "Bob Ray")
        assert (bob.email, bob.values["contact.phone"]) == ("bob@example.com", "09 555 0101")
        if rig.able.immediate:
            assert told is None or told.id == bob.id

    def test_a_contacts_update_touches_the_given_fields_only(self, rig: Rig) -> None:
        """Of that contact of that client."""
        one = rig.client({**ANN, "contact.phone": "09 555 0101"}, BOB)
        before = rig.now(one)
        ann = _contact(before, "Ann Lee")
        rig.store.update_contact(one, ann.id, "Ann Lee", {"contact.email": "lee@example.com"})
        after = rig.now(one)
        assert _contact(after, "Ann Lee").values == {**ann.values, "contact.email": "lee@example.com"}
        assert _contact(after, "Bob Ray") == _contact(before, "Bob Ray")

    def test_every_contact_field_it_says_it_writes_arrives(self, rig: Rig) -> None:
        """The primary flag aside, which is for the client as a whole."""
        one = rig.client()
        ann = _contact(rig.now(one), "Ann Lee")
        flag = "contact.primary"
        rows = [row for row in CONTACT_FIELDS if row.name != flag and rig.takes(one, row.name, _sample(row, 0), ann.id)]
        wanted = {row.name: _sample(row, 0) for row in rows}
        assert {"contact.email", "contact.phone", "contact.mobile"} <= wanted.keys()
        rig.store.update_contact(one, ann.id, "Ann Lee", wanted)
        (now,) = rig.now(one).contacts
        assert [row.name for row in rows if not same(row.kind, wanted[row.name], now.values.get(row.name, ""))] == []

    def test_one_contact_is_primary(self, rig: Rig) -> None:
        """Flagging another one takes the flag from the first."""
        if "contact.primary" not in rig.able.writes:
            pytest.skip("it does not carry the flag")
        one = rig.client({**ANN, "contact.primary": "Yes"}, BOB)
        bob = _contact(rig.now(one), "Bob Ray")
        rig.store.update_contact(one, bob.id, "Bob Ray", {"contact.primary": "Yes"})
        assert [contact.name for contact in rig.now(one).contacts if contact.is_primary] == ["Bob Ray"]
        rig.store.add_contact(
            one, {"contact.name": "Cy Oz", "contact.email": "cy@example.com", "contact.primary": "Yes"}
        )
        assert [contact.name for contact in rig.now(one).contacts if contact.is_primary] == ["Cy Oz"]

    def test_contacts_that_break_a_rule_are_refused(self, rig: Rig) -> None:
        """Without a name nowhere, without an e-mail where the store says that it needs one; nothing is added."""
        one = rig.client()
        with pytest.raises(Rejected):
            rig.store.add_contact(one, {"contact.email": "bob@example.com"})
        if rig.able.contact_needs_email:
            with pytest.raises(Rejected):
                rig.store.add_contact(one, {"contact.name": "Bob Ray"})
        assert [contact.name for contact in rig.now(one).contacts] == ["Ann Lee"]

    def test_a_contact_of_nobody_is_an_error(self, rig: Rig) -> None:
        """About one record, so that a run goes on with the others."""
        one = rig.client()
        with pytest.raises(Rejected):
            rig.store.update_contact(one, rig.unknown, "Nobody", {"contact.email": "x@example.com"})

    # --- counting ---

    def test_calls_are_counted(self, rig: Rig) -> None:
        """They never go down; a store on this machine makes none."""
        rig.client()
        before = rig.store.calls_made
        list(rig.store.read())
        assert rig.store.calls_made >= before >= 0


def _sample(row: Field, round_: int) -> str:
    return SAMPLES[row.kind][round_]
