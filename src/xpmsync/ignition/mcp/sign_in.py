"""Route `mcp` and its sign-in: Ignition live, through its hosted MCP server (extra `xpmsync[mcp]`).

A sign-in is one person's and leads to one practice, so each profile has its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.errors import ExtraMissing, SettingsError, Unreachable
from xpmsync.local.net.stored_sign_in import SignIn, StoredSignIn
from xpmsync.local.settings.keys import LOOPBACK
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths

if TYPE_CHECKING:
    from xpmsync.ignition.mcp.store import McpStore
    from xpmsync.ignition.routes import RouteContext
    from xpmsync.local.net.token_endpoint import TokenEndpoint
    from xpmsync.local.secrets.vault import Account, Vault

_DEAD: Final = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})
"""OAuth's words for a sign-in or a registration that is worth nothing any more; signing in again renews both."""


def server_url(settings: Settings) -> str:
    """Where the hosted service answers; raises `SettingsError` unless it is https, or on this machine."""
    url = settings.ignition.mcp_url.strip()
    parts = urlsplit(url)
    local = (parts.hostname or "") in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise SettingsError("must begin with https://", settings.path, "ignition.mcp_url")
    return url


def account_of(settings: Settings, paths: ProfilePaths) -> Account:
    """Return whose secret the sign-in is: this profile's in this state folder, and of no other host."""
    from xpmsync.local.secrets.vault import Account

    place = blake2b(os.path.normcase(paths.folder.absolute()).encode(), digest_size=6).hexdigest()
    return Account(System.IGNITION, urlsplit(server_url(settings)).netloc, f"{settings.profile}/{place}")


def mcp_tokens(account: Account, *, vault: Vault, clock: Clock, facts: Path) -> StoredSignIn:
    """The stored sign-in of one profile. `facts` is the file that `status` reads."""

    def renew(signed: SignIn) -> SignIn:
        form = {"grant_type": "refresh_token", "refresh_token": signed.tokens.refresh, **_client_form(signed)}
        if signed.resource:
            form["resource"] = signed.resource
        with _endpoint(signed, clock) as endpoint:
            try:
                tokens = endpoint.tokens(signed.token_url, form)
            except Unreachable as problem:
                if problem.sent:
                    raise
                tokens = endpoint.tokens(signed.token_url, form)
        # A server that does not rotate refresh tokens sends none.
        refresh = tokens.refresh or signed.tokens.refresh
        return replace(signed, tokens=replace(tokens, refresh=refresh, scopes=signed.tokens.scopes))

    return StoredSignIn(account, vault, clock, facts, renew, system=System.IGNITION, hosts=(account.host,))


def revoke(signed: SignIn, clock: Clock) -> None:
    """Give the refresh token back; does nothing where the server takes none back. Raises what `TokenEndpoint` does."""
    if not signed.revoke_url:
        return
    tokens = signed.tokens
    hint = "refresh_token" if tokens.refresh else "access_token"
    # Without a value it counts as left out (RFC 6749, 3.2), but the SDK's own server insists on the name.
    form = {"token": tokens.refresh or tokens.access, "token_type_hint": hint, "client_secret": ""}
    with _endpoint(signed, clock) as endpoint:
        endpoint.post(signed.revoke_url, form | _client_form(signed))


def _client_form(signed: SignIn) -> dict[str, str]:
    """The client's id in the form, whatever proves it: the SDK's own server looks for it there."""
    return {"client_id": signed.client.client_id}


def _endpoint(signed: SignIn, clock: Clock) -> TokenEndpoint:
    from xpmsync.local.net.token_endpoint import TokenEndpoint

    return TokenEndpoint(System.IGNITION, signed.client, clock, dead=_DEAD)


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
    limiter = RateLimiter(paths.ignition_limits, system=System.IGNITION, clock=clock)
    with McpConnection(url) as server:
        calls = McpCalls(server=server, url=url, tokens=tokens, limiter=limiter, clock=clock, on_wait=context.on_wait)
        yield McpStore(calls, context.facts)
