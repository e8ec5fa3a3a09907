"""Which client or run a person means: by id, number, name, or parts of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.sync_rig import SyncRig
from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.errors import ClientNotFound, RunNotFound, SeveralClients, UsageError
from xpmsync.usecases.context.resolve import resolve_client, resolve_link, resolve_links, resolve_run, same_name

LINKS = [
    Link("aaaa", "1000001", "Harbour Dental", ""),
    Link("bbbb", "1000002", "John Smith", ""),
    Link("cccc", "1000003", "john  smith", ""),
]


@pytest.mark.parametrize("wanted", ["aaaa", "AAAA", " aaaa ", "1000001", "Harbour Dental", " harbour  DENTAL "])
def test_a_link_by_either_id_or_exact_name(wanted: str) -> None:
    """Capitals and blanks do not count."""
    assert resolve_link(LINKS, wanted) is LINKS[0]


@pytest.mark.parametrize(
    "wanted",
    [
        "CLI-0001",
        "cli-0001",
        "harbour",
        "dent harb",
        "Harbour-Dental Ltd.",
        "HARBOUR & DENTAL limited",
        "“Harbour” dental",
    ],
)
def test_a_link_by_its_number_or_by_parts_of_its_name(wanted: str) -> None:
    """In any order, folded as the matcher folds names."""
    links = [Link("aaaa", "1000001", "Harbour Dental", "", xpm_number="CLI-0001"), *LINKS[1:]]
    assert resolve_link(links, wanted) is links[0]


@pytest.mark.parametrize("wanted", ["", "aaa", "1000009", "Harbour Cafe", "&", "%"])
def test_what_fits_no_client_is_not_guessed(wanted: str) -> None:
    """A part of an id is none, and a word too many is another client."""
    with pytest.raises(ClientNotFound) as unknown:
        resolve_link(LINKS, wanted)
    assert (unknown.value.wanted, unknown.value.system) == (wanted, None)


def test_a_slip_names_the_nearest_clients() -> None:
    """By a mistyped word, or by the whole name's likeness."""
    with pytest.raises(ClientNotFound) as unknown:
        resolve_link(LINKS, "Harbuor")
    assert unknown.value.near == ["Harbour Dental"]


def test_an_exact_name_wins_over_parts_of_others() -> None:
    """Else no client whose name is a part of another one's could be named."""
    links = [
        Link("aaaa", "1", "Smith", ""),
        Link("bbbb", "2", "Smith Family Trust", ""),
        Link("cccc", "3", "SMITH & Co", ""),
    ]
    assert resolve_link(links, "smith") is links[0]
    assert resolve_link(links, "family smith") is links[1]
    assert resolve_link(links, "co smith") is links[2]


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [("parata", ["aaaa", "bbbb", "cccc"]), ("parata trust", ["aaaa"]), ("Parata Family Trust", ["aaaa"])],
)
def test_a_name_without_its_legal_form_is_a_part_of_it(wanted: str, fitting: Sequence[str], rig: SyncRig) -> None:
    """A family's company, trust and couple: all are named, and none is chosen for the person, in either look-up."""
    names = ["Parata Family Trust", "Parata Contracting Ltd", "Wiremu & Aroha Parata"]
    links = [Link(id_, id_, name, "") for id_, name in zip(("aaaa", "bbbb", "cccc"), names, strict=True)]
    clients = {rig.xpm_client(name=name): link.xpm_id for name, link in zip(names, links, strict=True)}
    with rig.open() as context:
        if len(fitting) == 1:
            assert resolve_link(links, wanted).xpm_id == fitting[0]
            assert clients[resolve_client(context.xpm, wanted).id] == fitting[0]
            return
        with pytest.raises(SeveralClients) as several:
            resolve_link(links, wanted)
        assert several.value.ids == fitting
        with pytest.raises(SeveralClients) as several:
            resolve_client(context.xpm, wanted)
        assert sorted(clients[id_] for id_ in several.value.ids) == fitting


def test_words_without_quotes_are_one_name() -> None:
    """Unless each of them names a client by itself."""
    assert resolve_links(LINKS, ["Harbour", "Dental"]) == [LINKS[0]]
    assert resolve_links(LINKS, ["dental", "harbour"]) == [LINKS[0]]
    assert resolve_links(LINKS, ["aaaa", "bbbb"]) == [LINKS[0], LINKS[1]]
    with pytest.raises(SeveralClients) as several:
        resolve_links(LINKS, ["Smith", "John"])
    assert several.value.wanted == "Smith John"


def test_twins_must_be_named_by_id() -> None:
    """The ids are in the error; by id they are told apart."""
    with pytest.raises(SeveralClients) as several:
        resolve_link(LINKS, "John Smith")
    assert several.value.ids == ["bbbb", "cccc"]
    assert resolve_link(LINKS, "cccc") is LINKS[2]


def test_several_named_and_one_named_twice() -> None:
    """Each once, in the order named; none named means all."""
    assert resolve_links(LINKS, ["1000003", "aaaa", "Harbour Dental"]) == [LINKS[2], LINKS[0]]
    assert resolve_links(LINKS, []) == LINKS


def test_an_id_wins_over_a_name() -> None:
    """A client that is called like another one's id does not get in its way."""
    odd = [*LINKS, Link("dddd", "1000004", "1000001", "")]
    assert resolve_link(odd, "1000001") is LINKS[0]


def test_a_client_of_a_system_is_read_in_full(rig: SyncRig) -> None:
    """By name too: search answers may be short of something, a look-up is not."""
    client = rig.xpm_client(name="Harbour Dental")
    with rig.open() as context:
        assert resolve_client(context.xpm, "harbour dental").number == "10001"
        assert resolve_client(context.xpm, client).number == "10001"
        with pytest.raises(ClientNotFound) as unknown:
            resolve_client(context.xpm, "Quay")
    assert unknown.value.system is System.XPM


def test_a_client_of_a_system_by_number_or_by_parts(rig: SyncRig) -> None:
    """XPM's own search knows no accents and no word order; it is asked for less, and the rest is done here."""
    client = rig.xpm_client(name="Ōtaki Café Limited")
    rig.xpm_client(name="Otaki Garage Ltd")
    with rig.open() as context:
        for wanted in ("otaki cafe ltd", "cafe OTAKI", "Caf"):
            assert resolve_client(context.xpm, wanted).id == client
        with pytest.raises(SeveralClients) as several:
            resolve_client(context.xpm, "taki")
    assert several.value.names == ["Ōtaki Café Limited", "Otaki Garage Ltd"]


def test_the_last_run(rig: SyncRig) -> None:
    """The newest one, or the newest that wrote something; anything else must be a number."""
    with rig.open() as context, pytest.raises(RunNotFound):
        resolve_run(context.ledger, "last")
    pair = rig.linked(xpm={"name": "Harbour Dental"}, ignition={"name": "Harbour Dentist"})
    rig.run(pair.xpm)
    rig.run(pair.xpm)
    with rig.open() as context:
        assert resolve_run(context.ledger, "last") == 2
        assert resolve_run(context.ledger, "Last", wrote=True) == 1
        assert resolve_run(context.ledger, "7") == 7
        with pytest.raises(UsageError):
            resolve_run(context.ledger, "newest")


def test_a_uuid_of_nobody(rig: SyncRig) -> None:
    """Is looked for as a name too, and then named as not found."""
    with rig.open() as context, pytest.raises(ClientNotFound):
        resolve_client(context.xpm, "00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("Ōtaki Ltd", "ōTAKI  ltd", True), ("O\u0304taki", "Ōtaki", True), ("Otaki", "Ōtaki", False), ("", " ", True)],
)
def test_same_names(one: str, other: str, same: bool) -> None:
    """Capitals, blanks and the way an accent is encoded do not count; the accent itself does."""
    assert same_name(one, other) is same


def test_nobody_is_called_nothing(rig: SyncRig) -> None:
    """An empty name is nobody's, and not worth a call."""
    with rig.open() as context, pytest.raises(ClientNotFound):
        resolve_client(context.xpm, "  ")
    assert rig.calls == []
