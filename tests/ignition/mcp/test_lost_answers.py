"""An answer that is lost on the way: the next run takes only what was not there before the call was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig
from support.mcp_server import Dialect, Fault, McpServer, serving
from support.sync_rig import SyncRig, contact, open_rig
from xpmsync.errors import Unreachable
from xpmsync.ignition.mcp.store import McpStore
from xpmsync.local.ledger.journal import WriteState
from xpmsync.usecases.clients.import_client import create, propose
from xpmsync.usecases.context.context import Silent
from xpmsync.usecases.sync.recover import recover

ANN = contact("Ann Lee", primary="Yes")


@dataclass
class Practice:
    """XPM's server, the MCP server, and a ledger between them."""

    rig: SyncRig
    served: McpServer
    store: McpStore

    def id_of(self, number: str) -> str:
        """A client's id as the server spells it."""
        return number if isinstance(self.served.dialect, Camel) else f"cli_{number}"

    def lost_import(self, client: str, *, arrives: bool) -> None:
        """Import a client; the answer to its creation is lost, after the work was done or before."""
        tool = "createClient" if isinstance(self.served.dialect, Camel) else "create_client"
        proposal = propose(self.rig.context, client, Silent())
        self.served.faults.append(Fault(tool, drop=True, after=arrives))
        with pytest.raises(Unreachable) as caught:
            create(self.rig.context, proposal)
        assert caught.value.sent

    def recovered(self) -> list[WriteState]:
        """What the next run makes of what was left open."""
        return [outcome.state for outcome in recover(self.rig.context, Silent())]

    def linked(self, xpm_id: str) -> str:
        """The Ignition id that an XPM client is linked to."""
        link = self.rig.context.ledger.link_of(xpm_id)
        return link.ignition_id if link else ""

    def everybody(self) -> set[str]:
        """The ids of all clients in Ignition."""
        return {self.id_of(client.id) for client in self.rig.register.clients()}


@pytest.fixture(params=[Snake, Camel], ids=["snake", "camel"])
def practice(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """Set up an empty practice over a server of either spelling; the second one's lists have only names."""
    dialect: Dialect = request.param()
    with open_rig(tmp_path / "practice") as rig, serving(dialect, rig.register) as served:
        mcp = McpRig(served, tmp_path, rig.clock)
        mcp.sign_in()
        with mcp.store() as store:
            rig.use(replace(rig.context, ignition=store))
            yield Practice(rig, served, store)


def test_a_refused_namesake_is_never_taken(practice: Practice) -> None:
    """It was there before the call, which never arrived: nothing is linked."""
    practice.rig.ignition_client(ANN, phone="09 555 0199")
    client = practice.rig.xpm_client(ANN)
    practice.lost_import(client, arrives=False)
    assert practice.recovered() == [WriteState.FAILED]
    assert practice.linked(client) == ""


def test_the_created_client_is_taken_although_it_has_a_namesake(practice: Practice) -> None:
    """It was not there before the call; and it is not created again."""
    practice.rig.ignition_client(ANN)
    before = practice.everybody()
    client = practice.rig.xpm_client(ANN)
    practice.lost_import(client, arrives=True)
    (created,) = practice.everybody() - before
    assert practice.recovered() == [WriteState.DONE]
    assert practice.linked(client) == created
    assert len(practice.everybody()) == 2


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_contact_is_there_once_in_the_end(practice: Practice, *, arrives: bool) -> None:
    """One that arrived is found and not added again; one that did not is added by the next run."""
    rig = practice.rig
    xpm, number = rig.xpm_client(ANN, contact("Bob Ray")), rig.ignition_client(ANN)
    rig.link(xpm, practice.id_of(number))
    tool = "addContact" if isinstance(practice.served.dialect, Camel) else "add_contact"
    practice.served.faults.append(Fault(tool, drop=True, after=arrives))
    rig.run()
    rig.clock.sleep(3600)
    rig.run()
    client = rig.register.get(number)
    assert client is not None
    assert sorted(each.name for each in client.contacts) == ["Ann Lee", "Bob Ray"]
    assert len(practice.served.calls(tool)) == 1, "the server did the work once"
