"""Opening a route to Ignition, and what a route may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from xpmsync.core.ports.store import CreatingStore, Facts, Notes
from xpmsync.local.settings.settings import Route, Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths

if TYPE_CHECKING:
    from xpmsync.csv_files.uploads import PendingStore


def _unseen(_seconds: float, _why: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class RouteContext:
    """What a route may use: the profile's settings, its files, the clock, and what its ledger remembers.

    `environ` and `attended` lead to the keyring; `on_wait` is called with every
    wait for a limit and the call it is for.
    """

    settings: Settings
    paths: ProfilePaths
    clock: Clock
    environ: Mapping[str, str] = field(default_factory=dict)
    attended: bool = False
    facts: Facts = field(default_factory=Notes)
    on_wait: Callable[[float, str], None] = _unseen


class _RouteModule(Protocol):
    def open_store(self, around: RouteContext) -> AbstractContextManager[CreatingStore]: ...


class _UploadModule(Protocol):
    def pending_store(self, context: RouteContext) -> PendingStore: ...


def pending_store_of(context: RouteContext) -> PendingStore | None:
    """Where pending uploads of this profile's route are kept, None for a route that writes no files."""
    name = UPLOAD_MODULES.get(context.settings.ignition.route)
    return cast(_UploadModule, import_module(name)).pending_store(context) if name else None


def open_route(around: RouteContext) -> AbstractContextManager[CreatingStore]:
    """Open the route that the settings name."""
    # A module is checked against the protocol by the contract tests, not by import_module's type.
    module = cast(_RouteModule, import_module(MODULES[around.settings.ignition.route]))
    return module.open_store(around)


MODULES: Final[Mapping[Route, str]] = {
    Route.BUILTIN: "xpmsync.ignition.builtin",
    Route.CSV: "xpmsync.ignition.csv.store",
    Route.MCP: "xpmsync.ignition.mcp.sign_in",
}
"""Where each route lives; imported when it is used, because routes bring libraries of their own."""

UPLOAD_MODULES: Final[Mapping[Route, str]] = {
    Route.CSV: "xpmsync.ignition.csv.upload",
}
"""For routes that write files for upload: the module that knows what waits, quick to import."""
