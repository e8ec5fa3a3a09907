"""Saved plans: exactly what was seen is what gets applied, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig, seeded_pair
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.errors import PlanRefused
from xpmsync.simulator.people.seed import client_id
from xpmsync.usecases.clients.link import set_level, unlink
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.plan_file import drop_stale, open_plan, revalidate, save_plan


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice with 24 changes waiting."""
    with open_rig(tmp_path / "state", seeded=True) as rig:
        yield rig


@pytest.fixture
def plan(rig: SyncRig, tmp_path: Path) -> Path:
    """A plan of all changes, saved."""
    file = tmp_path / "plan.json"
    save_plan(rig.context, rig.preview(), file)
    return file


def test_a_plan_is_applied_to_the_letter(rig: SyncRig, plan: Path) -> None:
    """What the file says is written, and a sync after it has nothing left to do."""
    kept = open_plan(plan, rig.context.ledger)
    applied = apply(rig.context, revalidate(rig.context, kept, Silent()), Silent(), command="apply")

    assert kept.sealed
    assert applied.written == len(kept.plan.changes) == 24
    assert not rig.preview(full=True).plan.changes


@pytest.mark.parametrize("side", ["edit_xpm", "edit_ignition"])
def test_clients_that_moved_since_are_left_out_and_named(rig: SyncRig, plan: Path, side: str) -> None:
    """An edit on either side makes the plan stale for that client only."""
    getattr(rig, side)(seeded_pair("cafe-zoe"), phone="03 5550 9999")

    found = revalidate(rig.context, open_plan(plan, rig.context.ledger), Silent())

    stale = [hold for hold in found.plan.holds if hold.code is HoldCode.STALE]
    assert [hold.client.xpm_id for hold in stale] == [client_id("cafe-zoe")]
    assert client_id("cafe-zoe") not in {change.client.xpm_id for change in found.plan.changes}
    assert len(found.plan.changes) == 23


def test_a_client_unlinked_or_levelled_since_is_left_out(rig: SyncRig, plan: Path) -> None:
    """The plan has no right to write to either any more."""
    unlink(rig.context.ledger, client_id("cafe-zoe"))
    set_level(rig.context.ledger, client_id("jacaranda"), Level.NOTHING)

    found = revalidate(rig.context, open_plan(plan, rig.context.ledger), Silent())

    stale = {hold.client.xpm_id for hold in found.plan.holds if hold.code is HoldCode.STALE}
    assert stale == {client_id("cafe-zoe"), client_id("jacaranda")}
    assert not stale & {change.client.xpm_id for change in found.plan.changes}


def test_a_client_left_out_at_the_last_moment_is_compared_again(rig: SyncRig) -> None:
    """What moved while a person thought is neither written nor taken for equal by the next run."""
    found = rig.preview()
    rig.edit_ignition(seeded_pair("cafe-zoe"), phone="03 5550 9999")
    left = drop_stale(rig.context, found.plan, found.fingerprints, Silent())
    applied = apply(rig.context, replace(found, plan=left), Silent())
    assert applied.written == 23
    again = rig.preview()
    assert again.reading.full is None
    assert {change.client.xpm_id for change in again.plan.changes} == {client_id("cafe-zoe")}


def test_other_settings_refuse_it(rig: SyncRig, plan: Path) -> None:
    """A plan made for one direction is not applied under another."""
    rig.change_sync(direction=Direction.TO_XPM)

    with pytest.raises(PlanRefused) as refused:
        revalidate(rig.context, open_plan(plan, rig.context.ledger), Silent())
    assert refused.value.reason == "other-settings"


def test_another_practice_refuses_it(rig: SyncRig, plan: Path, tmp_path: Path) -> None:
    """A file from elsewhere can be looked at, but its seal is another ledger's."""
    with open_rig(tmp_path / "elsewhere", seeded=True) as other:
        kept = open_plan(plan, other.context.ledger)
        assert kept.plan.changes
        with pytest.raises(PlanRefused) as refused:
            revalidate(other.context, kept, Silent())
    assert refused.value.reason == "tampered"


def test_an_altered_file_is_refused(rig: SyncRig, plan: Path) -> None:
    """One changed value breaks the seal."""
    content = json.loads(plan.read_text(encoding="utf-8"))
    content["plan"]["changes"][0]["new"] = "something else"
    plan.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(PlanRefused) as refused:
        revalidate(rig.context, open_plan(plan, rig.context.ledger), Silent())
    assert refused.value.reason == "tampered"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[: len(text) // 2], "not-a-plan"),
        (lambda _: "[]", "not-a-plan"),
        (lambda _: "\x00\xff", "not-a-plan"),
        (lambda text: text.replace('"xpmsync_plan": 1', '"xpmsync_plan": 2'), "newer"),
        (lambda text: text.replace('"kind": "field"', '"kind": "wish"'), "not-a-plan"),
        (lambda text: text.replace('"changes":', '"chances":'), "not-a-plan"),
    ],
)
def test_a_damaged_file_is_named_for_what_it_is(rig: SyncRig, plan: Path, damage: object, reason: str) -> None:
    """Cut off, of a newer version, or no plan at all: a clear refusal, never a half plan."""
    assert callable(damage)
    plan.write_text(damage(plan.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(PlanRefused) as refused:
        open_plan(plan, rig.context.ledger)
    assert refused.value.reason == reason


def test_a_missing_file_says_how_to_make_one(rig: SyncRig, tmp_path: Path) -> None:
    """A reason of its own; the hint at the command line names the command."""
    with pytest.raises(PlanRefused) as problem:
        open_plan(tmp_path / "none.json", rig.context.ledger)
    assert problem.value.reason == "missing"
