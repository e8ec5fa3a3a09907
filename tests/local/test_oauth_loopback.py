"""The listener that takes the browser's answer, and the pasted address instead of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from support.sign_in import visit
from xpmsync.core.enums import System
from xpmsync.errors import SignInNeeded, UsageError
from xpmsync.local.net.oauth_loopback import Callback, Listener, parse_pasted, redirect_uri

STATE = "a-fresh-state"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Listen on a free port."""
    with Listener(0, System.XPM) as listening:
        yield listening


class Waiting:
    """A listener waited for in a thread, while the test plays the browser."""

    def __init__(self, listener: Listener, seconds: float = 10.0) -> None:
        self.callback: Callback | None = None
        self._thread = threading.Thread(target=self._wait, args=(listener, seconds))
        self._thread.start()

    def _wait(self, listener: Listener, seconds: float) -> None:
        self.callback = listener.wait(STATE, seconds)

    def result(self) -> Callback | None:
        """What the listener returned."""
        self._thread.join()
        return self.callback


def test_the_right_answer_ends_the_wait(listener: Listener) -> None:
    """The browser gets a friendly page, and the program gets the code."""
    waiting = Waiting(listener)

    status, _, page = visit(f"http://127.0.0.1:{listener.port}/callback?code=abc&state={STATE}")

    assert (status, waiting.result()) == (200, Callback("abc"))
    assert "go back to the terminal" in page


def test_the_answer_may_come_over_ipv6(listener: Listener) -> None:
    """The name localhost may lead to ::1; the same port listens there."""
    if not can_ipv6():
        pytest.skip("no IPv6 on this machine")
    waiting = Waiting(listener)

    status, _, _ = visit(f"http://[::1]:{listener.port}/callback?code=abc&state={STATE}")

    assert (status, waiting.result()) == (200, Callback("abc"))


def can_ipv6() -> bool:
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/callback?code=evil&state=another", None),
        ("/callback?code=evil", None),
        (f"/callback?code=evil&state={STATE}&state=another", None),
        (f"/other?code=evil&state={STATE}", None),
        (f"/callback?code=evil&state={STATE}", "evil.example.com"),
        (f"/callback?code=evil&state={STATE}", "localhost"),
        (f"/callback?state={STATE}", None),
        ("/favicon.ico", None),
    ],
)
def test_strangers_are_turned_away_and_the_wait_goes_on(listener: Listener, path: str, host: str | None) -> None:
    """Another state, path or host (as with DNS rebinding) brings nothing in, and does not end the sign-in."""
    waiting = Waiting(listener)
    base = f"http://127.0.0.1:{listener.port}"

    status, _, _ = visit(base + path, {"Host": host} if host else None)
    visit(f"{base}/callback?code=good&state={STATE}")

    assert (status, waiting.result()) == (404, Callback("good"))


def test_a_refusal_is_an_answer_too(listener: Listener) -> None:
    """When the other system says no, the page says so and the reason is handed on."""
    waiting = Waiting(listener)

    status, _, page = visit(f"http://127.0.0.1:{listener.port}/callback?error=access_denied&state={STATE}&code=x")

    assert (status, waiting.result()) == (200, Callback("", "access_denied"))
    assert "not granted" in page


def test_the_page_keeps_the_code_to_itself(listener: Listener) -> None:
    """No referrer, no cache, no script, and nothing of the request in the page."""
    waiting = Waiting(listener)
    connection = HTTPConnection("127.0.0.1", listener.port, timeout=10)
    connection.request("GET", f"/callback?code=very-secret&state={STATE}")
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    waiting.result()

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "very-secret" not in page


def test_nobody_coming_back_ends_the_wait(listener: Listener) -> None:
    """After the time limit a sign-in is simply needed still."""
    with pytest.raises(SignInNeeded) as raised:
        listener.wait(STATE, seconds=0.01)

    assert raised.value.reason == "no-answer"


def test_a_taken_port_shows_before_the_browser_opens() -> None:
    """A port in use is an error with the way out, for either address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UsageError) as raised, Listener(port, System.XPM):
            pytest.fail("two listeners on one port")

    assert str(port) in raised.value.problem
    assert "--no-browser" in raised.value.hint


def test_a_port_taken_on_the_other_address_counts_too() -> None:
    """A program that waits on ::1 alone would get the code of whoever comes by that way."""
    if not can_ipv6():
        pytest.skip("no IPv6 on this machine")
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        taken.listen()

        with pytest.raises(UsageError), Listener(taken.getsockname()[1], System.XPM):
            pytest.fail("two listeners on one port")


def test_the_port_is_free_again_afterwards() -> None:
    """Signing in twice in a row works."""
    with Listener(0, System.XPM) as first:
        port = first.port
    with Listener(port, System.XPM) as second:
        waiting = Waiting(second)
        visit(f"http://127.0.0.1:{port}/callback?code=abc&state={STATE}")
        assert waiting.result() == Callback("abc")


def test_a_pasted_address_does_as_well() -> None:
    """Without a browser on this machine, the address that the person was sent on to is enough."""
    pasted = f"  {redirect_uri(53682)}?code=abc&scope=x&state={STATE}\n"

    assert parse_pasted(pasted, STATE) == Callback("abc")
    assert parse_pasted(f"{redirect_uri(53682)}?error=access_denied&state={STATE}", STATE).error == "access_denied"


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "abc",
        "http://localhost:53682/callback",
        "http://localhost:53682/callback?code=abc",
        "http://localhost:53682/callback?code=abc&state=another",
        f"http://localhost:53682/callback?state={STATE}",
        "http://[broken",
        f"http://localhost/callback?code=abc&state={STATE}" + "&x=1" * 30,
    ],
)
def test_a_wrong_address_is_refused_with_what_to_do(pasted: str) -> None:
    """Something else, or the address of an earlier attempt, is not taken."""
    with pytest.raises(UsageError) as raised:
        parse_pasted(pasted, STATE)

    assert raised.value.hint
    assert "abc" not in str(raised.value)
