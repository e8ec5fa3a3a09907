"""Playing the browser of a sign-in against the simulator's identity server."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from support.clock import FakeClock
from xpmsync.local.net.oauth_loopback import parse_pasted
from xpmsync.local.net.stored_sign_in import OAuthClient, Tokens
from xpmsync.local.secrets.vault import open_vault
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.local.system.clock import SystemClock
from xpmsync.simulator.server.server import DEMO_TENANT, SimulatorServer
from xpmsync.xpm.api.oauth import OAuth, authorize, xpm_tokens

REDIRECT: Final = "http://localhost:53682/callback"


def visit(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Fetch a page of this machine, following nothing: status, Location, text."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}", headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.headers.get("Location", ""), response.read().decode()
    finally:
        connection.close()


def browse(url: str) -> str:
    """Open the sign-in page as a person's browser does, and return where the answer sends it."""
    status, location, _ = visit(url)
    assert status == 302
    return location


@dataclass
class AtBrowser:
    """A person who signs in: agrees in a browser, which goes wherever it is sent while the program waits."""

    comes_back: bool = True
    log: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def open_page(self, url: str) -> None:
        """Open the browser."""
        self.log.append("page opened")
        if self.comes_back:
            thread = threading.Thread(target=lambda: visit(browse(url)))
            thread.start()
            self.threads.append(thread)

    def paste_redirect(self, url: str) -> str:
        """Open the address elsewhere, and copy the one she ends up at."""
        self.log.append("address shown")
        return browse(url)


def settings_for(server: SimulatorServer, client_id: str, tenant_id: str = DEMO_TENANT.tenant_id) -> XpmSettings:
    """Return the settings that lead to a practice's server."""
    return XpmSettings(client_id=client_id, tenant_id=tenant_id, api_url=server.api_url, identity_url=server.url)


def signed_tokens(server: SimulatorServer, app: OAuthClient, clock: FakeClock, scopes: tuple[str, ...]) -> Tokens:
    """Sign in at a practice's server and return the tokens."""
    xpm = settings_for(server, app.client_id)
    begun = authorize(xpm, app, scopes, REDIRECT)
    callback = parse_pasted(browse(begun.url), begun.state)
    with OAuth(xpm, app, clock) as oauth:
        return oauth.exchange(begun, callback.code)


def token_of(xpm: XpmSettings, note: Path, stale: str) -> str:
    """The token of the stored sign-in, as one process of several gets it; another than `stale`, where that is given."""
    session = xpm_tokens(xpm, vault=open_vault({}, attended=True), clock=SystemClock(), facts=note)
    return session.refresh_after_401(stale) if stale else session.token()
