"""diff: reading as cheaply as is safe, and writing nothing anywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.sync_rig import TO_XPM, SyncRig, changes_of, contact
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.read_strategy import FullBecause
from xpmsync.errors import ClientNotFound, Rejected, SeveralClients, Unreachable, UnusableAnswer
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.clients import link as linking
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.undo import plan_undo


def snapshot(rig: SyncRig) -> tuple[object, ...]:
    """Everything either system and the ledger hold."""
    with rig.open() as context:
        links = context.ledger.links()
        facts = [context.ledger.fact(name) for name in ("cursor", "last_full", "shape")]
        last = context.ledger.journal.last_run()
    return list(rig.world.clients()), list(rig.register.clients()), links, facts, last


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("level", Level)
def test_a_preview_writes_nothing_anywhere(rig: SyncRig, direction: Direction, level: Level) -> None:
    """Not to XPM, not to Ignition, not to the ledger, whatever there would be to do."""
    rig.sync = SyncSettings(direction=direction, level=level)
    rig.linked(contact("Ann Lee"), contact("Bob Ray"), xpm={"phone": "1", "name": "A"}, ignition={"phone": "2"})
    before = snapshot(rig)
    rig.preview()
    assert rig.server.requests.writes() == []
    assert snapshot(rig) == before


def test_the_plan_of_two_systems(rig: SyncRig) -> None:
    """What differs, field by field, the totals, and what it cost and will cost."""
    rig.linked(xpm={"phone": "02 5550 1234"}, ignition={"phone": "02 5550 9999", "fax": "1"})
    rig.linked(name="Anchor Ltd", phone="1")
    found = rig.preview()
    assert changes_of(found.plan) == [("phone", "02 5550 9999", "02 5550 1234")]
    assert found.plan.counts == {
        "changes": 1, "holds": 1, "equal": 1, "clients": 2, "changed_clients": 1, "overrides": 0, "excepted": 0,
    }  # fmt: skip
    assert [hold.code for hold in found.plan.holds] == [HoldCode.BLANK_SOURCE]
    assert (found.plan.forecast.reads, found.plan.forecast.writes) == (1, 1)
    assert rig.calls == ["GET list"]


def test_clients_that_are_not_linked_are_none_of_its_business(rig: SyncRig) -> None:
    """A sync creates no clients, on either side."""
    rig.xpm_client(contact("Ann Lee"), name="Only in XPM")
    rig.ignition_client(name="Only in Ignition")
    assert rig.preview().plan.counts["clients"] == 0
    assert rig.calls == []


def test_nothing_linked_costs_no_call(rig: SyncRig) -> None:
    """There is nothing to compare."""
    assert rig.preview().xpm_calls == 0


def test_the_plan_is_the_same_for_the_same_records(rig: SyncRig) -> None:
    """Whatever the order in which they were created."""
    for name in ("Zebra", "anchor", "Ōtaki", "Mill"):
        rig.linked(name=name, xpm={"phone": "1", "city": "A"}, ignition={"phone": "2"})
    one, other = rig.preview(), rig.preview()
    assert one.plan == other.plan
    assert [change.client.name for change in one.plan.changes][::2] == ["anchor", "Mill", "Zebra", "Ōtaki"]


# --- named clients -----------------------------------------------------------------------


def test_naming_clients_limits_the_reading_to_them(rig: SyncRig) -> None:
    """By name, XPM id or Ignition id; each costs one call, and nobody else is read."""
    pairs = [rig.linked(name=name, xpm={"phone": "1"}) for name in ("Anchor Ltd", "Harbour Dental", "Zebra")]
    rig.forget_calls()
    found = rig.preview("anchor LTD", pairs[1].ignition, pairs[0].xpm.upper())
    assert {change.client.name for change in found.plan.changes} == {"Anchor Ltd", "Harbour Dental"}
    assert found.plan.counts["clients"] == 2
    assert rig.calls == ["GET get", "GET get"]


def test_an_unknown_client_is_named(rig: SyncRig) -> None:
    """Before anything is read."""
    rig.linked()
    with pytest.raises(ClientNotFound) as unknown:
        rig.preview("Nobody")
    assert unknown.value.wanted == "Nobody"
    assert rig.calls == []


def test_two_clients_of_one_name_must_be_told_apart(rig: SyncRig) -> None:
    """The error carries the ids to choose from."""
    pairs = [rig.linked(name="John Smith"), rig.linked(name="John Smith")]
    with pytest.raises(SeveralClients) as several:
        rig.preview("john smith")
    assert set(several.value.ids) == {pair.xpm for pair in pairs}


def test_many_named_clients_are_read_as_a_list(rig: SyncRig) -> None:
    """Beyond twenty, one list is cheaper."""
    names = [f"Client {number:02}" for number in range(21)]
    for name in names:
        rig.linked(name=name)
    rig.forget_calls()
    assert rig.preview(*names).plan.counts["equal"] == 21
    assert rig.calls == ["GET list"]


# --- what a run after a run reads -----------------------------------------------------------


def test_after_a_run_only_changes_are_read(rig: SyncRig) -> None:
    """One call, and the clients nobody touched count as equal."""
    for name in ("Anchor Ltd", "Harbour Dental"):
        rig.linked(name=name)
    rig.run()
    rig.forget_calls()
    found = rig.preview()
    assert (found.reading.full, found.plan.counts["equal"]) == (None, 2)
    assert rig.calls == ["GET list"]


def test_an_edit_in_xpm_is_found_by_the_cursor(rig: SyncRig) -> None:
    """Among others that are not sent again."""
    pair = rig.linked(phone="1")
    rig.linked(name="Anchor Ltd")
    rig.an_hour_later()
    rig.run()
    rig.edit_xpm(pair, phone="2")
    rig.forget_calls()
    found = rig.preview()
    assert changes_of(found.plan) == [("phone", "1", "2")]
    assert found.reading.since is not None
    assert rig.calls == ["GET list"]


def test_an_edit_in_ignition_costs_one_look_up_and_is_listed(rig: SyncRig) -> None:
    """XPM's list does not mention the client, so it is looked up; who watches is told which."""
    pair = rig.linked(phone="1")
    rig.linked(name="Anchor Ltd")
    rig.an_hour_later()
    rig.run()
    rig.edit_ignition(pair, phone="2")
    rig.forget_calls()
    found = rig.preview()
    (change,) = found.plan.changes
    assert (change.old, change.new, change.overrides_edit) == ("2", "1", True)
    assert [client.name for client in found.single_reads] == ["Harbour Dental"]
    assert rig.calls == ["GET list", "GET get"]


def test_to_xpm_one_list_tells_what_edits_would_replace(rig: SyncRig) -> None:
    """Edits on Ignition's side are about to be written, so everything is read once instead of one by one."""
    rig.sync = TO_XPM
    pairs = [rig.linked(name=name, phone="1") for name in ("Anchor Ltd", "Harbour Dental")]
    rig.run()
    for pair in pairs:
        rig.edit_ignition(pair, phone="2")
    rig.forget_calls()
    found = rig.preview()
    assert len(found.plan.changes) == 2
    assert found.reading.full is FullBecause.EDITS
    assert rig.calls == ["GET list"]


def test_full_reads_everything(rig: SyncRig) -> None:
    """On request; so a contact edit that XPM's cursor misses is found."""
    pair = rig.linked()
    rig.an_hour_later()
    rig.run()
    rig.edit_xpm(pair, contact__phone="09 555 0101")
    assert rig.preview().plan.changes == ()
    found = rig.preview(full=True)
    assert changes_of(found.plan) == [("contact.phone", "", "09 555 0101")]
    assert found.reading.full is FullBecause.ASKED


def test_everything_is_read_again_after_seven_days(rig: SyncRig) -> None:
    """What the cursor misses is found a week later at the latest."""
    pair = rig.linked()
    rig.an_hour_later()
    rig.run()
    rig.edit_xpm(pair, contact__phone="09 555 0101")
    rig.clock.sleep(6 * 86_400)
    assert rig.preview().reading.full is None
    rig.clock.sleep(86_400)
    found = rig.preview()
    assert found.reading.full is FullBecause.AGE
    assert len(found.plan.changes) == 1


@pytest.mark.parametrize("change", [{"direction": Direction.TO_XPM}, {"level": Level.NAMES}, {"clear_blanks": True}])
def test_other_settings_read_everything(rig: SyncRig, change: dict[str, object]) -> None:
    """What was equal under the old settings need not be under the new."""
    rig.linked()
    rig.run()
    rig.sync = replace(rig.sync, **change)  # type: ignore[arg-type]  # one of the dataclass's own fields each time
    assert rig.preview().reading.full is FullBecause.SETTINGS


def test_holds_of_clients_nobody_touched_are_still_shown(rig: SyncRig) -> None:
    """They are remembered, not read again."""
    rig.linked(ignition={"fax": "1"})
    rig.run()
    rig.forget_calls()
    found = rig.preview()
    assert [(hold.field, hold.code) for hold in found.plan.holds] == [("fax", HoldCode.BLANK_SOURCE)]
    assert found.plan.counts["equal"] == 0
    assert rig.calls == ["GET list"]


def test_a_client_gone_from_xpm_is_held(rig: SyncRig) -> None:
    """Deleted ones are flagged in the list; a full reading also finds those that are not in it at all."""
    pair, gone = rig.linked(), rig.linked(name="Anchor Ltd")
    rig.run()
    rig.edit_xpm(pair, deleted="yes")
    rig.world.database.run("DELETE FROM clients WHERE uuid = ?", (gone.xpm,))
    found = rig.preview(full=True)
    assert {hold.client.name: hold.code for hold in found.plan.holds} == {
        "Harbour Dental": HoldCode.ARCHIVED,
        "Anchor Ltd": HoldCode.MISSING,
    }
    assert found.plan.changes == ()


def test_a_client_gone_from_ignition_is_held_without_a_call(rig: SyncRig) -> None:
    """And not created again."""
    pair = rig.linked()
    rig.run()
    rig.edit_ignition(pair, deleted="yes")
    rig.forget_calls()
    found = rig.preview()
    assert [hold.code for hold in found.plan.holds] == [HoldCode.MISSING]
    assert "Unlink it, and import it" in found.plan.holds[0].reason
    assert rig.calls == ["GET list"]


def test_a_contact_gone_from_the_target_comes_back_the_way_its_hold_says(rig: SyncRig) -> None:
    """It is held, not created again by itself; unlinked and linked again, the client gets it."""
    pair = rig.linked(contact("Ann Lee", primary="Yes"), contact("Bob Ray"))
    rig.run()
    bob = next(person for person in rig.in_ignition(pair).contacts if person.name == "Bob Ray")
    rig.register.delete_contact(pair.ignition, bob.id)
    (hold,) = rig.preview().plan.holds
    assert hold.code is HoldCode.MISSING
    assert "by unlinking and linking the client" in hold.reason

    with rig.open() as context:
        linking.unlink(context.ledger, pair.xpm)
    rig.link(pair.xpm, pair.ignition)

    assert [change.new for change in rig.run().plan.changes] == ["Bob Ray <bob@example.com>"]


@pytest.mark.parametrize("kind", ["cut-body", "malformed-xml", "html", "error-status"])
def test_an_incomplete_reading_never_becomes_a_plan(rig: SyncRig, kind: str) -> None:
    """The run ends; nothing that was read so far is acted on or remembered."""
    rig.linked(xpm={"phone": "1"})
    before = snapshot(rig)
    rig.fault(Fault(kind))
    with pytest.raises((Unreachable, UnusableAnswer, Rejected)):
        rig.run()
    assert snapshot(rig) == before


@pytest.mark.parametrize("direction", Direction)
def test_one_unreadable_record_stops_nobody_else(rig: SyncRig, direction: Direction) -> None:
    """It is held as a whole, named with its field and what to do; all others are written."""
    odd = rig.linked(phone="02 5550 0001", address="1 Odd Street")
    fine = rig.linked(phone="02 5550 0001")
    rig.sync = SyncSettings(direction=direction)
    rig.run()
    rig.edit_xpm(odd, address="1 Odd\x0bStreet")
    edit = rig.edit_xpm if direction is Direction.FROM_XPM else rig.edit_ignition
    for pair in (odd, fine):
        edit(pair, phone="02 5550 0002")
    for full in (False, True):
        found = rig.preview(full=full)
        assert [(change.client.xpm_id, change.field) for change in found.plan.changes] == [(fine.xpm, "phone")]
        (hold,) = found.plan.holds
        assert (hold.client.xpm_id, hold.code) == (odd.xpm, HoldCode.UNREADABLE)
        assert "Address in XPM" in hold.reason
    rig.run()
    rig.edit_xpm(odd, address="1 Odd Street")
    assert [change.client.xpm_id for change in rig.run(full=True).plan.changes] == [odd.xpm]


def test_two_contacts_that_fit_one_are_both_named(rig: SyncRig) -> None:
    """The hold says which ones, which one they fit, and where a person makes it clear."""
    twins = [contact("Ann Lee", "ann@example.com"), contact("Anne Lee", "ann@example.com")]
    xpm = rig.xpm_client(*twins)
    ignition = rig.ignition_client(contact("A. Lee", "ann@example.com"))
    rig.link(xpm, ignition)
    holds = rig.preview().plan.holds
    assert [hold.code for hold in holds] == [HoldCode.AMBIGUOUS_CONTACT] * 2
    for hold in holds:
        assert "Ann Lee <ann@example.com>" in hold.reason
        assert "Anne Lee <ann@example.com>" in hold.reason
        assert "A. Lee <ann@example.com> in Ignition" in hold.reason
        assert "Remove one of them in XPM" in hold.reason


@pytest.mark.parametrize("email", ["a@example.com; b@example.com", "Ann <a@example.com>", "none"])
def test_what_is_no_single_address_is_held(rig: SyncRig, email: str) -> None:
    """Nothing but one address is ever written to a contact."""
    pair = rig.linked(contact("Ann Lee", "ann@example.com", primary="Yes"))
    rig.run()
    rig.edit_xpm(pair, **{"contact__email@Ann Lee": email})
    plan = rig.run(full=True).plan
    assert ([hold.code for hold in plan.holds], plan.changes) == ([HoldCode.NEEDS_EMAIL], ())


def test_two_numbers_in_one_field_are_held(rig: SyncRig) -> None:
    """Nobody knows which one to ring; invisible characters alone change nothing, and never travel."""
    pair = rig.linked(phone="02 5550 0001", fax="02 5550 0003")
    rig.run()
    rig.edit_xpm(pair, phone="02 5550 0001 or 02 5550 0002", fax="\u200b02 5550 0003\u00a0")
    plan = rig.run().plan
    assert ([hold.code for hold in plan.holds], plan.changes) == ([HoldCode.SEVERAL_PHONES], ())
    rig.edit_xpm(pair, phone="\u202a02 5550 0004\u202c\u00a0")
    rig.run()
    assert rig.in_ignition(pair).values["phone"] == "02 5550 0004"


@pytest.mark.parametrize(("shown", "says"), [("Colac", True), ("Ararat", False)])
def test_a_value_that_the_target_does_not_keep_is_reported(rig: SyncRig, shown: str, *, says: bool) -> None:
    """It answered as if it took, and shows the former value again, or somebody changes it back; a new value is an edit.

    After an undo the former value is there by right.
    """
    pair = rig.linked(contact("Ann Lee"), xpm={"city": "Nelson"}, ignition={"city": "Colac"})
    run = rig.run(full=True).run
    rig.edit_ignition(pair, city=shown)
    planned = rig.preview(full=True)
    assert changes_of(planned.plan) == [("city", shown, "Nelson")]
    told = [notice for notice in planned.notices if "as before that run" in notice]
    assert bool(told) is says
    assert all(f"xpmsync explain {pair.xpm}" in notice for notice in told)
    rig.edit_ignition(pair, city="Nelson")
    with rig.open() as context:
        turned, undone = plan_undo(context, run, (), Silent())
        apply(turned, undone, Silent(), command="undo", undoes=run)
    assert rig.preview(full=True).notices == ()
