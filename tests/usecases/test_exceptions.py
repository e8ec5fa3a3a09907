"""Exceptions: what a person told to leave alone is not written and not listed, only counted."""

from __future__ import annotations

import pytest

from support.sync_rig import TO_XPM, Pair, SyncRig, changes_of, contact
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.errors import ClientNotFound, UsageError
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.link import add_exception, remove_exceptions, unlink
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.plan_file import drop_unlinked


def leave_alone(rig: SyncRig, pair: Pair, field: str = "") -> None:
    """`except CLIENT FIELD --note "as agreed"`."""
    with rig.open() as context:
        add_exception(context.ledger, pair.xpm, field, "as agreed", context.now())


def listen(rig: SyncRig, pair: Pair, field: str = "") -> int:
    """`exceptions remove CLIENT FIELD`; returns how many were removed."""
    with rig.open() as context:
        return len(remove_exceptions(context.ledger, pair.xpm, field))


def test_an_excepted_field_is_neither_written_nor_listed(rig: SyncRig) -> None:
    """The other changes are written as ever, and the plan says how many differences are known."""
    pair = rig.linked(xpm={"phone": "1", "fax": "7"}, ignition={"phone": "2", "fax": "8"})
    leave_alone(rig, pair, "phone")
    plan = rig.preview().plan
    assert changes_of(plan) == [("fax", "8", "7")]
    assert (plan.counts["excepted"], plan.holds) == (1, ())
    rig.run()
    ignition = rig.in_ignition(pair)
    assert (ignition.values["phone"], ignition.values["fax"]) == ("2", "7")


@pytest.mark.parametrize("full", [True, False])
def test_it_stays_excepted_over_all_runs(rig: SyncRig, full: bool) -> None:
    """Also where a run does not read the client again; an edit of either side changes nothing."""
    pair = rig.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(rig, pair, "phone")
    for _ in range(3):
        rig.an_hour_later()
        applied = rig.run(full=full)
        assert (applied.plan.counts["excepted"], applied.plan.changes) == (1, ())
    rig.edit_xpm(pair, phone="3")
    assert rig.run(full=full).plan.counts["excepted"] == 1
    assert rig.in_ignition(pair).values["phone"] == "2"


def test_a_removed_exception_brings_the_change_back(rig: SyncRig) -> None:
    """Nothing was taken for equal meanwhile: the difference is found by an ordinary run, and written."""
    pair = rig.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(rig, pair, "phone")
    rig.run()
    assert listen(rig, pair, "phone") == 1
    rig.an_hour_later()
    assert changes_of(rig.run().plan) == [("phone", "2", "1")]
    assert rig.in_ignition(pair).values["phone"] == "1"


def test_an_exception_settles_a_hold_that_returns_each_day(rig: SyncRig) -> None:
    """A contact only in Ignition is a hold until a person says that it is known."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes")
    pair = rig.linked(ann)
    rig.register.add_contact(pair.ignition, contact("Bob Roe", "bob@example.com"))
    assert [hold.code for hold in rig.run().plan.holds] == [HoldCode.CONTACT_ONLY_IN_TARGET]
    leave_alone(rig, pair, "contact")
    rig.an_hour_later()
    plan = rig.run().plan
    assert (plan.holds, plan.counts["excepted"]) == ((), 1)


def test_a_whole_client_can_be_left_alone(rig: SyncRig) -> None:
    """Every field and contact of it, and no other client."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes")
    left_alone = rig.linked(ann, xpm={"phone": "1", "name": "Anchor Ltd"}, ignition={"phone": "2", "name": "Anker"})
    other = rig.linked(ann, xpm={"phone": "3"}, ignition={"phone": "4"})
    leave_alone(rig, left_alone)
    plan = rig.run().plan
    assert {change.client.xpm_id for change in plan.changes} == {other.xpm}
    assert plan.counts["excepted"] == 2
    assert rig.in_ignition(left_alone).name == "Anker"


def test_a_new_contact_is_created_without_an_excepted_detail(rig: SyncRig) -> None:
    """An excepted field is not written in any call; without its e-mail the contact is not created at all."""
    pair = rig.linked(contact("Ann Lee", "ann@example.com", primary="Yes"))
    rig.xpm_contact(pair.xpm, contact("Bob Roe", "bob@example.com", mobile="021 555 0100"))
    leave_alone(rig, pair, "contact.mobile")
    (change,) = rig.preview(full=True).plan.changes
    assert "contact.mobile" not in change.values
    assert change.values["contact.email"] == "bob@example.com"
    leave_alone(rig, pair, "contact.email")
    plan = rig.preview(full=True).plan
    assert (plan.changes, plan.counts["excepted"]) == ((), 1)


def two_clients_of_one_person(rig: SyncRig) -> Pair:
    """Two clients share one contact in XPM, and both have a new phone of it in Ignition; the first of them."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes", phone="1")
    first = rig.linked(ann, name="Anchor Ltd")
    second = Pair(rig.xpm_client(name="Bower Ltd"), rig.ignition_client(ann, name="Bower Ltd"))
    rig.world.share_contact(second.xpm, rig.in_xpm(first).contacts[0].id, primary=True)
    rig.link(second.xpm, second.ignition)
    rig.sync = TO_XPM
    rig.run(full=True)
    for pair in (first, second):
        (there,) = rig.in_ignition(pair).contacts
        rig.register.update_contact(pair.ignition, there.id, {"contact.phone": "9"})
    return first


def test_a_contact_of_two_clients_is_left_alone_at_both(rig: SyncRig) -> None:
    """Writing XPM's contact for the other client would write it for the excepted one, too."""
    first = two_clients_of_one_person(rig)
    assert [change.new for change in rig.preview(full=True).plan.changes] == ["9", "9"]
    leave_alone(rig, first, "contact.phone")
    plan = rig.preview(full=True).plan
    assert (plan.changes, plan.counts["excepted"]) == ((), 2)


def test_a_plan_that_waits_writes_no_contact_of_a_client_that_was_excepted_since(rig: SyncRig) -> None:
    """One person of two clients in XPM: writing it at the other one would write it for the excepted one, too."""
    first = two_clients_of_one_person(rig)
    found = rig.preview(full=True)
    with rig.open() as context:
        assert len(drop_unlinked(context, found.plan).changes) == 2
        leave_alone(rig, first, "contact.phone")
        assert drop_unlinked(context, found.plan).changes == ()


def test_an_exception_made_while_a_plan_is_looked_at_counts(rig: SyncRig) -> None:
    """The client is left out of what is applied."""
    pair = rig.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    found = rig.preview()
    leave_alone(rig, pair, "phone")
    with rig.open() as context:
        assert drop_unlinked(context, found.plan).changes == ()


def test_explain_shows_the_exception_with_its_note(rig: SyncRig) -> None:
    """For the client, and for the field alone."""
    pair = rig.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(rig, pair, "phone")
    with rig.open() as context:
        for field, notes in (("", ["as agreed"]), ("phone", ["as agreed"]), ("fax", [])):
            explanation = explain_client(context, pair.xpm, field, Silent())
            assert [exception.note for exception in explanation.exceptions] == notes
            assert explanation.changes == ()


def test_exceptions_outlive_the_link(rig: SyncRig) -> None:
    """Unlinked and linked again, the field is still left alone; the exception can be removed without a link."""
    pair = rig.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(rig, pair, "phone")
    with rig.open() as context:
        unlink(context.ledger, pair.xpm)
    rig.link(pair.xpm, pair.ignition)
    assert rig.preview().plan.counts["excepted"] == 1
    with rig.open() as context:
        unlink(context.ledger, pair.xpm)
    assert listen(rig, pair) == 1


def test_what_cannot_be_excepted(rig: SyncRig) -> None:
    """An unknown field, an empty note, an unknown client: nothing is noted."""
    pair = rig.linked()
    with rig.open() as context:
        for client, field, note, problem in (
            (pair.xpm, "phones", "why", UsageError),
            (pair.xpm, "phone", "  ", UsageError),
            ("Nobody", "phone", "why", ClientNotFound),
        ):
            with pytest.raises(problem):
                add_exception(context.ledger, client, field, note, context.now())
        assert context.ledger.exceptions.all() == []


def test_what_is_excepted_is_not_taken_for_agreed(rig: SyncRig) -> None:
    """Applying a plan remembers nothing about the field, so its target's edit is still seen as one later."""
    pair = rig.linked(phone="1")
    rig.run()
    rig.edit_xpm(pair, phone="2")
    leave_alone(rig, pair, "phone")
    with rig.open() as context:
        before = context.ledger.agreed(pair.xpm).values["phone"]
        apply(context, rig.preview(), Silent())
        assert context.ledger.agreed(pair.xpm).values["phone"] == before
