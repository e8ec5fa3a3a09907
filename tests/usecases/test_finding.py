"""search: both systems side by side, a linked pair as one row."""

from __future__ import annotations

import pytest

from support.sync_rig import Office, contact
from xpmsync.errors import Unreachable, UsageError
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.clients.search import SearchResult, search


def found(office: Office, text: str, *, limit: int = 25, archived: bool = False) -> SearchResult:
    """What `search` finds."""
    with office.open() as context:
        return search(context, text, limit=limit, archived=archived)


def test_three_kinds_of_rows(office: Office) -> None:
    """In XPM only, in Ignition only, and linked; sorted by name, in one call."""
    pair = office.linked(name="Harbour Dental")
    xpm = office.xpm_client(name="Harbour Cafe")
    ignition = office.ignition_client(contact("Bob Ray"), name="The Harbour")
    office.forget_calls()
    rows = found(office, "harbour").rows
    assert office.calls == ["GET search"]
    assert [(row.client.name, row.is_linked) for row in rows] == [
        ("Harbour Cafe", False), ("Harbour Dental", True), ("The Harbour", False),
    ]  # fmt: skip
    only_xpm, linked, only_ignition = rows
    assert (only_xpm.xpm and only_xpm.xpm.id, only_xpm.ignition) == (xpm, None)
    assert linked.xpm
    assert linked.ignition
    assert (linked.xpm.id, linked.ignition.id, linked.linked_to) == (pair.xpm, pair.ignition, pair.ignition)
    assert (only_ignition.xpm, only_ignition.ignition and only_ignition.ignition.id) == (None, ignition)


def test_a_linked_client_found_on_one_side_only(office: Office) -> None:
    """Its partner has another name by now; the row still says to whom it is linked."""
    pair = office.linked(xpm={"name": "Harbour Dental"}, ignition={"name": "Quay Dental"})
    (row,) = found(office, "harbour").rows
    assert (row.ignition, row.linked_to) == (None, pair.ignition)
    (row,) = found(office, "quay").rows
    assert (row.xpm, row.linked_to) == (None, pair.xpm)
    assert row.client.id == pair.ignition


def test_twins_are_said_to_be_twins(office: Office) -> None:
    """Two of one name in one system, capitals and blanks aside; a linked pair is no twin of itself."""
    office.linked(name="Harbour Dental")
    office.xpm_client(name="John Smith", city="Colac")
    office.xpm_client(name="JOHN  smith", city="Ararat")
    office.ignition_client(name="John Smith")
    rows = found(office, "smith").rows
    assert [row.is_twin for row in rows] == [row.xpm is not None for row in rows]
    assert found(office, "harbour").namesakes == ()
    assert len(found(office, "smith").namesakes) == 2


def test_archived_clients_are_left_out_and_counted(office: Office) -> None:
    """Unless asked for; deleted ones XPM's own search does not find."""
    office.xpm_client(name="Harbour Dental", state="archived")
    office.xpm_client(name="Harbour Cafe")
    office.xpm_client(name="Harbour Gone", state="deleted")
    hidden = found(office, "harbour")
    assert ([row.client.name for row in hidden.rows], hidden.archived) == (["Harbour Cafe"], 1)
    shown = found(office, "harbour", archived=True)
    assert (len(shown.rows), shown.archived) == (2, 0)


def test_a_limit_counts_the_rest(office: Office) -> None:
    """Nothing is hidden without saying so."""
    for number in range(5):
        office.xpm_client(name=f"Harbour {number}")
    result = found(office, "harbour", limit=2)
    assert ([row.client.name for row in result.rows], result.more) == (["Harbour 0", "Harbour 1"], 3)


def test_nothing_found(office: Office) -> None:
    """An empty result, not an error."""
    office.linked()
    result = found(office, "nobody")
    assert (result.rows, result.more, result.archived, result.text) == ((), 0, 0, "nobody")


def test_ignition_is_searched_by_contact_and_reference_too(office: Office) -> None:
    """A person may know no more than an e-mail."""
    client = office.ignition_client(contact("Bob Ray"), name="Anchor Ltd")
    for text in ("bob@", "ray", "cli-1001"):
        (row,) = found(office, text).rows
        assert row.client.id == client


def test_half_a_search_is_no_result(office: Office) -> None:
    """When XPM cannot be searched, the answer is an error, not Ignition's half."""
    office.ignition_client(name="Harbour")
    office.fault(Fault("lost-before", times=0))
    with pytest.raises(Unreachable):
        found(office, "harbour")


@pytest.mark.parametrize("text", ["", "   "])
def test_searching_for_nothing(office: Office, text: str) -> None:
    """XPM would refuse it; it is the person's slip, and costs no call."""
    with pytest.raises(UsageError):
        found(office, text)
    assert office.calls == []
