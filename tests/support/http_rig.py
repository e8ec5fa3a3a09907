"""XPM's real gateway against the simulator's real server, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.clock import FakeClock
from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded
from xpmsync.local.net.http import Http
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.simulator.server.faults import Fault, Faults
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.store import XpmStore

GOOD = "a-good-token"
"""The token the server takes."""


@dataclass
class Keys:
    """A stored sign-in: the first token is the present one, a refresh brings the next."""

    tokens: list[str] = field(default_factory=lambda: [GOOD])
    refreshed: list[str] = field(default_factory=list)

    def token(self) -> str:
        """The present token."""
        return self.tokens[0]

    def refresh_after_401(self, stale: str) -> str:
        """The next token, or none."""
        self.refreshed.append(stale)
        if len(self.tokens) == 1:
            raise SignInNeeded(System.XPM, "expired")
        del self.tokens[0]
        return self.tokens[0]


@dataclass
class HttpRig:
    """The server, its data, and what is at this end."""

    server: SimulatorServer
    world: World
    clock: FakeClock
    http: Http
    folder: Path
    keys: Keys = field(default_factory=Keys)
    waits: list[tuple[float, str]] = field(default_factory=list)

    def calls(self) -> XpmCalls:
        """The calls of one process; all share the limiter file."""
        return XpmCalls(
            http=self.http,
            api_url=self.server.api_url,
            tenant_id=DEMO_TENANT.tenant_id,
            tokens=self.keys,
            limiter=self.limiter(),
            clock=self.clock,
            on_wait=lambda seconds, why: self.waits.append((seconds, why)),
        )

    def store(self) -> XpmStore:
        """XPM as a store, as each run opens it."""
        return XpmStore(self.calls())

    def limiter(self) -> RateLimiter:
        """This machine's rate limiter."""
        return RateLimiter(self.folder / "limits.sqlite", system=System.XPM, clock=self.clock)

    def fault(self, *faults: Fault) -> None:
        """Let things go wrong."""
        self.server.faults.add(*faults)

    @property
    def seen(self) -> Sequence[str]:
        """The calls the server saw."""
        return [f"{one.method} {one.call}" for one in self.server.requests.all()]


@contextmanager
def open_http_rig(folder: Path, *, limits: RateLimits | None = None, read_seconds: float = 30.0) -> Iterator[HttpRig]:
    """The gateway and a server with an empty practice."""
    clock = FakeClock()
    with (
        World(clock=clock) as world,
        SimulatorServer(
            world, static_token=GOOD, faults=Faults(), limits=limits or RateLimits(enforced=False), clock=clock
        ) as server,
        Http(system=System.XPM, read_seconds=read_seconds, max_bytes=2 * 1024 * 1024) as http,
    ):
        yield HttpRig(server, world, clock, http, folder)
