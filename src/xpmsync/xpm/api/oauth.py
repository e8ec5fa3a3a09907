"""Xero's OAuth: the sign-in address, tokens and their renewal, revocation, connections (facts, section 4).

Both kinds of app: a web app proves itself with its secret (HTTP Basic), a PKCE
app with a verifier (S256), since nobody outside knows which kind Xero grants
XPM scopes to.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, SignInNeeded, Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.stored_sign_in import GivenToken, OAuthClient, SignIn, StoredSignIn, Tokens, TokenSource
from xpmsync.local.net.token_endpoint import TokenEndpoint
from xpmsync.local.secrets.vault import Vault
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.local.system.clock import Clock
from xpmsync.xpm.api.sign_in import ACCESS_TOKEN_VARIABLE, account_of, api_hosts

_PRACTICE_MANAGER: Final = "PRACTICEMANAGER"
_ACCESS_SECONDS: Final = 1800
"""An access token's life where the answer does not say (facts: 30 minutes)."""


@dataclass(frozen=True, slots=True)
class XpmConnection:
    """A practice that the signed-in person connected to the app."""

    id: str
    tenant_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """A sign-in that has begun: the page to open, and what proves that the answer belongs to it."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    scopes: tuple[str, ...]
    redirect_uri: str


def authorize(xpm: XpmSettings, app: OAuthClient, scopes: Sequence[str], redirect_uri: str) -> Authorization:
    """Begin a sign-in with a fresh state and, for a PKCE app, a fresh verifier."""
    state, verifier = secrets.token_urlsafe(32), "" if app.secret else secrets.token_urlsafe(64)
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
    }
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    url = f"{xpm.authorize_endpoint}?{urlencode(query, quote_via=quote)}"
    return Authorization(url, state, verifier, tuple(scopes), redirect_uri)


class OAuth:
    """Xero's identity server as one app sees it; a context manager that keeps the connection.

    Methods raise what `TokenEndpoint`'s raise.
    """

    def __init__(self, xpm: XpmSettings, app: OAuthClient, clock: Clock) -> None:
        self._endpoint = TokenEndpoint(System.XPM, app, clock)
        self._xpm = xpm
        self._app = app

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        self._endpoint.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._endpoint.__exit__(kind, error, trace)

    def exchange(self, authorization: Authorization, code: str) -> Tokens:
        """Turn the code of a finished sign-in into tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": authorization.redirect_uri}
        if authorization.verifier:
            form["code_verifier"] = authorization.verifier
        return self._tokens(form, authorization.scopes)

    def refresh(self, tokens: Tokens) -> Tokens:
        """Consume a refresh token for the next pair; the caller keeps it until the new one is stored."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": tokens.refresh}, tokens.scopes)

    def revoke(self, refresh_token: str) -> None:
        """Give a refresh token back. Xero then drops all of the person's connections to the app.

        How an app without a secret names itself there is unknown (facts, section 4): in
        the form, or as the user of a header without a password. Both are tried.
        """
        try:
            self._endpoint.post(self._xpm.revocation_endpoint, {"token": refresh_token})
        except (AccessRefused, SignInNeeded, UnusableAnswer) as problem:
            if self._app.secret or (isinstance(problem, UnusableAnswer) and problem.status >= 500):
                raise
            self._endpoint.post(self._xpm.revocation_endpoint, {"token": refresh_token}, basic=True)

    def practices(self, access_token: str) -> tuple[XpmConnection, ...]:
        """Return the connected practices of XPM; other organisations of Xero are left out."""
        answer = self._endpoint.http.request("GET", self._xpm.connections_endpoint, headers=_bearer(access_token))
        if answer.status != 200:
            raise self._endpoint.failure(answer, "GET /connections")
        try:
            connections: object = json.loads(answer.body)
        except (ValueError, RecursionError):
            connections = None
        if not isinstance(connections, list):
            raise self._endpoint.unusable(answer, "GET /connections", "not a list of connections")
        return tuple(
            XpmConnection(str(each.get("id", "")), str(each.get("tenantId", "")), str(each.get("tenantName") or ""))
            for each in connections
            if isinstance(each, dict) and each.get("tenantType") == _PRACTICE_MANAGER and each.get("tenantId")
        )

    def disconnect(self, access_token: str, connection_id: str) -> None:
        """Take the app's connection to one practice away; one that is gone already is fine."""
        url = f"{self._xpm.connections_endpoint}/{quote(connection_id, safe='')}"
        answer = self._endpoint.http.request("DELETE", url, headers=_bearer(access_token))
        if answer.status not in (200, 204, 404):
            raise self._endpoint.failure(answer, "DELETE /connections/{id}")

    def _tokens(self, form: dict[str, str], asked: tuple[str, ...]) -> Tokens:
        tokens = self._endpoint.tokens(self._xpm.token_endpoint, form, _ACCESS_SECONDS)
        return tokens if tokens.scopes else replace(tokens, scopes=asked)


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}


def xpm_tokens(xpm: XpmSettings, *, vault: Vault, clock: Clock, facts: Path) -> StoredSignIn:
    """The stored sign-in of the practice that the settings name. `facts` is the file that `status` reads."""

    def renew(signed: SignIn) -> SignIn:
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
