"""Who is linked after whom, what is left for a person, and what is a duplicate: whole practices in small."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.match.pairs import Values, client
from xpmsync.core.enums import System
from xpmsync.core.match import Matching, match
from xpmsync.core.match.verdict import Note

STREET = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}
ALL = {**STREET, "email": "moana@example.com", "phone": "02 5550 1234"}


def matched(xpm: Sequence[Values], ignition: Sequence[Values]) -> Matching:
    """Match clients made of these values; their ids count from x1 and i1."""
    left, right = (
        [client(system, **{"client_id": str(n), **v}) for n, v in enumerate(side, start=1)]  # type: ignore[arg-type]  # test shorthand
        for system, side in ((System.XPM, xpm), (System.IGNITION, ignition))
    )
    return match(left, right)


def sure(matching: Matching) -> list[tuple[str, str]]:
    """The pairs of ids that are sure, sorted."""
    return sorted((v.xpm_id, v.ignition_id) for v in matching.sure)


def unsure(matching: Matching) -> dict[str, list[str]]:
    """The candidates' ids by XPM client."""
    return {u.xpm_id: [c.ignition_id for c in u.candidates] for u in matching.unsure}


def notes(matching: Matching) -> dict[str, list[Note]]:
    """The notes of all candidates by XPM client."""
    return {u.xpm_id: [note for c in u.candidates for note in c.notes] for u in matching.unsure}


def test_links_follow_from_links() -> None:
    """Three of one name in one street: each link but the first waits until its rival has been linked."""
    homes = [{**STREET, "name": "Ann Moana", "address": f"{n} Wattle Street"} for n in (10, 14, 18)]
    phone, mail = {"phone": "02 5550 1234"}, {"email": "ann@example.com"}
    anns: list[Values] = [{**homes[0], **phone, **mail}, {**homes[1], **phone}, homes[2]]
    matching = matched(anns, anns)
    assert sure(matching) == [("x1", "i1"), ("x2", "i2"), ("x3", "i3")]
    assert matching.unsure == ()


@pytest.mark.parametrize("side", ["xpm", "ignition"])
def test_nobody_is_a_candidate_beside_a_link_of_the_second_round(side: str) -> None:
    """The last of a family is linked once the mailbox is hers alone; her namesake is no candidate then."""
    mail = {"email": "kea@example.com"}
    family: list[Values] = [
        {"name": f"{given} Kea", **mail, **STREET} for given in ("Ann", "Bob", "Cy", "Eve", "Finn", "Gus")
    ]
    family.append({"name": "Dot Kea", **mail})
    namesake: Values = {"name": "Dot Kea"}
    matching = matched(
        [*family, namesake] if side == "xpm" else family, [*family, namesake] if side == "ignition" else family
    )
    assert sure(matching) == [(f"x{n}", f"i{n}") for n in range(1, 8)]
    assert matching.unsure == ()


def test_half_a_name_is_shown_from_eight_points_on() -> None:
    """A former name and nothing else is just enough; with a phone that differs it is shown if both are left alone."""
    a, b = {"name": "Zebulon Kowalski (nee Moana)"}, {"name": "Zebulon Moana"}
    assert unsure(matched([a], [b])) == {"x1": ["i1"]}
    assert notes(matched([a], [b])) == {"x1": []}
    phones = matched([{**a, "phone": "02 5550 1234"}], [{**b, "phone": "02 5550 9999"}])
    assert notes(phones) == {"x1": [Note.LEFT_ALONE]}


def test_an_initial_alone_is_shown() -> None:
    """Half a name of a person, and both are persons: just enough for a question, too."""
    assert unsure(matched([{"name": "K Moana"}], [{"name": "Karen Moana"}])) == {"x1": ["i1"]}


def test_firms_with_a_word_in_common_are_not_shown() -> None:
    """Nothing of a household is the same."""
    assert unsure(matched([{"name": "Kauri Coast Plumbing"}], [{"name": "Kauri Coast Electrical"}])) == {}


def test_a_changed_surname_at_one_address_is_shown_whatever_else_is_known() -> None:
    """Another given name would be a relative; another surname is shown also where the phones differ."""
    a, b = ({"name": f"Rua {surname}", **STREET} for surname in ("Kea", "Tipene"))
    phones = {"phone": "02 5550 1234"}, {"phone": "02 5550 9999"}
    assert unsure(matched([{**a, **phones[0]}], [{**b, **phones[1]}])) == {"x1": ["i1"]}


def test_who_has_a_candidate_is_left_alone_with_nobody() -> None:
    """Rua Tipene has a namesake to be asked about, so she is not shown for the address alone."""
    matching = matched([{"name": "Rua Tipene"}, {"name": "Rua Kea", **STREET}], [{"name": "Rua Tipene", **STREET}])
    assert unsure(matching) == {"x1": ["i1"]}


def test_of_two_at_an_address_the_likelier_is_shown() -> None:
    """The one with the given name in common has changed her surname; the other one is somebody else."""
    matching = matched(
        [{"name": "Boris Vanterpol", **STREET}, {"name": "Rua Kea", **STREET}], [{"name": "Rua Tipene", **STREET}]
    )
    assert unsure(matching) == {"x2": ["i1"]}


LINKED: Values = {"name": "Ann Kea", "email": "ann@example.com", **STREET}
HINT: tuple[Values, Values] = ({"name": "R Kea", **STREET}, {"name": "Rua Kea", **STREET})


def test_the_last_two_of_a_linked_family_say_so() -> None:
    """An initial at the address of a linked client, and nobody else to be meant."""
    matching = matched([LINKED, HINT[0]], [LINKED, HINT[1]])
    assert sure(matching) == [("x1", "i1")]
    assert notes(matching) == {"x2": [Note.FAMILY_LINKED]}


def test_without_a_linked_family_nothing_is_said_of_it() -> None:
    """The same two alone, and beside a link of strangers."""
    strangers = {**LINKED, "address": "7 Banksia Road", "postcode": "6000"}
    assert notes(matched([HINT[0]], [HINT[1]])) == {"x1": []}
    assert notes(matched([strangers, HINT[0]], [strangers, HINT[1]])) == {"x2": []}


@pytest.mark.parametrize("side", ["xpm", "ignition"])
def test_two_who_can_be_meant_are_not_said_to_be_the_last(side: str) -> None:
    """With a second candidate on either side, the family's other links say nothing about which it is."""
    more: Values = {"name": "R Kea", **STREET}
    matching = matched(
        [LINKED, HINT[0], more] if side == "xpm" else [LINKED, HINT[0]],
        [LINKED, HINT[1], more] if side == "ignition" else [LINKED, HINT[1]],
    )
    assert sure(matching) == [("x1", "i1")]
    assert not any(notes(matching).values())


def test_sister_companies_are_no_duplicates() -> None:
    """They share mailbox, phone, address, group and a word of the name, but neither a whole name nor a number."""
    sisters = [{"name": f"Moana {word} Ltd", "group": "Moana", **ALL} for word in ("Tiles", "Pipes")]
    assert matched(sisters, []).duplicates == ()


def test_father_and_son_are_no_duplicates() -> None:
    """What can never be sure is no duplicate either, however much is the same."""
    assert matched([{"name": "Hone Moana Snr", **ALL}, {"name": "Hone Moana Jnr", **ALL}], []).duplicates == ()


def test_two_businesses_of_one_owner_are_no_duplicates() -> None:
    """They share all but the trading names."""
    businesses = [{"name": f"Ann Moana t/a {name}", **ALL} for name in ("Reef Cafe", "Summit Plumbing")]
    assert matched(businesses, []).duplicates == ()


def test_an_initial_is_a_duplicate_by_its_number() -> None:
    """The register number settles who is meant."""
    same = {"identifiers": {"abn": "51824753556"}, **ALL}
    matching = matched([{"name": "Ann Moana", **same}, {"name": "A Moana", **same}], [])
    assert [d.ids for d in matching.duplicates] == [("x1", "x2")]


def test_a_couple_and_its_partnership_are_duplicates_by_their_number() -> None:
    """The form is merely not stated, and the register number settles it."""
    couple = {"identifiers": {"abn": "51824753556"}, **ALL}
    both = [{"name": "Ann & Bo Moana", **couple}, {"name": "Ann & Bo Moana Partnership", **couple}]
    assert [d.ids for d in matched(both, []).duplicates] == [("x1", "x2")]


@pytest.mark.parametrize("same", [{"identifiers": {"abn": "51824753556"}}, {"xpm_id": "771"}])
def test_another_name_and_form_with_one_number_is_shown(same: Values) -> None:
    """Nothing else would make up for both differences."""
    a, b = {"name": "Harbour Tiles Pty Ltd", **ALL}, {"name": "Summit Family Trust", **ALL}
    assert unsure(matched([{**a, **same}], [{**b, **same}])) == {"x1": ["i1"]}
    assert unsure(matched([a], [b])) == {}


@pytest.mark.parametrize(
    ("a", "b"),
    [("Moana Family Trust", "Moana Pty Ltd"), ("Harbour Tiles Pty Ltd", "Summit Pipes Pty Ltd")],
)
def test_another_name_or_another_form_is_shown_where_all_else_is_the_same(a: str, b: str) -> None:
    """One of the two differences alone can be made up for."""
    assert unsure(matched([{"name": a, **ALL}], [{"name": b, **ALL}])) == {"x1": ["i1"]}


def test_sister_entities_are_not_shown_for_being_left_alone() -> None:
    """Another number in the name is another entity, with the same home."""
    a, b = {"name": "Kauri Tiles Ltd", **STREET}, {"name": "Kauri Tiles No 2 Ltd", **STREET}
    assert unsure(matched([a], [b])) == {}


def test_a_full_name_is_a_duplicate_from_twelve_points_on() -> None:
    """With the middle initial too, another phone is no reason against it; another mailbox beside it is."""
    zebulon = {"name": "Zebulon A Moana"}
    twins = [{**zebulon, "phone": "02 5550 1234"}, {**zebulon, "phone": "02 5550 9999"}]
    assert [d.ids for d in matched(twins, []).duplicates] == [("x1", "x2")]
    other = [{**t, "email": mail} for t, mail in zip(twins, ("sunny@example.com", "kowhai@kauri.example"), strict=True)]
    assert matched(other, []).duplicates == ()
