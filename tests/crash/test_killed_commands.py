"""import --new beside a namesake, undo, apply, link and uploads, killed between intent, call, answer and note.

Run again, each ends as if nothing had happened, and a refused namesake is as it was.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Final

import pytest

from support.crash_scenarios import ALLOWED, Scene, open_scene, routes
from xpmsync.core.enums import ClientState, Direction
from xpmsync.core.model import Client
from xpmsync.simulator.ignition.files import upload

POINTS: Final = ("before-intent", "after-intent", "write-arrived", "before-done", "after-done", "run-ending")
CLIENTS: Final = 24

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
    pytest.mark.timeout(3_600),
]


def some(number: int) -> bool:
    """Three of four clients are in Ignition already."""
    return bool(number % 4)


def points(pytestconfig: pytest.Config, shift: int) -> tuple[str, ...]:
    """All points with all kills, otherwise two of them, other ones for each test."""
    if pytestconfig.getoption("kills") >= 200:
        return POINTS
    return tuple(POINTS[(shift + step) % len(POINTS)] for step in (0, 3))


def finish(scene: Scene, *words: str) -> None:
    """Run a command that must end well."""
    ended = json.loads(scene.run("--json", *words).out)
    assert ended["exit_code"] == 0, ended["errors"]


@routes
def test_a_refused_namesake_is_never_taken(route: str, pytestconfig: pytest.Config) -> None:
    """`import --new`: wherever it dies, the client is created once, and the namesake is neither linked nor changed."""
    for point in points(pytestconfig, 1):
        with open_scene(route, Direction.FROM_XPM, clients=CLIENTS, linked=some) as scene:
            client = importable(scene)
            namesake = scene.register.create({"name": client.name, "phone": "02 5550 0888"}, [contact_of(client)])
            scene.person()
            killed = scene.run("--json", "import", client.id, "--new", "--yes", point=point, nth=1)
            assert killed.was_killed or killed.exit_code == 0, killed.err
            finish(scene, "sync", "--yes", *ALLOWED)
            for _ in range(3):
                scene.person()
                finish(scene, "import", client.id, "--new", "--yes")
            namesakes = [each for each in scene.register.clients() if each.name == client.name]
            assert len(namesakes) == 2, point
            assert scene.register.get(namesake.id) == namesake
            with scene.ledger() as ledger:
                link = ledger.link_of(client.id)
                assert link is not None
                assert not link.ignition_id.endswith(namesake.id)
                assert ledger.runs.undecided() == ()


def undo(_scene: Scene) -> tuple[str, ...]:
    """Undo the first run."""
    return ("undo", "1", "--yes", *ALLOWED)


def apply(scene: Scene) -> tuple[str, ...]:
    """Apply a plan that was saved before."""
    plan = scene.paths.folder / "plan.json"
    if not plan.exists():
        finish(scene, "diff", "--out", str(plan))
    return ("apply", str(plan), "--yes", *ALLOWED)


COMMANDS: Final[Mapping[str, Callable[[Scene], tuple[str, ...]]]] = {"undo": undo, "apply": apply}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("route", ["builtin"])
def test_a_killed_command_is_carried_on(route: str, command: str, pytestconfig: pytest.Config) -> None:
    """The same command again (an undo: what it left) brings both sides to where an undisturbed one does."""
    with open_scene(route, Direction.FROM_XPM, clients=CLIENTS) as undisturbed:
        expected = end_of(undisturbed, command, "none")
    for point in points(pytestconfig, 2 if command == "undo" else 0):
        with open_scene(route, Direction.FROM_XPM, clients=CLIENTS) as disturbed:
            assert end_of(disturbed, command, point) == expected, (command, point)
            with disturbed.ledger() as ledger:
                assert not ledger.journal.open_writes()


def end_of(scene: Scene, command: str, point: str) -> dict[str, list[object]]:
    """Run the command, killed at its third passage of the point, and again; what both systems hold then."""
    if command == "undo":
        finish(scene, "sync", "--yes", "--full", *ALLOWED)
    words = COMMANDS[command](scene)
    killed = scene.run("--json", *words, point=point, nth=1 if point == "run-ending" else 3)
    assert killed.was_killed == (point != "none"), killed.err
    for _ in range(2):
        scene.run("--json", *words)
    return scene.state()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "route",
    ["csv", pytest.param("mcp", marks=pytest.mark.skipif(find_spec("mcp") is None, reason="the extra is missing"))],
)
def test_a_killed_command_is_carried_on_elsewhere(route: str, command: str, pytestconfig: pytest.Config) -> None:
    """Over files and over MCP: after the kill, a person's uploads and the same command, nothing is left or doubled."""
    every = pytestconfig.getoption("kills") >= 200
    with open_scene(route, Direction.FROM_XPM, clients=CLIENTS) as undisturbed:
        expected = end_of_route(undisturbed, command, "none")
    for point in POINTS if every else ("write-arrived",):
        with open_scene(route, Direction.FROM_XPM, clients=CLIENTS) as disturbed:
            assert end_of_route(disturbed, command, point) == expected, (command, point)
            with disturbed.ledger() as ledger:
                assert not ledger.journal.open_writes()


def end_of_route(scene: Scene, command: str, point: str) -> dict[str, list[object]]:
    """As `end_of`, with what a person does at Ignition between the runs."""
    if command == "undo":
        finish(scene, "sync", "--yes", "--full", *ALLOWED)
        scene.person()
    words = COMMANDS[command](scene)
    killed = scene.run("--json", *words, point=point, nth=1 if point == "run-ending" else 3)
    assert killed.was_killed == (point != "none"), killed.err
    for _ in range(2):
        scene.person()
        scene.run("--json", *words)
    scene.person()
    return scene.state()


@pytest.mark.parametrize("point", ["uploads-kept-before", "file-noted"])
def test_a_killed_uploaded_is_noted_or_not(point: str) -> None:
    """`ignition uploaded`: after a kill the same command ends well, and the next export shows all of it."""
    with open_scene("csv", Direction.FROM_XPM, clients=CLIENTS) as scene:
        finish(scene, "sync", "--yes", "--full", *ALLOWED)
        killed = scene.run("--json", "ignition", "uploaded", point=point, nth=1)
        assert killed.was_killed, killed.err
        again = json.loads(scene.run("--json", "ignition", "uploaded").out)
        # What was noted before the kill waits no more, which is a usage error that names nothing else.
        assert again["exit_code"] == (0 if point == "uploads-kept-before" else 2), again["errors"]
        for file in (scene.paths.folder.parents[1] / "exports" / "for-ignition").iterdir():
            upload(scene.register, file.read_bytes())
        scene.person()
        assert scene.finish() == 0


@pytest.mark.parametrize("point", ["linking", "none"])
def test_a_killed_link_is_made_or_not(point: str) -> None:
    """`link` writes one row: after a kill it is there or not, and the same command again ends well."""
    with open_scene("builtin", Direction.FROM_XPM, clients=CLIENTS, linked=some) as scene:
        client = importable(scene)
        partner = scene.register.create({"name": client.name}, [contact_of(client)])
        scene.run("link", client.id, partner.id, point=point, nth=1)
        finish(scene, "link", client.id, partner.id)
        with scene.ledger() as ledger:
            link = ledger.link_of(client.id)
            assert link is not None
            assert link.ignition_id == partner.id


def importable(scene: Scene) -> Client:
    """An active client with a contact that Ignition lacks."""
    with scene.ledger() as ledger:
        linked = {link.xpm_id for link in ledger.links()}
    return next(
        client
        for client in scene.xpm()
        if client.id not in linked and client.state is ClientState.ACTIVE and client.primary and client.primary.email
    )


def contact_of(client: Client) -> dict[str, str]:
    """The client's primary contact, by name and e-mail."""
    assert client.primary is not None
    return {"contact.name": client.primary.name, "contact.email": client.primary.email}
