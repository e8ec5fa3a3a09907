"""Notifying other programs over HTTP: a webhook that takes JSON, and a monitor that waits for a ping."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

from xpmsync.core.enums import System
from xpmsync.core.jsonable import Json
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.http import Http
from xpmsync.local.net.mail import is_unknown_host

__all__ = ["HookFailed", "ping", "post_json"]

_SECONDS: Final = 15.0
_MOST: Final = 1024 * 1024
_FAIL: Final = "/fail"


class HookFailed(Exception):
    """The address could not be called; the text names its host only, for the rest may be a secret."""


def post_json(url: str, payload: dict[str, Json]) -> None:
    """Post a JSON object; raises `HookFailed`."""
    _call("POST", url, json.dumps(payload, ensure_ascii=False).encode())


def ping(url: str, *, good: bool) -> None:
    """Call a monitor's address, with `/fail` behind it after a bad run (as healthchecks.io does it); `HookFailed`."""
    head, mark, query = url.partition("?")
    _call("GET", head.rstrip("/") + ("" if good else _FAIL) + mark + query, None)


def _call(method: str, url: str, content: bytes | None) -> None:
    host = urlsplit(url).hostname or "the address"
    headers = {"Content-Type": "application/json"} if content is not None else {}
    # The client's errors name one of the two systems; here only their reason is read.
    with Http(system=System.XPM, read_seconds=_SECONDS, max_bytes=_MOST) as http:
        try:
            answer = http.request(method, url, headers=headers, content=content)
        except (Unreachable, UnusableAnswer) as problem:
            if is_unknown_host(problem):
                raise HookFailed(f"no server called {host} was found; check its spelling") from None
            raise HookFailed(f"{host}: {problem.reason}") from None
        except UsageError:
            raise HookFailed(f"{host}: the address must begin with https://") from None
    if not 200 <= answer.status < 300:
        raise HookFailed(f"{host} answered with HTTP status {answer.status}")
