"""Who is signed in, for `status`: quick, without network, and without opening the keyring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.sign_in import read_facts
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE, lapses_at, missing_scopes

__all__ = ["SignedInIgnition", "SignedInState", "signed_in_ignition", "signed_in_state"]


@dataclass(frozen=True, slots=True)
class SignedInState:
    """Who is signed in, as far as known without network and keyring. Moments are UTC.

    `lapses_at` is when Xero forgets the sign-in unless it is used before;
    `missing_scopes` are needed for the direction and were not granted.
    """

    signed_in: bool
    practice: str = ""
    tenant_id: str = ""
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    lapses_at: datetime | None = None
    where: str = ""


def signed_in_state(settings: Settings, paths: Paths, environ: Mapping[str, str]) -> SignedInState:
    """Return who is signed in, from the state folder and the environment alone."""
    xpm = settings.xpm
    if environ.get(ACCESS_TOKEN_VARIABLE, "").strip():
        return SignedInState(True, tenant_id=xpm.tenant_id, where=ACCESS_TOKEN_VARIABLE)
    facts = read_facts(paths.profile(settings.profile).sign_in)
    if facts is None or (facts.client_id, facts.tenant_id) != (xpm.client_id, xpm.tenant_id):
        return SignedInState(False, tenant_id=xpm.tenant_id)
    return SignedInState(
        True,
        facts.practice,
        facts.tenant_id,
        facts.scopes,
        missing_scopes(facts.scopes, settings.sync.direction),
        facts.expires_at,
        lapses_at(facts),
        facts.where,
    )


@dataclass(frozen=True, slots=True)
class SignedInIgnition:
    """Who is signed in, as far as known without network and keyring. Moments are UTC.

    `calls_today` counts this machine's calls of the last 24 hours.
    """

    signed_in: bool
    practice: str = ""
    renewed_at: datetime | None = None
    where: str = ""
    calls_today: int = 0


def signed_in_ignition(settings: Settings, state: ProfilePaths, clock: Clock) -> SignedInIgnition:
    """Return who is signed in; only for route mcp."""
    calls = RateLimiter(state.ignition_limits, system=System.IGNITION, clock=clock).used_today()
    facts = read_facts(state.ignition_sign_in)
    if facts is None or facts.host != urlsplit(settings.ignition.mcp_url).netloc:
        return SignedInIgnition(False, calls_today=calls)
    return SignedInIgnition(True, facts.practice, facts.renewed_at, facts.where, calls)
