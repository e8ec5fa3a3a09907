"""Route `mcp`: Ignition live, through its hosted MCP server and the official SDK (extra `xpmsync[mcp]`).

What this is built on was described by third parties and is not yet confirmed on
a live practice (facts, section 4). So nothing is assumed of the tools beyond
their names: what they take and give is read from the server in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from xpmsync.core.enums import System
from xpmsync.errors import ExtraMissing
from xpmsync.ignition.mcp.sign_in import account_of, mcp_tokens, server_url

if TYPE_CHECKING:
    from xpmsync.ignition.mcp.store import McpStore
    from xpmsync.ignition.routes import RouteContext

__all__ = ["EXTRA", "need_extra", "open_store"]

EXTRA: Final = "mcp"
"""What to install: `pip install "xpmsync[mcp]"`."""


def need_extra() -> None:
    """Raise `ExtraMissing` where the SDK is not installed; does not import it."""
    if find_spec("mcp") is None:
        raise ExtraMissing(EXTRA)


@contextmanager
def open_store(context: RouteContext) -> Iterator[McpStore]:
    """Make the store ready; nothing is sent before it is asked for something.

    Raises `ExtraMissing` without the SDK, `SettingsError` for an address that is not https.
    """
    need_extra()
    url = server_url(context.settings)
    from xpmsync.ignition.mcp.client import McpCalls
    from xpmsync.ignition.mcp.connection import McpConnection
    from xpmsync.ignition.mcp.store import McpStore
    from xpmsync.local.net.rate_limit import RateLimiter
    from xpmsync.local.secrets.vault import open_vault

    paths, clock = context.paths.ready(), context.clock
    vault = open_vault(context.environ, attended=context.attended)
    tokens = mcp_tokens(account_of(context.settings, paths), vault=vault, clock=clock, facts=paths.ignition_sign_in)
    budget = RateLimiter(paths.ignition_limits, system=System.IGNITION, clock=clock)
    with McpConnection(url) as server:
        calls = McpCalls(server=server, url=url, tokens=tokens, budget=budget, clock=clock, on_wait=context.on_wait)
        yield McpStore(calls, context.facts)
