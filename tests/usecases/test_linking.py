"""Links by hand: saying that two clients are the same, or no longer."""

from __future__ import annotations

import pytest

from support.sync_rig import Office, told
from xpmsync.core.enums import Level
from xpmsync.errors import ClientNotFound, LinkConflict, SeveralClients
from xpmsync.usecases.clients.link import Linked, link, set_level, unlink


def linked(office: Office, xpm: str, ignition: str) -> Linked:
    """`link`."""
    with office.open() as context:
        return link(context, xpm, ignition)


@pytest.mark.parametrize("by_name", [True, False])
def test_linking_by_id_or_exact_name(office: Office, by_name: bool) -> None:
    """Nothing is written to either system; the next sync shows what differs."""
    xpm = office.xpm_client(name="Harbour Dental", phone="1")
    ignition = office.ignition_client(name="Harbor Dental", phone="2")
    made = linked(office, "harbour DENTAL" if by_name else xpm.upper(), "Harbor Dental" if by_name else ignition)
    assert (made.link.xpm_id, made.link.ignition_id, made.was_there) == (xpm, ignition, False)
    assert office.server.requests.writes() == []
    assert told(office.preview().plan)[:2] == [("name", "Harbor Dental", "Harbour Dental"), ("phone", "2", "1")]


def test_linking_twice_is_no_error(office: Office) -> None:
    """It says that it was there."""
    xpm, ignition = office.xpm_client(), office.ignition_client()
    linked(office, xpm, ignition)
    assert linked(office, xpm, ignition).was_there


def test_a_taken_client_is_refused(office: Office) -> None:
    """On either side; the present partner is named."""
    pair = office.linked(name="Anchor Ltd")
    xpm, ignition = office.xpm_client(), office.ignition_client()
    with pytest.raises(LinkConflict) as conflict:
        linked(office, pair.xpm, ignition)
    assert conflict.value.with_id == pair.ignition
    with pytest.raises(LinkConflict) as conflict:
        linked(office, xpm, pair.ignition)
    assert conflict.value.with_id == pair.xpm


def test_clients_that_cannot_be_told(office: Office) -> None:
    """Unknown ones and twins are named with their system; nothing is linked."""
    office.xpm_client(name="John Smith")
    office.xpm_client(name="John Smith")
    ignition = office.ignition_client()
    with pytest.raises(SeveralClients):
        linked(office, "John Smith", ignition)
    with pytest.raises(ClientNotFound) as unknown:
        linked(office, "Nobody", ignition)
    assert unknown.value.system is not None
    assert unknown.value.system.label == "XPM"
    with office.open() as context:
        assert context.ledger.links() == []


def test_unlinking_leaves_both_records(office: Office) -> None:
    """By either id or the name; a later sync knows nothing of them."""
    pair = office.linked(name="Harbour Dental", xpm={"phone": "1"})
    with office.open() as context:
        assert unlink(context.ledger, "harbour dental").xpm_id == pair.xpm
    assert office.preview().plan.counts["clients"] == 0
    assert office.in_ignition(pair).name == "Harbour Dental"
    with office.open() as context, pytest.raises(ClientNotFound):
        unlink(context.ledger, pair.xpm)


def test_linking_again_starts_anew(office: Office) -> None:
    """What was once agreed is forgotten, so nothing counts as an edit."""
    pair = office.linked(phone="1")
    office.run()
    with office.open() as context:
        unlink(context.ledger, pair.ignition)
    office.edit_ignition(pair, phone="2")
    office.link(pair.xpm, pair.ignition)
    assert [change.overrides_edit for change in office.preview().plan.changes] == [False]


def test_a_new_link_is_compared_by_the_next_run(office: Office) -> None:
    """Although XPM's list of changes does not mention the client."""
    office.linked(name="Anchor Ltd")
    xpm, ignition = office.xpm_client(phone="1"), office.ignition_client(phone="2")
    office.an_hour_later()
    office.run()
    linked(office, xpm, ignition)
    office.an_hour_later()
    assert [change.field for change in office.run().plan.changes] == ["phone"]


def test_a_level_of_its_own(office: Office) -> None:
    """One client may flow less than the others."""
    pair = office.linked(xpm={"name": "Harbour & Co", "phone": "1"})
    with office.open() as context:
        set_level(context.ledger, pair.xpm, Level.NAMES)
    assert [change.field for change in office.preview().plan.changes] == ["name"]
