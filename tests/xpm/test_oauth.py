"""OAuth with Xero's identity server, played by the built-in practice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings, strategies as st

from support.clock import FakeClock
from support.sign_in import REDIRECT, browse, settings_for, signed_tokens
from xpmsync.core.enums import Direction, System
from xpmsync.errors import AccessRefused, CallLimit, SignInNeeded, Unreachable, UnusableAnswer, XpmsyncError
from xpmsync.local.net.oauth_loopback import parse_pasted
from xpmsync.local.net.stored_sign_in import OAuthClient, SignIn, Tokens
from xpmsync.local.net.token_endpoint import refusal
from xpmsync.local.secrets.vault import TEXT_LIMIT
from xpmsync.local.settings.sections import XpmSettings
from xpmsync.simulator.server.faults import Fault
from xpmsync.simulator.server.identity import Consent
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, WEB_APP, SimulatorServer
from xpmsync.simulator.world.world import World
from xpmsync.xpm.api.oauth import OAuth, XpmConnection, authorize
from xpmsync.xpm.api.sign_in import missing_scopes, scopes_for

PKCE = OAuthClient(PKCE_APP.client_id)
WEB = OAuthClient(WEB_APP.client_id, WEB_APP.secret)
READ = scopes_for(Direction.FROM_XPM)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[SimulatorServer]:
    """Run the identity server."""
    with World(clock=clock) as world, SimulatorServer(world, clock=clock) as running:
        yield running


def oauth_of(server: SimulatorServer, app: OAuthClient, clock: FakeClock) -> OAuth:
    """Return the app's view of the identity server."""
    return OAuth(settings_for(server, app.client_id), app, clock)


def test_a_direction_asks_for_no_more_than_it_needs() -> None:
    """Reading XPM asks for the right to read, and only writing for the right to write."""
    assert scopes_for(Direction.FROM_XPM) == ("offline_access", "practicemanager.client.read")
    assert scopes_for(Direction.TO_XPM) == ("offline_access", "practicemanager.client")
    assert missing_scopes(scopes_for(Direction.FROM_XPM), Direction.TO_XPM) == ("practicemanager.client",)
    assert missing_scopes(scopes_for(Direction.TO_XPM), Direction.FROM_XPM) == ()


def test_a_pkce_app_sends_a_challenge_and_a_web_app_does_not() -> None:
    """The address holds what Xero documents for each kind of app, and fresh values each time."""
    first, second = (authorize(XpmSettings(client_id="ID"), OAuthClient("ID"), READ, REDIRECT) for _ in range(2))
    query = {name: values[0] for name, values in parse_qs(urlsplit(first.url).query).items()}

    assert first.url.startswith("https://login.xero.com/identity/connect/authorize?")
    assert (query["response_type"], query["client_id"], query["redirect_uri"]) == ("code", "ID", REDIRECT)
    assert query["scope"] == "offline_access practicemanager.client.read"
    assert query["code_challenge_method"] == "S256"
    assert 43 <= len(first.verifier) <= 128
    assert len({first.state, second.state, first.verifier, second.verifier}) == 4
    assert "code_challenge" not in authorize(XpmSettings(), OAuthClient("ID", "secret"), READ, REDIRECT).url


@pytest.mark.parametrize("app", [PKCE, WEB], ids=["pkce", "web"])
def test_a_sign_in_from_start_to_end(server: SimulatorServer, clock: FakeClock, app: OAuthClient) -> None:
    """Both kinds of app get tokens, see the practice, renew once per refresh token, disconnect and revoke."""
    tokens = signed_tokens(server, app, clock, READ)
    assert tokens.expires_at == clock.now() + timedelta(minutes=30)
    assert tokens.scopes == READ

    with oauth_of(server, app, clock) as oauth:
        (practice,) = oauth.practices(tokens.access)
        assert practice == XpmConnection(DEMO_TENANT.connection, DEMO_TENANT.tenant_id, DEMO_TENANT.name)

        clock.sleep(1799)
        newer = oauth.refresh(tokens)
        assert newer.access != tokens.access
        assert newer.refresh != tokens.refresh
        assert newer.expires_at == clock.now() + timedelta(minutes=30)
        with pytest.raises(SignInNeeded) as raised:
            oauth.refresh(tokens)
        assert raised.value.reason == "expired"

        oauth.disconnect(newer.access, practice.id)
        oauth.disconnect(newer.access, practice.id)
        assert oauth.practices(newer.access) == ()
        oauth.revoke(newer.refresh)
        with pytest.raises(SignInNeeded):
            oauth.refresh(newer)


def test_only_practices_of_xpm_are_offered(server: SimulatorServer, clock: FakeClock) -> None:
    """Other organisations the person connected are left out."""
    tokens = signed_tokens(server, PKCE, clock, READ)

    with oauth_of(server, PKCE, clock) as oauth:
        assert len(server.identity.connected()) > 1
        assert [practice.tenant_id for practice in oauth.practices(tokens.access)] == [DEMO_TENANT.tenant_id]


def test_a_wrong_secret_is_refused_as_the_apps(server: SimulatorServer, clock: FakeClock) -> None:
    """A web app with another secret is told that the app was refused."""
    tokens = signed_tokens(server, WEB, clock, READ)

    with oauth_of(server, OAuthClient(WEB.client_id, "wrong"), clock) as oauth, pytest.raises(AccessRefused) as raised:
        oauth.refresh(tokens)

    assert raised.value.reason == "invalid_client"


@pytest.mark.parametrize(
    ("consent", "reason"), [(Consent.DENY, "access_denied"), (Consent.INVALID_SCOPE, "invalid_scope")]
)
def test_a_refusal_on_the_page_keeps_its_reason(server: SimulatorServer, consent: Consent, reason: str) -> None:
    """Refused by the person or by Xero: the reason comes back as a code that can be explained."""
    server.consent = consent
    begun = authorize(settings_for(server, PKCE.client_id), PKCE, READ, REDIRECT)

    problem = refusal(System.XPM, parse_pasted(browse(begun.url), begun.state).error)

    assert isinstance(problem, AccessRefused)
    assert (problem.system, problem.reason) == (System.XPM, reason)


@pytest.mark.parametrize("kind", ["401-empty", "403"])
def test_revoking_for_an_app_without_a_secret_tries_both_ways(
    server: SimulatorServer, clock: FakeClock, kind: str
) -> None:
    """The id in the form, then as the user of a header without a password; a web app has but one way."""
    for app in (PKCE, WEB):
        tokens = signed_tokens(server, app, clock, READ)
        server.requests.clear()
        server.faults.add(Fault(kind, path="/connect/revocation"))
        with oauth_of(server, app, clock) as oauth:
            if app is PKCE:
                oauth.revoke(tokens.refresh)
            else:
                with pytest.raises((AccessRefused, SignInNeeded)):
                    oauth.revoke(tokens.refresh)
        assert len(server.requests.all()) == (2 if app is PKCE else 1)


def test_a_refusal_in_strange_words_is_not_passed_on() -> None:
    """Whatever text somebody puts into the address, only known words come out."""
    problem = refusal(System.XPM, "<b>call 555</b>")

    assert isinstance(problem, AccessRefused)
    assert problem.reason == "refused"


@pytest.mark.parametrize(
    ("kind", "error", "facts"),
    [
        ("403", AccessRefused, {"reason": "forbidden"}),
        ("401-empty", SignInNeeded, {"reason": "expired"}),
        ("invalid-grant", SignInNeeded, {"reason": "expired"}),
        ("429-minute", CallLimit, {"limit": "minute"}),
        ("429-day", CallLimit, {"limit": "day"}),
        ("500", UnusableAnswer, {"status": 500}),
        ("503", UnusableAnswer, {"status": 503}),
        ("html", UnusableAnswer, {}),
        ("malformed-xml", UnusableAnswer, {}),
        ("lost-before", Unreachable, {}),
        ("lost-after", Unreachable, {"sent": True}),
        ("cut-body", Unreachable, {}),
    ],
)
def test_every_other_answer_is_a_clear_error(
    server: SimulatorServer, clock: FakeClock, kind: str, error: type[XpmsyncError], facts: dict[str, object]
) -> None:
    """Whatever the token endpoint does, the error says what it was, and holds neither token."""
    tokens = signed_tokens(server, PKCE, clock, READ)
    server.faults.add(Fault(kind, path="/connect/token"))

    with oauth_of(server, PKCE, clock) as oauth, pytest.raises(error) as raised:
        oauth.refresh(tokens)

    assert {name: getattr(raised.value, name) for name in facts} == facts
    assert tokens.refresh not in str(raised.value)
    if isinstance(raised.value, CallLimit):
        assert raised.value.resets
        assert raised.value.resets > clock.now()


@pytest.mark.parametrize(
    ("kind", "error"), [("403", AccessRefused), ("html", UnusableAnswer), ("json", UnusableAnswer)]
)
def test_connections_that_cannot_be_read_are_an_error(
    server: SimulatorServer, clock: FakeClock, kind: str, error: type[XpmsyncError]
) -> None:
    """A list of connections that is none is not taken for an empty one."""
    tokens = signed_tokens(server, PKCE, clock, READ)
    server.faults.add(Fault(kind, path="/connections"))

    with oauth_of(server, PKCE, clock) as oauth, pytest.raises(error):
        oauth.practices(tokens.access)


def test_no_repr_shows_a_secret(server: SimulatorServer, clock: FakeClock) -> None:
    """Tokens, secrets, codes and states stay out of reprs, and so out of tracebacks and logs."""
    tokens = signed_tokens(server, WEB, clock, READ)
    begun = authorize(XpmSettings(client_id="ID"), PKCE, READ, REDIRECT)
    callback = parse_pasted(f"{REDIRECT}?code=very-secret&state={begun.state}", begun.state)
    shown = f"{tokens!r} {WEB!r} {begun!r} {callback!r} {sign_in(tokens, 'very-secret')!r}"

    for secret in (tokens.access, tokens.refresh, WEB.secret, begun.state, begun.verifier, "very-secret"):
        assert secret not in shown


def sign_in(tokens: Tokens, secret: str, practice: str = "Harbour & Hills") -> SignIn:
    """Return a sign-in with these tokens."""
    return SignIn(
        tokens, OAuthClient("app", secret), datetime(2026, 11, 22, tzinfo=UTC), practice, "tenant", "connection"
    )


texts = st.text(max_size=40)
moments = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@settings(max_examples=40)
@given(access=texts, refresh=texts, expires=moments, secret=texts, practice=texts)
def test_a_sign_in_comes_back_from_the_keyring_as_it_was(
    access: str, refresh: str, expires: datetime, secret: str, practice: str
) -> None:
    """What is packed for the keyring is ASCII and unpacks to the same, macrons and all."""
    signed = sign_in(Tokens(access, refresh, expires, READ), secret, practice)

    assert signed.pack(TEXT_LIMIT).isascii()
    assert SignIn.unpack(signed.pack(TEXT_LIMIT)) == signed


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"v":2}', '{"v":1', "[" * 30_000])
def test_anything_else_in_the_keyring_is_no_sign_in(text: str) -> None:
    """What another program or a newer version stored counts as not signed in."""
    assert SignIn.unpack(text) is None
