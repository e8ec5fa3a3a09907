"""The retry loop of both systems: a token, the rate limit, one refresh after a 401, and waits between tries.

Only what cannot have been carried out is sent again: reads, writes that never
left, and writes that were turned away before they were looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final, TypeVar

from xpmsync.core.enums import System
from xpmsync.errors import CallLimit, SignInNeeded
from xpmsync.local.net.rate_limit import LONGEST_WAIT, RateLimiter
from xpmsync.local.net.stored_sign_in import TokenSource
from xpmsync.local.system.clock import Clock

__all__ = ["TRIES", "RefusedToken", "RetryLoop", "TryAgain"]

TRIES: Final = 3
"""How often one call is made at most, the refresh after a 401 not counted."""

_Result = TypeVar("_Result")


class RefusedToken(Exception):
    """The system answered 401."""


@dataclass(eq=False)
class TryAgain(Exception):
    """A try that changed nothing and may be repeated after so many seconds; None: a pause that grows by the try."""

    seconds: float | None = None


class RetryLoop:
    """Makes calls to one system; `made` counts them, `on_wait` is called with every wait and the call it is for."""

    def __init__(
        self,
        system: System,
        tokens: TokenSource,
        limiter: RateLimiter,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self.made = 0
        self._system = system
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._on_wait = on_wait

    def acquire(self, calls: int = 1) -> None:
        """Count calls that are about to be made, waiting for room."""
        for _ in range(calls):
            self._limiter.acquire(self._on_wait)
            self.made += 1

    def run(self, call: str, attempt: Callable[[str, bool], _Result]) -> _Result:
        """Return what `attempt` does; it gets the token, and whether another try may follow.

        It raises `TryAgain` where another try is safe and worth it, and
        `RefusedToken`, after which it is repeated once with another token.
        """
        refreshed = False
        for tried in count(1):
            token = self._tokens.token()
            try:
                return attempt(token, tried < TRIES)
            except RefusedToken:
                if refreshed:
                    raise SignInNeeded(self._system, "refused-token") from None
                refreshed = True
                self._tokens.refresh_after_401(token)
            except TryAgain as again:
                seconds = 0.25 * 2.0**tried if again.seconds is None else again.seconds
                self._on_wait(seconds, call)
                self._clock.sleep(seconds)
        raise AssertionError("the loop above only ends by returning or raising")

    def limited(self, seconds: float, limit: str, *, may_retry: bool, correlation_id: str = "") -> TryAgain:
        """Return how to go on after a 429; raises `CallLimit` where the wait is too long, and later runs then know."""
        resets = self._clock.now() + timedelta(seconds=seconds)
        too_long = limit == "day" or seconds > LONGEST_WAIT
        if too_long and limit in {"hour", "day"}:
            self._limiter.pause_until(resets, limit)
        if too_long or not may_retry:
            raise CallLimit(self._system, limit, resets, correlation_id)
        return TryAgain(max(seconds, 0.1))
