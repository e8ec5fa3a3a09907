"""Killed at any point: real processes, really killed, on every route and in both directions.

A run of some 500 changes is begun again and again and killed each time: at every
journal state in turn, after a random number of writes, and at random moments. At
the end both systems are as after a run that nobody disturbed. `pytest --thorough`
kills 200 times and `--kills N` any number of times, else it is 20 times in a run of
some 120 changes.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from time import monotonic
from typing import Final

import pytest

from support.crash_scenarios import Scene, open_scene, routes
from xpmsync.core.enums import Direction

POINTS: Final = (
    "before-intent",
    "after-intent",
    "any-moment",
    "write-arrived",
    "before-done",
    "after-done",
    "remembering",
    "run-ending",
)
FILE_POINTS: Final = ("file-written", "file-noted", "file-named")
ONCE: Final = {"run-ending", *FILE_POINTS}
"""What a run passes only once."""
SHARE: Final = {"builtin": 0.19, "csv": 0.17, "mcp": 0.09, "xpm-files": 0.1}
"""Of all kills, for each direction; the rest is for imports."""
CLIENTS: Final = 640
FEW_CLIENTS: Final = 160
"""How many where few runs are killed: a run without a kill is most of the work then."""

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
    pytest.mark.timeout(3_600),
]


@pytest.mark.parametrize("direction", Direction)
@routes
def test_killed_again_and_again(route: str, direction: Direction, pytestconfig: pytest.Config) -> None:
    """Whatever instruction a run dies at, the runs after it lose nothing, double nothing and claim nothing false."""
    kill_again_and_again(route, direction, pytestconfig)


def test_killed_while_files_for_xpm_are_written(pytestconfig: pytest.Config) -> None:
    """The same where a sync to XPM becomes files for its import."""
    kill_again_and_again("xpm-files", Direction.TO_XPM, pytestconfig)


def kill_again_and_again(route: str, direction: Direction, pytestconfig: pytest.Config) -> None:
    """Kill syncs at one point after another, and compare what they come to with runs that nobody killed."""
    writes_files = (route, direction) in {("csv", Direction.FROM_XPM), ("xpm-files", Direction.TO_XPM)}
    points = [*POINTS, *(FILE_POINTS if writes_files else ())]
    kills = pytestconfig.getoption("kills")
    clients, wanted = CLIENTS if kills >= 200 else FEW_CLIENTS, round(kills * SHARE[route])
    chance = random.Random(f"{route} {direction}")  # noqa: S311 - repeatable, no secret
    with open_scene(route, direction, clients=clients) as undisturbed:
        begun = monotonic()
        changes = undisturbed.finish()
        # The first run, which writes all of it, takes about half of the time.
        longest = (monotonic() - begun) / 2
        expected = undisturbed.state()
    assert changes > 0.65 * clients
    killed: Counter[str] = Counter()
    turn = 0
    while killed.total() < wanted:
        with open_scene(route, direction, clients=clients) as disturbed:
            for _ in range(wanted):
                point = points[turn % len(points)]
                if not killed_at(disturbed, point, chance, longest):
                    turn += point == "any-moment"
                    break
                turn += 1
                killed[point] += 1
                if point in {"remembering", "run-ending"}:
                    break
                if chance.random() < 0.5:
                    disturbed.person()
            disturbed.finish()
            assert disturbed.state() == expected
            with disturbed.ledger() as ledger:
                assert not ledger.journal.open_writes()
    assert set(killed) >= set(points[:turn]) - {"any-moment"}


def killed_at(scene: Scene, point: str, chance: random.Random, longest: float) -> bool:
    """Begin a sync that is killed, `longest` seconds after its begin at most; false where it was through before."""
    if point == "any-moment":
        ran = scene.sync(seconds=chance.uniform(0, longest))
    else:
        ran = scene.sync(point=point, nth=1 if point in ONCE else chance.randint(1, 25))
    assert ran.was_killed or ran.exit_code == 0, ran.err
    return ran.was_killed
