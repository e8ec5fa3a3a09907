"""What is settled because nobody else has it: half a name, a new surname, a legal form that is left out, a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from support.match.pairs import client, names, pair
from xpmsync.core.enums import System
from xpmsync.core.match import Band, Cap, match
from xpmsync.core.model import Client

ABN, MISTYPED_ABN, OTHER_ABN = "51824753556", "51824753557", "83914571673"
MAIL = {"email": "pat@example.com"}
PHONE = {"phone": "(02) 5550 1234"}
STREET = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}


@pytest.mark.parametrize(
    ("name", "other"),
    [("A Moana", "Ann Moana"), ("Chris Moana", "Christine Moana"), ("Zebby Moana", "Zebulon Moana")],
)
def test_a_mailbox_of_nobody_else_confirms_the_given_name(name: str, other: str) -> None:
    """An initial and a short form with one mailbox are one person; with one phone they need not be."""
    verdict = pair({"name": name, **MAIL}, {"name": other, **MAIL})
    assert (verdict.band, verdict.caps) == (Band.SURE, ())
    assert any("no other client that is left has the e-mail address" in reason for reason in verdict.reasons)
    assert pair({"name": name, **PHONE, **STREET}, {"name": other, **PHONE, **STREET}).caps == (Cap.GIVEN_NAME,)


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(("name", "other"), [("A Moana", "Ann Moana"), ("Ann Moana", "Ann Kowalski")])
def test_a_shared_mailbox_confirms_no_name(name: str, other: str, system: System) -> None:
    """A family's mailbox, which another client of either system has, says nothing of who is who."""
    home = {**MAIL, **PHONE}
    relative = client(system, "Rawiri Moana", client_id="2", email=MAIL["email"])
    verdict = pair({"name": name, **home}, {"name": other, **home}, relative)
    assert not {"name-confirmed", "name-new-surname"} & names(verdict)
    assert verdict.band is Band.UNSURE


def test_who_is_linked_shares_no_mailbox_any_more() -> None:
    """When the husband is linked, the mailbox that he shares is the wife's alone among those who are left."""
    mail, phone = MAIL["email"], PHONE["phone"]
    sides = [
        [
            client(system, "Rawiri Moana", client_id="1", email=mail, phone=phone),
            client(system, name, client_id="2", email=mail),
        ]
        for system, name in ((System.XPM, "A Moana"), (System.IGNITION, "Ann Moana"))
    ]
    assert [(v.xpm_id, v.ignition_id) for v in match(*sides).sure] == [("x1", "i1"), ("x2", "i2")]


@pytest.mark.parametrize(("name", "other"), [("Lara Moana", "Lana Moana"), ("Zebulon Moana", "Zebulom Moana")])
def test_names_that_differ_by_a_letter_are_never_confirmed(name: str, other: str) -> None:
    """Sisters' names rhyme, and they may share all else."""
    home = {**MAIL, **PHONE, **STREET}
    verdict = pair({"name": name, **home}, {"name": other, **home})
    assert "name-rhyme" in names(verdict)
    assert (verdict.band, verdict.caps) == (Band.UNSURE, (Cap.GIVEN_NAME,))


@pytest.mark.parametrize(
    ("more", "band"),
    [(PHONE, Band.SURE), (STREET, Band.SURE), ({}, Band.UNSURE), ({"group": "Moana"}, Band.UNSURE)],
)
def test_a_new_surname(more: Mapping[str, str], band: Band) -> None:
    """The same given name with a mailbox of nobody else and one phone or home is one woman with a new surname."""
    verdict = pair({"name": "Ann Moana", **MAIL, **more}, {"name": "Ann Kowalski", **MAIL, **more})
    assert verdict.band is band
    assert ("name-new-surname" in names(verdict)) is (band is Band.SURE)


def test_a_new_surname_needs_the_mailbox() -> None:
    """One phone and one home are a household's, where two given names may be the same."""
    home = {**PHONE, **STREET}
    assert pair({"name": "Ann Moana", **home}, {"name": "Ann Kowalski", **home}).caps == (Cap.HOUSEHOLD,)


KEA, PEKE = "Tui Kea", "Zeb Peke"
LEFT_OUT = [
    ("A & B Moana", "A & B Moana Partnership", [], []),
    ("Ann & Bob Moana", "A & B Moana Partnership", [], []),
    ("Harbour Plumbing", "Harbour Plumbing Pty Ltd", [KEA], [KEA]),
    ("Harbour Plumbing", "Harbour Plumbing Pty Ltd", [], []),
    ("Harbour Plumbing", "Harbour Plumbing Unit Trust", [KEA], []),
    ("Harbour Tidewater", "Harbour Tidewater Pty Ltd", [KEA, PEKE], [PEKE, KEA]),
    ("Kea Peke", "Kea Peke Partnership", [KEA], [KEA, PEKE]),
]


@pytest.mark.parametrize(("name", "stated", "contacts", "others"), LEFT_OUT)
def test_a_form_that_is_left_out(name: str, stated: str, contacts: Sequence[str], others: Sequence[str]) -> None:
    """Where nobody else has the name and the people are the same, an unstated legal form is no doubt."""
    a, b = {"name": name, "contacts": contacts, **MAIL}, {"name": stated, "contacts": others, **MAIL}
    for verdict in (pair(a, b), pair(b, a)):
        assert "form-left-out" in names(verdict)
        assert (verdict.band, verdict.caps) == (Band.SURE, ())
        assert any("nobody else has the name" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(("name", "stated", "contacts", "others"), LEFT_OUT)
def test_a_form_that_another_client_has(
    name: str, stated: str, contacts: Sequence[str], others: Sequence[str], system: System
) -> None:
    """Two of one name in one system: which of them the name without a form is, nobody can say."""
    namesake = client(system, name if system is System.XPM else stated, client_id="2")
    a, b = {"name": name, "contacts": contacts, **MAIL}, {"name": stated, "contacts": others, **MAIL}
    verdict = pair(a, b, namesake)
    assert "form-unstated" in names(verdict)
    assert verdict.band is Band.UNSURE


@pytest.mark.parametrize(
    ("name", "stated", "contacts", "others"),
    [
        ("Harbour Plumbing", "Harbour Plumbing Trust", [KEA], [KEA, PEKE]),
        ("Harbour Plumbing", "Harbour Plumbing Trust", [KEA], [PEKE]),
        ("Harbour Plumbing", "Harbor Plumbing Trust", [KEA], [KEA]),
        ("Harbour", "Harbour Trust", [KEA], [KEA]),
        ("Winslow Petrov", "Winslow Petrov Trust", [], []),
        ("Winslow Petrov", "Estate of Winslow Petrov", [KEA], [KEA]),
        ("Winslow Petrov", "Winslow Petrov Partnership", [], []),
        ("Kea Peke", "Kea Peke Partnership", [KEA], [KEA, "Zeb Quill"]),
        ("Kea Peke", "Kea Peke Trust", [KEA], [KEA, PEKE]),
        ("Zeb & Quin Moana", "Zeb & Quin Moana Trust", [], []),
    ],
)
def test_a_form_that_may_be_another_entitys(
    name: str, stated: str, contacts: Sequence[str], others: Sequence[str]
) -> None:
    """Other people, another spelling, a family's surname alone, and a person beside the own trust or estate."""
    a, b = {"name": name, "contacts": contacts, **MAIL}, {"name": stated, "contacts": others, **MAIL}
    for verdict in (pair(a, b), pair(b, a)):
        assert "form-unstated" in names(verdict)
        assert verdict.caps == (Cap.FORM_UNSTATED,)


def test_a_form_that_is_left_out_needs_more_than_a_contact() -> None:
    """The contact is that of the family's other entities, too."""
    a, b = ({"name": name, "contacts": [KEA]} for name in ("Harbour Plumbing", "Harbour Plumbing Pty Ltd"))
    assert pair(a, b).caps == (Cap.FORM_UNSTATED,)


def test_the_mailbox_of_a_firm() -> None:
    """A desk at the firm's own domain and the name are two agreements, and it fades with those who share it."""
    ann = {"name": "Ann Moana", "email": "office@moana.example"}
    partners = [client(System.XPM, f"{n} Kea", client_id=n, email=ann["email"]) for n in ("Jo", "Al", "Bo", "Cy")]
    assert [pair(ann, ann, *partners[:n]).band for n in (0, 2, 4)] == [Band.SURE, Band.SURE, Band.UNSURE]
    assert "Same mailbox of a firm (office@moana.example)." in pair(ann, ann).reasons


def test_the_mailbox_of_a_firm_with_other_people() -> None:
    """Two firms of one name are not made one by `office@`."""
    firm = {"name": "Kea Peke Partnership", "email": "office@keapeke.example"}
    verdict = pair({**firm, "contact": KEA}, {**firm, "contact": PEKE})
    assert {"email-role", "contact-other"} <= names(verdict)
    assert verdict.band is Band.UNSURE


@pytest.mark.parametrize(("others", "rule"), [(7, "email-desk"), (8, "email-role")])
def test_a_desk_at_the_domain_of_many(others: int, rule: str) -> None:
    """A domain of more than eight clients is a provider's or the practice's own."""
    ann = {"name": "Ann Moana", "email": "office@moana.example"}
    crowd = [client(System.XPM, f"Quill{n}", client_id=str(n), email=f"q{n}@moana.example") for n in range(others)]
    assert rule in names(pair(ann, ann, *crowd))


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        ("ann.moana@exampel.com", "email-slip"),
        ("ann.moana@gmail.com", "email-changed"),
    ],
)
def test_a_slip_after_the_at(theirs: str, rule: str) -> None:
    """A mistyped provider is no other mailbox."""
    verdict = pair({"name": "Ann Moana", "email": "ann.moana@example.com"}, {"name": "Ann Moana", "email": theirs})
    assert {n for n in names(verdict) if n.startswith("email")} == {rule}
    assert (verdict.band is Band.SURE) is (rule == "email-slip")


@pytest.mark.parametrize(
    ("mine", "theirs", "slip"),
    [
        ("gmail.com", "ymail.com", False),
        ("gmail.com", "gmial.com", True),
        ("gmial.com", "gmail.com", True),
    ],
)
def test_two_providers_are_no_slip(mine: str, theirs: str, slip: bool) -> None:
    """gmail.com and ymail.com are a letter apart, and two people's `ann.moana@`."""
    a, b = ({"name": "Ann Moana", "email": f"ann.moana@{domain}"} for domain in (mine, theirs))
    assert ("email-slip" in names(pair(a, b))) is slip


@pytest.mark.parametrize(("mine", "theirs"), [(ABN, MISTYPED_ABN), (MISTYPED_ABN, ABN), (ABN, "51824753565")])
def test_a_register_number_with_a_slip(mine: str, theirs: str) -> None:
    """No two numbers of a register are a slip apart: the name and one more agreement are enough."""
    a, b = ({"name": "Harbour Pty Ltd", "identifiers": {"abn": abn}} for abn in (mine, theirs))
    verdict = pair({**a, **MAIL}, {**b, **MAIL})
    assert "identifier-mistyped" in names(verdict)
    assert (verdict.band, verdict.caps) == (Band.SURE, ())
    assert pair(a, b).band is Band.UNSURE


def test_an_equal_number_comes_before_a_mistyped_one() -> None:
    """The company number is equal, the ABN has a slip: what is right counts."""
    a = {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN, "company_number": "004085616"}}
    b = {"name": "Harbour Pty Ltd", "identifiers": {"abn": MISTYPED_ABN, "company_number": "004085616"}}
    assert "identifier-same" in names(pair(a, b))


def test_a_different_number_outweighs_a_mistyped_one() -> None:
    """A slip in the ABN, and another company number: a person must look."""
    a = {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN, "company_number": "004085616"}}
    b = {"name": "Harbour Pty Ltd", "identifiers": {"abn": MISTYPED_ABN, "company_number": "010499966"}}
    assert pair(a, b).caps == (Cap.IDENTIFIER,)


@pytest.mark.parametrize(
    ("name", "other", "band"),
    [
        ("Ann Keziah Moana", "Ann Keziah Moana", Band.SURE),
        ("Ann Jo Moana", "Ann Jo Moana", Band.SURE),
        ("Ann Keziah Moana", "Ann K Moana", Band.UNSURE),
        ("Ann K Moana", "Ann K Moana", Band.UNSURE),
        ("Ann Keziah Moana", "Ann Moana", Band.UNSURE),
    ],
)
def test_a_middle_name_in_full(name: str, other: str, band: Band) -> None:
    """Three equal names are two agreements; an initial is none."""
    verdict = pair({"name": name}, {"name": other})
    assert verdict.band is band
    assert ("middle-name-same" in names(verdict)) is (band is Band.SURE)
    assert "Same middle name in full (Keziah)." in pair({"name": "Ann Keziah Kea"}, {"name": "Ann Keziah Kea"}).reasons


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"phone": "(02) 5550 1234"}, {"phone": "(02) 5550 4321"}),
        ({"email": "a1@example.com"}, {"email": "a2@example.net"}),
        ({"email": "info@moana.example"}, {"email": "office@kea.example"}),
        ({"city": "Thornbrook"}, {"city": "Redcliff"}),
        ({"contact": KEA}, {"contact": PEKE}),
    ],
)
def test_a_middle_name_where_something_differs(mine: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """Father and son may have all three names in common."""
    verdict = pair({"name": "Ann Keziah Moana", **mine}, {"name": "Ann Keziah Moana", **theirs})
    assert "middle-name-same" not in names(verdict)
    assert verdict.band is Band.UNSURE


def test_a_hyphen_makes_no_middle_name() -> None:
    """`Mary-Ann` is one given name."""
    assert pair({"name": "Mary-Ann Moana"}, {"name": "Mary-Ann Moana"}).band is Band.UNSURE
    assert "middle-name-same" not in names(pair({"name": "Mary-Ann Moana"}, {"name": "Mary Ann Moana"}))
    assert "middle-name-same" not in names(pair({"name": "Mary Ann Moana"}, {"name": "Mary-Ann Moana"}))


def test_the_middle_names_of_couples_are_not_compared() -> None:
    """A couple's name has no middle name of its own."""
    couple = {"name": "Ann Keziah Moana & Rawiri Tane Moana"}
    assert "middle-name-same" not in names(pair(couple, couple))


@pytest.mark.parametrize(
    ("contacts", "rule"),
    [
        (["Jacobus Moana"], "name-sole-contact"),
        (["Jacobus Moana", "Ann Moana"], "name-other-given"),
        (["Jacobus Kea"], "name-other-given"),
        (["Jacobus Moana", "Ann Kea"], "name-other-given"),
    ],
)
def test_the_only_contact_of_another_name(contacts: Sequence[str], rule: str) -> None:
    """`Sjaak` whose only contact is `Jacobus` may be Jacobus, or her husband: a person decides."""
    home = {**PHONE, **STREET, **MAIL}
    verdict = pair({"name": "Sjaak Moana", "contacts": contacts, **home}, {"name": "Jacobus Moana", **home})
    assert rule in names(verdict)
    assert (verdict.band, verdict.caps) == (Band.UNSURE, (Cap.HOUSEHOLD,))


def test_the_only_contact_of_another_surname() -> None:
    """A contact of another name altogether is not the client."""
    a, b = {"name": "Sjaak Moana", "contact": "Jacobus Kea"}, {"name": "Jacobus Kea"}
    assert "name-sole-contact" not in names(pair({**a, **PHONE}, {**b, **PHONE}))


@pytest.mark.parametrize(("name", "other"), [("Wci Moana", "Wei Moana"), ("Lara Moana", "Lana Moana")])
def test_a_slip_and_the_only_contact(name: str, other: str) -> None:
    """The only contact has the other's name, the client's own is a letter apart: sure with a mailbox of nobody else."""
    a, b = {"name": name, "contacts": [other]}, {"name": other}
    assert pair({**a, **MAIL}, {**b, **MAIL}).band is Band.SURE
    for verdict in (pair({**a, **PHONE, **STREET}, {**b, **PHONE, **STREET}), pair({**b, **PHONE}, {**a, **PHONE})):
        assert "name-hinted" in names(verdict)
        assert verdict.caps == (Cap.GIVEN_NAME,)


FAMILY = {**PHONE, **STREET}


def _relatives(system: System, count: int, **common: str) -> list[Client]:
    return [client(system, f"{given} Moana", client_id=given, **common) for given in ("Jo", "Al", "Bo", "Cy")[:count]]  # type: ignore[arg-type]  # test shorthand


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(
    ("name", "other"),
    [("Rawiri Moana", "Rawiri Moana"), ("Rob Moana", "Robert Moana"), ("Rawiri Moana", "Rawhri Moana")],
)
def test_two_of_one_name_in_a_family(name: str, other: str, system: System) -> None:
    """Father and son share phone and home with others: with another e-mail address each, a person decides."""
    a = {"name": name, "email": "r1@example.com", **FAMILY}
    b = {"name": other, "email": "r2@example.net", **FAMILY}
    few, many = (pair(a, b, *_relatives(system, n, **FAMILY)) for n in (1, 2))
    assert few.caps == ()
    assert few.band is Band.SURE
    assert many.caps == (Cap.NAMESAKE,)
    assert many.band is Band.UNSURE


@pytest.mark.parametrize(
    ("a", "b", "relatives"),
    [
        ({"name": "Rawiri Moana"}, {"name": "Rawiri Moana", "email": "r2@example.net"}, FAMILY),
        ({"name": "Rawiri Moana", **MAIL}, {"name": "Rawiri Moana", **MAIL}, FAMILY),
        ({"name": "Jo Moana", "email": "r1@example.com"}, {"name": "Rawiri Moana", "email": "r2@example.net"}, FAMILY),
        (
            {"name": "Rawiri Tane Moana", "email": "r1@example.com"},
            {"name": "Rawiri Tane Moana", "email": "r2@example.net"},
            FAMILY,
        ),
        (
            {"name": "Moana Family Trust", "email": "r1@example.com"},
            {"name": "Moana Family Trust", "email": "r2@example.net"},
            FAMILY,
        ),
        (
            {"name": "Rawiri & Ann Moana", "email": "r1@example.com"},
            {"name": "Rawiri & Ann Moana", "email": "r2@example.net"},
            FAMILY,
        ),
        (
            {"name": "Rawiri Moana", "email": "r1@example.com"},
            {"name": "Rawiri Moana", "email": "r2@example.net"},
            PHONE,
        ),
        (
            {"name": "Rawiri Moana", "email": "r1@example.com"},
            {"name": "Rawiri Moana", "email": "r2@example.net"},
            STREET,
        ),
    ],
)
def test_what_makes_no_namesake(a: Mapping[str, str], b: Mapping[str, str], relatives: Mapping[str, str]) -> None:
    """One mailbox, an unknown one, a middle name, a trust, a couple, another name, a phone or home of their own."""
    verdict = pair({**a, **FAMILY}, {**b, **FAMILY}, *_relatives(System.XPM, 3, **relatives))
    assert Cap.NAMESAKE not in verdict.caps


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [({"mobile": "0491570156"}, {}), ({}, {"address": "12 Watle Street"}), ({"address": "12 Watle St"}, {})],
)
def test_namesakes_of_whom_one_has_more(mine: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """A mobile that only the one has, and a slip in the address, settle nothing."""
    a = {"name": "Rawiri Moana", "email": "r1@example.com", **FAMILY, **mine}
    b = {"name": "Rawiri Moana", "email": "r2@example.net", **FAMILY, **theirs}
    assert pair(a, b, *_relatives(System.XPM, 3, **FAMILY)).caps == (Cap.NAMESAKE,)


def test_a_mobile_of_their_own_makes_no_namesake() -> None:
    """Beside the family's landline, the same mobile is one person's."""
    a = {"name": "Rawiri Moana", "email": "r1@example.com", "mobile": "0491570156", **FAMILY}
    b = {**a, "email": "r2@example.net"}
    assert pair(a, b, *_relatives(System.XPM, 3, **FAMILY)).band is Band.SURE


def test_relatives_who_are_linked_still_are_a_family() -> None:
    """When the others of the family are linked, father and son are a doubt all the same."""
    sides = []
    for system, mail in ((System.XPM, "r1@example.com"), (System.IGNITION, "r2@example.net")):
        son = _relatives(system, 1, email=mail, **FAMILY)[0]
        sides.append([son, *_relatives(system, 4, **FAMILY)[1:]])
    found = match(*sides)
    assert len(found.sure) == 3
    assert [v.caps for u in found.unsure for v in u.candidates] == [(Cap.NAMESAKE,)]
