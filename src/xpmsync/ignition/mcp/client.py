"""One call of a tool: token, limits, retries, and every ending that is not an answer.

Only what cannot have been carried out is sent again: reads, writes that never
left, and writes that were turned away before the tool (401, 404 of a lost
session, 429).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Protocol, TypeVar

from xpmsync.core.enums import System
from xpmsync.errors import AccessRefused, CallLimit, Rejected, SignInNeeded, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.responses import NoAnswer, ToolResult, code_in, retry_after_in
from xpmsync.ignition.mcp.schema import Tool
from xpmsync.local.net.rate_limit import LONGEST_TOLD, RateLimiter, parse_retry_after
from xpmsync.local.net.stored_sign_in import TokenSource
from xpmsync.local.system.clock import Clock

__all__ = ["CALLS_AN_HOUR", "CALLS_A_MINUTE", "McpCalls", "Server"]

CALLS_A_MINUTE: Final = 60
CALLS_AN_HOUR: Final = 600
"""A user's limits (facts, section 4)."""

_TRIES: Final = 3
_LONGEST_WAIT: Final = 120.0
"""Seconds we wait for a limit to pass; a longer one ends the run (exit 8)."""
_HANDSHAKE: Final = 3
"""Requests that open a session, at most: what the server speaks, hello, and ready."""
_MOST_PAGES_OF_TOOLS: Final = 20
_LATEST_SECONDS: Final = 10_000_000.0
"""A `retryAfter` below this is a number of seconds, one above it a Unix time."""
_MILLISECONDS: Final = 100_000_000_000.0
_INTERNAL_ERROR: Final = -32603
"""JSON-RPC's; the SDK uses it for HTTP errors without a JSON-RPC answer, too."""

_Result = TypeVar("_Result")


class Server(Protocol):
    """A session with the server; see `mcp_connection.Connection`. Methods raise `NoAnswer`."""

    @property
    def is_open(self) -> bool:
        """Whether there is a session."""
        ...

    def open(self, token: str) -> None:
        """Open a session."""
        ...

    def leave(self, *, at_once: bool = False) -> None:
        """End the session."""
        ...

    def tools(self, token: str, cursor: str | None) -> tuple[list[Tool], str | None]:
        """Return a page of the server's tools and the cursor of the next."""
        ...

    def call(self, token: str, tool: str, arguments: Mapping[str, object]) -> ToolResult:
        """Call a tool."""
        ...


class McpCalls:
    """Calls to one server as one person; `made` counts them, `on_wait` is told of every wait and the call it is for."""

    def __init__(
        self,
        *,
        server: Server,
        url: str,
        tokens: TokenSource,
        budget: RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._server = server
        self._url = url
        self._tokens = tokens
        self._budget = budget
        self._clock = clock
        self._on_wait = on_wait
        self.made = 0

    def tools(self) -> list[Tool]:
        """Return everything the server offers, by pages."""
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES_OF_TOOLS):
            asked = cursor
            page, cursor = self._repeat("tools/list", lambda token: self._server.tools(token, asked), safe=True)  # noqa: B023 - used within this turn only
            found += page
            if not cursor:
                return found
        raise UnusableAnswer(System.IGNITION, "tools/list", "a list that never ends")

    def read(self, tool: Tool, arguments: Mapping[str, object]) -> ToolResult:
        """Call a tool that changes nothing; an error it answers is in the result."""
        return self._call(tool, arguments, safe=True)

    def write(self, tool: Tool, arguments: Mapping[str, object]) -> ToolResult:
        """Call a tool that changes something, never twice; an error it answers raises `Rejected`."""
        answer = self._call(tool, arguments, safe=False)
        if answer.is_error:
            raise Rejected(System.IGNITION, tool.name, answer.reason)
        return answer

    def _call(self, tool: Tool, arguments: Mapping[str, object], *, safe: bool) -> ToolResult:
        def once(token: str) -> ToolResult:
            answer = self._server.call(token, tool.name, arguments)
            if answer.is_error and answer.code in synonyms.RATE_LIMITED:
                raise NoAnswer(status=429, data=answer.payload)
            return answer

        return self._repeat(tool.name, once, safe=safe)

    def _repeat(self, call: str, once: Callable[[str], _Result], *, safe: bool) -> _Result:
        """Make a call, again where that is safe and worth it."""
        refreshed = False
        for tried in count(1):
            token = self._tokens.token()
            opening = not self._server.is_open
            try:
                if opening:
                    self._take(_HANDSHAKE)
                    self._server.open(token)
                opening = False
                self._take(1)
                return once(token)
            except NoAnswer as problem:
                if problem.status == 401 and not refreshed:
                    refreshed = True
                    self._tokens.refresh_after_401(token)
                    continue
                wait = self._judge(problem, call, tried, safe=safe or opening)
            if wait:
                self._on_wait(wait, call)
                self._clock.sleep(wait)
        raise AssertionError("the loop above only ends by returning or raising")

    def _take(self, calls: int) -> None:
        for _ in range(calls):
            self._budget.take(self._on_wait)
            self.made += 1

    def _judge(self, problem: NoAnswer, call: str, tried: int, *, safe: bool) -> float:
        """Return the seconds to wait before another try, or raise what this ending means."""
        may_retry = tried < _TRIES
        if problem.status == 429 or code_in(problem.data) in synonyms.RATE_LIMITED:
            return self._limited(problem, may_retry=may_retry)
        if problem.broken:
            self._server.leave(at_once=True)
            if may_retry and (safe or not problem.sent):
                return _pause(tried)
            raise Unreachable(System.IGNITION, f"{call} at {self._url}", problem.broken, sent=problem.sent)
        if problem.status == 404 and may_retry:
            # The server has forgotten our session; what was asked in it was not even looked at.
            self._server.leave(at_once=True)
            return _pause(tried)
        if problem.status >= 500 and safe and may_retry:
            self._server.leave(at_once=True)
            return _pause(tried)
        raise _final(problem, call)

    def _limited(self, problem: NoAnswer, *, may_retry: bool) -> float:
        now = self._clock.now()
        wait = self._wait_told(problem, now)
        resets = now + timedelta(seconds=wait)
        limit = "minute" if wait <= _LONGEST_WAIT else "hour"
        if wait > _LONGEST_WAIT:
            self._budget.pause_until(resets, limit)
        if wait > _LONGEST_WAIT or not may_retry:
            raise CallLimit(System.IGNITION, limit, resets)
        return max(wait, 0.1)

    def _wait_told(self, problem: NoAnswer, now: datetime) -> float:
        if problem.retry_after:
            return parse_retry_after(problem.retry_after, now=now)
        told = retry_after_in(problem.data)
        if told is None:
            return 60.0
        if told >= _LATEST_SECONDS:
            told = (told / 1000 if told > _MILLISECONDS else told) - now.timestamp()
        return min(max(0.0, told), LONGEST_TOLD)


def _final(problem: NoAnswer, call: str) -> XpmsyncError:
    """What an ending means that no other try would change."""
    if problem.status == 401:
        return SignInNeeded(System.IGNITION, "refused-token")
    if problem.status == 403:
        return AccessRefused(System.IGNITION, "forbidden")
    if problem.unusable:
        return UnusableAnswer(System.IGNITION, call, problem.unusable)
    if problem.code == _INTERNAL_ERROR and problem.status < 400:
        return UnusableAnswer(System.IGNITION, call, "an internal error of its own", 500)
    if problem.code and problem.code != _INTERNAL_ERROR and problem.status < 500:
        return Rejected(System.IGNITION, call, problem.message[:300] or f"error {problem.code}", problem.status)
    return UnusableAnswer(System.IGNITION, call, f"HTTP status {problem.status}", problem.status)


def _pause(tried: int) -> float:
    return 0.25 * 2.0**tried
