"""Guards: what is large, sudden or new stops before the first write, and goes ahead only knowingly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig, seeded_pair
from xpmsync.core.enums import Direction, Level
from xpmsync.core.model import ClientRef
from xpmsync.core.plan.guards import Guard, GuardContext, GuardLimit, GuardLimits, check
from xpmsync.core.plan.plan import Change, ChangeKind, Plan, Why
from xpmsync.errors import GuardTripped, UsageError
from xpmsync.usecases.sync.guard import guard, note_previewed, parse_allowed

LIMITS = GuardLimits(
    {
        Guard.CHANGES: GuardLimit(500, 50, 50),
        Guard.CREATIONS: GuardLimit(100, 25, 20),
        Guard.NAMES: GuardLimit(25, 20, 10),
        Guard.CLEARS: GuardLimit(10, 5, 5),
    },
    shrunk_share=50,
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice that was synced once."""
    with open_rig(tmp_path, seeded=True) as rig:
        rig.run()
        yield rig


def plan(many: int, field: str = "phone", new: str = "1", kind: ChangeKind = ChangeKind.FIELD) -> Plan:
    """A plan of that many changes, each at a client of its own."""
    changes = tuple(
        Change(ClientRef(f"x{n}", f"i{n}", f"Client {n}"), kind, field, "old", new, Why.SOURCE_CHANGED)
        for n in range(many)
    )
    return Plan(Direction.FROM_XPM, Level.EVERYTHING, changes, (), many, 0)


@pytest.mark.parametrize(
    ("made", "linked", "tripped"),
    [
        (plan(50), 60, []),
        (plan(51), 60, [Guard.CHANGES]),
        (plan(500), 1000, []),
        (plan(501), 10_000, [Guard.CHANGES]),
        (plan(10, "name"), 20, []),
        (plan(11, "name"), 20, [Guard.NAMES]),
        (plan(26, "name"), 10_000, [Guard.NAMES]),
        (plan(5, new=""), 20, []),
        (plan(6, new=""), 20, [Guard.CLEARS]),
        (plan(21, "contact", kind=ChangeKind.CONTACT), 40, [Guard.CREATIONS]),
        (plan(0), 1000, []),
    ],
)
def test_counts_and_shares(made: Plan, linked: int, tripped: list[Guard]) -> None:
    """Whichever is smaller stops: the count, or the share of the linked clients from a floor on."""
    found = check(made, LIMITS, GuardContext(linked, attended=False), {})
    assert [one.guard for one in found] == tripped


def test_a_person_at_the_terminal_may_do_twice_as_much() -> None:
    """Every plan is confirmed there."""
    assert not check(plan(20, "name"), LIMITS, GuardContext(40, attended=True), {})
    assert check(plan(21, "name"), LIMITS, GuardContext(40, attended=True), {})


def test_an_allowance_lets_pass_what_it_names_and_no_more() -> None:
    """`--allow names=30` is for thirty names."""
    around = GuardContext(40, attended=False)
    assert not check(plan(30, "name"), LIMITS, around, {Guard.NAMES: 30})
    (tripped,) = check(plan(31, "name"), LIMITS, around, {Guard.NAMES: 30})
    assert tripped.allowance == "names=31"


@pytest.mark.parametrize(("now", "before", "stops"), [(0, 60, True), (29, 60, True), (30, 60, False), (0, None, False)])
def test_an_emptied_or_suddenly_small_source_stops(now: int, before: int | None, stops: bool) -> None:
    """Less than half of the clients it had: another practice, or lost access."""
    around = GuardContext(60, attended=False, source_clients=now, source_before=before)
    assert bool(check(plan(1), LIMITS, around, {})) is stops
    assert not check(plan(1), LIMITS, around, {Guard.SOURCE: 0})


def test_a_tripped_guard_keeps_the_plan_and_writes_nothing(rig: SyncRig) -> None:
    """The plan is in the state folder, to be looked at and applied."""
    for number, key in enumerate(("cafe-zoe", "nguyen", "bluegum", "koala-creek", "level-32", "marlowe", "jacaranda",
                                  "corner-store", "rahman", "obriain", "tui-cafe")):  # fmt: skip
        rig.edit_xpm(seeded_pair(key), name=f"Renamed {number}")
    found = rig.preview()

    with pytest.raises(GuardTripped) as stopped:
        guard(rig.context, found, attended=False, allowed={})

    assert [one.guard for one in stopped.value.tripped] == [Guard.NAMES]
    assert stopped.value.kept is not None
    assert stopped.value.kept.is_file()
    guard(rig.context, found, attended=False, allowed={Guard.NAMES: 11})


def test_changed_settings_want_a_look_first(rig: SyncRig) -> None:
    """Another direction stops an unattended run until somebody has seen its preview."""
    rig.change_sync(direction=Direction.TO_XPM)
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    found = rig.preview()
    with pytest.raises(GuardTripped) as stopped:
        guard(rig.context, found, attended=False, allowed={})
    assert [one.guard for one in stopped.value.tripped] == [Guard.SETTINGS]

    guard(rig.context, found, attended=True, allowed={})
    note_previewed(rig.context)
    guard(rig.context, found, attended=False, allowed={})


def test_a_small_source_stops_even_a_run_with_nothing_to_write(rig: SyncRig) -> None:
    """Or that run would make the small number the usual one."""
    found = rig.preview(full=True)
    assert not found.plan.changes
    with pytest.raises(GuardTripped) as stopped:
        guard(rig.context, replace(found, source_clients=2), attended=False, allowed={})
    assert [one.guard for one in stopped.value.tripped] == [Guard.SOURCE]


def test_a_run_that_writes_nothing_does_not_settle_changed_settings(rig: SyncRig) -> None:
    """Nobody saw them at work: the first run with something to write still wants a look."""
    rig.change_sync(direction=Direction.TO_XPM)
    assert rig.run(seeded_pair("cafe-zoe").xpm).plan.changes == ()
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    with pytest.raises(GuardTripped) as stopped:
        guard(rig.context, rig.preview(), attended=False, allowed={})
    assert [one.guard for one in stopped.value.tripped] == [Guard.SETTINGS]


def test_a_look_counts_once(rig: SyncRig) -> None:
    """After a run with them, the settings looked at are the last run's; a look of long ago lifts nothing."""
    rig.change_sync(direction=Direction.TO_XPM)
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    note_previewed(rig.context)
    rig.run()
    rig.change_sync(direction=Direction.FROM_XPM)
    rig.edit_xpm(seeded_pair("cafe-zoe"), phone="03 5550 8888")
    rig.run()
    rig.change_sync(direction=Direction.TO_XPM)
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 7777")
    with pytest.raises(GuardTripped):
        guard(rig.context, rig.preview(), attended=False, allowed={})


def test_another_practice_under_the_same_profile_stops(rig: SyncRig) -> None:
    """The ledger remembers the tenant it was used with."""
    rig.edit_xpm(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    found = rig.preview()
    xpm = replace(rig.context.settings.xpm, tenant_id="another")
    elsewhere = replace(rig.context, settings=replace(rig.context.settings, xpm=xpm))

    with pytest.raises(GuardTripped) as stopped:
        guard(elsewhere, found, attended=True, allowed={})
    assert Guard.PRACTICE in [one.guard for one in stopped.value.tripped]


@pytest.mark.parametrize("words", ["everything=1", "names=many", "=3", "changes", "changes=²", "source=3"])
def test_an_allowance_that_makes_no_sense_is_refused(words: str) -> None:
    """The message names the guards there are."""
    with pytest.raises(UsageError):
        parse_allowed([words])
