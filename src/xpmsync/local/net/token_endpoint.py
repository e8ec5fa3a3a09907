"""An identity server's token endpoint: form posts, the client's proof, and what its refusals mean (RFC 6749).

XPM's and Ignition's sign-ins use the same one.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, CallLimit, SignInNeeded, UnusableAnswer, XpmsyncError
from xpmsync.local.net.http import Http, Response
from xpmsync.local.net.rate_limit import parse_retry_after
from xpmsync.local.net.stored_sign_in import OAuthClient, Tokens
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.json_files import table_in

_DEAD: Final = frozenset({"invalid_grant"})
_READ_SECONDS: Final = 20.0
"""Short, because other processes wait for the lock that is held during a refresh."""
_LARGEST: Final = 1024 * 1024
_LONGEST_LIFE: Final = 366 * 86_400
_LONGEST_LIMIT: Final = 172_800.0
"""Seconds beyond which a Retry-After is ignored; the longest known limit is a rolling day."""
_REFUSALS: Final = frozenset({"access_denied", "invalid_client", "invalid_scope", "unauthorized_client"})


class TokenEndpoint:
    """One client's way to an identity server; a context manager that keeps the connection.

    `dead` are OAuth's words for a grant that only a new sign-in replaces. Methods
    raise `Unreachable`, `UnusableAnswer`, `CallLimit`, `AccessRefused` (its
    `reason` is OAuth's word, or `forbidden`) and `SignInNeeded` (`expired`).
    """

    def __init__(self, system: System, client: OAuthClient, clock: Clock, *, dead: frozenset[str] = _DEAD) -> None:
        self.http = Http(system=system, read_seconds=_READ_SECONDS, max_bytes=_LARGEST)
        self._system = system
        self._client = client
        self._clock = clock
        self._dead = dead

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.http.close()

    def tokens(self, url: str, form: Mapping[str, str], default_life: int = 0) -> Tokens:
        """Trade a code or a refresh token; the access token lives `default_life` seconds where the answer names none.

        The caller keeps what it traded in until the new tokens are stored.
        """
        before = self._clock.now()
        answer = self.post(url, form)
        stored = table_in(answer.body)
        access, refresh, scope = (str(stored.get(name) or "") for name in ("access_token", "refresh_token", "scope"))
        if not access or not (access + refresh).isascii() or not (access + refresh).isprintable() or " " in access:
            raise self.unusable(answer, "POST (token)", "no access token in it")
        seconds = stored.get("expires_in")
        life = seconds if isinstance(seconds, int) and 0 < seconds <= _LONGEST_LIFE else default_life
        # Counted from before the call, so that a slow answer cannot make the token seem younger than it is.
        expires_at = before + timedelta(seconds=life) if life else None
        return Tokens(access, refresh, expires_at, tuple(scope.split()))

    def post(self, url: str, form: Mapping[str, str], *, basic: bool = False) -> Response:
        """Post a form with the client's proof; anything but success raises.

        `basic`: the proof is in the header even where there is no secret.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        client = self._client
        if basic or (client.secret and client.method == "client_secret_basic"):
            pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif client.secret:
            form = {**form, "client_id": client.client_id, "client_secret": client.secret}
        else:
            form = {**form, "client_id": client.client_id}
        answer = self.http.request("POST", url, headers=headers, content=urlencode(form).encode())
        if answer.status != 200:
            raise self.failure(answer, f"POST {url.rpartition('/')[2]}")
        return answer

    def failure(self, answer: Response, call: str) -> XpmsyncError:
        """Return what an answer other than success means; its body may hold the request, so none of it is kept."""
        status = answer.status
        error = table_in(answer.body).get("error")
        if status == 429:
            now = self._clock.now()
            wait = min(parse_retry_after(answer.headers.get("retry-after", ""), now=now), _LONGEST_LIMIT)
            limit = answer.headers.get("x-rate-limit-problem", "") or "minute"
            return CallLimit(self._system, limit, now + timedelta(seconds=wait), _correlation(answer))
        if status in (400, 401) and isinstance(error, str):
            return refusal(self._system, error, self._dead)
        if status == 401:
            return SignInNeeded(self._system, "expired")
        if status == 403:
            return AccessRefused(self._system, "forbidden", _correlation(answer))
        return self.unusable(answer, call, f"HTTP status {status}")

    def unusable(self, answer: Response, call: str, reason: str) -> UnusableAnswer:
        """Return the error for an answer that cannot be read."""
        return UnusableAnswer(self._system, call, reason, answer.status, _correlation(answer))


def refusal(system: System, error: str, dead: frozenset[str] = _DEAD) -> XpmsyncError:
    """Return the error for OAuth's word of refusal; `dead` are those that only a new sign-in helps.

    A word that OAuth does not have becomes `refused`: it comes from outside.
    """
    if error in dead:
        return SignInNeeded(system, "expired")
    return AccessRefused(system, error if error in _REFUSALS else "refused")


def _correlation(answer: Response) -> str:
    return answer.headers.get("xero-correlation-id", "")
