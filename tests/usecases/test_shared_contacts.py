"""A rule about the whole sees the whole: a contact that several clients share, whatever a run selects."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from support.sync_rig import TO_XPM, Pair, SyncRig, changes_of, contact
from xpmsync.core.enums import Level
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Plan
from xpmsync.local.settings.settings import FilterSettings
from xpmsync.simulator.edit import edit_ignition

ANN = contact("Ann Lee", phone="02 5550 0001", primary="Yes")
NEW = "02 5550 0002"


@pytest.fixture
def pairs(rig: SyncRig) -> tuple[Pair, Pair]:
    """Two linked clients that share Ann in XPM, agreed on everything."""
    first = rig.linked(ANN, name="First Ltd")
    shared = rig.in_xpm(first).contacts[0].id
    second = Pair(rig.xpm_client(name="Second Ltd"), rig.ignition_client(ANN, name="Second Ltd"))
    rig.world.share_contact(second.xpm, shared, primary=True)
    rig.link(second.xpm, second.ignition)
    rig.sync = TO_XPM
    assert rig.run().plan.equal == 2
    return first, second


def holds_of(plan: Plan) -> list[HoldCode]:
    """The codes of a plan's holds."""
    return [hold.code for hold in plan.holds]


def test_all_of_them_together_are_written(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """Where Ignition says the same at each client."""
    for pair in pairs:
        rig.edit_ignition(pair, **{"contact__phone@Ann Lee": NEW})
    applied = rig.run()
    assert (applied.failures, applied.plan.holds) == ((), ())
    assert rig.in_xpm(pairs[0]).contacts[0].values["contact.phone"] == NEW
    assert rig.run().plan.equal == 2


def test_a_named_client_alone_waits(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """With another client of the contact outside the selection nothing of the person is written."""
    first, second = pairs
    for pair in pairs:
        rig.edit_ignition(pair, **{"contact__phone@Ann Lee": NEW})
    plan = rig.run(first.xpm).plan
    assert (changes_of(plan), holds_of(plan)) == ([], [HoldCode.SHARED_CONTACT])
    assert "Second Ltd" in plan.holds[0].reason
    assert len(rig.run(first.xpm, second.xpm).plan.changes) == 2


def test_before_any_full_reading_a_named_client_waits_too(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """Nobody knows yet who shares a contact, so XPM's list is read."""
    with closing(sqlite3.connect(rig.paths.ledger)) as ledger, ledger:
        ledger.execute("DELETE FROM facts WHERE name = 'shared_contacts'")
    rig.edit_ignition(pairs[0], **{"contact__phone@Ann Lee": NEW})
    assert holds_of(rig.run(pairs[0].xpm).plan) == [HoldCode.SHARED_CONTACT]


def test_a_filtered_client_makes_the_others_wait(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """It is looked at, but takes no part."""
    rig.settings = replace(rig.settings, sync_filter=FilterSettings(exclude=("Second Ltd",)))
    rig.edit_ignition(pairs[0], **{"contact__phone@Ann Lee": NEW})
    plan = rig.run().plan
    assert (changes_of(plan), holds_of(plan)) == ([], [HoldCode.SHARED_CONTACT])


def test_a_client_with_a_level_of_its_own_makes_the_others_wait(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """Its contact would be changed although nothing may flow to it."""
    with rig.open() as context:
        link = context.ledger.link_of(pairs[1].xpm)
        assert link is not None
        context.ledger.set_level(link, Level.NOTHING)
    rig.edit_ignition(pairs[0], **{"contact__phone@Ann Lee": NEW})
    assert HoldCode.SHARED_CONTACT in holds_of(rig.run().plan)
    assert rig.in_xpm(pairs[0]).contacts[0].values["contact.phone"] == "02 5550 0001"


@pytest.mark.parametrize("full", [False, True])
def test_an_unlinked_client_makes_the_others_wait(rig: SyncRig, full: bool) -> None:
    """XPM's list says that it shares the contact, linked or not; an archived one is nobody's concern."""
    pair = rig.linked(ANN, name="First Ltd")
    other = rig.xpm_client(name="Unlinked Ltd")
    rig.world.share_contact(other, rig.in_xpm(pair).contacts[0].id)
    rig.sync = TO_XPM
    rig.run()
    rig.edit_ignition(pair, **{"contact__phone@Ann Lee": NEW, "phone": "02 5550 0003"})
    plan = rig.run(full=full).plan
    assert ([name for name, _, _ in changes_of(plan)], holds_of(plan)) == (["phone"], [HoldCode.SHARED_CONTACT])
    assert "Unlinked Ltd" in plan.holds[0].reason
    rig.world.set_state(other, archived=True)
    assert [name for name, _, _ in changes_of(rig.run(full=True).plan)] == ["contact.phone"]


def test_disagreement_is_seen_whichever_client_changed(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """Only one of them was edited in Ignition: both say something, and they differ."""
    edit_ignition(rig.register, pairs[0].ignition, "contact.phone@Ann Lee", NEW)
    for full in (False, True):
        plan = rig.run(full=full).plan
        assert (changes_of(plan), holds_of(plan)) == ([], [HoldCode.SHARED_CONTACT])
        assert "disagrees" in plan.holds[0].reason


def test_position_and_flag_belong_to_the_place(rig: SyncRig, pairs: tuple[Pair, Pair]) -> None:
    """They are written for one client alone."""
    rig.edit_ignition(pairs[0], add_contact="Bob Ray <bob@example.com>")
    rig.edit_ignition(pairs[0], **{"contact__primary@Bob Ray": "Yes"})
    assert rig.run(pairs[0].xpm).failures == ()
    assert {person.name: person.is_primary for person in rig.in_xpm(pairs[0]).contacts} == {
        "Ann Lee": False,
        "Bob Ray": True,
    }


def test_a_contradicting_number_is_seen_with_one_client_named(rig: SyncRig) -> None:
    """Ignition's record carries the number of an XPM client that is linked to another record."""
    first, second = rig.linked(name="First Ltd"), rig.linked(name="Second Ltd")
    rig.run(first.xpm)
    client = rig.world.client(first.xpm)
    assert client is not None
    with rig.register.transaction() as connection:
        connection.execute(
            'UPDATE clients SET record = replace(record, \'"active", "", "", ""\', ?) WHERE id = ?',
            (f'"active", "", "", "{client.number}"', int(second.ignition)),
        )
    assert rig.in_ignition(second).xpm_number == str(client.number)
    assert holds_of(rig.run(second.xpm).plan) == [HoldCode.CONTRADICTION]
