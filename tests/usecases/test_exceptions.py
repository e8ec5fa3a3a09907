"""Exceptions: what a person told to leave alone is not written and not listed, only counted."""

from __future__ import annotations

import pytest

from support.sync_rig import TO_XPM, Office, Pair, contact, told
from xpmsync.core.plan.plan import HoldCode
from xpmsync.errors import ClientNotFound, UsageError
from xpmsync.usecases.clients.exceptions import add_exception, remove_exceptions
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.link import unlink
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.plan_file import drop_unlinked


def leave_alone(office: Office, pair: Pair, field: str = "") -> None:
    """`except CLIENT FIELD --note "as agreed"`."""
    with office.open() as context:
        add_exception(context.ledger, pair.xpm, field, "as agreed", context.now())


def listen(office: Office, pair: Pair, field: str = "") -> int:
    """`exceptions remove CLIENT FIELD`; returns how many were removed."""
    with office.open() as context:
        return len(remove_exceptions(context.ledger, pair.xpm, field))


def test_an_excepted_field_is_neither_written_nor_listed(office: Office) -> None:
    """The other changes are written as ever, and the plan says how many differences are known."""
    pair = office.linked(xpm={"phone": "1", "fax": "7"}, ignition={"phone": "2", "fax": "8"})
    leave_alone(office, pair, "phone")
    plan = office.preview().plan
    assert told(plan) == [("fax", "8", "7")]
    assert (plan.counts["excepted"], plan.holds) == (1, ())
    office.run()
    ignition = office.in_ignition(pair)
    assert (ignition.values["phone"], ignition.values["fax"]) == ("2", "7")


@pytest.mark.parametrize("full", [True, False])
def test_it_stays_excepted_over_all_runs(office: Office, full: bool) -> None:
    """Also where a run does not read the client again; an edit of either side changes nothing."""
    pair = office.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(office, pair, "phone")
    for _ in range(3):
        office.an_hour_later()
        applied = office.run(full=full)
        assert (applied.plan.counts["excepted"], applied.plan.changes) == (1, ())
    office.edit_xpm(pair, phone="3")
    assert office.run(full=full).plan.counts["excepted"] == 1
    assert office.in_ignition(pair).values["phone"] == "2"


def test_a_removed_exception_brings_the_change_back(office: Office) -> None:
    """Nothing was taken for equal meanwhile: the difference is found by an ordinary run, and written."""
    pair = office.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(office, pair, "phone")
    office.run()
    assert listen(office, pair, "phone") == 1
    office.an_hour_later()
    assert told(office.run().plan) == [("phone", "2", "1")]
    assert office.in_ignition(pair).values["phone"] == "1"


def test_an_exception_settles_a_hold_that_returns_each_day(office: Office) -> None:
    """A contact only in Ignition is a hold until a person says that it is known."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes")
    pair = office.linked(ann)
    office.register.add_contact(pair.ignition, contact("Bob Roe", "bob@example.com"))
    assert [hold.code for hold in office.run().plan.holds] == [HoldCode.CONTACT_ONLY_IN_TARGET]
    leave_alone(office, pair, "contact")
    office.an_hour_later()
    plan = office.run().plan
    assert (plan.holds, plan.counts["excepted"]) == ((), 1)


def test_a_whole_client_can_be_left_alone(office: Office) -> None:
    """Every field and contact of it, and no other client."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes")
    left_alone = office.linked(ann, xpm={"phone": "1", "name": "Anchor Ltd"}, ignition={"phone": "2", "name": "Anker"})
    other = office.linked(ann, xpm={"phone": "3"}, ignition={"phone": "4"})
    leave_alone(office, left_alone)
    plan = office.run().plan
    assert {change.client.xpm_id for change in plan.changes} == {other.xpm}
    assert plan.counts["excepted"] == 2
    assert office.in_ignition(left_alone).name == "Anker"


def test_a_new_contact_is_created_without_an_excepted_detail(office: Office) -> None:
    """An excepted field is not written in any call; without its e-mail the contact is not created at all."""
    pair = office.linked(contact("Ann Lee", "ann@example.com", primary="Yes"))
    office.xpm_contact(pair.xpm, contact("Bob Roe", "bob@example.com", mobile="021 555 0100"))
    leave_alone(office, pair, "contact.mobile")
    (change,) = office.preview(full=True).plan.changes
    assert "contact.mobile" not in change.values
    assert change.values["contact.email"] == "bob@example.com"
    leave_alone(office, pair, "contact.email")
    plan = office.preview(full=True).plan
    assert (plan.changes, plan.counts["excepted"]) == ((), 1)


def test_a_contact_of_two_clients_is_left_alone_at_both(office: Office) -> None:
    """Writing XPM's contact for the other client would write it for the excepted one, too."""
    ann = contact("Ann Lee", "ann@example.com", primary="Yes", phone="1")
    first = office.linked(ann, name="Anchor Ltd")
    second = Pair(office.xpm_client(name="Bower Ltd"), office.ignition_client(ann, name="Bower Ltd"))
    office.world.share_contact(second.xpm, office.in_xpm(first).contacts[0].id, primary=True)
    office.link(second.xpm, second.ignition)
    office.sync = TO_XPM
    office.run(full=True)
    for pair in (first, second):
        (there,) = office.in_ignition(pair).contacts
        office.register.update_contact(pair.ignition, there.id, {"contact.phone": "9"})
    assert [change.new for change in office.preview(full=True).plan.changes] == ["9", "9"]
    leave_alone(office, first, "contact.phone")
    plan = office.preview(full=True).plan
    assert (plan.changes, plan.counts["excepted"]) == ((), 2)


def test_an_exception_made_while_a_plan_is_looked_at_counts(office: Office) -> None:
    """The client is left out of what is applied."""
    pair = office.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    found = office.preview()
    leave_alone(office, pair, "phone")
    with office.open() as context:
        assert drop_unlinked(context, found.plan).changes == ()


def test_explain_shows_the_exception_with_its_note(office: Office) -> None:
    """For the client, and for the field alone."""
    pair = office.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(office, pair, "phone")
    with office.open() as context:
        for field, notes in (("", ["as agreed"]), ("phone", ["as agreed"]), ("fax", [])):
            explanation = explain_client(context, pair.xpm, field, Silent())
            assert [exception.note for exception in explanation.exceptions] == notes
            assert explanation.changes == ()


def test_exceptions_outlive_the_link(office: Office) -> None:
    """Unlinked and linked again, the field is still left alone; the exception can be removed without a link."""
    pair = office.linked(xpm={"phone": "1"}, ignition={"phone": "2"})
    leave_alone(office, pair, "phone")
    with office.open() as context:
        unlink(context.ledger, pair.xpm)
    office.link(pair.xpm, pair.ignition)
    assert office.preview().plan.counts["excepted"] == 1
    with office.open() as context:
        unlink(context.ledger, pair.xpm)
    assert listen(office, pair) == 1


def test_what_cannot_be_excepted(office: Office) -> None:
    """An unknown field, an empty note, an unknown client: nothing is noted."""
    pair = office.linked()
    with office.open() as context:
        for client, field, note, problem in (
            (pair.xpm, "phones", "why", UsageError),
            (pair.xpm, "phone", "  ", UsageError),
            ("Nobody", "phone", "why", ClientNotFound),
        ):
            with pytest.raises(problem):
                add_exception(context.ledger, client, field, note, context.now())
        assert context.ledger.exceptions.all() == []


def test_what_is_excepted_is_not_taken_for_agreed(office: Office) -> None:
    """Applying a plan remembers nothing about the field, so its target's edit is still seen as one later."""
    pair = office.linked(phone="1")
    office.run()
    office.edit_xpm(pair, phone="2")
    leave_alone(office, pair, "phone")
    with office.open() as context:
        before = context.ledger.agreed(pair.xpm).values["phone"]
        apply(context, office.preview(), Silent())
        assert context.ledger.agreed(pair.xpm).values["phone"] == before
