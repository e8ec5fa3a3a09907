"""The access token for a practice, renewed by itself, and once only, whoever runs at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xpmsync.core.terms import System
from xpmsync.errors import SignInNeeded, Unreachable, UsageError
from xpmsync.local.clock import Clock
from xpmsync.local.redaction import conceal
from xpmsync.local.settings import XpmSettings
from xpmsync.xpm.oauth import App, OAuth, Tokens
from xpmsync.xpm.sign_in import SignIn, account_of
from xpmsync.xpm.sign_in_facts import ACCESS_TOKEN_VARIABLE, write_facts

if TYPE_CHECKING:
    from xpmsync.local.secrets import Vault

__all__ = ["GivenToken", "Session", "token_source"]

_MARGIN: Final = timedelta(minutes=2)
"""A token this close to its end is renewed before a call is made with it."""


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


class Session:
    """The stored sign-in of one practice.

    `facts` is where `status` finds when the sign-in was last renewed. Methods
    raise `SignInNeeded` with reason `not-signed-in` or `expired`,
    `KeyringUnusable`, `Unreachable`, and what `OAuth` raises.
    """

    def __init__(self, *, xpm: XpmSettings, vault: Vault, clock: Clock, facts: Path) -> None:
        self._xpm = xpm
        self._vault = vault
        self._clock = clock
        self._facts = facts
        self._known: SignIn | None = None

    def token(self) -> str:
        """A token with at least two minutes left, renewed where the stored one has less."""
        signed = self._known or self._stored()
        if signed and self._fresh(signed.tokens):
            self._known = signed
            return signed.tokens.access
        return self._renewed("")

    def refresh_after_401(self, stale: str) -> str:
        """Another token than `stale`: a newer stored one, else a renewed one."""
        return self._renewed(stale)

    def _renewed(self, stale: str) -> str:
        account = account_of(self._xpm)
        with self._vault.held(account):
            # Read again: whoever held the lock before us may have renewed it.
            signed = self._stored()
            if signed is None:
                raise SignInNeeded(System.XPM, "not-signed-in")
            if not self._fresh(signed.tokens) or signed.tokens.access == stale:
                signed = signed.renewed(self._refresh(signed), self._clock.now())
                # Stored before it is used: the old one is worth nothing any more.
                self._vault.write(account, signed.pack())
                write_facts(self._facts, self._xpm, signed, self._vault.describe())
        self._known = signed
        return signed.tokens.access

    def _refresh(self, signed: SignIn) -> Tokens:
        if not signed.tokens.refresh:
            raise SignInNeeded(System.XPM, "expired")
        app = App(self._xpm.client_id, signed.app_secret)
        with OAuth(self._xpm, app, self._clock) as oauth:
            try:
                return oauth.refresh(signed.tokens)
            except Unreachable:
                # Without an answer Xero lets the old one be used again for half an hour (facts, section 4).
                return oauth.refresh(signed.tokens)

    def _stored(self) -> SignIn | None:
        if not (self._xpm.client_id and self._xpm.tenant_id):
            return None
        text = self._vault.read(account_of(self._xpm))
        return SignIn.unpack(text) if text else None

    def _fresh(self, tokens: Tokens) -> bool:
        return self._clock.now() + _MARGIN < tokens.expires_at


def token_source(
    environ: Mapping[str, str], *, xpm: XpmSettings, vault: Vault, clock: Clock, facts: Path
) -> Session | GivenToken:
    """Return the token in `XPMSYNC_XPM_ACCESS_TOKEN` where there is one, the stored sign-in otherwise.

    With the variable the keyring is never touched. Raises `UsageError` where its
    value cannot be a token.
    """
    given = environ.get(ACCESS_TOKEN_VARIABLE, "").strip()
    if not given:
        return Session(xpm=xpm, vault=vault, clock=clock, facts=facts)
    if not (given.isascii() and given.isprintable()) or " " in given:
        raise UsageError(f"{ACCESS_TOKEN_VARIABLE} holds something that is no access token.", "Set it anew.")
    return GivenToken(given)
