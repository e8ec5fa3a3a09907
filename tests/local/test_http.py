"""HTTP as xpmsync needs it, against a bare socket that says exactly what a test wants said."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from support.proxy import HARMLESS, refusing_proxy
from xpmsync.core.enums import System
from xpmsync.errors import Unreachable, UnusableAnswer, UsageError
from xpmsync.local.net.http import Http, is_loopback
from xpmsync.simulator.server.faults import gzip_bomb

MEGABYTE = 1024 * 1024


class Wire:
    """A server for one connection: sends these bytes for each request, then closes; `asked` is what it was sent."""

    def __init__(self, *answers: bytes, context: ssl.SSLContext | None = None) -> None:
        self._answers = answers
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.asked = b""
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/clients"

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        # A thread that waits in accept() does not always notice that its socket was closed: knock.
        with suppress(OSError), socket.create_connection(self._listener.getsockname(), timeout=5):
            pass
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            try:
                with self._context.wrap_socket(connection, server_side=True) if self._context else connection as line:
                    for number, answer in enumerate(self._answers, start=1):
                        while self.asked.count(b"\r\n\r\n") < number and (piece := line.recv(65_536)):
                            self.asked += piece
                        line.sendall(answer)
            except OSError:
                return


def said(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer with that body."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@contextmanager
def client(max_bytes: int = MEGABYTE) -> Iterator[Http]:
    """An HTTP client."""
    with Http(system=System.XPM, read_seconds=10, max_bytes=max_bytes) as http:
        yield http


def fetch(answer: bytes, max_bytes: int = MEGABYTE) -> bytes:
    """The body as it is understood."""
    with Wire(answer) as wire, client(max_bytes) as http:
        return http.request("GET", wire.url).body


TEXT = b"<Response/>" * 1000


@pytest.mark.parametrize(
    "answer",
    [
        said(TEXT),
        said(gzip.compress(TEXT), "Content-Encoding: gzip"),
        said(zlib.compress(TEXT), "Content-Encoding: deflate"),
        said(gzip.compress(TEXT) + b"anything after its end", "Content-Encoding: GZIP"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(TEXT), TEXT),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + TEXT,
    ],
)
def test_bodies_in_every_wrapping(answer: bytes) -> None:
    """Plain, packed, in pieces, or until the connection closes."""
    assert fetch(answer) == TEXT


@pytest.mark.parametrize(
    ("packing", "body"), [("identity", TEXT), ("gzip", gzip.compress(TEXT))], ids=["plain", "packed"]
)
def test_a_connection_serves_the_next_call_too(packing: str, body: bytes) -> None:
    """A body is read to its end, also where what is packed ends before it: a call a connection would be slow."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    packed = answer % (packing.encode(), len(body), body)
    with Wire(packed, packed) as wire, client() as http:
        assert [http.request("GET", wire.url).body for _ in range(2)] == [TEXT, TEXT]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (said(gzip.compress(TEXT)[:-20], "Content-Encoding: gzip"), "cut short"),
        (said(b"\x1f\x8b" + TEXT, "Content-Encoding: gzip"), "damaged in its compression"),
        (said(TEXT, "Content-Encoding: br"), "unknown content encoding ('br')"),
        (said(TEXT, "Content-Encoding: gzip, gzip"), "unknown content encoding"),
    ],
)
def test_packed_bodies_that_cannot_be_unpacked(answer: bytes, says: str) -> None:
    """Nothing half understood is handed on."""
    with pytest.raises(UnusableAnswer) as unusable:
        fetch(answer)
    assert says in unusable.value.reason
    assert unusable.value.status == 200


@pytest.mark.parametrize(
    "answer",
    [
        said(b"x" * (MEGABYTE + 1)),
        said(gzip_bomb(50), "Content-Encoding: gzip"),
        said(zlib.compress(b"x" * 50 * MEGABYTE), "Content-Encoding: deflate"),
    ],
)
def test_an_answer_may_not_fill_the_memory(answer: bytes) -> None:
    """The limit counts what comes out, not what goes over the wire."""
    with pytest.raises(UnusableAnswer, match="larger than 1 MB"):
        fetch(answer)


def test_a_body_is_unpacked_piece_by_piece() -> None:
    """Fifty kilobytes that become fifty megabytes never are more than a piece at a time."""
    packed = said(gzip_bomb(50), "Content-Encoding: gzip")
    with Wire(packed) as wire, client(64 * MEGABYTE) as http, http.open("GET", wire.url) as answer:
        assert max(len(piece) for piece in answer.pieces()) <= 64 * 1024


@pytest.mark.parametrize(
    "answer",
    [said(TEXT, length=len(TEXT) + 1), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n<Resp"],
)
def test_a_body_that_is_cut_short(answer: bytes) -> None:
    """The request may have been carried out."""
    with pytest.raises(Unreachable) as cut:
        fetch(answer)
    assert cut.value.sent
    assert cut.value.reason == "the connection broke off"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nA: b"])
def test_no_answer_or_none_of_http(answer: bytes) -> None:
    """Whatever listens there: an error in words."""
    with pytest.raises(Unreachable) as problem:
        fetch(answer)
    assert problem.value.sent


def test_a_closed_port() -> None:
    """Nothing was sent, so even a write may be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with client() as http, pytest.raises(Unreachable) as closed:
        http.request("PUT", f"http://127.0.0.1:{port}/clients", content=b"<Client/>")
    assert not closed.value.sent
    assert closed.value.reason == "no connection"


def test_redirects_are_not_followed() -> None:
    """They could lead headers with the practice's id to another host."""
    answer = said(b"", "Location: http://127.0.0.1:9/", status="302 Found")
    with Wire(answer) as wire, client() as http:
        assert http.request("GET", wire.url).status == 302


def test_plain_http_is_for_this_machine_only() -> None:
    """A slip in the settings does not send a token in the clear; the address is named without its query."""
    with client() as http, pytest.raises(UsageError) as refused:
        http.request("GET", "http://proxy.example.com/api?secret=1")
    assert "http://proxy.example.com/api is not https" in refused.value.problem
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:80/", True),
        ("http://localhost/", True),
        ("http://[::1]:8000/", True),
        ("https://api.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost@example.com/", False),
        ("nonsense", False),
    ],
)
def test_what_is_this_machine(url: str, local: bool) -> None:
    """Looks do not count."""
    assert is_loopback(url) is local


def test_a_certificate_nobody_vouches_for() -> None:
    """There is no switch to accept it; the reason says what is wrong, because a proxy may be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Wire(said(TEXT), context=context) as wire, client() as http, pytest.raises(Unreachable) as refused:
        http.request("GET", wire.url.replace("http://", "https://"))
    assert not refused.value.sent
    assert refused.value.reason == "its certificate is not one this computer trusts"
    assert wire.asked == b""


def test_errors_carry_no_header_no_query_and_no_body() -> None:
    """They can be printed and logged."""
    with Wire(said(b"", length=5)) as wire, client() as http, pytest.raises(Unreachable) as problem:
        http.request("GET", f"{wire.url}?query=Ann+Lee", headers={"Authorization": "Bearer secret"}, content=b"Ann")
    assert problem.value.url == f"GET {wire.url}"
    assert b"Bearer secret" in wire.asked
    for text in ("secret", "Ann"):
        assert text not in str(problem.value)


def test_answers_name_their_headers_in_lower_case() -> None:
    """However the server writes them."""
    with Wire(said(b"", "X-DayLimit-Remaining: 7")) as wire, client() as http:
        assert http.request("GET", wire.url).headers["x-daylimit-remaining"] == "7"


@pytest.mark.parametrize(("status", "says"), [(407, "user name"), (502, "502"), (403, "403")])
def test_a_proxys_own_refusal_is_not_possibly_sent(monkeypatch: pytest.MonkeyPatch, status: int, says: str) -> None:
    """It made no connection, so the call cannot have been carried out; the reason names the proxy."""
    with refusing_proxy(status) as (address, asked), client() as http:
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(Unreachable, match=f"proxy.*{says}") as caught:
            http.request("PUT", HARMLESS, content=b"x")
    assert not caught.value.sent
    assert asked == ["api.example.com:443"]
