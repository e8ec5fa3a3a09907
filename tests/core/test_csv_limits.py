"""Files of rows: what they cannot carry is a hold before the plan is shown; what was handed over is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from support.factories import IGNITION, REF, ignition_client, person, rules, xpm_client
from xpmsync.core import fingerprint
from xpmsync.core.catalogue import field
from xpmsync.core.diff.diff import diff_client
from xpmsync.core.diff.numbers import XpmNumbers
from xpmsync.core.diff.rules import Rules
from xpmsync.core.enums import OnEdited
from xpmsync.core.model import Agreed, Client, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ClientDiff, Why
from xpmsync.core.text import formula_like

FILES = replace(IGNITION, clears=False, immediate=False, by_rows=True)
ANN = person("x1", "Ann Lee", "ann@example.com")
ANN_THERE = person("i1", "Ann Lee", "ann@example.com")


def diff(xpm: Client, ignition: Client, agreed: Agreed | None = None, by: Rules | None = None) -> ClientDiff:
    """Compare a client whose target is a file of rows."""
    return diff_client(REF, xpm, ignition, agreed or Agreed(), by or rules(ignition=FILES))


def held(found: ClientDiff) -> Mapping[str, HoldCode]:
    """Holds in short."""
    return {hold.field: hold.code for hold in found.holds}


@pytest.mark.parametrize("text", ["=1", "+1", "-x", "@a", "\tx", "\rx", "=", "-", "+61 2 5550 1234 call", "+-1"])
def test_formula_like(text: str) -> None:
    """A spreadsheet program would run it, or might."""
    assert formula_like(text)


@pytest.mark.parametrize("text", ["", "x=1", " =1", "+61 2 5550 1234", "+1 (555) 010-0199", "+44 20 7946 0001 ext. 5"])
def test_not_formula_like(text: str) -> None:
    """Ordinary text, and international phone numbers."""
    assert not formula_like(text)


def test_a_formula_in_xpm_holds_its_field_only() -> None:
    """The client's other details are written."""
    found = diff(xpm_client(ANN, city="=1+1", region="Tasman"), ignition_client(ANN_THERE))
    assert [change.field for change in found.changes] == ["region"]
    assert held(found) == {"city": HoldCode.FORMULA}
    assert "begins with =" in found.holds[0].reason


def test_a_formula_that_ignition_has_already_does_no_new_harm() -> None:
    """The user's own export holds it; a change of another cell goes out beside it."""
    found = diff(xpm_client(ANN, city="Nelson", website="-x"), ignition_client(ANN_THERE, website="-x"))
    assert [change.field for change in found.changes] == ["city"]
    assert found.holds == ()


@pytest.mark.parametrize("text", ["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x"])
def test_full_width_signs_are_formulas_too(text: str) -> None:
    """Some spreadsheet programs run them."""
    assert held(diff(xpm_client(ANN, city=text), ignition_client(ANN_THERE))) == {"city": HoldCode.FORMULA}


def test_a_formula_that_is_replaced_does_not_matter() -> None:
    """The row is judged as it will be."""
    found = diff(xpm_client(ANN, city="Nelson"), ignition_client(ANN_THERE, city="=1"))
    assert [change.field for change in found.changes] == ["city"]


def test_only_files_of_rows_are_so_careful() -> None:
    """Other routes take any text; a file's columns do not bind them."""
    found = diff(xpm_client(ANN, city="=1+1"), ignition_client(ANN_THERE), by=rules())
    assert [change.field for change in found.changes] == ["city"]


def test_a_contacts_own_row_must_be_complete() -> None:
    """Its details are held; the client's go by the other row."""
    bob, there = person("x2", "Bob Ray", mobile="0491 570 006"), person("i2", "Bob Ray")
    found = diff(xpm_client(ANN, bob, city="Nelson"), ignition_client(ANN_THERE, there))
    assert [change.field for change in found.changes] == ["city"]
    assert held(found) == {"contact.mobile": HoldCode.NEEDS_EMAIL}


def test_without_any_complete_row_the_client_is_held() -> None:
    """With what is missing; a contact that gets its e-mail by this very plan is complete."""
    bare = ignition_client(person("i1", "Ann Lee"))
    found = diff(xpm_client(person("x1", "Ann Lee"), city="Nelson"), bare)
    assert held(found) == {"city": HoldCode.NEEDS_EMAIL}
    found = diff(xpm_client(ANN, city="Nelson"), bare)
    assert [change.field for change in found.changes] == ["city", "contact.email"]
    found = diff(xpm_client(city="Nelson"), ignition_client())
    assert held(found) == {"city": HoldCode.NEEDS_EMAIL}
    found = diff(xpm_client(city="Nelson"), ignition_client(person("i1", "", "ann@example.com")))
    assert held(found)["city"] is HoldCode.NEEDS_NAME


def test_a_new_contact_needs_an_address_that_may_be_written() -> None:
    """One that begins like a formula is none; a good one goes whatever the other rows are like."""
    found = diff(xpm_client(person("x1", "Ann Lee", "=x@example.com")), ignition_client(person("i2", "Bob Ray")))
    assert found.changes == ()
    assert HoldCode.NEEDS_EMAIL in {hold.code for hold in found.holds if hold.field == "contact"}
    found = diff(xpm_client(ANN), ignition_client(person("i2", "Bob Ray")))
    assert [change.field for change in found.changes] == ["contact"]


def test_what_was_handed_over_is_no_edit() -> None:
    """A value of ours that XPM has moved on from is an ordinary change, also where edits are held."""
    city = field("city")
    was, ours = fingerprint.of_value(city, "Colac"), fingerprint.of_value(city, "Nelson")
    by = rules(ignition=FILES, on_edited=OnEdited.HOLD)
    xpm, there = xpm_client(ANN, city="Whanganui"), ignition_client(ANN_THERE, city="Nelson")
    assert held(diff(xpm, there, Agreed({"city": was}), by)) == {"city": HoldCode.EDITED}
    (change,) = diff(xpm, there, Agreed({"city": was}, {}, {"city": [ours]}), by).changes
    assert change.why is Why.SOURCE_CHANGED


def test_a_contact_that_was_handed_over_waits() -> None:
    """Until the target shows it; then it is paired by what it is, and has its id."""
    agreed = Agreed({}, {"x1": ""})
    found = diff(xpm_client(ANN), ignition_client(), agreed)
    assert (found.changes, held(found)) == ((), {"contact": HoldCode.WAITING})
    found = diff(xpm_client(ANN), ignition_client(ANN_THERE), agreed)
    assert (found.changes, found.holds, found.contacts) == ((), (), {"x1": "i1"})


def test_contradicting_numbers() -> None:
    """Known from a look-up or from another link; an unknown or equal number says nothing."""
    numbers = XpmNumbers([Link("c1", "1", "A", "", xpm_number="10"), Link("c2", "2", "B", "")])
    one, two = replace(REF, xpm_id="c1"), replace(REF, xpm_id="c2")

    def there(number: str) -> Client:
        return replace(ignition_client(), xpm_number=number)

    assert numbers.contradiction(one, there("10")) is None
    assert numbers.contradiction(one, there("")) is None
    assert numbers.contradiction(one, None) is None
    assert numbers.contradiction(two, there("11")) is None
    for client, number in ((one, "11"), (two, "10")):
        found = numbers.contradiction(client, there(number))
        assert found is not None
        assert held(found) == {"client": HoldCode.CONTRADICTION}
        assert number in found.holds[0].reason
    numbers.learn("c2", "12")
    assert numbers.contradiction(two, there("11")) is not None
    assert numbers.known == {"c1": "10", "c2": "12"}
