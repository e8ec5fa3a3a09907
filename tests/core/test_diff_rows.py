"""Rows of two files that say the same: found without records, and with the outcome that their records have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, strategies as st

from xpmsync.core.diff.diff import diff_client
from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.rows import RowComparison
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import Agreed, Client, ClientRef, Link
from xpmsync.core.plan.plan import ClientDiff
from xpmsync.core.ports.store import EVERY_FIELD, Capabilities
from xpmsync.core.rows import (
    CLIENT_NAMES,
    CONTACT_NAMES,
    RowClients,
    RowRecord,
    client_values,
    pack,
    people_of,
    unpack,
)

LINK = Link("x1", "1000001", "Harbour Dental", "2026-01-01T00:00:00+00:00")
ANN = {"contact.name": "Ann Lee", "contact.email": "ann@example.com", "contact.primary": "Yes"}
BOB = {"contact.name": "Bob Ray", "contact.email": "bob@example.com", "contact.mobile": "021 555 0101"}
Person = tuple[str, Mapping[str, str]]


def row(values: Mapping[str, str], *contacts: Person, number: str = "", state: str = "") -> RowRecord:
    """A client's row; every contact is its id and its values."""
    cells = [*(values.get(name, "") for name in CLIENT_NAMES), number, state]
    people = [(contact_id, pack([texts.get(name, "") for name in CONTACT_NAMES])) for contact_id, texts in contacts]
    return RowRecord(pack(cells), people)


def rules(direction: Direction = Direction.FROM_XPM, without: Sequence[str] = ()) -> Rules:
    """Rules of two files, of which XPM's lacks some fields."""
    xpm, ignition = Capabilities(reads=EVERY_FIELD - {*without}, from_file=True), Capabilities(from_file=True)
    source, target = (xpm, ignition) if direction is Direction.FROM_XPM else (ignition, xpm)
    return Rules(direction, Level.EVERYTHING, source, target)


def equal(
    xpm: RowRecord, ignition: RowRecord, known: Rules | None = None, linked: Mapping[str, str] | None = None
) -> ClientDiff | None:
    """The outcome of the rows alone."""
    return RowComparison(known or rules(), XpmNumbers([LINK])).equal(LINK, xpm, ignition, linked or {})


def by_records(xpm: RowRecord, ignition: RowRecord, known: Rules, linked: Mapping[str, str]) -> ClientDiff:
    """The outcome of the records made of the rows."""
    ours, theirs = record(System.XPM, xpm), record(System.IGNITION, ignition)
    source, target = (ours, theirs) if known.direction is Direction.FROM_XPM else (theirs, ours)
    client = ClientRef(LINK.xpm_id, LINK.ignition_id, source.name or LINK.name)
    return diff_client(client, source, target, Agreed(contacts=linked), known)


def record(system: System, each: RowRecord) -> Client:
    """The record of a row."""
    client_id = LINK.xpm_id if system is System.XPM else LINK.ignition_id
    return Client(system, client_id, client_values(unpack(each.client)), people_of(each.contacts))


def test_rows_that_say_the_same_are_equal() -> None:
    """With the contacts' pairs, whatever their order, and the primary one."""
    values = {"name": "Harbour Dental", "city": "Napier"}
    found = equal(row(values, ("a", ANN), ("b", BOB)), row(values, ("2", BOB), ("1", ANN)))
    assert found == ClientDiff(ClientRef("x1", "1000001", "Harbour Dental"), contacts={"a": "1", "b": "2"}, primary="a")


def test_a_field_that_the_source_does_not_carry_is_not_compared() -> None:
    """What only Ignition's file has is no difference; what only XPM's has is for the diff."""
    values, more = {"name": "Harbour Dental"}, {"name": "Harbour Dental", "tax_registered": "Yes"}
    known = rules(without=["tax_registered"])
    assert equal(row(values), row(more), known) is not None
    assert equal(row(values), row(more), rules()) is None
    assert equal(row(more), row(values), rules()) is None


@pytest.mark.parametrize(
    ("xpm", "ignition"),
    [
        (row({"name": "A"}), row({"name": "B"})),
        (row({"name": "A"}, ("a", ANN)), row({"name": "A"})),
        (row({"name": "A"}, ("a", ANN)), row({"name": "A"}, ("1", BOB))),
        (row({"name": "A"}, ("a", ANN)), row({"name": "A"}, ("1", {**ANN, "contact.primary": "No"}))),
        (row({"name": "A"}, ("a", ANN), ("b", ANN)), row({"name": "A"}, ("1", ANN), ("2", ANN))),
        (row({"name": "A"}, ("a", {"contact.name": "Ann"})), row({"name": "A"}, ("1", {"contact.name": "Ann"}))),
        (row({"name": "A"}), row({"name": "A"}, state="archived")),
    ],
    ids=["value", "alone", "other", "primary", "same names", "no e-mail", "archived"],
)
def test_what_is_not_plainly_equal_is_left_to_the_diff(xpm: RowRecord, ignition: RowRecord) -> None:
    """The rows alone decide nothing but that two clients are equal."""
    assert equal(xpm, ignition) is None


def test_a_contradicting_number_needs_the_records() -> None:
    """A link may be wrong although the rows are equal."""
    values = {"name": "Harbour Dental"}
    numbers = XpmNumbers([LINK])
    numbers.learn("another", "77")
    comparison = RowComparison(rules(), numbers)
    assert comparison.equal(LINK, row(values), row(values, number="76"), {}) is not None
    assert comparison.equal(LINK, row(values), row(values, number="77"), {}) is None


def test_links_of_contacts_come_before_their_names() -> None:
    """A contact linked to another than its namesake is paired by the link, which the diff does."""
    values = {"name": "Harbour Dental"}
    xpm, ignition = row(values, ("a", ANN), ("b", BOB)), row(values, ("1", ANN), ("2", BOB))
    assert equal(xpm, ignition, linked={"a": "1"}) is not None
    assert equal(xpm, ignition, linked={"a": ""}) is not None
    assert equal(xpm, ignition, linked={"a": "2"}) is None


def test_cells_with_the_separator_are_kept_as_they_are() -> None:
    """No text in a file can make two cells of one, or one of two."""
    cells = ("a\x1fb", "", "c")
    assert tuple(unpack(pack(cells))) == cells
    assert unpack(pack(("a", "b", ""))) == ["a", "b", ""]


def test_a_client_is_made_once_and_only_when_asked_for() -> None:
    """A file of thousands is looked through without thousands of records."""
    made: list[str] = []

    def make(client_id: str, cells: Sequence[str], _: RowRecord) -> Client:
        made.append(client_id)
        return Client(System.XPM, client_id, client_values(cells))

    clients = RowClients({"x1": row({"name": "A"}), "x2": row({"name": "B"})}, make)
    assert ("x1" in clients, "x3" in clients, len(clients), list(clients)) == (True, False, 2, ["x1", "x2"])
    assert made == []
    assert clients["x2"].name == "B"
    assert clients["x2"] is clients.get("x2")
    assert made == ["x2"]


TEXTS = st.sampled_from(["", "A", "a ", "B", "Yes", "No"])
PEOPLE = st.lists(st.fixed_dictionaries(dict.fromkeys(("contact.name", "contact.email", "contact.primary"), TEXTS)))
CLIENTS = st.fixed_dictionaries(dict.fromkeys(("city", "phone", "group", "tax_registered"), TEXTS))


@given(
    st.tuples(CLIENTS, PEOPLE),
    st.tuples(CLIENTS, PEOPLE),
    st.booleans(),
    st.sampled_from(Direction),
    st.sampled_from([(), ("tax_registered",), ("contact.primary", "group")]),
    st.dictionaries(st.sampled_from(["x0", "x1", "x2"]), st.sampled_from(["", "0", "1", "2"])),
)
def test_equal_rows_have_equal_records(
    ours: tuple[dict[str, str], list[dict[str, str]]],
    theirs: tuple[dict[str, str], list[dict[str, str]]],
    copied: bool,
    direction: Direction,
    lacking: tuple[str, ...],
    linked: dict[str, str],
) -> None:
    """Whatever the rows are, the direction, what a file lacks and what is linked: the outcome is the records' own."""
    values, people = ours
    other_values, other_people = ours if copied else theirs
    without = dict.fromkeys(lacking, "")
    xpm = row(
        {"name": "A", **values, **without}, *((f"x{n}", {**person, **without}) for n, person in enumerate(people))
    )
    ignition = row({"name": "A", **other_values}, *((str(n), person) for n, person in enumerate(other_people)))
    known = rules(direction, lacking)
    found = equal(xpm, ignition, known, linked)
    if found is not None:
        assert found == by_records(xpm, ignition, known, linked)
        assert found.is_equal
