"""How much of XPM's call limit a run's write phase uses, by a clock that only calls and waits move."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from support.clock import FakeClock
from support.generate_register import generate_register
from xpmsync.core.enums import Direction, System
from xpmsync.core.model import Link
from xpmsync.ignition.builtin import BuiltinStore
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.summary import RunOutcome
from xpmsync.local.net.http import Http
from xpmsync.local.net.rate_limit import Allowance, RateLimiter
from xpmsync.local.net.stored_sign_in import GivenToken
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.local.settings.settings import Settings, SyncSettings
from xpmsync.local.system.paths import ProfilePaths
from xpmsync.simulator.ignition.register import Register
from xpmsync.simulator.people.generate import generate
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.usecases.context.context import Silent, SyncContext
from xpmsync.usecases.sync.apply import apply
from xpmsync.usecases.sync.preview import preview
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.store import XPM_CAPABILITIES, XpmStore

WRITES: Final = ("update", "add_contact", "update_contact")


@dataclass(frozen=True)
class Pace:
    """Calls a minute of the write phase but for its last, unfinished minute; `refused` had to be sent again."""

    calls: int
    minutes: int
    refused: int
    limit: int = XPM_CAPABILITIES.calls_a_minute

    @property
    def used(self) -> float:
        """The share of the calls that the limit allows in these minutes."""
        return self.calls / (self.minutes * self.limit)


class _Taking:
    """A store whose writes take their time."""

    def __init__(self, store: XpmStore, clock: FakeClock, seconds: tuple[float, float]) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._chance = random.Random(1)  # noqa: S311 - repeatable, no secret
        self.began: list[datetime] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return found if name not in WRITES else self._slow(found)

    def _slow(self, write: Any) -> Any:
        def slow(*arguments: object, **named: object) -> object:
            result = write(*arguments, **named)
            self.began.append(self._clock.now())
            self._clock.sleep(self._chance.uniform(*self._seconds))
            return result

        return slow


def pace_of_writing(folder: Path, *, clients: int, seconds: tuple[float, float]) -> Pace:
    """Sync a generated practice to XPM, each call taking between so many seconds, with XPM's limits enforced."""
    clock = FakeClock()
    paths = ProfilePaths(folder).ready()
    with ExitStack() as stack:
        world, register = stack.enter_context(World(clock=clock.now)), stack.enter_context(Register())
        generate(world, clients=clients, seed=5)
        pairs = generate_register(register, clients=clients, seed=5, differing=0.97).links
        server = stack.enter_context(SimulatorServer(world, static_token="token", clock=clock.now, limits=RateLimits()))
        ledger = stack.enter_context(Ledger(paths.ledger))
        with ledger.transaction():
            for xpm_id, there in pairs:
                ledger.add_link(Link(xpm_id, there, "", "2026-01-01T00:00:00+00:00"))
        calls = XpmCalls(
            http=stack.enter_context(Http(system=System.XPM)),
            api_url=server.api_url,
            tenant_id=DEMO_TENANT.tenant_id,
            tokens=GivenToken(System.XPM, "token"),
            limiter=RateLimiter(paths.limits, system=System.XPM, clock=clock, limits=Allowance(Pace.limit)),
            clock=clock,
        )
        sync, xpm = SyncSettings(direction=Direction.TO_XPM), XpmSettings(tenant_id=DEMO_TENANT.tenant_id)
        settings = Settings("default", folder / "config.toml", sync=sync, xpm=xpm)
        context = SyncContext(settings, paths, ledger, XpmStore(calls), BuiltinStore(register), clock)
        plan = preview(context, Silent())
        clock.sleep(60)
        taking: Any = _Taking(context.xpm, clock, seconds)  # type: ignore[arg-type]  # the store made above
        applied = apply(replace(context, xpm=taking), plan, Silent())
        assert applied.outcome is RunOutcome.DONE, applied.failures
        began: list[datetime] = taking.began
        refused = len(server.requests.writes()) - len(began)
    by_minute = Counter((moment - began[0]) // timedelta(minutes=1) for moment in began)
    full = [by_minute[minute] for minute in range(max(by_minute))]
    return Pace(sum(full), len(full), refused)
