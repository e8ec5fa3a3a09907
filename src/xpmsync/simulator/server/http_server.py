"""HTTP/1.1 on loopback with the standard library: keep-alive, chunked bodies, gzip, and broken deliveries on demand."""

import os
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from xpmsync.errors import StateUnusable
from xpmsync.local.system.clock import ReadTime
from xpmsync.simulator.server.messages import Request, ServerResponse

_POLL_SECONDS: Final = 0.02
_JOIN_SECONDS: Final = 10.0
_WORTH_PACKING: Final = 1_400


class HttpServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `answer` is called in a thread for each connection.

    `failures` keeps what `answer` raised: those requests got a bare 500.
    """

    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share a port
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], ServerResponse], port: int, clock: ReadTime) -> None:
        self.answer = answer
        self.clock = clock
        self.failures: list[Exception] = []
        self.stopping = threading.Event()
        self._open: dict[threading.Thread, socket.socket] = {}
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise StateUnusable(Path(f"127.0.0.1:{port}"), str(error)) from error

    def server_bind(self) -> None:
        """Bind without the look-up of this machine's name, which can take seconds."""
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def run(self) -> None:
        """Serve until `stop`."""
        self.serve_forever(_POLL_SECONDS)

    def stop(self, *, started: bool) -> None:
        """Stop accepting, break open connections off, wait for their threads."""
        self.stopping.set()
        if started:
            self._wake_up_and_shut_down()
        for thread, connection in list(self._open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(_JOIN_SECONDS)
        self.server_close()

    def _wake_up_and_shut_down(self) -> None:
        """Shut down without waiting for the next poll: a connection wakes the accepting thread."""
        ending = threading.Thread(target=self.shutdown)
        ending.start()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.server_port), timeout=1).close()
        ending.join()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Give the connection a thread that `stop` knows of."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        if isinstance(request, socket.socket):
            self._open[thread] = request
        thread.start()

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Serve one connection to its end; a peer that hangs up is nothing to report."""
        try:
            _Handler(request, client_address, self)
        except OSError:
            pass
        finally:
            self.shutdown_request(request)
            self._open.pop(threading.current_thread(), None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            self.close_connection = True
            return
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base=f"http://{self.headers.get('Host', '127.0.0.1')}",
        )
        try:
            answer = self.server.answer(request)
        except Exception as failure:
            self.server.failures.append(failure)
            answer = ServerResponse(500, b"the built-in practice failed", "text/plain")
        try:
            self._deliver(answer, "gzip" in request.headers.get("accept-encoding", ""))
        finally:
            if answer.finished is not None:
                answer.finished()

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Say nothing: the request log has it."""

    def _deliver(self, answer: ServerResponse, packed: bool) -> None:
        if answer.drop:
            self.close_connection = True
            return
        headers = dict(answer.headers)
        body = answer.body
        if packed and "Content-Encoding" not in headers and _worth_packing(body):
            headers["Content-Encoding"] = "gzip"
            body = b"".join(_gzipped([body])) if isinstance(body, bytes) else _gzipped(body)
        if isinstance(body, bytes):
            headers["Content-Length"] = str(len(body))
            head = self._head(answer, headers)
            if answer.cut or answer.pause:
                half = len(body) // 2
                self.wfile.write(head + body[:half])
                self._pause(answer)
                self.wfile.write(b"" if answer.cut else body[half:])
            else:
                self.wfile.write(head + body)
        else:
            headers["Transfer-Encoding"] = "chunked"
            self.wfile.write(self._head(answer, headers))
            self._stream(answer, body)
        if answer.cut:
            self.close_connection = True

    def _head(self, answer: ServerResponse, headers: dict[str, str]) -> bytes:
        lines = [
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            f"Date: {self.date_time_string(int(self.server.clock().timestamp()))}",
            f"Content-Type: {answer.content_type}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _stream(self, answer: ServerResponse, pieces: Iterable[bytes]) -> None:
        for place, piece in enumerate(pieces):
            if not piece:
                continue
            frame = b"%x\r\n%b\r\n" % (len(piece), piece)
            if answer.cut and place:
                self.wfile.write(frame[: len(frame) // 2])
                return
            self.wfile.write(frame)
            if place == 0:
                self._pause(answer)
        if answer.cut:
            return
        self.wfile.write(b"0\r\n\r\n")

    def _pause(self, answer: ServerResponse) -> None:
        if answer.pause is None:
            return
        if answer.paused is not None:
            answer.paused.set()
        left = answer.pause_seconds
        while left > 0 and not answer.pause.wait(_POLL_SECONDS):
            if self.server.stopping.is_set():
                raise ConnectionAbortedError("the server stops; the rest of the body is not sent")
            left -= _POLL_SECONDS


def _worth_packing(body: bytes | Iterable[bytes]) -> bool:
    return not isinstance(body, bytes) or len(body) >= _WORTH_PACKING


def _gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush(zlib.Z_FINISH)
