"""A desk at the built-in practice: real server, real register, real ledger, and a clock that is told the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from xpmsync.core.enums import System
from xpmsync.core.model import Link
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.net.http import Http
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.stored_sign_in import GivenToken
from xpmsync.local.settings.settings import Settings, SyncSettings, XpmSettings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.edit import edit_ignition, edit_xpm
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.seed import SEEDED_LINKS, client_id, ignition_id, seed_register, seed_world
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.sync.apply import Applied, apply
from xpmsync.usecases.sync.preview import Preview, preview
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.store import XpmStore

__all__ = ["Desk", "FakeClock", "open_desk"]


class FakeClock:
    """Moves only when told to, or when somebody waits."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The present moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class Desk:
    """What somebody at the practice can do; clients are named by the keys of `context.people`."""

    context: SyncContext
    world: World
    register: Register
    server: SimulatorServer
    clock: FakeClock

    def settle_on(self, **sync: object) -> None:
        """Change `[sync]` settings."""
        changed = replace(self.context.settings.sync, **sync)  # type: ignore[arg-type]  # a test's own words
        self.context = replace(self.context, settings=replace(self.context.settings, sync=changed))

    def in_xpm(self, key: str, field: str, value: str) -> None:
        """Edit a client as a user of XPM."""
        self.clock.sleep(60)
        edit_xpm(self.world, client_id(key), field, value)

    def in_ignition(self, key: str, field: str, value: str) -> None:
        """Edit a client as a user of Ignition."""
        self.clock.sleep(60)
        edit_ignition(self.register, ignition_id(key), field, value)

    def preview(self, *clients: str, full: bool = False) -> Preview:
        """Make the plan."""
        return preview(self.context, Silent(), clients=[client_id(key) for key in clients], full=full)

    def sync(self, *clients: str, full: bool = False) -> Applied:
        """Make the plan and apply it."""
        return apply(self.context, self.preview(*clients, full=full), Silent())

    def value(self, key: str, field: str) -> str:
        """What Ignition's record holds."""
        client = self.register.get(ignition_id(key))
        assert client is not None
        return client.values.get(field, "")


@contextmanager
def open_desk(folder: Path, *, linked: bool = True) -> Iterator[Desk]:
    """Sixty clients in XPM, most of them in Ignition too, 36 linked, nothing synced yet."""
    clock = FakeClock()
    paths = ProfilePaths(folder)
    with ExitStack() as stack:
        world = stack.enter_context(World(clock=clock.now))
        register = stack.enter_context(Register())
        seed_world(world)
        seed_register(register)
        server = stack.enter_context(SimulatorServer(world, static_token="token", clock=clock.now))
        ledger = stack.enter_context(Ledger(paths.ready().ledger))
        with ledger.transaction():
            for xpm_id, there in SEEDED_LINKS if linked else ():
                client = world.client(xpm_id)
                assert client is not None
                ledger.add_link(Link(xpm_id, there, client.name, "2026-01-01T00:00:00+00:00"))
        calls = XpmCalls(
            http=stack.enter_context(Http(system=System.XPM)),
            api_url=server.api_url,
            tenant_id=DEMO_TENANT.tenant_id,
            tokens=GivenToken(System.XPM, "token"),
            budget=RateLimiter(paths.limits, system=System.XPM, clock=clock),
            clock=clock,
        )
        settings = Settings(
            "default", folder / "config.toml", sync=SyncSettings(), xpm=XpmSettings(tenant_id=DEMO_TENANT.tenant_id)
        )
        context = SyncContext(settings, paths, ledger, XpmStore(calls), BuiltinStore(register), clock)
        yield Desk(context, world, register, server, clock)
