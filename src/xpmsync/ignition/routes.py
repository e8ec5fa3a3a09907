"""The routes to Ignition. A new one is a module with `open_store` and a line in `MODULES`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol, cast

from xpmsync.core.store import CreatingStore
from xpmsync.errors import SettingsError
from xpmsync.local.clock import Clock
from xpmsync.local.paths import ProfilePaths
from xpmsync.local.settings import Route, Settings

__all__ = ["MODULES", "Surroundings", "open_route"]

MODULES: Final[Mapping[Route, str]] = {
    Route.BUILTIN: "xpmsync.ignition.builtin",
}
"""Where each route lives; imported when it is used, because routes bring libraries of their own."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a route may use: the profile's settings, its files and the clock."""

    settings: Settings
    paths: ProfilePaths
    clock: Clock


class _RouteModule(Protocol):
    def open_store(self, around: Surroundings) -> AbstractContextManager[CreatingStore]: ...


def open_route(around: Surroundings) -> AbstractContextManager[CreatingStore]:
    """Open the route that the settings name; raises `SettingsError` for one this version does not have."""
    route = around.settings.ignition.route
    name = MODULES.get(route)
    if name is None:
        here = tuple(one.value for one in MODULES)
        problem = f"this version does not have the route {route.value}"
        raise SettingsError(problem, around.settings.path, "ignition.route", allowed=here)
    # A module is checked against the protocol by the contract tests, not by import_module's type.
    module = cast(_RouteModule, import_module(name))
    return module.open_store(around)
