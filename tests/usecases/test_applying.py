"""sync: exactly the plan is written, what was agreed is remembered, and what fails fails alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.sync_rig import TO_XPM, Office, Pair, contact, told
from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.core.plan.plan import HoldCode
from xpmsync.core.plan.read_strategy import FullBecause
from xpmsync.errors import CallLimit, Rejected, SignInNeeded, Unreachable
from xpmsync.local.ledger.journal import Run, RunOutcome, WriteState
from xpmsync.local.settings.settings import Settings, SyncSettings
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.server.faults import Fault
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.context.open import open_context
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import preview

ANN = contact("Ann Lee", primary="Yes")
DIFFERENT = {
    "name": "Harbour Dental Ltd",
    "phone": "02 5550 1234",
    "address": "Level 1\nQuay Street",
    "website": "harbour.example.com",
    "tax_registered": "Yes",
    "structure": "Company",
    "group": "Harbour",
}
ALWAYS = {"name", "phone", "address"}
FROM_XPM_ONLY = {"website", "tax_registered", "structure", "group"}


def last_run(office: Office) -> Run:
    """The run as the journal tells it."""
    with office.open() as context:
        run = context.ledger.journal.last_run()
    assert run is not None
    return run


def both(office: Office, direction: Direction) -> Pair:
    """A client that differs in everything, the source holding `DIFFERENT`."""
    forward = direction is Direction.FROM_XPM
    return office.linked(xpm=DIFFERENT, ignition={}) if forward else office.linked(xpm={}, ignition=DIFFERENT)


# --- both directions, three levels -----------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "level", "written"),
    [
        (Direction.FROM_XPM, Level.EVERYTHING, ALWAYS | FROM_XPM_ONLY),
        (Direction.FROM_XPM, Level.NAMES, {"name"}),
        (Direction.FROM_XPM, Level.NOTHING, set()),
        (Direction.TO_XPM, Level.EVERYTHING, ALWAYS),
        (Direction.TO_XPM, Level.NAMES, {"name"}),
        (Direction.TO_XPM, Level.NOTHING, set()),
    ],
)
def test_what_arrives(office: Office, direction: Direction, level: Level, written: set[str]) -> None:
    """By direction and level; the rest of the target stays, the source is never touched, a second run is empty."""
    office.sync = SyncSettings(direction=direction, level=level)
    pair = both(office, direction)
    xpm, ignition = office.in_xpm(pair), office.in_ignition(pair)
    applied = office.run()
    source, target, after = (
        (ignition, xpm, office.in_xpm(pair))
        if direction is Direction.TO_XPM
        else (xpm, ignition, office.in_ignition(pair))
    )
    assert dict(after.values) == {**target.values, **{name: source.values[name] for name in written}}
    assert office.in_xpm(pair).values == (xpm if direction is Direction.FROM_XPM else after).values
    assert office.in_ignition(pair).values == (ignition if direction is Direction.TO_XPM else after).values
    assert (applied.written, applied.outcome) == (len(written), RunOutcome.DONE)
    command_line = office.run()
    assert command_line.plan.changes == ()
    assert command_line.written == 0


def test_exactly_the_plan_is_written(office: Office) -> None:
    """What the preview said is what XPM is sent, in as many calls as it said."""
    office.sync = TO_XPM
    office.linked(ANN, contact("Bob Ray"), ignition={"phone": "1", "city": "Colac"})
    office.edit_ignition(pair := office.linked(name="Anchor Ltd"), contact__salutation="Annie")
    found = office.preview()
    office.forget_calls()
    applied = office.run()
    assert applied.plan.changes == found.plan.changes
    bodies = {seen.call.partition("/")[2]: seen.body for seen in office.server.requests.writes()}
    assert len(bodies) == found.plan.forecast.writes == 2
    assert bodies["update"].endswith("<Name>Harbour Dental</Name><Phone>1</Phone><City>Colac</City></Client>")
    assert office.in_xpm(pair).contacts[0].values["contact.salutation"] == "Annie"


def test_to_xpm_never_sends_what_only_flows_from_xpm(office: Office) -> None:
    """Website, tax registration, structure and group appear in no request; each difference is held."""
    office.sync = TO_XPM
    both(office, Direction.TO_XPM)
    applied = office.run()
    held = {hold.field for hold in applied.plan.holds if hold.code is HoldCode.DIRECTION}
    assert held == FROM_XPM_ONLY
    sent = "".join(seen.body for seen in office.server.requests.writes())
    for word in ("Web", "GST", "Structure", "Group", "harbour.example.com"):
        assert word not in sent


def test_contacts_are_added_and_changed_on_the_other_side(office: Office) -> None:
    """A new one once, with all its details, its primary flag included; a changed one where it differs."""
    pair = office.linked(ANN, contact("Bob Ray"))
    office.edit_xpm(pair, **{"contact.phone@Ann Lee": "09 555 0101"})
    office.xpm_contact(pair.xpm, contact("Cy Oz", mobile="0491 570 006", primary="Yes", position="Clerk"))
    office.run()
    people = {one.name: one for one in office.in_ignition(pair).contacts}
    assert people["Ann Lee"].values["contact.phone"] == "09 555 0101"
    assert people["Cy Oz"].values["contact.mobile"] == "0491 570 006"
    assert [name for name, one in people.items() if one.is_primary] == ["Cy Oz"]
    assert office.run().plan.changes == ()
    assert len(office.in_ignition(pair).contacts) == 3


def test_a_contact_renamed_after_it_was_paired_is_renamed(office: Office) -> None:
    """The pair is remembered by id, so nobody is added."""
    pair = office.linked()
    office.run()
    office.edit_xpm(pair, contact__name="Ann Lee-Ray", contact__email="ann.ray@example.com")
    office.run(full=True)
    (ann,) = office.in_ignition(pair).contacts
    assert (ann.name, ann.email) == ("Ann Lee-Ray", "ann.ray@example.com")


# --- three values ------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_an_edit_in_the_target_is_overridden_and_marked(office: Office, direction: Direction) -> None:
    """The direction decides; the plan says that somebody's edit goes."""
    office.sync = SyncSettings(direction=direction)
    pair = office.linked(phone="1")
    office.run()
    (office.edit_ignition if direction is Direction.FROM_XPM else office.edit_xpm)(pair, phone="2")
    applied = office.run()
    assert told(applied.plan) == [("phone", "2", "1")]
    assert applied.plan.counts["overrides"] == 1
    assert office.in_xpm(pair).values["phone"] == office.in_ignition(pair).values["phone"] == "1"


@pytest.mark.parametrize("direction", Direction)
def test_an_edit_in_the_target_can_be_kept(office: Office, direction: Direction) -> None:
    """on_edited = hold: the edit stays, ordinary changes still flow, and the hold stays until somebody settles it."""
    office.sync = SyncSettings(direction=direction, on_edited=OnEdited.HOLD)
    pair = office.linked(phone="1", city="Colac")
    office.run()
    forward = direction is Direction.FROM_XPM
    (office.edit_ignition if forward else office.edit_xpm)(pair, phone="2")
    (office.edit_xpm if forward else office.edit_ignition)(pair, city="Ararat")
    for _ in range(2):
        applied = office.run(full=True)
        assert [(hold.field, hold.code) for hold in applied.plan.holds] == [("phone", HoldCode.EDITED)]
    target = office.in_ignition(pair) if forward else office.in_xpm(pair)
    assert (target.values["phone"], target.values["city"]) == ("2", "Ararat")


def test_a_held_name_is_not_written_beside_another_change(office: Office) -> None:
    """XPM wants a name with every update: it gets the one it has."""
    office.sync = SyncSettings(direction=Direction.TO_XPM, on_edited=OnEdited.HOLD)
    pair = office.linked(ANN, phone="1")
    office.run()
    office.edit_xpm(pair, name="Renamed in XPM", contact__name="Annie Lee")
    office.edit_ignition(pair, phone="2", contact__phone="3")
    applied = office.run()
    assert {change.field for change in applied.plan.changes} == {"phone", "contact.phone"}
    after = office.in_xpm(pair)
    assert (after.name, after.values["phone"]) == ("Renamed in XPM", "2")
    assert (after.contacts[0].name, after.contacts[0].values["contact.phone"]) == ("Annie Lee", "3")


def test_the_same_edit_on_both_sides_is_agreement(office: Office) -> None:
    """Nothing is written, and the new value is what counts as agreed."""
    pair = office.linked(phone="1")
    office.run()
    office.edit_xpm(pair, phone="2")
    office.edit_ignition(pair, phone="+61 2")
    office.edit_ignition(pair, phone="2")
    assert office.run().plan.changes == ()
    office.edit_xpm(pair, phone="3")
    assert [change.overrides_edit for change in office.run().plan.changes] == [False]


def test_blanks_clear_only_when_asked_to(office: Office) -> None:
    """And only what was agreed before."""
    pair = office.linked(phone="1", ignition={"fax": "9"})
    office.run()
    office.edit_xpm(pair, phone="")
    assert office.run().plan.changes == ()
    assert office.in_ignition(pair).values["phone"] == "1"
    office.sync = SyncSettings(clear_blanks=True)
    assert told(office.run().plan) == [("phone", "1", "")]
    assert "phone" not in office.in_ignition(pair).values
    assert office.in_ignition(pair).values["fax"] == "9"


def test_a_primary_contact_that_only_ignition_names_is_no_edit(office: Office) -> None:
    """Ignition always has one, XPM often none: what was never compared was never agreed, so nothing is overridden."""
    office.linked(contact("Ann Lee"))
    office.run()
    office.sync = SyncSettings(direction=Direction.TO_XPM, on_edited=OnEdited.HOLD)
    applied = office.run()
    assert [(change.field, change.new, change.overrides_edit) for change in applied.plan.changes] == [
        ("contact.primary", "Yes", False)
    ]


def test_a_primary_flag_moves_and_moves_back(office: Office) -> None:
    """Each move is XPM's own, and an ordinary change."""
    pair = office.linked(ANN, contact("Bob Ray"))
    office.run()
    for name in ("Bob Ray", "Ann Lee", "Bob Ray"):
        office.edit_xpm(pair, **{f"contact.primary@{name}": "Yes"})
        applied = office.run(full=True)
        assert [(change.field, change.overrides_edit) for change in applied.plan.changes] == [
            ("contact.primary", False)
        ]
        assert [one.name for one in office.in_ignition(pair).contacts if one.is_primary] == [name]


def test_a_change_of_mind(office: Office) -> None:
    """The other direction writes the other side, and marks the edits it overrides."""
    pair = office.linked(phone="1")
    office.run()
    office.edit_xpm(pair, phone="2")
    office.sync = TO_XPM
    applied = office.run()
    assert [(change.old, change.new, change.overrides_edit) for change in applied.plan.changes] == [("2", "1", True)]
    assert office.in_xpm(pair).values["phone"] == "1"


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_nothing_to_do_costs_one_call(office: Office, direction: Direction) -> None:
    """Whatever the direction."""
    office.sync = SyncSettings(direction=direction)
    for name in ("Anchor Ltd", "Harbour Dental", "Zebra"):
        office.linked(name=name)
    office.run()
    office.forget_calls()
    applied = office.run()
    assert applied.xpm_calls == 1
    assert office.calls == ["GET list"]


def test_to_xpm_costs_one_call_a_changed_client_and_contact(office: Office) -> None:
    """1 + k + c: here two clients and three contacts."""
    office.sync = TO_XPM
    pairs = [office.linked(ANN, contact("Bob Ray"), name=name) for name in ("Anchor Ltd", "Harbour Dental", "Zebra")]
    office.run()
    for pair in pairs[:2]:
        office.edit_ignition(pair, phone="1", city="Colac")
        office.edit_ignition(pair, **{"contact.phone@Ann Lee": "2", "contact.mobile@Ann Lee": "3"})
    office.edit_ignition(pairs[2], **{"contact.phone@Bob Ray": "4"})
    office.forget_calls()
    assert office.run().xpm_calls == 1 + 2 + 3
    assert sorted(office.calls) == ["GET list"] + ["PUT contact"] * 3 + ["PUT update"] * 2


def test_from_xpm_costs_one_call_and_one_for_each_client_edited_in_ignition_only(office: Office) -> None:
    """What changed in XPM comes with the list."""
    pairs = [office.linked(name=name, phone="1") for name in ("Anchor Ltd", "Harbour Dental", "Zebra")]
    office.an_hour_later()
    office.run()
    office.edit_xpm(pairs[0], phone="2")
    office.edit_ignition(pairs[1], phone="3")
    office.forget_calls()
    applied = office.run()
    assert applied.xpm_calls == 2
    assert office.calls == ["GET list", "GET get"]
    office.forget_calls()
    assert office.run().xpm_calls == 1


# --- what is remembered ------------------------------------------------------------------------------


def test_a_run_moves_the_cursor(office: Office) -> None:
    """To when XPM answered, not to when the run ended."""
    office.linked()
    began = office.clock.now()
    office.run()
    with office.open() as context:
        assert context.ledger.fact("cursor") == context.ledger.fact("last_full") == began.isoformat()
    office.an_hour_later()
    office.run()
    with office.open() as context:
        assert context.ledger.fact("cursor") == (began + timedelta(hours=1)).isoformat()
        assert context.ledger.fact("last_full") == began.isoformat()


def test_a_run_for_named_clients_does_not(office: Office) -> None:
    """It has seen only those."""
    office.linked(name="Anchor Ltd", xpm={"phone": "1"})
    office.linked(name="Zebra", xpm={"phone": "1"})
    assert office.run("Zebra").written == 1
    assert [change.client.name for change in office.run().plan.changes] == ["Anchor Ltd"]


def test_the_journal_holds_the_run_and_every_write(office: Office) -> None:
    """Old, new and why; one entry a call."""
    office.linked(xpm={"phone": "1", "city": "Colac"})
    office.run()
    run = last_run(office)
    assert (run.command, run.outcome, run.counts["written"]) == ("sync", RunOutcome.DONE, 2)
    with office.open() as context:
        (write,) = context.ledger.journal.writes(run.id)
    assert write.state is WriteState.DONE
    assert {(one.field, one.old, one.new) for one in write.fields} == {("phone", "", "1"), ("city", "", "Colac")}


# --- when something fails --------------------------------------------------------------------------


def test_one_refused_record_does_not_stop_the_others(office: Office) -> None:
    """It is reported, and the next run tries it again."""
    office.sync = TO_XPM
    office.linked(name="Anchor Ltd", ignition={"phone": "1"})
    bad = office.linked(name="Harbour Dental", ignition={"phone": "1" * 60})
    office.linked(name="Zebra", ignition={"phone": "1"})
    applied = office.run()
    (failure,) = applied.failures
    assert failure.call.client.name == "Harbour Dental"
    assert isinstance(failure.error, Rejected)
    assert (applied.written, applied.outcome, applied.not_tried) == (2, RunOutcome.PARTIAL, 0)
    assert last_run(office).outcome is RunOutcome.PARTIAL
    assert told(office.run().plan) == [("phone", "", "1" * 60)]
    office.edit_ignition(bad, phone="2")
    assert office.run().outcome is RunOutcome.DONE
    assert office.in_xpm(bad).values["phone"] == "2"


def test_a_refused_record_is_compared_again_from_xpm_too(office: Office) -> None:
    """Ignition takes no contact without an e-mail: somebody removed it while the plan was made."""
    pair = office.linked(ANN, xpm={"phone": "1"})
    with office.open() as context:
        found = preview(context, Silent())
        office.register.delete(pair.ignition)
        applied = apply(context, found, Silent())
    assert applied.outcome is RunOutcome.PARTIAL
    assert [hold.code for hold in office.run().plan.holds] == [HoldCode.MISSING]


def test_one_refused_record_does_not_make_later_runs_read_everything(office: Office) -> None:
    """The cursor moves; what was refused is looked up by itself and tried again."""
    pair = office.linked(ANN, xpm={"phone": "1"})
    office.linked(name="Zebra")
    with office.open() as context:
        found = preview(context, Silent())
        office.register.delete(pair.ignition)
        assert apply(context, found, Silent()).outcome is RunOutcome.PARTIAL
    office.an_hour_later()
    command_line = office.preview()
    assert command_line.reading.full is None
    assert [hold.code for hold in command_line.plan.holds] == [HoldCode.MISSING]


def test_an_edit_in_the_middle_of_a_run_is_seen_by_the_next(office: Office) -> None:
    """What is read back after writing and is not all ours is compared again."""
    first = office.linked(name="Anchor Ltd", xpm={"phone": "1", "city": "Nelson"}, ignition={"city": "Nelson"})
    office.linked(name="Zebra", xpm={"phone": "1"})

    class Meddling(Silent):
        def step(self, label: str, done: int, total: int | None = None) -> None:
            if label.startswith("Writing") and done == 1:
                office.edit_ignition(first, city="Taupo")

    with office.open() as context:
        assert apply(context, preview(context, Silent()), Meddling()).outcome is RunOutcome.DONE
    office.an_hour_later()
    command_line = office.preview()
    assert command_line.reading.full is None
    assert told(command_line.plan) == [("city", "Taupo", "Nelson")]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("429-day", method="PUT", skip=1), CallLimit),
        (Fault("401", method="PUT", skip=1), SignInNeeded),
        (Fault("lost-before", method="PUT", skip=1, times=3), Unreachable),
    ],
)
def test_what_would_fail_for_every_record_stops_the_run(office: Office, fault: Fault, error: type[Exception]) -> None:
    """The rest is not tried, the cursor stays, and the next run does what is left."""
    office.sync = TO_XPM
    pairs = [office.linked(name=name) for name in ("Anchor Ltd", "Harbour Dental", "Mill", "Zebra")]
    office.run()
    with office.open() as context:
        cursor = context.ledger.fact("cursor")
    office.an_hour_later()
    for pair in pairs:
        office.edit_ignition(pair, phone="1")
    office.fault(fault)
    applied = office.run()
    with office.open() as context:
        assert context.ledger.fact("cursor") == cursor
    if error is Unreachable:
        assert applied.outcome is RunOutcome.STOPPED
    assert isinstance(applied.stopped, error)
    assert applied.written == 1
    assert applied.not_tried + applied.written + len(applied.failures) == 4
    office.server.faults.clear()
    office.clock.sleep(86_400)
    finished = office.run()
    assert finished.outcome is RunOutcome.DONE
    assert {office.in_xpm(pair).values["phone"] for pair in pairs} == {"1"}
    assert finished.written + applied.written <= 4


def test_a_stopped_reading_leaves_everything_as_it_was(office: Office) -> None:
    """A limit while reading ends the run before its first write."""
    office.linked(xpm={"phone": "1"})
    office.fault(Fault("429-day"))
    with pytest.raises(CallLimit):
        office.run()
    with office.open() as context:
        assert context.ledger.journal.last_run() is None
    office.clock.sleep(86_400)
    assert office.run().written == 1


@pytest.mark.parametrize("kind", ["lost-after", "cut-body", "malformed-xml", "html", "500"])
def test_a_lost_answer_never_doubles_a_contact(office: Office, kind: str) -> None:
    """The contact was made but nobody heard of it; the next run finds it there and pairs it."""
    office.sync = TO_XPM
    pair = office.linked(ignition={"phone": "1"})
    office.run()
    office.edit_ignition(pair, add_contact="Bob Ray <bob@example.com>")
    office.fault(Fault(kind, method="POST"))
    applied = office.run()
    assert applied.outcome is RunOutcome.PARTIAL
    with office.open() as context:
        assert context.ledger.journal.open_writes() == 1
    office.run()
    office.run()
    names = sorted(one.name for one in office.in_xpm(pair).contacts)
    assert names == ["Ann Lee", "Bob Ray"]
    office.edit_ignition(pair, **{"contact.phone@Bob Ray": "2"})
    office.run()
    assert sorted(one.name for one in office.in_xpm(pair).contacts) == names


def test_a_lost_answer_to_a_change_is_no_edit_of_somebody(office: Office) -> None:
    """The value arrived: the next run finds both sides equal and writes nothing."""
    office.sync = TO_XPM
    pair = office.linked()
    office.run()
    office.edit_ignition(pair, phone="1")
    office.fault(Fault("lost-after", method="PUT"))
    office.run()
    assert office.in_xpm(pair).values["phone"] == "1"
    office.forget_calls()
    command_line = office.run()
    assert command_line.plan.changes == ()
    assert office.calls == ["GET list"]


def test_three_lost_answers_in_a_row_stop_the_run(office: Office) -> None:
    """Then it is not the record that is odd; writing on would leave more and more unknown."""
    office.sync = TO_XPM
    for number in range(6):
        office.linked(name=f"Client {number}", ignition={"phone": "1"})
    office.fault(Fault("lost-after", method="PUT", times=0))
    applied = office.run()
    assert (applied.outcome, len(applied.failures), applied.not_tried) == (RunOutcome.STOPPED, 3, 3)


def test_a_stop_between_two_writes_finishes_the_one_in_hand(office: Office) -> None:
    """What was written is remembered, the rest waits for the next run."""
    pairs = [office.linked(name=f"Client {number}", xpm={"phone": "1"}) for number in range(4)]
    asked = iter([False, False, True, True])
    with office.open() as context:
        applied = apply(context, preview(context, Silent()), Silent(), stop_asked=lambda: next(asked))
    assert (applied.outcome, applied.written, applied.not_tried) == (RunOutcome.INTERRUPTED, 2, 2)
    assert office.run().written == 2
    assert {office.in_ignition(pair).values["phone"] for pair in pairs} == {"1"}


def test_an_unfinished_client_is_not_taken_for_equal(office: Office) -> None:
    """After an incremental run was stopped, the next one compares it, although XPM does not list it again."""
    pairs = [office.linked(name=name) for name in ("Anchor Ltd", "Zebra")]
    office.an_hour_later()
    office.run()
    for pair in pairs:
        office.edit_xpm(pair, phone="1")
    with office.open() as context:
        apply(context, preview(context, Silent()), Silent(), stop_asked=lambda: True)
    office.an_hour_later()
    applied = office.run()
    assert applied.written == 2
    assert office.preview().reading.full is not FullBecause.FIRST


@pytest.mark.parametrize("first", Direction)
def test_the_made_up_practice_settles_in_both_directions(tmp_path: Path, first: Direction) -> None:
    """Sixty awkward clients: each direction has something to do once, and nothing the second time."""
    places = Paths(tmp_path / "config.toml", tmp_path / "state")
    clock = FakeClock()

    def run(direction: Direction) -> Applied:
        clock.sleep(3600)
        settings = Settings("demo", places.config_file, sync=SyncSettings(direction=direction))
        opened = open_context(settings, places.profile("demo"), {}, attended=False, progress=Silent(), clock=clock)
        with opened as context:
            return apply(context, preview(context, Silent()), Silent())

    other = Direction.TO_XPM if first is Direction.FROM_XPM else Direction.FROM_XPM
    for direction in (first, other, first):
        once, command_line = run(direction), run(direction)
        assert (once.outcome, once.failures) == (RunOutcome.DONE, ())
        assert (command_line.plan.changes, command_line.written) == ((), 0)
        assert command_line.plan.counts["clients"] == 36
