"""A practice with much to do, reached by any of the routes, and xpmsync as a process that can be killed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import pytest

from support.cli_runner import Ended, run_in_process
from support.crash_driver import limits_lifted, run_trapped
from support.forked_process import ForkedProcess
from support.generate_register import generate_register
from support.simulator_http import xpm_clients
from support.xpm_files_rig import note_proven
from xpmsync.core.enums import Direction
from xpmsync.core.model import Client, Link
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.system.clock import utc_now
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.files import export_text, upload
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.simulator.xpm_files.export import export_xpm
from xpmsync.simulator.xpm_files.importing import import_file
from xpmsync.simulator.xpm_files.rules import ImportRules

ROUNDS: Final = 4
"""As many runs as may be needed until nothing is left: with files a change is seen in the next export."""
ALLOWED: Final = [
    word for guard in ("changes", "names", "creations", "clears") for word in ("--allow", f"{guard}=9999")
]
routes: Final = pytest.mark.parametrize(
    "route",
    [
        "builtin",
        "csv",
        pytest.param("mcp", marks=pytest.mark.skipif(find_spec("mcp") is None, reason="the extra is not installed")),
    ],
)
LINKED: Final = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Scene:
    """Both systems, and the means to run xpmsync on them. `person` does what somebody at a file's target does."""

    route: str
    server: SimulatorServer
    register: Register
    paths: ProfilePaths
    environ: dict[str, str]
    person: Callable[[], None]

    def run(self, *arguments: str, point: str = "none", nth: int = 0, seconds: float | None = None) -> Ended:
        """Run a command: undisturbed in this process, or in one that is killed at a point or after some seconds."""
        if point == "none" and seconds is None:
            with limits_lifted():
                return run_in_process(arguments, self.environ)
        with Path(os.devnull).open() as nothing, TemporaryFile() as out, TemporaryFile() as err:
            streams = nothing.fileno(), out.fileno(), err.fileno()
            process = ForkedProcess(
                run_trapped, self.route, point, nth, *arguments, environ=self.environ, streams=streams
            )
            code = process.wait(seconds)
            code = process.kill() if code is None else code
            return Ended(code, _written(out), _written(err))

    def sync(self, *, point: str = "none", nth: int = 0, seconds: float | None = None) -> Ended:
        """Sync everything, whatever the guards think of it."""
        return self.run("--json", "sync", "--yes", "--full", *ALLOWED, point=point, nth=nth, seconds=seconds)

    def finish(self) -> int:
        """Sync until nothing is left to write; how many changes the first run had."""
        first = 0
        for number in range(ROUNDS):
            answer = json.loads(self.sync().out)
            assert answer["exit_code"] == 0, answer["errors"]
            changes = int(answer["data"]["counts"]["changes"])
            first = first or changes
            if number and not changes:
                return first
            self.person()
        raise AssertionError(f"{changes} changes are left after {ROUNDS} runs")

    def state(self) -> dict[str, list[object]]:
        """What both systems hold, without the ids that new records were given."""
        return {
            "xpm": sorted((_values_of(client) for client in self.xpm()), key=repr),
            "ignition": sorted((_values_of(client) for client in self.register.clients()), key=repr),
        }

    def ledger(self) -> Ledger:
        """The ledger as the next run would open it."""
        return Ledger(self.paths.ledger)

    def xpm(self) -> list[Client]:
        """All of XPM's clients."""
        return xpm_clients(self.server.world)


@contextmanager
def open_scene(
    route: str,
    direction: Direction,
    *,
    clients: int,
    linked: Callable[[int], bool] = lambda _number: True,
    folder: Path | None = None,
) -> Iterator[Scene]:
    """So many clients on both sides, nearly all of them differing, some with a contact to be added.

    `linked` says which of them both systems have; the others are XPM's alone. Where
    no `folder` is given, one is made that goes away again.
    """
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        paths = ProfilePaths(folder / "state" / "default").ready()
        world, register = stack.enter_context(World()), stack.enter_context(Register(paths.register))
        generate(world, clients=clients, seed=5)
        pairs = generate_register(register, clients=clients, seed=5, differing=0.97).links
        for number, (_, ignition_id) in enumerate(pairs):
            if not linked(number):
                register.delete(ignition_id)
        pairs = tuple(pair for number, pair in enumerate(pairs) if linked(number))
        _remove_contacts(world, register, direction)
        server = stack.enter_context(SimulatorServer(world, static_token="token"))
        reached = stack.enter_context(_REACHING[route](folder, world, register))
        with Ledger(paths.ledger) as ledger, ledger.transaction():
            for xpm_id, ignition_id in pairs:
                ledger.add_link(Link(xpm_id, f"{reached.prefix}{ignition_id}", "", LINKED))
        config = folder / "config.toml"
        config.write_text(
            f'[sync]\ndirection = "{direction.value}"\n'
            f'[xpm]\napi_url = "{server.api_url}"\nidentity_url = "{server.url}"\n'
            f'tenant_id = "{DEMO_TENANT.tenant_id}"\n{reached.xpm}\n'
            f'[ignition]\nroute = "{reached.route or route}"\n{reached.settings}\n',
            encoding="utf-8",
        )
        environ = {
            **os.environ,
            **reached.environ,
            "XPMSYNC_CONFIG": str(config),
            "XPMSYNC_STATE_DIR": str(folder / "state"),
            "XPMSYNC_XPM_ACCESS_TOKEN": "token",
        }
        reached.person()
        yield Scene(route, server, register, paths, environ, reached.person)


@dataclass(frozen=True)
class _Reached:
    """How a route is reached: lines under `[ignition]` and `[xpm]`, variables, what comes before Ignition's ids.

    `route` is Ignition's where the scene's route is one of XPM.
    """

    settings: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    person: Callable[[], None] = lambda: None
    prefix: str = ""
    xpm: str = ""
    route: str = ""


@contextmanager
def _at_hand(_folder: Path, _world: World, _register: Register) -> Iterator[_Reached]:
    yield _Reached()


@contextmanager
def _by_files(folder: Path, _world: World, register: Register) -> Iterator[_Reached]:
    """Somebody uploads whatever file is new, and exports again."""
    exports = folder / "exports"
    exports.mkdir()
    taken: set[str] = set()

    def person() -> None:
        for file in sorted((exports / "for-ignition").glob("*.csv")):
            content = file.read_bytes()
            if (digest := sha256(content).hexdigest()) not in taken:
                taken.add(digest)
                upload(register, content)
        (exports / "clients.csv").write_text(export_text(register.clients()), encoding="utf-8", newline="")

    yield _Reached(f'export_folder = "{exports.as_posix()}"', person=person)


@contextmanager
def _live(folder: Path, _world: World, register: Register) -> Iterator[_Reached]:
    """Somebody signed in to the MCP server."""
    from support.mcp_dialects import Snake
    from support.mcp_rig import McpRig
    from support.mcp_server import serving

    with serving(Snake(page=100), register) as served:
        rig = McpRig(served, folder)
        rig.sign_in()
        yield _Reached(f'mcp_url = "{served.url}"', rig.environ, prefix="cli_")


@contextmanager
def _xpm_by_files(folder: Path, world: World, _register: Register) -> Iterator[_Reached]:
    """Somebody imports whatever file is new in XPM, and exports again; pilots have proven what the import does."""
    exports = folder / "xpm"
    exports.mkdir()
    taken: set[str] = set()

    def person() -> None:
        for file in sorted((exports / "for-xpm").glob("*.csv")):
            if (digest := sha256(file.read_bytes()).hexdigest()) not in taken:
                taken.add(digest)
                ticked = "tick-Update-Existing" in file.name
                assert not import_file(world, file, rules=ImportRules(), update_existing=ticked).errors
        for former in exports.glob("*.csv"):
            former.unlink()
        export_xpm(world, exports, utc_now())
        with Ledger(ProfilePaths(folder / "state" / "default").ledger) as ledger:
            note_proven(ledger, exports)

    settings = f'route = "files"\n[xpm.files]\nfolder = "{exports.as_posix()}"'
    yield _Reached(person=person, xpm=settings, route="builtin")


_REACHING: Final[Mapping[str, Callable[[Path, World, Register], AbstractContextManager[_Reached]]]] = {
    "builtin": _at_hand,
    "csv": _by_files,
    "mcp": _live,
    "xpm-files": _xpm_by_files,
}


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _values_of(client: Client) -> tuple[object, ...]:
    contacts = sorted(sorted(contact.values.items()) for contact in client.contacts)
    return client.name, sorted(client.values.items()), client.state, contacts


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
