"""One call to XPM: headers, limits, retries, and every answer that is not a success.

Only what cannot have been carried out is sent again: reads, writes that never
went out, and writes that the gateway in front turned away (401, 429).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Final
from urllib.parse import urlencode

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, CallLimit, Rejected, SignInNeeded, Unreachable, UnusableAnswer
from xpmsync.local.net.http import Http, StreamedResponse
from xpmsync.local.net.rate_limit import RateLimiter, parse_retry_after
from xpmsync.local.net.stored_sign_in import TokenSource
from xpmsync.local.system.clock import Clock
from xpmsync.xpm.api.xml_reader import Envelope, NotXpm, read_clients

__all__ = ["XpmCalls"]

_TRIES: Final = 3
_LONGEST_WAIT: Final = 120.0
"""Seconds we wait for a limit to pass; a longer Retry-After ends the run (exit 8)."""
_SHORT: Final = 1024 * 1024
"""Answers to errors are read up to this size."""
_MOST_DIGITS: Final = 10


class XpmCalls:
    """Sends calls to one practice; `made` counts them, `on_wait` is called for every wait and the call it is for."""

    def __init__(
        self,
        *,
        http: Http,
        api_url: str,
        tenant_id: str,
        tokens: TokenSource,
        budget: RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._http = http
        self._base = api_url.rstrip("/") + "/"
        self._tenant_id = tenant_id
        self._tokens = tokens
        self._budget = budget
        self._clock = clock
        self.made = 0
        self._on_wait = on_wait

    def open(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> StreamedResponse:
        """Return a successful answer, unread; everything else raises after what may be tried again was."""
        call = f"{method} {path}"
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        refreshed = False
        for tried in count(1):
            token = self._tokens.token()
            self._budget.take(self._on_wait)
            self.made += 1
            may_retry = tried < _TRIES
            try:
                answer = self._http.open(method, url, headers=self._headers(token, body), content=body)
            except Unreachable as problem:
                if not may_retry or (problem.sent and method != "GET"):
                    raise
                wait = _pause(tried)
            else:
                self._note_limits(answer)
                if answer.status == 200:
                    return answer
                with answer:
                    if answer.status == 401 and not refreshed:
                        refreshed = True
                        self._tokens.refresh_after_401(token)
                        wait = 0.0
                    else:
                        wait = self._classify_response(answer, call, tried, may_retry=may_retry, safe=method == "GET")
            if wait:
                self._on_wait(wait, call)
                self._clock.sleep(wait)
        raise AssertionError("the loop above only ends by returning or raising")

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
            self._budget.note_day_remaining(int(remaining))

    def _classify_response(
        self, answer: StreamedResponse, call: str, tried: int, *, may_retry: bool, safe: bool
    ) -> float:
        """Return the seconds to wait before another try, or raise what this answer means."""
        status, correlation = answer.status, answer.headers.get("xero-correlation-id", "")
        if status == 401:
            raise SignInNeeded(System.XPM, "refused-token")
        if status == 403:
            raise AccessRefused(System.XPM, _gateway_detail(answer), correlation)
        if status == 429:
            return self._limited(answer, correlation, may_retry=may_retry)
        if status >= 500:
            if (refusal := _envelope_error(answer)) is not None:
                raise Rejected(System.XPM, call, refusal, status, correlation)
            if safe and may_retry:
                return _pause(tried)
        elif (refusal := _envelope_error(answer)) is not None:
            raise Rejected(System.XPM, call, refusal, status, correlation)
        raise UnusableAnswer(System.XPM, call, f"HTTP status {status}", status, correlation)

    def _limited(self, answer: StreamedResponse, correlation: str, *, may_retry: bool) -> float:
        now = self._clock.now()
        wait = parse_retry_after(answer.headers.get("retry-after", ""), now=now)
        limit = answer.headers.get("x-rate-limit-problem", "").strip().lower() or "minute"
        resets = now + timedelta(seconds=wait)
        if limit == "day":
            self._budget.pause_until(resets)
        if limit == "day" or wait > _LONGEST_WAIT or not may_retry:
            raise CallLimit(System.XPM, limit, resets, correlation)
        return max(wait, 0.1)


def _pause(tried: int) -> float:
    return 0.25 * 2.0**tried


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
        content = json.loads(_short_body(answer) or b"{}")
    except (ValueError, RecursionError, Unreachable, UnusableAnswer):
        return ""
    detail = content.get("Detail") if isinstance(content, dict) else None
    return detail[:200] if isinstance(detail, str) else ""
