"""The simulator's XPM over loopback HTTP, with a caller that is signed in, and what it would answer without a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import httpx

from support.clock import FakeClock
from xpmsync.core.model import Client
from xpmsync.simulator.server.api import list_clients
from xpmsync.simulator.server.faults import Faults
from xpmsync.simulator.server.messages import API_PATH, Request
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.xml_reader import Envelope, read_clients

TOKEN = "a-token-for-tests"


def xpm_clients(world: World) -> list[Client]:
    """All of XPM's clients as its API lists them, for checks of what is there: no call is made and none counted."""
    request = Request("GET", f"{API_PATH}client.api/list", {"detailed": "true"}, {}, b"", "")
    body = list_clients(request, world, "").body
    return list(read_clients([body] if isinstance(body, bytes) else body, Envelope()))


def parse(content: bytes) -> ET.Element:
    """The root element of an answer."""
    return ET.fromstring(content)  # noqa: S314 - from our own server


@dataclass
class Served:
    """A running server and a caller that is signed in."""

    server: SimulatorServer
    world: World
    clock: FakeClock
    http: httpx.Client

    def xml(self, call: str, method: str = "GET", body: str = "") -> ET.Element:
        """The root element of a good or bad answer."""
        headers = {"Content-Type": "application/xml"} if body else {}
        return parse(self.http.request(method, call, content=body.encode(), headers=headers).content)

    def clients(self, query: str = "?detailed=true") -> dict[str, ET.Element]:
        """The listed clients by UUID."""
        root = self.xml(f"client.api/list{query}")
        return {(client.findtext("UUID") or "").lower(): client for client in root.iterfind("Clients/Client")}


def serve(world: World, clock: FakeClock, limits: RateLimits | None = None) -> Iterator[Served]:
    """Run a server for one test."""
    server = SimulatorServer(
        world, static_token=TOKEN, faults=Faults(), limits=limits or RateLimits(enforced=False), clock=clock
    )
    headers = {"Authorization": f"Bearer {TOKEN}", "xero-tenant-id": DEMO_TENANT.tenant_id}
    with server, httpx.Client(base_url=server.api_url, headers=headers, trust_env=False) as http:
        yield Served(server, world, clock, http)
