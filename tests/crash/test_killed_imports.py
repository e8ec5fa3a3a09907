"""Imports killed at any point, on every route: asked for again, the client is there, once, and linked.

`pytest --thorough` kills at all points on every route, else at every other one, not the same ones on each route.
"""

from __future__ import annotations

import json
import random
import signal
from typing import Final

import pytest

from support.crash_scenarios import Scene, open_scene, routes
from xpmsync.core.enums import ClientState, Direction

POINTS: Final = ("before-intent", "after-intent", "write-arrived", "before-done", "after-done")
LAST: Final = {"builtin": ("linking",), "csv": ("file-written", "file-noted", "file-named"), "mcp": ("linking",)}
FIRST: Final = {"builtin": 1, "csv": 0, "mcp": 0}
"""The first of the points where every other one is left out."""
CLIENTS: Final = 30
TIMES: Final = 3
"""As often as a client may have to be asked for: on route csv it is linked when an export shows it."""

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
    pytest.mark.timeout(3_600),
]


@routes
def test_no_client_is_created_twice(route: str, pytestconfig: pytest.Config) -> None:
    """As many new clients in Ignition as were asked for, each linked, and as complete as if nothing had happened."""
    points = [*POINTS, *LAST[route]]
    kills = pytestconfig.getoption("kills")
    if kills < 200:
        points = points[FIRST[route] :: 2]
    chance = random.Random(route)  # noqa: S311 - repeatable, no secret
    wanted = max(len(points), round(kills / 30))
    with open_scene(route, Direction.FROM_XPM, clients=CLIENTS, linked=most) as undisturbed:
        new = importable(undisturbed)
        new = new if kills >= 200 else new[:wanted]
        for client in new:
            bring_in(undisturbed, client)
        undisturbed.finish()
        expected = undisturbed.state()
    killed: set[str] = set()
    turn = 0
    while turn < wanted:
        with open_scene(route, Direction.FROM_XPM, clients=CLIENTS, linked=most) as disturbed:
            for client in new:
                point = points[turn % len(points)]
                ran = disturbed.run("--json", "import", client, "--yes", point=point, nth=1)
                assert ran.was_killed, (point, ran.out, ran.err)
                killed.add(point)
                turn += 1
                if chance.random() < 0.5:
                    disturbed.person()
                if chance.random() < 0.5:
                    disturbed.sync()
                bring_in(disturbed, client)
            disturbed.finish()
            assert disturbed.state() == expected
            with disturbed.ledger() as ledger:
                assert not ledger.journal.open_writes()
                assert {link.xpm_id for link in ledger.links()} >= set(new)
    assert killed >= set(points[:turn])


def most(number: int) -> bool:
    """Two of three clients are in Ignition already."""
    return bool(number % 3)


def importable(scene: Scene) -> list[str]:
    """The XPM ids of active clients that Ignition lacks and could take."""
    with scene.ledger() as ledger:
        linked = {link.xpm_id for link in ledger.links()}
    return [
        client.id
        for client in scene.xpm()
        if client.id not in linked and client.state is ClientState.ACTIVE and client.primary and client.primary.email
    ]


def bring_in(scene: Scene, client: str) -> None:
    """Ask for a client until it is linked; nothing is wrong on the way."""
    for _ in range(TIMES):
        answer = json.loads(scene.run("--json", "import", client, "--yes").out)
        assert answer["exit_code"] == 0, answer["errors"]
        with scene.ledger() as ledger:
            if ledger.link_of(client):
                return
        scene.person()
    raise AssertionError(f"{client} is not linked")
