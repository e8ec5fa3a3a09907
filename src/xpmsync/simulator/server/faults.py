"""A switch for each thing that can go wrong between xpmsync and XPM.

Faults wait in a queue; each request takes the first one that fits it. Those
that refuse act before the request is carried out, those that spoil the answer
act after it, so a write whose answer is lost was still made.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from enum import StrEnum

from xpmsync.errors import UsageError
from xpmsync.simulator.server.messages import Request

__all__ = ["Fault", "FaultKind", "Faults"]


class FaultKind(StrEnum):
    """What goes wrong."""

    LIMIT_MINUTE = "429-minute"
    LIMIT_DAY = "429-day"
    LIMIT_CONCURRENT = "429-concurrent"
    LIMIT_APP = "429-appminute"
    UNAUTHORIZED = "401"
    UNAUTHORIZED_EMPTY = "401-empty"
    FORBIDDEN = "403"
    CONFLICT = "409"
    SERVER_ERROR = "500"
    SERVER_ERROR_ENVELOPE = "500-envelope"
    UNAVAILABLE = "503"
    INVALID_GRANT = "invalid-grant"
    """The token endpoint's 400."""
    ERROR_STATUS = "error-status"
    """HTTP 200 with `Status` ERROR."""
    LOST_BEFORE = "lost-before"
    """The connection closes before the request is carried out."""
    LOST_AFTER = "lost-after"
    """The request is carried out, then the connection closes without an answer."""
    SLOW_BODY = "slow-body"
    CUT_BODY = "cut-body"
    MALFORMED = "malformed-xml"
    DOCTYPE = "doctype"
    HTML = "html"
    JSON = "json"
    GZIP_BOMB = "oversized-gzip"
    NESTED = "nested"
    """200,000 elements within each other, or `size` of them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault (`kind` is one of `FaultKind`) and the requests it is for.

    It strikes `times` requests (0: without end) of that `method` whose path
    contains `path`, after letting `skip` fitting ones through. `retry_after` is
    for limits (seconds), `message` for envelopes. A slow body waits for
    `release`, at most `seconds` (0: a minute), and sets `reached` when half of
    it is out; a limit sets it before it answers. `size` is the megabytes of an oversized gzip (50 when 0) or the
    depth of nested elements.
    """

    kind: str
    times: int = 1
    path: str = ""
    method: str = ""
    skip: int = 0
    retry_after: int | None = None
    message: str = "An unexpected error occurred"
    seconds: float = 0.0
    size: int = 0
    release: threading.Event | None = field(default=None, compare=False)
    reached: threading.Event | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raise `UsageError` for an unknown kind."""
        try:
            FaultKind(self.kind)
        except ValueError:
            raise UsageError(f"no fault {self.kind!r}", ", ".join(FaultKind)) from None

    def fits(self, request: Request) -> bool:
        """Whether this fault is for that request."""
        return self.path in request.path and self.method.upper() in ("", request.method)


class Faults:
    """The queue; safe between threads."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = list(faults)

    def add(self, *faults: Fault) -> None:
        """Queue faults."""
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        """Forget the faults still waiting."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> tuple[Fault, ...]:
        """The faults that have not yet struck as often as asked."""
        with self._lock:
            return tuple(self._waiting)

    def take(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any; it is used up by that."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if not fault.fits(request):
                    continue
                if fault.skip:
                    self._waiting[place] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times == 1:
                    del self._waiting[place]
                elif fault.times:
                    self._waiting[place] = replace(fault, times=fault.times - 1)
                return fault
        return None
