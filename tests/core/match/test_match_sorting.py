"""Both systems sorted: sure, unsure, none, duplicates, and the decisions a person has made."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from support.match.pairs import client
from xpmsync.core.enums import ClientState, System
from xpmsync.core.match import Band, Cap, Matching, match
from xpmsync.core.match.engine import Unsure
from xpmsync.core.match.verdict import Note
from xpmsync.core.model import Client, Contact


def _client(system: System, client_id: str, name: str, email: str = "", **values: str) -> Client:
    contacts = (Contact("c", {"contact.email": email}),) if email else ()
    return Client(system, client_id, {"name": name, **values}, contacts)


def xpm(client_id: str, name: str, email: str = "", **values: str) -> Client:
    """Make an XPM client."""
    return _client(System.XPM, client_id, name, email, **values)


def ign(client_id: str, name: str, email: str = "", **values: str) -> Client:
    """Make an Ignition client."""
    return _client(System.IGNITION, client_id, name, email, **values)


def sure(matching: Matching) -> list[tuple[str, str]]:
    """The pairs of ids that are sure."""
    return [(v.xpm_id, v.ignition_id) for v in matching.sure]


def unsure(matching: Matching) -> Mapping[str, list[str]]:
    """The candidates' ids by XPM client."""
    return {u.xpm_id: [c.ignition_id for c in u.candidates] for u in matching.unsure}


ANN = "ann@example.com"
STREET = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}


def test_every_client_is_in_one_place() -> None:
    """One sure pair, one unsure pair, one on each side alone."""
    found = match(
        [xpm("x1", "Moana, Ann", ANN), xpm("x2", "Harbour Pty Ltd"), xpm("x3", "Jo King")],
        [ign("i1", "Ann Moana", ANN), ign("i2", "Harbour P/L"), ign("i3", "Vi Hall")],
    )
    assert sure(found) == [("x1", "i1")]
    assert unsure(found) == {"x2": ["i2"]}
    assert (found.none_xpm, found.none_ignition) == (("x3",), ("i3",))
    assert found.duplicates == ()


def test_two_candidates_alike_are_never_sure() -> None:
    """Two records of one client in Ignition: the pair waits for a person, and the duplicate is named."""
    found = match([xpm("x1", "Ann Moana", ANN)], [ign("i1", "Ann Moana", ANN), ign("i2", "Ann Moana", ANN)])
    assert sure(found) == []
    assert sorted(unsure(found)["x1"]) == ["i1", "i2"]
    assert all(Cap.RUNNER_UP in c.caps and c.band is Band.UNSURE for c in found.unsure[0].candidates)
    assert [(d.system, d.ids) for d in found.duplicates] == [(System.IGNITION, ("i1", "i2"))]


def test_two_xpm_clients_for_one_ignition_client_are_never_sure() -> None:
    """The same from the other side."""
    found = match([xpm("x1", "Ann Moana", ANN), xpm("x2", "Ann Moana", ANN)], [ign("i1", "Ann Moana", ANN)])
    assert sure(found) == []
    assert unsure(found) == {"x1": ["i1"], "x2": ["i1"]}
    assert [(d.system, d.ids) for d in found.duplicates] == [(System.XPM, ("x1", "x2"))]


def test_the_runner_up_may_come_close_from_either_side() -> None:
    """A namesake down the street is too near a rival, in Ignition as in XPM; one in another town is not."""
    near = {**STREET, "address": "14 Wattle Street"}
    far = {"address": "3 Banksia Road", "city": "Redcliff", "postcode": "6000"}
    ann, found = xpm("x1", "Ann Moana", **STREET), ign("i1", "Ann Moana", **STREET)
    assert sure(match([ann], [found])) == [("x1", "i1")]
    assert sure(match([ann], [found, ign("i2", "Ann Moana", **near)])) == []
    assert sure(match([ann, xpm("x2", "Ann Moana", **near)], [found])) == []
    assert sure(match([ann], [found, ign("i2", "Ann Moana", **far)])) == [("x1", "i1")]
    assert sure(match([ann, xpm("x2", "Ann Moana", **far)], [found])) == [("x1", "i1")]


def test_who_is_surely_linked_is_nobodys_rival() -> None:
    """A namesake down the street who has an own sure link no longer stands in the way."""
    near = {**STREET, "address": "14 Wattle Street"}
    found = match(
        [xpm("x1", "Ann Moana", **STREET), xpm("x2", "Ann Moana", ANN, **near)],
        [ign("i1", "Ann Moana", **STREET), ign("i2", "Ann Moana", ANN, **near)],
    )
    assert sorted(sure(found)) == [("x1", "i1"), ("x2", "i2")]
    assert found.unsure == ()


@pytest.mark.parametrize("side", [0, 1])
def test_nobody_is_linked_twice(side: int) -> None:
    """The second best may be good enough by itself; it is not linked beside the best, in no round."""
    best, second = {**STREET, "phone": "02 5550 1111"}, {"phone": "02 5550 1111"}
    ones = (
        [xpm("x1", "Ann Moana", ANN, **best)],
        [ign("i1", "Ann Moana", ANN, **best), ign("i2", "Ann Moana", **second)],
    )
    others = (
        [xpm("x1", "Ann Moana", ANN, **best), xpm("x2", "Ann Moana", **second)],
        [ign("i1", "Ann Moana", ANN, **best)],
    )
    found = match(*(ones, others)[side])
    assert sure(found) == [("x1", "i1")]
    assert found.unsure == ()


def test_numbers_of_two_xpm_clients_are_no_contradiction() -> None:
    """Every XPM client has its own number; duplicates are found all the same."""
    twins = [
        Client(System.XPM, f"x{n}", {"name": "Ann Moana"}, (Contact("c", {"contact.email": ANN}),), number=str(n))
        for n in (1, 2)
    ]
    assert [d.ids for d in match(twins, []).duplicates] == [("x1", "x2")]


def test_the_family_of_a_linked_client_is_not_shown() -> None:
    """Ann's Ignition record is linked, so Ann's company is not asked about for lack of a better one."""
    found = match(
        [xpm("x1", "Ann Moana", ANN, **STREET), xpm("x2", "Moana Plumbing Pty Ltd", ANN, **STREET)],
        [ign("i1", "Ann Moana", ANN, **STREET)],
    )
    assert sure(found) == [("x1", "i1")]
    assert found.unsure == ()
    assert found.none_xpm == ("x2",)


def test_trust_and_company_of_one_name_find_their_own() -> None:
    """Each entity of a family goes to its own kind, with all else shared."""
    names = ["Moana Family Trust", "Moana Pty Ltd", "Moana Super Fund", "Ann Moana", "Rawiri Moana"]
    found = match(
        [xpm(f"x{n}", name, ANN, **STREET) for n, name in enumerate(names)],
        [ign(f"i{n}", name, ANN, **STREET) for n, name in enumerate(names)],
    )
    assert sorted(sure(found)) == [(f"x{n}", f"i{n}") for n in range(5)]


def test_links_are_left_alone() -> None:
    """Linked clients are nowhere in the answer and stand in nobody's way."""
    found = match(
        [xpm("x1", "Ann Moana", ANN), xpm("x2", "Ann Moana", ANN)],
        [ign("i1", "Ann Moana", ANN), ign("i2", "Ann Moana", ANN)],
        known_links={("x1", "i1")},
    )
    assert sure(found) == [("x2", "i2")]
    assert (found.unsure, found.none_xpm, found.none_ignition) == ((), (), ())


def test_parted_pairs_are_never_proposed() -> None:
    """What a person has said is not the same is no candidate, and no rival of another."""
    clients = [xpm("x1", "Ann Moana", ANN)], [ign("i1", "Ann Moana", ANN), ign("i2", "Ann Moana", ANN)]
    assert sure(match(*clients, not_same={("x1", "i1")})) == [("x1", "i2")]
    assert match(*clients, not_same={("x1", "i1"), ("x1", "i2")}).none_xpm == ("x1",)


def test_deleted_clients_are_nowhere() -> None:
    """A deleted record is neither linked nor counted."""
    gone = Client(System.XPM, "x1", {"name": "Ann Moana"}, state=ClientState.DELETED)
    found = match([gone], [ign("i1", "Ann Moana")])
    assert (found.sure, found.unsure, found.none_xpm, found.none_ignition) == ((), (), (), ("i1",))


def test_the_active_one_of_two_goes_first() -> None:
    """An archived record of the same client does not keep the active one from its link."""
    old = Client(
        System.XPM, "x1", {"name": "Ann Moana"}, (Contact("c", {"contact.email": ANN}),), state=ClientState.ARCHIVED
    )
    found = match([old, xpm("x2", "Ann Moana", ANN)], [ign("i1", "Ann Moana", ANN)])
    assert sure(found) == [("x2", "i1")]


def test_no_clients_at_all() -> None:
    """Empty systems give an empty answer."""
    assert match([], []) == Matching((), (), (), (), ())


def test_the_order_of_the_clients_does_not_matter() -> None:
    """The same clients in another order give the same answer."""
    left = [
        xpm(f"x{n}", f"Moana {word} Pty Ltd", f"{word}@example.com") for n, word in enumerate(["Bay", "Cape", "Hill"])
    ]
    right = [ign(f"i{n}", f"Moana {word} P/L", f"{word}@example.com") for n, word in enumerate(["Bay", "Cape", "Hill"])]
    assert sorted(sure(match(left, right))) == sorted(sure(match(left[::-1], right[::-1])))


@pytest.mark.parametrize("count", [7])
def test_at_most_five_candidates_are_shown(count: int) -> None:
    """A person looks at no more."""
    found = match([xpm("x1", "Ann Moana")], [ign(f"i{n}", "Ann Moana") for n in range(count)])
    assert [len(u.candidates) for u in found.unsure] == [5]
    assert isinstance(found.unsure[0], Unsure)


HOME = {"address": "3 Kowhai Road", "city": "Ruby Bay", "postcode": "7005"}


def test_a_taken_runner_up_is_no_rival() -> None:
    """Two of one name: once the one with the e-mail is linked, the other pair's mailbox and name are its own."""
    found = match(
        [xpm("x1", "Ann Moana", ANN, **STREET), xpm("x2", "Ann Moana", "office@moana.example", **HOME)],
        [ign("i1", "Ann Moana", ANN, **STREET), ign("i2", "Ann Moana", "office@moana.example", **HOME)],
    )
    assert sure(found) == [("x1", "i1"), ("x2", "i2")]


def test_what_is_left_is_weighed_among_the_left() -> None:
    """Four of one family share a mailbox; when three are linked, it is the fourth one's own."""
    mail = "kea@example.com"
    names = ("Ann Kea", "Bob Kea", "Cy Kea")
    found = match(
        [*(xpm(f"x{n}", name, mail, **STREET) for n, name in enumerate(names)), xpm("x9", "Dot Kea", mail)],
        [*(ign(f"i{n}", name, mail, **STREET) for n, name in enumerate(names)), ign("i9", "Dot Kea", mail)],
    )
    assert ("x9", "i9") in sure(found)
    assert found.unsure == ()


def test_a_pair_left_alone_in_a_linked_family_says_so() -> None:
    """A changed surname: the rest of the family is linked, so the two that are left are shown with that reason."""
    found = match(
        [xpm("x1", "Ann Kea", ANN, **STREET), xpm("x2", "Rua Kea", "", **STREET)],
        [ign("i1", "Ann Kea", ANN, **STREET), ign("i2", "Rua Tipene", "", **STREET)],
    )
    assert sure(found) == [("x1", "i1")]
    assert unsure(found) == {"x2": ["i2"]}
    (verdict,) = found.unsure[0].candidates
    assert verdict.notes == (Note.LEFT_ALONE, Note.FAMILY_LINKED)
    assert Note.FAMILY_LINKED.value in verdict.reasons


def test_relatives_with_a_partner_of_their_own_are_not_left_alone() -> None:
    """Husband and wife with a counterpart each: nobody is asked whether the one is the other."""
    found = match(
        [xpm("x1", "Ann Kea", ANN, **STREET), xpm("x2", "Rua Kea", "rua@example.com", **STREET)],
        [ign("i1", "Ann Kea", ANN, **STREET), ign("i2", "Rua Kea", "rua@example.com", **STREET)],
    )
    assert sorted(sure(found)) == [("x1", "i1"), ("x2", "i2")]
    assert found.unsure == ()


def test_another_entity_is_never_shown_for_being_left_alone() -> None:
    """The trust in XPM and the company in Ignition have the family's address in common, and are two."""
    found = match([xpm("x1", "Kea Family Trust", **STREET)], [ign("i1", "Tui Pty Ltd", **STREET)])
    assert found.unsure == ()
    assert (found.none_xpm, found.none_ignition) == (("x1",), ("i1",))


def test_frequencies_are_counted_inside_each_system() -> None:
    """Two Ann Moanas in both systems are two to a name, not four: each pair has the same evidence as by explain."""
    found = match(
        [xpm("x1", "Ann Moana", ANN), xpm("x2", "Ann Moana")], [ign("i1", "Ann Moana", ANN), ign("i2", "Ann Moana")]
    )
    (verdict,) = found.sure
    assert (verdict.xpm_id, verdict.ignition_id) == ("x1", "i1")
    assert [e.sentence for e in verdict.evidence if e.name == "name-same"] == ["Same name. 2 clients share it."]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (STREET, {"x1": ["i1"]}),
        ({**STREET, "phone": "02 5550 1234"}, {}),
        ({"phone": "02 5550 1234"}, {}),
    ],
)
def test_relatives_who_are_left_alone(values: Mapping[str, str], shown: Mapping[str, list[str]]) -> None:
    """Another given name: shown where only the address is known, for then it may be a changed name."""
    found = match([xpm("x1", "Ann Kea", **values)], [ign("i1", "Rua Kea", **values)])
    assert unsure(found) == shown


def test_relatives_of_one_mailbox_are_shown() -> None:
    """A mailbox is nearly always one person's: a person decides."""
    found = match([xpm("x1", "Ann Kea", ANN)], [ign("i1", "Rua Kea", ANN)])
    assert unsure(found) == {"x1": ["i1"]}


def test_duplicates_whose_given_name_is_half_known() -> None:
    """A short form and one mailbox may be two of a family; with one register number they are one client twice."""
    abn = {"abn": "51824753556"}
    mail = [client(System.XPM, name, client_id=name, email="pat@example.com") for name in ("Zeb Kea", "Zebulon Kea")]
    number = [client(System.XPM, name, client_id=name, identifiers=abn) for name in ("Zeb Kea", "Zebulon Kea")]
    assert match(mail, []).duplicates == ()
    assert len(match(number, []).duplicates) == 1
