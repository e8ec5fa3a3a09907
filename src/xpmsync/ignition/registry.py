"""Which routes to Ignition there are. A new one is a module with `open_store` and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xpmsync.local.settings.settings import Route

__all__ = ["HANDOVERS", "MODULES"]

MODULES: Final[Mapping[Route, str]] = {
    Route.BUILTIN: "xpmsync.ignition.builtin",
    Route.CSV: "xpmsync.ignition.csv.store",
    Route.MCP: "xpmsync.ignition.mcp.route",
}
"""Where each route lives; imported when it is used, because routes bring libraries of their own."""

HANDOVERS: Final[Mapping[Route, str]] = {
    Route.CSV: "xpmsync.ignition.csv.upload",
}
"""For routes that hand over files: the module that knows what waits, quick to import."""
