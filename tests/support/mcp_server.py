"""A real MCP server over streamable HTTP with OAuth, in a thread: the SDK's own, in front of a made-up Ignition.

What it speaks is up to a `Dialect`; `faults` break single requests.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import uvicorn
from mcp.server.auth.provider import ProviderTokenVerifier
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.lowlevel.server import Server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent, Tool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from support.mcp_identity import Identity
from xpmsync.simulator.ignition.register import Register

JsonDict = dict[str, object]


class Dialect(Protocol):
    """How a server spells its tools and records."""

    legacy: bool
    """Whether it knows only the protocol's older handshake."""

    def tools(self) -> list[Tool]:
        """Its tools."""
        ...

    def call(self, register: Register, tool: str, arguments: JsonDict) -> CallToolResult:
        """Do what a tool does."""
        ...


@dataclass
class Fault:
    """What goes wrong with the next requests whose method or tool is `on`.

    `status` is answered with the headers and body, `error` as the tool's own error;
    `drop` breaks the answer off (`json`: one that is no stream), `after` the tool
    has done its work; `hang` never answers.
    """

    on: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    error: object = None
    drop: bool = False
    hang: bool = False
    json: bool = False
    after: bool = False
    times: int = 1
    then: Callable[[], None] = lambda: None


@dataclass
class McpServer:
    """What a test sees of the server: where it is, what was asked of it, and what it is to do wrong."""

    url: str
    register: Register
    identity: Identity
    dialect: Dialect
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, JsonDict]] = field(default_factory=list)
    practice: str = "Harbour Accounting"
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a caller that was left hanging closed its connection."""
    closed: bool = False
    """Whether it registers no programs."""
    errors: list[object] = field(default_factory=list)
    """What the tool now being called answers as its own error; set by faults."""

    def calls(self, tool: str) -> list[JsonDict]:
        """The arguments of all calls of a tool."""
        return [arguments for name, arguments in self.asked if name == tool]

    def fault_for(self, *names: str) -> Fault | None:
        """Take the next fault that a request of these names meets."""
        for fault in self.faults:
            if fault.on in names and fault.times > 0:
                fault.times -= 1
                fault.then()
                return fault
        return None


def structured(payload: JsonDict) -> CallToolResult:
    """An answer with structured content, and the same as text."""
    return CallToolResult(content=[TextContent(text=json.dumps(payload))], structured_content=payload)


def texts(payload: object) -> CallToolResult:
    """An answer in JSON text alone, as older servers give it."""
    return CallToolResult(content=[TextContent(text=json.dumps(payload))])


def failed(payload: object) -> CallToolResult:
    """An answer that says the tool failed."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


@contextmanager
def serving(
    dialect: Dialect, register: Register | None = None, *, plain: bool = False, stateless: bool = False
) -> Iterator[McpServer]:
    """Serve an Ignition in a thread until the context ends.

    `plain` answers in JSON instead of a stream of events; a `stateless` server has no sessions.
    """
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    # With the protocol named asyncio switches Nagle's delays off, which cost 40 ms a call.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listening as listener, register or Register() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        served = McpServer(f"{base}/mcp", held, Identity(), dialect)
        config = uvicorn.Config(
            _Faulty(_application(served, base, plain=plain, stateless=stateless), served),
            log_config=None,
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="mcp-server")
        thread.start()
        try:
            yield served
        finally:
            server.should_exit = True
            thread.join()


def _application(served: McpServer, base: str, *, plain: bool, stateless: bool) -> ASGIApp:
    async def list_tools(_ctx: object, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=served.dialect.tools())

    async def call_tool(_ctx: object, params: CallToolRequestParams) -> CallToolResult:
        if served.errors:
            return failed(served.errors.pop())
        if params.name in ("get_practice_info", "getPracticeInfo"):
            return structured({"practice": {"name": served.practice, "country": "NZ", "currency": "NZD"}})
        return served.dialect.call(served.register, params.name, dict(params.arguments or {}))

    server: Server[object] = Server("ignition", version="1", on_list_tools=list_tools, on_call_tool=call_tool)
    return server.streamable_http_app(
        json_response=plain,
        stateless_http=stateless,
        auth=AuthSettings.model_validate(
            {
                "issuer_url": base,
                "resource_server_url": served.url,
                "validate_token_resource": True,
                "required_scopes": ["clients"],
                "client_registration_options": ClientRegistrationOptions(enabled=True, valid_scopes=["clients"]),
                "revocation_options": RevocationOptions(enabled=True),
            }
        ),
        token_verifier=ProviderTokenVerifier(served.identity),
        auth_server_provider=served.identity,
    )


class _Faulty:
    """The application with a hand at the door: notes what is asked, and lets a fault answer instead."""

    def __init__(self, app: ASGIApp, served: McpServer) -> None:
        self._app = app
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/register" and self._served.closed:
            await _answer(send, Fault("", 403, body={"error": "invalid_client_metadata"}))
            return
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/mcp":
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        method, tool, arguments = _asked(body)
        if method == "server/discover" and self._served.dialect.legacy:
            await _answer(send, Fault(method, 400, body={"error": "no such method"}))
            return
        fault = self._served.fault_for(method, tool)
        if fault is None or fault.after or not (fault.status or fault.drop):
            self._served.asked.append((tool or method, arguments))
        if fault is not None and fault.error is not None:
            self._served.errors.append(fault.error)
        if fault is None or fault.error is not None:
            await self._app(scope, _replayed(body, receive), send)
        elif fault.status:
            await _answer(send, fault)
        elif fault.hang:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._served.left.set()
        else:
            if fault.after:
                await self._app(scope, _replayed(body, receive), _into_nothing)
            await send({"type": "http.response.start", "status": 200, "headers": [_JSON if fault.json else _SSE]})
            await send({"type": "http.response.body", "body": b": wait\n\n", "more_body": True})
            raise ConnectionError("the test breaks the answer off")


_SSE = (b"content-type", b"text/event-stream")
_JSON = (b"content-type", b"application/json")


async def _into_nothing(_message: Message) -> None:
    """Let an answer get lost."""


async def _answer(send: Send, fault: Fault) -> None:
    headers = [(b"content-type", b"application/json")]
    headers += [(name.encode(), value.encode()) for name, value in fault.headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(fault.body or {}).encode()})


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _asked(body: bytes) -> tuple[str, str, JsonDict]:
    told = json.loads(body or b"{}")
    method = str(told.get("method", ""))
    params = told.get("params") or {}
    return method, str(params.get("name", "")), dict(params.get("arguments") or {})
