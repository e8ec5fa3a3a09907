"""The identity server over HTTP: authorize, token, revocation, connections (facts, 4)."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from xpmsync.simulator.server.identity import ALL_SCOPES, Consent, Granted, GrantRefused, Identity, RegisteredApp
from xpmsync.simulator.server.messages import JSON, Request, ServerResponse, gateway_error

AUTHORIZE_PATH: Final = "/identity/connect/authorize"
_TOKEN_PATH: Final = "/connect/token"  # noqa: S105 - a path
_REVOKE_PATH: Final = "/connect/revocation"
CONNECTIONS_PATH: Final = "/connections"
IDENTITY_PATHS: Final = (AUTHORIZE_PATH, _TOKEN_PATH, _REVOKE_PATH)

_HTML: Final = "text/html; charset=utf-8"


def answer_identity(request: Request, identity: Identity, consent: Consent) -> ServerResponse:
    """Answer a request to one of `IDENTITY_PATHS`."""
    match request.method, request.path:
        case "GET", path if path == AUTHORIZE_PATH:
            return _authorize(request, identity, consent)
        case "POST", path if path == _TOKEN_PATH:
            return _token(request, identity)
        case "POST", path if path == _REVOKE_PATH:
            app, authenticated = _app(request, identity)
            if app is None or (app.secret and not authenticated):
                return _refused("invalid_client", 401)
            identity.revoke(_form(request).get("token", ""))
            return ServerResponse(200, b"", JSON)
        case _:
            return gateway_error(405, "MethodNotAllowed")


def answer_connections(request: Request, identity: Identity) -> ServerResponse:
    """`GET /connections` and `DELETE /connections/{id}`, for a caller whose token is good."""
    if request.method == "GET" and request.path == CONNECTIONS_PATH:
        listed = [
            {
                "id": tenant.connection,
                "authEventId": tenant.connection,
                "tenantId": tenant.tenant_id,
                "tenantType": tenant.kind,
                "tenantName": tenant.name,
                "createdDateUtc": "2026-01-05T22:10:11.5112880",
                "updatedDateUtc": "2026-01-05T22:10:11.5131350",
            }
            for tenant in identity.connected()
        ]
        return ServerResponse(200, json.dumps(listed).encode(), JSON)
    if request.method == "DELETE" and identity.disconnect(request.path.removeprefix(f"{CONNECTIONS_PATH}/")):
        return ServerResponse(204, b"", JSON)
    return gateway_error(404, "NotFound")


def _authorize(request: Request, identity: Identity, consent: Consent) -> ServerResponse:
    query = request.query
    app = identity.app(query.get("client_id", ""))
    redirect = query.get("redirect_uri", "")
    if app is None or not _redirect_allowed(redirect):
        error = "unauthorized_client" if app is None else "invalid redirect_uri"
        return ServerResponse(400, f"<html><body>Sorry, something went wrong: {error}</body></html>".encode(), _HTML)
    if query.get("response_type") != "code" or (not app.secret and not _has_challenge(query)):
        return _redirect(redirect, query, error="invalid_request")
    auto = query.get("auto", "")
    if auto in tuple(Consent):
        consent = Consent(auto)
    scopes = query.get("scope", "").split()
    if consent is Consent.INVALID_SCOPE or not scopes or set(scopes) - set(ALL_SCOPES.split()):
        return _redirect(redirect, query, error="invalid_scope")
    if consent is Consent.ASK:
        return _ask(query, scopes)
    if consent is Consent.DENY:
        return _redirect(redirect, query, error="access_denied")
    return _redirect(redirect, query, code=identity.issue_code(query), scope=" ".join(scopes))


def _ask(query: Mapping[str, str], scopes: list[str]) -> ServerResponse:
    from html import escape

    links = "".join(
        f'<p><a href="{AUTHORIZE_PATH}?{escape(urlencode({**query, "auto": answer}))}">{words}</a></p>'
        for answer, words in ((Consent.GRANT, "Allow access"), (Consent.DENY, "Cancel"))
    )
    page = (
        "<html><head><title>xpmsync's built-in practice</title></head><body>"
        "<h1>Built-in practice</h1><p>Nobody here exists. xpmsync asks for:</p>"
        f"<p>{escape(', '.join(scopes))}</p>{links}</body></html>"
    )
    return ServerResponse(200, page.encode(), _HTML)


def _redirect(uri: str, query: Mapping[str, str], **given: str) -> ServerResponse:
    state = {"state": query["state"]} if "state" in query else {}
    joint = "&" if "?" in uri else "?"
    return ServerResponse(
        302, b"", _HTML, {"Location": f"{uri}{joint}{urlencode({**given, **state}, quote_via=quote)}"}
    )


def _redirect_allowed(uri: str) -> bool:
    """Https anywhere, http on `localhost` by that name only; no fragment."""
    parts = urlsplit(uri)
    return not parts.fragment and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
    )


def _has_challenge(query: Mapping[str, str]) -> bool:
    return bool(query.get("code_challenge")) and query.get("code_challenge_method") == "S256"


def _token(request: Request, identity: Identity) -> ServerResponse:
    app, authenticated = _app(request, identity)
    if app is None or (app.secret and not authenticated):
        return _refused("invalid_client", 401)
    form = _form(request)
    try:
        match form.get("grant_type"):
            case "authorization_code":
                return _granted(identity.exchange(form, app, authenticated))
            case "refresh_token":
                return _granted(identity.refresh(form.get("refresh_token", ""), app))
            case _:
                return _refused("unsupported_grant_type")
    except GrantRefused as refusal:
        return _refused(refusal.error, refusal.status)


def _app(request: Request, identity: Identity) -> tuple[RegisteredApp | None, bool]:
    """The app that asks, by HTTP Basic or `client_id` in the form, and whether its secret was right."""
    kind, _, packed = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(packed).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None, False
        app = identity.app(client_id)
        # An app without a secret may name itself so, with an empty password.
        return (app, bool(app.secret)) if app is not None and app.secret == secret else (None, False)
    return identity.app(_form(request).get("client_id", "")), False


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _granted(granted: Granted) -> ServerResponse:
    body: dict[str, str | int] = {
        "access_token": granted.access_token,
        "expires_in": granted.seconds,
        "token_type": "Bearer",
        "scope": granted.scopes,
    }
    if granted.refresh_token:
        body["refresh_token"] = granted.refresh_token
    return ServerResponse(200, json.dumps(body).encode(), JSON, {"Cache-Control": "no-store"})


def _refused(error: str, status: int = 400) -> ServerResponse:
    return ServerResponse(status, json.dumps({"error": error}).encode(), JSON)
