"""How each fault shows: refusals before a request is carried out, spoiled answers after it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from xpmsync.simulator.server.faults import Fault, FaultKind
from xpmsync.simulator.server.messages import JSON, Answer, gateway_error
from xpmsync.simulator.server.rate_limits import limit_answer
from xpmsync.simulator.world.xml import error

__all__ = ["after", "before"]

_MINUTE_SECONDS: Final = 22
_DAY_SECONDS: Final = 66_975


def before(fault: Fault) -> Answer | None:
    """The answer of a fault that keeps the request from being carried out, or None for the others."""
    match fault.kind:
        case FaultKind.LIMIT_MINUTE | FaultKind.LIMIT_DAY | FaultKind.LIMIT_CONCURRENT | FaultKind.LIMIT_APP:
            usual = _DAY_SECONDS if fault.kind == FaultKind.LIMIT_DAY else _MINUTE_SECONDS
            seconds = usual if fault.retry_after is None else fault.retry_after
            if fault.reached is not None:
                fault.reached.set()
            return limit_answer(fault.kind.removeprefix("429-"), seconds)
        case FaultKind.UNAUTHORIZED:
            return gateway_error(401, "AuthenticationUnsuccessful")
        case FaultKind.UNAUTHORIZED_EMPTY:
            return Answer(401)
        case FaultKind.FORBIDDEN:
            return gateway_error(403, "AuthenticationUnsuccessful")
        case FaultKind.UNAVAILABLE:
            return gateway_error(503, "The service is currently unavailable")
        case FaultKind.INVALID_GRANT:
            return Answer(400, b'{"error":"invalid_grant"}', JSON)
        case FaultKind.CONFLICT:
            return Answer(409, error("Error", fault.message))
        case FaultKind.SERVER_ERROR:
            return Answer(500, b"Internal Server Error", "text/plain")
        case FaultKind.SERVER_ERROR_ENVELOPE:
            return Answer(500, error("Error", fault.message))
        case FaultKind.ERROR_STATUS:
            return Answer(200, error("Error", fault.message))
        case FaultKind.LOST_BEFORE:
            return Answer(drop=True)
        case _:
            return None


def after(fault: Fault, answer: Answer) -> Answer:
    """Spoil the answer of a request that was carried out."""
    from xpmsync.simulator.server import broken

    match fault.kind:
        case FaultKind.LOST_AFTER:
            return replace(answer, drop=True)
        case FaultKind.CUT_BODY:
            return replace(answer, cut=True)
        case FaultKind.SLOW_BODY:
            return replace(
                answer,
                pause=fault.release or threading.Event(),
                pause_seconds=fault.seconds or 60.0,
                paused=fault.reached,
            )
        case FaultKind.MALFORMED:
            return replace(answer, body=broken.malformed(answer.body))
        case FaultKind.DOCTYPE:
            return replace(answer, body=broken.DOCTYPE)
        case FaultKind.HTML:
            return replace(answer, status=200, body=broken.HTML, content_type="text/html; charset=utf-8")
        case FaultKind.JSON:
            return replace(answer, status=200, body=broken.JSON_BODY, content_type=JSON)
        case FaultKind.GZIP_BOMB:
            packed = {**answer.headers, "Content-Encoding": "gzip"}
            return replace(answer, status=200, body=broken.gzip_bomb(fault.size or 50), headers=packed)
        case FaultKind.NESTED:
            return replace(answer, status=200, body=broken.nested(fault.size or 200_000))
        case _:
            return answer
