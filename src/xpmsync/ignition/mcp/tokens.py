"""The access token for Ignition's hosted service, renewed by itself, and once only, whoever runs at the same time."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, CallLimit, SignInNeeded, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp.sign_in import Grant, McpSignIn, write_facts
from xpmsync.local.net.stored_sign_in import StoredSignIn
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.json_files import table_in

if TYPE_CHECKING:
    from xpmsync.local.net.http import Response
    from xpmsync.local.secrets.vault import Account, Vault

__all__ = ["McpTokens", "refreshed", "revoke"]

_PATIENCE: Final = 20.0
"""Seconds to wait for the token endpoint: others wait for the lock that is held meanwhile."""
_LARGEST: Final = 1024 * 1024
_LONGEST_LIFE: Final = 366 * 86_400
_DEAD: Final = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})
"""Words for a sign-in or a registration that is worth nothing any more; signing in again makes both anew."""


class McpTokens(StoredSignIn[McpSignIn]):
    """The stored sign-in of one profile. `facts` is where `status` finds when it was last renewed."""

    def __init__(self, *, account: Account, url: str, vault: Vault, clock: Clock, facts: Path) -> None:
        super().__init__(System.IGNITION, account, vault, clock)
        self._url = url
        self._facts = facts

    def _unpack(self, text: str) -> McpSignIn | None:
        return McpSignIn.unpack(text)

    def _pack(self, signed: McpSignIn) -> str:
        from xpmsync.local.secrets.vault import TEXT_LIMIT

        return signed.pack(TEXT_LIMIT)

    def _note(self, signed: McpSignIn) -> None:
        write_facts(self._facts, self._url, signed, self._vault.describe())

    def _renew(self, signed: McpSignIn) -> McpSignIn:
        return signed.renewed(refreshed(signed.grant, self._clock), self._clock.now())


def refreshed(grant: Grant, clock: Clock) -> Grant:
    """Trade the refresh token for the next tokens; the caller keeps the old grant until the new one is stored.

    Raises `SignInNeeded` (`expired`), `AccessRefused`, `CallLimit`, `Unreachable`, `UnusableAnswer`.
    """
    if not grant.refresh:
        raise SignInNeeded(System.IGNITION, "expired")
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh, "client_id": grant.client_id}
    if grant.resource:
        form["resource"] = grant.resource
    before = clock.now()
    try:
        answer = _post(grant.token_url, grant, form)
    except Unreachable as problem:
        if problem.sent:
            raise
        answer = _post(grant.token_url, grant, form)
    if answer.status != 200:
        raise _failure(answer, clock)
    held = table_in(answer.body)
    access, refresh = (str(held.get(name) or "") for name in ("access_token", "refresh_token"))
    if not access or not (access + refresh).isascii() or not (access + refresh).isprintable() or " " in access:
        raise UnusableAnswer(System.IGNITION, "POST (token)", "no access token in it", answer.status)
    life = held.get("expires_in")
    known = isinstance(life, int) and 0 < life <= _LONGEST_LIFE
    # Counted from before the call, so that a slow answer cannot make the token seem younger than it is.
    expires = before + timedelta(seconds=life) if isinstance(life, int) and known else None
    # A server that does not rotate refresh tokens sends none.
    return replace(grant, access=access, refresh=refresh or grant.refresh, expires_at=expires)


def revoke(grant: Grant, clock: Clock) -> None:
    """Give the refresh token back; does nothing where the server takes none back. Raises what `refreshed` raises."""
    if not grant.revoke_url:
        return
    token = grant.refresh or grant.access
    hint = "refresh_token" if grant.refresh else "access_token"
    # Without a value it counts as left out (RFC 6749, 3.2), but the SDK's own server insists on the name.
    form = {"token": token, "token_type_hint": hint, "client_id": grant.client_id, "client_secret": ""}
    answer = _post(grant.revoke_url, grant, form)
    if answer.status != 200:
        raise _failure(answer, clock)


def _post(url: str, grant: Grant, form: Mapping[str, str]) -> Response:
    from xpmsync.local.net.http import Http

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if grant.method == "client_secret_basic" and grant.client_secret:
        pair = f"{quote(grant.client_id, safe='')}:{quote(grant.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif grant.client_secret:
        form = {**form, "client_secret": grant.client_secret}
    with Http(system=System.IGNITION, read_seconds=_PATIENCE, max_bytes=_LARGEST) as http:
        return http.request("POST", url, headers=headers, content=urlencode(form).encode())


def _failure(answer: Response, clock: Clock) -> XpmsyncError:
    """Return what an answer other than success means; its body may hold the request, so none of it is kept."""
    if answer.status == 429:
        from xpmsync.local.net.rate_limit import parse_retry_after

        now = clock.now()
        wait = parse_retry_after(answer.headers.get("retry-after", ""), now=now)
        return CallLimit(System.IGNITION, "token", now + timedelta(seconds=min(wait, 86_400.0)))
    error = table_in(answer.body).get("error")
    if answer.status in (400, 401) and error in _DEAD:
        return SignInNeeded(System.IGNITION, "expired")
    if answer.status in (401, 403):
        return AccessRefused(System.IGNITION, "refused")
    return UnusableAnswer(System.IGNITION, "POST (token)", f"HTTP status {answer.status}", answer.status)
