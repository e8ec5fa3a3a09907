"""The made-up practice, in memory and over loopback HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from support.clock import FakeClock
from support.simulator_http import Served, serve
from xpmsync.simulator.people.seed import seed_world
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.world.world import World


@pytest.fixture
def clock() -> FakeClock:
    """A clock at a fixed time."""
    return FakeClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def world(clock: FakeClock) -> Iterator[World]:
    """The made-up practice in memory."""
    with World(clock=clock) as world:
        seed_world(world)
        yield world


@pytest.fixture
def served(world: World, clock: FakeClock) -> Iterator[Served]:
    """The made-up practice over HTTP, limits off."""
    yield from serve(world, clock)


@pytest.fixture
def limited(world: World, clock: FakeClock) -> Iterator[Served]:
    """The made-up practice with small limits enforced."""
    yield from serve(world, clock, RateLimits(minute=6, concurrent=2, day=8))
