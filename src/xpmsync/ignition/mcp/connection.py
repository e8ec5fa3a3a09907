"""The official SDK behind synchronous calls: its session lives on an event loop in a thread of its own.

The SDK turns an HTTP error into a JSON-RPC one that has lost its status, and a broken
connection into the end of its session. Here every request gets our token and limits,
both endings are noted first, and the SDK sees a plain refusal. Importing the SDK takes
most of a second: only this module and `oauth` do, when the route is used.
"""

import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT, CallToolResult, Implementation, TextContent

from xpmsync import __version__
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.responses import NoAnswer, ToolResult
from xpmsync.ignition.mcp.schema import Tool, fold, read_tool
from xpmsync.local.net.http import proxy_refusal

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


_LONGEST_CALL: Final = 120.0
"""Seconds until a call counts as lost."""
_GOODBYE: Final = 3.0
"""Seconds for ending the session."""
_SLICE: Final = 0.2
"""Seconds between looks: on Windows, Ctrl-C does not end a longer wait."""
_LARGEST_EVENT: Final = 32 * 1024 * 1024

_Result = TypeVar("_Result")

for _name in ("mcp", "client", "httpx2", "httpcore2"):
    # What they log holds client data, tokens among them; what matters of it becomes an error of ours.
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class McpConnection:
    """One session with the server at `url`, opened by its first call and again after it broke.

    Methods raise `NoAnswer`, which says why and whether the call may have been
    carried out. A context manager; nothing is opened before the first call.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._life = ExitStack()
        self._portal: BlockingPortal | None = None
        self._session: _Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the session, at once where an error or Ctrl-C ends the run."""
        with self._life:
            self.leave(at_once=kind is not None)

    @property
    def is_open(self) -> bool:
        """Whether there is a session that has not ended."""
        return self._session is not None and not self._session.ended

    def open(self, token: str) -> None:
        """Open a session, ending the last one."""
        self.leave(at_once=True)
        if self._portal is None:
            self._portal = self._life.enter_context(start_blocking_portal())
        session = _Session(self._url, token)
        session.begin(self._portal)
        self._session = session

    def leave(self, *, at_once: bool = False) -> None:
        """End the session, if there is one."""
        session, self._session = self._session, None
        if session is not None and self._portal is not None:
            session.end(self._portal, at_once=at_once)

    def tools(self, token: str, cursor: str | None) -> tuple[list[Tool], str | None]:
        """Return those of one page of the server's tools that the route uses, and the cursor of the next page."""
        page = self._asked(token, lambda client: client.list_tools(cursor=cursor))
        known = [tool for tool in page.tools if fold(tool.name) in synonyms.TOOLS]
        return [read_tool(tool.name, tool.input_schema, tool.output_schema) for tool in known], page.next_cursor

    def call(self, token: str, tool: str, arguments: Mapping[str, object]) -> ToolResult:
        """Call a tool and return what it answered, an error of its own included."""
        return _answer(self._asked(token, lambda client: client.call_tool(tool, dict(arguments))))

    def _asked(self, token: str, ask: Callable[[Client], Awaitable[_Result]]) -> _Result:
        if self._session is None or self._portal is None:
            raise NoAnswer(broken="no session", sent=False)
        return self._session.ask(self._portal, token, ask)


class _Session:
    """An SDK client and the task that keeps it open."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._wire = Wire(url)
        self._wire.token = token
        self._ready: Future[Client] = Future()
        self._task: Future[None] | None = None
        self._closing: anyio.Event | None = None

    @property
    def ended(self) -> bool:
        return self._task is None or self._task.done()

    def begin(self, portal: BlockingPortal) -> None:
        self._task = portal.start_task_soon(self._live, name="xpmsync-mcp")
        try:
            _wait(self._ready)
        except Exception as problem:
            raise _no_answer(problem, self._wire.ending) from None
        except BaseException:
            self._task.cancel()
            raise

    def ask(self, portal: BlockingPortal, token: str, ask: Callable[[Client], Awaitable[_Result]]) -> _Result:
        self._wire.token, self._wire.ending = token, Ending()
        client = self._ready.result()

        async def asked() -> _Result:
            with anyio.fail_after(_LONGEST_CALL):
                return await ask(client)

        future = portal.start_task_soon(asked)
        try:
            return _wait(future)
        except Exception as problem:
            raise _no_answer(problem, self._wire.ending) from None
        except BaseException:
            future.cancel()
            raise

    def end(self, portal: BlockingPortal, *, at_once: bool) -> None:
        task = self._task
        if task is None:
            return
        if not at_once and self._closing is not None and not task.done():
            portal.call(self._closing.set)
            with suppress(Exception):
                _wait(task, _GOODBYE)
        task.cancel()
        with suppress(BaseException):
            _wait(task, _GOODBYE)

    async def _live(self) -> None:
        """Keep a client open until `end` asks; an earlier failure to open goes to `begin`."""
        self._closing = anyio.Event()
        try:
            async with (
                http_client(self._wire) as http,
                Client(
                    streamable_http_client(self._url, http_client=http, max_sse_event_size=_LARGEST_EVENT),
                    read_timeout_seconds=_LONGEST_CALL,
                    client_info=Implementation(name="xpmsync", version=__version__),
                    cache=None,
                ) as client,
            ):
                # The SDK would refuse answers that have more or less than an `outputSchema` says, and list the
                # tools again to know it; what an answer has is for us to see.
                client.session.validate_tool_result = _any_result  # type: ignore[method-assign]
                self._ready.set_result(client)
                await self._closing.wait()
        except Exception as problem:
            if not self._ready.done():
                self._ready.set_exception(problem)


async def _any_result(name: str, result: CallToolResult) -> None:
    """Take a tool's result as it is."""


def run_in_loop(work: Callable[[BlockingPortal], _Result]) -> _Result:
    """Run something with an event loop beside it; the loop ends with it."""
    with start_blocking_portal() as portal:
        return work(portal)


def _wait(future: Future[_Result], seconds: float | None = None) -> _Result:
    """Wait for a future in slices."""
    waited = 0.0
    while True:
        try:
            return future.result(timeout=_SLICE)
        except TimeoutError:
            waited += _SLICE
            if future.done() or (seconds is not None and waited >= seconds):
                raise


def _no_answer(problem: Exception, ending: Ending) -> NoAnswer:
    """Why there is no answer, from what the transport recorded and what the SDK raised."""
    while isinstance(problem, ExceptionGroup):
        problem = problem.exceptions[0]
    if ending.broken:
        return NoAnswer(broken=ending.broken, sent=ending.sent)
    if isinstance(problem, MCPError):
        if problem.code == CONNECTION_CLOSED and not ending.status:
            return NoAnswer(broken="the connection broke off")
        if problem.code == REQUEST_TIMEOUT and not ending.status:
            return NoAnswer(broken="no answer in time")
        data: object = problem.data
        return NoAnswer(ending.status, ending.retry_after, problem.code, problem.message, data)
    if ending.status:
        return NoAnswer(ending.status, ending.retry_after)
    if isinstance(problem, TimeoutError):
        return NoAnswer(broken="no answer in time")
    return NoAnswer(unusable=f"it breaks the protocol's own rules ({type(problem).__name__})")


def _answer(result: CallToolResult) -> ToolResult:
    structured: object = result.structured_content
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    return ToolResult(structured, tuple(texts), result.is_error)
