"""Killed at any point: real processes, really killed, on every route and in both directions.

A run of some 500 changes is begun again and again and killed each time: at every
journal state in turn, after a random number of writes, and at random moments. At
the end both systems are as after a run that nobody disturbed. `pytest --thorough`
kills 200 times and `--kills N` any number of times, else it is 20.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
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
SHARE: Final = {"builtin": 0.19, "csv": 0.17, "mcp": 0.09}
"""Of all kills, for each direction; the rest is for imports."""
CLIENTS: Final = 640

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
    pytest.mark.timeout(3_600),
]


@pytest.mark.parametrize("direction", Direction)
@routes
def test_killed_again_and_again(route: str, direction: Direction, pytestconfig: pytest.Config) -> None:
    """Whatever instruction a run dies at, the runs after it lose nothing, double nothing and claim nothing false."""
    points = [*POINTS, *(FILE_POINTS if route == "csv" and direction is Direction.FROM_XPM else ())]
    wanted = round(pytestconfig.getoption("kills") * SHARE[route])
    chance = random.Random(f"{route} {direction}")  # noqa: S311 - repeatable, no secret
    with open_scene(route, direction, clients=CLIENTS) as undisturbed:
        changes = undisturbed.finish()
        expected = undisturbed.state()
    assert changes > 400
    killed: Counter[str] = Counter()
    turn = 0
    while killed.total() < wanted:
        with open_scene(route, direction, clients=CLIENTS) as disturbed:
            for _ in range(wanted):
                point = points[turn % len(points)]
                if not killed_at(disturbed, point, chance):
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


def killed_at(scene: Scene, point: str, chance: random.Random) -> bool:
    """Begin a sync that is killed; false where it was through before."""
    if point == "any-moment":
        ran = scene.sync(seconds=chance.uniform(0.2, 3.0))
    else:
        ran = scene.sync(point=point, nth=1 if point in ONCE else chance.randint(1, 25))
    assert ran.was_killed or ran.code == 0, ran.err
    return ran.was_killed
