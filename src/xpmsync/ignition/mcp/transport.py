"""The HTTP under the SDK's transport: our token and limits on every request, and a note of how each one ended.

The SDK turns an HTTP error into a JSON-RPC one that has lost its status, and a
broken connection into the end of its session. Here both are noted first, and
the SDK sees a plain refusal. Only `connection` and `oauth` import this module.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from xpmsync import __version__
from xpmsync.local.net.http import proxy_refusal

__all__ = ["Ending", "Wire", "http_client", "trust"]

_LARGEST: Final = 32 * 1024 * 1024
"""Bytes of the largest answer that is not a stream; a page of clients is a few hundred thousand."""
_BROKEN: Final = 599
"""The status that means no answer; no server sends it."""
_TIMEOUT: Final = httpx2.Timeout(connect=10.0, read=60.0, write=30.0, pool=10.0)


@dataclass(slots=True)
class Ending:
    """How the last request that failed ended: its status, or `broken` in words, and whether it was `sent`."""

    status: int = 0
    retry_after: str = ""
    broken: str = ""
    sent: bool = True


class Wire(httpx2.AsyncBaseTransport):
    """Carries the requests of one session; `token` and `ending` belong to the next call."""

    def __init__(self, url: str) -> None:
        self.token = ""
        self.ending = Ending()
        parts = urlsplit(url)
        plain = parts.scheme != "https"
        proxy = None if plain or proxy_bypass(parts.hostname or "") else getproxies().get("https")
        self._inner = httpx2.AsyncHTTPTransport(verify=trust(plain=plain), trust_env=False, proxy=proxy)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raises nothing that a network can cause."""
        if request.method == "GET" and "last-event-id" not in request.headers:
            # The open stream for the server's own messages: none of them concerns us, and it would cost a call.
            return httpx2.Response(405, request=request)
        request.headers["Authorization"] = f"Bearer {self.token}"
        request.headers["Accept-Encoding"] = "identity"
        try:
            response = await self._inner.handle_async_request(request)
            if response.headers.get("content-type", "").lower().startswith("application/json"):
                response = await _whole(response)
        except httpx2.ProxyError as problem:
            return self._broke(request, proxy_refusal(str(problem)), sent=False)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return self._broke(request, "no connection", sent=False)
        except (httpx2.TransportError, _Unfit) as problem:
            return self._broke(request, _words(problem), sent=True)
        if response.status_code >= 400 and request.method == "POST":
            self.ending = Ending(response.status_code, response.headers.get("retry-after", ""))
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    def _broke(self, request: httpx2.Request, words: str, *, sent: bool) -> httpx2.Response:
        if request.method == "POST":
            self.ending = Ending(broken=words, sent=sent)
        return httpx2.Response(_BROKEN, request=request)


def http_client(wire: Wire) -> httpx2.AsyncClient:
    """The client that the SDK's transport uses; redirects are the SDK's, which stay on the server's own host."""
    return httpx2.AsyncClient(
        transport=wire, trust_env=False, timeout=_TIMEOUT, headers={"User-Agent": f"xpmsync/{__version__}"}
    )


def trust(*, plain: bool) -> ssl.SSLContext:
    """The operating system's certificate store; an empty one for plain http on this machine."""
    if plain:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _Unfit(Exception):
    """An answer that is not read any further."""


async def _whole(response: httpx2.Response) -> httpx2.Response:
    """Read an answer to its end, so that one that breaks off is noticed here."""
    try:
        if response.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
            raise _Unfit("it is compressed, which was not asked for")
        body = b""
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > _LARGEST:
                raise _Unfit("it is larger than 32 MB")
    finally:
        await response.aclose()
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() != "transfer-encoding"]
    return httpx2.Response(response.status_code, headers=headers, content=body)


def _words(problem: Exception) -> str:
    """What went wrong, in words that carry no header and no body."""
    match problem:
        case _Unfit():
            return f"the answer cannot be used: {problem}"
        case httpx2.TimeoutException():
            return "no answer in time"
        case _:
            return "the connection broke off"
