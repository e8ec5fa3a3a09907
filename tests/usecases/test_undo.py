"""Undo, explain, and forgetting: the journal of every write put to use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from support.sync_rig import TO_XPM, SyncRig, changes_of, contact, open_rig, seeded_pair
from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.core.model import NOTHING_AGREED, Client
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Why
from xpmsync.errors import GuardTripped, NothingToUndo, RunNotFound, UsageError
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.people.seed import client_id, ignition_id
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.clients.link import unlink
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.guard import guard
from xpmsync.usecases.sync.plan_file import drop_stale, drop_unlinked, save_plan
from xpmsync.usecases.sync.undo import plan_undo, purge_values, restored_by_undo


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice that was synced once, as run 1."""
    with open_rig(tmp_path, seeded=True) as rig:
        rig.run()
        yield rig


def undo(rig: SyncRig, run: int, *keys: str) -> Applied:
    """Undo a run, for all its clients or some."""
    turned, found = plan_undo(rig.context, run, [client_id(key) for key in keys], Silent())
    return apply(turned, found, Silent(), command="undo", undoes=run)


def test_what_a_run_replaced_comes_back(rig: SyncRig) -> None:
    """Former values are restored; the undo is a run of its own that names the one it undid."""
    assert rig.in_ignition(seeded_pair("cafe-zoe")).values["name"] == "Café Zoë Pty Ltd"

    applied = undo(rig, 1, "cafe-zoe")

    assert applied.written == 1
    assert rig.in_ignition(seeded_pair("cafe-zoe")).values["name"] == "Cafe Zoe Pty Ltd"
    run = rig.context.ledger.journal.last_run()
    assert run is not None
    assert (run.command, run.undoes) == ("undo", 1)


def test_an_undo_can_be_undone(rig: SyncRig) -> None:
    """It is journalled like any run."""
    undo(rig, 1, "cafe-zoe")
    undo(rig, 2)
    assert rig.in_ignition(seeded_pair("cafe-zoe")).values["name"] == "Café Zoë Pty Ltd"


def test_what_was_edited_since_keeps_its_value(rig: SyncRig) -> None:
    """Only where our value still stands is it taken back."""
    rig.edit_ignition(seeded_pair("cafe-zoe"), name="Zoë's")

    _, found = plan_undo(rig.context, 1, [client_id("cafe-zoe")], Silent())

    assert not found.plan.changes
    assert [hold.code for hold in found.plan.holds] == [HoldCode.CHANGED_SINCE]


def test_added_contacts_are_listed_not_deleted(rig: SyncRig) -> None:
    """Nothing is ever deleted; the hold says what a person can do."""
    _, found = plan_undo(rig.context, 1, [client_id("smith-couple")], Silent())
    assert [hold.code for hold in found.plan.holds] == [HoldCode.CANNOT_UNDO]
    assert "remove it in Ignition" in found.plan.holds[0].reason


def test_a_cleared_value_comes_back_and_a_filled_one_goes(rig: SyncRig) -> None:
    """A field that was blank before is blank again."""
    rig.edit_xpm(seeded_pair("koala-creek"), fax="02 5550 7777")
    run = rig.run().run
    assert rig.in_ignition(seeded_pair("koala-creek")).values["fax"] == "02 5550 7777"
    undo(rig, run)
    assert rig.in_ignition(seeded_pair("koala-creek")).values.get("fax", "") == ""


def test_a_run_to_xpm_is_undone_in_xpm(rig: SyncRig) -> None:
    """Undo goes where the run went, whatever the direction is now."""
    rig.change_sync(direction=Direction.TO_XPM)
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    run = rig.run(client_id("cafe-zoe")).run
    rig.change_sync(direction=Direction.FROM_XPM)

    undo(rig, run)

    client = rig.context.xpm.get(client_id("cafe-zoe"))
    assert client is not None
    assert client.values["phone"] != "03 5550 9999"


def primaries(client: Client) -> list[str]:
    """The names of a client's contacts that are flagged primary."""
    return [person.name for person in client.contacts if person.is_primary]


@pytest.fixture
def empty_rig(tmp_path: Path) -> Iterator[SyncRig]:
    """Two empty systems."""
    with open_rig(tmp_path) as rig:
        yield rig


@pytest.mark.parametrize("direction", Direction)
def test_the_former_primary_contact_becomes_it_again(empty_rig: SyncRig, direction: Direction) -> None:
    """What the target did on its own by the write is in the journal, and is what an undo restores."""
    rig = empty_rig
    pair = rig.linked(contact("Ann Lee", primary="Yes"), contact("Bob Ray"), phone="02 5550 0001")
    rig.sync = SyncSettings(direction=direction)
    rig.run()
    edit = rig.edit_xpm if direction is Direction.FROM_XPM else rig.edit_ignition
    edit(pair, phone="02 5550 0002", **{"contact__primary@Bob Ray": "Yes", "contact__salutation@Bob Ray": "Bobby"})
    run = rig.run().run
    record = rig.in_ignition if direction is Direction.FROM_XPM else rig.in_xpm
    assert primaries(record(pair)) == ["Bob Ray"]

    turned, found = plan_undo(rig.context, run, (), Silent())
    applied = apply(turned, found, Silent(), command="undo", undoes=run)

    assert (applied.failures, applied.written) == ((), 3)
    assert primaries(record(pair)) == ["Ann Lee"]
    assert record(pair).values["phone"] == "02 5550 0001"
    assert all("contact.salutation" not in person.values for person in record(pair).contacts)

    turned, found = plan_undo(rig.context, applied.run, (), Silent())
    apply(turned, found, Silent(), command="undo", undoes=applied.run)
    assert primaries(record(pair)) == ["Bob Ray"], "and the undo is undone"


def test_a_third_primary_contact_since_then_is_kept(empty_rig: SyncRig) -> None:
    """Somebody flagged another contact after the run: the undo overrides no edit."""
    rig = empty_rig
    people = (contact("Ann Lee", primary="Yes"), contact("Bob Ray"), contact("Cy Oz"))
    pair = rig.linked(*people)
    rig.run()
    rig.edit_xpm(pair, **{"contact__primary@Bob Ray": "Yes"})
    run = rig.run().run
    rig.edit_ignition(pair, **{"contact__primary@Cy Oz": "Yes"})
    _, found = plan_undo(rig.context, run, (), Silent())
    assert [(hold.field, hold.code) for hold in found.plan.holds] == [("contact.primary", HoldCode.CHANGED_SINCE)]
    assert found.plan.changes == ()


def test_an_added_primary_contact_gives_the_flag_back(empty_rig: SyncRig) -> None:
    """The added contact stays, as nothing is deleted; the former primary one is it again."""
    rig = empty_rig
    pair = rig.linked()
    rig.run()
    rig.xpm_contact(pair.xpm, contact("Bob Ray", primary="Yes"))
    run = rig.run(full=True).run
    assert primaries(rig.in_ignition(pair)) == ["Bob Ray"]

    undo(rig, run)

    assert primaries(rig.in_ignition(pair)) == ["Ann Lee"]


@pytest.mark.parametrize("direction", list(Direction))
def test_what_an_undo_took_away_is_no_edit_of_a_person(empty_rig: SyncRig, direction: Direction) -> None:
    """Turned round after an undo, the other side still holds what was undone: that is replaced, not held as edited."""
    rig = empty_rig
    pair = rig.linked(contact("Ann Lee", primary="Yes"), contact("Bob Ray"), phone="02 5550 0001")
    rig.sync = SyncSettings(direction=direction)
    rig.run()
    edit = rig.edit_xpm if direction is Direction.FROM_XPM else rig.edit_ignition
    edit(pair, phone="02 5550 0002", **{"contact__primary@Bob Ray": "Yes"})
    undo(rig, rig.run().run)

    for way in (direction, next(other for other in Direction if other is not direction)):
        rig.sync = SyncSettings(direction=way, on_edited=OnEdited.HOLD)
        plan = rig.preview(full=True).plan
        assert plan.holds == ()
        assert sorted(change.field for change in plan.changes) == ["contact.primary", "phone"]
        assert not any(change.overrides_edit for change in plan.changes)


def test_explain_calls_nothing_of_an_undo_an_upload(empty_rig: SyncRig) -> None:
    """What the undo took away is what the next run writes again, and no file has it."""
    rig = empty_rig
    pair = rig.linked(phone="02 5550 0001", xpm={"phone": "02 5550 0002"})
    undo(rig, rig.run().run)

    explained = explain_client(rig.context, pair.xpm, "", Silent())

    assert [change.new for change in explained.changes] == ["02 5550 0002"]
    assert explained.uploading == ()


def undone_as_confirmed(rig: SyncRig, run: int) -> Applied:
    """Undo a run as at a terminal: what does not hold any more is dropped once a person has confirmed."""
    turned, found = plan_undo(rig.context, run, (), Silent())
    found = replace(found, plan=drop_unlinked(turned, found.plan))
    found = replace(found, plan=drop_stale(turned, found.plan, found.fingerprints, Silent()))
    assert found.plan.holds == ()
    return apply(turned, found, Silent(), command="undo", undoes=run)


def test_a_wrong_link_is_removed_and_then_undone(empty_rig: SyncRig) -> None:
    """The run wrote one client's values to another: unlinked first, what it replaced still comes back."""
    rig = empty_rig
    pair = rig.linked(phone="02 5550 0001", xpm={"phone": "02 5550 0002"})
    run = rig.run().run
    unlink(rig.context.ledger, pair.xpm)

    applied = undone_as_confirmed(rig, run)

    assert applied.written == 1
    assert rig.in_ignition(pair).values["phone"] == "02 5550 0001"


def test_undoing_a_former_link_says_nothing_of_the_present_one(empty_rig: SyncRig) -> None:
    """The right client was linked instead: nothing counts as agreed or edited there, nobody as its contact."""
    rig = empty_rig
    wrong = rig.linked(phone="02 5550 0001", xpm={"phone": "02 5550 0002"})
    rig.xpm_contact(wrong.xpm, contact("Bob Ray", mobile="02 5550 0008"))
    rig.register.add_contact(wrong.ignition, contact("Bob Ray", mobile="02 5550 0009"))
    run = rig.run().run
    unlink(rig.context.ledger, wrong.xpm)
    right = rig.ignition_client(phone="02 5550 0003")
    rig.link(wrong.xpm, right)

    undone_as_confirmed(rig, run)

    assert rig.in_ignition(wrong).values["phone"] == "02 5550 0001"
    assert rig.context.ledger.agreed(wrong.xpm) == NOTHING_AGREED
    plan = rig.preview().plan
    assert [(change.field, change.overrides_edit) for change in plan.changes] == [("phone", False), ("contact", False)]


def test_one_refused_field_takes_nothing_else_down(empty_rig: SyncRig) -> None:
    """The fields of a refused call go out one by one."""
    rig = empty_rig
    pair = rig.linked(phone="02 5550 0001", city="Colac", fax="02 5550 0003")
    rig.sync = TO_XPM
    rig.run()
    rig.edit_ignition(pair, phone="02 5550 0002", city="Otway", fax="02 5550 0004")
    run = rig.run().run
    with closing(sqlite3.connect(rig.paths.ledger)) as ledger, ledger:
        ledger.execute("UPDATE write_fields SET old = ? WHERE field = 'city'", ("X" * 300,))
    turned, found = plan_undo(rig.context, run, (), Silent())
    applied = apply(turned, found, Silent(), command="undo", undoes=run)
    assert (applied.written, len(applied.failures)) == (2, 1)
    values = rig.in_xpm(pair).values
    assert (values["phone"], values["city"], values["fax"]) == ("02 5550 0001", "Otway", "02 5550 0003")


def test_a_value_that_was_not_taken_is_not_undone(empty_rig: SyncRig) -> None:
    """The run did not write it; what it wrote in the target's own spelling is restored."""
    rig = empty_rig
    pair = rig.linked(postcode="3000", city="Colac")
    rig.run()
    rig.register.quirks = Quirks(respells=("postcode",), ignores=("city",))
    rig.edit_xpm(pair, postcode="sw1a 1aa", city="Otway")
    run = rig.run().run
    _, found = plan_undo(rig.context, run, (), Silent())
    assert [(change.field, change.old, change.new) for change in found.plan.changes] == [
        ("postcode", "SW1A 1AA", "3000")
    ]
    assert found.plan.holds == ()


def test_the_next_sync_after_an_undo_is_known(empty_rig: SyncRig) -> None:
    """It writes again what its source still holds; turned round, it carries on what was restored."""
    rig = empty_rig
    pair = rig.linked(phone="02 5550 0001")
    rig.run()
    rig.edit_xpm(pair, phone="02 5550 0002")
    run = rig.run().run
    undo(rig, run)
    restored = restored_by_undo(rig.context, run)
    assert restored is not None
    assert [change.field for change in restored.written_again(Direction.FROM_XPM, Level.EVERYTHING)] == ["phone"]
    assert restored.written_again(Direction.FROM_XPM, Level.NAMES) == ()
    assert restored.written_again(Direction.TO_XPM, Level.EVERYTHING) == ()
    assert changes_of(rig.run().plan) == [("phone", "02 5550 0001", "02 5550 0002")]


def test_what_cannot_be_undone_is_said(rig: SyncRig) -> None:
    """An unknown run, a run that wrote nothing, and one that wrote nothing to the client named."""
    with pytest.raises(RunNotFound):
        plan_undo(rig.context, 77, (), Silent())
    empty = rig.run().run
    with pytest.raises(NothingToUndo) as nothing:
        plan_undo(rig.context, empty, (), Silent())
    assert not nothing.value.clients
    rig.edit_xpm(seeded_pair("cafe-zoe"), phone="02 5550 0777")
    only = rig.run().run
    with pytest.raises(NothingToUndo) as not_there:
        plan_undo(rig.context, only, [client_id("jacaranda")], Silent())
    assert not_there.value.clients == [client_id("jacaranda")]


def test_a_created_client_is_not_deleted_but_named(rig: SyncRig) -> None:
    """Undoing an import lists the client with its id in Ignition, and what to do."""
    wanted = client_id("tide-table")
    imported = create(rig.context, propose(rig.context, wanted, Silent()))
    assert imported.link is not None
    (write,) = rig.context.ledger.journal.writes(2)
    assert write.client.ignition_id == imported.link.ignition_id
    _, found = plan_undo(rig.context, 2, (), Silent())
    (hold,) = found.plan.holds
    assert hold.code is HoldCode.CANNOT_UNDO
    assert "archive" in hold.reason


def test_an_undo_is_no_change_of_the_settings(rig: SyncRig) -> None:
    """At another level than the run it undoes was made at, the guard of changed settings stays quiet."""
    rig.change_sync(level=Level.NAMES)
    rig.edit_xpm(seeded_pair("jacaranda"), name="Jacaranda Physio Pty Ltd")
    rig.run()
    turned, found = plan_undo(rig.context, 1, [client_id("cafe-zoe")], Silent())
    guard(turned, found, attended=False, allowed={}, undoing=True)
    with pytest.raises(GuardTripped):
        guard(turned, found, attended=False, allowed={})


def test_former_values_expire(rig: SyncRig) -> None:
    """After `keep_undo_days` they are gone, and undo says so; the fact of the write stays."""
    rig.clock.moment += timedelta(days=91)
    assert purge_values(rig.context.ledger, rig.context.paths, rig.clock, 90) > 0
    assert purge_values(rig.context.ledger, rig.context.paths, rig.clock, 90) == 0

    _, found = plan_undo(rig.context, 1, [client_id("cafe-zoe")], Silent())

    assert [hold.code for hold in found.plan.holds] == [HoldCode.CANNOT_UNDO]
    assert rig.context.ledger.journal.writes(1)


def test_the_plan_that_a_guard_stopped_is_forgotten_too(rig: SyncRig) -> None:
    """It holds former values like the journal, and goes with the next finished run or a purge."""
    stopped = rig.context.paths.stopped_plan
    save_plan(rig.context, rig.preview(), stopped)
    rig.run()
    assert not stopped.exists()


def test_explain_tells_a_fields_life(rig: SyncRig) -> None:
    """What was written, by which run, and what the next run would do."""
    rig.edit_ignition(seeded_pair("cafe-zoe"), name="Zoë's")

    told = explain_client(rig.context, ignition_id("cafe-zoe"), "name", Silent())

    assert [(write.run, one.old, one.new) for write, one in told.written] == [
        (1, "Cafe Zoe Pty Ltd", "Café Zoë Pty Ltd")
    ]
    assert [(change.why, change.old) for change in told.changes] == [(Why.TARGET_EDITED, "Zoë's")]


def test_explain_tells_holds_from_the_first_run_to_the_last(rig: SyncRig) -> None:
    """A hold that lasts is one line, not one for each run."""
    second = rig.run(full=True).run
    told = explain_client(rig.context, client_id("old-mill"), "", Silent())
    assert [(one.code, one.first_run, one.last_run) for one in told.past_holds] == [("archived", 1, second)]


def test_explain_knows_the_fields(rig: SyncRig) -> None:
    """A field that does not exist is a usage error with the list."""
    with pytest.raises(UsageError) as problem:
        explain_client(rig.context, client_id("cafe-zoe"), "shoe_size", Silent())
    assert "contact.email" in problem.value.hint


def test_a_run_of_which_nothing_took_has_nothing_to_undo(empty_rig: SyncRig) -> None:
    """The target kept what it had."""
    rig = empty_rig
    pair = rig.linked(city="Colac")
    rig.run()
    rig.register.quirks = Quirks(ignores=("city",))
    rig.edit_xpm(pair, city="Otway")
    run = rig.run().run
    with pytest.raises(NothingToUndo):
        plan_undo(rig.context, run, (), Silent())
