"""search: both systems side by side, a linked pair as one row."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from support.sync_rig import SyncRig, contact
from xpmsync.core.enums import System
from xpmsync.core.model import Client, Contact
from xpmsync.errors import Unreachable, UsageError
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.clients.search import SearchResult, search


def found(rig: SyncRig, text: str, *, limit: int = 25, archived: bool = False) -> SearchResult:
    """What `search` finds."""
    with rig.open() as context:
        return search(context, text, limit=limit, archived=archived)


def test_three_kinds_of_rows(rig: SyncRig) -> None:
    """In XPM only, in Ignition only, and linked; sorted by name, in one call."""
    pair = rig.linked(name="Harbour Dental")
    xpm = rig.xpm_client(name="Harbour Cafe")
    ignition = rig.ignition_client(contact("Bob Ray"), name="The Harbour")
    rig.forget_calls()
    rows = found(rig, "harbour").rows
    assert rig.calls == ["GET search"]
    assert [(row.client.name, row.is_linked) for row in rows] == [
        ("Harbour Cafe", False), ("Harbour Dental", True), ("The Harbour", False),
    ]  # fmt: skip
    only_xpm, linked, only_ignition = rows
    assert (only_xpm.xpm and only_xpm.xpm.id, only_xpm.ignition) == (xpm, None)
    assert linked.xpm
    assert linked.ignition
    assert (linked.xpm.id, linked.ignition.id, linked.linked_to) == (pair.xpm, pair.ignition, pair.ignition)
    assert (only_ignition.xpm, only_ignition.ignition and only_ignition.ignition.id) == (None, ignition)


def test_a_linked_client_found_on_one_side_only(rig: SyncRig) -> None:
    """Its partner has another name by now; the row still says to whom it is linked."""
    pair = rig.linked(xpm={"name": "Harbour Dental"}, ignition={"name": "Quay Dental"})
    (row,) = found(rig, "harbour").rows
    assert (row.ignition, row.linked_to) == (None, pair.ignition)
    (row,) = found(rig, "quay").rows
    assert (row.xpm, row.linked_to) == (None, pair.xpm)
    assert row.client.id == pair.ignition


def test_namesakes_are_said_to_be_namesakes(rig: SyncRig) -> None:
    """Two of one name in one system, capitals and blanks aside; a linked pair is no namesake of itself."""
    rig.linked(name="Harbour Dental")
    rig.xpm_client(name="John Smith", city="Colac")
    rig.xpm_client(name="JOHN  smith", city="Ararat")
    rig.ignition_client(name="John Smith")
    rows = found(rig, "smith").rows
    assert [row.has_namesake for row in rows] == [row.xpm is not None for row in rows]
    assert found(rig, "harbour").namesakes == ()
    assert len(found(rig, "smith").namesakes) == 2


def test_archived_clients_are_left_out_and_counted(rig: SyncRig) -> None:
    """Unless asked for; deleted ones XPM's own search does not find."""
    rig.xpm_client(name="Harbour Dental", state="archived")
    rig.xpm_client(name="Harbour Cafe")
    rig.xpm_client(name="Harbour Gone", state="deleted")
    hidden = found(rig, "harbour")
    assert ([row.client.name for row in hidden.rows], hidden.archived) == (["Harbour Cafe"], 1)
    shown = found(rig, "harbour", archived=True)
    assert (len(shown.rows), shown.archived) == (2, 0)


def test_a_limit_counts_the_rest(rig: SyncRig) -> None:
    """Nothing is hidden without saying so."""
    for number in range(5):
        rig.xpm_client(name=f"Harbour {number}")
    result = found(rig, "harbour", limit=2)
    assert ([row.client.name for row in result.rows], result.more) == (["Harbour 0", "Harbour 1"], 3)


def test_nothing_found(rig: SyncRig) -> None:
    """An empty result, not an error."""
    rig.linked()
    result = found(rig, "nobody")
    assert (result.rows, result.more, result.archived, result.text) == ((), 0, 0, "nobody")


def test_ignition_is_searched_by_contact_and_reference_too(rig: SyncRig) -> None:
    """A person may know no more than an e-mail."""
    client = rig.ignition_client(contact("Bob Ray"), name="Anchor Ltd")
    for text in ("bob@", "ray", "cli-1001"):
        (row,) = found(rig, text).rows
        assert row.client.id == client


def test_half_a_search_is_no_result(rig: SyncRig) -> None:
    """When XPM cannot be searched, the answer is an error, not Ignition's half."""
    rig.ignition_client(name="Harbour")
    rig.fault(Fault("lost-before", times=0))
    with pytest.raises(Unreachable):
        found(rig, "harbour")


@pytest.mark.parametrize("text", ["", "   "])
def test_searching_for_nothing(rig: SyncRig, text: str) -> None:
    """XPM would refuse it; it is the person's slip, and costs no call."""
    with pytest.raises(UsageError):
        found(rig, text)
    assert rig.calls == []


@pytest.mark.parametrize(
    "text",
    ["ŌTAKI", "otaki", "o'brien", "O’BRIEN", "obrien otaki", "Brien & Otaki", "otaki  and obrien",
     "otaki obrien limited", "O'Brien Otaki Pty. Ltd.", "03 5550", "zoe@", "CLI-1001"],
)  # fmt: skip
def test_search_folds_as_the_matcher_does(rig: SyncRig, text: str) -> None:
    """Case, accents, apostrophes, `&`, blanks, order, legal forms; telephone, e-mail and number."""
    person = contact("Zoë Hill", email="zoe@example.com", phone="+61 3 5550 0101")
    client = rig.ignition_client(person, name="O’Brien & Ōtaki Pty Ltd")
    rig.ignition_client(contact("Bob Ray"), name="Anchor Trust")
    (row,) = found(rig, text).rows
    assert row.client.id == client


def test_xpm_is_asked_again_for_less_when_it_finds_nothing(rig: SyncRig) -> None:
    """Its own search knows neither accents nor word order; what comes back is chosen by all of the text."""
    client = rig.xpm_client(name="Ōtaki Café Limited")
    rig.xpm_client(name="Otaki Garage Ltd")
    (row,) = found(rig, "cafe otaki").rows
    assert row.client.id == client


def test_no_hit_offers_the_nearest_names(rig: SyncRig) -> None:
    """Of linked clients and of an Ignition on this computer, which cost no call."""
    rig.linked(name="Harbour Dental")
    rig.ignition_client(contact("Bob Ray"), name="Harbour Garage")
    result = found(rig, "harbuor")
    assert (result.rows, result.nearest) == ((), ("Harbour Dental", "Harbour Garage"))
    assert found(rig, "zzz").nearest == ()


def test_a_long_answer_is_not_kept_in_memory(rig: SyncRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of hits to show three: only those three are kept in full, on both sides, and all are counted."""
    held = held_by_all(2000)
    with rig.open() as context:
        for store in (context.xpm, context.ignition):
            monkeypatch.setattr(type(store), "search", lambda self, _text: made_up(self.system, 2000))
        tracemalloc.start()
        try:
            result = search(context, "client", limit=3, archived=False)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (len(result.rows), result.more) == (3, 3997)
    assert [row.client.name for row in result.rows] == ["Client 00000", "Client 00000", "Client 00001"]
    assert peak < held / 3


def held_by_all(number: int) -> int:
    """The bytes that so many clients take when they are kept."""
    tracemalloc.start()
    try:
        kept = list(made_up(System.XPM, number))
        assert len(kept) == number
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def made_up(system: System, number: int) -> Iterator[Client]:
    """Clients with an address and two contacts, the last name first."""
    for place in reversed(range(number)):
        values = {"name": f"Client {place:05}", "address": f"{place} Quay Street " * 20, "city": f"City {place}"}
        people = tuple(Contact(f"{place}-{each}", {"contact.name": f"Ann {place} {each}"}) for each in range(2))
        yield Client(system, f"{system.value}-{place}", values, people)
