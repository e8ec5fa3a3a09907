"""Who is signed in to Ignition's hosted service, for `status`: no network, no keyring, no SDK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.ignition.mcp.sign_in import read_facts
from xpmsync.local.net.rate_limit import CallBudget
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import ProfilePaths

__all__ = ["SignedInIgnition", "signed_in_ignition"]


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
    calls = CallBudget(state.ignition_limits, system=System.IGNITION, a_minute=60, clock=clock).used_today()
    facts = read_facts(state.ignition_sign_in)
    if facts is None or facts.host != urlsplit(settings.ignition.mcp_url).netloc:
        return SignedInIgnition(False, calls_today=calls)
    return SignedInIgnition(True, facts.practice, facts.renewed_at, facts.where, calls)
