"""One call to XPM: what is sent again and what never is, and what each refusal becomes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from support.http_rig import GOOD, HttpRig, open_http_rig
from support.rate_timing import pace_of_writing
from xpmsync.core.enums import System
from xpmsync.errors import (
    AccessRefused,
    CallLimit,
    Rejected,
    SignInNeeded,
    Unreachable,
    UnusableAnswer,
    XpmsyncError,
)
from xpmsync.local.net.http import Http
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.rate_limits import RateLimits
from xpmsync.simulator.server.server import DEMO_TENANT
from xpmsync.xpm.api.client import XpmCalls
from xpmsync.xpm.api.store import client_update

LIST = ("GET", "client.api/list")
BUSY = ("429-minute", "429-concurrent", "429-appminute")


def ask(rig: HttpRig) -> int:
    """Read the list; how many bytes came."""
    with rig.calls().open(*LIST, query={"detailed": "true"}) as answer:
        return len(answer.body())


def write(rig: HttpRig) -> bytes:
    """Rename the one client; the answer's body."""
    body = client_update("c1", "Renamed", {"phone": "1"})
    with rig.calls().open("PUT", "client.api/update", body=body) as answer:
        return answer.body()


@pytest.fixture
def client(rig: HttpRig) -> str:
    """One client in the practice."""
    return rig.world.add_client({"Name": "Harbour Dental"}, uuid="c1")


# --- what is sent ------------------------------------------------------------------------


def test_the_headers_of_a_call(rig: HttpRig, client: str) -> None:
    """Tenant, XML both ways, and a plain user agent; the token only in its own header."""
    write(rig)
    (seen,) = rig.server.requests.writes()
    assert seen.headers["xero-tenant-id"] == DEMO_TENANT.tenant_id
    assert seen.headers["accept"] == seen.headers["content-type"] == "application/xml"
    assert seen.headers["user-agent"].startswith("xpmsync/")
    assert not [name for name, text in seen.headers.items() if GOOD in text]


def test_query_values_are_encoded(rig: HttpRig) -> None:
    """A search text may hold anything."""
    with rig.calls().open("GET", "client.api/search", query={"query": "a&b=ā #1?"}) as answer:
        answer.body()
    assert rig.server.requests[0].query == {"query": "a&b=ā #1?"}


def test_made_counts_every_request(rig: HttpRig) -> None:
    """Repeated ones too, since the limits count them."""
    calls = rig.calls()
    rig.fault(Fault("503", times=2))
    calls.open(*LIST).__exit__(None, None, None)
    assert calls.made == len(rig.seen) == 3


# --- tried again --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["500", "503", "lost-before", "lost-after"])
def test_a_read_is_tried_three_times(rig: HttpRig, kind: str) -> None:
    """Short trouble passes; the waits grow, and the clock does the waiting."""
    rig.fault(Fault(kind, times=2))
    assert ask(rig) > 0
    assert len(rig.seen) == 3
    assert rig.waits == [(0.5, "GET client.api/list"), (1.0, "GET client.api/list")]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("500", UnusableAnswer), ("503", UnusableAnswer), ("lost-before", Unreachable), ("lost-after", Unreachable)],
)
def test_a_read_is_given_up_after_three_tries(rig: HttpRig, kind: str, error: type[XpmsyncError]) -> None:
    """Long trouble is the caller's to explain."""
    rig.fault(Fault(kind, times=0))
    with pytest.raises(error):
        ask(rig)
    assert len(rig.seen) == 3


@pytest.mark.parametrize("kind", ["500", "503", "409", "500-envelope", "error-status", "lost-before", "lost-after"])
def test_a_write_that_may_have_arrived_is_sent_once(rig: HttpRig, client: str, kind: str) -> None:
    """Nobody knows whether it was carried out, so it is not sent again."""
    rig.fault(Fault(kind, times=0))
    if kind == "error-status":
        assert b"ERROR" in write(rig)
    else:
        with pytest.raises((Rejected, UnusableAnswer, Unreachable)):
            write(rig)
    assert rig.seen == ["PUT client.api/update"]
    assert rig.waits == []


@pytest.mark.parametrize("kind", BUSY)
def test_a_write_that_was_turned_away_is_sent_again(rig: HttpRig, client: str, kind: str) -> None:
    """The gateway refused it before XPM saw it."""
    rig.fault(Fault(kind))
    assert b"Renamed" in write(rig)
    assert len(rig.seen) == 2


def test_a_write_that_never_left_is_sent_again(rig: HttpRig, client: str, tmp_path: Path) -> None:
    """A closed port takes nothing: three tries, and `sent` is false."""
    url = rig.server.api_url
    calls = rig.calls()
    rig.server.stop()
    with pytest.raises(Unreachable) as problem:
        calls.open("PUT", "client.api/update", body=b"<Client/>")
    assert not problem.value.sent
    assert calls.made == 3
    assert problem.value.url == f"PUT {url}client.api/update"


# --- limits -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BUSY)
def test_retry_after_is_obeyed(rig: HttpRig, kind: str) -> None:
    """The told seconds pass on the clock, and who watches is told."""
    before = rig.clock.now()
    rig.fault(Fault(kind, retry_after=37))
    assert ask(rig) > 0
    assert rig.clock.now() - before == timedelta(seconds=37)
    assert rig.waits == [(37.0, "GET client.api/list")]


@pytest.mark.parametrize(("seconds", "waits"), [(120, True), (121, False)])
def test_retry_after_has_a_ceiling(rig: HttpRig, seconds: int, waits: bool) -> None:
    """Two minutes are worth waiting for; more ends the run, which says when it may go on."""
    rig.fault(Fault("429-minute", retry_after=seconds))
    if waits:
        assert ask(rig) > 0
        return
    before = rig.clock.now()
    with pytest.raises(CallLimit) as reached:
        ask(rig)
    assert reached.value.limit == "minute"
    assert reached.value.resets == before + timedelta(seconds=seconds)
    assert rig.clock.now() == before


def test_a_limit_that_does_not_pass_ends_the_run(rig: HttpRig) -> None:
    """Two waits, then the caller decides."""
    rig.fault(Fault("429-concurrent", times=0, retry_after=1))
    with pytest.raises(CallLimit):
        ask(rig)
    assert len(rig.seen) == 3


def test_the_day_limit_stops_at_once_and_is_remembered(rig: HttpRig) -> None:
    """Its hours are not slept through; later runs stop before they call, until it is over."""
    before = rig.clock.now()
    rig.fault(Fault("429-day", retry_after=66_975))
    with pytest.raises(CallLimit) as reached:
        ask(rig)
    resets = before + timedelta(seconds=66_975)
    assert (reached.value.limit, reached.value.resets) == ("day", resets)
    assert reached.value.correlation_id
    assert len(rig.seen) == 1
    with pytest.raises(CallLimit) as again:
        ask(rig)
    assert again.value.resets == resets
    assert len(rig.seen) == 1
    rig.clock.sleep(66_975)
    assert ask(rig) > 0


def test_calls_are_spread_so_that_no_minute_is_overfull(tmp_path: Path) -> None:
    """Seventy calls in a row never meet the server's own limit of sixty a minute."""
    with open_http_rig(tmp_path, limits=RateLimits()) as rig:
        before = rig.clock.now()
        for _ in range(70):
            ask(rig)
        assert rig.waits == [(60.0, "XPM allows 60 calls a minute")]
        assert len(rig.seen) == 70
        assert timedelta(seconds=60) <= rig.clock.now() - before < timedelta(seconds=120)


def test_what_the_server_says_is_left_today_is_remembered(rig: HttpRig) -> None:
    """For `status`, which asks nobody."""
    ask(rig)
    assert rig.limiter().day_remaining() == (4999, rig.clock.now())


# --- signing in ---------------------------------------------------------------------------


@pytest.mark.parametrize("call", [ask, write])
def test_an_expired_token_is_renewed_once(rig: HttpRig, client: str, call: Callable[[HttpRig], object]) -> None:
    """The refused token is given back for a newer one, and the call, a write too, is sent again at once."""
    rig.keys.tokens = ["expired", GOOD]
    assert call(rig)
    assert rig.keys.refreshed == ["expired"]
    assert len(rig.seen) == 2
    assert rig.waits == []


def test_a_401_with_an_empty_body_is_a_401(rig: HttpRig) -> None:
    """Recorded from the real gateway."""
    rig.keys.tokens = ["expired", GOOD]
    rig.fault(Fault("401-empty"))
    assert ask(rig) > 0


def test_a_server_that_refuses_every_token_is_asked_twice(rig: HttpRig) -> None:
    """Renewing again and again would only burn refresh tokens."""
    rig.keys.tokens = [f"token-{number}" for number in range(9)]
    rig.fault(Fault("401", times=0))
    with pytest.raises(SignInNeeded) as refused:
        ask(rig)
    assert refused.value.reason == "refused-token"
    assert rig.keys.refreshed == ["token-0"]
    assert len(rig.seen) == 2


def test_a_sign_in_that_cannot_be_renewed(rig: HttpRig) -> None:
    """What the session says is passed on."""
    rig.keys.tokens = ["expired"]
    with pytest.raises(SignInNeeded) as needed:
        ask(rig)
    assert needed.value.reason == "expired"


def test_access_refused_carries_the_gateways_words(rig: HttpRig) -> None:
    """Its `Detail` and the correlation id; never tried again."""
    rig.fault(Fault("403", times=0))
    with pytest.raises(AccessRefused) as refused:
        ask(rig)
    assert refused.value.reason == "AuthenticationUnsuccessful"
    assert refused.value.correlation_id
    assert len(rig.seen) == 1


# --- other answers ------------------------------------------------------------------------


def test_a_500_with_an_envelope_is_final(rig: HttpRig) -> None:
    """XPM has read the request and says no: its words, no other try."""
    rig.fault(Fault("500-envelope", times=0, message="The field Phone is too long"))
    with pytest.raises(Rejected) as rejected:
        ask(rig)
    problem = rejected.value
    assert (problem.reason, problem.status, problem.call) == (
        "The field Phone is too long", 500, "GET client.api/list",
    )  # fmt: skip
    assert problem.correlation_id
    assert len(rig.seen) == 1


def test_a_409_is_the_records_problem(rig: HttpRig, client: str) -> None:
    """Declared and unexplained: reported with XPM's words, not repeated."""
    rig.fault(Fault("409", message="Changed elsewhere"))
    with pytest.raises(Rejected) as rejected:
        write(rig)
    assert (rejected.value.status, rejected.value.reason) == (409, "Changed elsewhere")


def test_a_500_without_an_envelope_names_its_status(rig: HttpRig) -> None:
    """With the id that Xero's support asks for."""
    rig.fault(Fault("500", times=0))
    with pytest.raises(UnusableAnswer) as unusable:
        ask(rig)
    assert (unusable.value.status, unusable.value.reason) == (500, "HTTP status 500")
    assert unusable.value.correlation_id


def test_a_redirect_is_not_followed(rig: HttpRig, tmp_path: Path) -> None:
    """It would carry the practice's id to another host."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    paths: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        """Sends everybody on."""

        def do_GET(self) -> None:
            """Answer with a redirect."""
            paths.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"{rig.server.api_url}client.api/list")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server, Http(system=System.XPM) as http:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        calls = XpmCalls(
            http=http,
            api_url=f"http://127.0.0.1:{server.server_port}/",
            tenant_id="t",
            tokens=rig.keys,
            limiter=rig.limiter(),
            clock=rig.clock,
        )
        with pytest.raises(UnusableAnswer) as unusable:
            calls.open("GET", "client.api/list")
        thread.join()
    assert unusable.value.status == 302
    assert paths == ["/client.api/list"]
    assert rig.seen == []


def test_no_error_shows_token_or_tenant(rig: HttpRig) -> None:
    """Whatever goes wrong, its text can be printed and logged."""
    for kind in ("401", "403", "429-day", "500", "500-envelope", "503", "lost-before"):
        rig.server.faults.clear()
        rig.fault(Fault(kind, times=0))
        with pytest.raises(XpmsyncError) as problem:
            ask(rig)
        assert GOOD not in str(problem.value)
        assert DEMO_TENANT.tenant_id not in str(problem.value)
        rig.folder.joinpath("limits.sqlite").unlink(missing_ok=True)


def test_writing_uses_the_calls_that_the_limit_allows(tmp_path: Path) -> None:
    """At least 95 of 100, and never so many that XPM refuses one; by a clock that only calls and waits move."""
    pace = pace_of_writing(tmp_path, clients=250, seconds=(0.2, 0.8))
    assert pace.minutes >= 3
    assert pace.used >= 0.95
    assert pace.refused == 0
