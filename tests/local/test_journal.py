"""The journal: an intent before each call, its end after it, and what a killed run leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xpmsync.core.enums import Direction, Level, System
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Call, CallKind, Change, ChangeKind, ContactRef, Hold, Why
from xpmsync.local.ledger.journal import WriteState, WrittenField
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunOutcome

NOW, LATER = "2026-11-22T09:00:00+00:00", "2026-11-22T09:00:01+00:00"
HARBOUR = ClientRef("c1", "1000001", "Harbour Dental Ltd")
ANN = ContactRef("Ann Lee", "x1", "i1")
PHONE = Change(HARBOUR, ChangeKind.FIELD, "phone", "1", "2", Why.SOURCE_CHANGED)
UPDATE = Call(HARBOUR, CallKind.UPDATE, {"phone": "2"}, (PHONE,))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def begin(ledger: Ledger) -> int:
    """A sync begins."""
    return ledger.journal.begin("sync", Direction.FROM_XPM, Level.EVERYTHING, NOW)


def test_a_run_from_begin_to_end(ledger: Ledger) -> None:
    """While it runs it has no outcome; afterwards it has one, with its counts."""
    run = begin(ledger)
    running = ledger.journal.last_run()
    assert running is not None
    assert (running.id, running.command, running.finished, running.outcome) == (run, "sync", "", None)
    ledger.journal.end(run, RunOutcome.DONE, {"changes": 3}, LATER)
    ended = ledger.journal.last_run()
    assert ended is not None
    assert (ended.finished, ended.outcome, ended.counts) == (LATER, RunOutcome.DONE, {"changes": 3})


def test_no_run_yet(ledger: Ledger) -> None:
    """A new ledger has no history."""
    assert ledger.journal.last_run() is None
    assert ledger.journal.open_writes() == 0


@pytest.mark.parametrize(
    ("state", "is_open"), [(WriteState.DONE, 0), (WriteState.FAILED, 0), (WriteState.UNKNOWN, 1), (None, 1)]
)
def test_what_is_unknown_is_counted(ledger: Ledger, state: WriteState | None, is_open: int) -> None:
    """An intent without an end, and an end without an answer."""
    write = ledger.journal.intend(begin(ledger), UPDATE, System.IGNITION, NOW)
    if state:
        ledger.journal.close(write, state, LATER, "unreachable")
    assert ledger.journal.open_writes() == is_open


def test_an_intent_outlives_the_process(tmp_path: Path) -> None:
    """It is on disk before the call goes out, with old and new text."""
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        run = begin(ledger)
        ledger.journal.intend(run, UPDATE, System.IGNITION, NOW)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        (write,) = ledger.journal.unsettled()
        assert (write.client, write.system, write.kind) == (HARBOUR, System.IGNITION, CallKind.UPDATE)
        assert write.fields == (WrittenField("phone", "1", "2", "source-changed"),)


def test_a_new_contact_is_journalled_value_by_value(ledger: Ledger) -> None:
    """So that what is unknown can be looked for."""
    values = {"contact.name": "Ann Lee", "contact.email": "ann@example.com"}
    change = Change(HARBOUR, ChangeKind.CONTACT, "contact", "", "Ann Lee", Why.FIRST_SYNC, ANN, values)
    run = begin(ledger)
    ledger.journal.intend(run, Call(HARBOUR, CallKind.ADD_CONTACT, values, (change,), ANN), System.XPM, NOW)
    (write,) = ledger.journal.writes(run)
    assert write.contact == ANN
    assert {field.field: field.new for field in write.fields} == values
    assert {field.old for field in write.fields} == {""}


def test_a_problem_is_a_machine_code(ledger: Ledger) -> None:
    """Never the system's own words, which may quote client data."""
    run = begin(ledger)
    write = ledger.journal.intend(run, UPDATE, System.IGNITION, NOW)
    ledger.journal.close(write, WriteState.FAILED, LATER, "rejected")
    (told,) = ledger.journal.writes_of("c1")
    assert (told.state, told.problem, told.finished) == (WriteState.FAILED, "rejected", LATER)


def test_before_images_can_be_forgotten(ledger: Ledger) -> None:
    """The fields stay in the history, their texts go; what is still unknown keeps them."""
    run = begin(ledger)
    done = ledger.journal.intend(run, UPDATE, System.IGNITION, NOW)
    ledger.journal.close(done, WriteState.DONE, NOW)
    ledger.journal.intend(run, UPDATE, System.IGNITION, NOW)
    assert ledger.journal.purge_values(LATER) == 1
    first, second = ledger.journal.writes(run)
    assert first.fields == (WrittenField("phone", None, None, "source-changed"),)
    assert second.fields[0].old == "1"


def test_a_hold_lasts_from_run_to_run(ledger: Ledger) -> None:
    """It ends with the run that compares the client and finds it gone; a run that does not read it changes nothing."""
    hold = Hold(HARBOUR, "fax", HoldCode.BLANK_SOURCE, "Blank in XPM.")
    for holds in ((hold,), (hold,), (), (hold,)):
        ledger.journal.note_holds(begin(ledger), HARBOUR, holds)
    begin(ledger)
    ledger.journal.note_holds(begin(ledger), HARBOUR, (hold,))
    assert [(held.first_run, held.last_run) for held in ledger.journal.held("c1")] == [(1, 2), (4, 6)]
