"""The MCP route when things go wrong: tokens end, limits are reached, answers break off, tools change."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.mcp_dialects import Camel, Snake
from support.mcp_rig import McpRig, signed_in
from support.mcp_server import Fault, serving
from support.proxy import HARMLESS, refusing_proxy
from xpmsync.errors import (
    AccessRefused,
    AnotherPractice,
    CallLimit,
    Rejected,
    RouteUnfit,
    SettingsError,
    SignInNeeded,
    Unreachable,
    UnusableAnswer,
)
from xpmsync.ignition.mcp.connection import McpConnection
from xpmsync.ignition.mcp.responses import NoAnswer
from xpmsync.ignition.mcp.sign_in import server_url
from xpmsync.local.settings.settings import IgnitionSettings, Route, Settings


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[McpRig]:
    """Set up a rig that is signed in to a server with five clients."""
    with signed_in(Snake(), tmp_path) as rig:
        yield rig


@pytest.fixture
def old(tmp_path: Path) -> Iterator[McpRig]:
    """Set up the same with a server of the older protocol, which keeps a session."""
    with signed_in(Camel(), tmp_path) as rig:
        yield rig


# --- tokens ------------------------------------------------------------------------------


def test_a_token_that_ends_mid_run_is_renewed_once(rig: McpRig) -> None:
    """The call is sent again with the new token, which is stored before it is used."""
    with rig.store() as store:
        store.get("cli_1")
        before = rig.stored
        rig.served.identity.expire()
        assert store.get("cli_2") is not None
        assert store.get("cli_4") is not None
    assert rig.served.identity.refreshes == 1
    assert before is not None
    assert rig.stored is not None
    assert rig.stored.tokens.access != before.tokens.access
    assert rig.stored.tokens.refresh != before.tokens.refresh


def test_a_write_refused_for_its_token_is_sent_again(old: McpRig) -> None:
    """A 401 comes before the tool, so that the second sending is the first to do anything."""
    with old.store() as store:
        store.get("1")
        old.served.identity.expire()
        store.update("1", "Client 1", {"phone": "09 555 0199"})
    assert len(old.served.calls("updateClient")) == 2, "asked twice, but the first never got past the door"
    held = old.served.register.get("1")
    assert held is not None
    assert held.values["phone"] == "09 555 0199"


def test_a_token_near_its_end_is_renewed_before_the_call(rig: McpRig) -> None:
    """Tokens with less than two minutes left are not used."""
    rig.served.identity.life = 600
    rig.served.identity.expire()
    with rig.store() as store:
        store.get("cli_1")
        assert rig.served.identity.refreshes == 1
        rig.clock.sleep(550)
        store.get("cli_2")
    assert rig.served.identity.refreshes == 2


def test_two_runs_renew_once_between_them(rig: McpRig) -> None:
    """The second finds what the first stored, and uses no refresh token up."""
    with rig.store() as one, rig.store() as other:
        one.get("cli_1")
        other.get("cli_1")
        rig.served.identity.expire()
        one.get("cli_2")
        other.get("cli_2")
    assert rig.served.identity.refreshes == 1


def test_a_sign_in_that_was_taken_back_is_said(rig: McpRig) -> None:
    """Disconnected in Ignition: a sign-in is needed, exit code 4."""
    rig.served.identity.forget()
    with rig.store() as store, pytest.raises(SignInNeeded) as caught:
        store.get("cli_1")
    assert caught.value.reason == "expired"


def test_nobody_signed_in(rig: McpRig, tmp_path: Path) -> None:
    """Without a sign-in nothing is sent."""
    fresh = McpRig(rig.served, tmp_path / "elsewhere")
    fresh.folder.mkdir()
    with fresh.store() as store, pytest.raises(SignInNeeded) as caught:
        next(store.read())
    assert caught.value.reason == "not-signed-in"
    assert not rig.served.asked


def test_a_person_without_the_right_is_told(rig: McpRig) -> None:
    """403 is no matter of signing in again."""
    rig.served.faults.append(Fault("get_client", 403))
    with rig.store() as store, pytest.raises(AccessRefused):
        store.get("cli_1")


# --- limits ------------------------------------------------------------------------------


def test_retry_after_is_waited_for(rig: McpRig) -> None:
    """The call goes on after the seconds the server names; the wait is told."""
    rig.served.faults.append(Fault("get_client", 429, {"Retry-After": "7"}))
    with rig.store() as store:
        assert store.get("cli_1") is not None
    assert rig.waits == [(7.0, "get_client")]


def test_retry_after_in_the_data_is_a_unix_time(rig: McpRig) -> None:
    """The limit of the facts: code RATE_LIMITED, `data.retryAfter` in seconds since 1970."""
    at = int(rig.clock.now().timestamp()) + 42
    error = {"code": -32000, "message": "Slow down", "data": {"code": "RATE_LIMITED", "retryAfter": at}}
    rig.served.faults.append(Fault("get_client", 429, body={"jsonrpc": "2.0", "id": None, "error": error}))
    with rig.store() as store:
        assert store.get("cli_1") is not None
    assert rig.waits == [(42.0, "get_client")]


def test_a_limited_write_was_not_carried_out_and_is_sent_again(rig: McpRig) -> None:
    """429 turns a write away, so it is safe to repeat."""
    rig.served.faults.append(Fault("update_client", 429, {"Retry-After": "1"}))
    with rig.store() as store:
        store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
    assert len(rig.served.calls("update_client")) == 1


def test_a_long_limit_ends_the_run_and_the_next_ones_before_they_call(rig: McpRig) -> None:
    """Exit 8 with the moment calls are allowed again; until then nothing is sent."""
    rig.served.faults.append(Fault("get_client", 429, {"Retry-After": "1800"}))
    with rig.store() as store, pytest.raises(CallLimit) as caught:
        store.get("cli_1")
    assert (caught.value.limit, caught.value.resets) == ("hour", rig.clock.now() + timedelta(minutes=30))
    asked = len(rig.served.asked)
    with rig.store() as store, pytest.raises(CallLimit):
        store.get("cli_1")
    assert len(rig.served.asked) == asked


def test_sixty_calls_a_minute_are_kept_to(rig: McpRig) -> None:
    """The sixty-first call waits; no 429 is needed for that."""
    began = rig.clock.now()
    with rig.store() as store:
        for _ in range(60):
            store.get("cli_1")
        assert store.calls_made == 65
    assert rig.clock.now() - began >= timedelta(seconds=60)


# --- connections and answers -------------------------------------------------------------


@pytest.mark.parametrize("json", [False, True], ids=["stream", "json"])
def test_a_read_that_breaks_off_is_asked_again(rig: McpRig, json: bool) -> None:
    """A stream or an answer that ends half-way costs a pause, not the run."""
    rig.served.faults.append(Fault("get_client", drop=True, json=json))
    with rig.store() as store:
        assert store.get("cli_1") is not None
    assert len(rig.waits) == 1


def test_a_write_that_breaks_off_is_not_sent_again(rig: McpRig) -> None:
    """It may have been carried out, and was: the error says so, and the next run compares."""
    rig.served.faults.append(Fault("add_contact", drop=True, after=True))
    with rig.store() as store, pytest.raises(Unreachable) as caught:
        store.add_contact("cli_1", {"contact.name": "Cleo", "contact.email": "cleo@example.com"})
    assert caught.value.sent
    held = rig.served.register.get("1")
    assert held is not None
    assert len(held.contacts) == 3


def test_after_a_broken_write_the_run_goes_on(old: McpRig) -> None:
    """A new session is opened by itself."""
    with old.store() as store:
        old.served.faults.append(Fault("updateClient", drop=True))
        with pytest.raises(Unreachable):
            store.update("1", "Client 1", {"phone": "09 555 0199"})
        assert store.get("2") is not None


def test_no_connection_means_nothing_was_sent(rig: McpRig, tmp_path: Path) -> None:
    """A server that is not there is tried three times."""
    with serving(Snake()) as gone:
        pass
    away = McpRig(gone, tmp_path / "away")
    away.folder.mkdir()
    away.sign_in()
    with away.store() as store, pytest.raises(Unreachable) as caught:
        store.get("cli_1")
    assert not caught.value.sent
    assert len(away.waits) == 2


def test_a_session_the_server_forgot_is_opened_anew(old: McpRig) -> None:
    """404 within a session: even a write was not looked at, so it is sent again."""
    with old.store() as store:
        store.get("1")
        old.served.faults.append(Fault("updateClient", 404))
        store.update("1", "Client 1", {"phone": "09 555 0199"})
    assert len(old.served.calls("updateClient")) == 1
    assert [name for name, _ in old.served.asked].count("initialize") == 2


def test_a_server_in_trouble_is_asked_again_for_reads_only(rig: McpRig) -> None:
    """502: a read is repeated, a write is not, and counts as possibly carried out."""
    rig.served.faults += [Fault("get_client", 502), Fault("update_client", 502, times=9)]
    with rig.store() as store:
        assert store.get("cli_1") is not None
        with pytest.raises(UnusableAnswer) as caught:
            store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
    assert caught.value.status == 502
    assert rig.served.faults[1].times == 8


def test_ctrl_c_ends_a_call_and_leaves_nothing_behind(rig: McpRig) -> None:
    """The interrupt comes through, the connection is closed, no thread stays."""
    rig.served.faults.append(Fault("get_client", hang=True, then=_thread.interrupt_main))
    with pytest.raises(KeyboardInterrupt), rig.store() as store:
        store.get("cli_1")
    assert rig.served.left.wait(10)
    assert not [thread for thread in threading.enumerate() if "portal" in thread.name]


def test_a_write_that_worked_is_no_failure_when_it_cannot_be_looked_at(old: McpRig) -> None:
    """The answer told nothing and the look at the record fails: unknown, so that the next run looks."""
    with old.store() as store:
        store.get("1")
        old.served.faults.append(Fault("getClient", error="Something is wrong here"))
        with pytest.raises(UnusableAnswer) as caught:
            store.update("1", "Client 1", {"phone": "09 555 0199"})
    assert caught.value.status == 0
    held = old.served.register.get("1")
    assert held is not None
    assert held.values["phone"] == "09 555 0199"


# --- tools -------------------------------------------------------------------------------


def test_a_tool_error_is_that_records_failure(rig: McpRig) -> None:
    """The tool's own words, as `Rejected`; the next record goes through."""
    with rig.store() as store:
        with pytest.raises(Rejected, match="exactly one primary"):
            store.update_contact("cli_1", _first_contact(rig), "Ann 1", {"contact.primary": "No"})
        store.update("cli_2", "Client 2", {"phone": "09 555 0199"})


def test_a_limit_told_as_a_tool_error_is_a_limit(rig: McpRig) -> None:
    """Not a failure of the record."""
    limited = {"error": {"code": "RATE_LIMITED", "message": "slow", "data": {"retryAfter": 5}}}
    rig.served.faults.append(Fault("update_client", error=limited))
    with rig.store() as store:
        store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
    assert rig.waits == [(5.0, "update_client")]


def test_a_missing_reading_tool_stops_at_once(tmp_path: Path) -> None:
    """Without `get_practice_info` nobody knows which practice it is."""
    for at, name in enumerate(("get_practice_info", "list_clients")):
        with signed_in(Snake(without=(name,)), _made(tmp_path / str(at))) as rig:
            with rig.store() as store, pytest.raises(RouteUnfit) as caught:
                next(store.read())
            assert (caught.value.tool, caught.value.needs) == (name, "")


def test_a_missing_writing_tool_shows_in_the_plan(tmp_path: Path) -> None:
    """Without `update_client` no field of a client can be written, so the plan holds them; contacts still can."""
    with signed_in(Snake(without=("update_client", "create_client")), tmp_path) as rig:
        with rig.store() as store:
            store.connect()
            writes = store.capabilities.writes
            with pytest.raises(RouteUnfit, match="create_client"):
                store.create({"name": "New"}, [{"contact.name": "Dee", "contact.email": "dee@example.com"}])
        assert "name" not in writes
        assert "contact.phone" in writes


def test_a_schema_that_changed_between_runs_is_learned_anew(rig: McpRig) -> None:
    """The same links, another spelling: the next run reads the new schemas and writes by them."""
    with rig.store() as store:
        store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
    rig.served.dialect = Camel()
    with rig.store() as store:
        store.update("1", "Client 1", {"phone": "09 555 0188"})
    held = rig.served.register.get("1")
    assert held is not None
    assert held.values["phone"] == "09 555 0188"


def test_a_schema_that_changes_within_a_run_fails_the_record(rig: McpRig) -> None:
    """What the server no longer knows is refused by it, and the run goes on."""
    with rig.store() as store:
        store.get("cli_1")
        rig.served.dialect = Camel()
        with pytest.raises((Rejected, UnusableAnswer)):
            store.update("cli_1", "Client 1", {"phone": "09 555 0199"})


# --- the practice ------------------------------------------------------------------------


def test_another_practice_stops_the_run_before_anything_else(rig: McpRig) -> None:
    """The name of the first run is compared in every later one; spelling and case do not count."""
    with rig.store() as store:
        store.get("cli_1")
    rig.served.practice = " harbour  ACCOUNTING"
    with rig.store() as store:
        store.get("cli_1")
    rig.served.practice = "Another Practice"
    with rig.store() as store, pytest.raises(AnotherPractice) as caught:
        store.update("cli_1", "Client 1", {"phone": "09 555 0199"})
    assert "Harbour" in caught.value.expected or "harbour" in caught.value.expected
    assert caught.value.found == "Another Practice"
    assert not rig.served.calls("update_client")


@pytest.mark.parametrize("url", ["http://mcp.example.com/mcp", "ftp://127.0.0.1/mcp", "mcp.example.com", ""])
def test_only_https_or_this_machine(url: str, tmp_path: Path) -> None:
    """Tokens never go over plain http to another machine."""
    settings = Settings("default", tmp_path, ignition=IgnitionSettings(route=Route.MCP, mcp_url=url))
    with pytest.raises(SettingsError) as caught:
        server_url(settings)
    assert caught.value.key == "ignition.mcp_url"


def test_a_retry_after_of_years_is_still_a_moment(rig: McpRig) -> None:
    """Nonsense from the server is a limit that resets some day, not a crash."""
    rig.served.faults.append(Fault("get_client", 429, {"Retry-After": "99999999999999"}))
    with rig.store() as store, pytest.raises(CallLimit) as caught:
        store.get("cli_1")
    assert caught.value.resets is not None
    assert caught.value.resets > datetime(2026, 12, 1, tzinfo=UTC)


def test_a_proxys_own_refusal_is_not_possibly_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It made no connection, so a write cannot have been carried out."""
    with refusing_proxy(407) as (address, asked), McpConnection(f"{HARMLESS}mcp") as server:
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(NoAnswer) as caught:
            server.open("token")
    assert (caught.value.sent, "proxy" in caught.value.broken) == (False, True)
    assert set(asked) == {"api.example.com:443"}


def _first_contact(rig: McpRig) -> str:
    held = rig.served.register.get("1")
    assert held is not None
    return f"con_{held.contacts[0].id}"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
