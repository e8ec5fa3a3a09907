"""One call to XPM: its headers, the limits it reports, and every answer that is not a success."""

import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, Rejected, Unreachable, UnusableAnswer
from xpmsync.local.net.http import Http, StreamedResponse
from xpmsync.local.net.rate_limit import RateLimiter, RefusedToken, RetryLoop, TryAgain, parse_retry_after
from xpmsync.local.net.stored_sign_in import TokenSource
from xpmsync.local.system.clock import Clock
from xpmsync.xpm.api.xml_reader import Envelope, NotXpm, read_clients

_SHORT: Final = 1024 * 1024
"""Answers to errors are read up to this size."""
_MOST_DIGITS: Final = 10


class XpmCalls:
    """Sends calls to one practice; `on_wait` is called with every wait and the call it is for."""

    def __init__(
        self,
        *,
        http: Http,
        api_url: str,
        tenant_id: str,
        tokens: TokenSource,
        limiter: RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._http = http
        self._base = api_url.rstrip("/") + "/"
        self._tenant_id = tenant_id
        self._limiter = limiter
        self._clock = clock
        self._loop = RetryLoop(System.XPM, tokens, limiter, clock, on_wait)

    @property
    def made(self) -> int:
        """Calls sent so far, repeated ones included."""
        return self._loop.made

    def open(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> StreamedResponse:
        """Return a successful answer, unread; everything else raises after what may be tried again was."""
        call = f"{method} {path}"
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        safe = method == "GET"

        def attempt(token: str, may_retry: bool) -> StreamedResponse:
            self._loop.acquire()
            try:
                answer = self._http.open(method, url, headers=self._headers(token, body), content=body)
            except Unreachable as problem:
                if may_retry and (safe or not problem.sent):
                    raise TryAgain from problem
                raise
            self._note_limits(answer)
            if answer.status == 200:
                return answer
            with answer:
                raise self._classify_response(answer, call, may_retry=may_retry, safe=safe)

        return self._loop.run(call, attempt)

    def _headers(self, token: str, body: bytes | None) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {token}",
            "xero-tenant-id": self._tenant_id,
            "Accept": "application/xml",
        }
        if body is not None:
            headers["Content-Type"] = "application/xml"
        return headers

    def _note_limits(self, answer: StreamedResponse) -> None:
        remaining = answer.headers.get("x-daylimit-remaining", "")
        if remaining.isdecimal() and len(remaining) < _MOST_DIGITS:
            self._limiter.note_day_remaining(int(remaining))

    def _classify_response(self, answer: StreamedResponse, call: str, *, may_retry: bool, safe: bool) -> Exception:
        """Return what an answer other than success means: another try, another token, or an error."""
        status, correlation = answer.status, answer.headers.get("xero-correlation-id", "")
        if status == 401:
            return RefusedToken()
        if status == 403:
            return AccessRefused(System.XPM, _gateway_detail(answer), correlation)
        if status == 429:
            wait = parse_retry_after(answer.headers.get("retry-after", ""), now=self._clock.now())
            limit = answer.headers.get("x-rate-limit-problem", "").strip().lower() or "minute"
            return self._loop.limited(wait, limit, may_retry=may_retry, correlation_id=correlation)
        if (reason := _envelope_error(answer)) is not None:
            return Rejected(System.XPM, call, reason, status, correlation)
        if status >= 500 and safe and may_retry:
            return TryAgain()
        return UnusableAnswer(System.XPM, call, f"HTTP status {status}", status, correlation)


def _short_body(answer: StreamedResponse) -> bytes:
    body = b""
    for piece in answer.pieces():
        body += piece
        if len(body) > _SHORT:
            break
    return body


def _envelope_error(answer: StreamedResponse) -> str | None:
    """XPM's own words in an error answer, or None where the body is not XPM's."""
    envelope = Envelope()
    try:
        for _client in read_clients([_short_body(answer)], envelope):
            pass
    except (NotXpm, Unreachable, UnusableAnswer):
        return None
    return envelope.error or envelope.status or None


def _gateway_detail(answer: StreamedResponse) -> str:
    """The `Detail` of the gateway's JSON answer (facts, section 3), empty where there is none."""
    try:
        body = json.loads(_short_body(answer) or b"{}")
    except (ValueError, RecursionError, Unreachable, UnusableAnswer):
        return ""
    detail = body.get("Detail") if isinstance(body, dict) else None
    return detail[:200] if isinstance(detail, str) else ""
