"""Killed at any point: real processes, really killed, in both directions; then an undisturbed run is compared.

A plan of some 500 changes is begun again and again and killed each time, at every
journal state in turn, after a random number of writes. `XPMSYNC_KILLS` asks for
more kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from xpmsync.core.links import Link
from xpmsync.core.model import Client, Direction
from xpmsync.local.ledger import Ledger
from xpmsync.local.paths import ProfilePaths
from xpmsync.practice.generate import generate
from xpmsync.practice.generate_register import generate_register
from xpmsync.practice.register import Register
from xpmsync.practice.server import DEMO_TENANT, PracticeServer
from xpmsync.practice.world import World
from xpmsync.xpm.reader import Envelope, read_clients

DRIVER = Path(__file__).parents[1] / "kill_driver.py"
POINTS = (
    "before-intent",
    "after-intent",
    "write-arrived",
    "before-done",
    "after-done",
    "remembering",
    "run-ending",
)
KILLS = int(os.environ.get("XPMSYNC_KILLS", "30"))
CLIENTS = 560
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a private folder in it is made below
ALLOWED = [word for guard in ("changes", "names", "creations", "clears") for word in ("--allow", f"{guard}=9999")]

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


@dataclass(frozen=True)
class Scene:
    """A practice with much to do, and the means to run xpmsync on it."""

    folder: Path
    server: PracticeServer
    register: Register
    paths: ProfilePaths
    environ: dict[str, str]

    def sync(self, point: str = "none", nth: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a sync in a process of its own, killed where told to."""
        command = [sys.executable, str(DRIVER), point, str(nth), "--json", "sync", "--yes", "--full", *ALLOWED]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, encoding="utf-8", check=False)

    def state(self) -> dict[str, list[object]]:
        """What both systems hold, without the ids that new contacts were given."""
        pieces = _list_of(self.server)
        return {
            "xpm": [_told(client) for client in sorted(read_clients(pieces, Envelope()), key=lambda one: one.id)],
            "ignition": [_told(client) for client in self.register.clients()],
        }


@contextmanager
def scene(direction: Direction) -> Iterator[Scene]:
    """Some 500 linked clients, nearly all of them differing, some with a contact to be added."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY)))
        paths = ProfilePaths(folder / "state" / "default").ready()
        world = stack.enter_context(World())
        register = stack.enter_context(Register(paths.register))
        generate(world, clients=CLIENTS, seed=5)
        made = generate_register(register, clients=CLIENTS, seed=5, differing=0.97)
        _remove_contacts(world, register, direction)
        with Ledger(paths.ledger) as ledger, ledger.transaction():
            for xpm_id, ignition_id in made.links:
                ledger.add_link(Link(xpm_id, ignition_id, "", "2026-01-01T00:00:00+00:00"))
        server = stack.enter_context(PracticeServer(world, static_token="token"))
        config = folder / "config.toml"
        config.write_text(
            f'[sync]\ndirection = "{direction.value}"\n[xpm]\napi_url = "{server.api_url}"\n'
            f'identity_url = "{server.url}"\ntenant_id = "{DEMO_TENANT.tenant_id}"\n',
            encoding="utf-8",
        )
        environ = {
            **os.environ,
            "XPMSYNC_CONFIG": str(config),
            "XPMSYNC_STATE_DIR": str(folder / "state"),
            "XPMSYNC_XPM_ACCESS_TOKEN": "token",
        }
        yield Scene(folder, server, register, paths, environ)


@pytest.mark.parametrize("direction", Direction)
def test_killed_again_and_again(direction: Direction) -> None:
    """Whatever instruction a run dies at, the runs after it lose nothing, double nothing and claim nothing false."""
    chance = random.Random(direction.value)  # noqa: S311 - repeatable, no secret
    killed = 0
    with scene(direction) as undisturbed:
        plan = json.loads(undisturbed.sync().stdout)
        assert plan["exit_code"] == 0, plan["errors"]
        changes = plan["data"]["counts"]["changes"]
        expected = undisturbed.state()
    assert changes > 450
    while killed < KILLS // 2:
        with scene(direction) as disturbed:
            for number in range(KILLS // 2):
                point = POINTS[number % len(POINTS)]
                run = disturbed.sync(point, 1 if point == "run-ending" else chance.randint(1, 25))
                if run.returncode == 0:
                    break
                assert run.returncode == -signal.SIGKILL, run.stderr
                killed += 1
                if point in {"remembering", "run-ending"}:
                    break
            last = json.loads(disturbed.sync().stdout)
            again = json.loads(disturbed.sync().stdout)
            assert last["exit_code"] == again["exit_code"] == 0, (last["errors"], again["errors"])
            assert again["data"]["counts"]["changes"] == 0
            assert disturbed.state() == expected
            with Ledger(disturbed.paths.ledger) as ledger:
                assert not ledger.journal.open_writes()


def _told(client: Client) -> object:
    contacts = sorted(sorted(contact.values.items()) for contact in client.contacts)
    return client.id, sorted(client.values.items()), client.state, contacts


def _list_of(server: PracticeServer) -> Sequence[bytes]:
    from urllib.request import Request, urlopen

    headers = {"Authorization": "Bearer token", "xero-tenant-id": DEMO_TENANT.tenant_id}
    with urlopen(Request(f"{server.api_url}client.api/list?detailed=true", headers=headers)) as answer:  # noqa: S310
        return [answer.read()]


def _remove_contacts(world: World, register: Register, direction: Direction) -> None:
    """Take a second contact off every tenth client of the target, so that the run adds it again."""
    if direction is Direction.FROM_XPM:
        for client in list(register.clients())[::10]:
            for contact in client.contacts[1:]:
                if not contact.is_primary:
                    register.delete_contact(client.id, contact.id)
        return
    for one in list(world.clients())[::10]:
        for member in one.members[1:]:
            if not member.primary:
                world.remove_contact(member.contact.uuid, one.uuid)
