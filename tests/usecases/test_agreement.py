"""Agreement comes from the target: what it shows after a write, not what was sent to it."""

from __future__ import annotations

import pytest

from support.sync_rig import TO_XPM, Pair, SyncRig, changes_of, contact
from xpmsync.core.enums import Direction, OnEdited, System
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.errors import NotTaken
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.settings.settings import SyncSettings
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.usecases.clients.explain import explain_client
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import Applied

both_ways = pytest.mark.parametrize("direction", Direction)
ANN = contact("Ann Lee", primary="Yes")


def target_is(rig: SyncRig, direction: Direction, quirks: Quirks) -> None:
    """Let the target of that direction have these habits, and sync that way."""
    rig.sync = SyncSettings(direction=direction)
    if direction is Direction.FROM_XPM:
        rig.register.quirks = quirks
    else:
        rig.world.quirks = quirks


def edit_source(rig: SyncRig, pair: Pair, **values: str) -> None:
    """Somebody edits the source."""
    (rig.edit_xpm if rig.sync.direction is Direction.FROM_XPM else rig.edit_ignition)(pair, **values)


def edit_target(rig: SyncRig, pair: Pair, **values: str) -> None:
    """Somebody edits the target."""
    (rig.edit_ignition if rig.sync.direction is Direction.FROM_XPM else rig.edit_xpm)(pair, **values)


def in_target(rig: SyncRig, pair: Pair, name: str) -> str:
    """A client's value in the target."""
    record = rig.in_ignition(pair) if rig.sync.direction is Direction.FROM_XPM else rig.in_xpm(pair)
    return record.values.get(name, "")


def not_taken(applied: Applied) -> list[tuple[str, ...]]:
    """The fields of a run's failures, all of which must say that the target did not take them."""
    assert all(isinstance(failure.error, NotTaken) for failure in applied.failures)
    return [tuple(failure.fields) for failure in applied.failures]


@both_ways
def test_the_targets_own_spelling_is_agreed(rig: SyncRig, direction: Direction) -> None:
    """It is counted once, and no run writes it again, whether it reads all or only what changed."""
    pair = rig.linked(address="1 High Street", postcode="3000")
    target_is(rig, direction, Quirks(respells=("address", "postcode")))
    rig.run()
    edit_source(rig, pair, address="2 High  Street\nLevel 4", postcode="sw1a 1aa")
    applied = rig.run()
    assert (applied.written, applied.respelled, applied.failures) == (2, 2, ())
    assert in_target(rig, pair, "address") == "2 HIGH STREET, LEVEL 4"
    for full in (False, True):
        later = rig.run(full=full)
        assert (later.plan.changes, later.plan.holds, later.respelled) == ((), (), 0)
        assert later.plan.equal == 1


@both_ways
def test_an_own_spelling_is_no_edit_of_a_person(rig: SyncRig, direction: Direction) -> None:
    """The next change of the source is an ordinary one, even where edits are held."""
    pair = rig.linked(postcode="3000")
    target_is(rig, direction, Quirks(respells=("postcode",)))
    rig.change_sync(on_edited=OnEdited.HOLD)
    rig.run()
    for postcode in ("sw1a 1aa", "nw1 2bb"):
        edit_source(rig, pair, postcode=postcode)
        applied = rig.run()
        assert [change.overrides_edit for change in applied.plan.changes] == [False]
        assert in_target(rig, pair, "postcode") == postcode.upper()


@both_ways
def test_an_edit_of_the_own_spelling_is_an_edit(rig: SyncRig, direction: Direction) -> None:
    """What a person writes over the target's spelling is overridden, in these words."""
    pair = rig.linked(postcode="3000")
    target_is(rig, direction, Quirks(respells=("postcode",)))
    rig.run()
    edit_source(rig, pair, postcode="sw1a 1aa")
    rig.run()
    edit_target(rig, pair, postcode="3001")
    assert [change.overrides_edit for change in rig.run().plan.changes] == [True]


@both_ways
def test_turning_the_direction_keeps_the_own_spelling(rig: SyncRig, direction: Direction) -> None:
    """The pair of spellings is agreed, whichever side is the source."""
    pair = rig.linked(postcode="3000")
    target_is(rig, direction, Quirks(respells=("postcode",)))
    rig.run()
    edit_source(rig, pair, postcode="sw1a 1aa")
    rig.run()
    rig.sync = SyncSettings(direction=next(one for one in Direction if one is not direction))
    assert rig.run().plan.changes == ()


@both_ways
@pytest.mark.parametrize(
    ("quirks", "after"),
    [(Quirks(ignores=("city",)), "Colac"), (Quirks(cuts={"city": 4}), "Whan")],
    ids=["ignored", "cut"],
)
def test_what_the_target_does_not_take_is_a_failure_and_then_a_hold(
    rig: SyncRig, direction: Direction, quirks: Quirks, after: str
) -> None:
    """Twice it is sent and reported with its field; then it is held until somebody changes something."""
    pair = rig.linked(city="Colac", phone="02 5550 0001")
    rig.run()
    target_is(rig, direction, quirks)
    rig.change_sync(on_edited=OnEdited.HOLD)
    edit_source(rig, pair, city="Whangarei", phone="02 5550 0002")
    first = rig.run()
    assert (not_taken(first), first.written, first.outcome) == ([("city",)], 1, RunOutcome.PARTIAL)
    second = rig.run()
    assert changes_of(second.plan) == [("city", after, "Whangarei")]
    assert [change.overrides_edit for change in second.plan.changes] == [False]
    assert not_taken(second) == [("city",)]
    for full in (False, True):
        later = rig.run(full=full)
        assert later.plan.changes == ()
        assert [(hold.field, hold.code) for hold in later.plan.holds] == [("city", HoldCode.TARGET_KEEPS)]
    target_is(rig, direction, Quirks())
    edit_source(rig, pair, city="Wanaka")
    assert rig.run().written == 1
    assert in_target(rig, pair, "city") == "Wanaka"


@both_ways
def test_an_edit_of_the_target_ends_the_hold(rig: SyncRig, direction: Direction) -> None:
    """Somebody corrected it there: it is equal, or it is sent again."""
    pair = rig.linked(city="Colac")
    rig.run()
    target_is(rig, direction, Quirks(ignores=("city",)))
    edit_source(rig, pair, city="Whangarei")
    rig.run()
    rig.run()
    edit_target(rig, pair, city="Whangarei")
    assert rig.run().plan.equal == 1
    edit_target(rig, pair, city="Elsewhere")
    assert changes_of(rig.run().plan) == [("city", "Elsewhere", "Whangarei")]


@both_ways
def test_an_ignored_empty_element_is_a_failure(rig: SyncRig, direction: Direction) -> None:
    """A value that the target does not clear is still there, and is not taken for cleared."""
    pair = rig.linked(city="Colac")
    rig.run()
    target_is(rig, direction, Quirks(ignores_empty=True))
    rig.change_sync(clear_blanks=True)
    edit_source(rig, pair, city="")
    assert not_taken(rig.run()) == [("city",)]
    assert in_target(rig, pair, "city") == "Colac"
    rig.run()
    assert [hold.code for hold in rig.run().plan.holds] == [HoldCode.TARGET_KEEPS]


@both_ways
def test_a_contacts_flag_is_compared_like_any_field(rig: SyncRig, direction: Direction) -> None:
    """A primary flag that the target ignores is reported, and then held."""
    pair = rig.linked(ANN, contact("Bob Ray"))
    rig.run()
    target_is(rig, direction, Quirks(ignores=("contact.primary",)))
    edit_source(rig, pair, **{"contact__primary@Bob Ray": "Yes"})
    assert not_taken(rig.run()) == [("contact.primary",)]
    rig.run()
    held = rig.run().plan.holds
    assert [(hold.field, hold.code) for hold in held] == [("contact.primary", HoldCode.TARGET_KEEPS)]


@both_ways
def test_a_new_contact_of_which_a_detail_is_ignored_is_added_once(rig: SyncRig, direction: Direction) -> None:
    """The contact is there; its detail is what failed."""
    pair = rig.linked(ANN)
    rig.run()
    target_is(rig, direction, Quirks(ignores=("contact.salutation",)))
    edit_source(rig, pair, add_contact="Bob Ray <bob.ray@example.com>")
    edit_source(rig, pair, **{"contact__salutation@Bob Ray": "Bob"})
    first = rig.run()
    assert (not_taken(first), first.written) == ([("contact.salutation",)], 1)
    assert not_taken(rig.run()) == [("contact.salutation",)]
    assert [hold.code for hold in rig.run().plan.holds] == [HoldCode.TARGET_KEEPS]
    both = (rig.in_xpm(pair), rig.in_ignition(pair))
    assert [len(client.contacts) for client in both] == [2, 2]


def test_explain_finds_the_own_spelling(rig: SyncRig) -> None:
    """It was counted once; from then on explain is where a person finds it."""
    pair = rig.linked(postcode="3000")
    rig.register.quirks = Quirks(respells=("postcode",))
    rig.run()
    rig.edit_xpm(pair, postcode="sw1a 1aa")
    rig.run()
    for field in ("", "postcode"):
        assert explain_client(rig.context, pair.xpm, field, Silent()).respelled == ("postcode",)
    assert explain_client(rig.context, pair.xpm, "city", Silent()).respelled == ()


def test_a_bare_ok_is_looked_up(rig: SyncRig) -> None:
    """XPM answers contact writes without the contact: a `get` shows what took, and the new contact's id."""
    pair = rig.linked(ANN)
    rig.sync = TO_XPM
    rig.world.quirks = Quirks(bare_ok=True, ignores=("contact.salutation",))
    rig.edit_ignition(pair, add_contact="Bob Ray <bob.ray@example.com>")
    rig.edit_ignition(pair, **{"contact__phone@Ann Lee": "02 5550 0002", "contact__salutation@Ann Lee": "Annie"})
    first = rig.run()
    assert (first.written, not_taken(first)) == (2, [("contact.salutation",)])
    assert changes_of(rig.run().plan) == [("contact.salutation", "", "Annie")]
    assert len(rig.in_xpm(pair).contacts) == 2


def test_what_was_not_taken_is_in_the_journal_as_it_is(rig: SyncRig) -> None:
    """History says what the target shows, not what was sent."""
    pair = rig.linked(city="Colac", postcode="3000")
    rig.run()
    rig.register.quirks = Quirks(ignores=("city",), respells=("postcode",))
    rig.edit_xpm(pair, city="Whangarei", postcode="sw1a 1aa")
    run = rig.run().run
    with rig.open() as context:
        (write,) = context.ledger.journal.writes(run)
    assert write.system is System.IGNITION
    assert {(one.field, one.new, one.why) for one in write.fields} == {
        ("city", "Colac", "not-taken"),
        ("postcode", "SW1A 1AA", "source-changed"),
    }


def test_a_client_that_was_created_differently_settles_after_two_runs(rig: SyncRig) -> None:
    """Whatever Ignition made of the new record."""
    rig.register.quirks = Quirks(respells=("name", "postcode"), ignores=("city",), cuts={"address": 6})
    client = rig.xpm_client(ANN, city="Colac", postcode="sw1a 1aa", address="1 High Street")
    create(rig.context, propose(rig.context, client, Silent()))
    runs = [rig.run() for _ in range(3)]
    assert [change.overrides_edit for run in runs for change in run.plan.changes if change.overrides_edit] == []
    assert runs[2].plan.changes == ()
    assert {hold.field for hold in runs[2].plan.holds} == {"city", "address"}
    assert {hold.code for hold in runs[2].plan.holds} == {HoldCode.TARGET_KEEPS}
