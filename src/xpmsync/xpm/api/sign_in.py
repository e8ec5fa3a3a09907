"""The sign-in to XPM: whose it is, its scopes, and its access token, from the keyring or from the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from xpmsync.core.enums import Direction, System
from xpmsync.errors import Unreachable, UsageError
from xpmsync.local.net.sign_in import OAuthClient, SignIn, SignInFacts
from xpmsync.local.net.stored_sign_in import GivenToken, StoredSignIn, TokenSource
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.clock import Clock

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Account, Vault

__all__ = [
    "ACCESS_TOKEN_VARIABLE",
    "account_of",
    "api_hosts",
    "lapses_at",
    "missing_scopes",
    "scopes_for",
    "token_source",
    "xpm_tokens",
]

ACCESS_TOKEN_VARIABLE: Final = "XPMSYNC_XPM_ACCESS_TOKEN"  # noqa: S105 - a variable's name, no secret
"""Names an access token that wins over the keyring, for containers and tests."""
_UNUSED_DAYS: Final = 60
"""After so many days without a refresh Xero forgets a sign-in (facts, section 4)."""
_READ: Final = "practicemanager.client.read"
_WRITE: Final = "practicemanager.client"


def account_of(xpm: XpmSettings) -> Account:
    """Return whose secret a sign-in is: by app and tenant, and by the host that gave it, not by profile."""
    from xpmsync.local.secrets.vault import Account

    return Account(System.XPM, urlsplit(xpm.token_endpoint).netloc, f"{xpm.client_id}/{xpm.tenant_id}")


def api_hosts(xpm: XpmSettings) -> tuple[str, ...]:
    """The hosts that access tokens are sent to: XPM's, and the list of connections."""
    return tuple(dict.fromkeys(urlsplit(url).netloc for url in (xpm.api_base, xpm.connections_endpoint)))


def scopes_for(direction: Direction) -> tuple[str, ...]:
    """Return the least scopes for a direction: XPM is only written when it is the target."""
    return ("offline_access", _WRITE if direction is Direction.TO_XPM else _READ)


def missing_scopes(granted: Sequence[str], direction: Direction) -> tuple[str, ...]:
    """Return the scopes that the direction needs and were not granted; the right to write includes reading."""
    have = {*granted, *([_READ] if _WRITE in granted else [])}
    return tuple(scope for scope in scopes_for(direction) if scope not in have)


def lapses_at(facts: SignInFacts) -> datetime | None:
    """When Xero forgets the sign-in, unless it is used before."""
    return facts.renewed_at + timedelta(days=_UNUSED_DAYS) if facts.renewed_at else None


def xpm_tokens(xpm: XpmSettings, *, vault: Vault, clock: Clock, facts: Path) -> StoredSignIn:
    """The stored sign-in of the practice that the settings name. `facts` is the file that `status` reads."""

    def renew(signed: SignIn) -> SignIn:
        from xpmsync.xpm.api.oauth import OAuth

        app = OAuthClient(xpm.client_id, signed.client.secret)
        with OAuth(xpm, app, clock) as oauth:
            try:
                tokens = oauth.refresh(signed.tokens)
            except Unreachable:
                # Without an answer Xero lets the old one be used again for half an hour (facts, section 4).
                tokens = oauth.refresh(signed.tokens)
        return replace(signed, tokens=tokens, client=app)

    account = account_of(xpm) if xpm.client_id and xpm.tenant_id else None
    return StoredSignIn(account, vault, clock, facts, renew, system=System.XPM, hosts=api_hosts(xpm))


def token_source(
    environ: Mapping[str, str], *, xpm: XpmSettings, vault: Vault, clock: Clock, facts: Path
) -> TokenSource:
    """Return the token in `XPMSYNC_XPM_ACCESS_TOKEN` where there is one, the stored sign-in otherwise.

    With the variable the keyring is never touched. Raises `UsageError` where its
    value cannot be a token.
    """
    given = environ.get(ACCESS_TOKEN_VARIABLE, "").strip()
    if not given:
        return xpm_tokens(xpm, vault=vault, clock=clock, facts=facts)
    if not (given.isascii() and given.isprintable()) or " " in given:
        raise UsageError(f"{ACCESS_TOKEN_VARIABLE} is not an access token.", "Set it again.")
    return GivenToken(System.XPM, given)
