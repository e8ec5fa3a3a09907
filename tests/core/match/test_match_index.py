"""Which clients are looked up for a client: those with the most and the rarest details in common."""

from __future__ import annotations

from support.match.pairs import client
from xpmsync.core.enums import System
from xpmsync.core.match.blocking import Index, same_identity
from xpmsync.core.match.record import MatchRecord, read_record


def record(name: str, **values: object) -> MatchRecord:
    """A client as the matcher reads it."""
    return read_record(client(System.XPM, name, client_id=name, **values))  # type: ignore[arg-type]  # test shorthand


def crowd(size: int, **values: object) -> list[MatchRecord]:
    """Clients with these values in common and no other; their names have no letter in common with words."""
    return [record(f"{n:03}{n:03}", **values) for n in range(size)]


KEZIA = record("Kezia Marcombe", phone="02 5550 1234", email="kezia@example.com")


def test_the_rarest_detail_in_common_counts_most() -> None:
    """One other client has the phone, twenty have the mailbox."""
    index = Index([*crowd(20, email="kezia@example.com"), record("999", phone="02 5550 1234")])
    assert index.near(KEZIA, most=1) == [20]
    assert len(index.near(KEZIA, most=5)) == 5


def test_what_more_than_eighty_clients_have_finds_nobody() -> None:
    """A number of the practice itself, say; up to eighty it is looked up."""
    assert len(Index(crowd(80, phone="02 5550 1234")).near(KEZIA, most=100)) == 80
    assert Index(crowd(81, phone="02 5550 1234")).near(KEZIA, most=100) == []


def test_who_has_much_less_in_common_than_the_nearest_is_passed_over() -> None:
    """One contact beside four is enough, beside six it is not."""
    people = ["Ann Vole", "Bo Wren", "Cy Xerus", "Jo Yak", "Tui Zebu", "Vi Asp"]
    for known, expected in ((people[:4], [0, 1]), (people, [0])):
        index = Index([record("111", contacts=known), record("222", contacts=["Moe Quoll"])])
        assert index.near(record("333", contacts=[*known, "Moe Quoll"])) == expected


def test_what_many_share_counts_where_little_else_is_shared() -> None:
    """Forty clients with the phone are near a client who shares one contact with another, but not all six of them."""
    people = ["Ann Vole", "Bo Wren", "Cy Xerus", "Jo Yak", "Tui Zebu", "Vi Asp"]
    known = {"phone": "02 5550 1234"}
    for contacts, expected in ((people[:1], 41), (people, 1)):
        index = Index([*crowd(40, **known), record("555x", contacts=contacts)])
        assert len(index.near(record("333", contacts=contacts, **known), most=100)) == expected


def test_what_most_share_counts_least() -> None:
    """Forty with the mailbox are near enough beside one with a contact, seventy with the phone are not."""
    known = {"contacts": ["Ann Vole"], "email": "vole@example.com", "phone": "02 5550 1234"}
    others = [*crowd(70, phone=known["phone"]), *crowd(40, email=known["email"])]
    assert sorted(Index([*others, record("555x", contacts=known["contacts"])]).near(record("333", **known), 200)) == [
        *range(70, 111)
    ]


def test_what_many_share_distinguishes_two_who_share_as_much() -> None:
    """Of two clients with the same contact, the one with the phone that forty others have is nearer."""
    known = {"contacts": ["Ann Vole", "Bo Wren", "Cy Xerus"]}
    index = Index(
        [*crowd(40, phone="02 5550 1234"), record("555x", **known), record("666x", phone="02 5550 1234", **known)]
    )
    assert index.near(record("333", phone="02 5550 1234", **known), most=1) == [41]


def test_for_duplicates_only_name_and_numbers_count() -> None:
    """Two clients with one mailbox and phone are no duplicates for that; two of one name or number may be."""
    others = [
        record("Tui Quoll", phone="02 5550 1234", email="kezia@example.com"),
        record("Marcombe, Kezia"),
        record("Vole Pty Ltd", identifiers={"abn": "51824753556"}),
    ]
    wren = record("Wren Pty Ltd", identifiers={"abn": "51824753556"})
    assert same_identity([*others, KEZIA, wren]) == [(1, 3), (2, 4)]
    assert sorted(Index(others).near(KEZIA)) == [0, 1]


def test_a_name_or_beginning_of_many_makes_no_duplicates() -> None:
    """Up to 25 of one name and 8 of one beginning are compared, each two once."""
    assert len(same_identity([record("Ann Vole") for _ in range(25)])) == 25 * 24 // 2
    assert same_identity([record("Ann Vole") for _ in range(26)]) == []
    firms = [record(f"Harbour {word} Pty Ltd") for word in ("Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg", "Hh", "Jj")]
    assert len(same_identity(firms[:8])) == 8 * 7 // 2
    assert same_identity(firms) == []
