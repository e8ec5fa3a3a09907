"""One computer that reaches the tests' MCP server: its settings, its keyring, what its ledger remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from support.clock import FakeClock
from support.keyrings import MemoryEntries
from support.mcp_server import Dialect, McpServer, serving
from xpmsync.core.ports.store import Notes
from xpmsync.ignition.mcp.sign_in import account_of, mcp_tokens, open_store
from xpmsync.ignition.mcp.store import McpStore
from xpmsync.ignition.routes import RouteContext
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn, Tokens
from xpmsync.local.secrets.vault import TEXT_LIMIT, Vault, open_vault
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.simulator.ignition.register import Register


@dataclass
class McpRig:
    """A computer. Nobody is signed in until `sign_in`; waits are written down instead of waited."""

    served: McpServer
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    facts: Notes = field(default_factory=Notes)
    waits: list[tuple[float, str]] = field(default_factory=list)
    entries: MemoryEntries = field(default_factory=MemoryEntries)

    @property
    def environ(self) -> dict[str, str]:
        """The variables: a token file instead of a keyring."""
        return {"XPMSYNC_TOKEN_FILE": str(self.folder / "tokens.json")}

    @property
    def settings(self) -> Settings:
        """The settings: route mcp, to this server."""
        route = IgnitionSettings(route=Route.MCP, mcp_url=self.served.url)
        return Settings("default", self.folder / "config.toml", ignition=route)

    @property
    def paths(self) -> Paths:
        """Where the files are."""
        return Paths(self.folder / "config.toml", self.folder / "state")

    @property
    def state(self) -> ProfilePaths:
        """The profile's own."""
        return self.paths.profile("default")

    @property
    def vault(self) -> Vault:
        """Where secrets are kept."""
        return open_vault(self.environ, attended=False)

    @property
    def stored(self) -> SignIn | None:
        """The sign-in as it is kept."""
        return SignIn.unpack(self.vault.read(account_of(self.settings, self.state)) or "")

    def sign_in(self) -> None:
        """Keep a sign-in as `login ignition` would."""
        client_id, tokens = self.served.identity.sign_in(self.served.url)
        signed = SignIn(
            Tokens(tokens.access_token, tokens.refresh_token or "", None),
            OAuthClient(client_id, method="none"),
            self.clock.now(),
            token_url=urljoin(self.served.url, "/token"),
            revoke_url=urljoin(self.served.url, "/revoke"),
            resource=self.served.url,
            hosts=(urlsplit(self.served.url).netloc,),
        )
        account = account_of(self.settings, self.state.ready())
        with self.vault.lock(account):
            self.vault.write(account, signed.pack(TEXT_LIMIT))

    @contextmanager
    def store(self) -> Iterator[McpStore]:
        """Open the route as a command does."""
        around = RouteContext(
            self.settings,
            self.state.ready(),
            self.clock,
            self.environ,
            facts=self.facts,
            on_wait=lambda seconds, why: self.waits.append((seconds, why)),
        )
        with open_store(around) as store:
            yield store


@contextmanager
def signed_in(dialect: Dialect, folder: Path, *, plain: bool = False, stateless: bool = False) -> Iterator[McpRig]:
    """A computer that is signed in to a server with five clients."""
    with Register() as register, serving(dialect, register, plain=plain, stateless=stateless) as served:
        fill_register(register)
        rig = McpRig(served, folder)
        rig.sign_in()
        yield rig


def fill_register(register: Register, clients: int = 5) -> None:
    """Fill a register with made-up clients, 1 to `clients`; the third is archived."""
    for number in range(1, clients + 1):
        values = {
            "name": f"Client {number}",
            "phone": f"09 555 00{number:02}",
            "website": f"https://client{number}.example.com",
            "address": f"{number} Quay Street\nLevel {number}",
            "city": "Auckland",
            "postcode": "1010",
            "country": "NZ",
        }
        contacts = [
            {"contact.name": f"Ann {number}", "contact.email": f"ann{number}@example.com", "contact.primary": "Yes"},
            {"contact.name": f"Bob {number}", "contact.email": f"bob{number}@example.com"},
        ]
        register.create(values, contacts, client_id=str(number), manager="Mia Manager")
    register.archive("3")


def renew_elsewhere(folder: Path, url: str, stale: str) -> str:
    """Renew the stored sign-in, as one process of several does; returns the new token."""
    route = IgnitionSettings(route=Route.MCP, mcp_url=url)
    settings = Settings("default", folder / "config.toml", ignition=route)
    state = Paths(folder / "config.toml", folder / "state").profile("default")
    session = mcp_tokens(
        account_of(settings, state),
        vault=open_vault({"XPMSYNC_TOKEN_FILE": str(folder / "tokens.json")}, attended=False),
        clock=FakeClock(),
        facts=state.ignition_sign_in,
    )
    return session.refresh_after_401(stale)
