"""Filters and levels of single clients: a sync looks only at what it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig
from xpmsync.core.diff.filters import Filter
from xpmsync.core.enums import Level, System
from xpmsync.core.model import Client, Link
from xpmsync.local.settings.settings import FilterSettings
from xpmsync.simulator.people.seed import client_id
from xpmsync.usecases.clients.link import set_level

LINK = Link("x1", "1000001", "Hill Dental Ltd", "2026-01-01T00:00:00+00:00")
CLIENT = Client(
    System.XPM,
    "x1",
    {"name": "Hill Dental Ltd", "group": "Hill Family\nMedical", "structure": "Company"},
    manager="Tom Okafor",
    partner="Priya Raman",
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice with 24 changes waiting at 21 clients."""
    with open_rig(tmp_path, seeded=True) as rig:
        yield rig


@pytest.mark.parametrize(
    ("wanted", "admitted"),
    [
        (Filter(), True),
        (Filter(groups=("medical",)), True),
        (Filter(groups=("Builders",)), False),
        (Filter(groups=("Medical",), managers=("Tom Okafor",)), True),
        (Filter(groups=("Medical",), managers=("Somebody",)), False),
        (Filter(partners=("PRIYA RAMAN",)), True),
        (Filter(structures=("Trust",)), False),
        (Filter(structures=("Trust",), include=("hill dental ltd",)), True),
        (Filter(include=("Somebody Else",)), False),
        (Filter(include=("1000001",)), True),
        (Filter(exclude=("X1",)), False),
        (Filter(exclude=("x1",)), False),
        (Filter(include=("x1",), exclude=("Hill Dental Ltd",)), False),
    ],
)
def test_whom_a_filter_admits(wanted: Filter, admitted: bool) -> None:
    """Criteria narrow, include adds, exclude wins; capitals do not matter."""
    assert wanted.admits(LINK, CLIENT) is admitted


def with_filter(rig: SyncRig, **lists: tuple[str, ...]) -> None:
    """Set `[sync.filter]`."""
    rig.settings = replace(rig.settings, sync_filter=FilterSettings(**lists))


def test_only_what_the_filter_admits_is_compared(rig: SyncRig) -> None:
    """The rest is neither changed nor held nor counted."""
    with_filter(rig, include=(client_id("cafe-zoe"),))
    plan = rig.preview().plan
    assert {change.client.xpm_id for change in plan.changes} == {client_id("cafe-zoe")}
    assert plan.counts["clients"] == 1


def test_a_wider_filter_later_finds_what_was_left_out(rig: SyncRig) -> None:
    """Clients outside are not remembered as equal."""
    with_filter(rig, include=(client_id("cafe-zoe"),))
    rig.run()
    with_filter(rig)
    assert rig.preview().plan.counts["changed_clients"] == 20


def test_a_filter_does_not_cost_a_look_up_for_each_client_outside(rig: SyncRig) -> None:
    """One call says that nothing changed."""
    with_filter(rig, include=(client_id("cafe-zoe"),))
    rig.run()
    rig.server.requests.clear()
    assert not rig.preview().plan.changes
    assert len(rig.server.requests.all()) == 1


def test_words_that_fit_nobody_are_said(rig: SyncRig) -> None:
    """A slip in a name would otherwise stop a client's sync, or let one through, without a word."""
    with_filter(rig, groups=("No Such Group", ""), exclude=("Nobody Ltd",))
    found = rig.preview()
    assert found.notices == (
        "No linked client fits 'No Such Group' (sync.filter.groups).",
        "No linked client fits 'Nobody Ltd' (sync.filter.exclude).",
        "The filters leave out all 36 linked clients.",
    )
    with_filter(rig, groups=("",))
    assert rig.preview(full=True).plan.counts["clients"] == 36


def test_a_run_that_reads_little_counts_the_same(rig: SyncRig) -> None:
    """Clients outside the filter are no more counted by an incremental run than by a full one."""
    with_filter(rig, managers=("Tom Okafor",))
    rig.run()
    full, little = rig.preview(full=True), rig.preview()
    assert little.reading.full is None
    assert 0 < full.plan.counts["clients"] < rig.context.ledger.count()
    assert little.plan.counts == full.plan.counts


def test_a_client_can_have_a_level_of_its_own(rig: SyncRig) -> None:
    """Only the name flows for this one; without the exception everything does again."""
    set_level(rig.context.ledger, client_id("jacaranda"), Level.NAMES)
    plan = rig.preview(client_id("jacaranda")).plan
    assert [change.field for change in plan.changes] == ["name"]
    assert {hold.code.value for hold in plan.holds} == {"level"}

    set_level(rig.context.ledger, client_id("jacaranda"), None)
    assert len(rig.preview(client_id("jacaranda")).plan.changes) == 2
