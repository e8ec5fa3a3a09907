"""The made-up practice, in memory and over loopback HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.simulator_http import Hands, Served, serve
from xpmsync.simulator.people.seed import seed_world
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.world.world import World


@pytest.fixture
def clock() -> Hands:
    """A clock at a fixed time."""
    return Hands()


@pytest.fixture
def world(clock: Hands) -> Iterator[World]:
    """The made-up practice in memory."""
    with World(clock=clock) as world:
        seed_world(world)
        yield world


@pytest.fixture
def served(world: World, clock: Hands) -> Iterator[Served]:
    """The made-up practice over HTTP, limits off."""
    yield from serve(world, clock)


@pytest.fixture
def limited(world: World, clock: Hands) -> Iterator[Served]:
    """The made-up practice with small limits enforced."""
    yield from serve(world, clock, RateLimits(minute=6, concurrent=2, day=8))
