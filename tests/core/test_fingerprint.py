"""Fingerprints: what the ledger keeps instead of copies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from support.factories import ignition_client, person
from xpmsync.core import fingerprint
from xpmsync.core.catalogue import FIELDS, field
from xpmsync.core.enums import ClientState
from xpmsync.core.text import normalise


def test_equal_values_have_equal_fingerprints() -> None:
    """Spelling that does not count when comparing does not count here."""
    phone = field("phone")
    assert fingerprint.of_value(phone, "(02) 5550 1234") == fingerprint.of_value(phone, "+61 2 5550 1234")
    assert fingerprint.of_value(phone, "02 5550 1234") != fingerprint.of_value(phone, "02 5550 1235")


def test_a_blank_has_a_blank_fingerprint() -> None:
    """So that "agreed to be blank" can be told from "never agreed"."""
    for row in FIELDS:
        assert fingerprint.of_value(row, " \r\n ") == ""


@given(st.sampled_from(FIELDS), st.text(max_size=40))
def test_a_fingerprint_shows_nothing_of_the_value(row: object, text: str) -> None:
    """Sixteen hexadecimal digits, whatever the text; a lone surrogate is no crash either."""
    assert row in FIELDS
    told = fingerprint.of_value(next(one for one in FIELDS if one is row), text)
    assert told == "" or (len(told) == 16 and set(told) <= set("0123456789abcdef"))


def test_a_value_that_is_no_valid_text_has_a_fingerprint() -> None:
    """JSON and SQLite can hand over half a character."""
    assert fingerprint.of_value(field("name"), "\ud800 Ltd")
    assert fingerprint.of_record(ignition_client(name="\ud800 Ltd"))


def test_a_record_changes_with_anything_the_catalogue_knows() -> None:
    """Values, contacts and state count; what only helps people to tell clients apart does not."""
    record = ignition_client(person("i1", "Ann Lee", "ann@example.com"), phone="1")
    before = fingerprint.of_record(record)
    contact = record.contacts[0]
    assert fingerprint.of_record(replace(record, values={**record.values, "phone": "2"})) != before
    assert fingerprint.of_record(replace(record, contacts=())) != before
    assert fingerprint.of_record(replace(record, contacts=(replace(contact, id="i2"),))) != before
    assert fingerprint.of_record(replace(record, state=ClientState.ARCHIVED)) != before
    assert fingerprint.of_record(replace(record, manager="Tom Okafor", number="CLI-9")) == before


def test_the_order_of_reading_does_not_count() -> None:
    """Contacts and values may come in any order, and a blank value is none."""
    one, two = person("i1", "Ann Lee"), person("i2", "Bob Ray")
    assert fingerprint.of_record(ignition_client(one, two, phone="1", city="Colac")) == fingerprint.of_record(
        ignition_client(two, one, city="Colac", phone="1", fax="")
    )


@pytest.mark.parametrize("split", [("ab", "c"), ("a", "bc")])
def test_neighbours_do_not_run_into_each_other(split: tuple[str, str]) -> None:
    """Texts are kept apart, so moving a letter from one field to the next is a difference."""
    whole = fingerprint.of_record(ignition_client(city="abc"))
    assert fingerprint.of_record(ignition_client(city=split[0], region=split[1])) != whole


def test_groups_are_remembered_as_the_target_holds_them() -> None:
    """A source in several groups and a target in one of them agree on that one."""
    group = field("group")
    assert fingerprint.of_value(group, "Marlowe") == fingerprint.of_value(group, " Marlowe ")
    assert normalise(group.kind, "Marlowe") == "Marlowe"
