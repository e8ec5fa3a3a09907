"""Contacts of a client: initials read with them, other names of the client itself, and people besides it."""

from __future__ import annotations

import pytest

from support.match.pairs import client, names, pair
from xpmsync.core.enums import System
from xpmsync.core.match import Band, Cap, Context, evidence
from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.name_parse import OtherKind
from xpmsync.core.match.record import read_record
from xpmsync.core.model import Client, Contact

MAIL = {"email": "kezia@example.com"}
PHONE = {"phone": "(02) 5550 1234"}


def rule_of_the_name(name: str, contacts: list[str], other: str) -> str:
    """The rule by which a client with these contacts and another client's name compare."""
    (rule,) = {n for n in names(pair({"name": name, "contacts": contacts}, {"name": other})) if n.startswith("name")}
    return rule


@pytest.mark.parametrize(
    ("name", "contacts", "other", "rule"),
    [
        ("J & M Moana", ["John Moana", "Mary Moana"], "John & Mary Moana", "name-same"),
        ("J & M Moana", ["John Moana", "Jane Moana", "Mary Moana"], "John & Mary Moana", "name-couple"),
        ("J & M Moana", ["John Kea", "Mary Kea"], "John & Mary Moana", "name-couple"),
        ("J & M Moana", ["Kezia Moana", "Lena Moana"], "Kezia & Lena Moana", "name-other-given"),
        ("J & M Moana", ["J Moana", "M Moana"], "John & Mary Moana", "name-couple"),
        ("J & M Moana", ["John Moana", "John Moana", "Mary Moana"], "John & Mary Moana", "name-same"),
        ("J & M Moana", ["John Alan Moana", "Mary Moana"], "John & Mary Moana", "name-same"),
        ("Jo & M Moana", ["John Moana", "Mary Moana"], "Jo & Mary Moana", "name-same"),
        ("J A Moana", ["John Moana"], "John Alan Moana", "name-middle"),
        ("Mr & Mrs J Moana", ["John Moana"], "John & Mary Moana", "name-couple"),
        ("K Moana", ["Mr Moana"], "Karen Moana", "name-hinted"),
        ("K Moana", ["Ann Karen Moana"], "Karen Moana", "name-hinted"),
        ("Mr Moana", ["Karen Moana"], "Karen Moana", "name-hinted"),
    ],
)
def test_initials_are_read_with_the_contacts(name: str, contacts: list[str], other: str, rule: str) -> None:
    """A contact of the same surname and initial gives the whole name, if only one can be meant."""
    assert rule_of_the_name(name, contacts, other) == rule


@pytest.mark.parametrize(
    ("name", "contacts", "other"),
    [
        ("K Mahina", ["Karen Tipene"], "Karen Tipene"),
        ("Karen Mahina", ["K J Tipene"], "K J Tipene"),
        ("Frank James Mahina", ["Francis Mahina"], "Francis Mahina"),
        ("Mary Ann Mahina", ["Maryann Tipene"], "Maryann Tipene"),
        ("James Mahina", ["Robert James Mahina"], "Robert James Mahina"),
        ("Robert James Mahina", ["James Mahina"], "James Mahina"),
        ("Zebby Mahina", ["Zebulon Mahina", "Ruth Mahina"], "Zebulon Mahina"),
        ("Joss Ann Mahina", ["Jocelyn Mahina"], "Jocelyn Mahina"),
        ("Joss Mahina", ["Jocelyn Ann Mahina"], "Jocelyn Mahina"),
    ],
)
def test_a_contact_who_is_the_client(name: str, contacts: list[str], other: str) -> None:
    """An initial, a short form, a middle name or a slip: the contact's name is another name of the client."""
    assert rule_of_the_name(name, contacts, other) == "name-contact"


@pytest.mark.parametrize(
    ("name", "contacts", "other"),
    [
        ("K Mahina", ["Ruth Tipene"], "Ruth Tipene"),
        ("Joss Mahina", ["Jobe Mahina"], "Jobe Mahina"),
        ("Jass Mahina", ["Jocelyn Mahina"], "Jocelyn Mahina"),
        ("Jossal Mahina", ["Jocelyn Mahina"], "Jocelyn Mahina"),
        ("Joss Mahina", ["Jocelyn Tipene"], "Jocelyn Tipene"),
        ("Zebulon Mahina", ["Florian Mahina"], "Florian Mahina"),
        ("Erin Mahina", ["Eric Mahina"], "Eric Mahina"),
        ("Ann Kea", ["Ann Tipene", "Bob Rimu"], "Ann Tipene"),
        ("Frank James Mahina", ["Frank Mahina"], "Frank Barry Mahina"),
        ("Frank Mahina", ["Frank James Mahina"], "F J Mahina"),
        ("Mr Mahina", ["Francis Tipene"], "Francis Tipene"),
    ],
)
def test_a_contact_who_is_somebody_else(name: str, contacts: list[str], other: str) -> None:
    """Another given name, a brother, one of two contacts of other surnames; and the client's own name says no more."""
    assert rule_of_the_name(name, contacts, other) != "name-contact"


@pytest.mark.parametrize(
    ("name", "contacts", "form"),
    [
        ("Lee Wilson", ["Jess Lee", "Arjun Wilson"], Form.UNSTATED),
        ("Lee Wilson", ["Lee Ann Wilson", "Jess Lee"], Form.PERSON),
        ("Lee Wilson Partnership", ["Jess Lee", "Arjun Wilson"], Form.PARTNERSHIP),
        ("Estate of Lee Wilson", ["Jess Lee", "Arjun Wilson"], Form.ESTATE),
        ("Lee Ann Wilson", ["Jess Lee", "Arjun Wilson", "Mei Ann"], Form.PERSON),
        ("Mr Wilson", ["Arjun Wilson"], Form.PERSON),
        ("Quorra Green", ["Quorra Green"], Form.PERSON),
        ("Quorra Green", ["Tui Green"], Form.UNSTATED),
        ("Quorra & Emeka Green", ["Quorra Zebulon Green", "Emeka Green"], Form.PERSON),
    ],
)
def test_contacts_say_what_kind_of_client_it_is(name: str, contacts: list[str], form: Form) -> None:
    """Two partners of one surname each make a firm; contacts of the client's own name make a person or couple."""
    assert read_record(client(System.XPM, name, contacts=contacts)).form is form


def test_a_contact_with_its_surname_first() -> None:
    """`Mr Smith J` is Mr J Smith, as a contact and as a client."""
    verdict = pair(
        {"name": "Harbour Pty Ltd", "contact": "Mr Smith J"}, {"name": "Harbour Pty Ltd", "contact": "J Smith"}
    )
    assert "contact-same" in names(verdict)


def test_an_address_is_no_contacts_name() -> None:
    """Systems fill a missing name with the e-mail address."""
    both = {"name": "Harbour Pty Ltd", "contact": "kezia@moana"}
    assert names(pair(both, both)) == {"name-same", "form-same"}


def test_a_partnerships_contacts_do_not_make_a_couple_of_it() -> None:
    """Both partners are its contacts; it is a partnership all the same."""
    contacts = ["Ann Moana", "Bo Moana"]
    verdict = pair(
        {"name": "Ann & Bo Moana Partnership", "contacts": contacts}, {"name": "Ann & Bo Moana", "contacts": contacts}
    )
    assert "form-left-out" in names(verdict)


def test_a_trust_and_a_company_of_one_name_do_not_make_each_other_common() -> None:
    """The name counts with its kind of legal form."""
    company = client(System.XPM, "Moana Pty Ltd", client_id="2")
    for trust in ({"name": "Moana Family Trust"}, {"name": "Moana Trust"}):
        assert not any("share it" in sentence for sentence in pair(trust, trust, company).reasons)


def test_the_trustee_is_a_contact_like_others() -> None:
    """Ann Kea is the trust's trustee on one side, and its contact on both."""
    verdict = pair(
        {"name": "Ann Kea ATF Moana Trust", "contact": "Ann Kea"}, {"name": "Moana Trust", "contact": "Ann Kea"}
    )
    assert "contact-same" in names(verdict)


def test_the_client_itself_is_no_second_agreement() -> None:
    """A contact with the client's own name, or with its former one, says nothing that the name does not."""
    for name, contact in (("Ann Kea", "Ann Kea"), ("Jane Kowalski (nee Moana)", "Jane Moana")):
        verdict = pair({"name": name, "contact": contact}, {"name": name, "contact": contact})
        assert "contact-same" not in names(verdict)
        assert verdict.band is Band.UNSURE


def test_the_contact_who_is_the_client_is_no_second_agreement() -> None:
    """Nor one who is the client under another name."""
    verdict = pair(
        {"name": "Frank Mahina", "contact": "Francis Mahina"}, {"name": "Francis Mahina", "contact": "Frank Mahina"}
    )
    assert "name-contact" in names(verdict)
    assert not any(n.startswith("contact") for n in names(verdict))


def test_sentences_name_the_agreed_of_several_values() -> None:
    """The second phone, group and contact agree; they are named as they are written."""
    a = {
        "name": "Harbour Pty Ltd",
        "phone": "02 5550 9999",
        "mobile": "0491 570 156",
        "group": "Hall\nMoana Group",
        "contacts": ["Vi Hall", "Mr Jo King"],
    }
    b = {"name": "Harbour Pty Ltd", "phone": "0491570156", "group": "moana group", "contacts": ["Jo King"]}
    sentences = pair(a, b).reasons
    assert "Same phone number: 0491 570 156." in sentences
    assert "Same client group (Moana Group)." in sentences
    assert "Same contact person (Mr Jo King and Jo King)." in sentences


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"name": "Frank Mahina", "contact": "Francis Mahina"}, {"name": "Francis Mahina"}),
        ({"name": "Sam Winfield", "contact": "Samantha Winfield"}, {"name": "Samantha Winfield"}),
        ({"name": "Rua Lde", "contact": "Rua Lee"}, {"name": "Rua Lee"}),
        ({"name": "Ann Kea", "contact": "Ann Tipene"}, {"name": "Ann Tipene"}),
        ({"name": "Jack Mahina", "contact": "John Mahina"}, {"name": "Johnny Mahina", "contact": "John Mahina"}),
    ],
)
def test_the_contact_settles_the_hint(a: dict[str, str], b: dict[str, str]) -> None:
    """The client's own contact has the name of the other: no other member of the family, and with an e-mail sure."""
    verdict = pair({**a, **MAIL}, {**b, **MAIL})
    assert "name-contact" in names(verdict)
    assert not {Cap.GIVEN_NAME, Cap.HOUSEHOLD} & set(verdict.caps)
    assert verdict.band is Band.SURE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"name": "Frank Mahina", "contact": "Ruth Mahina"}, {"name": "Ruth Mahina"}),
        ({"name": "Frank Mahina", "contact": "Frank Mahina"}, {"name": "Francis Mahina"}),
        ({"name": "John Mahina Jnr", "contact": "Jack Mahina"}, {"name": "Jack Mahina"}),
        ({"name": "Mahina Trust", "contact": "Frank Mahina"}, {"name": "Frank Mahina"}),
        ({"name": "Frank & Ruth Mahina", "contact": "Francis Mahina"}, {"name": "Francis Mahina"}),
    ],
)
def test_a_relative_as_contact_settles_nothing(a: dict[str, str], b: dict[str, str]) -> None:
    """A wife, another spelling beside the right one, a son and an entity's contact are not the client."""
    verdict = pair({**a, **PHONE}, {**b, **PHONE})
    assert "name-contact" not in names(verdict)
    assert verdict.band is not Band.SURE


@pytest.mark.parametrize(
    "contacts",
    [("Francis Mahina", "Ruth Mahina"), ("Francis Mahina", "Francis John Mahina"), ("Tui Kea", "Francis Mahina")],
)
def test_the_contact_among_others(contacts: tuple[str, ...]) -> None:
    """His wife, the same person entered twice and somebody of another surname leave no doubt who is meant."""
    people = tuple(Contact(name, {"contact.name": name, "contact.email": MAIL["email"]}) for name in contacts)
    frank = Client(System.XPM, "x", {"name": "Frank Mahina"}, people)
    francis = client(System.IGNITION, "Francis Mahina", email=MAIL["email"])
    assert "name-contact" in names(evidence(frank, francis, Context.of([frank, francis])))


def test_an_executor_is_not_the_estate() -> None:
    """The son is the contact of his father's estate."""
    a, b = {"name": "Estate of Jack Mahina", "contact": "John Mahina"}, {"name": "John Mahina"}
    assert "name-contact" not in names(pair({**a, **MAIL}, {**b, **MAIL}))


def test_a_couples_contacts_state_that_it_is_the_couple() -> None:
    """Priya & Samuel without a legal form, and both of them as contacts: two persons, not a firm."""
    people = tuple(Contact(c, {"contact.name": f"{c} Vanterpol"}) for c in ("Xanthe", "Ozias"))
    couple = Client(System.XPM, "x", {"name": "Xanthe & Ozias Vanterpol"}, people)
    bare = Client(System.XPM, "y", {"name": "Xanthe & Ozias Vanterpol"})
    other = Client(System.IGNITION, "i", {"name": "Ozias & Xanthe Vanterpol", "structure": "Individual"})
    with_contacts, without = (evidence(c, other, Context.of([c, other])) for c in (couple, bare))
    assert "form-same" in names(with_contacts)
    assert "form-same" not in names(without)


@pytest.mark.parametrize(
    ("name", "contact", "kind"),
    [
        ("Zebulon Kea", "Zebulom Kea", OtherKind.SOLE_CONTACT),
        ("Zebulon Kea", "Zebuion Kea", OtherKind.CONTACT),
        ("Karne Kea", "Karen Kea", OtherKind.CONTACT),
        ("Bruse Kea", "Bruce Kea", OtherKind.CONTACT),
        ("Bruce Kea", "Bruse Kea", OtherKind.CONTACT),
        ("Bryce Kea", "Bruce Kea", OtherKind.SOLE_CONTACT),
        ("Zebulon Kea", "Zanitron Kea", OtherKind.SOLE_CONTACT),
        ("Lara Kea", "Lana Kea", OtherKind.SOLE_CONTACT),
        ("Zoltan Kea", "Zoltana Kea", OtherKind.SOLE_CONTACT),
    ],
)
def test_a_contact_whose_given_name_is_nearly_the_clients(name: str, contact: str, kind: OtherKind) -> None:
    """A typist's slip is the client's own name; one that may be a sister's or brother's name is not."""
    record = read_record(client(System.XPM, name, contacts=[contact]))
    assert [other.kind for other in record.name.others] == [kind]


def test_a_form_that_is_a_full_name_too_stands_for_itself() -> None:
    """Sandra is short for Alexandra, and a name of her own: as contacts they are two."""
    a, b = ({"name": "Harbour Pty Ltd", "contact": f"{given} Kea"} for given in ("Sandra", "Alexandra"))
    assert "contact-other" in names(pair(a, b))


def test_a_contact_is_shown_by_a_name_rather_than_an_address() -> None:
    """`kezia@moana` has the words of her name."""
    a = {"name": "Harbour Pty Ltd", "contacts": ["kezia@moana", "Kezia Moana"]}
    assert "Same contact person (Kezia Moana)." in pair(a, a).reasons
