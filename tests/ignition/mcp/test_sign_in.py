"""Signing in to the hosted service, with the SDK's own OAuth server and the test as the person at the browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from support.forked_process import run_at_once
from support.mcp_dialects import Snake
from support.mcp_rig import McpRig, renew_elsewhere
from support.mcp_server import Fault, serving
from support.sign_in import AtBrowser, browse
from xpmsync.errors import (
    AccessRefused,
    AnotherPractice,
    RouteUnfit,
    SignInNeeded,
    Unreachable,
    UnusableAnswer,
    UsageError,
)
from xpmsync.ignition.mcp.client import remembered_practice
from xpmsync.ignition.mcp.sign_in import account_of
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.settings.settings import IgnitionSettings, Route
from xpmsync.usecases.auth.ignition import SignedInToIgnition, sign_in_to_ignition, sign_out_of_ignition
from xpmsync.usecases.auth.state import signed_in_ignition
from xpmsync.usecases.auth.xpm import SignedOut, SignInStep


@dataclass
class Ada(AtBrowser):
    """The person: she agrees in her browser, and says whether another practice is meant."""

    means_it: bool = False

    def take_practice(self, before: str, found: str) -> bool:
        """Say whether she means it."""
        self.log.append(f"{before} or {found}")
        return self.means_it


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[McpRig]:
    """Set up a computer where nobody has signed in."""
    with serving(Snake()) as served:
        yield McpRig(served, tmp_path)


def sign_in(rig: McpRig, person: Ada, *, browser: bool = False, seconds: float = 10) -> SignedInToIgnition:
    """Sign her in."""
    try:
        return sign_in_to_ignition(
            rig.settings,
            rig.paths,
            person=person,
            vault=rig.vault,
            clock=rig.clock,
            browser=browser,
            redirect_seconds=seconds,
        )
    finally:
        for thread in person.threads:
            thread.join()


def sign_out(rig: McpRig) -> SignedOut:
    """Sign out."""
    return sign_out_of_ignition(rig.settings, rig.paths, vault=rig.vault, clock=rig.clock)


def practice_of(rig: McpRig) -> str:
    """Return the practice that the ledger remembers."""
    with Ledger(rig.state.ledger) as ledger:
        practice = remembered_practice(ledger)
    return practice.name if practice else ""


@pytest.mark.parametrize("browser", [True, False], ids=["browser", "pasted"])
def test_signing_in_registers_the_program_and_names_the_practice(rig: McpRig, browser: bool) -> None:
    """Discovery, registration, PKCE and the token for this very server; then the practice is asked for."""
    signed = sign_in(rig, Ada(), browser=browser)
    assert (signed.practice, signed.scopes) == ("Harbour Accounting", ("clients",))
    (registered,) = rig.served.identity.registered.values()
    assert registered.client_name == "xpmsync"
    assert registered.token_endpoint_auth_method == "none"
    stored = rig.stored
    assert stored is not None
    assert stored.resource == rig.served.url
    assert stored.token_url.endswith("/token")
    assert stored.revoke_url.endswith("/revoke")
    assert practice_of(rig) == "Harbour Accounting"
    with rig.store() as store:
        assert list(store.read()) == []


def test_no_token_is_in_the_state_folder(rig: McpRig) -> None:
    """What `status` reads holds no secret."""
    sign_in(rig, Ada())
    stored = rig.stored
    assert stored is not None
    told = "".join(file.read_text(encoding="utf-8", errors="replace") for file in rig.state.folder.iterdir())
    assert "Harbour Accounting" in told
    assert stored.tokens.access not in told
    assert stored.tokens.refresh not in told
    assert stored.tokens.access not in repr(stored)


def test_a_person_who_does_not_agree(rig: McpRig) -> None:
    """`access_denied` is said as it is, and nothing is kept."""
    rig.served.identity.refuse = True
    for browser in (True, False):
        with pytest.raises(AccessRefused) as caught:
            sign_in(rig, Ada(), browser=browser)
        assert caught.value.reason == "access_denied"
    assert rig.stored is None


def test_a_person_who_does_not_come_back(rig: McpRig) -> None:
    """The wait ends, and so does the loop beside it."""
    with pytest.raises(SignInNeeded) as caught:
        sign_in(rig, Ada(comes_back=False), browser=True, seconds=0.2)
    assert caught.value.reason == "no-answer"
    assert not [thread for thread in threading.enumerate() if "portal" in thread.name]


def test_ctrl_c_while_the_person_is_asked_ends_everything(rig: McpRig) -> None:
    """No thread is left, and the interrupt comes through as itself."""

    class Impatient(Ada):
        def paste_redirect(self, url: str) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sign_in(rig, Impatient())
    assert not [thread for thread in threading.enumerate() if "portal" in thread.name]


def test_an_address_of_another_attempt_is_not_taken(rig: McpRig) -> None:
    """The state must be this sign-in's own."""

    class Mistaken(Ada):
        def paste_redirect(self, url: str) -> str:
            return browse(url).replace("state=", "state=x")

    with pytest.raises(UsageError):
        sign_in(rig, Mistaken())
    assert rig.stored is None


def test_another_practice_is_refused_and_its_tokens_given_back(rig: McpRig) -> None:
    """The former sign-in and the remembered practice stay; the new tokens are revoked at once."""
    sign_in(rig, Ada())
    before = rig.stored
    rig.served.practice = "Another Practice"
    ada = Ada()
    with pytest.raises(AnotherPractice):
        sign_in(rig, ada)
    assert "Harbour Accounting or Another Practice" in ada.log
    assert rig.stored == before
    assert practice_of(rig) == "Harbour Accounting"
    assert len(rig.served.identity.revoked) == 1


def test_a_practice_under_a_new_name_is_taken_when_the_person_says_so(rig: McpRig) -> None:
    """From then on runs are compared with the new name."""
    sign_in(rig, Ada())
    rig.served.practice = "Harbour Partners"
    signed = sign_in(rig, Ada(means_it=True))
    assert signed.practice == practice_of(rig) == "Harbour Partners"


def test_long_tokens_go_without_the_access_token(rig: McpRig) -> None:
    """What does not fit into the keyring is renewed by every run instead."""
    rig.served.identity.padding = 9000
    sign_in(rig, Ada())
    stored = rig.stored
    assert stored is not None
    assert stored.tokens.access == ""
    assert stored.tokens.refresh
    with rig.store() as store:
        assert list(store.read()) == []
        assert list(store.read()) == []
    assert rig.served.identity.refreshes == 1


def test_signing_out_gives_the_token_back(rig: McpRig) -> None:
    """Revoked there, deleted here; a second time there is nothing to do."""
    sign_in(rig, Ada())
    stored = rig.stored
    assert stored is not None
    out = sign_out(rig)
    assert (out.revoked, out.deleted, out.problems) == (SignInStep.DONE, SignInStep.DONE, ())
    assert rig.served.identity.revoked == [stored.tokens.refresh]
    assert rig.stored is None
    assert not rig.state.ignition_sign_in.exists()
    again = sign_out(rig)
    assert (again.revoked, again.deleted) == (SignInStep.NOTHING, SignInStep.NOTHING)


def test_signing_out_without_the_server_still_deletes(rig: McpRig, tmp_path: Path) -> None:
    """One step that fails does not keep the other from being done."""
    with serving(Snake()) as gone:
        away = McpRig(gone, tmp_path / "away")
        away.folder.mkdir()
        sign_in(away, Ada())
    out = sign_out(away)
    assert (out.revoked, out.deleted) == (SignInStep.FAILED, SignInStep.DONE)
    assert isinstance(out.problems[0], Unreachable)
    assert away.stored is None


def test_status_asks_the_keyring_before_it_says_signed_in(rig: McpRig) -> None:
    """Practice and place of the secret; nobody for another server."""
    sign_in(rig, Ada())
    found = signed_in_ignition(rig.settings, rig.state, rig.clock, rig.environ)
    assert (found.signed_in, found.practice) == (True, "Harbour Accounting")
    assert found.calls_today == 5
    elsewhere = replace(rig.settings, ignition=IgnitionSettings(route=Route.MCP))
    other = signed_in_ignition(elsewhere, rig.state, rig.clock, rig.environ)
    assert not other.signed_in
    assert "another host" in other.problem
    with rig.vault.lock(account_of(rig.settings, rig.state)):
        rig.vault.delete(account_of(rig.settings, rig.state))
    gone = signed_in_ignition(rig.settings, rig.state, rig.clock, rig.environ)
    assert (gone.signed_in, gone.problem) == (False, "its secret is no longer in the keyring")


def test_a_route_without_a_sign_in_says_so(rig: McpRig) -> None:
    """Nobody is sent to a browser for nothing."""
    settings = replace(rig.settings, ignition=IgnitionSettings(route=Route.BUILTIN))
    ada = Ada()
    with pytest.raises(UsageError, match="builtin"):
        sign_in_to_ignition(settings, rig.paths, person=ada, vault=rig.vault, clock=rig.clock)
    assert ada.log == []


def test_a_server_that_is_not_the_one_expected(rig: McpRig) -> None:
    """A server without the tool that names the practice: the sign-in is given back."""
    rig.served.dialect = Snake(without=("get_practice_info",))
    with pytest.raises(RouteUnfit):
        sign_in(rig, Ada())
    assert rig.stored is None
    assert len(rig.served.identity.revoked) == 1


def test_a_server_that_registers_nobody(rig: McpRig) -> None:
    """The refusal is said without the server's answer in it."""
    rig.served.closed = True
    with pytest.raises(UnusableAnswer) as caught:
        sign_in(rig, Ada())
    assert caught.value.call == "the registration of xpmsync"


def test_a_server_that_asks_for_no_sign_in(rig: McpRig) -> None:
    """Without a 401 there is nothing to sign in to."""
    rig.served.faults.append(Fault("ping", 200))
    with pytest.raises(UnusableAnswer):
        sign_in(rig, Ada())


def test_four_processes_renew_once(rig: McpRig, tmp_path: Path) -> None:
    """The lock is the operating system's: whoever comes second finds what the first stored."""
    sign_in(rig, Ada())
    rig.served.identity.expire()
    assert rig.stored is not None
    environ = {**os.environ, **rig.environ, "HOME": str(tmp_path)}
    renewed = run_at_once(renew_elsewhere, [(environ, (rig.folder, rig.served.url, rig.stored.tokens.access))] * 4)
    assert len(set(renewed)) == 1
    assert rig.served.identity.refreshes == 1


def test_another_servers_address_gets_no_token(rig: McpRig) -> None:
    """A changed `mcp_url` asks for a new sign-in; nothing is sent there, and nothing is renewed."""
    sign_in(rig, Ada())
    refreshes = rig.served.identity.refreshes
    with serving(Snake()) as collector:
        moved = replace(rig, served=replace(rig.served, url=collector.url))
        with moved.store() as store, pytest.raises(SignInNeeded) as caught:
            store.get("cli_1")
        assert collector.asked == []
    assert caught.value.reason == "not-signed-in"
    assert rig.served.identity.refreshes == refreshes
