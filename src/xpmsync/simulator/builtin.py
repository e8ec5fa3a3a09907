"""The demo profile's practice: XPM on loopback and the Ignition register, kept in one folder between commands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.errors import UsageError
from xpmsync.local.system.clock import ReadTime, utc_now
from xpmsync.local.system.files import remove_database
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.server.messages import Editor
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World

DEMO_TOKEN: Final = "built-in-practice-access"  # noqa: S105 - opens nothing but made-up data on loopback
"""The access token that the built-in practice always accepts."""


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running built-in practice. `register` is the file of the Ignition side."""

    server: SimulatorServer
    world: World
    register: Path
    token: str = DEMO_TOKEN
    tenant_id: str = DEMO_TENANT.tenant_id


@contextmanager
def open_simulator(folder: Path, *, port: int = 0, clock: ReadTime = utc_now) -> Iterator[Simulator]:
    """Run the practice kept in `folder`; the first opening fills it with the made-up people.

    Raises `StateUnusable` where the folder or its files cannot be used.
    """
    register = register_path(folder)
    with (
        open_world(folder, clock=clock) as world,
        SimulatorServer(world, port=port, static_token=DEMO_TOKEN, editor=editor_of(world, register)) as server,
    ):
        yield Simulator(server, world, register)


def open_world(folder: Path, *, clock: ReadTime = utc_now) -> World:
    """Open the practice's XPM side without a server, filling both sides when it is empty."""
    world = World(_world_path(folder), clock=clock)
    try:
        with world.transaction():  # its lock keeps a second process from filling the register too
            if not world.count():
                from xpmsync.simulator.people.seed import seed_register, seed_world

                with Register(register_path(folder)) as register:
                    if next(register.clients(), None) is None:
                        seed_register(register)
                seed_world(world)
    except BaseException:
        world.close()
        raise
    return world


def register_path(folder: Path) -> Path:
    """Where the practice in `folder` keeps its Ignition register."""
    return ProfilePaths(folder).register


def reset(folder: Path) -> None:
    """Forget everything the practice in `folder` has been through; the next opening starts over.

    Ledger and settings are not touched. Raises `StateUnusable` where a file is in use.
    """
    for path in (_world_path(folder), register_path(folder)):
        remove_database(path)


def editor_of(world: World, register: Path | Register) -> Editor:
    """What `POST /_practice/edit` of a served practice calls; a register given as a file is opened each time."""

    def edit(system: str, client: str, field: str, value: str) -> Mapping[str, str]:
        from xpmsync.simulator.edit import edit_ignition, edit_xpm

        if system == System.XPM:
            done = edit_xpm(world, client, field, value)
        elif system == System.IGNITION:
            with nullcontext(register) if isinstance(register, Register) else Register(register) as opened:
                done = edit_ignition(opened, client, field, value)
        else:
            raise UsageError(f"no system {system!r}", ", ".join(System))
        return {
            "system": done.system,
            "client_id": done.client_id,
            "name": done.name,
            "field": done.field,
            "old": done.old,
            "new": done.new,
        }

    return edit


def _world_path(folder: Path) -> Path:
    return folder / "xpm.sqlite"
