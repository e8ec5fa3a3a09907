"""Answers of more than a screenful: totals first, the riskiest changes in full, the rest where the last line says."""

from __future__ import annotations

import io
from functools import cache

from support.cli_runner import Live
from support.generate_register import generate_register
from xpmsync.cli.terminal.screen import Screen
from xpmsync.cli.views.plan import is_big, show_brief
from xpmsync.core.enums import Direction, Level
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Change, ChangeKind, ContactRef, Hold, Plan, Why, plan_line, summary_line
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.files import make_private
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate


def client(number: int) -> ClientRef:
    """A client of a large practice."""
    return ClientRef(f"00000000-0000-4000-8000-{number:012}", f"CLI-{number}", f"Client {number} Ltd")


def change(number: int, field: str, new: str, why: Why = Why.SOURCE_CHANGED) -> Change:
    """A change of one field."""
    return Change(client(number), ChangeKind.FIELD, field, "before", new, why)


def plan_of(changes: list[Change], holds: list[Hold], clients: int = 15_000) -> Plan:
    """A plan of a practice of that many clients."""
    return Plan(Direction.FROM_XPM, Level.EVERYTHING, tuple(changes), tuple(holds), clients, 0)


@cache
def big_plan() -> Plan:
    """15,000 clients with a change and a hold each; few of them are risky."""
    changes = [change(number, "phone", f"02 5550 {number}") for number in range(15_000)]
    changes += [change(number, "name", f"Renamed {number} Ltd") for number in range(4)]
    changes.append(change(9, "city", "Nelson", Why.TARGET_EDITED))
    bob = ContactRef("Bob Roe", "b", "")
    changes.append(Change(client(8), ChangeKind.CONTACT, "contact", "", "Bob Roe", Why.FIRST_SYNC, bob))
    holds = [Hold(client(n), "website", HoldCode.ROUTE_CANNOT, "It is not carried.") for n in range(15_000)]
    return plan_of(changes, holds)


def shown(plan: Plan, width: int = 80) -> list[str]:
    """The screen's lines."""
    stream = io.StringIO()
    show_brief(Screen(stream, width=width), plan, "See every change with: xpmsync diff --all")
    return stream.getvalue().splitlines()


def test_a_plan_of_15000_clients_fits_a_screen() -> None:
    """Totals by field and by hold, and where the rest is."""
    plan = big_plan()
    lines = shown(plan)
    assert is_big(Screen(io.StringIO()), plan)
    assert len(lines) <= 50
    assert any("Phone" in line and "15,000" in line for line in lines)
    assert any("route-cannot" in line and "15,000" in line for line in lines)
    assert lines[-1] == "See every change with: xpmsync diff --all"


def test_the_riskiest_changes_are_in_full_and_ordinary_ones_are_not() -> None:
    """Names first, then overridden edits and creations; an ordinary phone number is not listed."""
    text = "\n".join(shown(big_plan()))
    assert all(f"Renamed {number} Ltd" in text for number in range(4))
    assert text.index("Renamed 3 Ltd") < text.index("and 2 more changes of these kinds")
    assert "02 5550 14999" not in text


def test_many_risky_changes_do_not_flood_the_screen() -> None:
    """As many as fit, and how many more there are."""
    lines = shown(plan_of([change(number, "name", f"Renamed {number} Ltd") for number in range(9_000)], []))
    assert len(lines) <= 50
    assert any(line.startswith("and 8,99") and line.endswith("more changes of these kinds.") for line in lines)


def test_a_small_plan_is_not_shortened() -> None:
    """Up to a screenful everything is listed."""
    plan = plan_of([change(1, "phone", "1")], [], clients=1)
    assert not is_big(Screen(io.StringIO()), plan)


def test_the_line_for_notifications() -> None:
    """What was done, what a person must decide, and what to upload; holds that follow from settings do not count."""
    assert summary_line(3, {"archived": 1, "missing": 1, "upload": 1}, written=True) == (
        "3 changed, 2 wait for you, 1 file to upload"
    )
    assert summary_line(0, {"failed": 2, "archived": 1}, written=True) == "0 changed, 1 waits for you, 2 failed"
    holds = [Hold(client(1), "website", HoldCode.LEVEL, ""), Hold(client(1), "client", HoldCode.ARCHIVED, "")]
    assert plan_line(plan_of([change(1, "phone", "1")], holds)) == "1 to change, 1 waits for you"


def test_a_large_rehearsal_fits_a_screen(live: Live) -> None:
    """`diff` and `match link` print at most 60 lines, whatever the practice's size."""
    generate(live.world, clients=600, seed=5)
    with Register(make_private(live.paths.ready().register)) as register:
        pairs = generate_register(register, clients=600, seed=5, differing=0.97).links
    matched = live.shell("match", "link", "--yes")
    assert matched.exit_code == 0
    assert len(matched.out.splitlines()) <= 60
    with Ledger(live.paths.ledger) as ledger:
        present = {link.xpm_id for link in ledger.links()} | {link.ignition_id for link in ledger.links()}
        for xpm_id, ignition_id in pairs:
            if not {xpm_id, ignition_id} & present:
                ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
    for columns in ("80", "160"):
        shown = live.shell("diff", variables={"COLUMNS": columns})
        assert len(shown.out.splitlines()) <= 60
        assert "xpmsync diff --all" in " ".join(shown.out.split())
    assert len(live.shell("diff", "--all").out.splitlines()) > 600
    told = live.shell("-q", "diff").out.splitlines()
    assert told == live.shell("diff", "--summary").out.splitlines()
    assert len(told) == 1
    assert " to change" in told[0]
