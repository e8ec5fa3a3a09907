"""The Ignition register keeps Ignition's rules, and keeps them across processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xpmsync.core.enums import ClientState, System
from xpmsync.errors import ClientNotFound, Rejected, StateUnusable
from xpmsync.simulator.ignition.register import Register

ANN = {"contact.name": "Ann Example", "contact.email": "ann@example.com"}
BOB = {"contact.name": "Bob Example", "contact.email": "bob@example.com"}


@pytest.fixture
def register() -> Iterator[Register]:
    """An empty register in memory."""
    with Register() as register:
        yield register


def test_a_created_client_has_ignitions_three_kinds_of_ids(register: Register) -> None:
    """7-digit client id, `CLI-` reference, 8-digit contact ids; blanks are not kept."""
    client = register.create({"name": "Example Ltd", "phone": ""}, [ANN, BOB], xpm_number="10001")
    assert client.system is System.IGNITION
    assert len(client.id) == 7
    assert client.number == "CLI-1001"
    assert [len(contact.id) for contact in client.contacts] == [8, 8]
    assert client.values == {"name": "Example Ltd"}
    assert client.xpm_number == "10001"
    assert register.get(client.id) == client
    assert register.get("nothing") is None


@pytest.mark.parametrize(
    ("values", "contacts"),
    [
        ({}, [ANN]),
        ({"name": "  "}, [ANN]),
        ({"name": "x"}, []),
        ({"name": "x"}, [{"contact.name": "Ann"}]),
        ({"name": "x"}, [{"contact.email": "ann@example.com"}]),
        ({"name": "x"}, [ANN | {"contact.primary": "Yes"}, BOB | {"contact.primary": "Yes"}]),
        ({"name": "x", "colour": "red"}, [ANN]),
        ({"name": "x"}, [ANN | {"contact.position": "Director"}]),
    ],
)
def test_creating_needs_what_ignition_needs(
    register: Register, values: dict[str, str], contacts: list[dict[str, str]]
) -> None:
    """A name, a contact with name and e-mail, one primary; no field Ignition does not have."""
    with pytest.raises(Rejected) as refusal:
        register.create(values, contacts)
    assert refusal.value.system is System.IGNITION
    assert list(register.clients()) == []


def test_exactly_one_contact_is_primary(register: Register) -> None:
    """The flagged one, else the first; a new flag moves it; the last flag cannot be taken away."""
    client = register.create({"name": "x"}, [ANN, BOB | {"contact.primary": "yes"}])
    assert [contact.is_primary for contact in client.contacts] == [False, True]
    register.update_contact(client.id, client.contacts[0].id, {"contact.primary": "Yes"})
    added = register.add_contact(client.id, {"contact.name": "Cy", "contact.email": "cy@example.com"})
    after = register.get(client.id)
    assert after is not None
    assert [contact.is_primary for contact in after.contacts] == [True, False, False]
    with pytest.raises(Rejected):
        register.update_contact(client.id, after.contacts[0].id, {"contact.primary": "No"})
    register.delete_contact(client.id, after.contacts[0].id)
    after = register.get(client.id)
    assert after is not None
    assert [contact.is_primary for contact in after.contacts] == [True, False]
    assert not added.is_primary


def test_updates_are_partial_and_an_empty_text_clears(register: Register) -> None:
    """Only given fields change; the name cannot be cleared."""
    client = register.create({"name": "x", "phone": "02 5550 0001", "city": "Sydney"}, [ANN])
    assert register.update(client.id, {"phone": "", "fax": "02 5550 0002"}).values == {
        "name": "x",
        "city": "Sydney",
        "fax": "02 5550 0002",
    }
    with pytest.raises(Rejected):
        register.update(client.id, {"name": ""})


def test_contact_updates_keep_name_and_email(register: Register) -> None:
    """Other fields may be cleared, these two not; an unknown contact is rejected."""
    client = register.create({"name": "x"}, [ANN | {"contact.phone": "1"}])
    contact = client.contacts[0]
    changed = register.update_contact(client.id, contact.id, {"contact.phone": "", "contact.name": "Anne"})
    assert changed.values == {"contact.name": "Anne", "contact.email": "ann@example.com", "contact.primary": "Yes"}
    for values in ({"contact.email": ""}, {"contact.name": " "}):
        with pytest.raises(Rejected):
            register.update_contact(client.id, contact.id, values)
    with pytest.raises(Rejected):
        register.update_contact(client.id, "20999999", {"contact.phone": "1"})


def test_archiving_restoring_deleting(register: Register) -> None:
    """State changes keep the record; deleted ids are not given again."""
    first = register.create({"name": "x"}, [ANN])
    assert register.archive(first.id).state is ClientState.ARCHIVED
    assert register.restore(first.id).state is ClientState.ACTIVE
    register.delete(first.id)
    assert register.get(first.id) is None
    assert register.create({"name": "y"}, [ANN]).id != first.id


@pytest.mark.parametrize("client_id", ["1999999", "CLI-1001", ""])
def test_unknown_clients_are_not_found(register: Register, client_id: str) -> None:
    """Every write names the id it did not find."""
    for write in (
        lambda: register.update(client_id, {"city": "x"}),
        lambda: register.add_contact(client_id, ANN),
        lambda: register.delete(client_id),
    ):
        with pytest.raises(ClientNotFound) as missing:
            write()
        assert missing.value.wanted == client_id


def test_a_failed_transaction_leaves_nothing(register: Register) -> None:
    """Several writes can be one commit."""

    def half() -> None:
        with register.transaction():
            register.create({"name": "x"}, [ANN])
            register.create({"name": ""}, [ANN])

    with pytest.raises(Rejected):
        half()
    assert list(register.clients()) == []


def test_names_are_no_keys(register: Register) -> None:
    """Two clients may have one name; both are found."""
    for _ in range(2):
        register.create({"name": "John Smith"}, [ANN])
    assert len(register.named("John Smith")) == 2


def test_the_file_survives_and_is_private(tmp_path: Path) -> None:
    """A write is there for the next opening; nobody else can read the file."""
    path = tmp_path / "new folder" / "register.sqlite"
    with Register(path) as register:
        made = register.create({"name": "Ngā Puke"}, [ANN])
    with Register(path) as register:
        assert register.get(made.id) == made
    if os.name != "nt":
        assert path.stat().st_mode & 0o077 == 0


def test_two_processes_write_one_file(tmp_path: Path) -> None:
    """Nothing is lost and no id is given twice when two processes create at once."""
    path = tmp_path / "register.sqlite"
    program = (
        "import sys; from pathlib import Path; from xpmsync.simulator.ignition.register import Register\n"
        "with Register(Path(sys.argv[1])) as register:\n"
        "    for i in range(15):\n"
        "        register.create({'name': sys.argv[2]}, [{'contact.name': 'a', 'contact.email': 'a@example.com'}])\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(path), name]) for name in "ab"]
    assert [process.wait(60) for process in running] == [0, 0]
    with Register(path) as register:
        clients = list(register.clients())
    assert len({client.id for client in clients}) == 30
    assert len({contact.id for client in clients for contact in client.contacts}) == 30


def test_a_file_that_is_no_register_is_named(tmp_path: Path) -> None:
    """Neither a text file nor a newer register is touched."""
    text = tmp_path / "register.sqlite"
    text.write_text("not a database, and long enough to be looked at by SQLite " * 20, encoding="utf-8")
    with pytest.raises(StateUnusable) as unusable:
        Register(text)
    assert unusable.value.path == text
    newer = tmp_path / "newer.sqlite"
    with Register(newer) as register:
        register.database.run("PRAGMA user_version = 99")
    with pytest.raises(StateUnusable):
        Register(newer)
