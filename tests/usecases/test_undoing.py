"""Undo, explain, and forgetting: the journal of every write put to use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.seeded_rig import Desk, open_desk
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.plan import HoldCode, Why
from xpmsync.errors import GuardTripped, NothingToUndo, RunNotFound, UsageError
from xpmsync.simulator.people.seed import client_id, ignition_id
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.guard import guard
from xpmsync.usecases.sync.plan_file import save_plan
from xpmsync.usecases.sync.purge import purge_values
from xpmsync.usecases.sync.undo import plan_undo


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A practice that was synced once, as run 1."""
    with open_desk(tmp_path) as desk:
        desk.sync()
        yield desk


def undo(desk: Desk, run: int, *keys: str) -> Applied:
    """Undo a run, for all its clients or some."""
    turned, found = plan_undo(desk.context, run, [client_id(key) for key in keys], Silent())
    return apply(turned, found, Silent(), command="undo", undoes=run)


def test_what_a_run_replaced_comes_back(desk: Desk) -> None:
    """Former values are restored; the undo is a run of its own that names the one it undid."""
    assert desk.value("cafe-zoe", "name") == "Café Zoë Pty Ltd"

    applied = undo(desk, 1, "cafe-zoe")

    assert applied.written == 1
    assert desk.value("cafe-zoe", "name") == "Cafe Zoe Pty Ltd"
    run = desk.context.ledger.journal.last_run()
    assert run is not None
    assert (run.command, run.undoes) == ("undo", 1)


def test_an_undo_can_be_undone(desk: Desk) -> None:
    """It is journalled like any run."""
    undo(desk, 1, "cafe-zoe")
    undo(desk, 2)
    assert desk.value("cafe-zoe", "name") == "Café Zoë Pty Ltd"


def test_what_was_edited_since_keeps_its_value(desk: Desk) -> None:
    """Only where our value still stands is it taken back."""
    desk.in_ignition("cafe-zoe", "name", "Zoë's")

    _, found = plan_undo(desk.context, 1, [client_id("cafe-zoe")], Silent())

    assert not found.plan.changes
    assert [hold.code for hold in found.plan.holds] == [HoldCode.CHANGED_SINCE]


def test_added_contacts_are_listed_not_deleted(desk: Desk) -> None:
    """Nothing is ever deleted; the hold says what a person can do."""
    _, found = plan_undo(desk.context, 1, [client_id("smith-couple")], Silent())
    assert [hold.code for hold in found.plan.holds] == [HoldCode.CANNOT_UNDO]
    assert "remove it in Ignition" in found.plan.holds[0].reason


def test_a_cleared_value_comes_back_and_a_filled_one_goes(desk: Desk) -> None:
    """A field that was blank before is blank again."""
    desk.in_xpm("koala-creek", "fax", "02 5550 7777")
    run = desk.sync().run
    assert desk.value("koala-creek", "fax") == "02 5550 7777"
    undo(desk, run)
    assert desk.value("koala-creek", "fax") == ""


def test_a_run_to_xpm_is_undone_in_xpm(desk: Desk) -> None:
    """Undo goes where the run went, whatever the direction is now."""
    desk.settle_on(direction=Direction.TO_XPM)
    desk.in_ignition("cafe-zoe", "phone", "03 5550 9999")
    run = desk.sync("cafe-zoe").run
    desk.settle_on(direction=Direction.FROM_XPM)

    undo(desk, run)

    client = desk.context.xpm.get(client_id("cafe-zoe"))
    assert client is not None
    assert client.values["phone"] != "03 5550 9999"


def test_what_cannot_be_undone_is_said(desk: Desk) -> None:
    """An unknown run, a run that wrote nothing, and one that wrote nothing to the client named."""
    with pytest.raises(RunNotFound):
        plan_undo(desk.context, 77, (), Silent())
    empty = desk.sync().run
    with pytest.raises(NothingToUndo) as nothing:
        plan_undo(desk.context, empty, (), Silent())
    assert not nothing.value.clients
    desk.in_xpm("cafe-zoe", "phone", "02 5550 0777")
    only = desk.sync().run
    with pytest.raises(NothingToUndo) as not_there:
        plan_undo(desk.context, only, [client_id("jacaranda")], Silent())
    assert not_there.value.clients == [client_id("jacaranda")]


def test_a_created_client_is_not_deleted_but_named(desk: Desk) -> None:
    """Undoing an import lists the client with its id in Ignition, and what to do."""
    wanted = client_id("tide-table")
    imported = create(desk.context, propose(desk.context, wanted, Silent()))
    assert imported.link is not None
    (write,) = desk.context.ledger.journal.writes(2)
    assert write.client.ignition_id == imported.link.ignition_id
    _, found = plan_undo(desk.context, 2, (), Silent())
    (hold,) = found.plan.holds
    assert hold.code is HoldCode.CANNOT_UNDO
    assert "archive" in hold.reason


def test_an_undo_is_no_change_of_the_settings(desk: Desk) -> None:
    """At another level than the run it undoes was made at, the guard of changed settings stays quiet."""
    desk.settle_on(level=Level.NAMES)
    desk.in_xpm("jacaranda", "name", "Jacaranda Physio Pty Ltd")
    desk.sync()
    turned, found = plan_undo(desk.context, 1, [client_id("cafe-zoe")], Silent())
    guard(turned, found, attended=False, allowed={}, undoing=True)
    with pytest.raises(GuardTripped):
        guard(turned, found, attended=False, allowed={})


def test_former_values_expire(desk: Desk) -> None:
    """After `keep_undo_days` they are gone, and undo says so; the fact of the write stays."""
    desk.clock.moment += timedelta(days=91)
    assert purge_values(desk.context.ledger, desk.context.paths, desk.clock, 90) > 0
    assert purge_values(desk.context.ledger, desk.context.paths, desk.clock, 90) == 0

    _, found = plan_undo(desk.context, 1, [client_id("cafe-zoe")], Silent())

    assert [hold.code for hold in found.plan.holds] == [HoldCode.CANNOT_UNDO]
    assert desk.context.ledger.journal.writes(1)


def test_the_plan_that_a_guard_stopped_is_forgotten_too(desk: Desk) -> None:
    """It holds former values like the journal, and goes with the next finished run or a purge."""
    stopped = desk.context.paths.stopped_plan
    save_plan(desk.context, desk.preview(), stopped)
    desk.sync()
    assert not stopped.exists()


def test_explain_tells_a_fields_life(desk: Desk) -> None:
    """What was written, by which run, and what the next run would do."""
    desk.in_ignition("cafe-zoe", "name", "Zoë's")

    told = explain_client(desk.context, ignition_id("cafe-zoe"), "name", Silent())

    assert [(write.run, one.old, one.new) for write, one in told.written] == [
        (1, "Cafe Zoe Pty Ltd", "Café Zoë Pty Ltd")
    ]
    assert [(change.why, change.old) for change in told.changes] == [(Why.TARGET_EDITED, "Zoë's")]


def test_explain_tells_holds_from_the_first_run_to_the_last(desk: Desk) -> None:
    """A hold that lasts is one line, not one for each run."""
    second = desk.sync(full=True).run
    told = explain_client(desk.context, client_id("old-mill"), "", Silent())
    assert [(one.code, one.first_run, one.last_run) for one in told.past_holds] == [("archived", 1, second)]


def test_explain_knows_the_fields(desk: Desk) -> None:
    """A field that does not exist is a usage error with the list."""
    with pytest.raises(UsageError) as problem:
        explain_client(desk.context, client_id("cafe-zoe"), "shoe_size", Silent())
    assert "contact.email" in problem.value.hint
