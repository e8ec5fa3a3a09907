"""The fields of one pair at their edges: e-mail, phone, contact, group, address, register numbers, form."""

from __future__ import annotations

import pytest

from support.match.pairs import Values, client, crowd, names, pair
from xpmsync.core.enums import System
from xpmsync.core.match import Band, Cap

FIRM = {"name": "Harbour Pty Ltd"}
PERSON = {"name": "Mei Marcombe"}
STREET = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}
ELSEWHERE = {"address": "7 Banksia Road", "city": "Redcliff", "postcode": "6000"}


def of_kind(kind: str, a: Values, b: Values, *others: object) -> set[str]:
    """The names of the evidence of one kind, which must not depend on the side."""
    one, other = (
        {n for n in names(pair(*sides, *others)) if n.startswith(kind)}  # type: ignore[arg-type]  # test shorthand
        for sides in ((a, b), (b, a))
    )
    assert one == other
    return one


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (["kezia@gmial.com"], ["kezia@gmail.com"], "email-slip"),
        (["kezi@gmial.com"], ["kezi@gmail.com"], "email-other"),
        (["kezia@example.com", "tui@example.org"], ["kezia@exampel.com"], "email-slip"),
        (["kezia@moana.example"], ["kezia@maona.exampel"], "email-slip"),
        (["kezia@moana.example"], ["kezia@kauri.example"], "email-local"),
        (["kezi@moana.example"], ["kezi@kauri.example"], "email-other"),
        (["patricia@gmail.com"], ["josephine@gmail.com"], "email-other"),
        (["kezia@kauri.example", "wiremu@moana.example"], ["wiremu@rimu.example"], "email-local"),
        (["kezia@kauri.example", "tui@rimuu.example"], ["kezia@rimu.example"], "email-local"),
        (["accounts@moana.example"], ["accounts@maona.example"], "email-changed"),
        (["accounts@moana.example"], ["accounts@kauri.example"], "email-changed"),
        (["accounts@moana.example", "kezia@moana.example"], ["tui@kauri.example"], "email-other"),
        (["kezia@moana.example"], [], ""),
    ],
)
def test_two_mailboxes_that_are_not_the_same(mine: list[str], theirs: list[str], expected: str) -> None:
    """A local part of five letters and more, no desk's, is recognised beside a slip in the domain or another one."""
    assert of_kind("email", {**FIRM, "emails": mine}, {**FIRM, "emails": theirs}) == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("name", "mine", "theirs", "expected"),
    [
        ("Mei Marcombe", "mei.marcombe@example.com", "mei.marcombe@kauri.example", "email-changed"),
        ("Mei Lowe", "mei.lowe@example.com", "mlowe@kauri.example", "email-changed"),
        ("Mei Low", "mei.low@example.com", "mlow@kauri.example", "email-other"),
        ("Mei Low", "mei.low@example.com", "mei.low@kauri.example", "email-local"),
        ("Mei Marcombe", "mei.marcombe@example.com", "sunny@kauri.example", "email-other"),
        ("Mei & Tui Marcombe", "marcombe.m@example.com", "themarcombes@kauri.example", "email-changed"),
    ],
)
def test_a_mailbox_made_of_the_surname(name: str, mine: str, theirs: str, expected: str) -> None:
    """A surname of four letters and more in both mailboxes explains the change; a relative has such a mailbox, too."""
    assert of_kind("email", {"name": name, "email": mine}, {"name": name, "email": theirs}) == {expected}


def test_the_surname_in_one_of_several_mailboxes_explains_the_change() -> None:
    """The other mailboxes of the client need not be made of it."""
    mine = {**PERSON, "emails": ["sunny@example.com", "mei.marcombe@example.com"]}
    theirs = {**PERSON, "emails": ["kowhai@kauri.example", "marcombes@kauri.example"]}
    assert of_kind("email", mine, theirs) == {"email-changed"}


def test_only_a_surname_of_both_explains_a_mailbox() -> None:
    """A contact whom one side alone names has lent its name to the mailboxes."""
    mine = {"name": "Mei Marcombe", "email": "winslow@example.com"}
    theirs = {"name": "Mei Marcombe", "email": "winslows@kauri.example", "contact": "Ann Winslow"}
    assert of_kind("email", mine, theirs) == {"email-other"}
    assert of_kind("email", mine, {**theirs, "email": "winslow@kauri.example"}) == {"email-local"}


def test_a_domain_with_more_than_eight_clients_is_a_providers() -> None:
    """Eight clients can be one firm's people; from nine on the domain says nothing."""
    a, b = {**FIRM, "email": "pat@kauri.example"}, {**FIRM, "email": "jo@kauri.example"}
    others = [client(System.XPM, f"Quillfeather{c}", client_id=c, email=f"{c}@kauri.example") for c in "abcdefgh"]
    assert of_kind("email", a, b, *others[:7]) == {"email-domain"}
    assert of_kind("email", a, b, *others) == {"email-other"}


def test_what_is_shared_is_named_the_same_whatever_the_order() -> None:
    """Of several local parts or firms in common, the first in the alphabet is named."""
    mine, theirs = ["kezia@a.example", "wiremu@b.example"], ["wiremu@long.example", "kezia@other.example"]
    for order in (1, -1):
        sentences = pair({**FIRM, "emails": mine[::order]}, {**FIRM, "emails": theirs}).reasons
        assert any("kezia" in s for s in sentences)
        assert not any("wiremu" in s for s in sentences)
    mine, theirs = ["pat@kauri.example", "pat@moana.example"], ["jo@moana.example", "jo@kauri.example"]
    (sentence,) = [s for s in pair({**FIRM, "emails": mine}, {**FIRM, "emails": theirs}).reasons if "firm" in s]
    assert "kauri" in sentence
    assert "share it" not in sentence


def test_the_rarest_mailbox_in_common_counts() -> None:
    """A desk's mailbox and one of many clients are passed over for the client's own."""
    both = {**FIRM, "emails": ["info@moana.example", "many@example.com", "kezia@example.com"]}
    verdict = pair(both, both, *crowd(6, email="many@example.com"))
    assert [e.sentence for e in verdict.evidence if e.name.startswith("email")] == [
        "Same e-mail address (kezia@example.com)."
    ]


def test_the_rarest_phone_in_common_counts() -> None:
    """Likewise with phones; that another number of the client differs is no matter."""
    both = {**FIRM, "phone": "02 5550 1111", "mobile": "0491 570 156"}
    verdict = pair(both, both, *crowd(6, phone="02 5550 1111"))
    assert [e.sentence for e in verdict.evidence if e.name == "phone-same"] == ["Same phone number: 0491 570 156."]
    assert "phone-same" in names(pair(both, {**FIRM, "phone": "0491 570 156", "mobile": "02 5550 9999"}))


@pytest.mark.parametrize("short", ["a", "b"])
def test_a_number_without_its_area_code(short: str) -> None:
    """Whichever side leaves it out."""
    whole, local = {**FIRM, "phone": "02 5550 1234"}, {**FIRM, "phone": "5550 1234"}
    a, b = (local, whole) if short == "a" else (whole, local)
    assert "phone-same" in names(pair(a, b))


@pytest.mark.parametrize(
    ("text", "usable"),
    [("555012", True), ("55501", False), ("000000", False), ("call Jo 5550 1234 or 5550 9999", False)],
)
def test_what_is_a_phone_number(text: str, usable: bool) -> None:
    """Six digits and more that are not all the same; a sentence is none."""
    both = {**FIRM, "phone": text}
    assert ("phone-same" in names(pair(both, both))) is usable


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "02 5550 1234"), ("contact", "Jo King"), ("group", "Moana Group"), ("email", "kezia@example.com")],
)
def test_a_field_of_one_side_alone_says_nothing(field: str, value: str) -> None:
    """Missing is not different."""
    for a, b in (({**FIRM, field: value}, FIRM), (FIRM, {**FIRM, field: value}), (FIRM, FIRM)):
        assert names(pair(a, b)) == {"name-same", "form-same"}


def test_the_same_mailbox_explains_a_move_while_it_is_the_clients_own() -> None:
    """Eight clients may share it, at the edge of an agreement; nine may not."""
    a, b = {**PERSON, **STREET, "email": "kezia@example.com"}, {**PERSON, **ELSEWHERE, "email": "kezia@example.com"}
    assert of_kind("address", a, b, *crowd(7, email="kezia@example.com")) == {"address-moved"}
    assert of_kind("address", a, b, *crowd(8, email="kezia@example.com")) == {"address-other"}


def test_only_the_same_address_is_shared() -> None:
    """How many live there is said of an address, not of a town."""
    town = {**STREET, "address": "7 Banksia Road", "postcode": "2000"}
    verdict = pair({**PERSON, **STREET}, {**PERSON, **town}, *crowd(3, **STREET))
    assert "address-town" in names(verdict)
    assert not any("share it" in sentence for sentence in verdict.reasons)
    same = pair({**PERSON, **STREET}, {**PERSON, **STREET}, *crowd(3, **STREET))
    assert "Same address. 4 clients share it." in same.reasons


ABN, ACN, OTHER_ACN = "51824753556", "004085616", "010499966"


def test_two_company_numbers_compare_without_an_abn() -> None:
    """Neither side has an ABN."""
    a, b = ({**FIRM, "identifiers": {"company_number": number}} for number in (ACN, OTHER_ACN))
    assert "identifier-same" in names(pair(a, a))
    assert "identifier-other" in names(pair(a, b))


def test_a_number_is_as_rare_as_the_most_shared_of_those_in_common() -> None:
    """Two numbers agree, one of which another client has, too."""
    both = {**FIRM, "identifiers": {"abn": ABN, "company_number": ACN}}
    (sentence,) = [s for s in pair(both, both, *crowd(1, identifiers={"abn": ABN})).reasons if "ABN" in s]
    assert sentence.endswith("2 clients share it.")


def test_a_name_is_as_rare_as_on_the_side_where_more_have_it() -> None:
    """Three more clients of the one system have the name with the slip, or without it."""
    others = [client(System.XPM, "Marcombe Tiles", client_id=str(n)) for n in range(3)]
    for a, b, count in (("Marcombe Tiles", "Marcombe Tile", 4), ("Marcombe Tile", "Marcombe Tiles", 3)):
        assert any(f" {count} clients share it" in s for s in pair({"name": a}, {"name": b}, *others).reasons)


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ("Moana Trust", "Moana Family Trust", "family trust"),
        ("Moana Unit Trust", "Moana Trust", "unit trust"),
    ],
)
def test_the_more_exact_form_is_named(a: str, b: str, sentence: str) -> None:
    """A trust of no stated kind fits each kind."""
    (text,) = [e.sentence for e in pair({"name": a}, {"name": b}).evidence if e.name == "form-same"]
    assert sentence in text


def test_a_person_by_comma_and_one_by_guess_state_no_form() -> None:
    """`Moana, Zebulon` is surely a person's name and `Zebulon Moana` can be one: the field alone states the form."""
    mail = {"email": "kezia@example.com"}
    verdict = pair({"name": "Moana, Zebulon", **mail, "structure": "Partnership"}, {"name": "Zebulon Moana", **mail})
    assert "form-in-a-field" in names(verdict)
    assert (verdict.band, verdict.caps) == (Band.SURE, ())
    assert Cap.FORM_UNSTATED in pair({"name": "Kea", **mail}, {"name": "Kea Partnership", **mail}).caps


def common_name(a: Values, b: Values, hughes: int = 8, linhs: int = 8, rest: int = 0) -> bool:
    """Whether the name weighs less for being common, among Ignition clients with its surname and given name."""
    words = [*(f"{c} Hughes" for c in "abcdefgh"[:hughes]), *(f"Linh {c}son" for c in "abcdefgh"[:linhs])]
    words += [f"Quill{c}" for c in "abcdefghijklmn"[:rest]]
    others = [client(System.IGNITION, text, client_id=f"n{n}") for n, text in enumerate(words)]
    return "name-common" in names(pair(a, b, *others))


LINH = {"name": "Linh Hughes", "email": "ann@example.com"}
OTHER_LINH = {"name": "Linh Hughes", "email": "jack@example.net"}


def test_a_common_name_beside_other_agreements() -> None:
    """Nothing else must agree, but the contact, who is half a name of the family."""
    assert common_name(LINH, OTHER_LINH)
    assert common_name({**LINH, "contacts": ["Mei Tran"]}, {**OTHER_LINH, "contacts": ["Mei Tran"]})
    assert not common_name({**LINH, "phone": "02 5550 1234"}, {**LINH, "phone": "02 5550 9999"})


def test_a_common_name_with_a_slip() -> None:
    """The spelling that is common counts, on either side."""
    assert common_name(LINH, {**OTHER_LINH, "name": "Linh Hugges"})
    assert common_name({**LINH, "name": "Linh Hugges"}, OTHER_LINH)


def test_a_name_that_one_of_four_practices_has_by_chance_is_not_common() -> None:
    """Two others have the surname and two the given name, of sixteen clients."""
    assert not common_name(LINH, OTHER_LINH, 2, 2, rest=11)
    assert common_name(LINH, OTHER_LINH, 2, 2, rest=8)


def test_what_speaks_against_a_pair_is_not_said_to_be_shared() -> None:
    """Four clients are called `Kauri Tiles`; that they all are called otherwise than `Moana Pipes` is no news."""
    others = [client(System.XPM, "Kauri Tiles", client_id=str(n)) for n in range(3)]
    verdict = pair({"name": "Kauri Tiles"}, {"name": "Moana Pipes"}, *others)
    assert "name-other" in names(verdict)
    assert not any("share it" in sentence for sentence in verdict.reasons)


def test_a_common_surname_explains_no_mailbox() -> None:
    """With ten clients of that surname, the mailbox can be another family's."""
    a = {"name": "Mei Marcombe", "email": "mei.marcombe@example.com"}
    b = {"name": "Mei Marcombe", "email": "marcombefamily@example.org"}
    givens = ["Al", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida"]
    family = [client(System.XPM, f"{given} Marcombe", client_id=given) for given in givens]
    assert "email-changed" in names(pair(a, b, *family[:8]))
    assert "email-other" in names(pair(a, b, *family))
