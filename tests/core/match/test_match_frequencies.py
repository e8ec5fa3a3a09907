"""How common a value is: counted in each system, among the clients of a round and among everybody."""

from __future__ import annotations

import pytest

from support.match.pairs import client, names, pair
from xpmsync.core.enums import System
from xpmsync.core.match import Context
from xpmsync.core.match.frequencies import Value
from xpmsync.core.match.name_parse import read_name
from xpmsync.core.match.record import read_record


def context(xpm: list[str], ignition: list[str]) -> Context:
    """Counts over clients of these names, all with the same mailbox."""
    return Context.of(
        client(system, name, client_id=str(n), email="kezia@example.com")
        for system, side in ((System.XPM, xpm), (System.IGNITION, ignition))
        for n, name in enumerate(side)
    )


def test_the_system_where_more_share_it_counts() -> None:
    """Three in XPM and two in Ignition are three, in either order."""
    for counted in (context(["Kea"] * 3, ["Kea"] * 2), context(["Kea"] * 2, ["Kea"] * 3)):
        assert counted.clients == 3
        assert counted.count(Value.TOKEN, "kea") == 3
        assert counted.count(Value.EMAIL, "kezia@example.com") == 3
        assert counted.count(Value.TOKEN, "tui") == 1


def test_nobody_at_all() -> None:
    """Without clients there is one, so that shares can be computed."""
    assert Context().clients == 1
    assert Context().count(Value.TOKEN, "kea") == 1


def test_what_was_counted_elsewhere() -> None:
    """Counts that are given stay, unless more are counted here."""
    given = {(Value.TOKEN, "kea"): 5, (Value.TOKEN, "tui"): 2}
    records = [
        read_record(client(System.XPM, name, client_id=name)) for name in ("Tui A", "Tui B", "Tui C", "Kea A", "Kea B")
    ]
    counted = Context(records, clients=400, counts=given)
    assert counted.clients == 400
    assert (counted.count(Value.TOKEN, "kea"), counted.count(Value.TOKEN, "tui")) == (5, 3)


def test_a_blank_value_is_shared_by_nobody() -> None:
    """Clients without an address have no address in common."""
    records = [read_record(client(System.XPM, name, city="Thornbrook")) for name in ("Kea", "Tui")]
    assert Context(records).count(Value.PLACE, "") == 1


def test_words_are_as_common_as_among_everybody() -> None:
    """In a later round, mailboxes count among those that are left, words and given names among all."""
    everybody = context(["Ann Kea", "Ann Kea", "Ann Kea"], [])
    left = Context([read_record(client(System.XPM, "Ann Kea", email="kezia@example.com"))], everybody=everybody)
    assert left.clients == 3
    assert left.count(Value.TOKEN, "kea") == left.count(Value.GIVEN, "ann") == 3
    assert left.count(Value.EMAIL, "kezia@example.com") == 1


def test_the_share_in_two_hundred() -> None:
    """Rounded up."""
    counted = Context(
        clients=400, counts={(Value.POSTCODE, "2981"): 3, (Value.POSTCODE, "6000"): 400, (Value.POSTCODE, "1"): 4}
    )
    assert [counted.in_two_hundred(Value.POSTCODE, code) for code in ("2981", "6000", "1")] == [2, 200, 2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ann Moana", 1.0), ("Ann Zeb Moana", 1.0), ("Ann & Bo Moana", 0.1), ("Mr Moana", 0.0), ("Ann Kea", 0.0)],
)
def test_how_many_have_a_name_by_chance(name: str, expected: float) -> None:
    """One in ten has each of these words: a hundredth of the clients both, a thousandth all three."""
    counted = Context(clients=100, counts={(Value.TOKEN, word): 11 for word in ("ann", "bo", "moana")})
    assert counted.namesakes(read_name(name)) == pytest.approx(expected)
    assert 0 < counted.namesakes(read_name("Moana Trust")) < 5


def test_only_the_first_given_name_counts_as_one() -> None:
    """Middle names are often surnames."""
    counted = context(["Ann Zebulom Kea"] * 3, [])
    assert (counted.count(Value.GIVEN, "ann"), counted.count(Value.GIVEN, "zebulom")) == (3, 1)


@pytest.mark.parametrize(("clients", "rule"), [(2, "name-rhyme"), (3, "name-other-given")])
def test_a_given_name_of_three_clients_is_no_slip(clients: int, rule: str) -> None:
    """Names that no table knows, each borne by three clients of the practice, are two names."""
    others = [
        client(System.XPM, f"{given} Quill{letter}", client_id=f"{given}{letter}")
        for given, letters in (("Zebulon", "abc"), ("Zebulom", "abc"[:clients]))
        for letter in letters
    ]
    assert rule in names(pair({"name": "Zebulon Kea"}, {"name": "Zebulom Kea"}, *others))
