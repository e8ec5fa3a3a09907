"""Kinds of pairs that were once missed or shown for nothing, each by an example."""

from __future__ import annotations

import pytest

from xpmsync.core.enums import System
from xpmsync.core.match import Band, find_counterparts, match
from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_parse import read_name
from xpmsync.core.match.record import read_record
from xpmsync.core.match.score import evidence
from xpmsync.core.match.verdict import Note
from xpmsync.core.match.weights import Rule
from xpmsync.core.model import Client, Contact


def client(system: System, name: str, *contacts: tuple[str, str], client_id: str = "", **values: str) -> Client:
    """Make a client; each contact is a name and an e-mail address."""
    made = tuple(
        Contact(f"c{n}", {key: text for key, text in (("contact.name", who), ("contact.email", email)) if text})
        for n, (who, email) in enumerate(contacts)
    )
    return Client(system, client_id or system.value, {"name": name, **values}, made)


def rules(xpm: Client, ignition: Client, *others: Client) -> set[str]:
    """The rules that apply to a pair."""
    return {piece.name for piece in evidence(xpm, ignition, Context.of([xpm, ignition, *others])).evidence}


ANN, JACK = "ann@example.com", "jack@example.net"
HOME = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("Quorra Le", [(("quorra",), "le")]),
        ("Janvale Eglowe Partnership", []),
        ("J Eglowe Partnership", [(("j",), "eglowe")]),
        ("Hughes, Walter & Quorra", [(("walter",), "hughes"), (("quorra",), "hughes")]),
    ],
)
def test_who_a_name_is(name: str, people: list[tuple[tuple[str, ...], str]]) -> None:
    """Surnames of two letters are no initials, a partnership of two surnames is no person, one known name will do."""
    assert [(p.given, p.surname) for p in read_name(name).people] == people


def test_a_surname_of_two_letters_is_no_initials() -> None:
    """`Vo Butchery` is not surely a person with the initials V O."""
    assert read_name("Vo Butchery").form is Form.UNSTATED


def test_contacts_say_what_is_a_given_name() -> None:
    """A name that no table knows, with a surname that is a word of trade too."""
    record = read_record(client(System.XPM, "Quorra & Emeka Green Partnership", ("Quorra Green", ANN)))
    assert [p.key for p in record.name.people] == ["green|quorra", "green|emeka"]
    assert read_name("Quorra & Emeka Green Partnership").people == ()


def test_contacts_say_that_two_surnames_are_partners() -> None:
    """`Lee Wilson` with the contacts Jess Lee and Arjun Wilson is their firm, with one Lee Wilson it is a person."""
    firm = read_record(client(System.XPM, "Lee Wilson", ("Jess Lee", ANN), ("Arjun Wilson", JACK)))
    person = read_record(client(System.XPM, "Lee Wilson", ("Lee Wilson", ANN), ("Arjun Wilson", JACK)))
    assert (firm.name.people, firm.form) == ((), Form.UNSTATED)
    assert [p.key for p in person.name.people] == ["wilson|lee"]
    assert person.form is Form.PERSON


def test_one_contact_is_not_both_of_a_couple() -> None:
    """`R & R Elm` with the contact Rupert Elm is still any couple of these initials."""
    xpm = client(System.XPM, "R & R Elmworth", ("Rupert Elmworth", ANN))
    assert Rule.NAME_COUPLE in rules(xpm, client(System.IGNITION, "Rupert & Rosalie Elmworth"))


@pytest.mark.parametrize(
    ("mistyped", "contact"), [("Beea", "Beatrice"), ("Chhris", "Christine"), ("Jxck", "John"), ("Phzl", "Phillip")]
)
def test_a_mistyped_short_form_is_the_contact(mistyped: str, contact: str) -> None:
    """A sole contact of the surname settles what a mistyped short form stands for."""
    xpm = client(System.XPM, f"{mistyped} Grimick", (f"{contact} Grimick", ANN))
    assert Rule.NAME_CONTACT in rules(xpm, client(System.IGNITION, f"{contact} Grimick"))
    assert Rule.NAME_HINTED in rules(
        client(System.XPM, f"{mistyped} Grimick"), client(System.IGNITION, f"{contact} Grimick")
    )


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("Vo Superannuation Fund", "The Vo Family Superannuation Fund", Rule.NAME_SAME),
        ("Tran Family Super Fund", "Tan Family Super Fund", Rule.NAME_SLIPS),
        ("O'Keeffe Super Fund", "O'eKefe Super Fund", Rule.NAME_SLIPS),
        ("Ann Leee", "Ann Lee", Rule.NAME_SLIPS),
        ("Ann Kent", "Kent Family Trust", Rule.NAME_PART),
        ("Willow Printing Ltd", "Pillow Printing Ltd", Rule.NAME_SLIP),
        ("Jarviss Printing Ltd", "Parniss Printing Ltd", Rule.NAME_OTHER),
    ],
)
def test_how_near_two_names_are(first: str, second: str, rule: Rule) -> None:
    """Two slips in a long word and a letter more or less in three are far slips; a surname alone is another entity."""
    assert rule in rules(client(System.XPM, first), client(System.IGNITION, second))


def test_a_common_name_with_something_else_different_weighs_less() -> None:
    """Only where both words are common, nothing agrees, and something differs."""
    crowd = [client(System.IGNITION, f"{given} Hughes", client_id=f"i{n}") for n, given in enumerate("abcdefgh")]
    crowd += [client(System.IGNITION, f"Linh {name}son", client_id=f"j{n}") for n, name in enumerate("abcdefgh")]
    first, second = client(System.XPM, "Linh Hughes", ("", ANN)), client(System.IGNITION, "Linh Hughes", ("", JACK))
    context = Context.of([first, second, *crowd])
    verdict = evidence(first, second, context)
    assert {e.name: e.points for e in verdict.evidence}[Rule.NAME_COMMON] == -3.9
    assert verdict.band is Band.NONE
    assert Rule.NAME_COMMON not in rules(first, second)
    assert Rule.NAME_COMMON not in rules(client(System.XPM, "Linh Hughes"), second, *crowd)
    assert Rule.NAME_COMMON not in rules(client(System.XPM, "Linh Hughes", ("", JACK)), second, *crowd)


def test_the_last_two_of_a_common_name_are_still_shown() -> None:
    """A common name that nobody else is left for is a question for a person."""
    crowd = [client(System.IGNITION, f"{given} Hughes", client_id=f"i{n}") for n, given in enumerate("abcdefgh")]
    crowd += [client(System.IGNITION, f"Linh {name}son", client_id=f"j{n}") for n, name in enumerate("abcdefgh")]
    first, second = client(System.XPM, "Linh Hughes", ("", ANN)), client(System.IGNITION, "Linh Hughes", ("", JACK))
    (shown,) = match([first], [second, *crowd]).unsure
    assert [c.ignition_id for c in shown.candidates] == [second.id]
    assert shown.candidates[0].notes[0] is Note.LEFT_ALONE


def test_a_renamed_firm_is_shown_before_an_import() -> None:
    """The same form, mailbox and home with another name; a person of another name there is a relative."""
    firm = client(System.IGNITION, "Savanna Couriers Pty Ltd", ("Ann Kent", ANN), **HOME)
    found = find_counterparts(client(System.XPM, "Willow Ventures Pty Ltd", ("Ann Kent", ANN), **HOME), [firm])
    assert [c.client.id for c in found.candidates] == [firm.id]
    assert found.candidates[0].verdict.notes == (Note.FIRM_RENAMED,)
    person = client(System.XPM, "Ann Kent", ("Ann Kent", ANN), **HOME)
    found = find_counterparts(person, [client(System.IGNITION, "Rob Bell", ("Rob Bell", ANN), **HOME)])
    assert (found.candidates, len(found.relatives)) == ((), 1)


def test_another_register_number_is_another_entity_before_an_import() -> None:
    """One legal entity has one number: it is named as the family's, not shown as the client."""
    xpm = Client(System.XPM, "x", {"name": "Willow Printing Pty Ltd", **HOME}, identifiers={"acn": "004085616"})
    other = Client(System.IGNITION, "i", {"name": "Willow Printing", **HOME}, identifiers={"acn": "005749986"})
    found = find_counterparts(xpm, [other])
    assert (found.candidates, [c.id for c in found.relatives]) == ((), ["i"])


@pytest.mark.parametrize(
    ("mistyped", "right"),
    [
        ("Msr Ann Moana", "Mrs Ann Moana"),
        ("Misss Ann Moana", "Miss Ann Moana"),
        ("Mr & Msr J Moana", "Mr & Mrs J Moana"),
        ("Revrend Ann Moana", "Reverend Ann Moana"),
        ("Ann Moana tradign as Kea Tiles", "Ann Moana trading as Kea Tiles"),
        ("Ann Moana trading sa Kea Tiles", "Ann Moana trading as Kea Tiles"),
        ("Kea Ltd as trustee fro the Moana Trust", "Kea Ltd as trustee for the Moana Trust"),
        ("Esatte of Ann Moana", "Estate of Ann Moana"),
        ("Ann Moana (formelry Kea)", "Ann Moana (formerly Kea)"),
    ],
)
def test_titles_and_markers_are_read_with_a_slip(mistyped: str, right: str) -> None:
    """They mean what was meant: the same persons, the same form, the same other names."""
    first, second = read_name(mistyped), read_name(right)
    assert (first.people, first.form, first.others) == (second.people, second.form, second.others)


def test_what_is_no_slip_of_a_title_or_marker() -> None:
    """A surname, a short form and a word of trade stay what they are."""
    assert [p.surname for p in read_name("Moss, Ann").people] == ["moss"]
    assert read_name("Lody Ann Moana").people[0].given[0] == "lody"
    assert read_name("Kea Estates Ltd").form is Form.COMPANY


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("12 Wattle Steret", "Thornbrook"),
        ("12 Wattle Streeet", "Thornbrook"),
        ("12 WattleS treet", "Thornbrook"),
        ("12 Wattle Street", "Thornborok"),
    ],
)
def test_slips_in_street_and_suburb_leave_the_address_the_same(address: str, city: str) -> None:
    """The word for street, a blank and the suburb are forgiven; another house number is another house."""
    typed = {"address": address, "city": city, "postcode": "2981"}
    assert Rule.ADDRESS_SAME in rules(client(System.XPM, "Ann", **typed), client(System.IGNITION, "Bob", **HOME))
    typed["address"] = address.replace("12", "13")
    assert Rule.ADDRESS_STREET in rules(client(System.XPM, "Ann", **typed), client(System.IGNITION, "Bob", **HOME))


@pytest.mark.parametrize("short", ["Humph", "Humphie", "Humphy"])
def test_a_short_form_that_no_table_holds_is_hinted_at(short: str) -> None:
    """It begins the name; a known name is no other name's short form but by the table."""
    assert Rule.NAME_HINTED in rules(client(System.XPM, f"{short} Kea"), client(System.IGNITION, "Humphrey Kea"))
    assert Rule.NAME_OTHER_GIVEN in rules(client(System.XPM, "Mary Kea"), client(System.IGNITION, "Marlon Kea"))
    assert Rule.NAME_OTHER_GIVEN in rules(client(System.XPM, "Hu Kea"), client(System.IGNITION, "Humphrey Kea"))


@pytest.mark.parametrize(
    ("short", "full", "rule"),
    [
        ("Crisp", "Crispin", Rule.NAME_HINTED),
        ("Cris", "Crispin", Rule.NAME_HINTED),
        ("Zoltan", "Zoltana", Rule.NAME_RHYME),
        ("Zoltan", "Zoltani", Rule.NAME_RHYME),
        ("Zoltan", "Zoltane", Rule.NAME_RHYME),
        ("Zoltar", "Zoltaro", Rule.NAME_HINTED),
        ("Zolt", "Zoltana", Rule.NAME_HINTED),
        ("Zoltan", "Zoltanas", Rule.NAME_HINTED),
    ],
)
def test_a_name_with_a_vowel_more_is_no_short_form(short: str, full: str, rule: Rule) -> None:
    """`Zoltana` is another person than `Zoltan`; `Rodge` is `Rodger`."""
    assert rule in rules(client(System.XPM, f"{short} Kea"), client(System.IGNITION, f"{full} Kea"))


@pytest.mark.parametrize(("short", "full"), [("Joss", "Jocelyn"), ("Hetty", "Henrietta")])
def test_a_sole_contact_settles_a_short_form_that_no_table_holds(short: str, full: str) -> None:
    """Two letters are enough beside one contact of the surname; a known name, or two contacts, settle nothing."""
    other = client(System.IGNITION, f"{full} Kea")
    assert Rule.NAME_CONTACT in rules(client(System.XPM, f"{short} Kea", (f"{full} Kea", ANN)), other)
    two = client(System.XPM, f"{short} Kea", (f"{full} Kea", ANN), ("Bob Kea", JACK))
    assert Rule.NAME_CONTACT not in rules(two, other)
    known = client(System.XPM, "Mary Kea", ("Marlon Kea", ANN))
    assert Rule.NAME_CONTACT not in rules(known, client(System.IGNITION, "Marlon Kea"))


def test_a_mailbox_of_the_surname_is_nothing_kept_though_the_name_is_mistyped() -> None:
    """The contact's surname counts: `nreddy@` at another provider can be another Noriko Reddy's."""
    mistyped = client(System.XPM, "Noriko Redzy", ("Noriko Reddy", "nreddy@example.com"))
    other = client(System.IGNITION, "Noriko Reddy", ("Noriko Reddy", "nreddy@example.net"))
    assert Rule.EMAIL_LOCAL not in rules(mistyped, other)
