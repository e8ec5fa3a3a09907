"""sync: exactly the plan is written, what was agreed is remembered, and what fails fails alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.sync_rig import TO_XPM, Pair, SyncRig, changes_of, contact
from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.read_strategy import FullBecause
from xpmsync.errors import CallLimit, Rejected, SignInNeeded, Unreachable
from xpmsync.local.ledger.journal import WriteState
from xpmsync.local.ledger.summary import Run, RunOutcome
from xpmsync.local.settings.settings import Settings, SyncSettings
from xpmsync.local.system.paths import Paths
from xpmsync.simulator.edit import edit_ignition
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


def last_run(rig: SyncRig) -> Run:
    """The run as the journal tells it."""
    with rig.open() as context:
        run = context.ledger.journal.last_run()
    assert run is not None
    return run


def both(rig: SyncRig, direction: Direction) -> Pair:
    """A client that differs in everything, the source holding `DIFFERENT`."""
    forward = direction is Direction.FROM_XPM
    return rig.linked(xpm=DIFFERENT, ignition={}) if forward else rig.linked(xpm={}, ignition=DIFFERENT)


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
def test_what_arrives(rig: SyncRig, direction: Direction, level: Level, written: set[str]) -> None:
    """By direction and level; the rest of the target stays, the source is never touched, a second run is empty."""
    rig.sync = SyncSettings(direction=direction, level=level)
    pair = both(rig, direction)
    xpm, ignition = rig.in_xpm(pair), rig.in_ignition(pair)
    applied = rig.run()
    source, target, after = (
        (ignition, xpm, rig.in_xpm(pair)) if direction is Direction.TO_XPM else (xpm, ignition, rig.in_ignition(pair))
    )
    assert dict(after.values) == {**target.values, **{name: source.values[name] for name in written}}
    assert rig.in_xpm(pair).values == (xpm if direction is Direction.FROM_XPM else after).values
    assert rig.in_ignition(pair).values == (ignition if direction is Direction.TO_XPM else after).values
    assert (applied.written, applied.outcome) == (len(written), RunOutcome.DONE)
    again = rig.run()
    assert again.plan.changes == ()
    assert again.written == 0


def test_exactly_the_plan_is_written(rig: SyncRig) -> None:
    """What the preview said is what XPM is sent, in as many calls as it said."""
    rig.sync = TO_XPM
    rig.linked(ANN, contact("Bob Ray"), ignition={"phone": "1", "city": "Colac"})
    rig.edit_ignition(pair := rig.linked(name="Anchor Ltd"), contact__salutation="Annie")
    found = rig.preview()
    rig.forget_calls()
    applied = rig.run()
    assert applied.plan.changes == found.plan.changes
    bodies = {seen.call.partition("/")[2]: seen.body for seen in rig.server.requests.writes()}
    assert len(bodies) == found.plan.forecast.writes == 2
    assert bodies["update"].endswith("<Name>Harbour Dental</Name><Phone>1</Phone><City>Colac</City></Client>")
    assert rig.in_xpm(pair).contacts[0].values["contact.salutation"] == "Annie"


def test_to_xpm_never_sends_what_only_flows_from_xpm(rig: SyncRig) -> None:
    """Website, tax registration, structure and group appear in no request; each difference is held."""
    rig.sync = TO_XPM
    both(rig, Direction.TO_XPM)
    applied = rig.run()
    held = {hold.field for hold in applied.plan.holds if hold.code is HoldCode.DIRECTION}
    assert held == FROM_XPM_ONLY
    sent = "".join(seen.body for seen in rig.server.requests.writes())
    for word in ("Web", "GST", "Structure", "Group", "harbour.example.com"):
        assert word not in sent


def test_contacts_are_added_and_changed_on_the_other_side(rig: SyncRig) -> None:
    """A new one once, with all its details, its primary flag included; a changed one where it differs."""
    pair = rig.linked(ANN, contact("Bob Ray"))
    rig.edit_xpm(pair, **{"contact.phone@Ann Lee": "09 555 0101"})
    rig.xpm_contact(pair.xpm, contact("Cy Oz", mobile="0491 570 006", primary="Yes", position="Clerk"))
    rig.run()
    people = {one.name: one for one in rig.in_ignition(pair).contacts}
    assert people["Ann Lee"].values["contact.phone"] == "09 555 0101"
    assert people["Cy Oz"].values["contact.mobile"] == "0491 570 006"
    assert [name for name, one in people.items() if one.is_primary] == ["Cy Oz"]
    assert rig.run().plan.changes == ()
    assert len(rig.in_ignition(pair).contacts) == 3


def test_a_contact_renamed_after_it_was_paired_is_renamed(rig: SyncRig) -> None:
    """The pair is remembered by id, so nobody is added."""
    pair = rig.linked()
    rig.run()
    rig.edit_xpm(pair, contact__name="Ann Lee-Ray", contact__email="ann.ray@example.com")
    rig.run(full=True)
    (ann,) = rig.in_ignition(pair).contacts
    assert (ann.name, ann.email) == ("Ann Lee-Ray", "ann.ray@example.com")


# --- three values ------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_an_edit_in_the_target_is_overridden_and_marked(rig: SyncRig, direction: Direction) -> None:
    """The direction decides; the plan says that somebody's edit goes."""
    rig.sync = SyncSettings(direction=direction)
    pair = rig.linked(phone="1")
    rig.run()
    (rig.edit_ignition if direction is Direction.FROM_XPM else rig.edit_xpm)(pair, phone="2")
    applied = rig.run()
    assert changes_of(applied.plan) == [("phone", "2", "1")]
    assert applied.plan.counts["overrides"] == 1
    assert rig.in_xpm(pair).values["phone"] == rig.in_ignition(pair).values["phone"] == "1"


@pytest.mark.parametrize("direction", Direction)
def test_an_edit_in_the_target_can_be_kept(rig: SyncRig, direction: Direction) -> None:
    """on_edited = hold: the edit stays, ordinary changes still flow, and the hold stays until somebody settles it."""
    rig.sync = SyncSettings(direction=direction, on_edited=OnEdited.HOLD)
    pair = rig.linked(phone="1", city="Colac")
    rig.run()
    forward = direction is Direction.FROM_XPM
    (rig.edit_ignition if forward else rig.edit_xpm)(pair, phone="2")
    (rig.edit_xpm if forward else rig.edit_ignition)(pair, city="Ararat")
    for _ in range(2):
        applied = rig.run(full=True)
        assert [(hold.field, hold.code) for hold in applied.plan.holds] == [("phone", HoldCode.EDITED)]
    target = rig.in_ignition(pair) if forward else rig.in_xpm(pair)
    assert (target.values["phone"], target.values["city"]) == ("2", "Ararat")


def test_a_held_name_is_not_written_beside_another_change(rig: SyncRig) -> None:
    """XPM wants a name with every update: it gets the one it has."""
    rig.sync = SyncSettings(direction=Direction.TO_XPM, on_edited=OnEdited.HOLD)
    pair = rig.linked(ANN, phone="1")
    rig.run()
    rig.edit_xpm(pair, name="Renamed in XPM", contact__name="Annie Lee")
    rig.edit_ignition(pair, phone="2", contact__phone="3")
    applied = rig.run()
    assert {change.field for change in applied.plan.changes} == {"phone", "contact.phone"}
    after = rig.in_xpm(pair)
    assert (after.name, after.values["phone"]) == ("Renamed in XPM", "2")
    assert (after.contacts[0].name, after.contacts[0].values["contact.phone"]) == ("Annie Lee", "3")


def test_the_same_edit_on_both_sides_is_agreement(rig: SyncRig) -> None:
    """Nothing is written, and the new value is what counts as agreed."""
    pair = rig.linked(phone="1")
    rig.run()
    rig.edit_xpm(pair, phone="2")
    rig.edit_ignition(pair, phone="+61 2")
    rig.edit_ignition(pair, phone="2")
    assert rig.run().plan.changes == ()
    rig.edit_xpm(pair, phone="3")
    assert [change.overrides_edit for change in rig.run().plan.changes] == [False]


def test_blanks_clear_only_when_asked_to(rig: SyncRig) -> None:
    """And only what was agreed before."""
    pair = rig.linked(phone="1", ignition={"fax": "9"})
    rig.run()
    rig.edit_xpm(pair, phone="")
    assert rig.run().plan.changes == ()
    assert rig.in_ignition(pair).values["phone"] == "1"
    rig.sync = SyncSettings(clear_blanks=True)
    assert changes_of(rig.run().plan) == [("phone", "1", "")]
    assert "phone" not in rig.in_ignition(pair).values
    assert rig.in_ignition(pair).values["fax"] == "9"


def test_a_primary_contact_that_only_ignition_names_is_no_edit(rig: SyncRig) -> None:
    """Ignition always has one, XPM often none: what was never compared was never agreed, so nothing is overridden."""
    rig.linked(contact("Ann Lee"))
    rig.run()
    rig.sync = SyncSettings(direction=Direction.TO_XPM, on_edited=OnEdited.HOLD, set_primary=True)
    applied = rig.run()
    assert [(change.field, change.new, change.overrides_edit) for change in applied.plan.changes] == [
        ("contact.primary", "Yes", False)
    ]


def test_a_first_run_to_xpm_does_not_flag_a_whole_practice(rig: SyncRig) -> None:
    """Where XPM flags no contact of a client, its flag is held; a person may ask for it with a setting."""
    pair = rig.linked(contact("Ann Lee"))
    rig.sync = TO_XPM
    applied = rig.run()
    assert [(hold.field, hold.code) for hold in applied.plan.holds] == [("contact.primary", HoldCode.PRIMARY_UNSET)]
    assert applied.plan.changes == ()
    assert not rig.in_xpm(pair).contacts[0].is_primary
    rig.change_sync(set_primary=True)
    rig.run()
    assert rig.in_xpm(pair).contacts[0].is_primary


def test_a_new_contact_does_not_bring_a_flag_where_xpm_uses_none(rig: SyncRig) -> None:
    """Its other details are written; the flag is held from then on."""
    pair = rig.linked(contact("Ann Lee"))
    edit_ignition(rig.register, pair.ignition, "add-contact", "Bob Ray <bob.ray@example.com>")
    edit_ignition(rig.register, pair.ignition, "contact.primary@Bob Ray", "Yes")
    rig.sync = TO_XPM
    rig.run()
    assert {person.name: person.is_primary for person in rig.in_xpm(pair).contacts} == {
        "Ann Lee": False,
        "Bob Ray": False,
    }


def test_a_primary_flag_moves_and_moves_back(rig: SyncRig) -> None:
    """Each move is XPM's own, and an ordinary change."""
    pair = rig.linked(ANN, contact("Bob Ray"))
    rig.run()
    for name in ("Bob Ray", "Ann Lee", "Bob Ray"):
        rig.edit_xpm(pair, **{f"contact.primary@{name}": "Yes"})
        applied = rig.run(full=True)
        assert [(change.field, change.overrides_edit) for change in applied.plan.changes] == [
            ("contact.primary", False)
        ]
        assert [one.name for one in rig.in_ignition(pair).contacts if one.is_primary] == [name]


def test_a_change_of_mind(rig: SyncRig) -> None:
    """The other direction writes the other side, and marks the edits it overrides."""
    pair = rig.linked(phone="1")
    rig.run()
    rig.edit_xpm(pair, phone="2")
    rig.sync = TO_XPM
    applied = rig.run()
    assert [(change.old, change.new, change.overrides_edit) for change in applied.plan.changes] == [("2", "1", True)]
    assert rig.in_xpm(pair).values["phone"] == "1"


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", Direction)
def test_nothing_to_do_costs_one_call(rig: SyncRig, direction: Direction) -> None:
    """Whatever the direction."""
    rig.sync = SyncSettings(direction=direction)
    for name in ("Anchor Ltd", "Harbour Dental", "Zebra"):
        rig.linked(name=name)
    rig.run()
    rig.forget_calls()
    applied = rig.run()
    assert applied.xpm_calls == 1
    assert rig.calls == ["GET list"]


def test_to_xpm_costs_one_call_a_changed_client_and_contact(rig: SyncRig) -> None:
    """1 + k + c: here two clients and three contacts."""
    rig.sync = TO_XPM
    pairs = [rig.linked(ANN, contact("Bob Ray"), name=name) for name in ("Anchor Ltd", "Harbour Dental", "Zebra")]
    rig.run()
    for pair in pairs[:2]:
        rig.edit_ignition(pair, phone="1", city="Colac")
        rig.edit_ignition(pair, **{"contact.phone@Ann Lee": "2", "contact.mobile@Ann Lee": "3"})
    rig.edit_ignition(pairs[2], **{"contact.phone@Bob Ray": "4"})
    rig.forget_calls()
    assert rig.run().xpm_calls == 1 + 2 + 3
    assert sorted(rig.calls) == ["GET list"] + ["PUT contact"] * 3 + ["PUT update"] * 2


def test_from_xpm_costs_one_call_and_one_for_each_client_edited_in_ignition_only(rig: SyncRig) -> None:
    """What changed in XPM comes with the list."""
    pairs = [rig.linked(name=name, phone="1") for name in ("Anchor Ltd", "Harbour Dental", "Zebra")]
    rig.an_hour_later()
    rig.run()
    rig.edit_xpm(pairs[0], phone="2")
    rig.edit_ignition(pairs[1], phone="3")
    rig.forget_calls()
    applied = rig.run()
    assert applied.xpm_calls == 2
    assert rig.calls == ["GET list", "GET get"]
    rig.forget_calls()
    assert rig.run().xpm_calls == 1


# --- what is remembered ------------------------------------------------------------------------------


def test_a_run_moves_the_cursor(rig: SyncRig) -> None:
    """To when XPM answered, not to when the run ended."""
    rig.linked()
    began = rig.clock.now()
    rig.run()
    with rig.open() as context:
        assert context.ledger.fact("cursor") == context.ledger.fact("last_full") == began.isoformat()
    rig.an_hour_later()
    rig.run()
    with rig.open() as context:
        assert context.ledger.fact("cursor") == (began + timedelta(hours=1)).isoformat()
        assert context.ledger.fact("last_full") == began.isoformat()


def test_a_run_for_named_clients_does_not(rig: SyncRig) -> None:
    """It has seen only those."""
    rig.linked(name="Anchor Ltd", xpm={"phone": "1"})
    rig.linked(name="Zebra", xpm={"phone": "1"})
    assert rig.run("Zebra").written == 1
    assert [change.client.name for change in rig.run().plan.changes] == ["Anchor Ltd"]


def test_the_journal_holds_the_run_and_every_write(rig: SyncRig) -> None:
    """Old, new and why; one entry a call."""
    rig.linked(xpm={"phone": "1", "city": "Colac"})
    rig.run()
    run = last_run(rig)
    assert (run.command, run.outcome, run.counts["written"]) == ("sync", RunOutcome.DONE, 2)
    with rig.open() as context:
        (write,) = context.ledger.journal.writes(run.id)
    assert write.state is WriteState.DONE
    assert {(one.field, one.old, one.new) for one in write.fields} == {("phone", "", "1"), ("city", "", "Colac")}


# --- when something fails --------------------------------------------------------------------------


def test_one_refused_record_does_not_stop_the_others(rig: SyncRig) -> None:
    """It is reported, and the next run tries it again."""
    rig.sync = TO_XPM
    rig.linked(name="Anchor Ltd", ignition={"phone": "1"})
    bad = rig.linked(name="Harbour Dental", ignition={"phone": "1" * 60})
    rig.linked(name="Zebra", ignition={"phone": "1"})
    applied = rig.run()
    (failure,) = applied.failures
    assert failure.call.client.name == "Harbour Dental"
    assert isinstance(failure.error, Rejected)
    assert (applied.written, applied.outcome, applied.not_tried) == (2, RunOutcome.PARTIAL, 0)
    assert last_run(rig).outcome is RunOutcome.PARTIAL
    assert changes_of(rig.run().plan) == [("phone", "", "1" * 60)]
    rig.edit_ignition(bad, phone="2")
    assert rig.run().outcome is RunOutcome.DONE
    assert rig.in_xpm(bad).values["phone"] == "2"


def test_a_refused_record_is_compared_again_from_xpm_too(rig: SyncRig) -> None:
    """Ignition takes no contact without an e-mail: somebody removed it while the plan was made."""
    pair = rig.linked(ANN, xpm={"phone": "1"})
    with rig.open() as context:
        found = preview(context, Silent())
        rig.register.delete(pair.ignition)
        applied = apply(context, found, Silent())
    assert applied.outcome is RunOutcome.PARTIAL
    assert [hold.code for hold in rig.run().plan.holds] == [HoldCode.MISSING]


def test_one_refused_record_does_not_make_later_runs_read_everything(rig: SyncRig) -> None:
    """The cursor moves; what was refused is looked up by itself and tried again."""
    pair = rig.linked(ANN, xpm={"phone": "1"})
    rig.linked(name="Zebra")
    with rig.open() as context:
        found = preview(context, Silent())
        rig.register.delete(pair.ignition)
        assert apply(context, found, Silent()).outcome is RunOutcome.PARTIAL
    rig.an_hour_later()
    again = rig.preview()
    assert again.reading.full is None
    assert [hold.code for hold in again.plan.holds] == [HoldCode.MISSING]


def test_an_edit_in_the_middle_of_a_run_is_seen_by_the_next(rig: SyncRig) -> None:
    """What is read back after writing and is not all ours is compared again."""
    first = rig.linked(name="Anchor Ltd", xpm={"phone": "1", "city": "Nelson"}, ignition={"city": "Nelson"})
    rig.linked(name="Zebra", xpm={"phone": "1"})

    class Meddling(Silent):
        def step(self, label: str, done: int, total: int | None = None) -> None:
            if label.startswith("Writing") and done == 1:
                rig.edit_ignition(first, city="Taupo")

    with rig.open() as context:
        assert apply(context, preview(context, Silent()), Meddling()).outcome is RunOutcome.DONE
    rig.an_hour_later()
    again = rig.preview()
    assert again.reading.full is None
    assert changes_of(again.plan) == [("city", "Taupo", "Nelson")]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("429-day", method="PUT", skip=1), CallLimit),
        (Fault("401", method="PUT", skip=1), SignInNeeded),
        (Fault("lost-before", method="PUT", skip=1, times=3), Unreachable),
    ],
)
def test_what_would_fail_for_every_record_stops_the_run(rig: SyncRig, fault: Fault, error: type[Exception]) -> None:
    """The rest is not tried, the cursor stays, and the next run does what is left."""
    rig.sync = TO_XPM
    pairs = [rig.linked(name=name) for name in ("Anchor Ltd", "Harbour Dental", "Mill", "Zebra")]
    rig.run()
    with rig.open() as context:
        cursor = context.ledger.fact("cursor")
    rig.an_hour_later()
    for pair in pairs:
        rig.edit_ignition(pair, phone="1")
    rig.fault(fault)
    applied = rig.run()
    with rig.open() as context:
        assert context.ledger.fact("cursor") == cursor
    if error is Unreachable:
        assert applied.outcome is RunOutcome.STOPPED
    assert isinstance(applied.stopped, error)
    assert applied.written == 1
    assert applied.not_tried + applied.written + len(applied.failures) == 4
    rig.server.faults.clear()
    rig.clock.sleep(86_400)
    finished = rig.run()
    assert finished.outcome is RunOutcome.DONE
    assert {rig.in_xpm(pair).values["phone"] for pair in pairs} == {"1"}
    assert finished.written + applied.written <= 4


def test_a_stopped_reading_leaves_everything_as_it_was(rig: SyncRig) -> None:
    """A limit while reading ends the run before its first write."""
    rig.linked(xpm={"phone": "1"})
    rig.fault(Fault("429-day"))
    with pytest.raises(CallLimit):
        rig.run()
    with rig.open() as context:
        assert context.ledger.journal.last_run() is None
    rig.clock.sleep(86_400)
    assert rig.run().written == 1


@pytest.mark.parametrize("kind", ["lost-after", "cut-body", "malformed-xml", "html", "500"])
def test_a_lost_answer_never_doubles_a_contact(rig: SyncRig, kind: str) -> None:
    """The contact was made but nobody heard of it; the next run finds it there and pairs it."""
    rig.sync = TO_XPM
    pair = rig.linked(ignition={"phone": "1"})
    rig.run()
    rig.edit_ignition(pair, add_contact="Bob Ray <bob@example.com>")
    rig.fault(Fault(kind, method="POST"))
    applied = rig.run()
    assert applied.outcome is RunOutcome.PARTIAL
    with rig.open() as context:
        assert context.ledger.journal.open_writes() == 1
    rig.run()
    rig.run()
    names = sorted(one.name for one in rig.in_xpm(pair).contacts)
    assert names == ["Ann Lee", "Bob Ray"]
    rig.edit_ignition(pair, **{"contact.phone@Bob Ray": "2"})
    rig.run()
    assert sorted(one.name for one in rig.in_xpm(pair).contacts) == names


def test_a_lost_answer_to_a_change_is_no_edit_of_somebody(rig: SyncRig) -> None:
    """The value arrived: the next run finds both sides equal and writes nothing."""
    rig.sync = TO_XPM
    pair = rig.linked()
    rig.run()
    rig.edit_ignition(pair, phone="1")
    rig.fault(Fault("lost-after", method="PUT"))
    rig.run()
    assert rig.in_xpm(pair).values["phone"] == "1"
    rig.forget_calls()
    again = rig.run()
    assert again.plan.changes == ()
    assert rig.calls == ["GET list"]


def test_three_lost_answers_in_a_row_stop_the_run(rig: SyncRig) -> None:
    """Then it is not the record that is odd; writing on would leave more and more unknown."""
    rig.sync = TO_XPM
    for number in range(6):
        rig.linked(name=f"Client {number}", ignition={"phone": "1"})
    rig.fault(Fault("lost-after", method="PUT", times=0))
    applied = rig.run()
    assert (applied.outcome, len(applied.failures), applied.not_tried) == (RunOutcome.STOPPED, 3, 3)


def test_a_stop_between_two_writes_finishes_the_one_in_hand(rig: SyncRig) -> None:
    """What was written is remembered, the rest waits for the next run."""
    pairs = [rig.linked(name=f"Client {number}", xpm={"phone": "1"}) for number in range(4)]
    asked = iter([False, False, True, True])
    with rig.open() as context:
        applied = apply(context, preview(context, Silent()), Silent(), stop_asked=lambda: next(asked))
    assert (applied.outcome, applied.written, applied.not_tried) == (RunOutcome.INTERRUPTED, 2, 2)
    assert rig.run().written == 2
    assert {rig.in_ignition(pair).values["phone"] for pair in pairs} == {"1"}


def test_an_unfinished_client_is_not_taken_for_equal(rig: SyncRig) -> None:
    """After an incremental run was stopped, the next one compares it, although XPM does not list it again."""
    pairs = [rig.linked(name=name) for name in ("Anchor Ltd", "Zebra")]
    rig.an_hour_later()
    rig.run()
    for pair in pairs:
        rig.edit_xpm(pair, phone="1")
    with rig.open() as context:
        apply(context, preview(context, Silent()), Silent(), stop_asked=lambda: True)
    rig.an_hour_later()
    applied = rig.run()
    assert applied.written == 2
    assert rig.preview().reading.full is not FullBecause.FIRST


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
        once, again = run(direction), run(direction)
        assert (once.outcome, once.failures) == (RunOutcome.DONE, ())
        assert (again.plan.changes, again.written) == ((), 0)
        assert again.plan.counts["clients"] == 36
