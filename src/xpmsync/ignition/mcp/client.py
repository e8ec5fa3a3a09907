"""One call of a tool, every ending that is not an answer, and which practice the sign-in leads to.

The practice is asked of the server in every run, and compared with the one before.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from xpmsync.core.enums import System
from xpmsync.core.ports.store import Facts
from xpmsync.errors import AccessRefused, AnotherPractice, Rejected, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.field_map import Toolbox
from xpmsync.ignition.mcp.records import scalar
from xpmsync.ignition.mcp.responses import NoAnswer, ToolResult, code_in, record_of, retry_after_in
from xpmsync.ignition.mcp.schema import Tool, fold_keys
from xpmsync.local.net import rate_limit
from xpmsync.local.net.stored_sign_in import TokenSource
from xpmsync.local.system.clock import Clock
from xpmsync.local.system.json_files import table_in

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
    """A session with the server; see `McpConnection`. Methods raise `NoAnswer`."""

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
    """Calls to one server as one person; `on_wait` is called with every wait and the call it is for."""

    def __init__(
        self,
        *,
        server: Server,
        url: str,
        tokens: TokenSource,
        limiter: rate_limit.RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._server = server
        self._url = url
        self._clock = clock
        self._loop = rate_limit.RetryLoop(System.IGNITION, tokens, limiter, clock, on_wait)

    @property
    def made(self) -> int:
        """Requests sent so far, those that open a session included."""
        return self._loop.made

    def tools(self) -> list[Tool]:
        """Return everything the server offers, by pages."""
        tools: list[Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES_OF_TOOLS):
            asked = cursor
            page, cursor = self._repeat("tools/list", lambda token: self._server.tools(token, asked), safe=True)  # noqa: B023 - used within this turn only
            tools += page
            if not cursor:
                return tools
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

        def attempt(token: str, may_retry: bool) -> _Result:
            opening = not self._server.is_open
            try:
                if opening:
                    self._loop.acquire(_HANDSHAKE)
                    self._server.open(token)
                opening = False
                self._loop.acquire()
                return once(token)
            except NoAnswer as problem:
                raise self._problem(problem, call, may_retry=may_retry, safe=safe or opening) from None

        return self._loop.run(call, attempt)

    def _problem(self, problem: NoAnswer, call: str, *, may_retry: bool, safe: bool) -> Exception:
        """Return what a call without an answer means: another try, another token, or an error."""
        if problem.status == 401:
            return rate_limit.RefusedToken()
        if problem.status == 429 or code_in(problem.data) in synonyms.RATE_LIMITED:
            seconds = self._retry_after(problem)
            limit = "minute" if seconds <= rate_limit.LONGEST_WAIT else "hour"
            return self._loop.limited(seconds, limit, may_retry=may_retry)
        if problem.broken:
            self._server.leave(at_once=True)
            if may_retry and (safe or not problem.sent):
                return rate_limit.TryAgain()
            return Unreachable(System.IGNITION, f"{call} at {self._url}", problem.broken, sent=problem.sent)
        # After a 404 the server has forgotten our session; what was asked in it was not even looked at.
        if may_retry and (problem.status == 404 or (problem.status >= 500 and safe)):
            self._server.leave(at_once=True)
            return rate_limit.TryAgain()
        return _final(problem, call)

    def _retry_after(self, problem: NoAnswer) -> float:
        """Seconds to wait after a 429."""
        now = self._clock.now()
        if problem.retry_after:
            return rate_limit.parse_retry_after(problem.retry_after, now=now)
        seconds = retry_after_in(problem.data)
        if seconds is None:
            return 60.0
        if seconds >= _LATEST_SECONDS:
            seconds = (seconds / 1000 if seconds > _MILLISECONDS else seconds) - now.timestamp()
        return min(max(0.0, seconds), rate_limit.LONGEST_RETRY_AFTER)


def _final(problem: NoAnswer, call: str) -> XpmsyncError:
    """What an ending means that no other try would change."""
    if problem.status == 403:
        return AccessRefused(System.IGNITION, "forbidden")
    if problem.unusable:
        return UnusableAnswer(System.IGNITION, call, problem.unusable)
    if problem.code == _INTERNAL_ERROR and problem.status < 400:
        return UnusableAnswer(System.IGNITION, call, "an internal error of its own", 500)
    if problem.code and problem.code != _INTERNAL_ERROR and problem.status < 500:
        return Rejected(System.IGNITION, call, problem.message[:300] or f"error {problem.code}", problem.status)
    return UnusableAnswer(System.IGNITION, call, f"HTTP status {problem.status}", problem.status)


_FACT: Final = "ignition.practice"


@dataclass(frozen=True, slots=True)
class PracticeInfo:
    """The practice as the server names it. `id` is empty where it gives none; `details` are what tools may ask for."""

    name: str
    id: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    def is_same(self, other: PracticeInfo) -> bool:
        """Whether both are one practice: by id where both have one, else by name."""
        if self.id and other.id:
            return self.id == other.id
        return _plain(self.name) == _plain(other.name)


def ask_practice(calls: McpCalls, tools: Toolbox) -> PracticeInfo:
    """Ask which practice this is; raises `RouteUnfit` without the tool, `UnusableAnswer` without a name."""
    tool = tools.need("get_practice_info")
    answer = calls.read(tool, {})
    if answer.is_error:
        raise Rejected(System.IGNITION, tool.name, answer.reason)
    record = fold_keys(record_of(answer.payload, "practice"))
    name = scalar(record, ("name", "practicename", "businessname"))
    if not name:
        raise UnusableAnswer(System.IGNITION, tool.name, "no practice's name in it")
    details = {word: text for word in synonyms.PRACTICE_WORDS if (text := scalar(record, (word,)))}
    return PracticeInfo(name, scalar(record, ("id", "practiceid", "slug")), details)


def check_practice(practice: PracticeInfo, facts: Facts) -> None:
    """Remember the practice the first time; raises `AnotherPractice` where it is not the remembered one."""
    before = remembered_practice(facts)
    if before is not None and not before.is_same(practice):
        raise AnotherPractice(System.IGNITION, before.name, practice.name)
    if before is None or (before.name, before.id) != (practice.name, practice.id):
        remember_practice(practice, facts)


def remembered_practice(facts: Facts) -> PracticeInfo | None:
    """The practice this profile's links belong to, None where there was none yet."""
    stored = table_in(facts.fact(_FACT) or "")
    return PracticeInfo(str(stored.get("name", "")), str(stored.get("id", ""))) if stored else None


def remember_practice(practice: PracticeInfo, facts: Facts) -> None:
    """Make it the practice this profile's links belong to."""
    facts.note(_FACT, json.dumps({"name": practice.name, "id": practice.id}, ensure_ascii=False))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
