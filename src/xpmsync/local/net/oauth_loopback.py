"""The browser's way back after a sign-in: a listener on this machine that takes one answer.

It knows nothing of any system, so XPM's sign-in and Ignition's use the same one.
"""

import errno
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass, field
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import ClassVar, Final, Self
from urllib.parse import parse_qs

from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded, UsageError

CALLBACK_PATH: Final = "/callback"
SIGN_IN_SECONDS: Final = 300.0
_SLICE: Final = 0.2
"""Seconds between looks: on Windows, Ctrl-C does not end a longer wait."""
_NO_SUCH_ADDRESS: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


@dataclass(frozen=True, slots=True)
class Callback:
    """What the other system sent back: a code, or its word for why there is none; and who it says it is (RFC 9207)."""

    code: str = field(default="", repr=False)
    error: str = ""
    issuer: str = ""


def redirect_uri(port: int) -> str:
    """The address to register with the other system; by the name `localhost`, as Xero asks."""
    return f"http://localhost:{port}{CALLBACK_PATH}"


def parse_pasted(text: str, state: str) -> Callback:
    """Read the address that a person copied from the browser; raises `UsageError` where it is not that one."""
    callback = _callback(_query(text.strip()), state)
    if callback is None:
        raise UsageError(
            "That is not the address of this sign-in.",
            "Copy the whole address from the browser, after you agreed, and from this attempt.",
        )
    return callback


class Listener:
    """Listens on 127.0.0.1 and ::1 while its context is open, so that a taken port shows before the browser opens.

    Raises `UsageError` where the port is in use.
    """

    def __init__(self, port: int, system: System) -> None:
        self._port = port
        self._system = system
        self._answers: queue.SimpleQueue[Callback] = queue.SimpleQueue()
        self._servers: list[_Server] = []
        self._threads: list[threading.Thread] = []
        self._state = ""

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    def __enter__(self) -> Self:
        """Take the port on both addresses; one without IPv6 will do."""
        try:
            self._listen(socket.AF_INET, "127.0.0.1")
            if socket.has_ipv6:
                self._listen(socket.AF_INET6, "::1")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the port."""
        self._close()

    def wait(self, state: str, seconds: float = SIGN_IN_SECONDS) -> Callback:
        """Wait for the browser to come back with that state; raises `SignInNeeded` (`no-answer`) after the time.

        Requests with another state or for another host are turned away and do not end the wait.
        """
        for server in self._servers:
            server.expect(state, self._answers)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="loopback", daemon=True)
            thread.start()
            self._threads.append(thread)
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                return self._answers.get(timeout=min(remaining, _SLICE))
            except queue.Empty:
                continue
        raise SignInNeeded(self._system, "no-answer")

    def _listen(self, family: socket.AddressFamily, host: str) -> None:
        try:
            server = _Server(family, host, self._port)
        except OSError as problem:
            if family == socket.AF_INET6 and problem.errno in _NO_SUCH_ADDRESS:
                return
            raise UsageError(
                f"Port {self._port} is in use by another program, or may not be used.",
                "Close that program, or sign in with --no-browser and paste the address.",
            ) from problem
        self._port = server.server_port
        self._servers.append(server)

    def _close(self) -> None:
        if self._threads:
            for server in self._servers:
                server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in self._servers:
            server.server_close()
        self._servers.clear()
        self._threads.clear()


class _Server(ThreadingHTTPServer):
    # On Windows, reuse would let another program listen on the same port and take the code.
    allow_reuse_address: ClassVar[bool] = os.name != "nt"  # type: ignore[misc]  # typeshed has it per instance
    daemon_threads = True

    def __init__(self, family: socket.AddressFamily, host: str, port: int) -> None:
        self.address_family = family
        self._state = ""
        self._answers: queue.SimpleQueue[Callback] = queue.SimpleQueue()
        super().__init__((host, port), _Handler)

    def expect(self, state: str, answers: queue.SimpleQueue[Callback]) -> None:
        self._state, self._answers = state, answers

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if os.name == "nt":
            self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE"), 1)  # noqa: B009 - only there
        # Not HTTPServer's own: it asks the name service for this machine's name, which can take seconds.
        TCPServer.server_bind(self)
        self.server_port = self.server_address[1]
        self.server_name = "localhost"

    def match_callback(self, host: str, target: str) -> Callback | None:
        """What a request brings, by its Host header, path and state; None for a stranger's."""
        ours = {f"{name}:{self.server_port}" for name in ("localhost", "127.0.0.1", "[::1]")}
        if host.lower() not in ours or target.partition("?")[0] != CALLBACK_PATH:
            return None
        return _callback(_query(target), self._state)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away early is no trouble of ours."""

    def finish(self, callback: Callback) -> None:
        """Pass the answer to `wait`."""
        self._answers.put(callback)


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def do_GET(self) -> None:
        callback = self.server.match_callback(self.headers.get("Host", ""), self.path)
        try:
            if callback is None:
                self._page(404, "This is not the page you were looking for", "Please go back to the terminal.")
            elif callback.code:
                self._page(200, "Thank you", "You may close this window and go back to the terminal.")
            else:
                self._page(200, "Access was not granted", "The terminal says more. You may close this window.")
        finally:
            if callback is not None:
                # After the page, or the program could end before the browser has it.
                self.server.finish(callback)

    def _page(self, status: int, title: str, words: str) -> None:
        body = _PAGE.format(title=title, words=words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Say no more of this machine than needed."""
        return "xpmsync"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
        """Nothing: the request line holds the code."""


_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>xpmsync</title><style>'
    "body{{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto;padding:0 1em;"
    "color-scheme:light dark}}</style></head><body><h1>{title}</h1><p>{words}</p></body></html>"
)


def _query(address: str) -> str:
    # Not urlsplit: it refuses odd hosts, and keeps what it split, the code included, in a cache.
    return address.partition("?")[2].partition("#")[0]


def _callback(query: str, state: str) -> Callback | None:
    """Read a redirect's query; None where it is not the answer to the request with that state."""
    try:
        values = parse_qs(query, max_num_fields=20)
    except ValueError:
        return None
    returned = values.get("state", [""])
    if len(returned) != 1 or not state or not compare_digest(returned[0].encode(), state.encode()):
        return None
    code, error = values.get("code", [""])[0], values.get("error", [""])[0]
    issuer = values.get("iss", [""])[0]
    return Callback("" if error else code, error[:60], issuer[:500]) if code or error else None
