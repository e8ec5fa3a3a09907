"""A proxy that refuses: it answers every CONNECT with a status of its own, and notes whom it was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

HARMLESS: Final = "https://api.example.com/"
"""An address that is only ever asked of the proxy."""


@contextmanager
def refusing_proxy(status: int) -> Iterator[tuple[str, list[str]]]:
    """Serve on a free port of this machine; gives the proxy's address and the hosts asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(status)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="proxy")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
