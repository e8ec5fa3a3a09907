"""Xero's OAuth: the sign-in address, tokens, revocation, connections (facts, section 4).

Both kinds of app: a web app proves itself with its secret (HTTP Basic), a PKCE
app with a verifier (S256), since nobody outside knows which kind Xero grants
XPM scopes to.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, CallLimit, SignInNeeded, UnusableAnswer, XpmsyncError
from xpmsync.local.settings.settings import XpmSettings
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.json_files import table_in

if TYPE_CHECKING:
    from xpmsync.local.net.http import Http, Response

__all__ = ["Authorization", "OAuth", "Tokens", "XeroApp", "XpmConnection", "authorize", "refusal"]

_PRACTICE_MANAGER: Final = "PRACTICEMANAGER"
_ACCESS_SECONDS: Final = 1800
"""An access token's life where the answer does not say (facts: 30 minutes)."""
_PATIENCE: Final = 20.0
"""Seconds to wait for the next piece of an answer."""
_LARGEST: Final = 1024 * 1024
_LONGEST_LIMIT: Final = 172_800.0
"""Seconds beyond which a Retry-After is not believed; XPM's longest limit is a rolling day."""
_REFUSALS: Final = frozenset({"access_denied", "invalid_client", "invalid_scope", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class XeroApp:
    """The practice's own Xero app; without a secret it is a PKCE app."""

    client_id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One grant's tokens. `expires_at` is the access token's end, in UTC."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...]


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


def authorize(xpm: XpmSettings, app: XeroApp, scopes: Sequence[str], redirect_uri: str) -> Authorization:
    """Begin a sign-in with a fresh state and, for a PKCE app, a fresh verifier."""
    import secrets

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


def refusal(error: str) -> XpmsyncError:
    """Return the error for OAuth's word of refusal: `AccessRefused`, or `SignInNeeded` for a dead grant.

    A word that OAuth does not have becomes `refused`: it comes from outside.
    """
    if error == "invalid_grant":
        return SignInNeeded(System.XPM, "expired")
    return AccessRefused(System.XPM, error if error in _REFUSALS else "refused")


class OAuth:
    """Xero's identity server as one app sees it; a context manager that keeps the connection.

    Every method raises `Unreachable`, `UnusableAnswer`, `CallLimit`,
    `AccessRefused` (its `reason` is OAuth's word, or `forbidden`) and
    `SignInNeeded` (`expired`).
    """

    def __init__(self, xpm: XpmSettings, app: XeroApp, clock: Clock) -> None:
        from xpmsync.local.net.http import Http

        # Its own, with short limits: others wait for the lock that is held during a refresh.
        self._http: Http = Http(system=System.XPM, read_seconds=_PATIENCE, max_bytes=_LARGEST)
        self._xpm = xpm
        self._app = app
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

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
        """Give a refresh token back. Xero then drops all of the person's connections to the app."""
        answer = self._post(self._xpm.revocation_endpoint, {"token": refresh_token})
        if answer.status != 200:
            raise self._failure(answer, "POST /connect/revocation")

    def practices(self, access_token: str) -> tuple[XpmConnection, ...]:
        """Return the connected practices of XPM; other organisations of Xero are left out."""
        answer = self._http.request("GET", self._xpm.connections_endpoint, headers=_bearer(access_token))
        call = "GET /connections"
        if answer.status != 200:
            raise self._failure(answer, call)
        listed = _json(answer)
        if not isinstance(listed, list):
            raise UnusableAnswer(System.XPM, call, "not a list of connections", answer.status, _correlation(answer))
        connections = (each for each in listed if isinstance(each, dict))
        return tuple(
            XpmConnection(str(each.get("id", "")), str(each.get("tenantId", "")), str(each.get("tenantName") or ""))
            for each in connections
            if each.get("tenantType") == _PRACTICE_MANAGER and each.get("tenantId")
        )

    def disconnect(self, access_token: str, connection_id: str) -> None:
        """Take the app's connection to one practice away; one that is gone already is fine."""
        url = f"{self._xpm.connections_endpoint}/{quote(connection_id, safe='')}"
        answer = self._http.request("DELETE", url, headers=_bearer(access_token))
        if answer.status not in (200, 204, 404):
            raise self._failure(answer, "DELETE /connections/{id}")

    def _tokens(self, form: Mapping[str, str], asked: tuple[str, ...]) -> Tokens:
        call = "POST /connect/token"
        before = self._clock.now()
        answer = self._post(self._xpm.token_endpoint, form)
        if answer.status != 200:
            raise self._failure(answer, call)
        held = table_in(answer.body)
        access, refresh, scope = (str(held.get(name) or "") for name in ("access_token", "refresh_token", "scope"))
        if not access or not (access + refresh).isascii() or not (access + refresh).isprintable() or " " in access:
            raise UnusableAnswer(System.XPM, call, "no access token in it", answer.status, _correlation(answer))
        seconds = held.get("expires_in")
        life = seconds if isinstance(seconds, int) and 0 < seconds <= 86_400 else _ACCESS_SECONDS
        # Counted from before the call, so that a slow answer cannot make the token seem younger than it is.
        return Tokens(access, refresh, before + timedelta(seconds=life), tuple(scope.split()) or asked)

    def _post(self, url: str, form: Mapping[str, str]) -> Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self._app.secret:
            pair = f"{quote(self._app.client_id, safe='')}:{quote(self._app.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form = {**form, "client_id": self._app.client_id}
        return self._http.request("POST", url, headers=headers, content=urlencode(form).encode())

    def _failure(self, answer: Response, call: str) -> XpmsyncError:
        """Return what an answer other than success means; its body may hold the request, so none of it is kept."""
        status, correlation = answer.status, _correlation(answer)
        error = table_in(answer.body).get("error")
        if status == 429:
            from xpmsync.local.net.rate_limit import parse_retry_after

            now = self._clock.now()
            wait = min(parse_retry_after(answer.headers.get("retry-after", ""), now=now), _LONGEST_LIMIT)
            limit = answer.headers.get("x-rate-limit-problem", "") or "minute"
            return CallLimit(System.XPM, limit, now + timedelta(seconds=wait), correlation)
        if status in (400, 401) and isinstance(error, str):
            return refusal(error)
        if status == 401:
            return SignInNeeded(System.XPM, "expired")
        if status == 403:
            return AccessRefused(System.XPM, "forbidden", correlation)
        return UnusableAnswer(System.XPM, call, f"HTTP status {status}", status, correlation)


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}


def _json(answer: Response) -> object:
    try:
        decoded: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return decoded


def _object(answer: Response) -> dict[str, object]:
    decoded = _json(answer)
    return decoded if isinstance(decoded, dict) else {}


def _correlation(answer: Response) -> str:
    return answer.headers.get("xero-correlation-id", "")
