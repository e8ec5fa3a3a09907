"""Who is signed in, for `status`: quick, without network, and without opening the keyring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.paths import Paths
from xpmsync.xpm.api.scopes import missing_scopes
from xpmsync.xpm.api.sign_in_facts import ACCESS_TOKEN_VARIABLE, read_facts

__all__ = ["SignedInState", "signed_in_state"]


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
        facts.lapses_at,
        facts.where,
    )
