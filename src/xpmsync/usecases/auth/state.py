"""Who is signed in, for `status` and `doctor`: quick and without network.

The state folder says what was stored; only where it says that somebody signed in
is the keyring asked whether the sign-in is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.errors import KeyringUnusable
from xpmsync.local.net.rate_limit import RateLimiter
from xpmsync.local.net.sign_in_facts import is_granted, read_facts
from xpmsync.local.settings.sections import XpmRoute
from xpmsync.local.settings.settings import Settings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.paths import Paths, ProfilePaths
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE, account_of, api_hosts, lapses_at, missing_scopes

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account, Vault


class SignedInState(NamedTuple):
    """Who is signed in to XPM. Moments are UTC.

    `lapses_at` is when Xero forgets the sign-in unless it is used before;
    `missing_scopes` are needed for the direction and were not granted; `problem`
    is why a sign-in that was stored does not count.
    """

    signed_in: bool
    practice: str = ""
    tenant_id: str = ""
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    lapses_at: datetime | None = None
    where: str = ""
    problem: str = ""


def signed_in_state(
    settings: Settings, paths: Paths, environ: Mapping[str, str], vault: Vault | None = None
) -> SignedInState:
    """Return who is signed in to XPM; `vault` is asked instead of the one that the environment names."""
    xpm = settings.xpm
    if xpm.route is XpmRoute.FILES:
        return SignedInState(True, practice="XPM's files", where="nowhere, files need no sign-in")
    if environ.get(ACCESS_TOKEN_VARIABLE, "").strip():
        return SignedInState(True, tenant_id=xpm.tenant_id, where=ACCESS_TOKEN_VARIABLE)
    facts = read_facts(paths.profile(settings.profile).sign_in)
    if facts is None or (facts.client_id, facts.tenant_id) != (xpm.client_id, xpm.tenant_id):
        return SignedInState(False, tenant_id=xpm.tenant_id)
    same_host = facts.host in ("", urlsplit(xpm.token_endpoint).netloc)
    if not same_host or not is_granted(api_hosts(xpm), facts.hosts, System.XPM):
        return SignedInState(False, tenant_id=xpm.tenant_id, problem=_OTHER_HOST)
    if problem := _missing(lambda: account_of(xpm), environ, vault):
        return SignedInState(False, facts.practice, facts.tenant_id, where=facts.where, problem=problem)
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


class SignedInIgnition(NamedTuple):
    """Who is signed in to Ignition. Moments are UTC.

    `calls_today` counts this machine's calls of the last 24 hours; `problem` is why
    a sign-in that was stored does not count.
    """

    signed_in: bool
    practice: str = ""
    renewed_at: datetime | None = None
    where: str = ""
    calls_today: int = 0
    problem: str = ""


def signed_in_ignition(
    settings: Settings, state: ProfilePaths, clock: Clock, environ: Mapping[str, str]
) -> SignedInIgnition:
    """Return who is signed in; only for route mcp."""
    calls = RateLimiter(state.ignition_limits, system=System.IGNITION, clock=clock).used_today()
    facts = read_facts(state.ignition_sign_in)
    if facts is None:
        return SignedInIgnition(False, calls_today=calls)
    if facts.host != urlsplit(settings.ignition.mcp_url).netloc:
        return SignedInIgnition(False, calls_today=calls, problem=_OTHER_HOST)

    def account() -> Account:
        from xpmsync.ignition.mcp.sign_in import account_of as ignition_account  # other routes do without it

        return ignition_account(settings, state)

    problem = _missing(account, environ, None)
    return SignedInIgnition(not problem, facts.practice, facts.renewed_at, facts.where, calls, problem)


_OTHER_HOST = "the settings name another host than the one that was signed in to"


def _missing(account: Callable[[], Account], environ: Mapping[str, str], vault: Vault | None) -> str:
    """Why the secret of a stored sign-in cannot be used, empty where it can; asks the keyring for seconds at most."""
    from xpmsync.local.net.stored_sign_in import SignIn
    from xpmsync.local.secrets.vault import open_vault

    try:
        text = (vault or open_vault(environ, attended=False)).read(account())
    except KeyringUnusable as problem:
        return f"the keyring could not be asked: {problem.reason}"
    return "" if SignIn.unpack(text or "") else "its secret is no longer in the keyring"
