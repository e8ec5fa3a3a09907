"""Links by hand: saying that two clients are the same, or no longer."""

from __future__ import annotations

import pytest

from support.sync_rig import SyncRig, changes_of
from xpmsync.core.enums import Level
from xpmsync.errors import ClientNotFound, LinkConflict, SeveralClients
from xpmsync.usecases.clients.link import Linked, link, set_level, unlink


def linked(rig: SyncRig, xpm: str, ignition: str) -> Linked:
    """`link`."""
    with rig.open() as context:
        return link(context, xpm, ignition)


@pytest.mark.parametrize("by_name", [True, False])
def test_linking_by_id_or_exact_name(rig: SyncRig, by_name: bool) -> None:
    """Nothing is written to either system; the next sync shows what differs."""
    xpm = rig.xpm_client(name="Harbour Dental", phone="1")
    ignition = rig.ignition_client(name="Harbor Dental", phone="2")
    made = linked(rig, "harbour DENTAL" if by_name else xpm.upper(), "Harbor Dental" if by_name else ignition)
    assert (made.link.xpm_id, made.link.ignition_id, made.was_there) == (xpm, ignition, False)
    assert rig.server.requests.writes() == []
    assert changes_of(rig.preview().plan)[:2] == [("name", "Harbor Dental", "Harbour Dental"), ("phone", "2", "1")]


def test_linking_twice_is_no_error(rig: SyncRig) -> None:
    """It says that it was there."""
    xpm, ignition = rig.xpm_client(), rig.ignition_client()
    linked(rig, xpm, ignition)
    assert linked(rig, xpm, ignition).was_there


def test_a_taken_client_is_refused(rig: SyncRig) -> None:
    """On either side; the present partner is named."""
    pair = rig.linked(name="Anchor Ltd")
    xpm, ignition = rig.xpm_client(), rig.ignition_client()
    with pytest.raises(LinkConflict) as conflict:
        linked(rig, pair.xpm, ignition)
    assert conflict.value.with_id == pair.ignition
    with pytest.raises(LinkConflict) as conflict:
        linked(rig, xpm, pair.ignition)
    assert conflict.value.with_id == pair.xpm


def test_clients_that_cannot_be_told(rig: SyncRig) -> None:
    """Unknown ones and twins are named with their system; nothing is linked."""
    rig.xpm_client(name="John Smith")
    rig.xpm_client(name="John Smith")
    ignition = rig.ignition_client()
    with pytest.raises(SeveralClients):
        linked(rig, "John Smith", ignition)
    with pytest.raises(ClientNotFound) as unknown:
        linked(rig, "Nobody", ignition)
    assert unknown.value.system is not None
    assert unknown.value.system.label == "XPM"
    with rig.open() as context:
        assert context.ledger.links() == []


def test_unlinking_leaves_both_records(rig: SyncRig) -> None:
    """By either id or the name; a later sync knows nothing of them."""
    pair = rig.linked(name="Harbour Dental", xpm={"phone": "1"})
    with rig.open() as context:
        assert unlink(context.ledger, "harbour dental").xpm_id == pair.xpm
    assert rig.preview().plan.counts["clients"] == 0
    assert rig.in_ignition(pair).name == "Harbour Dental"
    with rig.open() as context, pytest.raises(ClientNotFound):
        unlink(context.ledger, pair.xpm)


def test_linking_again_starts_anew(rig: SyncRig) -> None:
    """What was once agreed is forgotten, so nothing counts as an edit."""
    pair = rig.linked(phone="1")
    rig.run()
    with rig.open() as context:
        unlink(context.ledger, pair.ignition)
    rig.edit_ignition(pair, phone="2")
    rig.link(pair.xpm, pair.ignition)
    assert [change.overrides_edit for change in rig.preview().plan.changes] == [False]


def test_a_new_link_is_compared_by_the_next_run(rig: SyncRig) -> None:
    """Although XPM's list of changes does not mention the client."""
    rig.linked(name="Anchor Ltd")
    xpm, ignition = rig.xpm_client(phone="1"), rig.ignition_client(phone="2")
    rig.an_hour_later()
    rig.run()
    linked(rig, xpm, ignition)
    rig.an_hour_later()
    assert [change.field for change in rig.run().plan.changes] == ["phone"]


def test_a_level_of_its_own(rig: SyncRig) -> None:
    """One client may flow less than the others."""
    pair = rig.linked(xpm={"name": "Harbour & Co", "phone": "1"})
    with rig.open() as context:
        set_level(context.ledger, pair.xpm, Level.NAMES)
    assert [change.field for change in rig.preview().plan.changes] == ["name"]
