"""The store contract for the MCP route, by a real server in two spellings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig
from support.mcp_server import Dialect, serving
from support.store_contract import Rig, StoreContract
from xpmsync.simulator.ignition.register import Register

SPELLINGS: dict[str, Callable[[], Dialect]] = {"snake": Snake, "camel": lambda: Camel(lean=False)}


@pytest.fixture(params=list(SPELLINGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Set up a rig that is signed in to an empty Ignition, and opened anew for every look."""
    dialect = SPELLINGS[request.param]()
    with Register() as register, serving(dialect, register) as served, ExitStack() as stack:
        rig = McpRig(served, tmp_path)
        rig.sign_in()

        def number(client_id: str) -> str:
            return client_id.rpartition("_")[2]

        store = stack.enter_context(rig.store())
        yield Rig(
            store=store,
            create=lambda values, contacts: store.create(values, contacts).id,
            archive=lambda client_id: register.archive(number(client_id)),
            unknown="9999999" if isinstance(dialect, Camel) else "cli_9999999",
            reopen=lambda: stack.enter_context(rig.store()),
        )


class TestMcpStores(StoreContract):
    """The same promises as every other store's."""
