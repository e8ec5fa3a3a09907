"""Eight processes, one keyring: a real Secret Service and refresh tokens that work only once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.forked_process import run_at_once
from support.secret_service import SecretService, needs_secret_service, running
from support.sign_in import settings_for, signed_tokens, token_of
from xpmsync.core.enums import Direction
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn
from xpmsync.local.secrets.vault import TEXT_LIMIT, open_vault
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.sign_in import account_of, api_hosts, scopes_for

pytestmark = [needs_secret_service, pytest.mark.secret_service]

PROCESSES = 8
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def service() -> Iterator[SecretService]:
    """Run one Secret Service for this file."""
    with running() as started:
        yield started


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    """Run the identity server, by this machine's clock as the processes do."""
    with World() as world, SimulatorServer(world) as started:
        yield started


@pytest.mark.parametrize("refused", [False, True], ids=["expired", "refused"])
def test_eight_processes_refresh_once(
    service: SecretService, server: SimulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    """All eight get the same new token from one refresh; without the lock seven would get invalid_grant."""
    service.apply(monkeypatch)
    xpm = settings_for(server, PKCE_APP.client_id)
    clock = FakeClock(datetime.now(UTC) if refused else LONG_AGO)
    app = OAuthClient(PKCE_APP.client_id)
    tokens = signed_tokens(server, app, clock, scopes_for(Direction.FROM_XPM))
    vault = open_vault({}, attended=False)
    hosts = ("api.xero.com", *api_hosts(xpm))
    signed = SignIn(tokens, app, clock.now(), DEMO_TENANT.name, DEMO_TENANT.tenant_id, "connection", hosts=hosts)
    with vault.lock(account_of(xpm)):
        vault.write(account_of(xpm), signed.pack(TEXT_LIMIT))
    server.requests.clear()

    stale = tokens.access if refused else ""
    calls = []
    for number in range(PROCESSES):
        # Each with a state folder of its own: the lock must not depend on it.
        state = tmp_path / f"state-{number}"
        environ = {**service.environ, "XPMSYNC_STATE_DIR": str(state)}
        calls.append((environ, (xpm, state / "sign-in.json", stale)))
    got = run_at_once(token_of, calls)

    stored = SignIn.unpack(vault.read(account_of(xpm)) or "")
    assert stored
    assert set(got) == {stored.tokens.access}
    assert stored.tokens.access != tokens.access
    assert [seen.path for seen in server.requests.all()] == ["/connect/token"]
