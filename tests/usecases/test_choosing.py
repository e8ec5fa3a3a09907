"""Which client a person means: by id, by number, or by exact name."""

from __future__ import annotations

import pytest

from support.sync_rig import SyncRig
from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.errors import ClientNotFound, SeveralClients
from xpmsync.usecases.context.resolve import resolve_client, resolve_link, resolve_links, same_name

LINKS = [
    Link("aaaa", "1000001", "Harbour Dental", ""),
    Link("bbbb", "1000002", "John Smith", ""),
    Link("cccc", "1000003", "john  smith", ""),
]


@pytest.mark.parametrize("wanted", ["aaaa", "AAAA", " aaaa ", "1000001", "Harbour Dental", " harbour  DENTAL "])
def test_a_link_by_either_id_or_exact_name(wanted: str) -> None:
    """Capitals and blanks do not count."""
    assert resolve_link(LINKS, wanted) is LINKS[0]


@pytest.mark.parametrize("wanted", ["", "Harbour", "aaa", "1000009", "Harbour Dental Ltd"])
def test_a_part_is_not_enough(wanted: str) -> None:
    """Guessing would link or write the wrong client."""
    with pytest.raises(ClientNotFound) as unknown:
        resolve_link(LINKS, wanted)
    assert (unknown.value.wanted, unknown.value.system) == (wanted, None)


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
            resolve_client(context.xpm, "Harbour")
    assert unknown.value.system is System.XPM


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
