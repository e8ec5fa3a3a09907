"""Addresses from the same door to another town: streets, numbers, units, towns and postcodes at their edges."""

from __future__ import annotations

import pytest

from support.match.pairs import crowd, names, pair
from xpmsync.core.match.addresses import read_places
from xpmsync.core.match.verdict import Verdict

TOWN = {"city": "Thornbrook", "postcode": "2981"}


def place(street: str, city: str = "", postcode: str = "") -> dict[str, str]:
    """A client at an address."""
    return {"name": "Ann Moana", "address": street, "city": city, "postcode": postcode}


def of_address(verdict: Verdict) -> str:
    """The rule of the addresses, or nothing."""
    return "".join(name for name in names(verdict) if name.startswith("address"))


def nearness(a: dict[str, str], b: dict[str, str]) -> str:
    """How near two addresses are, which must not depend on the side."""
    one, other = of_address(pair(a, b)), of_address(pair(b, a))
    assert one == other
    return one.removeprefix("address-")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("12 Wattle Street", "12 Wattle Road", "same"),
        ("12A Wattle St", "12A Wattle Street", "same"),
        ("Unit 1, 20 Wattle St", "1/20 Wattle Street", "same"),
        ("Wattle Street", "Wattle Street", "street"),
        ("12 Wattle Street", "Wattle Street", "street"),
        ("12", "12", "postcode"),
        ("PO Box 12", "P O Box 12", "same"),
        ("PO Box 12", "PO Box 13", "street"),
        ("PO Box 12", "12 Poboxe", "postcode"),
        ("Box Hill", "Box Corner", "postcode"),
        ("12 Wattle", "12 Wuttle", "postcode"),
        ("12 Al Mar", "12 Almar", "same"),
        ("12 Al Ma", "12 Alma", "postcode"),
        ("12 Alma", "12 Almar", "postcode"),
        ("12 Kowhai", "Rimu Hall\n12 Kowhai Garden", "same"),
        ("12 Mountains Rosewater Heights", "12 Kovntains Rosepater Heidhts", "same"),
        ("12 Mountains Rosewater Heights", "12 Mzuntains Rzsewater Hzightz", "same"),
        ("Mountains\n12 Rosewater Heights", "Mzuntains\n12 Rzsewater Hzightz", "same"),
        ("Mountains\n12 Rosewater Heights", "12 Rzsewater Hzights\nMzuntainz", "same"),
        ("12 Kowhaigarden Rosewatering", "12 Rosewateqing Kowhaigaqden", "same"),
        ("12 Kowhaigarde Rosewaterin", "12 Rosewateqin Kowhaigaqde", "postcode"),
    ],
)
def test_streets_of_one_town(a: str, b: str, expected: str) -> None:
    """Types, units and blanks do not count; slips do in short names, swapped lines and words do not."""
    assert nearness(place(a, **TOWN), place(b, **TOWN)) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("2981", "Thornbrook"), ("2981", "Redcliff"), "same"),
        (("2981", "Thornbrook"), ("6000", "Thornbrook"), "same"),
        (("2981", "Thornbrook"), ("2982", "Redcliff"), "same"),
        (("2981", "Thornbrook"), ("2990", "Redcliff"), "other"),
        (("", "Thornbrook"), ("", "Redcliff"), "other"),
        (("2981", ""), ("6000", ""), "other"),
        (("2981", ""), ("", "Thornbrook"), "same"),
        (("", ""), ("", ""), "same"),
        (("2", "Thornbrook"), ("", "Redcliff"), "other"),
        (("", "Ayr"), ("", "Ayr"), "same"),
        (("", "Thornbrook"), ("", "Thornbrok"), "same"),
        (("", "Thornbrook (North)"), ("", "Thornbrook North"), "same"),
    ],
)
def test_one_street_and_number_in_two_places(a: tuple[str, str], b: tuple[str, str], expected: str) -> None:
    """The postcode or the town must be the same or nearly, if both sides have one."""
    assert nearness(place("12 Wattle St", a[1], a[0]), place("2/12 Wattle Street", b[1], b[0])) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("12 Wattle Street", "2981", "Thornbrook"), ("14 Wattle Street", "2981", "Redcliff"), "street"),
        (("12 Wattle Street", "2981", "Thornbrook"), ("14 Wattle Street", "6000", "Thornbrook"), "street"),
        (("12 Kowhai Garden Road", "2981", "Thornbrook"), ("12 Kowhai Garden Road", "6000", "Redcliff"), "street"),
        (("12 Kauri Garden Road", "2981", "Thornbrook"), ("12 Kauri Garden Road", "6000", "Redcliff"), "other"),
        (("12 Kowhai Garden Road", "2981", "Thornbrook"), ("14 Kowhai Garden Road", "6000", "Redcliff"), "other"),
    ],
)
def test_one_street_elsewhere(a: tuple[str, str, str], b: tuple[str, str, str], expected: str) -> None:
    """Another number in one town or postcode; and a street of a long name, with its number, wherever it is."""
    assert nearness(place(a[0], a[2], a[1]), place(b[0], b[2], b[1])) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"postcode": "2981"}, "postcode"),
        ({"city": "Thornbrook"}, "town"),
        ({"address": "12 Wattle Street"}, "same"),
        ({"address": "Wattle Street"}, ""),
        ({"address": "12"}, ""),
        ({"postal_address": "12 Wattle Street"}, "same"),
    ],
)
def test_parts_of_an_address(values: dict[str, str], expected: str) -> None:
    """Each part alone says what it can."""
    client = {"name": "Ann Moana", **values}
    assert nearness(client, client) == expected


def test_units_of_one_building_share_its_address() -> None:
    """An address is as common as its building."""
    home = place("2/120 Wattle Street", **TOWN)
    verdict = pair(home, home, *crowd(3, address="5/120 Wattle Street", **TOWN))
    assert "Same address. 4 clients share it." in verdict.reasons


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ({"city": "Thornbrook", "postcode": "2981"}, {"city": "Thornbrook", "postcode": "6000"}),
        ({"city": "Thornbrook"}, {"city": "Redcliff"}),
    ],
)
def test_a_street_is_counted_in_its_own_place(own: dict[str, str], others: dict[str, str]) -> None:
    """Other clients in a street of that name, with another postcode, or without one in another town."""
    a, b = place("12 Wattle Street", **own), place("14 Wattle Street", **own)
    assert "Same street, another number." in pair(a, b, *crowd(3, address="90 Wattle Street", **others)).reasons
    assert "Same street, another number." not in pair(a, b, *crowd(3, address="90 Wattle Street", **own)).reasons


def test_an_address_is_read_once_and_only_where_it_says_anything() -> None:
    """A floor is no place, and the postal address that repeats the physical one is no second one."""
    assert read_places({"address": "Level 2", "postal_address": "Flat"}) == ()
    home = {"address": "12 Wattle Street", "city": "Thornbrook"}
    (place,) = read_places({**home, **{f"postal_{name}": text for name, text in home.items()}})
    assert place.words == ("wattle",)
    assert len(read_places({**home, "postal_postcode": "2981"})) == 2


def test_the_physical_address_goes_before_the_postal_one() -> None:
    """Where both are equally near, how common the first one is counts."""
    both = {"name": "Ann Moana", "postcode": "2981", "postal_postcode": "6000"}
    verdict = pair(both, both, *crowd(3, postcode="6000"))
    assert "Same postcode." in verdict.reasons
