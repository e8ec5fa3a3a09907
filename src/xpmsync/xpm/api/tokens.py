"""The access token for a practice, renewed by itself, and once only, whoever runs at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded, Unreachable, UsageError
from xpmsync.local.net.stored_sign_in import StoredSignIn
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.redaction import conceal
from xpmsync.xpm.api.oauth import OAuth, Tokens, XeroApp
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE, XpmSignIn, account_of, write_facts

if TYPE_CHECKING:
    from xpmsync.local.secrets.vault import Vault

__all__ = ["GivenToken", "XpmTokens", "token_source"]


class GivenToken:
    """A token from outside (an environment variable, the built-in practice) that cannot be renewed."""

    def __init__(self, token: str) -> None:
        conceal(token)
        self._token = token

    def token(self) -> str:
        """The token as given."""
        return self._token

    def refresh_after_401(self, stale: str) -> str:
        """Raise `SignInNeeded` (`refused-token`): there is no other."""
        raise SignInNeeded(System.XPM, "refused-token")


class XpmTokens(StoredSignIn[XpmSignIn]):
    """The stored sign-in of one practice. `facts` is where `status` finds when it was last renewed."""

    def __init__(self, *, xpm: XpmSettings, vault: Vault, clock: Clock, facts: Path) -> None:
        known = xpm.client_id and xpm.tenant_id
        super().__init__(System.XPM, account_of(xpm) if known else None, vault, clock)
        self._xpm = xpm
        self._facts = facts

    def _unpack(self, text: str) -> XpmSignIn | None:
        return XpmSignIn.unpack(text)

    def _pack(self, signed: XpmSignIn) -> str:
        return signed.pack()

    def _note(self, signed: XpmSignIn) -> None:
        write_facts(self._facts, self._xpm, signed, self._vault.describe())

    def _renew(self, signed: XpmSignIn) -> XpmSignIn:
        return signed.renewed(self._refresh(signed), self._clock.now())

    def _refresh(self, signed: XpmSignIn) -> Tokens:
        if not signed.tokens.refresh:
            raise SignInNeeded(System.XPM, "expired")
        app = XeroApp(self._xpm.client_id, signed.app_secret)
        with OAuth(self._xpm, app, self._clock) as oauth:
            try:
                return oauth.refresh(signed.tokens)
            except Unreachable:
                # Without an answer Xero lets the old one be used again for half an hour (facts, section 4).
                return oauth.refresh(signed.tokens)


def token_source(
    environ: Mapping[str, str], *, xpm: XpmSettings, vault: Vault, clock: Clock, facts: Path
) -> XpmTokens | GivenToken:
    """Return the token in `XPMSYNC_XPM_ACCESS_TOKEN` where there is one, the stored sign-in otherwise.

    With the variable the keyring is never touched. Raises `UsageError` where its
    value cannot be a token.
    """
    given = environ.get(ACCESS_TOKEN_VARIABLE, "").strip()
    if not given:
        return XpmTokens(xpm=xpm, vault=vault, clock=clock, facts=facts)
    if not (given.isascii() and given.isprintable()) or " " in given:
        raise UsageError(f"{ACCESS_TOKEN_VARIABLE} holds something that is no access token.", "Set it anew.")
    return GivenToken(given)
