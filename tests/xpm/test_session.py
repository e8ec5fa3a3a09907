"""The access token for a practice: from the environment, from the keyring, renewed when it must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from support.clock import FakeClock
from support.keyrings import MemoryEntries
from support.sign_in import settings_for, signed_tokens
from xpmsync.core.enums import Direction, System
from xpmsync.errors import KeyringUnusable, SignInNeeded, Unreachable, UsageError
from xpmsync.local.net.sign_in_facts import read_facts
from xpmsync.local.net.stored_sign_in import GivenToken, OAuthClient, SignIn, StoredSignIn
from xpmsync.local.secrets.vault import TEXT_LIMIT, Vault
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, WEB_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.oauth import token_source, xpm_tokens
from xpmsync.xpm.api.sign_in import account_of, api_hosts, lapses_at, scopes_for

READ = scopes_for(Direction.FROM_XPM)


@dataclass
class SyncContext:
    """A signed-in practice: its server, its keyring, and its clock."""

    server: SimulatorServer
    entries: MemoryEntries
    clock: FakeClock
    xpm: XpmSettings
    folder: Path

    @property
    def vault(self) -> Vault:
        """The vault over the keyring."""
        return Vault(self.entries, self.folder)

    def session(self) -> StoredSignIn:
        """A session as each process makes its own."""
        return xpm_tokens(self.xpm, vault=self.vault, clock=self.clock, facts=self.folder / "sign-in.json")

    def sign_in(self, app: OAuthClient) -> SignIn:
        """Sign in and store it, as `login` does."""
        tokens = signed_tokens(self.server, app, self.clock, READ)
        hosts = api_hosts(self.xpm)
        signed = SignIn(tokens, app, self.clock.now(), DEMO_TENANT.name, self.xpm.tenant_id, "connection", hosts=hosts)
        self.vault.write(account_of(self.xpm), signed.pack(TEXT_LIMIT))
        self.server.requests.clear()
        return signed

    @property
    def stored(self) -> SignIn | None:
        """What the keyring holds."""
        return SignIn.unpack(self.vault.read(account_of(self.xpm)) or "")

    @property
    def refreshes(self) -> int:
        """How many times the token endpoint was asked."""
        return sum(seen.path == "/connect/token" for seen in self.server.requests.all())


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SyncContext]:
    """Run an identity server and nobody signed in yet."""
    clock = FakeClock()
    with World(clock=clock) as world, SimulatorServer(world, clock=clock) as server:
        yield SyncContext(server, MemoryEntries(), clock, settings_for(server, PKCE_APP.client_id), tmp_path)


@pytest.fixture
def signed(context: SyncContext) -> SignIn:
    """Sign in at the practice."""
    return context.sign_in(OAuthClient(PKCE_APP.client_id))


def test_a_token_that_is_good_is_used_as_it_is(context: SyncContext, signed: SignIn) -> None:
    """Nothing is asked of the identity server while the stored token lasts."""
    session = context.session()

    assert session.token() == signed.tokens.access
    context.clock.sleep(27 * 60)
    assert session.token() == signed.tokens.access
    assert context.refreshes == 0


@pytest.mark.parametrize("minutes", [28.5, 31, 59 * 24 * 60])
def test_a_token_near_its_end_is_renewed_and_stored(context: SyncContext, signed: SignIn, minutes: float) -> None:
    """Two minutes before its end, and any time after, a token is renewed once and the new one stored."""
    context.clock.sleep(minutes * 60)
    session = context.session()

    token = session.token()

    assert token != signed.tokens.access
    assert context.stored
    assert context.stored.tokens.access == token
    assert context.stored.renewed_at == context.clock.now()
    assert context.stored.practice == DEMO_TENANT.name
    assert session.token() == token
    assert context.refreshes == 1


def test_what_another_process_renewed_is_taken_over(context: SyncContext, signed: SignIn) -> None:
    """After the lock the keyring is read again: a token that came meanwhile is used, not renewed again."""
    first, second = context.session(), context.session()
    assert first.token() == second.token() == signed.tokens.access
    context.clock.sleep(3600)

    token = first.token()

    assert second.token() == token
    assert context.refreshes == 1


def test_a_refused_token_is_replaced(context: SyncContext, signed: SignIn) -> None:
    """After a 401 another token comes, though the refused one had time left."""
    session = context.session()
    stale = session.token()

    token = session.refresh_after_401(stale)

    assert token not in ("", stale)
    assert session.token() == token
    assert context.refreshes == 1


def test_a_token_refused_by_an_old_name_costs_no_refresh(context: SyncContext, signed: SignIn) -> None:
    """A 401 for a token that somebody replaced meanwhile is answered with the stored one."""
    assert context.session().refresh_after_401("an-older-token") == signed.tokens.access
    assert context.refreshes == 0


def test_a_web_app_renews_with_the_secret_from_the_keyring(context: SyncContext) -> None:
    """The app's secret is kept with the tokens; no setting holds it."""
    context.xpm = settings_for(context.server, WEB_APP.client_id)
    context.sign_in(OAuthClient(WEB_APP.client_id, WEB_APP.secret))
    context.clock.sleep(3600)

    assert context.session().token()
    assert context.stored
    assert context.stored.client.secret == WEB_APP.secret


def test_a_refresh_without_an_answer_is_tried_again_with_the_same_token(context: SyncContext, signed: SignIn) -> None:
    """A connection that broke before the request arrived costs nothing but the second try."""
    context.clock.sleep(3600)
    context.server.faults.add(Fault("lost-before", path="/connect/token"))

    assert context.session().token()
    assert context.refreshes == 2


def test_a_refresh_that_stays_unanswered_loses_nothing(context: SyncContext, signed: SignIn) -> None:
    """Without any answer the stored token stays, and works when the server is back."""
    context.clock.sleep(3600)
    context.server.faults.add(Fault("lost-before", path="/connect/token", times=2))

    with pytest.raises(Unreachable):
        context.session().token()
    assert context.stored == signed

    assert context.session().token()


def test_a_consumed_token_means_signing_in_again(context: SyncContext, signed: SignIn) -> None:
    """A refresh token that the server no longer takes is an expired sign-in."""
    context.clock.sleep(3600)
    context.server.faults.add(Fault("invalid-grant", path="/connect/token"))

    with pytest.raises(SignInNeeded) as raised:
        context.session().token()

    assert (raised.value.system, raised.value.reason) == (System.XPM, "expired")


def test_a_sign_in_without_the_right_to_renew_expires(context: SyncContext, signed: SignIn) -> None:
    """Without a refresh token there is nothing to try."""
    short = replace(signed, tokens=replace(signed.tokens, refresh=""))
    context.vault.write(account_of(context.xpm), short.pack(TEXT_LIMIT))
    context.clock.sleep(3600)

    with pytest.raises(SignInNeeded):
        context.session().token()
    assert context.refreshes == 0


@pytest.mark.parametrize("missing", ["nobody", "client_id", "tenant_id", "garbage"])
def test_nobody_signed_in_is_said_so(context: SyncContext, missing: str) -> None:
    """Without a sign-in, an app or a practice, or with something else in the keyring: sign in first."""
    if missing != "nobody":
        context.sign_in(OAuthClient(PKCE_APP.client_id))
    if missing == "client_id":
        context.xpm = replace(context.xpm, client_id="")
    if missing == "tenant_id":
        context.xpm = replace(context.xpm, tenant_id="")
    if missing == "garbage":
        context.vault.write(account_of(context.xpm), "something else")

    with pytest.raises(SignInNeeded) as raised:
        context.session().token()

    assert raised.value.reason == "not-signed-in"


def test_another_host_or_practice_is_another_sign_in(context: SyncContext, signed: SignIn) -> None:
    """Tokens of one identity server are never sent to another one, whatever the settings say later."""
    for xpm in (
        replace(context.xpm, identity_url="https://identity.example.com"),
        replace(context.xpm, tenant_id="another"),
    ):
        elsewhere = xpm_tokens(xpm, vault=context.vault, clock=context.clock, facts=context.folder / "f.json")
        with pytest.raises(SignInNeeded):
            elsewhere.token()


@pytest.mark.parametrize("of_api", [True, False], ids=["api_url", "connections_url"])
@pytest.mark.parametrize("later", [0, 3600], ids=["good-token", "ended-token"])
def test_another_api_host_asks_for_a_new_sign_in(
    context: SyncContext, signed: SignIn, *, of_api: bool, later: int
) -> None:
    """A token goes to the hosts it was granted for; for another one it is neither sent nor renewed."""
    context.clock.sleep(later)
    url = "https://collector.example.com/"
    xpm = replace(context.xpm, api_url=url) if of_api else replace(context.xpm, connections_url=url)
    elsewhere = xpm_tokens(xpm, vault=context.vault, clock=context.clock, facts=context.folder / "f.json")

    for ask in (elsewhere.token, lambda: elsewhere.refresh_after_401(signed.tokens.access)):
        with pytest.raises(SignInNeeded) as raised:
            ask()
        assert raised.value.reason == "other-host"
    assert context.refreshes == 0
    assert context.stored == signed


def test_a_sign_in_of_an_earlier_version_goes_to_xeros_own_host(context: SyncContext, signed: SignIn) -> None:
    """It was stored without its hosts: Xero's own are the only ones that it can have been meant for."""
    context.vault.write(account_of(context.xpm), replace(signed, hosts=()).pack(TEXT_LIMIT))
    url = "https://api.xero.com/"
    own, facts = replace(context.xpm, api_url=url, connections_url=f"{url}connections"), context.folder / "f.json"

    with pytest.raises(SignInNeeded):
        context.session().token()
    assert xpm_tokens(own, vault=context.vault, clock=context.clock, facts=facts).token() == signed.tokens.access


def test_a_token_that_cannot_be_stored_is_not_used(
    context: SyncContext, signed: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored before use: when the keyring refuses, the run stops instead of going on with a token nobody keeps."""
    context.clock.sleep(3600)

    def refuse(_service: str, _text: str) -> None:
        raise KeyringUnusable("it is full")

    monkeypatch.setattr(context.entries, "set", refuse)

    with pytest.raises(KeyringUnusable):
        context.session().token()


def test_status_learns_of_a_renewal(context: SyncContext, signed: SignIn) -> None:
    """The facts for `status` are renewed with the token, and hold no secret."""
    context.clock.sleep(3600)
    token = context.session().token()
    path = context.folder / "sign-in.json"

    facts = read_facts(path)

    assert facts
    assert (facts.practice, facts.tenant_id, facts.scopes, facts.where) == (
        DEMO_TENANT.name,
        DEMO_TENANT.tenant_id,
        READ,
        "memory",
    )
    assert facts.renewed_at == context.clock.now()
    assert lapses_at(facts) == context.clock.now() + timedelta(days=60)
    assert context.stored
    assert not any(secret in path.read_text(encoding="utf-8") for secret in (token, context.stored.tokens.refresh))


def test_a_state_folder_that_takes_nothing_does_not_cost_the_token(context: SyncContext, signed: SignIn) -> None:
    """When the facts for `status` cannot be written, the renewed token is used all the same."""
    context.clock.sleep(3600)
    (context.folder / "file").write_text("", encoding="utf-8")
    facts = context.folder / "file" / "sign-in.json"

    assert xpm_tokens(context.xpm, vault=context.vault, clock=context.clock, facts=facts).token()


class Untouchable:
    """Entries that must not be used."""

    name = "untouchable"

    def get(self, service: str) -> str | None:
        """Fail."""
        pytest.fail("the keyring was touched")

    def set(self, service: str, text: str) -> None:
        """Fail."""
        pytest.fail("the keyring was touched")

    def delete(self, service: str) -> None:
        """Fail."""
        pytest.fail("the keyring was touched")


def test_a_token_from_the_environment_wins_over_the_keyring(tmp_path: Path) -> None:
    """XPMSYNC_XPM_ACCESS_TOKEN is used as it is, and the keyring is not even opened."""
    source = token_source(
        {"XPMSYNC_XPM_ACCESS_TOKEN": " given-token\n"},
        xpm=XpmSettings(),
        vault=Vault(Untouchable(), tmp_path),
        clock=FakeClock(),
        facts=tmp_path / "f.json",
    )

    assert isinstance(source, GivenToken)
    assert source.token() == "given-token"
    with pytest.raises(SignInNeeded) as raised:
        source.refresh_after_401("given-token")
    assert raised.value.reason == "refused-token"
    assert "given-token" not in f"{source!r} {raised.value}"


@pytest.mark.parametrize("given", ["two words", "line\nbreak", "naïve"])
def test_what_cannot_be_a_token_is_refused_unsaid(tmp_path: Path, given: str) -> None:
    """A value that would break the request's headers is refused, without being shown."""
    with pytest.raises(UsageError) as raised:
        token_source(
            {"XPMSYNC_XPM_ACCESS_TOKEN": given},
            xpm=XpmSettings(),
            vault=Vault(Untouchable(), tmp_path),
            clock=FakeClock(),
            facts=tmp_path / "f.json",
        )

    assert given not in str(raised.value)
