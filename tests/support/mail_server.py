"""A small real mail server on loopback (RFC 5321, as far as a client needs it), and a web server for hooks."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MailServer:
    """What a server does, and what it received.

    `hangs` accepts the connection and never says a word. With `tls` it offers
    STARTTLS, or with `implicit` speaks TLS from the first byte.
    """

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    user: str = ""
    password: str = ""
    hangs: bool = False
    refuses: int = 0
    port: int = 0
    mails: list[Message] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def mailing(server: MailServer) -> Iterator[MailServer]:
    """Run the mail server."""

    class Handler(socketserver.StreamRequestHandler):
        """One connection."""

        def handle(self) -> None:
            """Talk until the client is done."""
            if server.hangs:
                server.released.wait(20)
                return
            if server.tls and server.implicit and not self.secure():
                return
            self.answer("220 mail.example.com")
            while line := self.rfile.readline():
                text = line.decode().strip()
                server.said.append(text)
                if not self.obey(text):
                    return

        def secure(self) -> bool:
            """Wrap the connection; a client that does not trust us hangs up."""
            assert server.tls
            try:
                wrapped = server.tls.wrap_socket(self.request, server_side=True)
            except OSError:
                return False
            self.request = wrapped
            self.rfile = wrapped.makefile("rb")
            return True

        def answer(self, *lines: str) -> None:
            """Send an answer."""
            self.request.sendall("".join(f"{line}\r\n" for line in lines).encode())

        def obey(self, text: str) -> bool:
            """Do what a command says; false ends the connection."""
            command = text.upper()
            if command.startswith("EHLO"):
                encrypted = isinstance(self.request, ssl.SSLSocket)
                offers = ["250-STARTTLS"] if server.tls and not encrypted else []
                self.answer("250-mail.example.com", *offers, *(["250-AUTH PLAIN"] if server.user else []), "250 OK")
            elif command == "STARTTLS":
                self.answer("220 go ahead")
                return self.secure()
            elif command.startswith("AUTH PLAIN"):
                expected = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
                self.answer("235 welcome" if text.split()[-1] == expected else "535 no")
            elif command.startswith("RCPT") and server.refuses:
                self.answer(f"{server.refuses} not here")
            elif command == "DATA":
                self.answer("354 go on")
                self.take_mail()
            elif command == "QUIT":
                self.answer("221 bye")
                return False
            else:
                self.answer("250 OK")
            return True

        def take_mail(self) -> None:
            """Read a mail up to its final dot."""
            lines = []
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(line)
            server.mails.append(message_from_bytes(b"".join(lines)))
            self.answer("250 taken")

        def finish(self) -> None:
            """Close what TLS wrapped, too."""
            self.rfile.close()
            self.request.close()

    class Server(socketserver.ThreadingTCPServer):
        """Quiet about clients that hang up."""

        daemon_threads = True
        block_on_close = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing; the test sees what the client made of it."""

    with Server(("127.0.0.1", 0), Handler) as running:
        server.port = int(running.server_address[1])
        with _serving(running, server.released):
            yield server


@dataclass
class HookServer:
    """A web server that answers with `status` and keeps what it was sent; `hangs` never answers."""

    status: int = 200
    hangs: bool = False
    url: str = ""
    requests: list[tuple[str, str, object]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def hooks(server: HookServer) -> Iterator[HookServer]:
    """Run the web server."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_GET(self) -> None:
            """Keep a ping."""
            self.keep(None)

        def do_POST(self) -> None:
            """Keep a message."""
            self.keep(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def keep(self, body: object) -> None:
            """Note the request and answer."""
            server.requests.append((self.command, self.path, body))
            if server.hangs:
                server.released.wait(20)
                return
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            if 300 <= server.status < 400:
                self.send_header("Location", "https://example.com/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        server.url = f"http://127.0.0.1:{running.server_address[1]}"
        with _serving(running, server.released):
            yield server


@contextmanager
def _serving(running: socketserver.BaseServer, released: threading.Event) -> Iterator[None]:
    """Answer in a thread of its own; at the end, what hangs is released."""
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        released.set()
        running.shutdown()
        thread.join()
