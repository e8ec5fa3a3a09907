"""Signing in at the built-in practice: consent, PKCE, rotating refresh tokens, connections."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from support.simulator_http import Served
from xpmsync.simulator.server.identity import Consent
from xpmsync.simulator.server.server import DEMO_TENANT, PKCE_APP, WEB_APP

VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-of-pkce"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://localhost:53682/callback"
SCOPES = "offline_access practicemanager.client.read"


def authorize(served: Served, **changes: str) -> httpx.Response:
    """Ask for consent as a PKCE app."""
    query = {
        "response_type": "code",
        "client_id": PKCE_APP.client_id,
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "state": "st/ate",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return httpx.get(f"{served.server.url}/identity/connect/authorize", params=query, trust_env=False)


def came_back(response: httpx.Response) -> dict[str, str]:
    """The parameters of the redirect."""
    location = response.headers["location"]
    assert location.startswith(f"{REDIRECT}?")
    return dict(parse_qsl(urlsplit(location).query))


def token(served: Served, form: dict[str, str], auth: tuple[str, str] | None = None) -> httpx.Response:
    """Call the token endpoint."""
    return httpx.post(f"{served.server.url}/connect/token", data=form, auth=auth, trust_env=False)


def exchange(served: Served, code: str, **changes: str) -> httpx.Response:
    """Exchange a code as the PKCE app."""
    form = {
        "grant_type": "authorization_code",
        "client_id": PKCE_APP.client_id,
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return token(served, form | changes)


def sign_in(served: Served, scope: str = SCOPES) -> dict[str, str]:
    """Sign in and return the token answer."""
    answer: dict[str, str] = exchange(served, came_back(authorize(served, scope=scope))["code"]).json()
    return answer


def refresh(served: Served, refresh_token: str) -> httpx.Response:
    """Refresh as the PKCE app."""
    form = {"grant_type": "refresh_token", "client_id": PKCE_APP.client_id, "refresh_token": refresh_token}
    return token(served, form)


def call(served: Served, access_token: str, path: str = "client.api/list", method: str = "GET") -> int:
    """The status of an API call with that token."""
    return served.http.request(method, path, headers={"Authorization": f"Bearer {access_token}"}).status_code


def test_pkce_sign_in_gives_tokens_that_work(served: Served) -> None:
    """Code and verifier are exchanged for a long access token, 30 minutes, and a refresh token."""
    back = came_back(authorize(served))
    assert back["state"] == "st/ate"
    answer = exchange(served, back["code"]).json()
    assert answer["expires_in"] == 1800
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == SCOPES
    assert len(answer["access_token"]) > 1000
    assert call(served, answer["access_token"]) == 200


def test_a_code_works_once_and_only_with_its_verifier_and_redirect(served: Served) -> None:
    """Used, unproven, foreign and late codes are `invalid_grant`."""
    code = came_back(authorize(served))["code"]
    assert exchange(served, code).status_code == 200
    assert exchange(served, code).json() == {"error": "invalid_grant"}
    for wrong in ({"code_verifier": "wrong"}, {"redirect_uri": "http://localhost:1/x"}):
        code = came_back(authorize(served))["code"]
        assert exchange(served, code, **wrong).json() == {"error": "invalid_grant"}
    code = came_back(authorize(served))["code"]
    served.clock.forward(minutes=6)
    assert exchange(served, code).json() == {"error": "invalid_grant"}


def test_web_app_authenticates_with_its_secret(served: Served) -> None:
    """A web app needs no PKCE but HTTP Basic; a wrong secret is `invalid_client`."""
    for secret, status in (("wrong", 401), (WEB_APP.secret, 200)):
        back = came_back(authorize(served, client_id=WEB_APP.client_id, code_challenge="", code_challenge_method=""))
        form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT}
        answer = token(served, form, (WEB_APP.client_id, secret))
        assert answer.status_code == status


def test_each_refresh_consumes_the_old_token(served: Served) -> None:
    """Refresh tokens rotate: the new one works, the old one is dead."""
    first = sign_in(served)
    second = refresh(served, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert call(served, second["access_token"]) == 200
    assert refresh(served, first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert refresh(served, second["refresh_token"]).status_code == 200


def test_tokens_expire(served: Served) -> None:
    """Access tokens after 30 minutes, unused refresh tokens after 60 days."""
    tokens = sign_in(served)
    served.clock.forward(minutes=31)
    assert call(served, tokens["access_token"]) == 401
    tokens = refresh(served, tokens["refresh_token"]).json()
    served.clock.forward(days=61)
    assert refresh(served, tokens["refresh_token"]).json() == {"error": "invalid_grant"}


def test_without_offline_access_there_is_no_refresh_token(served: Served) -> None:
    """The scope decides."""
    assert "refresh_token" not in sign_in(served, "practicemanager.client.read")


def test_scopes_decide_what_a_token_may_do(served: Served) -> None:
    """Reading, writing and staff each need their own scope, else 403 in JSON."""
    reader = sign_in(served)["access_token"]
    writer = sign_in(served, "practicemanager.client practicemanager.staff.read")["access_token"]
    assert call(served, reader) == 200
    assert call(served, reader, "client.api/add", "POST") == 403
    assert call(served, reader, "staff.api/list") == 403
    assert call(served, writer) == 200
    assert call(served, writer, "client.api/add", "POST") == 500  # the scope is right, the body is not XML
    assert call(served, writer, "staff.api/list") == 200


@pytest.mark.parametrize(
    ("consent", "error"), [(Consent.DENY, "access_denied"), (Consent.INVALID_SCOPE, "invalid_scope")]
)
def test_consent_can_be_refused(served: Served, consent: Consent, error: str) -> None:
    """A switch plays the person, or Xero, that says no."""
    served.server.consent = consent
    assert came_back(authorize(served)) == {"error": error, "state": "st/ate"}


def test_consent_can_be_asked_for(served: Served) -> None:
    """The page's links lead on; `auto` answers for a person."""
    served.server.consent = Consent.ASK
    page = authorize(served)
    assert "Allow access" in page.text
    assert "code" in came_back(authorize(served, auto="grant"))
    assert came_back(authorize(served, auto="deny"))["error"] == "access_denied"


def test_unknown_scopes_and_the_broad_one_are_invalid(served: Served) -> None:
    """`practicemanager` alone is gone from Xero."""
    assert came_back(authorize(served, scope="practicemanager"))["error"] == "invalid_scope"
    assert came_back(authorize(served, scope=""))["error"] == "invalid_scope"


def test_strange_apps_and_redirects_are_not_redirected_to(served: Served) -> None:
    """Https anywhere, plain http on the name `localhost` only; PKCE apps must send a challenge."""
    assert authorize(served, client_id="nobody").status_code == 400
    for uri in ("http://127.0.0.1:53682/callback", "http://evil.example.com/", "ftp://localhost/"):
        assert authorize(served, redirect_uri=uri).status_code == 400
    assert came_back(authorize(served, code_challenge=""))["error"] == "invalid_request"


def test_revoking_ends_the_whole_sign_in(served: Served) -> None:
    """After revocation neither token works; revoking something unknown is fine."""
    tokens = sign_in(served)
    form = {"token": tokens["refresh_token"], "client_id": PKCE_APP.client_id}
    for _ in range(2):
        answer = httpx.post(f"{served.server.url}/connect/revocation", data=form, trust_env=False)
        assert answer.status_code == 200
    assert refresh(served, tokens["refresh_token"]).status_code == 400
    assert call(served, tokens["access_token"]) == 401


def test_connections_list_and_disconnect(served: Served) -> None:
    """Only one of the connections is a practice; without it the API refuses until the next consent."""
    access = sign_in(served)["access_token"]
    headers = {"Authorization": f"Bearer {access}"}
    address = f"{served.server.url}/connections"
    listed = served.http.get(address, headers=headers).json()
    (practice,) = [each for each in listed if each["tenantType"] == "PRACTICEMANAGER"]
    assert practice["tenantId"] == DEMO_TENANT.tenant_id
    assert len(listed) == 2
    assert served.http.delete(f"{address}/{practice['id']}", headers=headers).status_code == 204
    assert served.http.delete(f"{address}/{practice['id']}", headers=headers).status_code == 404
    assert call(served, access) == 403
    assert call(served, sign_in(served)["access_token"]) == 200


def test_connections_need_a_token(served: Served) -> None:
    """401 without one."""
    assert httpx.get(f"{served.server.url}/connections", trust_env=False).status_code == 401
