"""Whole runs over the MCP route: XPM's server on one side, the MCP server on the other, a real ledger between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig
from support.mcp_server import Dialect, Fault, McpServer, serving
from support.sync_rig import SyncRig, link_seeded, open_rig
from xpmsync.core.enums import OnEdited
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import forecast
from xpmsync.errors import CallLimit
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.simulator.people.seed import SEEDED_LINKS
from xpmsync.simulator.world.quirks import Quirks
from xpmsync.usecases.clients import match
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.clients.match import find_matches
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync import read_systems
from xpmsync.usecases.sync.read_systems import MOST_COMPLETED


@contextmanager
def practice_over(dialect: Dialect, folder: Path, *, linked: bool = True) -> Iterator[tuple[SyncRig, McpServer]]:
    """Open the seeded practice, its Ignition behind the MCP server."""
    with open_rig(folder / "practice", seeded=True, linked=False) as rig, serving(dialect, rig.register) as served:
        mcp = McpRig(served, folder, rig.clock)
        mcp.sign_in()
        if linked:
            link_seeded(rig.world, rig.paths, prefix="" if isinstance(dialect, Camel) else "cli_")
        with mcp.store() as store:
            rig.use(replace(rig.context, ignition=store))
            yield rig, served


@pytest.mark.parametrize("dialect", [Snake(page=50), Camel(page=50)], ids=["snake", "camel"])
def test_what_a_run_writes_the_next_one_finds_equal(dialect: Dialect, tmp_path: Path) -> None:
    """Everything that can be written is, once; a second run has nothing left to write."""
    with practice_over(dialect, tmp_path) as (rig, served):
        first = rig.run()
        assert first.outcome is RunOutcome.DONE, [str(one.error) for one in first.failures]
        assert first.written > 20
        rig.clock.sleep(3600)
        second = rig.preview(full=True)
        assert [(one.client.name, one.field, one.old, one.new) for one in second.plan.changes] == []
        lean = isinstance(dialect, Camel)
        reads = second.plan.forecast.reads
        assert reads > len(SEEDED_LINKS) if lean else reads < 5, "single look-ups only where the list is lean"
        served.asked.clear()
        rig.clock.sleep(3600)
        third = rig.run()
    assert third.written == 0
    writes = {"update_client", "updateClient", "add_contact", "addContact", "update_contact", "updateContact"}
    assert not writes & {name for name, _ in served.asked}


def test_what_the_route_cannot_carry_is_held(tmp_path: Path) -> None:
    """A fax and a group have no place in these tools: holds with the code, never dropped."""
    with practice_over(Camel(page=50), tmp_path) as (rig, _):
        plan = rig.preview().plan
    cannot = {hold.field for hold in plan.holds if hold.code is HoldCode.ROUTE_CANNOT}
    assert {"group", "contact.salutation"} <= cannot


def test_the_limit_is_in_the_forecast(tmp_path: Path) -> None:
    """Minutes at sixty calls a minute, what reading took included."""
    with practice_over(Snake(page=50), tmp_path) as (rig, _):
        expected = rig.preview().plan.forecast
        capabilities = rig.context.ignition.capabilities
    assert (capabilities.calls_a_minute, capabilities.calls_an_hour) == (60, 600)
    assert expected.writes > 20
    assert expected.reads > 3


def test_beyond_an_hours_calls_the_forecast_waits_for_the_next_hour() -> None:
    """Six hundred an hour, what reading took already included."""
    within = forecast(590, reads=10, calls_a_minute=60, calls_an_hour=600, calls_a_day=0, spent=10)
    beyond = forecast(650, reads=10, calls_a_minute=60, calls_an_hour=600, calls_a_day=0, spent=10)
    assert within.minutes == round(590 / 60 - 1, 1)
    assert 60 < beyond.minutes < 62


def test_a_limit_in_the_middle_of_a_run_loses_nothing(tmp_path: Path) -> None:
    """The run ends where the limit is met and says so; the next one goes on."""
    with practice_over(Snake(page=50), tmp_path) as (rig, served):
        preview = rig.preview()
        served.faults.append(Fault("update_client", 429, {"Retry-After": "3000"}))
        first = rig.run()
        assert isinstance(first.stopped, CallLimit)
        assert first.not_tried > 0
        rig.clock.sleep(3100)
        second = rig.run()
        assert second.outcome is RunOutcome.DONE
        assert first.written + second.written == len(preview.plan.changes)


def test_one_record_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    """A tool error is that record's: the run ends partly done, and the next writes what is left."""
    with practice_over(Snake(page=50), tmp_path) as (rig, served):
        served.faults.append(Fault("update_client", error={"error": {"code": "INVALID", "message": "Not today"}}))
        first = rig.run()
        assert first.outcome is RunOutcome.PARTIAL
        assert [one.error.code for one in first.failures] == ["rejected"]
        rig.clock.sleep(3600)
        assert rig.run().outcome is RunOutcome.DONE


def test_a_client_is_imported_and_equal_afterwards(tmp_path: Path) -> None:
    """Created by the tool with what it takes, completed by the others, linked, and nothing is left to write."""
    with practice_over(Camel(page=50), tmp_path) as (rig, _):
        wanted = next(
            one for one in rig.context.xpm.read() if one.contacts and rig.context.ledger.link_of(one.id) is None
            and any("@" in contact.email and contact.name for contact in one.contacts)
            and one.state.value == "active"
            and not rig.register.named(one.name)
        )  # fmt: skip
        proposal = propose(rig.context, wanted.id, Silent())
        imported = create(rig.context, proposal)
        assert imported.created
        assert imported.link is not None
        assert imported.link.xpm_id == wanted.id
        rig.clock.sleep(3600)
        plan = rig.preview(full=True).plan
    assert [one.field for one in plan.changes if one.client.xpm_id == wanted.id] == []


def matched(folder: Path, dialect: Dialect) -> tuple[set[tuple[str, str]], int]:
    """The sure pairs of the unlinked practice, and how many single clients were looked up for them."""
    with practice_over(dialect, folder, linked=False) as (rig, served):
        found = find_matches(rig.context, Silent())
        return {(pair.xpm_id, pair.ignition_id) for pair in found.matching.sure}, len(served.calls("getClient"))


def test_a_match_on_lists_of_names_finds_what_whole_lists_would(tmp_path: Path) -> None:
    """Summaries are completed where a match needs it."""
    whole, _ = matched(tmp_path / "whole", Camel(page=50, lean=False))
    lean, looked_up = matched(tmp_path / "lean", Camel(page=50))
    assert lean == whole
    assert len(lean) > 5
    assert looked_up <= MOST_COMPLETED


def test_a_match_looks_up_no_more_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many clients only those are looked up that may be meant, the surest first."""
    for module in (read_systems, match):
        monkeypatch.setattr(module, "MOST_COMPLETED", 4)
    _, looked_up = matched(tmp_path, Camel(page=50))
    assert looked_up == 4


def proposed(folder: Path, dialect: Dialect) -> dict[str, list[str]]:
    """Whom Ignition may have already, for six clients that it has, one of them under another spelling."""
    with practice_over(dialect, folder, linked=False) as (rig, _):
        rig.register.update(SEEDED_LINKS[0][1], {"name": "B.K.G. Partnership"})
        proposals = {xpm_id: propose(rig.context, xpm_id, Silent()) for xpm_id, _ in SEEDED_LINKS[:6]}
    return {
        xpm_id: [candidate.client.id for candidate in proposal.candidates] for xpm_id, proposal in proposals.items()
    }


def test_an_import_on_lists_of_names_finds_whom_whole_lists_would(tmp_path: Path) -> None:
    """Those of like name and those of the same e-mail are looked up."""
    whole = proposed(tmp_path / "whole", Snake(page=50))
    assert sum(map(len, whole.values())) >= 5
    assert proposed(tmp_path / "lean", Snake(page=50, lean=True)) == whole


def respelled(values: dict[str, str]) -> dict[str, str]:
    """Blanks squeezed, postcodes in capitals, web addresses with a scheme."""
    made = {name: " ".join(text.split(" ")) for name, text in values.items()}
    for name in made.keys() & {"postcode", "postal_postcode"}:
        made[name] = made[name].upper()
    if made.get("website") and "://" not in made["website"]:
        made["website"] = f"https://{made['website']}"
    return made


def cut(values: dict[str, str]) -> dict[str, str]:
    """Phones and web addresses are cut to five characters without a word."""
    return {name: text[:5] if name in {"phone", "website"} else text for name, text in values.items()}


def ignoring(values: dict[str, str]) -> dict[str, str]:
    """Phones of clients and of contacts are never taken."""
    return {name: text for name, text in values.items() if name not in {"phone", "contact.phone"}}


@pytest.mark.parametrize(
    ("takes", "on_edited"), [(respelled, OnEdited.HOLD), (cut, OnEdited.OVERRIDE), (ignoring, OnEdited.HOLD)]
)
def test_after_two_runs_nothing_more_is_written(
    tmp_path: Path, takes: Callable[[dict[str, str]], dict[str, str]], on_edited: OnEdited
) -> None:
    """Whatever the server makes of what it is sent, while nobody edits; and none of it is called an edit."""
    with practice_over(Snake(page=50, takes=takes), tmp_path) as (rig, served):
        rig.sync = replace(rig.sync, on_edited=on_edited)
        for _ in range(2):
            rig.run()
            rig.clock.sleep(3600)
        served.asked.clear()
        third = rig.run()
        plan = rig.preview(full=True).plan
    assert third.written == 0
    assert not {name for name, _ in served.asked} & {"update_client", "add_contact", "update_contact"}
    assert [change.field for change in plan.changes if change.overrides_edit] == []
    assert HoldCode.EDITED not in {hold.code for hold in plan.holds}


def test_a_server_that_respells_cuts_and_ignores_is_left_alone_after_two_runs(tmp_path: Path) -> None:
    """Its own spelling is agreed; what it does not take fails twice, then is held, and nothing more is written."""
    quirks = Quirks(respells=("name",), cuts={"website": 5}, ignores=("phone", "contact.mobile"))
    with practice_over(Snake(page=50, takes=quirks.taken), tmp_path) as (rig, served):
        runs = []
        for _ in range(2):
            runs.append(rig.run(full=True))
            rig.clock.sleep(3600)
        served.asked.clear()
        last = rig.run(full=True)
    assert [run.outcome for run in runs] == [RunOutcome.PARTIAL, RunOutcome.PARTIAL]
    assert runs[0].respelled > 0
    fields = {name for run in runs for failure in run.failures for name in failure.fields}
    assert {"website", "phone"} <= fields <= {"website", "phone", "contact.mobile"}
    assert not any(change.overrides_edit for run in runs[1:] for change in run.plan.changes)
    assert (last.plan.changes, last.failures) == ((), ())
    assert {hold.field for hold in last.plan.holds if hold.code is HoldCode.TARGET_KEEPS} == fields
    assert not {name for name, _ in served.asked} & {"update_client", "add_contact", "update_contact"}
