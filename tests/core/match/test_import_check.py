"""The duplicate check before one client is imported: no namesake missed, relatives not taken for the client."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match import Band, Cap, Counterparts, find_counterparts
from xpmsync.core.match.verdict import Note
from xpmsync.core.model import Client, Contact


def _client(system: System, client_id: str, name: str, email: str = "", **values: str) -> Client:
    contacts = (Contact("c", {"contact.email": email}),) if email else ()
    return Client(system, client_id, {"name": name, **values}, contacts)


def xpm(name: str, email: str = "", **values: str) -> Client:
    """Make the XPM client that is to be imported."""
    return _client(System.XPM, "x1", name, email, **values)


def ign(client_id: str, name: str, email: str = "", **values: str) -> Client:
    """Make an Ignition client."""
    return _client(System.IGNITION, client_id, name, email, **values)


def ids(found: Counterparts) -> tuple[list[str], list[str]]:
    """The ids of the candidates and of the relatives."""
    return [c.client.id for c in found.candidates], [c.id for c in found.relatives]


ANN = "ann@example.com"
HOME = {"address": "12 Wattle Street", "city": "Thornbrook", "postcode": "2981"}
STRANGERS = [ign(f"s{n}", f"{name} Holdings Pty Ltd") for n, name in enumerate(("Aster", "Birch", "Cedar", "Dahlia"))]


def test_the_same_client_comes_first() -> None:
    """Deleted clients are nobody, strangers are not shown, and the verdict is that of `match`."""
    gone = Client(System.IGNITION, "i9", {"name": "Ann Moana"}, state=ClientState.DELETED)
    found = find_counterparts(
        xpm("Moana, Ann", ANN), [*STRANGERS, ign("i1", "Ann Moana", ANN), ign("i2", "A Moana"), gone]
    )
    assert ids(found) == (["i1", "i2"], [])
    assert [c.verdict.band for c in found.candidates] == [Band.SURE, Band.UNSURE]
    assert found.candidates[0].verdict.xpm_id == "x1"


@pytest.mark.parametrize(
    "name",
    ["Rangihuna Superanuation Fund", "RangihunaS uperannuation Fund", "Rangihuna Super Fund", "Rangihua SMSF"],
)
def test_a_slip_hides_nothing(name: str) -> None:
    """In the legal words, across a blank, in the name."""
    found = find_counterparts(xpm("Rangihuna Superannuation Fund"), [*STRANGERS, ign("i1", name)])
    assert ids(found) == (["i1"], [])


def test_a_long_street_hides_no_name() -> None:
    """Two hundred neighbours share more letters with the client than its own counterpart, whose name has a slip."""
    street = {"address": "242 Sauchiehall Crescent", "city": "Mount Tarrawonga Upper Valley"}
    vowels = [f"{a}{b}{c}" for a in "aeiou" for b in "aeiou" for c in "aeiou"]
    neighbours = [
        ign(f"n{n}", f"Quin{v} Mott{v}", **street) for n, v in enumerate([*vowels, *(f"x{v}" for v in vowels)])
    ]
    found = find_counterparts(xpm("Riplea, Aled", **street), [*neighbours, ign("i1", "Aled Ryplea")])
    assert ids(found)[0] == ["i1"]


def test_a_changed_surname_at_the_same_address_is_shown() -> None:
    """Below the bar of bulk matching, but a person recognises it."""
    found = find_counterparts(xpm("Rua Kea", **HOME), [*STRANGERS, ign("i1", "Rua Tipene", **HOME)])
    assert ids(found) == (["i1"], [])
    assert found.candidates[0].verdict.notes == (Note.WEAK,)


def test_relatives_are_named_as_the_family() -> None:
    """The wife, the couple, the trust and the other number share all but the name."""
    family = [
        ign("i1", "Bob Moana", ANN, **HOME),
        ign("i2", "Moana Family Trust", ANN, **HOME),
        ign("i3", "Ann & Bob Moana", ANN, **HOME),
    ]
    assert ids(find_counterparts(xpm("Ann Moana", ANN, **HOME), [*STRANGERS, *family])) == ([], ["i3", "i1", "i2"])


def test_a_relative_is_shown_where_nothing_but_the_address_is_known() -> None:
    """Without phone and e-mail on either side nobody can say whether the name was changed: a person decides."""
    found = find_counterparts(xpm("Monique Stoneman", **HOME), [*STRANGERS, ign("i1", "Jacob Stoneman", **HOME)])
    assert ids(found) == (["i1"], [])
    assert found.candidates[0].verdict.notes == (Note.RENAMED,)
    with_mail = find_counterparts(
        xpm("Monique Stoneman", "m@example.com", **HOME),
        [*STRANGERS, ign("i1", "Jacob Stoneman", "j@example.com", **HOME)],
    )
    assert ids(with_mail) == ([], ["i1"])


def test_at_most_three_of_each() -> None:
    """Four namesakes and four relatives: three are shown, and none of the namesakes is sure."""
    pool = [ign(f"i{n}", "Ann Moana", ANN) for n in range(4)]
    pool += [ign(f"r{n}", f"{given} Moana", ANN) for n, given in enumerate(("Bob", "Cy", "Dot", "Eve"))]
    found = find_counterparts(xpm("Ann Moana", ANN), pool)
    assert ids(found) == (["i0", "i1", "i2"], ["r0", "r1", "r2"])
    assert all(Cap.RUNNER_UP in c.verdict.caps for c in found.candidates)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"values": {"phone": "(02) 5550 1234"}}, {"values": {"phone": "+61 2 5550 1234"}}),
        ({"values": {"phone": "(02) 5550 1234"}}, {"values": {"phone": "(02 5550 1234 )"}}),
        ({"values": {"phone": "0491 570 156"}}, {"contact": {"contact.mobile": "0491570156"}}),
        ({"contact": {"contact.phone": "0491 570 156"}}, {"contact": {"contact.phone": "0491-570-156"}}),
        ({"contact": {"contact.email": ANN}}, {"contact": {"contact.email": " Ann@Example.com"}}),
        ({"contact": {"contact.email": ANN}}, {"email": "ANN@example.com"}),
        ({"identifiers": {"abn": "51 824 753 556"}}, {"identifiers": {"abn": "51824753556"}}),
        ({"number": "ACME-7"}, {"xpm_number": "acme-7 "}),
    ],
)
def test_what_a_renamed_client_kept_is_found_among_many(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """By its phone, e-mail address or number, however many others are nearer by their letters."""
    crowd = [ign(f"c{n}", f"Harbour Dental {n} Limited", f"c{n}@example.net", phone="03 5550 4321") for n in range(400)]
    kept = _holding(System.IGNITION, "i1", "Zed Smiles Limited", **after)
    found = find_counterparts(_holding(System.XPM, "x1", "Harbour Dental Limited", **before), [*crowd, kept])
    assert "i1" in (*ids(found)[0], *ids(found)[1])


def _holding(
    system: System,
    client_id: str,
    name: str,
    values: Mapping[str, str] = MappingProxyType({}),
    contact: Mapping[str, str] | None = None,
    **more: Any,
) -> Client:
    contacts = (Contact("c", contact),) if contact else ()
    return Client(system, client_id, {"name": name, **values}, contacts, **more)


def test_from_the_ignition_side() -> None:
    """For an Ignition client, the verdict still names the XPM client first."""
    found = find_counterparts(ign("i1", "Ann Moana", ANN), [xpm("Ann Moana", ANN)])
    (candidate,) = found.candidates
    assert (candidate.verdict.xpm_id, candidate.verdict.ignition_id) == ("x1", "i1")
    assert candidate.verdict.band is Band.SURE
