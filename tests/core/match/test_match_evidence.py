"""Evidence for one pair: what each field says, and what can never be sure."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from support.match.pairs import client, names, pair
from xpmsync.core.enums import ClientState, System
from xpmsync.core.match import Band, Cap

ABN, OTHER_ABN, BAD_ABN = "51824753556", "83914571673", "51824753575"


MAIL = {"email": "pat@example.com"}
PHONE = {"phone": "(02) 5550 1234"}
STREET = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}
ALL = {**MAIL, **PHONE, **STREET}
HOME = {**PHONE, **STREET}


@pytest.mark.parametrize("second", [MAIL, PHONE, STREET], ids=["e-mail", "phone", "address"])
def test_name_and_one_more_agreement_is_sure(second: Mapping[str, str]) -> None:
    """Two independent agreements, one of them the name, and nothing against it."""
    verdict = pair({"name": "Harbour Plumbing Pty Ltd", **second}, {"name": "Harbour Plumbing P/L", **second})
    assert verdict.band is Band.SURE


def test_the_name_alone_is_never_sure() -> None:
    """One agreement is not enough, however full."""
    verdict = pair({"name": "Harbour Plumbing Pty Ltd"}, {"name": "Harbour Plumbing Pty Ltd"})
    assert (verdict.band, verdict.score) == (Band.UNSURE, 14)


def test_everything_but_the_name_is_never_sure() -> None:
    """E-mail, phone and address are what a family shares; without name or number they tell nobody apart."""
    verdict = pair({"name": "Harbour Pty Ltd", **ALL}, {"name": "Harbour Plumbing Pty Ltd", **ALL})
    assert verdict.score > 25
    assert verdict.band is Band.UNSURE


def test_a_register_number_bears_a_rename() -> None:
    """The same ABN and e-mail under another name is the same entity, renamed."""
    abn = {"identifiers": {"abn": ABN}}
    verdict = pair({"name": "Harbour Pty Ltd", **MAIL, **abn}, {"name": "Summit Cafe Pty Ltd", **MAIL, **abn})
    assert verdict.band is Band.SURE


def test_acn_inside_an_abn() -> None:
    """One system holds the ABN, the other the ACN that it is made of."""
    verdict = pair(
        {"name": "Harbour Pty Ltd", "identifiers": {"abn": "53 004 085 616"}},
        {"name": "Harbour Pty Ltd", "identifiers": {"company_number": "004 085 616"}},
    )
    assert "identifier-same" in names(verdict)
    assert verdict.band is Band.SURE


def test_points_of_register_numbers() -> None:
    """Full points for one entity; less when two clients of one system bear the number."""
    abn: Mapping[str, object] = {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN}}
    twin = client(System.XPM, "Summit Pty Ltd", client_id="2", identifiers={"abn": ABN})
    assert [e.points for e in pair(abn, abn).evidence if e.name == "identifier-same"] == [24]
    assert [e.points for e in pair(abn, abn, twin).evidence if e.name == "identifier-same"] == [18]
    assert not any("share it" in e.sentence for e in pair(abn, abn).evidence)


@pytest.mark.parametrize(
    ("mine", "theirs"), [(ABN, BAD_ABN), (BAD_ABN, ABN), (BAD_ABN, "51824753558"), ("51824753557", "51824753558")]
)
def test_a_mistyped_number_weighs_less_against_a_pair(mine: str, theirs: str) -> None:
    """Where check digits show a slip, the difference costs less; it still needs a person."""
    a, b = ({"name": "Harbour Pty Ltd", "identifiers": {"abn": abn}} for abn in (mine, theirs))
    verdict = pair(a, b)
    assert "identifier-slip" in names(verdict)
    assert verdict.caps == (Cap.IDENTIFIER,)


def test_one_different_number_outweighs_an_equal_one() -> None:
    """The ABN agrees, the company number does not: a person must look."""
    a = {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN, "company_number": "004085616"}}
    b = {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN, "company_number": "010499966"}}
    verdict = pair(a, b)
    assert {"identifier-other", "identifier-same"} & names(verdict) == {"identifier-other"}
    assert verdict.caps == (Cap.IDENTIFIER,)


def test_an_acn_that_the_abn_does_not_hold_says_nothing() -> None:
    """A trust's ABN beside its trustee's ACN: two numbers of two kinds, not comparable."""
    verdict = pair(
        {"name": "Harbour Pty Ltd", "identifiers": {"abn": ABN}},
        {"name": "Harbour Pty Ltd", "identifiers": {"company_number": "004 085 616"}},
    )
    assert names(verdict) == {"name-same", "form-same"}


@pytest.mark.parametrize(("mine", "theirs"), [("7", ""), ("", "7"), ("", "")])
def test_an_xpm_id_on_one_side_alone_says_nothing(mine: str, theirs: str) -> None:
    """Most exports have no XPM Id; that is no difference."""
    verdict = pair({"name": "Harbour Pty Ltd", "xpm_id": mine}, {"name": "Harbour Pty Ltd", "xpm_id": theirs})
    assert names(verdict) == {"name-same", "form-same"}


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ({"name": "A & B Moana"}, {"name": "A & B Moana"}, "form-same"),
        ({"name": "A & B Moana", "structure": "Trust"}, {"name": "A & B Moana", "structure": "Company"}, "form-other"),
        ({"name": "Ann Moana"}, {"name": "Ann Moana Partnership"}, "form-other"),
        ({"name": "Ann & Bo Moana"}, {"name": "Ann Moana Partnership"}, "form-other"),
        ({"name": "Ann Moana"}, {"name": "Ann & Bo Moana Partnership"}, "form-other"),
        ({"name": "Harbour"}, {"name": "Harbour Pty Ltd"}, "form-unstated"),
    ],
)
def test_legal_forms(a: Mapping[str, object], b: Mapping[str, object], found: str) -> None:
    """A couple may be its partnership; nobody else is another form than the one stated."""
    for verdict in (pair(a, b), pair(b, a)):
        assert {n for n in names(verdict) if n.startswith("form")} == {found}


@pytest.mark.parametrize(("mine", "theirs"), [("Individual", ""), ("", "Individual"), ("", "")])
def test_a_person_need_not_be_said_to_be_one(mine: str, theirs: str) -> None:
    """A name that can be a person's, called an individual on one side only, is no doubt about its form."""
    a, b = ({"name": "Zebulon Moana", **MAIL, "structure": text} for text in (mine, theirs))
    verdict = pair(a, b)
    assert verdict.caps == ()
    assert not any(n.startswith("form") for n in names(verdict))
    assert verdict.band is Band.SURE


def test_a_number_with_wrong_check_digits_is_no_identity() -> None:
    """The same wrong number on both sides is a hint, not an agreement."""
    bad = {"identifiers": {"abn": BAD_ABN}}
    verdict = pair({"name": "Harbour Pty Ltd", **bad}, {"name": "Harbour Pty Ltd", **bad})
    assert "identifier-unverified" in names(verdict)
    assert verdict.band is Band.UNSURE


def test_the_xpm_id_in_the_export() -> None:
    """Ignition's own link and the name are two agreements."""
    verdict = pair({"name": "Harbour", "xpm_id": "771"}, {"name": "Harbour Pty Ltd", "xpm_id": "771"})
    assert "xpm-id-same" in names(verdict)
    assert verdict.band is Band.SURE


PLUMBING = {"name": "Harbour Plumbing Pty Ltd", **ALL}


@pytest.mark.parametrize(
    ("a", "b", "cap"),
    [
        (
            {**PLUMBING, "identifiers": {"abn": ABN}},
            {**PLUMBING, "identifiers": {"abn": OTHER_ABN}},
            Cap.IDENTIFIER,
        ),
        ({**PLUMBING, "identifiers": {"abn": ABN}}, {**PLUMBING, "identifiers": {"abn": BAD_ABN}}, Cap.IDENTIFIER),
        ({**PLUMBING, "identifiers": {"abn": BAD_ABN}}, {**PLUMBING, "identifiers": {"abn": ABN}}, Cap.IDENTIFIER),
        ({**PLUMBING, "xpm_id": "1"}, {**PLUMBING, "xpm_id": "2"}, Cap.XPM_ID),
        ({**ALL, "name": "Moana Family Trust"}, {**ALL, "name": "Moana Pty Ltd"}, Cap.FORM),
        ({**ALL, "name": "Jo Moana", "structure": "Trust"}, {**ALL, "name": "Jo Moana"}, Cap.FORM),
        ({**ALL, "name": "Ann Moana"}, {**ALL, "name": "Rawiri Moana"}, Cap.HOUSEHOLD),
        ({**ALL, "name": "Ann Moana"}, {**ALL, "name": "Ann & Rawiri Moana"}, Cap.HOUSEHOLD),
        ({**ALL, "name": "Hone Moana Snr"}, {**ALL, "name": "Hone Moana Jnr"}, Cap.HOUSEHOLD),
        ({**ALL, "name": "Hone A Moana"}, {**ALL, "name": "Hone B Moana"}, Cap.HOUSEHOLD),
        ({**HOME, "name": "Ann Moana"}, {**HOME, "name": "Ann Kowalski"}, Cap.HOUSEHOLD),
        ({**ALL, "name": "Ann Moana"}, {**ALL, "name": "Ann Moana-Kowalski"}, Cap.HOUSEHOLD),
        ({**HOME, "name": "A Moana"}, {**HOME, "name": "Ann Moana"}, Cap.GIVEN_NAME),
        ({**HOME, "name": "Chris Moana"}, {**HOME, "name": "Christine Moana"}, Cap.GIVEN_NAME),
        ({**ALL, "name": "Lara Moana"}, {**ALL, "name": "Lana Moana"}, Cap.GIVEN_NAME),
        ({**ALL, "name": "Harbour Fund"}, {**ALL, "name": "Harbour Fund No 2"}, Cap.NUMBER),
        ({**ALL, "name": "Harbour"}, {**ALL, "name": "Harbour Pty Ltd"}, Cap.FORM_UNSTATED),
        ({**ALL, "name": "Jo Moana t/a Drains"}, {**ALL, "name": "Jo Moana t/a Roofs"}, Cap.TRADING),
        (PLUMBING, {**PLUMBING, "state": ClientState.ARCHIVED}, Cap.ARCHIVED),
        ({**PLUMBING, "state": ClientState.ARCHIVED}, PLUMBING, Cap.ARCHIVED),
    ],
)
def test_what_can_never_be_sure(a: Mapping[str, object], b: Mapping[str, object], cap: Cap) -> None:
    """With e-mail, phone and address all the same, each of these still waits for a person."""
    verdict = pair(a, b)
    assert verdict.caps == (cap,)
    assert verdict.band is not Band.SURE
    assert cap.value in verdict.reasons


@pytest.mark.parametrize(
    ("a", "b", "band"),
    [
        ({"name": "A Moana"}, {"name": "Ann Moana"}, Band.SURE),
        ({"name": "Harbour Plumbing"}, {"name": "Harbour Plumbing Pty Ltd"}, Band.SURE),
        ({"name": "Ann Moana"}, {"name": "Rawiri Moana"}, Band.UNSURE),
        ({"name": "Moana Family Trust"}, {"name": "Moana Pty Ltd"}, Band.UNSURE),
    ],
)
def test_a_register_number_settles_only_the_milder_doubts(
    a: Mapping[str, str], b: Mapping[str, str], band: Band
) -> None:
    """The same ABN says which Moana it is, but a trust stays a trust and two people stay two."""
    abn = {"identifiers": {"abn": ABN}}
    assert pair({**a, **ALL, **abn}, {**b, **ALL, **abn}).band is band


def test_the_ignition_link_settles_the_milder_doubts_too() -> None:
    """Ignition's own XPM id says which client it is."""
    verdict = pair({"name": "A Moana", **ALL, "xpm_id": "7"}, {"name": "Ann Moana", **ALL, "xpm_id": "7"})
    assert verdict.band is Band.SURE


@pytest.mark.parametrize("mailbox", ["info@", "admin@", "accounts@", "Office@"])
def test_a_role_mailbox_is_no_identity(mailbox: str) -> None:
    """A desk's mailbox at a provider of everybody and a name are one agreement, not two."""
    mail = {"email": f"{mailbox}gmail.com"}
    verdict = pair({"name": "Ann Moana", **mail}, {"name": "Ann Moana", **mail})
    assert "email-role" in names(verdict)
    assert verdict.band is Band.UNSURE


def test_agreement_fades_when_many_share_the_value() -> None:
    """An address that nine clients share no longer makes a pair sure; what few share does."""
    ann = {"name": "Ann Moana", **MAIL}
    given = ("Jo", "Al", "Bo", "Cy", "Di", "Ed", "Vi", "Ty")
    family = [client(System.XPM, f"{n} Kowalski", client_id=n, email=MAIL["email"]) for n in given]
    alone, few, many = (pair(ann, ann, *family[:n]) for n in (0, 1, 8))
    assert [v.band for v in (alone, few, many)] == [Band.SURE, Band.SURE, Band.UNSURE]
    assert alone.score > few.score > many.score
    assert any("9 clients share it." in e.sentence for e in many.evidence)


def test_common_names_weigh_less_than_rare_ones() -> None:
    """Four Ann Moanas in one system make the name worth less."""
    ann = {"name": "Ann Moana"}
    others = [client(System.XPM, "Ann Moana", client_id=str(n)) for n in range(4)]
    assert pair(ann, ann, *others).score < pair(ann, ann).score


def test_an_initial_is_read_with_the_contact() -> None:
    """`K Moana` whose contact is Karen Moana is Karen Moana."""
    verdict = pair({"name": "K Moana", "contact": "Karen Moana", **PHONE}, {"name": "Karen Moana", **PHONE})
    assert verdict.band is Band.SURE


def test_phones_with_and_without_area_and_country() -> None:
    """One number in three layouts is one number; another area's is another one."""
    here = {"name": "Ann Moana", "phone": "02 5550 1234"}
    assert "phone-same" in names(pair(here, {"name": "Ann Moana", "phone": "+61 2 5550 1234"}))
    assert "phone-same" in names(pair(here, {"name": "Ann Moana", "mobile": "5550 1234"}))
    assert "phone-other" in names(pair(here, {"name": "Ann Moana", "phone": "03 5550 1234"}))


@pytest.mark.parametrize(
    ("street", "found"),
    [
        ({"address": "12 Wattle St"}, "address-same"),
        ({"address": "12 Watle Street"}, "address-same"),
        ({"address": "14 Wattle Street"}, "address-street"),
        ({"address": "7 Banksia Road"}, "address-postcode"),
        ({"address": "7 Banksia Road", "postcode": "2000"}, "address-town"),
        ({"address": "7 Banksia Road", "postcode": "2000", "city": "Redcliff"}, "address-other"),
        ({"address": "2/12 Wattle Street"}, "address-same"),
    ],
)
def test_addresses(street: Mapping[str, str], found: str) -> None:
    """From the same door to another town; types and slips do not count, units and numbers do."""
    assert found in names(pair({"name": "Ann Moana", **STREET}, {"name": "Ann Moana", **STREET, **street}))


def test_units_of_one_building_are_not_one_home() -> None:
    """1/20 and 2/20 are neighbours."""
    a, b = ({"name": "Ann Moana", **STREET, "address": f"{n}/20 Wattle Street"} for n in (1, 2))
    assert "address-street" in names(pair(a, b))


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ({"email": "pat.moana@gmial.com"}, {"email": "pat.moana@gmail.com"}, "email-slip"),
        ({"email": "pat@moana.example"}, {"email": "jo@moana.example"}, "email-domain"),
        ({"email": "pat@gmail.com"}, {"email": "jo@gmail.com"}, "email-other"),
        ({"contact": "Jo King"}, {"contact": "Jo King"}, "contact-same"),
        ({"contact": "Jo King"}, {"contact": "Vi Hall"}, "contact-other"),
        ({"group": "Moana Group"}, {"group": "moana group"}, "group-same"),
        ({"group": "Moana Group"}, {"group": "Hall"}, "group-other"),
    ],
)
def test_the_smaller_pieces(a: Mapping[str, str], b: Mapping[str, str], found: str) -> None:
    """Each further field has its say."""
    assert found in names(pair({"name": "Harbour Pty Ltd", **a}, {"name": "Harbour Pty Ltd", **b}))


def test_the_score_is_the_sum_of_the_pieces_and_each_has_a_sentence() -> None:
    """What `match explain` shows adds up, weightiest first, in plain sentences."""
    verdict = pair({"name": "Harbour Pty Ltd", **ALL}, {"name": "Harbour Pty Ltd", **MAIL, "phone": "02 5550 9999"})
    assert verdict.score == sum(e.points for e in verdict.evidence)
    family = [client(System.XPM, f"{n} Kowalski", client_id=n, email=MAIL["email"]) for n in ("Jo", "Al")]
    assert pair({"name": "Ann Moana", **MAIL}, {"name": "Ann Moana", **MAIL}, *family).score == 19.8
    assert [abs(e.points) for e in verdict.evidence] == sorted((abs(e.points) for e in verdict.evidence), reverse=True)
    assert all(e.sentence.endswith(".") and "{" not in e.sentence for e in verdict.evidence)


def test_missing_fields_say_nothing() -> None:
    """Two bare records compare by name and form alone."""
    assert names(pair({"name": "Harbour Pty Ltd", **ALL}, {"name": "Harbour Pty Ltd"})) == {"name-same", "form-same"}


def test_no_tax_number_has_a_say() -> None:
    """Whatever else `identifiers` may hold, only the public registers' numbers are compared."""
    tax = {"identifiers": {"tax_number": "123 456 782"}}
    assert "identifier-same" not in names(pair({"name": "Ann Moana", **tax}, {"name": "Ann Moana", **tax}))


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        ({"phone": "(02) 5550 1234"}, {"phone": "+61 2 5550 1234"}, "Same phone number: (02) 5550 1234."),
        ({"mobile": "0491 570 156"}, {"phone": "0491570156"}, "Same phone number: 0491 570 156."),
        ({"group": "Moana Group"}, {"group": "moana group"}, "Same client group (Moana Group)."),
        ({"contact": "Mr Jo King"}, {"contact": "Mr Jo King"}, "Same contact person (Mr Jo King)."),
        ({"contact": "Nell Ash"}, {"contact": "Eleanor Ash"}, "Same contact person (Nell Ash and Eleanor Ash)."),
        ({"contact": "Hao Wood"}, {"contact": "Hao Wood"}, "Same contact person (Hao Wood)."),  # not read as a firm's
    ],
)
def test_a_sentence_names_the_value_as_a_record_has_it(
    here: Mapping[str, str], there: Mapping[str, str], said: str
) -> None:
    """Nobody looks for a number without its leading zero, or for the formal name of somebody called Nell."""
    verdict = pair({"name": "Harbour Pty Ltd", **here}, {"name": "Harbour Pty Ltd", **there})
    assert said in [e.sentence for e in verdict.evidence]


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ({"email": "mei.marcombe@example.com"}, {"email": "marcombefamily@example.org"}, "email-changed"),
        ({"email": "info@kea.example"}, {"email": "mei@example.org"}, "email-changed"),
        ({"email": "mei@kea.example", **PHONE}, {"email": "tui@example.org", **PHONE}, "email-changed"),
        ({"email": "sunny72@example.com"}, {"email": "sunny72@other-provider.example"}, "email-local"),
        ({"email": "marcombe@example.com"}, {"email": "marcombe@other-provider.example"}, "email-changed"),
        ({"email": "mei@kea.example"}, {"email": "tui@example.org"}, "email-other"),
    ],
)
def test_an_explained_change_of_the_email(a: dict[str, str], b: dict[str, str], rule: str) -> None:
    """A mailbox of the family or a desk, or a new one beside the same phone, weighs less against than a stranger's."""
    verdict = pair({"name": "Mei Marcombe", **a}, {"name": "Mei Marcombe", **b})
    assert [name for name in names(verdict) if name.startswith("email-")] == [rule]


def test_a_moved_household() -> None:
    """Another address beside the same phone weighs less against than another address alone."""
    here, there = {"city": "Thornbrook", "postcode": "2981"}, {"city": "Ruby Bay", "postcode": "7005"}
    alone = pair({"name": "Mei Marcombe", **here}, {"name": "Mei Marcombe", **there})
    moved = pair({"name": "Mei Marcombe", **here, **PHONE}, {"name": "Mei Marcombe", **there, **PHONE})
    assert "address-other" in names(alone)
    assert "address-moved" in names(moved)


def test_a_street_that_many_live_in_is_no_agreement() -> None:
    """The same street with another number fades by how many clients live there."""
    crowd = [
        client(
            System.XPM,
            f"Crowd {n} Ltd",
            client_id=f"c{n}",
            address=f"{n + 50} Wattle Street",
            city="Thornbrook",
            postcode="2981",
        )
        for n in range(16)
    ]
    a, b = {"name": "Mei Marcombe", **STREET}, {"name": "Mei Marcombe", **STREET, "address": "90 Wattle Street"}
    points = {e.name: e.points for e in pair(a, b).evidence}, {e.name: e.points for e in pair(a, b, *crowd).evidence}
    assert points[0]["address-street"] == 4
    assert points[1]["address-street"] < 1


@pytest.mark.parametrize(
    ("name", "other", "structure", "rule"),
    [
        ("Winslow Petrov", "Winslow Petrov", "Partnership", "form-in-a-field"),
        ("Ann & Bob Kea", "Kea, Ann & Bob", "Partnership", "form-left-out"),
        ("Ann & Bob Kea", "Kea, Ann & Bob", "Individual", ""),
        ("Winslow Petrov", "Winslow Petrov Partnership", "", "form-unstated"),
        ("Winslow Petrov", "Winslow Petrof", "Partnership", "form-unstated"),
    ],
)
def test_a_form_that_only_a_field_states(name: str, other: str, structure: str, rule: str) -> None:
    """Where both names leave the form out and are the same, a blank field in one system is no doubt."""
    verdict = pair({"name": name, "structure": structure, **MAIL}, {"name": other, **MAIL})
    assert [n for n in names(verdict) if n.startswith("form-") and n != "form-same"] == ([rule] if rule else [])
    assert (Cap.FORM_UNSTATED in verdict.caps) is (rule == "form-unstated")
    assert (verdict.band is Band.SURE) is (rule != "form-unstated")


def test_a_form_that_only_a_field_states_needs_more_than_a_contact() -> None:
    """The family's other entity has the same contact."""
    a = {"name": "Oak & Ash Gardens", "contact": "Nell Ash"}
    verdict = pair({**a, "structure": "Partnership"}, a)
    assert verdict.score >= 15
    assert (verdict.band, verdict.caps) == (Band.UNSURE, (Cap.FORM_UNSTATED,))
