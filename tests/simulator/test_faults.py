"""Every fault over the wire, and the limits."""

from __future__ import annotations

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import httpx
import pytest

from support.simulator_http import Served, parse
from xpmsync.errors import UsageError
from xpmsync.simulator.people.seed import client_id
from xpmsync.simulator.server.faults import Fault, FaultKind, gzip_bomb

LIST = "client.api/list?detailed=true"
UPDATE = f"<Client><UUID>{client_id('nguyen')}</UUID><Name>Renamed Ltd</Name></Client>"


def name_of(served: Served) -> str:
    """The name of the client that `UPDATE` renames."""
    client = served.world.client(client_id("nguyen"))
    return client.name if client else ""


@pytest.mark.parametrize(
    ("kind", "problem", "wait"),
    [
        ("429-minute", "minute", "22"),
        ("429-day", "day", "66975"),
        ("429-concurrent", "concurrent", "22"),
        ("429-appminute", "appminute", "22"),
    ],
)
def test_limit_faults_look_like_recorded_ones(served: Served, kind: str, problem: str, wait: str) -> None:
    """Empty body, `Retry-After`, `X-Rate-Limit-Problem`; then the next call works."""
    served.server.faults.add(Fault(kind))
    refused = served.http.get(LIST)
    assert refused.status_code == 429
    assert refused.content == b""
    assert refused.headers["retry-after"] == wait
    assert refused.headers["x-rate-limit-problem"] == problem
    assert served.http.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "text"),
    [
        ("401", 401, "application/json", '"Title": "Unauthorized"'),
        ("401-empty", 401, "text/xml; charset=utf-8", ""),
        ("403", 403, "application/json", '"Title": "Forbidden"'),
        ("409", 409, "text/xml; charset=utf-8", "<Status>ERROR</Status>"),
        ("500", 500, "text/plain", "Internal Server Error"),
        ("500-envelope", 500, "text/xml; charset=utf-8", "<Status>ERROR</Status>"),
        ("503", 503, "application/json", '"Status": 503'),
        ("error-status", 200, "text/xml; charset=utf-8", "<ErrorDescription>as told</ErrorDescription>"),
        ("html", 200, "text/html; charset=utf-8", "<h1>"),
        ("json", 200, "application/json", '"clients"'),
        ("doctype", 200, "text/xml; charset=utf-8", "<!DOCTYPE"),
    ],
)
def test_refusals_and_foreign_bodies(served: Served, kind: str, status: int, content_type: str, text: str) -> None:
    """Each has its status, its type and its words."""
    served.server.faults.add(Fault(kind, message="as told"))
    answer = served.http.get(LIST)
    assert answer.status_code == status
    assert answer.headers["content-type"] == content_type
    assert text in answer.text


@pytest.mark.parametrize("kind", ["401", "429-minute", "500", "503", "409", "error-status", "lost-before"])
def test_a_refused_write_was_not_made(served: Served, kind: str) -> None:
    """These faults strike before the request is carried out."""
    served.server.faults.add(Fault(kind, method="PUT"))
    try:
        served.http.put("client.api/update", content=UPDATE)
    except httpx.RemoteProtocolError:
        assert kind == "lost-before"
    assert name_of(served) == "Nguyễn & Daughters Pty Ltd"


@pytest.mark.parametrize("kind", ["lost-after", "cut-body", "malformed-xml", "html", "oversized-gzip"])
def test_a_write_with_a_spoiled_answer_was_made(served: Served, kind: str) -> None:
    """These faults strike after it; the writer cannot know."""
    served.server.faults.add(Fault(kind, path="client.api/update", size=1))
    try:
        served.http.put("client.api/update", content=UPDATE)
    except httpx.RemoteProtocolError:
        assert kind in ("lost-after", "cut-body")
    assert name_of(served) == "Renamed Ltd"
    assert len(served.server.requests.writes()) == 1


def test_malformed_xml_is_malformed(served: Served) -> None:
    """Whole in length, broken inside, in single answers and in lists."""
    served.server.faults.add(Fault("malformed-xml", times=2))
    for call in (LIST, f"client.api/get/{client_id('nguyen')}"):
        answer = served.http.get(call)
        with pytest.raises(ET.ParseError):
            parse(answer.content)


def test_cut_bodies_end_early(served: Served) -> None:
    """The connection closes in the middle of the body, with and without a known length."""
    served.server.faults.add(Fault("cut-body", times=2))
    for call in (LIST, f"client.api/get/{client_id('nguyen')}"):
        with pytest.raises(httpx.RemoteProtocolError):
            served.http.get(call)


def test_a_slow_body_waits_for_its_release(served: Served) -> None:
    """Half of the body is out and the rest is held back until the test says so."""
    reached, release = threading.Event(), threading.Event()
    served.server.faults.add(Fault("slow-body", reached=reached, release=release))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(served.http.get, f"client.api/get/{client_id('nguyen')}")
        assert reached.wait(10)
        assert not answer.done()
        release.set()
        assert parse(answer.result().content).findtext("Status") == "OK"


def test_a_slow_body_does_not_keep_the_server_from_stopping(served: Served) -> None:
    """Stopping breaks it off at once."""
    reached = threading.Event()
    served.server.faults.add(Fault("slow-body", seconds=600, reached=reached))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(served.http.get, f"client.api/get/{client_id('nguyen')}")
        assert reached.wait(10)
        served.server.stop()
        assert isinstance(answer.exception(), httpx.RemoteProtocolError)


def test_oversized_gzip_is_small_on_the_wire_and_true(served: Served) -> None:
    """About a kilobyte for each megabyte, with a checksum that holds."""
    packed = gzip_bomb(50)
    assert len(packed) < 60_000
    assert len(gzip.decompress(gzip_bomb(3))) > 3 * 1024 * 1024
    served.server.faults.add(Fault("oversized-gzip", size=1))
    with served.http.stream("GET", LIST) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert sum(len(piece) for piece in answer.iter_raw()) < 3_000


def test_nested_elements(served: Served) -> None:
    """As deep as asked, 200,000 by default."""
    served.server.faults.add(Fault("nested"))
    assert served.http.get(LIST).text.count("<Client>") == 200_000


def test_faults_choose_their_requests(served: Served) -> None:
    """By method and path, after skipping some, as often as told; others pass."""
    served.server.faults.add(Fault("503", times=2, path="client.api/get", method="GET", skip=1))
    get = f"client.api/get/{client_id('nguyen')}"
    statuses = [served.http.get(call).status_code for call in (get, LIST, get, get, get)]
    assert statuses == [200, 200, 503, 503, 200]
    assert served.server.faults.waiting() == ()


def test_a_fault_without_end_is_cleared_by_hand(served: Served) -> None:
    """`times=0` strikes until cleared."""
    served.server.faults.add(Fault("503", times=0))
    assert {served.http.get(LIST).status_code for _ in range(3)} == {503}
    served.server.faults.clear()
    assert served.http.get(LIST).status_code == 200


def test_an_unknown_fault_is_refused_by_name() -> None:
    """A slip in a test is found at once."""
    with pytest.raises(UsageError):
        Fault("429-hour")
    assert "slow-body" in list(FaultKind)


def test_the_token_endpoint_has_faults_too(served: Served) -> None:
    """Faults see every path, the identity server's included."""
    served.server.faults.add(Fault("invalid-grant", path="connect/token"))
    answer = httpx.post(f"{served.server.url}/connect/token", data={"grant_type": "x"}, trust_env=False)
    assert answer.json() == {"error": "invalid_grant"}


def test_minute_limit_with_real_headers(limited: Served) -> None:
    """Six calls a minute here; the seventh waits for the oldest to leave the window."""
    left = []
    for _ in range(6):
        left.append(limited.http.get("clientgroup.api/list").headers["x-minlimit-remaining"])
        limited.clock.forward(seconds=5)
    assert left == ["5", "4", "3", "2", "1", "0"]
    refused = limited.http.get("clientgroup.api/list")
    assert refused.status_code == 429
    assert refused.headers["x-rate-limit-problem"] == "minute"
    assert refused.headers["retry-after"] == "30"
    limited.clock.forward(seconds=30)
    assert limited.http.get("clientgroup.api/list").status_code == 200


def test_day_limit_says_when(limited: Served) -> None:
    """Eight calls in a rolling day; refused ones do not count."""
    for _ in range(8):
        assert limited.http.get("clientgroup.api/list").status_code == 200
        limited.clock.forward(minutes=1)
    for _ in range(2):
        refused = limited.http.get("clientgroup.api/list")
        assert refused.headers["x-rate-limit-problem"] == "day"
        assert refused.headers["x-daylimit-remaining"] == "0"
        assert int(refused.headers["retry-after"]) == 24 * 3600 - 8 * 60
    limited.clock.forward(days=1)
    assert limited.http.get("clientgroup.api/list").status_code == 200


def test_concurrent_limit_counts_answers_not_yet_out(limited: Served) -> None:
    """Two at once here; a third is refused until one is done."""
    release = threading.Event()
    waits = [threading.Event(), threading.Event()]
    limited.server.faults.add(*(Fault("slow-body", reached=wait, release=release) for wait in waits))
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(limited.http.get, "clientgroup.api/list") for _ in waits]
        assert all(wait.wait(10) for wait in waits)
        assert limited.http.get("clientgroup.api/list").headers["x-rate-limit-problem"] == "concurrent"
        release.set()
        assert [each.result().status_code for each in slow] == [200, 200]
    assert limited.http.get("clientgroup.api/list").status_code == 200
