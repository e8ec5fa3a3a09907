"""Saved plans: exactly what was seen is what gets applied, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.seeded_rig import Desk, open_desk
from xpmsync.core.enums import Direction, Level
from xpmsync.core.plan.plan import HoldCode
from xpmsync.errors import PlanRefused
from xpmsync.simulator.people.seed import client_id
from xpmsync.usecases.clients.link import set_level, unlink
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.plan_file import drop_stale, open_plan, revalidate, save_plan


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A practice with 24 changes waiting."""
    with open_desk(tmp_path / "state") as desk:
        yield desk


@pytest.fixture
def plan(desk: Desk, tmp_path: Path) -> Path:
    """A plan of all changes, saved."""
    file = tmp_path / "plan.json"
    save_plan(desk.context, desk.preview(), file)
    return file


def test_a_plan_is_applied_to_the_letter(desk: Desk, plan: Path) -> None:
    """What the file says is written, and a sync after it has nothing left to do."""
    kept = open_plan(plan, desk.context.ledger)
    applied = apply(desk.context, revalidate(desk.context, kept, Silent()), Silent(), command="apply")

    assert kept.sealed
    assert applied.written == len(kept.plan.changes) == 24
    assert not desk.preview(full=True).plan.changes


@pytest.mark.parametrize("side", ["in_xpm", "in_ignition"])
def test_clients_that_moved_since_are_left_out_and_named(desk: Desk, plan: Path, side: str) -> None:
    """An edit on either side makes the plan stale for that client only."""
    getattr(desk, side)("cafe-zoe", "phone", "03 5550 9999")

    found = revalidate(desk.context, open_plan(plan, desk.context.ledger), Silent())

    stale = [hold for hold in found.plan.holds if hold.code is HoldCode.STALE]
    assert [hold.client.xpm_id for hold in stale] == [client_id("cafe-zoe")]
    assert client_id("cafe-zoe") not in {change.client.xpm_id for change in found.plan.changes}
    assert len(found.plan.changes) == 23


def test_a_client_unlinked_or_levelled_since_is_left_out(desk: Desk, plan: Path) -> None:
    """The plan has no right to write to either any more."""
    unlink(desk.context.ledger, client_id("cafe-zoe"))
    set_level(desk.context.ledger, client_id("jacaranda"), Level.NOTHING)

    found = revalidate(desk.context, open_plan(plan, desk.context.ledger), Silent())

    stale = {hold.client.xpm_id for hold in found.plan.holds if hold.code is HoldCode.STALE}
    assert stale == {client_id("cafe-zoe"), client_id("jacaranda")}
    assert not stale & {change.client.xpm_id for change in found.plan.changes}


def test_a_client_left_out_at_the_last_moment_is_compared_again(desk: Desk) -> None:
    """What moved while a person thought is neither written nor taken for equal by the next run."""
    found = desk.preview()
    desk.in_ignition("cafe-zoe", "phone", "03 5550 9999")
    left = drop_stale(desk.context, found.plan, found.fingerprints, Silent())
    applied = apply(desk.context, replace(found, plan=left), Silent())
    assert applied.written == 23
    command_line = desk.preview()
    assert command_line.reading.full is None
    assert {change.client.xpm_id for change in command_line.plan.changes} == {client_id("cafe-zoe")}


def test_other_settings_refuse_it(desk: Desk, plan: Path) -> None:
    """A plan made for one direction is not applied under another."""
    desk.settle_on(direction=Direction.TO_XPM)

    with pytest.raises(PlanRefused) as refused:
        revalidate(desk.context, open_plan(plan, desk.context.ledger), Silent())
    assert refused.value.reason == "other-settings"


def test_another_practice_refuses_it(desk: Desk, plan: Path, tmp_path: Path) -> None:
    """A file from elsewhere can be looked at, but its seal is another ledger's."""
    with open_desk(tmp_path / "elsewhere") as other:
        kept = open_plan(plan, other.context.ledger)
        assert kept.plan.changes
        with pytest.raises(PlanRefused) as refused:
            revalidate(other.context, kept, Silent())
    assert refused.value.reason == "tampered"


def test_an_altered_file_is_refused(desk: Desk, plan: Path) -> None:
    """One changed value breaks the seal."""
    content = json.loads(plan.read_text(encoding="utf-8"))
    content["plan"]["changes"][0]["new"] = "something else"
    plan.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(PlanRefused) as refused:
        revalidate(desk.context, open_plan(plan, desk.context.ledger), Silent())
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
def test_a_damaged_file_is_named_for_what_it_is(desk: Desk, plan: Path, damage: object, reason: str) -> None:
    """Cut off, of a newer version, or no plan at all: a clear refusal, never a half plan."""
    assert callable(damage)
    plan.write_text(damage(plan.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(PlanRefused) as refused:
        open_plan(plan, desk.context.ledger)
    assert refused.value.reason == reason


def test_a_missing_file_says_how_to_make_one(desk: Desk, tmp_path: Path) -> None:
    """A reason of its own; the hint at the command line names the command."""
    with pytest.raises(PlanRefused) as problem:
        open_plan(tmp_path / "none.json", desk.context.ledger)
    assert problem.value.reason == "missing"
