"""HTTP as xpmsync needs it: the one module that imports httpx.

https only (plain http on loopback), redirects never followed because httpx
would carry `xero-tenant-id` to another host, four time limits, answers
decompressed piece by piece under a size limit.
"""

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from xpmsync import __version__
from xpmsync.core.enums import System
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.settings.keys import LOOPBACK

_MAX_BYTES: Final = 512 * 1024 * 1024
"""Largest decompressed answer; a practice of 15,000 clients sends 50 MB."""
_PIECE: Final = 64 * 1024
_NO_HEADERS: Final[Mapping[str, str]] = {}


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class StreamedResponse:
    """An answer whose body is read piece by piece, decompressed, never more than `max_bytes` in all."""

    def __init__(self, response: httpx.Response, system: System, call: str, max_bytes: int) -> None:
        self.status: Final = response.status_code
        self.headers: Final[Mapping[str, str]] = {k.lower(): v for k, v in response.headers.items()}
        self._response = response
        self._system = system
        self._call = call
        self._max_bytes = max_bytes

    def __enter__(self) -> Self:
        """The answer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the connection; an unread rest is not waited for."""
        self._response.close()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; raises `Unreachable` when it is cut short, `UnusableAnswer` when it is too large."""
        total = 0
        try:
            for piece in self._decompressed():
                total += len(piece)
                if total > self._max_bytes:
                    raise self._unusable(f"larger than {self._max_bytes // (1024 * 1024)} MB")
                yield piece
        except httpx.HTTPError as problem:
            raise Unreachable(self._system, self._call, _words(problem), sent=True) from problem

    def body(self) -> bytes:
        """The whole body at once, for short answers."""
        return b"".join(self.pieces())

    def _decompressed(self) -> Iterator[bytes]:
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        raw = self._response.iter_raw()
        if encoding in {"identity", ""}:
            yield from raw
            return
        if encoding not in {"gzip", "deflate"}:
            raise self._unusable(f"in an unknown content encoding ({encoding[:20]!r})")
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            for packed in raw:
                rest = packed
                while rest:
                    yield unpack.decompress(rest, _PIECE)
                    rest = unpack.unconsumed_tail
                if unpack.eof:
                    # Reading the end of the body as well keeps the connection for the next call.
                    with suppress(httpx.HTTPError):
                        next(raw, b"")
                    break
            yield unpack.flush()
        except zlib.error as problem:
            raise self._unusable("damaged in its compression") from problem
        if not unpack.eof:
            raise self._unusable("cut short")

    def _unusable(self, reason: str) -> UnusableAnswer:
        return UnusableAnswer(
            self._system, self._call, reason, self.status, self.headers.get("xero-correlation-id", "")
        )


class Http:
    """A client for one system. Use as a context manager; `read_seconds` is the wait between two pieces."""

    def __init__(
        self, *, system: System, read_seconds: float = 60.0, max_bytes: int = _MAX_BYTES, user_agent: str = ""
    ) -> None:
        self._system = system
        self._max_bytes = max_bytes
        self._timeout = httpx.Timeout(connect=10.0, read=read_seconds, write=30.0, pool=10.0)
        self._headers = {
            "User-Agent": user_agent or f"xpmsync/{__version__}",
            "Accept-Encoding": "gzip, deflate",
        }
        self._clients: dict[bool, httpx.Client] = {}

    def __enter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, content: bytes | None = None
    ) -> Response:
        """Send one request and read the whole answer; raises `Unreachable` and `UnusableAnswer`."""
        with self.open(method, url, headers=headers, content=content) as answer:
            return Response(answer.status, answer.headers, answer.body())

    def open(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, content: bytes | None = None
    ) -> StreamedResponse:
        """Send one request and return its answer unread; the caller closes it."""
        client = self._client_for(url)
        call = f"{method} {_without_query(url)}"
        request = client.build_request(method, url, headers=dict(headers), content=content)
        try:
            response = client.send(request, stream=True)
        except httpx.HTTPError as problem:
            raise Unreachable(
                self._system, call, _words(problem), sent=not isinstance(problem, _NEVER_SENT)
            ) from problem
        return StreamedResponse(response, self._system, call, self._max_bytes)

    def _client_for(self, url: str) -> httpx.Client:
        """One client for plain http on this machine (no proxy), one for https."""
        plain = not url.lower().startswith("https://")
        if plain and not is_loopback(url):
            raise UsageError(f"The address {_without_query(url)} is not https.", "Correct it in the settings file.")
        if plain not in self._clients:
            self._clients[plain] = httpx.Client(
                verify=_no_trust() if plain else _system_trust(),
                trust_env=not plain,
                timeout=self._timeout,
                headers=self._headers,
                follow_redirects=False,
            )
        return self._clients[plain]


def _system_trust() -> ssl.SSLContext:
    """The operating system's certificate store: firms behind inspecting proxies add their own there."""
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_trust() -> ssl.SSLContext:
    """An empty store for plain http, which never looks at it; loading the real one takes 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Without a connection nothing was sent; a proxy refuses before it makes one."""


def proxy_refusal(text: str) -> str:
    """What a proxy's own refusal means, by the status that the text begins with."""
    status = text[:3] if text[:3].isdecimal() else ""
    if status == "407":
        return "the proxy wants a user name and a password (407)"
    return f"the proxy refused the connection{f' ({status})' if status else ''}"


def _words(problem: httpx.HTTPError) -> str:
    """What went wrong, in words that carry no header and no body."""
    match problem:
        case httpx.ProxyError():
            return proxy_refusal(str(problem))
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "no connection within 10 seconds"
        case httpx.ReadTimeout():
            return "no answer in time"
        case httpx.WriteTimeout():
            return "the request could not be sent in time"
        case httpx.ConnectError() if "CERTIFICATE_VERIFY_FAILED" in str(problem):
            return "its certificate is not one this computer trusts"
        case httpx.ConnectError():
            return "no connection"
        case httpx.RemoteProtocolError():
            return "the connection broke off"
        case _:
            return type(problem).__name__
